"""Labelled drawings and pictures, read from a folder of data sets, checked on the way in.

Ink comes as gzipped JSON lines, ``{"label", "writer", "split", "strokes"}``, in any units;
pictures as MNIST's idx files, as npz, or as the JSON array of Niemenjoki's web app. Whatever is
wrong with a file becomes a :class:`DataError` of one line. :mod:`firmware_tools.sources` knows
where the files come from and what their checksums are.
"""

from __future__ import annotations

import gzip
import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from device.errors import InkError, InklingError
from device.ink import Ink
from device.normalise import SIDE

DIGITS = tuple("0123456789")
"""The labels of the ten digits."""

NOT_DIGITS = frozenset(
    {"unipen-upper", "unipen-lower", "unipen-symbols", "quickdraw", "omniglot", "quickdraw-bitmaps"}
)
"""The sets whose drawings are no digits; in every other set, a label must be one of 0-9."""

INK_SETS = (
    "unipen-digits",
    "pendigits",
    "unipen-upper",
    "unipen-lower",
    "unipen-symbols",
    "quickdraw",
    "omniglot",
)
"""The sets of pen strokes."""

IMAGE_SETS = ("mnist-train", "mnist-test", "niemenjoki", "hwd1000", "quickdraw-bitmaps")
"""The sets of 28x28 pictures."""

SPLITS = ("train", "validation")

_MNIST_PARTS = {"mnist-train": "train", "mnist-test": "t10k"}

_UNREADABLE = (OSError, EOFError, zlib.error, zipfile.BadZipFile)
"""What the standard library raises for files that are cut short or are not what they say."""


class DataError(InklingError):
    """A data set that is missing, damaged, or not in the form it should have."""


@dataclass(frozen=True, slots=True)
class LabelledInk:
    """One drawing, fitted to the canvas; ``source`` is the name of its data set."""

    label: str
    writer: str
    split: str
    ink: Ink
    source: str


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """Pictures and what they show.

    ``images`` is uint8 (n, 28, 28), 255 ink on 0 paper; ``labels`` is an array of n strings.
    """

    name: str
    images: NDArray[np.uint8]
    labels: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.images)

    def digits(self) -> NDArray[np.int64]:
        """The labels as numbers, int64 (n,).

        Raises:
            DataError: a label is not one of 0-9.
        """
        check_digits(self.labels, self.name)
        return self.labels.astype(np.int64)

    def chosen(self, which: NDArray[Any]) -> LabelledImages:
        """Only the pictures that an index or mask array names."""
        return LabelledImages(self.name, self.images[which], self.labels[which])


def data_folder(given: Path | None = None) -> Path:
    """The folder of data sets: ``given``, else $INKLING_DATA, else the first usual place.

    The usual places are ``../shared/datasets`` and ``data``, seen from the working directory.
    """
    if given is not None:
        return given
    if os.environ.get("INKLING_DATA"):
        return Path(os.environ["INKLING_DATA"])
    shared = Path("../shared/datasets")
    return shared if shared.is_dir() else Path("data")


def load_inks(folder: Path, name: str) -> list[LabelledInk]:
    """All drawings of a set of pen strokes, each fitted to the canvas.

    Args:
        folder: where the data sets lie.
        name: one of :data:`INK_SETS`, or the name of any ``NAME.jsonl.gz`` or ``NAME.jsonl``.

    Raises:
        DataError: the set is missing, empty or damaged.
    """
    path = _found(folder, name, f"{name}.jsonl.gz", f"{name}.jsonl")
    rows = [_labelled_ink(value, name, where) for where, value in _json_lines(path)]
    if not rows:
        raise DataError(f"{path} holds no drawings")
    return rows


def load_images(folder: Path, name: str) -> LabelledImages:
    """All pictures of a set, 255 ink on 0 paper.

    Args:
        folder: where the data sets lie.
        name: one of :data:`IMAGE_SETS`, or the name of any ``NAME.npz`` (arrays ``images`` and
            ``labels``) or ``NAME.json`` (the form of Niemenjoki's app).

    Raises:
        DataError: the set is missing, empty or damaged.
    """
    if name in _MNIST_PARTS:
        images, labels = _load_mnist(folder, name)
    else:
        files = (f"{name}.npz", f"{name}.json", f"{name}.json.gz", f"{name}-dataset.json.gz")
        path = _found(folder, name, *files)
        images, labels = _load_npz(path) if path.suffix == ".npz" else _load_json(path)
    if not len(images):
        raise DataError(f"the data set {name} in {folder} is empty")
    if name not in NOT_DIGITS:
        check_digits(labels, name)
    return LabelledImages(name, images, labels)


def check_digits(labels: NDArray[np.str_], name: str) -> None:
    """Refuse labels that are not one of 0-9.

    Raises:
        DataError: naming the first such label and its place.
    """
    wrong = np.flatnonzero(~np.isin(labels, DIGITS))
    if len(wrong):
        shown = str(labels[wrong[0]])[:20]
        raise DataError(f"{name}: drawing {wrong[0] + 1} is labelled {shown!r}; expected 0-9")


def _found(folder: Path, name: str, *files: str) -> Path:
    if not folder.is_dir():
        raise DataError(f"there is no data folder {folder}; give one with --data DIR")
    for file in files:
        if (folder / file).is_file():
            return folder / file
    if not any(folder.iterdir()):
        raise DataError(f"the data folder {folder} is empty; fill it or give one with --data DIR")
    raise DataError(
        f"the data set {name} is missing: no {files[0]} in {folder} "
        "(python -m firmware_tools data lists what is there)"
    )


def opened(path: Path) -> BinaryIO:
    """A file to read bytes from, unpacked on the way where it is a ``.gz``."""
    if path.suffix == ".gz":
        return cast(BinaryIO, gzip.open(path, "rb"))
    return path.open("rb")


def _json_lines(path: Path) -> Iterator[tuple[str, Any]]:
    """Each line's place (for messages) and value."""
    try:
        with opened(path) as lines:
            for number, line in enumerate(lines, 1):
                where = f"{path}, line {number}"
                try:
                    yield where, json.loads(line)
                except (ValueError, RecursionError) as error:
                    raise DataError(f"{where}: not JSON; the file is damaged") from error
    except _UNREADABLE as error:
        raise _damaged(path, error) from error


def _labelled_ink(value: Any, name: str, where: str) -> LabelledInk:
    if not isinstance(value, dict):
        raise DataError(f"{where}: expected an object with label and strokes")
    label, split = value.get("label"), value.get("split", "train")
    if not isinstance(label, str) or not label:
        raise DataError(f"{where}: the label must be a text, not {label!r}")
    if name not in NOT_DIGITS and label not in DIGITS:
        raise DataError(f"{where}: labelled {label[:20]!r}; expected 0-9")
    if split not in SPLITS:
        raise DataError(f"{where}: the split must be train or validation, not {split!r}")
    try:
        ink = Ink.from_json(value).fitted()
    except InkError as error:
        raise DataError(f"{where}: {error}") from error
    return LabelledInk(label, str(value.get("writer", "")), split, ink, name)


def _load_mnist(folder: Path, name: str) -> tuple[NDArray[np.uint8], NDArray[np.str_]]:
    part = _MNIST_PARTS[name]
    images = _load_idx(_mnist_file(folder, name, f"{part}-images-idx3-ubyte"), 3)
    labels = _load_idx(_mnist_file(folder, name, f"{part}-labels-idx1-ubyte"), 1)
    if images.shape[1:] != (SIDE, SIDE):
        raise DataError(f"{name}: pictures of {_times(images.shape[1:])} pixels; expected 28x28")
    _same_count(images, labels, name)
    return images, labels.astype(np.str_)


def _mnist_file(folder: Path, name: str, file: str) -> Path:
    inner = f"mnist/{file}"
    return _found(folder, name, f"{inner}.gz", inner, f"{file}.gz", file)


def _load_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """One idx file of bytes (the format of MNIST's own page): uint8 of its shape."""
    try:
        with opened(path) as file:
            header = file.read(4 + 4 * dimensions)
            if len(header) < 4 + 4 * dimensions or header[:4] != bytes((0, 0, 8, dimensions)):
                raise DataError(f"{path} is not an idx file of {dimensions} dimensions of bytes")
            shape = tuple(np.frombuffer(header[4:], ">u4").tolist())
            # Never believe a header: read what is there, and one byte more than should be.
            size = int(np.prod(shape, dtype=object))
            content = file.read(min(size, 1 << 31) + 1)
    except _UNREADABLE as error:
        raise _damaged(path, error) from error
    if len(content) != size:
        raise DataError(f"{path} is damaged: its header promises {size:,} bytes, it holds others")
    return np.frombuffer(content, np.uint8).reshape(shape)


def _load_npz(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.str_]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            images, labels = arrays["images"], arrays["labels"]
    except KeyError as error:
        raise DataError(f"{path} must hold the arrays images and labels") from error
    except (*_UNREADABLE, ValueError) as error:
        raise _damaged(path, error) from error
    if images.dtype != np.uint8 or images.shape[1:] != (SIDE, SIDE):
        raise DataError(
            f"{path}: images are {images.dtype} of shape {images.shape}; expected uint8 (n, 28, 28)"
        )
    if labels.ndim != 1 or labels.dtype.kind not in "iuU":
        raise DataError(f"{path}: labels must be a row of whole numbers or texts")
    _same_count(images, labels, str(path))
    return images, labels.astype(np.str_)


def _load_json(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.str_]]:
    """Niemenjoki's form: 784 integers a picture, 255 white paper; inverted here."""
    try:
        with opened(path) as file:
            rows = json.load(file)
    except _UNREADABLE as error:
        raise _damaged(path, error) from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: not JSON; the file is damaged") from error
    if not isinstance(rows, list):
        raise DataError(f'{path}: expected a list of {{"image": [784 integers], "label": "3"}}')
    images = np.zeros((len(rows), SIDE * SIDE), np.uint8)
    labels = []
    for number, row in enumerate(rows):
        images[number], label = _json_row(row, f"{path}, picture {number + 1}")
        labels.append(label)
    np.subtract(255, images, out=images)
    return images.reshape(-1, SIDE, SIDE), np.array(labels, dtype=np.str_)


def _json_row(row: Any, where: str) -> tuple[NDArray[np.uint8], str]:
    image = row.get("image") if isinstance(row, dict) else None
    if not isinstance(image, list) or len(image) != SIDE * SIDE:
        raise DataError(f"{where}: the image must be a list of {SIDE * SIDE} integers")
    if not all(type(value) is int and 0 <= value <= 255 for value in image):
        raise DataError(f"{where}: pixels must be integers from 0 to 255")
    return np.array(image, np.uint8), str(row.get("label", ""))


def _same_count(images: NDArray[Any], labels: NDArray[Any], name: str) -> None:
    if len(images) != len(labels):
        raise DataError(f"{name}: {len(images):,} pictures but {len(labels):,} labels")


def _times(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


def _damaged(path: Path, error: Exception) -> DataError:
    reason = getattr(error, "strerror", None) or str(error) or "it ends too early"
    return DataError(f"cannot read {path}: {str(reason).splitlines()[0]}")
