"""A sheet of paper on a page, in the frame of the canvas: for pictures of the drawing."""

from __future__ import annotations

import pygame

from device.screen import shapes, theme
from device.screen.area import Area
from device.screen.theme import Colour


class Sheet:
    """A square of paper.

    Args:
        surface: the display's.
        area: where it is with its frame, a square.
        radius: of the frame's corners, pixels.
        inverse: dark ink on light paper.

    Attributes:
        paper, ink: the colours.
        inside: the square that is one canvas unit wide.
    """

    def __init__(self, surface: pygame.Surface, area: Area, radius: int, inverse: bool) -> None:
        self._surface = surface
        self._area = area
        self._radius = radius
        self._thickness = max(2, round(3 * area.width / 448))
        self.paper: Colour = theme.INK if inverse else theme.PAPER
        self.ink: Colour = theme.PAPER if inverse else theme.INK
        # Clear of the round corners, so that a picture need not be cut to them.
        self.inside = area.inset(self._thickness + round(radius * 0.3))

    def draw(self) -> pygame.Rect:
        """The empty sheet; returns where it is."""
        colours = self.paper, theme.GROUND, theme.FRAME
        return shapes.box(self._surface, self._area, self._radius, *colours, self._thickness)

    def wipe(self) -> pygame.Rect:
        """Only paper where pictures come; returns where that is."""
        return self._surface.fill(self.paper, self.inside)

    def place(self, made: pygame.Surface, left: int, top: int) -> None:
        """A picture on the sheet, cut at its edges; pixels from the inside's corner."""
        before = self._surface.get_clip()
        self._surface.set_clip(self.inside)
        self._surface.blit(made, (self.inside.x + left, self.inside.y + top))
        self._surface.set_clip(before)
