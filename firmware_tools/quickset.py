"""A tiny set of drawings made by code, in the files and forms of the real data sets.

For smoke runs and tests: every loader, recipe and command can run on it in seconds, on a machine
that has no data at all. What is learned from it is of no use.
"""

from __future__ import annotations

import gzip
import io
import json
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from device import raster
from device.files import atomic_write
from device.ink import Ink
from device.normalise import MODEL_PEN, SIDE

Line = list[tuple[float, float]]


def _arc(x: float, y: float, rx: float, ry: float, start: float, turn: float) -> Line:
    """Part of an ellipse; degrees, 0 to the right, clockwise as seen."""
    angles = [math.radians(start + turn * step / 12) for step in range(13)]
    return [(x + rx * math.cos(angle), y + ry * math.sin(angle)) for angle in angles]


DIGITS: dict[str, list[Line]] = {
    "0": [_arc(0.5, 0.5, 0.28, 0.4, -90, 360)],
    "1": [[(0.35, 0.25), (0.52, 0.1), (0.52, 0.9)]],
    "2": [[*_arc(0.5, 0.3, 0.25, 0.2, -170, 200), (0.25, 0.9), (0.78, 0.9)]],
    "3": [[*_arc(0.45, 0.3, 0.25, 0.2, -150, 240), *_arc(0.45, 0.7, 0.3, 0.2, -90, 240)]],
    "4": [[(0.55, 0.1), (0.2, 0.6), (0.8, 0.6)], [(0.6, 0.35), (0.6, 0.9)]],
    "5": [[(0.72, 0.1), (0.32, 0.1), (0.3, 0.45), *_arc(0.47, 0.66, 0.26, 0.24, -110, 250)]],
    "6": [[(0.65, 0.1), (0.35, 0.4), *_arc(0.5, 0.7, 0.22, 0.2, 180, -360)]],
    "7": [[(0.25, 0.12), (0.75, 0.12), (0.42, 0.9)]],
    "8": [[*_arc(0.5, 0.3, 0.2, 0.19, 90, 360), *_arc(0.5, 0.7, 0.25, 0.21, -90, -360)]],
    "9": [[*_arc(0.5, 0.32, 0.22, 0.2, 0, -360), (0.68, 0.9)]],
}
"""Strokes of the digits, canvas units."""

OTHERS: dict[str, list[Line]] = {
    "A": [[(0.2, 0.9), (0.5, 0.1), (0.8, 0.9)], [(0.3, 0.6), (0.7, 0.6)]],
    "M": [[(0.15, 0.9), (0.2, 0.1), (0.5, 0.6), (0.8, 0.1), (0.85, 0.9)]],
    "W": [[(0.1, 0.1), (0.3, 0.9), (0.5, 0.4), (0.7, 0.9), (0.9, 0.1)]],
    "m": [[(0.1, 0.8), (0.1, 0.4), *_arc(0.3, 0.5, 0.18, 0.2, 180, 180), (0.5, 0.8), (0.9, 0.5)]],
    "#": [[(0.4, 0.1), (0.3, 0.9)], [(0.7, 0.1), (0.6, 0.9)], [(0.1, 0.4), (0.9, 0.35)]],
    "~": [[*_arc(0.3, 0.5, 0.2, 0.12, 180, 180), *_arc(0.7, 0.5, 0.2, 0.12, 180, -180)]],
    "house": [[(0.2, 0.9), (0.2, 0.4), (0.5, 0.1), (0.8, 0.4), (0.8, 0.9), (0.2, 0.9)]],
    "star": [[(0.2, 0.9), (0.5, 0.1), (0.8, 0.9), (0.1, 0.4), (0.9, 0.4), (0.2, 0.9)]],
    "face": [_arc(0.5, 0.5, 0.4, 0.4, 0, 360), _arc(0.5, 0.55, 0.2, 0.2, 20, 140)],
}
"""Strokes of things that are no digits."""


def write(folder: Path, seed: int = 0, each: int = 30) -> Path:
    """Fill a folder with small sets under the names of the real ones; returns the folder.

    Args:
        folder: is made where missing; files of these names are replaced.
        seed: the same seed draws the same sets.
        each: drawings of a label in a set.
    """
    rng = np.random.default_rng(seed)
    for part, count in (("train", 3 * each), ("t10k", each)):
        images, labels = _pictures(DIGITS, count, rng)
        _write_idx(folder / f"mnist/{part}-images-idx3-ubyte.gz", images)
        _write_idx(folder / f"mnist/{part}-labels-idx1-ubyte.gz", labels.astype(np.uint8))
    images, labels = _pictures(DIGITS, each, rng)
    rows = [
        {"image": (255 - image).ravel().tolist(), "label": label}
        for image, label in zip(images, labels.tolist(), strict=True)
    ]
    _write_gzip(folder / "niemenjoki-dataset.json.gz", json.dumps(rows).encode())
    images, labels = _pictures(DIGITS, each // 3, rng)
    _write_npz(folder / "hwd1000.npz", images, labels.astype(np.int64))
    _write_npz(folder / "quickdraw-bitmaps.npz", *_pictures(OTHERS, each // 3, rng))
    for name in ("unipen-digits", "pendigits"):
        _write_inks(folder / f"{name}.jsonl.gz", DIGITS, each, rng)
    for name in ("unipen-upper", "unipen-lower", "unipen-symbols", "quickdraw", "omniglot"):
        _write_inks(folder / f"{name}.jsonl.gz", OTHERS, each, rng)
    return folder


def drawing(template: list[Line], rng: np.random.Generator) -> Ink:
    """One drawing after a template: slanted, squeezed, turned and shaken a little."""
    squeeze = rng.uniform(0.8, 1.1, 2)
    slant = rng.uniform(-0.2, 0.2)
    shape = np.array([[squeeze[0], slant], [0.0, squeeze[1]]])
    strokes = []
    for line in template:
        points = (np.array(line) - 0.5) @ shape.T + 0.5
        strokes.append(points + rng.normal(0, 0.008, points.shape))
    return Ink.of(strokes).rotated(rng.uniform(-0.15, 0.15)).fitted()


def _pictures(
    templates: dict[str, list[Line]], each: int, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.str_]]:
    labels = np.array([label for label in templates for _ in range(each)])
    rng.shuffle(labels)
    pen = MODEL_PEN / SIDE
    # Fitted with a tenth of margin, then into the 20 of 28 pixels that MNIST's digits fill.
    inks = [drawing(templates[label], rng).scaled(0.9) for label in labels.tolist()]
    return np.stack([raster.draw(ink, SIDE, pen) for ink in inks]), labels


def _write_inks(
    path: Path, templates: dict[str, list[Line]], each: int, rng: np.random.Generator
) -> None:
    lines = []
    for label, template in templates.items():
        for number in range(each):
            ink = drawing(template, rng)
            row = {
                "label": label,
                "writer": f"code-{number % 7}",
                "split": "validation" if number % 7 == 6 else "train",
                "strokes": [
                    [[round(x, 4), round(y, 4)] for x, y in stroke.xy.tolist()]
                    for stroke in ink.strokes
                ],
            }
            lines.append(json.dumps(row))
    _write_gzip(path, "\n".join(lines).encode())


def _write_idx(path: Path, array: NDArray[np.uint8]) -> None:
    header = bytes((0, 0, 8, array.ndim)) + np.array(array.shape, ">u4").tobytes()
    _write_gzip(path, header + array.tobytes())


def _write_npz(path: Path, images: NDArray[np.uint8], labels: NDArray[np.generic]) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, images=images, labels=labels)
    atomic_write(path, buffer.getvalue())


def _write_gzip(path: Path, content: bytes) -> None:
    # A fixed time, so that the same seed gives the same bytes.
    atomic_write(path, gzip.compress(content, 6, mtime=0))
