"""How accuracy falls as drawings are turned, shrunk, moved, drawn with other pens or sampled less.

Each curve reads the same drawings again and again, changed in one way only.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from device import raster
from device.ink import Ink, Stroke
from device.normalise import CANVAS_SIDE
from device.raster import Pixels
from device.recognizer import Recognizer
from firmware_tools import metrics
from firmware_tools.readings import DrawingSet, read_all

FITTED = 0.8
"""How much of the canvas a drawing fills that :meth:`device.ink.Ink.fitted` has fitted."""

SHIFT_SIZE = 0.4
"""How much of the canvas a drawing fills that is moved about: none of it leaves the canvas."""

DURATION = 1.0
"""Seconds that every drawing is assumed to have taken, pen lifts not counted."""


def turned(ink: Ink, degrees: float) -> Ink:
    """Rotated clockwise about the middle of the canvas."""
    return ink.rotated(math.radians(degrees))


def sized(ink: Ink, percent: float) -> Ink:
    """Filling that much of the canvas, in its middle; ``ink`` is fitted."""
    return ink.scaled(percent / 100 / FITTED)


def moved(ink: Ink, distance: float) -> Ink:
    """Filling :data:`SHIFT_SIZE` of the canvas, moved right and down by canvas units each."""
    return ink.scaled(SHIFT_SIZE / FITTED).moved(distance, distance)


def penned(ink: Ink, width: float) -> Pixels:
    """As a picture, drawn with a pen of that width, canvas units."""
    return raster.draw(ink, CANVAS_SIDE, width)


def sampled(ink: Ink, rate: float) -> Ink:
    """As a panel reports it that looks ``rate`` times a second.

    The points are taken as evenly spaced in time over :data:`DURATION`. Each stroke keeps the
    point where the pen came down; after that only what lies at the panel's ticks is kept, in
    between two points where need be, so the last bit of a stroke is lost as on a real panel.
    Ink that has no more points than that comes back unchanged.
    """
    total = ink.point_count
    wanted = rate * DURATION
    if total <= wanted:
        return ink
    spacing = total / wanted
    strokes = []
    first = 0
    for stroke in ink.strokes:
        last = first + len(stroke) - 1
        ticks = np.arange(math.floor(first / spacing) + 1, math.floor(last / spacing) + 1)
        places = np.concatenate([[0.0], ticks * spacing - first])
        index = np.arange(len(stroke))
        columns = [np.interp(places, index, column) for column in stroke.samples.T]
        strokes.append(Stroke.of(np.column_stack(columns)))
        first = last + 1
    return Ink(tuple(strokes))


@dataclass(frozen=True)
class Curve:
    """One way to change drawings: what it is called, on which scale, and by how much."""

    name: str
    title: str
    axis: str
    values: tuple[float, ...]
    change: Callable[[Ink, float], Ink | Pixels]


CURVES = (
    Curve("rotation", "Rotation", "degrees, clockwise", (-45, -30, -15, 0, 15, 30, 45), turned),
    Curve("scale", "Size", "% of the canvas", (10, 20, 40, 60, 80, 100), sized),
    Curve(
        "shift",
        f"Shift, at {SHIFT_SIZE:.0%} of the canvas",
        "canvas units, right and down",
        (0.0, 0.06, 0.12, 0.18, 0.24, 0.3),
        moved,
    ),
    Curve(
        "pen",
        "Pen width, read as pictures",
        "canvas units",
        (0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15),
        penned,
    ),
    Curve("sampling", "Sampling rate", "points a second", (60, 40, 30, 20, 15), sampled),
)
"""Every way in which robustness is measured."""


def measure(recognizer: Recognizer, chosen: DrawingSet, seed: int) -> dict[str, Any]:
    """Each curve's values with accuracy, its 95 % interval and the accepted share, 0..1.

    Args:
        recognizer: the model, through its whole pipeline.
        chosen: digits as ink, fitted to the canvas.
        seed: of the bootstrap.
    """
    return {curve.name: along(recognizer, chosen, curve, seed) for curve in CURVES}


def along(
    recognizer: Recognizer, chosen: DrawingSet, curve: Curve, seed: int
) -> dict[str, list[Any]]:
    """One curve of :func:`measure`: a row of values, and what was found at each."""
    rows: dict[str, list[Any]] = {"values": [], "accuracy": [], "interval": [], "accepted": []}
    inks = [one for one in chosen.drawings if isinstance(one, Ink)]
    for value in curve.values:
        drawings = (curve.change(ink, value) for ink in inks)
        what = f"{recognizer.model}, {curve.name} {value:g}"
        answers = read_all(recognizer, drawings, what, len(inks))
        right = answers.digit == chosen.truth
        rows["values"].append(value)
        rows["accuracy"].append(float(right.mean()))
        rows["interval"].append(metrics.mean_interval(right, chosen.writers, seed=seed))
        rows["accepted"].append(float(answers.accepted.mean()))
    return rows
