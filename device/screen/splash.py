"""What is on the screen while the kiosk is still being loaded: its name, written by one pen.

It needs nothing but pygame, and no font, so that it is there before anything that takes time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import pygame

GROUND = (0x0F, 0x12, 0x18)
INK = (0xF5, 0xF7, 0xFA)
"""The colours of :mod:`device.screen.theme`, which takes longer to import."""

Point = tuple[float, float]

Dot = tuple[float, float, float]
"""Where the pen comes by, and half its width there."""

_FINE = 3
"""It is drawn so many times as large, and made small, which smooths its edges."""

_WIDTH, _TOP, _BOTTOM = 6.3, -1.75, 1.1
"""How much room the name takes: the line that it stands on is 0, a small letter is 1 high."""

_PEN = 0.085
"""Half the width of the pen; it lifts at the end of the last stroke."""


def draw(surface: pygame.Surface) -> None:
    """The whole picture."""
    width, height = surface.get_size()
    unit = min(0.42 * width / _WIDTH, 0.4 * height / (_BOTTOM - _TOP))
    pen = ((x + 0.15, y - _TOP, r) for x, y, r in _written())
    stems = [[(x + 0.15, y - _TOP) for x, y in stem] for stem in _STEMS]
    made = _picture(unit, _WIDTH, _BOTTOM - _TOP, pen, stems)
    surface.fill(GROUND)
    surface.blit(made, made.get_rect(center=(width // 2, height // 2)))


def icon() -> pygame.Surface:
    """How a desktop shows Inkling where there is little room: its first letter, underlined."""
    made = pygame.Surface((32, 32))
    made.fill(GROUND)
    pen = [(x, y, _PEN) for x, y in _dense(((0.2, 0.82), (0.8, 0.82)))]
    made.blit(_picture(32, 1, 1, pen, [((0.5, 0.18), (0.5, 0.62))]), (0, 0))
    return made


def _picture(
    unit: float, width: float, height: float, pen: Iterable[Dot], stems: Iterable[Sequence[Point]]
) -> pygame.Surface:
    """What a pen has drawn, on nothing; ``unit`` pixels for 1. A stem goes straight down."""
    size = round(unit * width), round(unit * height)
    fine = pygame.Surface((_FINE * size[0], _FINE * size[1]), pygame.SRCALPHA)
    fine.fill((*INK, 0))
    scale = unit * _FINE
    for x, y, radius in pen:
        pygame.draw.circle(fine, INK, (x * scale, y * scale), radius * scale)
    half = int(_PEN * scale)
    for (x, top), (_, bottom) in stems:
        left, start, end = int(x * scale) - half, int(top * scale), int(bottom * scale)
        fine.fill(INK, (left, start, 2 * half, end - start))
        for y in (start, end):
            pygame.draw.circle(fine, INK, (left + half, y), half)
    return pygame.transform.smoothscale(fine, size)


_STEMS = tuple(
    ((x, top), (x, bottom))
    for x, top, bottom in (
        *((0.15, -1.5, 0), (1.95, -1.55, 0), (3.05, -1.55, 0), (3.5, -1, 0), (6.02, -1, 0.1)),
        *((0.7, -1, 0), (1.46, -0.62, 0), (3.95, -1, 0), (4.71, -0.62, 0)),
    )
)
"""What of the name goes straight down; two of the last four are of each n."""


def _written() -> Iterator[Dot]:
    """The rest of the name."""
    letters = (
        _arc(1.08, -0.62, 0.38, 180, 360),
        ((2.58, -1), (1.97, -0.45)),
        ((2.17, -0.62), (2.65, 0)),
        ((3.5, -1.42), (3.5, -1.41)),
        _arc(4.33, -0.62, 0.38, 180, 360),
        _arc(5.55, -0.52, 0.47, 0, 360),
    )
    for letter in letters:
        for x, y in _dense(letter):
            yield x, y, _PEN
    # The last letter's tail goes back under all of them.
    tail = list(_curve((6.02, 0.1), (6.02, 0.95), (4.9, 0.74), (3.6, 0.66)))
    tail += _curve((3.6, 0.66), (2.3, 0.58), (1.1, 0.62), (0.0, 0.84))
    for number, (x, y) in enumerate(tail):
        yield x, y, _PEN * (1 - 0.8 * (number / len(tail)) ** 2)


def _arc(x: float, y: float, radius: float, start: int, end: int) -> tuple[Point, ...]:
    """Part of a circle; degrees, 0 to the right, clockwise as seen."""
    angles = (math.radians(angle) for angle in range(start, end + 1, 6))
    return tuple((x + radius * math.cos(angle), y + radius * math.sin(angle)) for angle in angles)


def _dense(path: tuple[Point, ...]) -> Iterator[Point]:
    """The points of a path, so close that the pen's circles touch."""
    for (x1, y1), (x2, y2) in pairwise(path):
        count = math.ceil(math.dist((x1, y1), (x2, y2)) / (_PEN / 3))
        for number in range(count + 1):
            yield x1 + (x2 - x1) * number / count, y1 + (y2 - y1) * number / count


def _curve(a: Point, b: Point, c: Point, d: Point, count: int = 120) -> Iterator[Point]:
    """A cubic Bézier curve."""
    for number in range(count + 1):
        t = number / count
        p, q, r, s = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        yield p * a[0] + q * b[0] + r * c[0] + s * d[0], p * a[1] + q * b[1] + r * c[1] + s * d[1]
