"""Anti-aliased shapes and text as opaque surfaces, made once and kept.

pygame draws rounded corners with visible steps, and blending per pixel is slow on a Pi. So every
shape is computed with numpy on the colour that it will stand on, and blitted opaque from then on.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pygame
from numpy.typing import NDArray

from device import raster
from device.screen import theme
from device.screen.area import Area
from device.screen.theme import Colour

Coverage = NDArray[np.float32]
"""How much of each pixel a shape covers, 0..1, of shape (height, width)."""

Picture = NDArray[np.uint8]
"""Colours, of shape (height, width, 3)."""

_ICONS: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "check": (((0.14, 0.54), (0.40, 0.80), (0.88, 0.24)),),
    "cross": (((0.20, 0.20), (0.80, 0.80)), ((0.80, 0.20), (0.20, 0.80))),
    "dots": (((0.22, 0.5),), ((0.78, 0.5),)),
}
_ICON_RADIUS = {"check": 0.085, "cross": 0.085, "dots": 0.19}


def to_surface(picture: Picture) -> pygame.Surface:
    """An opaque surface in the display's own format, fast to blit."""
    surface = pygame.surfarray.make_surface(picture.swapaxes(0, 1))
    return surface.convert() if pygame.display.get_surface() else surface


def plain(width: int, height: int, colour: Colour) -> Picture:
    """A picture of one colour."""
    return np.full((height, width, 3), colour, np.uint8)


def painted(picture: Picture, colour: Colour, coverage: Coverage) -> Picture:
    """``colour`` laid over ``picture`` where ``coverage`` says."""
    made = np.empty_like(picture)
    # One colour after the other: the whole picture as real numbers would be twelve times as large.
    for channel, value in enumerate(colour):
        below = picture[:, :, channel].astype(np.float32)
        made[:, :, channel] = np.rint(below + (value - below) * coverage)
    return made


def rounded(width: int, height: int, radius: float, inset: float = 0.0) -> Coverage:
    """A rectangle with round corners that fills the picture but for ``inset``, pixels."""
    x = np.abs(np.arange(width, dtype=np.float32) + 0.5 - width / 2)[None, :]
    y = np.abs(np.arange(height, dtype=np.float32) + 0.5 - height / 2)[:, None]
    radius = max(0.0, min(radius, width / 2 - inset, height / 2 - inset))
    dx = x - (width / 2 - inset - radius)
    dy = y - (height / 2 - inset - radius)
    outside = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0)) + np.minimum(np.maximum(dx, dy), 0)
    return np.clip(0.5 - (outside - radius), 0, 1).astype(np.float32)


def corners(width: int, height: int, reach: float) -> tuple[int, int]:
    """The size, pixels, of the least picture with the same four corners as one of this size; how
    far each reaches along its sides is given. See :class:`Stretched`."""
    least = 2 * math.ceil(reach) + 3
    return min(width, least), min(height, least)


class Stretched:
    """A picture of this size with the corners of a ``small`` one, whose middle row and column are
    drawn out between them; made where it is looked at: ``stretched[rows, columns]`` of slices."""

    def __init__(self, small: NDArray[np.uint8], width: int, height: int) -> None:
        self._small = small
        self._rows, self._columns = (
            _places(*ends) for ends in zip(small.shape, (height, width), strict=False)
        )

    def __getitem__(self, window: tuple[slice, slice]) -> NDArray[np.uint8]:
        rows, columns = window
        return self._small[self._rows[rows]][:, self._columns[columns]]


def _places(small: int, length: int) -> NDArray[np.int_]:
    """From which row (or column) each of a stretched picture is."""
    place = np.arange(length)
    return np.minimum(place, np.maximum(small // 2, place - (length - small)))


def lines(paths: tuple[tuple[tuple[float, float], ...], ...], size: int, radius: float) -> Coverage:
    """Straight lines with round ends; coordinates and ``radius`` as shares of ``size``."""
    dense = [
        _dense(np.array(path, np.float64) * size, max(1.0, radius * size / 2)) for path in paths
    ]
    return raster.draw_paths(dense, (size, size), radius * size).astype(np.float32) / 255


def _dense(points: NDArray[np.float64], step: float) -> NDArray[np.float64]:
    if len(points) < 2:
        return points
    parts = []
    for start, end in pairwise(points):
        count = max(1, int(np.ceil(np.hypot(*(end - start)) / step)))
        parts.append(start + (end - start) * (np.arange(count) / count)[:, None])
    return np.concatenate([*parts, points[-1:]])


def box(
    surface: pygame.Surface,
    area: Area,
    radius: float,
    fill: Colour,
    ground: Colour,
    border: Colour | None = None,
    thickness: float = 0.0,
) -> pygame.Rect:
    """Draw a filled rectangle with round corners, with a border if one is given; returns where
    it is. Only its corners are kept, which many sizes share."""
    x, y, width, height = area
    if width <= 0 or height <= 0:
        return pygame.Rect(x, y, 0, 0)
    size = corners(width, height, radius + thickness)
    made, rows, columns = _box(*size, radius, fill, ground, border, thickness)
    over, down = width - size[0], height - size[1]
    left, top = size[0] // 2, size[1] // 2
    for dx, source_x, w in ((0, 0, left), (left + over, left, size[0] - left)):
        for dy, source_y, h in ((0, 0, top), (top + down, top, size[1] - top)):
            surface.blit(made, (x + dx, y + dy), (source_x, source_y, w, h))
    if over:
        for start, end, colour in _drawn_out(rows, top, down):
            surface.fill(colour, (x + left, y + start, over, end - start))
    if down:
        for start, end, colour in _drawn_out(columns, left, over):
            surface.fill(colour, (x + start, y + top, end - start, down))
    return pygame.Rect(area)


Run = tuple[int, int, Colour]
"""From which row (or column) up to which one a line has one colour."""


@lru_cache(maxsize=256)
def _box(
    width: int,
    height: int,
    radius: float,
    fill: Colour,
    ground: Colour,
    border: Colour | None,
    thickness: float,
) -> tuple[pygame.Surface, list[Run], list[Run]]:
    """A box, and the colours of its middle column and of its middle row."""
    picture = painted(plain(width, height, ground), border or fill, rounded(width, height, radius))
    if border is not None:
        inner = rounded(width, height, radius - thickness, thickness)
        picture = painted(picture, fill, inner)
    return to_surface(picture), _runs(picture[:, width // 2]), _runs(picture[height // 2])


def _runs(line: Picture) -> list[Run]:
    ends = [*(np.flatnonzero((line[1:] != line[:-1]).any(1)) + 1), len(line)]
    starts = [0, *ends[:-1]]
    return [
        (int(a), int(b), (int(line[a][0]), int(line[a][1]), int(line[a][2])))
        for a, b in zip(starts, ends, strict=True)
    ]


def _drawn_out(runs: list[Run], middle: int, length: int) -> list[Run]:
    """Runs of a line that is ``length`` longer, drawn out at its ``middle``."""
    return [(a + length * (a > middle), b + length * (b > middle), colour) for a, b, colour in runs]


@lru_cache(maxsize=128)
def icon(name: str, size: int, colour: Colour, ground: Colour) -> pygame.Surface:
    """``"check"``, ``"cross"`` or ``"dots"`` in a square of ``size`` pixels."""
    coverage = lines(_ICONS[name], size, _ICON_RADIUS[name])
    return to_surface(painted(plain(size, size, ground), colour, coverage))


@lru_cache(maxsize=64)
def light(name: str, size: int, colour: Colour, ground: Colour, on: bool) -> pygame.Surface:
    """A lamp with the shape of its verdict in it, dark or lit, in a square of ``size`` pixels."""
    share = 0.84
    picture = plain(size, size, ground)
    if on:
        reach = np.arange(size, dtype=np.float32) + 0.5 - size / 2
        distance = np.hypot(reach[None, :], reach[:, None]) / (size / 2)
        glow = np.clip((1 - distance) / (1 - share * 0.8), 0, 1).astype(np.float32)
        picture = painted(picture, colour, glow * 0.5)
    lamp = colour if on else theme.mixed(ground, colour, 0.16)
    mark = ground if on else theme.mixed(ground, colour, 0.55)
    inset = size * (1 - share) / 2
    picture = painted(picture, lamp, rounded(size, size, size, inset))
    inner = round(size * share * 0.58)
    start = (size - inner) // 2
    coverage = np.zeros((size, size), np.float32)
    coverage[start : start + inner, start : start + inner] = lines(
        _ICONS[name], inner, _ICON_RADIUS[name] * 1.15
    )
    return to_surface(painted(picture, mark, coverage))


def text(words: str, size: int, colour: Colour, ground: Colour, bold: bool) -> pygame.Surface:
    """Words on one line, cut to the height of their letters: from the top of a capital, or of what
    is higher (see :func:`rise`), to the baseline, or to the lowest descender where there may be
    one."""
    made = _small_text if size <= HINTED_FROM else _large_text if size <= HUGE_FROM else _huge_text
    return made(words, size, colour, ground, bold)


def _text(words: str, size: int, colour: Colour, ground: Colour, bold: bool) -> pygame.Surface:
    face = theme.font(size, bold, words)
    rendered = _rendered(words, size, colour, ground, bold)
    top = max(0, face.get_ascent() - cap_height(size, bold) - rise(words, size, bold))
    bottom = rendered.get_height()
    if words.isdigit():
        bottom = min(bottom, face.get_ascent() + overshoot(size))
    cut = rendered.subsurface((0, top, rendered.get_width(), bottom - top))
    return cut.convert() if pygame.display.get_surface() else cut.convert(24)


def _rendered(words: str, size: int, colour: Colour, ground: Colour, bold: bool) -> pygame.Surface:
    """Words as the face has them; small ones drawn large and shrunk, since hinting to a few pixels
    makes a bold sans look like a serif."""
    face = theme.font(size, bold, words)
    if size > HINTED_FROM:
        return face.render(words, True, colour, ground)
    large = theme.font(size * 3, bold, words).render(words, True, colour, ground).convert(24)
    return pygame.transform.smoothscale(large, (face.size(words)[0], face.get_height()))


HINTED_FROM = 40
"""Text up to this size (pixels) is drawn three times as large and shrunk."""

HUGE_FROM = 120
"""Text larger than this (pixels) is a digit that fills its card."""

# As many as a screen shows at once. A kiosk writes ever new figures, for years: what is kept has
# grown to its size after a few drawings, and grows no more.
_small_text = lru_cache(maxsize=128)(_text)
_large_text = lru_cache(maxsize=32)(_text)
_huge_text = lru_cache(maxsize=8)(_text)


def overshoot(size: int) -> int:
    """How far round letters reach above capitals and below the baseline, pixels at most."""
    return 1 + round(size * 0.02)


@lru_cache(maxsize=128)
def rise(words: str, size: int, bold: bool) -> int:
    """How far words reach above the top of a capital, pixels: round letters a little, accents on
    capitals and ideographs more."""
    face = theme.font(size, bold, words)
    cap = cap_height(size, bold)
    tallest = max((int(metric[3]) for metric in face.metrics(words) if metric), default=0)
    return min(max(overshoot(size), tallest - cap), face.get_ascent() - cap)


@lru_cache(maxsize=128)
def width(words: str, size: int, bold: bool = False) -> int:
    """How wide words are on one line, pixels."""
    return theme.font(size, bold, words).size(words)[0]


@lru_cache(maxsize=128)
def cap_height(size: int, bold: bool) -> int:
    """Height of a capital letter, pixels."""
    metrics = theme.font(size, bold).metrics("H")[0]
    return int(metrics[3]) if metrics else size * 3 // 4


@lru_cache(maxsize=128)
def fitting(words: str, width: int, size: int, bold: bool) -> tuple[str, int]:
    """Words and size that fit into ``width`` pixels: smaller first, then shortened."""
    for smaller in range(size, theme.SMALLEST - 1, -1):
        if theme.font(smaller, bold, words).size(words)[0] <= width:
            return words, smaller
    size = min(size, theme.SMALLEST)
    while words and theme.font(size, bold, words).size(words + "…")[0] > width:
        words = words[:-1]
    return (words.rstrip() + "…" if words else ""), size


def forget() -> None:
    """Drop what was made: after the display is closed, or its size or the language has changed."""
    texts = _small_text, _large_text, _huge_text
    for cache in (_box, icon, light, *texts, rise, width, cap_height, fitting):
        cache.cache_clear()
