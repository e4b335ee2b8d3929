"""A plot of readings by angle: a ring of 36 bars, as long as the answer is probable, with the
digit of each written around it."""

from __future__ import annotations

import math

import numpy as np
import pygame
from numpy.typing import NDArray

from device.reading import Reading, Verdict
from device.screen import shapes, theme, widgets
from device.screen.area import Area
from device.screen.theme import Colour
from device.turn import ANGLES

HOLE = 0.5
"""The bars begin at this share of the ring's radius: what is in the middle has room there."""

HALF = math.pi / len(ANGLES)
"""Half the angle between two bars, radians."""

TRACK = theme.mixed(theme.CARD, theme.LINE, 0.75)

Distances = NDArray[np.float64]


class Polar:
    """The ring on a card. Angles are degrees clockwise, 0 on top.

    Args:
        surface: the display's.
        card: the whole card.
        radius: of the card's corners, pixels.

    Attributes:
        area: the card.
        middle: the square inside the ring that is free.
    """

    def __init__(self, surface: pygame.Surface, card: Area, radius: int) -> None:
        self._surface = surface
        self.area = card
        self._radius = radius
        side = min(card.width, card.height)
        self._label = max(theme.SMALLEST, round(side * 0.058))
        self._line = max(1.0, side / 220)
        self._outer = side / 2 - max(4, side // 40) - 1.35 * self._label
        self._inner = self._outer * HOLE
        self._dot = max(5, round(side * 0.026)) | 1
        self._dot_at: pygame.Rect | None = None
        free = round((self._inner - 1.6 * self._dot) * math.sqrt(2))
        x, y = card.centre
        self.middle = Area(round(x - free / 2), round(y - free / 2), free, free)

    def draw(self) -> pygame.Rect:
        """The empty ring; returns where it is."""
        widgets.card(self._surface, self.area, self._radius)
        self._dot_at = None
        for number in range(len(ANGLES)):
            self._bar(number, 1.0, TRACK, TRACK)
        return pygame.Rect(self.area)

    def add(self, number: int, reading: Reading) -> None:
        """The bar of one of the angles, by its number: full where the answer counts, an outline
        where it is only said."""
        counts = reading.verdict is Verdict.ACCEPTED
        if reading.digit is not None:
            accent = theme.ACCENTS[reading.verdict]
            fill = accent if counts else theme.mixed(TRACK, accent, 0.3)
            self._bar(number, max(reading.probabilities), fill, accent)
        x, y = self._point(ANGLES[number], self._outer + 0.75 * self._label)
        side = 2 * self._label
        widgets.words(
            self._surface,
            Area(round(x - side / 2), round(y - side / 2), side, side),
            "–" if reading.digit is None else str(reading.digit),
            self._label,
            theme.TEXT if counts else theme.MUTED,
            theme.CARD,
            bold=counts,
            align="centre",
        )

    def point(self, angle: float | None) -> None:
        """A dot inside the ring that points at an angle; None for none."""
        if self._dot_at is not None:
            self._surface.fill(theme.CARD, self._dot_at)
            self._dot_at = None
        if angle is not None:
            x, y = self._point(angle, self._inner - 0.9 * self._dot)
            side = self._dot
            area = Area(round(x - side / 2), round(y - side / 2), side, side)
            self._dot_at = shapes.box(self._surface, area, side / 2, theme.TEXT, theme.CARD)

    def angle_at(self, x: float, y: float) -> float | None:
        """The angle at which a point of the screen lies, 0..360; None in the middle and outside
        of the card."""
        dx, dy = x - self.area.centre[0], y - self.area.centre[1]
        if not self.area.holds(x, y) or math.hypot(dx, dy) < self._inner / 2:
            return None
        return math.degrees(math.atan2(dx, -dy)) % 360

    def _point(self, angle: float, radius: float) -> tuple[float, float]:
        turn = math.radians(angle)
        x, y = self.area.centre
        return x + radius * math.sin(turn), y - radius * math.cos(turn)

    def _bar(self, number: int, share: float, fill: Colour, edge: Colour) -> None:
        """A wedge from the inner circle outwards, laid over what is there."""
        length = max(2.0, (self._outer - self._inner) * share)
        window = self._window(ANGLES[number])
        outside = self._outside(ANGLES[number], self._inner + length, window)
        part = self._surface.subsurface(window)
        picture = pygame.surfarray.array3d(part).swapaxes(0, 1)
        for colour, grown in ((edge, 0.0), (fill, self._line)):
            cover = np.clip(0.5 - outside - grown, 0, 1).astype(np.float32)
            picture = shapes.painted(picture, colour, cover)
        pygame.surfarray.blit_array(part, picture.swapaxes(0, 1))

    def _window(self, angle: float) -> pygame.Rect:
        """The pixels that the bar at an angle may cover."""
        reach = math.degrees(HALF)
        corners = [
            self._point(angle + aside, radius)
            for aside in (-reach, 0.0, reach)
            for radius in (self._inner - 1, self._outer + 1)
        ]
        xs, ys = zip(*corners, strict=True)
        left, top = math.floor(min(xs)), math.floor(min(ys))
        return pygame.Rect(left, top, math.ceil(max(xs)) - left, math.ceil(max(ys)) - top)

    def _outside(self, angle: float, outer: float, window: pygame.Rect) -> Distances:
        """How far each pixel of a window lies outside a bar, pixels; negative inside."""
        turn = math.radians(angle)
        x = np.arange(window.left, window.right)[None, :] + 0.5 - self.area.centre[0]
        y = np.arange(window.top, window.bottom)[:, None] + 0.5 - self.area.centre[1]
        along = x * math.sin(turn) - y * math.cos(turn)
        across = np.abs(x * math.cos(turn) + y * math.sin(turn))
        beside = across * math.cos(HALF) - along * math.sin(HALF) + self._line / 2
        radius = np.hypot(x, y)
        return np.maximum(beside, np.maximum(radius - outer, self._inner - radius))
