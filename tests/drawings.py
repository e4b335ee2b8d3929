"""Drawings that tests share: digits as a hand draws them, and what is not a digit.

Strokes are tuples of (x, y) in canvas units, as few points as a slow panel would report.
"""

from __future__ import annotations

import math

from device.ink import Ink

Line = tuple[tuple[float, float], ...]

SAMPLE_SECONDS = 0.02
"""Time between two points of a drawing: a panel that reports at 50 Hz."""


def _arc(
    cx: float, cy: float, rx: float, ry: float, start: float, end: float, points: int = 16
) -> Line:
    """Part of an ellipse; degrees clockwise as seen, 0 is right, 90 is down."""
    angles = (math.radians(start + (end - start) * i / (points - 1)) for i in range(points))
    return tuple((cx + rx * math.cos(a), cy + ry * math.sin(a)) for a in angles)


DIGITS: dict[int, tuple[Line, ...]] = {
    0: (_arc(0.50, 0.50, 0.17, 0.29, -95, 270, 22),),
    1: (
        (
            (0.40, 0.33),
            (0.46, 0.27),
            (0.53, 0.20),
            (0.53, 0.35),
            (0.525, 0.50),
            (0.52, 0.65),
            (0.52, 0.80),
        ),
    ),
    2: (
        (
            *_arc(0.50, 0.36, 0.17, 0.16, 190, 385, 13),
            (0.60, 0.52),
            (0.50, 0.64),
            (0.40, 0.73),
            (0.33, 0.79),
            (0.45, 0.785),
            (0.58, 0.78),
            (0.70, 0.79),
        ),
    ),
    3: (
        (
            *_arc(0.48, 0.35, 0.16, 0.15, 205, 440, 12),
            *_arc(0.47, 0.65, 0.18, 0.16, 278, 505, 13),
        ),
    ),
    4: (
        (
            (0.57, 0.20),
            (0.50, 0.31),
            (0.42, 0.43),
            (0.33, 0.57),
            (0.45, 0.575),
            (0.58, 0.57),
            (0.72, 0.56),
        ),
        ((0.58, 0.36), (0.58, 0.50), (0.575, 0.65), (0.57, 0.82)),
    ),
    5: (
        (
            (0.39, 0.22),
            (0.385, 0.30),
            (0.37, 0.38),
            (0.36, 0.47),
            *_arc(0.47, 0.61, 0.19, 0.18, 240, 505, 15),
        ),
        ((0.39, 0.22), (0.48, 0.22), (0.56, 0.215), (0.66, 0.20)),
    ),
    6: (
        (
            (0.62, 0.20),
            (0.52, 0.26),
            (0.43, 0.37),
            (0.37, 0.50),
            (0.345, 0.62),
            *_arc(0.50, 0.65, 0.155, 0.15, 175, -190, 18),
        ),
    ),
    7: (
        (
            (0.32, 0.23),
            (0.44, 0.225),
            (0.57, 0.22),
            (0.68, 0.22),
            (0.62, 0.36),
            (0.55, 0.50),
            (0.49, 0.65),
            (0.44, 0.81),
        ),
    ),
    8: (
        (
            *_arc(0.50, 0.35, 0.14, 0.14, -40, -270, 12),
            *_arc(0.50, 0.65, 0.17, 0.16, -90, 270, 18),
            *_arc(0.50, 0.35, 0.14, 0.14, 90, -40, 8),
        ),
    ),
    9: (
        (
            *_arc(0.49, 0.37, 0.15, 0.16, -20, -375, 18),
            (0.64, 0.45),
            (0.63, 0.58),
            (0.60, 0.70),
            (0.55, 0.81),
        ),
    ),
}
"""Every digit, drawn neatly in the middle of the canvas."""

OPEN_FOUR: tuple[Line, ...] = (
    ((0.36, 0.22), (0.35, 0.33), (0.33, 0.44), (0.32, 0.53), (0.42, 0.54), (0.52, 0.54)),
    ((0.62, 0.24), (0.62, 0.40), (0.61, 0.60), (0.60, 0.80)),
)
"""A 4 whose second stroke does not touch the first."""

BROKEN_FIVE: tuple[Line, ...] = (
    DIGITS[5][0],
    ((0.44, 0.17), (0.52, 0.165), (0.60, 0.16), (0.68, 0.15)),
)
"""A 5 whose bar hangs free above it."""

DOTTED_SEVEN: tuple[Line, ...] = tuple(
    ((x, y), (x + dx * 0.55, y + dy * 0.55))
    for x, y, dx, dy in (
        *((0.30 + i * 0.07, 0.22, 0.07, 0.0) for i in range(6)),
        *((0.72 - i * 0.04, 0.22 + i * 0.085, -0.04, 0.085) for i in range(7)),
    )
)
"""A 7 by a pen that skips: thirteen dashes."""

LETTER_I: tuple[Line, ...] = (
    ((0.50, 0.40), (0.50, 0.53), (0.50, 0.66), (0.51, 0.80)),
    ((0.50, 0.25), (0.505, 0.26)),
)
"""An i with its dot."""

TWELVE: tuple[Line, ...] = (
    ((0.16, 0.35), (0.22, 0.29), (0.27, 0.24), (0.27, 0.45), (0.27, 0.62), (0.27, 0.78)),
    (
        *_arc(0.66, 0.38, 0.14, 0.14, 190, 385, 12),
        (0.74, 0.54),
        (0.64, 0.66),
        (0.53, 0.77),
        (0.66, 0.77),
        (0.82, 0.77),
    ),
)
"""1 and 2 side by side."""

FACE: tuple[Line, ...] = (
    _arc(0.50, 0.50, 0.36, 0.36, -90, 272, 30),
    _arc(0.37, 0.40, 0.03, 0.04, 0, 360, 8),
    _arc(0.63, 0.40, 0.03, 0.04, 0, 360, 8),
    _arc(0.50, 0.55, 0.18, 0.15, 15, 165, 10),
    ((0.22, 0.28), (0.20, 0.08), (0.38, 0.17)),
    ((0.62, 0.17), (0.80, 0.08), (0.78, 0.28)),
    ((0.40, 0.54), (0.10, 0.50)),
    ((0.60, 0.54), (0.90, 0.50)),
)
"""A doodle: a cat's face, one symbol (everything lies inside or touches its outline)."""


def timed(lines: tuple[Line, ...]) -> Ink:
    """Ink from lines, with the times at which a panel would have reported the points."""
    strokes = []
    clock = 0.0
    for line in lines:
        strokes.append([(x, y, clock + i * SAMPLE_SECONDS) for i, (x, y) in enumerate(line)])
        clock += len(line) * SAMPLE_SECONDS + 0.2
    return Ink.of(strokes)


def digit(value: int) -> Ink:
    """A neatly drawn digit 0-9."""
    return timed(DIGITS[value])


def doodle() -> Ink:
    """A cat's face."""
    return timed(FACE)


def twelve() -> Ink:
    """1 and 2, two symbols."""
    return timed(TWELVE)


def broken_digits() -> dict[str, Ink]:
    """What a careless counter takes for several symbols, by name; each is one."""
    return {
        "open 4": timed(OPEN_FOUR),
        "broken 5": timed(BROKEN_FIVE),
        "dotted 7": timed(DOTTED_SEVEN),
        "i": timed(LETTER_I),
    }
