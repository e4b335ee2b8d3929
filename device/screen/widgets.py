"""The pieces that the panels are made of: words, buttons, bars, the verdict, lights, a picture.

Each draws itself opaque into an area of a surface; none keeps any state.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pygame

from device.language import tr
from device.raster import Pixels
from device.reading import Verdict
from device.screen import shapes, theme
from device.screen.area import Area
from device.screen.theme import Colour

Align = Literal["left", "centre", "right"]


def words(
    surface: pygame.Surface,
    area: Area,
    text: str,
    size: int,
    colour: Colour,
    ground: Colour,
    *,
    bold: bool = False,
    align: Align = "left",
) -> int:
    """One line, smaller or shortened where it would not fit, its capitals in the middle of the
    area's height; returns its width in pixels."""
    text, size = shapes.fitting(text, area.width, size, bold)
    if not text:
        return 0
    made = shapes.text(text, size, colour, ground, bold)
    width = made.get_width()
    left = {"left": 0, "centre": (area.width - width) // 2, "right": area.width - width}[align]
    height = shapes.cap_height(size, bold)
    top = round(area.centre[1] - height / 2) - shapes.rise(text, size, bold)
    surface.blit(made, (area.x + left, top))
    return width


def first_fitting(texts: tuple[str, ...], width: int, size: int) -> str:
    """The first (the most explicit) of several texts that fits in nearly its full size."""
    for text in texts:
        shown, smaller = shapes.fitting(text, width, size, False)
        if shown == text and smaller >= 0.75 * size:
            return text
    return texts[-1]


def big_digit(
    surface: pygame.Surface, area: Area, digit: int, colour: Colour, ground: Colour
) -> None:
    """A digit as large as the area allows."""
    size = area.height
    while size > theme.SMALLEST and (
        shapes.cap_height(size, True) > area.height or shapes.width("0", size, True) > area.width
    ):
        size = size * 15 // 16
    # Type sizes are not cap heights: grow until the height or the width is filled.
    while (
        shapes.cap_height(size + 4, True) <= area.height
        and shapes.width("0", size + 4, True) <= area.width
    ):
        size += 4
    words(surface, area, str(digit), size, colour, ground, bold=True, align="centre")


def card(surface: pygame.Surface, area: Area, radius: int) -> None:
    """The lighter ground that a group of things stands on."""
    shapes.box(surface, area, radius, theme.CARD, theme.GROUND)


def verdict_band(
    surface: pygame.Surface,
    area: Area,
    card_area: Area,
    verdict: Verdict,
    size: int,
    radius: int,
    code: str | None = None,
) -> None:
    """The verdict as word (in the language in use, or in another one), shape and colour across
    the top of its card."""
    accent = theme.ACCENTS[verdict]
    before = surface.get_clip()
    surface.set_clip(area)
    # The card in the accent's colour: the band shows the part of it with the upper corners.
    shapes.box(surface, card_area, radius, accent, theme.GROUND)
    surface.set_clip(before)
    text, width = tr(theme.WORDS[verdict], code), area.width - 2 * radius - 2 * size
    lines, size = _lines(text, area, width, size)
    mark = round(min(area.height * 0.56, size * 0.95 * len(lines)))
    widest = max(shapes.width(line, size, True) for line in lines)
    left = area.x + (area.width - widest - mark - mark // 2) // 2
    top = area.y + (area.height - mark) // 2
    surface.blit(shapes.icon(theme.SHAPES[verdict], mark, theme.GROUND, accent), (left, top))
    start = left + mark + mark // 2
    pitch = round(size * 1.15)
    for number, line in enumerate(lines):
        y = area.y + (area.height - pitch * len(lines)) // 2 + number * pitch
        rest = Area(start, y, area.right - start, pitch)
        words(surface, rest, line, size, theme.GROUND, accent, bold=True)


def _lines(text: str, area: Area, width: int, size: int) -> tuple[list[str], int]:
    """A verdict on one line, or on two where one would have to be much smaller."""
    one, smaller = shapes.fitting(text, width, size, True)
    parts = text.split()
    if len(parts) < 3 or (one == text and smaller >= 0.68 * size):
        return [one], smaller
    half = (len(parts) + 1) // 2
    pair = [" ".join(parts[:half]), " ".join(parts[half:])]
    size = min(size, round(area.height / 2.5))
    fitted = min(shapes.fitting(line, width, size, True)[1] for line in pair)
    return pair, fitted


def level(
    surface: pygame.Surface, area: Area, share: float, colour: Colour, *, upright: bool
) -> None:
    """A track with a bar in it that fills ``share`` (0..1) of it, from below or from the left."""
    radius = min(area.width, area.height) / 2 if not upright else area.width / 4
    track = theme.mixed(theme.CARD, theme.LINE, 0.75)
    shapes.box(surface, area, radius, track, theme.CARD)
    length = round((area.height if upright else area.width) * share)
    if share >= 0.005:
        # What is said to be one percent can be seen.
        length = max(length, 2)
    if length <= 0:
        return
    if upright:
        # A low bar is as round as it can be, and keeps the track's own corners below.
        fill = Area(area.x, area.bottom - length, area.width, length)
    else:
        length = max(length, area.height)
        if length < area.width:
            # The far end is round on the track; the near end is the track's own, on the card.
            shapes.box(surface, area._replace(width=length), radius, colour, track)
            fill = Area(area.x, area.y, area.height // 2, area.height)
        else:
            fill = area
    before = surface.get_clip()
    surface.set_clip(fill)
    shapes.box(surface, area, radius, colour, theme.CARD)
    surface.set_clip(before)


def notch(surface: pygame.Surface, area: Area, share: float) -> None:
    """A mark across a level bar where something is decided."""
    width = max(2, area.height // 5)
    x = round(area.x + area.width * share - width / 2)
    rise = max(2, area.height // 4)
    mark = pygame.Rect(x, area.y - rise, width, area.height + 2 * rise)
    pygame.draw.rect(surface, theme.CARD, mark.inflate(2 * width, 0))
    pygame.draw.rect(surface, theme.TEXT, mark)


def light(surface: pygame.Surface, area: Area, verdict: Verdict, on: bool) -> None:
    """One lamp, with the shape of its verdict."""
    accent = theme.ACCENTS[verdict]
    made = shapes.light(theme.SHAPES[verdict], area.width, accent, theme.GROUND, on)
    surface.blit(made, area)


def model_input(surface: pygame.Surface, area: Area, pixels: Pixels) -> None:
    """The 28x28 that the model saw, in whole pixels, framed by a line."""
    pygame.draw.rect(surface, theme.LINE, area, 1)
    times = (area.width - 2) // pixels.shape[1]
    large = np.repeat(np.repeat(pixels, times, axis=0), times, axis=1)
    picture = np.repeat(large[:, :, None], 3, axis=2)
    inside = area.inset(1)
    place = pygame.Rect(inside.x, inside.y, large.shape[1], large.shape[0])
    pygame.surfarray.blit_array(surface.subsurface(place), picture.swapaxes(0, 1))
