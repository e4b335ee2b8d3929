"""Pictures for buttons, drawn by the same pen as everything else: strokes in a unit square."""

from __future__ import annotations

import math
from functools import lru_cache

import pygame

from device.screen import shapes
from device.screen.theme import Colour

Strokes = tuple[tuple[tuple[float, float], ...], ...]


def _arc(
    cx: float, cy: float, r: float, start: float, end: float
) -> tuple[tuple[float, float], ...]:
    """Part of a circle; degrees, 0 to the right, clockwise as seen."""
    count = max(4, int(abs(end - start) / 12))
    angles = (math.radians(start + (end - start) * i / count) for i in range(count + 1))
    return tuple((cx + r * math.cos(a), cy + r * math.sin(a)) for a in angles)


def _mirrored(strokes: Strokes) -> Strokes:
    return tuple(tuple((1 - x, y) for x, y in stroke) for stroke in strokes)


_UNDO: Strokes = (
    ((0.34, 0.18), (0.16, 0.36), (0.34, 0.54)),
    ((0.18, 0.36), (0.58, 0.36), *_arc(0.60, 0.58, 0.22, -90, 90), (0.36, 0.80)),
)
_TURN: Strokes = (_arc(0.5, 0.54, 0.32, -65, 215), ((0.46, 0.06), (0.64, 0.25), (0.42, 0.42)))

_STROKES: dict[str, Strokes] = {
    "eraser": (
        ((0.34, 0.84), (0.12, 0.62), (0.60, 0.14), (0.88, 0.42), (0.46, 0.84), (0.34, 0.84)),
        ((0.34, 0.40), (0.62, 0.68)),
        ((0.34, 0.84), (0.88, 0.84)),
    ),
    "undo": _UNDO,
    "redo": _mirrored(_UNDO),
    "left": (((0.60, 0.20), (0.30, 0.5), (0.60, 0.80)),),
    "right": (((0.40, 0.20), (0.70, 0.5), (0.40, 0.80)),),
    "up": (((0.20, 0.62), (0.5, 0.32), (0.80, 0.62)),),
    "down": (((0.20, 0.38), (0.5, 0.68), (0.80, 0.38)),),
    "smaller": (((0.18, 0.5), (0.82, 0.5)),),
    "larger": (((0.18, 0.5), (0.82, 0.5)), ((0.5, 0.18), (0.5, 0.82))),
    "turn_right": _TURN,
    "turn_left": _mirrored(_TURN),
    "fit": (
        ((0.14, 0.34), (0.14, 0.14), (0.34, 0.14)),
        ((0.66, 0.14), (0.86, 0.14), (0.86, 0.34)),
        ((0.86, 0.66), (0.86, 0.86), (0.66, 0.86)),
        ((0.34, 0.86), (0.14, 0.86), (0.14, 0.66)),
        ((0.40, 0.36), (0.60, 0.36), (0.46, 0.66)),
    ),
    "inverse": (
        _arc(0.5, 0.5, 0.36, 0, 360),
        *(
            ((0.5 + x, 0.5 - h), (0.5 + x, 0.5 + h))
            for x, h in ((0.04, 0.34), (0.12, 0.32), (0.20, 0.27), (0.28, 0.18))
        ),
    ),
    "menu": tuple(((0.16, y), (0.84, y)) for y in (0.26, 0.5, 0.74)),
    "more": (*(_arc(x, y, 0.07, 0, 360) for x in (0.28, 0.72) for y in (0.28, 0.72)),),
    "back": (((0.56, 0.18), (0.24, 0.5), (0.56, 0.82)), ((0.26, 0.5), (0.84, 0.5))),
    "live": (((0.10, 0.5), (0.30, 0.5), (0.40, 0.20), (0.56, 0.80), (0.66, 0.5), (0.90, 0.5)),),
    "normalised": (
        ((0.16, 0.16), (0.84, 0.16), (0.84, 0.84), (0.16, 0.84), (0.16, 0.16)),
        ((0.5, 0.30), (0.5, 0.70)),
        ((0.30, 0.5), (0.70, 0.5)),
    ),
    "backspace": (
        ((0.34, 0.22), (0.88, 0.22), (0.88, 0.78), (0.34, 0.78), (0.10, 0.5), (0.34, 0.22)),
        ((0.48, 0.38), (0.72, 0.62)),
        ((0.72, 0.38), (0.48, 0.62)),
    ),
    "check": (((0.14, 0.54), (0.40, 0.80), (0.88, 0.24)),),
    "cross": (((0.20, 0.20), (0.80, 0.80)), ((0.80, 0.20), (0.20, 0.80))),
    "trash": (
        ((0.16, 0.26), (0.84, 0.26)),
        ((0.38, 0.24), (0.40, 0.12), (0.60, 0.12), (0.62, 0.24)),
        ((0.24, 0.28), (0.30, 0.88), (0.70, 0.88), (0.76, 0.28)),
    ),
    "models": (
        ((0.5, 0.14), (0.88, 0.33), (0.5, 0.52), (0.12, 0.33), (0.5, 0.14)),
        ((0.12, 0.50), (0.5, 0.69), (0.88, 0.50)),
        ((0.12, 0.67), (0.5, 0.86), (0.88, 0.67)),
    ),
    "compare": (
        ((0.12, 0.18), (0.42, 0.18), (0.42, 0.82), (0.12, 0.82), (0.12, 0.18)),
        ((0.58, 0.18), (0.88, 0.18), (0.88, 0.82), (0.58, 0.82), (0.58, 0.18)),
    ),
    "steps": (
        *(_arc(0.5, 0.5 + y, 0.5, start, start + 118) for y, start in ((0.25, 211), (-0.25, 31))),
        _arc(0.5, 0.5, 0.12, 0, 360),
    ),
    "why": (
        (*_arc(0.5, 0.33, 0.20, -190, 45), (0.52, 0.56), (0.5, 0.66)),
        ((0.5, 0.86),),
    ),
    "teach": (
        ((0.5, 0.18), (0.92, 0.38), (0.5, 0.58), (0.08, 0.38), (0.5, 0.18)),
        ((0.26, 0.48), (0.26, 0.70), (0.40, 0.78), (0.60, 0.78), (0.74, 0.70), (0.74, 0.48)),
        ((0.92, 0.38), (0.92, 0.68)),
    ),
    "language": (
        _arc(0.5, 0.5, 0.38, 0, 360),
        tuple((0.5 + (x - 0.5) * 0.42, y) for x, y in _arc(0.5, 0.5, 0.38, 0, 360)),
        ((0.12, 0.5), (0.88, 0.5)),
    ),
    "files": (
        ((0.30, 0.80), (0.30, 0.20)),
        ((0.12, 0.38), (0.30, 0.20), (0.48, 0.38)),
        ((0.70, 0.20), (0.70, 0.80)),
        ((0.52, 0.62), (0.70, 0.80), (0.88, 0.62)),
    ),
    "settings": (
        ((0.14, 0.30), (0.86, 0.30)),
        ((0.14, 0.70), (0.86, 0.70)),
        _arc(0.36, 0.30, 0.09, 0, 360),
        _arc(0.66, 0.70, 0.09, 0, 360),
    ),
}

NAMES = frozenset(_STROKES)

_RADIUS = 0.045
"""Half the pen's width, as a share of the icon's side."""


@lru_cache(maxsize=128)
def icon(name: str, size: int, colour: Colour, ground: Colour) -> pygame.Surface:
    """An icon in a square of ``size`` pixels, opaque on its ground."""
    radius = max(_RADIUS, 0.8 / size)
    coverage = shapes.lines(_STROKES[name], size, radius)
    return shapes.to_surface(shapes.painted(shapes.plain(size, size, ground), colour, coverage))


def forget() -> None:
    """Drop what was made: after the display is closed."""
    icon.cache_clear()
