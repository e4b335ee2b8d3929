"""Data sets read by a model through the whole pipeline, as ``inkling read`` does it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from device.ink import Ink
from device.raster import Pixels
from device.reading import Verdict
from device.recognizer import Recognizer
from firmware_tools import data
from firmware_tools.progress import bar, say

DIGIT_PICTURES = ("mnist-test", "niemenjoki", "hwd1000")
DIGIT_INKS = ("pendigits",)
OTHER_INKS = ("unipen-upper", "unipen-lower", "quickdraw")

DRAWN = "pendigits-validation"
"""Digits drawn by people of whom no model has learned: what curves and the gate rest on."""

DIGIT_SETS = ("mnist-test", DRAWN, "niemenjoki", "hwd1000")
"""The sets of digits, in the order of every table."""

OTHER_SETS = tuple(f"{name}-validation" for name in OTHER_INKS)
"""The sets of drawings that are no digits."""

FEWEST_WRITERS = 5
"""With fewer writers than this, intervals resample single drawings."""


@dataclass(frozen=True, eq=False)
class DrawingSet:
    """Drawings to be read: ink, or pictures uint8 (height, width).

    ``truth`` int64 (n,) are their digits, None where they are no digits; ``writers`` (n,) say who
    drew each, None where that is not known.
    """

    name: str
    drawings: tuple[Ink | Pixels, ...]
    truth: NDArray[np.int64] | None
    writers: NDArray[np.str_] | None

    def __len__(self) -> int:
        return len(self.drawings)

    def sampled(self, limit: int | None, seed: int) -> DrawingSet:
        """At most ``limit`` of the drawings, chosen by the seed, in their order."""
        if limit is None or limit >= len(self):
            return self
        rng = np.random.default_rng(seed)
        chosen = np.sort(rng.choice(len(self), limit, replace=False))
        return DrawingSet(
            self.name,
            tuple(self.drawings[i] for i in chosen.tolist()),
            None if self.truth is None else self.truth[chosen],
            None if self.writers is None else self.writers[chosen],
        )


@dataclass(frozen=True, eq=False)
class Answers:
    """What a model said of a set: arrays with one row a drawing.

    ``digit`` int64, -1 where nothing was seen; ``probabilities`` float64 (n, 10); ``gate``
    float64; ``symbols`` int64; ``accepted`` bool; ``milliseconds`` float64, the whole reading;
    ``seen`` uint8 (n, 28, 28), the model inputs.
    """

    digit: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    gate: NDArray[np.float64]
    symbols: NDArray[np.int64]
    accepted: NDArray[np.bool_]
    milliseconds: NDArray[np.float64]
    seen: NDArray[np.uint8]


def read_all(
    recognizer: Recognizer, drawings: Iterable[Ink | Pixels], what: str = "", count: int = 0
) -> Answers:
    """The answers to some drawings, each read on its own."""
    readings = [
        recognizer.read(one) if isinstance(one, Ink) else recognizer.read_pixels(one)
        for one in bar(drawings, what, count or None, "drawing")
    ]
    return Answers(
        digit=np.array([-1 if one.digit is None else one.digit for one in readings], np.int64),
        probabilities=np.array([one.probabilities for one in readings], np.float64),
        gate=np.array([one.gate for one in readings], np.float64),
        symbols=np.array([one.symbols for one in readings], np.int64),
        accepted=np.array([one.verdict is Verdict.ACCEPTED for one in readings], np.bool_),
        milliseconds=np.array([one.milliseconds for one in readings], np.float64),
        seen=np.stack([one.model_input for one in readings]),
    )


def load_sets(folder: Path, limit: int | None, seed: int) -> tuple[DrawingSet, ...]:
    """The sets of the evaluation: first digits, then what is none.

    A set that is missing or damaged is left out, and that is said.

    Raises:
        DataError: no set of digits can be used.
    """
    found = {}
    for load, names in ((pictures, DIGIT_PICTURES), (_inks, (*DIGIT_INKS, *OTHER_INKS))):
        for name in names:
            try:
                made = load(folder, name).sampled(limit, seed)
            except data.DataError as error:
                say(f"left out: {error}")
                continue
            found[made.name] = made
    if not found.keys() & set(DIGIT_SETS):
        raise data.DataError(
            f"there is no set of digits to measure on in {folder}; give its folder with --data DIR"
        )
    return tuple(found[name] for name in (*DIGIT_SETS, *OTHER_SETS) if name in found)


def pictures(folder: Path, name: str) -> DrawingSet:
    """A set of labelled pictures.

    Raises:
        DataError: it is missing or damaged.
    """
    images = data.load_images(folder, name)
    return DrawingSet(name, tuple(images.images), images.digits(), None)


def _inks(folder: Path, name: str) -> DrawingSet:
    """The validation part of a set of ink."""
    rows = [row for row in data.load_inks(folder, name) if row.split == "validation"]
    if not rows:
        raise data.DataError(f"{name} in {folder} holds no drawings for validation")
    digits = name not in data.NOT_DIGITS
    truth = np.array([int(row.label) for row in rows], np.int64) if digits else None
    writers = np.array([row.writer for row in rows], np.str_)
    known = len(np.unique(writers)) >= FEWEST_WRITERS
    inks = tuple(row.ink for row in rows)
    return DrawingSet(f"{name}-validation", inks, truth, writers if known else None)
