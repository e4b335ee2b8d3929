"""A full turn of a drawing, read at every ten degrees: how sure the model is from every side."""

from __future__ import annotations

import math

from device.ink import Ink
from device.reading import Reading
from device.recognizer import Recognizer

ANGLES = tuple(range(0, 360, 10))
"""Degrees clockwise, as seen, at which a turned drawing is read."""


def full_turn(recognizer: Recognizer, ink: Ink, normalised: bool = True) -> tuple[Reading, ...]:
    """The readings of some ink turned about the middle of its bounds, one for each of
    :data:`ANGLES`, made in one batch; ``normalised`` as for :meth:`Recognizer.read`."""
    return tuple(recognizer.read_many([turned(ink, angle) for angle in ANGLES], normalised))


def turned(ink: Ink, angle: float) -> Ink:
    """Some ink turned clockwise by ``angle`` degrees about the middle of its bounds."""
    if ink.bounds is None or not angle:
        return ink
    return ink.rotated(math.radians(angle), ink.bounds.centre)
