"""The manifest: believed only after it has been compared with the files."""

import re
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.errors import ModelError
from device.library import Library, shipped_folder


@pytest.fixture
def folder(tmp_path):
    copy = tmp_path / "models"
    shutil.copytree(shipped_folder(), copy)
    return copy


def edit(folder, pattern, replacement):
    path = folder / "models.toml"
    text, count = re.subn(pattern, replacement, path.read_text(), flags=re.M)
    assert count
    path.write_text(text)


def test_every_shipped_model_opens_and_is_what_it_says():
    library = Library()
    assert {"inkling", "gubboit"} <= set(library.names)
    for name in library.names:
        library.open(name)


def test_the_default_is_ours_and_has_both_heads():
    library = Library()
    assert library.default == "inkling"
    assert library.entry("inkling").roles == ("digit", "gate") or set(
        library.entry("inkling").roles
    ) == {"digit", "gate"}


def test_gubboit_is_the_published_network():
    assert Library().entry("gubboit").parameters == 594_922


def test_every_model_has_an_answer_to_both_questions():
    library = Library()
    for name in library.names:
        assert "gate" in library.entry(library.entry(name).gate).roles


def test_a_typing_slip_is_corrected():
    with pytest.raises(ModelError, match="unknown model 'inkling2'; did you mean 'inkling'"):
        Library().open("inkling2")


def test_a_changed_file_is_refused(folder):
    path = folder / "inkling.tflite"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"inkling\.tflite: model 'inkling' is damaged"):
        Library(folder).open("inkling")


@pytest.mark.parametrize("length", [0, 10, 40, 50_000])
def test_a_file_cut_short_never_reaches_the_runtime(folder, length, monkeypatch):
    # tflite-runtime crashes the whole process on a damaged file: the checksum stands before it.
    monkeypatch.setattr("device.library.Network", lambda content: pytest.fail("it was loaded"))
    path = folder / "inkling.tflite"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ModelError, match="is damaged"):
        Library(folder).open("inkling")


def test_a_missing_file_is_refused(folder):
    (folder / "inkling.tflite").unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        Library(folder).open("inkling")


def test_tensors_that_are_not_as_promised_are_refused(folder):
    edit(folder, r"(?s)(\[models\.inkling\.input\].*?zero_point = )-128", r"\g<1>-127")
    with pytest.raises(ModelError, match="its tensors are not the manifest's"):
        Library(folder).open("inkling")


@pytest.mark.parametrize(
    ("pattern", "replacement", "expected"),
    [
        (r"^format = 1", "format = 9", "format = 1 expected"),
        (r"^default = .*", 'default = "nobody"', "unknown model 'nobody'"),
        (r'^pipeline = "mnist"', 'pipeline = "magic"', "unknown pipeline 'magic'"),
        (r'^gate = ".*"', 'gate = "nobody"', "names no model with a gate"),
        (r'^file = "inkling', 'file = "../inkling', "must be a plain file name"),
        (r"^sha256 = .*", "sha256 = 3", "is not a text"),
        (r"^seed = .*\n", "", "seed is missing"),
        (r"^format = 1", "format = ", "not a manifest"),
        (r"^format = 1", "format = true", "format = 1 expected"),
        (r'^file = "inkling.tflite"', r'file = "a\\u0000b"', "must be a plain file name"),
        (r'^file = "inkling.tflite"', 'file = ".."', "must be a plain file name"),
        (r'^file = "inkling.tflite"', 'file = ""', "must be a plain file name"),
        (r"^bytes = .*", "bytes = -5", "-5 is not a whole number"),
        (r'^role = "digit"', 'role = "gate"', "cannot have the role 'gate'"),
        (r"^default = .*", 'default = "nobody"', "models.toml: default:"),
    ],
)
def test_a_bad_manifest_is_one_clear_line(folder, pattern, replacement, expected):
    edit(folder, pattern, replacement)
    with pytest.raises(ModelError) as caught:
        Library(folder)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_without_models_says_what_to_do(tmp_path):
    with pytest.raises(ModelError, match=r"models\.toml: the model manifest cannot be read"):
        Library(tmp_path)


def test_a_manifest_that_is_no_text_is_called_so(tmp_path):
    (tmp_path / "models.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ModelError, match=r"cannot be read \(not UTF-8 text\)"):
        Library(tmp_path)


@settings(max_examples=60)
@given(st.binary(max_size=400))
def test_random_bytes_as_manifest_are_a_clear_error(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("models")
    (folder / "models.toml").write_bytes(content)
    with pytest.raises(ModelError):
        Library(folder)


@settings(max_examples=60)
@given(st.data())
def test_a_manifest_with_random_values_is_a_clear_error_or_a_library(tmp_path_factory, data):
    lines = (shipped_folder() / "models.toml").read_text().splitlines()
    places = [i for i, line in enumerate(lines) if " = " in line]
    place = data.draw(st.sampled_from(places))
    value = data.draw(st.sampled_from(["[]", "{}", "true", "-1", "nan", "1e999", '"x"', "[[1]]"]))
    lines[place] = f"{lines[place].split(' = ')[0]} = {value}"
    folder = tmp_path_factory.mktemp("models")
    (folder / "models.toml").write_text("\n".join(lines))
    try:
        library = Library(folder)
    except ModelError as error:
        assert "\n" not in str(error)
    else:
        with pytest.raises(ModelError):  # the files themselves are not there
            library.open("inkling")
