"""Data sets are read as they are described, and refused in one line when they are not."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_tools import data, quickset
from firmware_tools.data import DataError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return quickset.write(tmp_path_factory.mktemp("data"), each=7)


def _idx(array: np.ndarray[Any, Any]) -> bytes:
    header = bytes((0, 0, 8, array.ndim)) + np.array(array.shape, ">u4").tobytes()
    return header + array.astype(np.uint8).tobytes()


def _mnist(folder: Path, images: bytes, labels: bytes) -> Path:
    (folder / "mnist").mkdir(parents=True)
    for part, content in (("images-idx3", images), ("labels-idx1", labels)):
        (folder / f"mnist/train-{part}-ubyte.gz").write_bytes(gzip.compress(content))
    return folder


def _jsonl(folder: Path, name: str, *rows: Any) -> Path:
    lines = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
    (folder / f"{name}.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    return folder


@pytest.mark.parametrize("name", data.INK_SETS)
def test_every_ink_set_is_read_and_fitted_to_the_canvas(folder: Path, name: str) -> None:
    rows = data.load_inks(folder, name)
    assert {row.split for row in rows} == {"train", "validation"}
    for row in rows:
        bounds = row.ink.bounds
        assert row.source == name
        assert bounds is not None
        assert max(bounds.width, bounds.height) == pytest.approx(0.8)
        assert bounds.centre == pytest.approx((0.5, 0.5))


@pytest.mark.parametrize("name", data.IMAGE_SETS)
def test_every_image_set_is_ink_on_dark_paper(folder: Path, name: str) -> None:
    images = data.load_images(folder, name)
    assert images.images.shape[1:] == (28, 28)
    assert images.images.dtype == np.uint8
    assert len(images) == len(images.labels)
    assert images.images[:, 0, 0].max() == 0
    assert images.images.max() == 255


def test_the_white_paper_of_niemenjokis_form_is_turned_to_black(tmp_path: Path) -> None:
    image = [255] * 784
    image[3] = 10
    (tmp_path / "mine.json").write_text(json.dumps([{"image": image, "label": "4"}]))
    read = data.load_images(tmp_path, "mine")
    assert read.images[0, 0, 3] == 245
    assert read.images[0].sum() == 245
    assert read.digits().tolist() == [4]


def test_ones_own_pictures_are_read_from_npz(tmp_path: Path) -> None:
    np.savez(tmp_path / "mine.npz", images=np.zeros((3, 28, 28), np.uint8), labels=[1, 2, 3])
    assert data.load_images(tmp_path, "mine").digits().tolist() == [1, 2, 3]


def test_some_of_the_pictures_can_be_chosen(folder: Path) -> None:
    images = data.load_images(folder, "hwd1000")
    threes = images.chosen(images.labels == "3")
    assert set(threes.labels.tolist()) == {"3"}
    assert len(threes) == len(threes.images) > 0


def test_doodles_are_no_digits(folder: Path) -> None:
    doodles = data.load_images(folder, "quickdraw-bitmaps")
    with pytest.raises(DataError, match="expected 0-9"):
        doodles.digits()


def test_a_missing_folder_names_the_option(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="--data DIR"):
        data.load_inks(tmp_path / "nowhere", "pendigits")


def test_an_empty_folder_is_called_empty(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is empty"):
        data.load_images(tmp_path, "mnist-train")


def test_a_missing_set_names_the_file_it_wants(folder: Path) -> None:
    with pytest.raises(DataError, match=r"other\.jsonl\.gz"):
        data.load_inks(folder, "other")


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (b"", b"", "not an idx file"),
        (b"\x00\x00\x0d\x03" + bytes(12), b"", "not an idx file"),
        (_idx(np.zeros((2, 28, 28)))[:-1], _idx(np.zeros(2)), "damaged"),
        (_idx(np.zeros((2, 28, 28))) + b"x", _idx(np.zeros(2)), "damaged"),
        (_idx(np.zeros((2, 32, 32))), _idx(np.zeros(2)), "32x32 pixels; expected 28x28"),
        (_idx(np.zeros((2, 28, 28))), _idx(np.zeros(3)), "2 pictures but 3 labels"),
        (_idx(np.zeros((2, 28, 28))), _idx(np.array([1, 12])), "labelled '12'; expected 0-9"),
        (_idx(np.zeros((0, 28, 28))), _idx(np.zeros(0)), "is empty"),
        (b"\x00\x00\x08\x03" + b"\xff" * 12, _idx(np.zeros(1)), "damaged"),
    ],
)
def test_a_bad_idx_file_is_one_clear_line(
    tmp_path: Path, images: bytes, labels: bytes, message: str
) -> None:
    with pytest.raises(DataError, match=message) as caught:
        data.load_images(_mnist(tmp_path / "d", images, labels), "mnist-train")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_cut_short_is_one_clear_line(folder: Path, tmp_path: Path) -> None:
    for name in ("hwd1000.npz", "niemenjoki-dataset.json.gz", "pendigits.jsonl.gz"):
        whole = (folder / name).read_bytes()
        (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    for name in ("hwd1000", "niemenjoki"):
        with pytest.raises(DataError, match="cannot read"):
            data.load_images(tmp_path, name)
    with pytest.raises(DataError, match="cannot read"):
        data.load_inks(tmp_path, "pendigits")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ([], "expected an object"),
        ({"label": "3"}, "strokes"),
        ({"label": 3, "strokes": [[[0, 0]]]}, "must be a text"),
        ({"label": "A", "strokes": [[[0, 0]]]}, "expected 0-9"),
        ({"label": "3", "split": "test", "strokes": [[[0, 0]]]}, "train or validation"),
        ({"label": "3", "strokes": [[[0, "x"]]]}, "not a number"),
        ('{"label": "3", "strokes": [[[0, NaN]]]}', "finite"),
    ],
)
def test_a_bad_line_is_named_by_its_number(tmp_path: Path, row: Any, message: str) -> None:
    good = {"label": "1", "strokes": [[[0, 0], [1, 1]]]}
    _jsonl(tmp_path, "pendigits", good, row)
    with pytest.raises(DataError, match="line 2") as caught:
        data.load_inks(tmp_path, "pendigits")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({}, "expected a list"),
        ([], "empty"),
        ([5], "784 integers"),
        ([{"image": [0] * 783, "label": "1"}], "784 integers"),
        ([{"image": [0.5] * 784, "label": "1"}], "integers from 0 to 255"),
        ([{"image": [256] * 784, "label": "1"}], "integers from 0 to 255"),
        ([{"image": [0] * 784, "label": "ten"}], "expected 0-9"),
        ([{"image": [0] * 784}], "expected 0-9"),
    ],
)
def test_a_bad_json_set_is_one_clear_line(tmp_path: Path, rows: Any, message: str) -> None:
    (tmp_path / "mine.json").write_text(json.dumps(rows))
    with pytest.raises(DataError, match=message):
        data.load_images(tmp_path, "mine")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"images": np.zeros((1, 28, 28), np.uint8)}, "images and labels"),
        ({"images": np.zeros((1, 28, 28)), "labels": [1]}, "expected uint8"),
        ({"images": np.zeros((1, 8, 8), np.uint8), "labels": [1]}, "expected uint8"),
        ({"images": np.zeros((1, 28, 28), np.uint8), "labels": [[1]]}, "row of"),
        ({"images": np.zeros((1, 28, 28), np.uint8), "labels": [1.5]}, "row of"),
        ({"images": np.zeros((1, 28, 28), np.uint8), "labels": np.array([{}])}, "cannot read"),
    ],
)
def test_a_bad_npz_is_one_clear_line(tmp_path: Path, arrays: dict[str, Any], message: str) -> None:
    np.savez(tmp_path / "mine.npz", **arrays)
    with pytest.raises(DataError, match=message):
        data.load_images(tmp_path, "mine")


@settings(max_examples=60, deadline=None)
@given(noise=st.binary(max_size=300), packed=st.booleans())
def test_random_bytes_never_give_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, packed: bool
) -> None:
    folder = tmp_path_factory.mktemp("noise")
    content = gzip.compress(noise) if packed else noise
    for name in ("a.jsonl.gz", "b.json.gz", "c.npz"):
        (folder / name).write_bytes(content)
    for load, name in ((data.load_inks, "a"), (data.load_images, "b"), (data.load_images, "c")):
        with pytest.raises(DataError):
            load(folder, name)


def test_a_folder_of_data_is_found_by_option_then_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INKLING_DATA", "/somewhere")
    assert data.data_folder(tmp_path) == tmp_path
    assert data.data_folder() == Path("/somewhere")
    monkeypatch.delenv("INKLING_DATA")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert data.data_folder() == Path("data")
    (tmp_path / "shared/datasets").mkdir(parents=True)
    assert data.data_folder() == Path("../shared/datasets")


def test_a_pickle_in_an_npz_is_not_run(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, images=np.array([print], dtype=object), labels=np.array([1]))
    (tmp_path / "mine.npz").write_bytes(buffer.getvalue())
    with pytest.raises(DataError, match="cannot read"):
        data.load_images(tmp_path, "mine")
