"""Why the model answers as it does: which parts of the drawing speak for it, and which against.

Occlusion (Zeiler & Fergus 2014), of the ink itself: a short piece of a stroke is left out with as
much again of the stroke on either side (less does not move a model that is sure), the rest is read
where it lies, and how much that lowers the log-odds of the answer is the piece's weight. Every
input pipeline is treated alike: the piece is missing from the lines, whether the pipeline then
draws the model input or the canvas from them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from device.curve import Rows as Path
from device.ink import DOT, Ink
from device.recognizer import Recognizer

PIECE = 0.1
"""Length of a piece, as a share of the drawing's extent."""

MOST_PIECES = 200
"""Longer drawings are cut into longer pieces: about this many (and at least one a stroke)."""

BATCH = 12
"""Pieces whose absence is read together ..."""

BATCH_POINTS = 24_000
"""... and points of lines drawn for that: long ink is read piece by piece, so that a reading asked
for meanwhile need not wait long."""

SUREST = math.log(255)
"""Log-odds beyond this, either way, are cut off: one step of an int8 answer is no evidence."""


class Why(NamedTuple):
    """What is known so far.

    Attributes:
        paths: the pieces of the strokes looked at, each (n, 2) in canvas units.
        weights: of each piece, -1..1: positive speaks for the answer, negative against it. The
            strongest so far is 1 or -1, unless none changes anything.
        share_done: share of the pieces looked at, 0..1.
    """

    paths: list[Path]
    weights: list[float]
    share_done: float


class _Piece(NamedTuple):
    """Part of the line of this number, from ``start`` to ``end`` along it."""

    line: int
    start: float
    end: float


def explain(recognizer: Recognizer, ink: Ink, normalised: bool = True) -> Iterator[Why]:
    """What speaks for and against the digit that the model sees in some ink.

    Yields:
        after each batch of readings, everything known so far; for blank ink once, nothing.
    """
    pipeline = recognizer.pipeline if normalised else recognizer.pipeline.as_drawn
    lines = [_Line(path) for path in pipeline.trace(ink)]
    if not lines:
        yield Why([], [], 1.0)
        return
    held = pipeline.held([line.path for line in lines])
    (whole,) = recognizer.probabilities(held.draw([line.path for line in lines])[None])
    digit = int(whole.argmax())
    pieces = _pieces(lines)
    points = sum(len(line.path) for line in lines)
    size = max(1, min(BATCH, BATCH_POINTS // points))
    falls: list[float] = []
    for first in range(0, len(pieces), size):
        batch = pieces[first : first + size]
        inputs = np.stack([held.draw(_without(lines, one, held.pen_radius)) for one in batch])
        rest = recognizer.probabilities(inputs)[:, digit]
        falls.extend((_log_odds(whole[digit]) - _log_odds(rest)).tolist())
        done = pieces[: len(falls)]
        paths = [lines[one.line].between(one.start, one.end) for one in done]
        yield Why(paths, _scaled(falls), len(done) / len(pieces))


class _Line:
    """A path (n, 2) measured along its length."""

    def __init__(self, path: Path) -> None:
        self.path = path
        steps = np.hypot(*np.diff(path, axis=0).T)
        self._along = np.concatenate([[0.0], np.cumsum(steps)])

    @property
    def length(self) -> float:
        return float(self._along[-1])

    def between(self, start: float, end: float) -> Path:
        """The part from ``start`` to ``end`` along the line; all of a dot."""
        inner = self._along[(self._along > start) & (self._along < end)]
        at = np.concatenate([[start], inner, [end]]) if end > start else self._along[:1]
        return np.stack([np.interp(at, self._along, axis) for axis in self.path.T], axis=1)


def _pieces(lines: Sequence[_Line]) -> list[_Piece]:
    """All lines cut into pieces of about the same length."""
    every = np.concatenate([line.path for line in lines])
    extent = max(float(np.ptp(every, axis=0).max()), DOT)
    length = max(PIECE * extent, sum(line.length for line in lines) / MOST_PIECES)
    pieces: list[_Piece] = []
    for index, line in enumerate(lines):
        count = max(1, round(line.length / length))
        cuts = np.linspace(0.0, line.length, count + 1).tolist()
        pieces.extend(_Piece(index, *cut) for cut in pairwise(cuts))
    return pieces


def _without(lines: Sequence[_Line], piece: _Piece, pen_radius: float) -> list[Path]:
    """The lines without a piece, as much again of its line on either side, and what the round
    ends of the rest would fill."""
    rest = [line.path for index, line in enumerate(lines) if index != piece.line]
    line = lines[piece.line]
    beside = (piece.end - piece.start) + pen_radius
    if piece.start > beside:
        rest.append(line.between(0.0, piece.start - beside))
    if piece.end + beside < line.length:
        rest.append(line.between(piece.end + beside, line.length))
    return rest


def _log_odds(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    least = 1 / (1 + math.exp(SUREST))
    clipped = np.clip(probability, least, 1 - least)
    odds: NDArray[np.float64] = np.log(clipped / (1 - clipped))
    return odds


def _scaled(falls: Sequence[float]) -> list[float]:
    strongest = max(map(abs, falls))
    return [fall / strongest if strongest else 0.0 for fall in falls]
