"""A switch: a knob in a track, left when it is off, right and in colour when it is on."""

from __future__ import annotations

import numpy as np
import pygame

from device.screen import shapes, theme
from device.screen.area import Area
from device.screen.theme import Colour

_MARKS = {True: (((0.5, 0.12), (0.5, 0.88)),), False: (((0.5, 0.5),),)}
"""A bar when it is on, a dot when it is off: colour and side are not all that tells."""


def draw(
    surface: pygame.Surface, area: Area, on: bool, fill: Colour, border: Colour, colour: Colour
) -> None:
    """One switch, in the colours of a button that is on or not."""
    height = min(area.height, area.width // 2)
    width = area.width
    if not on:
        border = theme.mixed(border, theme.MUTED, 0.8)
    picture = shapes.plain(width, height, theme.GROUND)
    picture = shapes.painted(picture, border, shapes.rounded(width, height, height / 2))
    picture = shapes.painted(picture, fill, shapes.rounded(width, height, height / 2, 2))
    side = height - 2 * max(4, height // 7)
    inset = (height - side) // 2
    left = width - inset - side if on else inset
    knob = shapes.rounded(side, side, side / 2)
    picture = shapes.painted(picture, colour, _placed(knob, width, height, left))
    mark = max(4, height // 3)
    made = shapes.lines(_MARKS[on], mark, 0.11 if on else 0.22)
    beside = (left + inset // 2) if on else (left + side + width - inset // 2)
    picture = shapes.painted(picture, colour, _placed(made, width, height, (beside - mark) // 2))
    surface.blit(shapes.to_surface(picture), (area.x, area.y + (area.height - height) // 2))


def _placed(part: shapes.Coverage, width: int, height: int, left: int) -> shapes.Coverage:
    """A part of the picture in the middle of its height."""
    whole = np.zeros((height, width), np.float32)
    top = (height - part.shape[0]) // 2
    whole[top : top + part.shape[0], left : left + part.shape[1]] = part
    return whole
