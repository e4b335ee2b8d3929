"""The manifest: written whole, in order, and as the device reads it."""

import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device import files
from device.errors import InklingError, ModelError
from device.library import Library
from device.recognizer import Recognizer
from firmware_tools import data, manifest, quickset

MODELS = Path(__file__).parents[1] / "models"


def shipped(role):
    """The smallest shipped model that has (only) this output."""
    found = []
    for path in MODELS.glob("*.tflite"):
        facts = manifest.file_facts(path.read_bytes())
        if [output["role"] for output in facts["outputs"]] == [role]:
            found.append(path)
    if not found:
        pytest.skip(f"no model with a {role} alone is shipped yet")
    return min(found, key=lambda path: path.stat().st_size)


def entry_for(folder, name, path, **changes):
    content = path.read_bytes()
    (folder / f"{name}.tflite").write_bytes(content)
    return {
        "title": name,
        "description": "for a test",
        "origin": "",
        "file": f"{name}.tflite",
        "pipeline": "mnist",
        "gate": "gate",
        "recipe": "",
        "seed": 0,
        "trained_on": ["mnist-train"],
        "parameters": 1,
        **manifest.file_facts(content),
        **changes,
    }


@pytest.fixture
def folder(tmp_path):
    """A models folder with a gate and a digit model."""
    for name, role in (("gate", "gate"), ("digits", "digit")):
        manifest.update(tmp_path, name, entry_for(tmp_path, name, shipped(role)), whole=True)
    return tmp_path


def test_the_device_reads_what_is_written(folder):
    accuracy = {"mnist-test": {"float": 99.0, "int8": 98.95, "count": 10000}}
    manifest.update(folder, "digits", {"accuracy": accuracy, "published": 97.7})
    manifest.update(folder, "gate", {"pipeline": "gubboit"})
    library = Library(folder)
    entry = library.entry("digits")
    assert entry.published == 97.7
    assert entry.accuracy["mnist-test"].int8 == 98.95
    assert entry.trained_on == ("mnist-train",)
    assert library.open("digits").input.scale == pytest.approx(entry.input.scale, rel=1e-7)


def test_the_same_entries_give_the_same_text_in_any_order():
    entries = {"mine": {"title": "x"}, "abc1203": {"title": "y"}, "inkling": {"title": "z"}}
    one = manifest.text({"default": "inkling", "models": entries})
    other = manifest.text({"default": "inkling", "models": dict(reversed(entries.items()))})
    assert one == other
    assert list(tomllib.loads(one)["models"]) == ["inkling", "abc1203", "mine"]
    assert one.startswith("# The models that Inkling can run")
    assert "made by firmware_tools" in one


def test_our_model_becomes_the_default_once_it_is_there(tmp_path):
    manifest.update(tmp_path, "gubboit", {"title": "first"})
    assert manifest.read(tmp_path)["default"] == "gubboit"
    manifest.update(tmp_path, "inkling", {"title": "ours"})
    assert manifest.read(tmp_path)["default"] == "inkling"


def test_a_whole_update_forgets_a_compiled_pair_and_a_partial_one_keeps_it(tmp_path):
    manifest.update(tmp_path, "mine", {"title": "old", "edgetpu_file": "x"})
    manifest.update(tmp_path, "mine", {"title": "new"})
    assert manifest.read(tmp_path)["models"]["mine"] == {"title": "new", "edgetpu_file": "x"}
    manifest.update(tmp_path, "mine", {"title": "newest"}, whole=True)
    assert manifest.read(tmp_path)["models"]["mine"] == {"title": "newest"}


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,8}", fullmatch=True),
        st.text(st.characters(blacklist_categories=["Cs"]))
        | st.integers(-(2**40), 2**40)
        | st.booleans()
        | st.floats(width=32, allow_nan=False, allow_infinity=False),
        max_size=5,
    )
)
def test_any_value_comes_back_as_it_went(entry):
    read = tomllib.loads(manifest.text({"models": {"mine": entry}}))["models"]["mine"]
    for key, value in entry.items():
        same = np.float32(read[key]) == np.float32(value) if type(value) is float else None
        assert same or read[key] == value


def test_a_damaged_manifest_is_one_line_and_stays(tmp_path):
    (tmp_path / "models.toml").write_text("format = [")
    with pytest.raises(ModelError, match=r"models\.toml"):
        manifest.update(tmp_path, "mine", {"title": "x"})
    assert (tmp_path / "models.toml").read_text() == "format = ["


def test_a_full_disk_leaves_the_old_manifest(tmp_path, monkeypatch):
    manifest.update(tmp_path, "mine", {"title": "old"})

    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.Path, "write_bytes", full)
    with pytest.raises(InklingError, match="No space left"):
        manifest.update(tmp_path, "mine", {"title": "new"})
    assert manifest.read(tmp_path)["models"]["mine"]["title"] == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["models.toml"]


def test_accuracy_is_measured_on_what_the_recogniser_sees(folder, tmp_path_factory):
    sets = quickset.write(tmp_path_factory.mktemp("data"), each=3)
    measured = manifest.measured_sets(sets, "mnist", ("digit",))
    assert {"mnist-test", "niemenjoki", "hwd1000"} <= set(measured)
    recogniser = Recognizer(Library(folder), "digits")
    raw = data.load_images(sets, "mnist-test")
    seen = [recogniser.read_pixels(image) for image in raw.images]
    inputs, right = measured["mnist-test"]
    answers = Library(folder).open("digits").run(inputs)["digit"]
    score = manifest.score(answers, answers, right)
    digits = np.array([reading.digit for reading in seen])
    assert score["int8"] == round(100 * float((digits == raw.digits()).mean()), 3)
    assert score["count"] == len(raw)


def test_sets_that_are_missing_are_left_out(tmp_path):
    assert manifest.measured_sets(tmp_path, "mnist", ("digit", "gate")) == {}
