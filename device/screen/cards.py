"""Cards in rows and columns, dragged with a finger where the screen has no room for all."""

from __future__ import annotations

import math
from collections.abc import Callable

import pygame

from device.screen import shapes, theme
from device.screen.area import Area
from device.screen.touch import Contact

Paint = Callable[[pygame.Surface, int, bool], None]
"""Draws a card, all of it, by its number and whether a finger is on it."""


class Cards:
    """The cards of one screen, all of one size.

    Args:
        surface: the display's.
        area: where they are shown.
        count: how many there are.
        least: a card's least width, and its least height for a width, pixels: in each row are as
            many cards as have room.
        gap: between cards, pixels.
        paint: draws one.
    """

    def __init__(
        self,
        surface: pygame.Surface,
        area: Area,
        count: int,
        least: tuple[int, Callable[[int], int]],
        gap: int,
        paint: Paint,
    ) -> None:
        self._surface = surface
        self._area = area
        self._count = count
        self._gap = gap
        self._paint = paint
        self._made: dict[tuple[int, bool], pygame.Surface] = {}
        self._offset = 0
        self._pressed: int | None = None
        self._held: tuple[float, int] | None = None
        self._dragging = False
        self._changed = True
        self._bar = max(4, gap // 2)
        least_width, height_for = least
        self._columns = min(count, max(1, (area.width + gap) // (least_width + gap)))
        rows = math.ceil(count / self._columns)
        width = self._width(area.width)
        height = height_for(width)
        if rows * (height + gap) - gap > area.height:
            # The bar beside them needs room, too.
            width = self._width(area.width - self._bar - gap)
            height = height_for(width)
        else:
            height = min((area.height + gap) // rows - gap, round(height * 1.25))
        self.size = width, height
        self._length = rows * (height + gap) - gap

    def _width(self, width: int) -> int:
        return (width + self._gap) // self._columns - self._gap

    @property
    def most(self) -> int:
        """How far they can be dragged up, pixels; 0 where all are in view."""
        return max(0, self._length - self._area.height)

    def place(self, number: int) -> Area:
        """Where a card is on the screen, as much of it as is in view.

        Raises:
            KeyError: it is not in view.
        """
        width, height = self.size
        row, column = divmod(number, self._columns)
        x = self._area.x + column * (width + self._gap)
        y = self._area.y + row * (height + self._gap) - self._offset
        top, bottom = max(y, self._area.y), min(y + height, self._area.bottom)
        if bottom <= top or not 0 <= number < self._count:
            raise KeyError(number)
        return Area(x, top, width, bottom - top)

    def reveal(self, number: int) -> None:
        """Bring a card into view as a whole."""
        height = self.size[1]
        top = number // self._columns * (height + self._gap)
        self._scroll(min(max(self._offset, top + height - self._area.height), top))

    def renew(self, number: int) -> None:
        """Draw a card anew: there is something else to say on it."""
        self._made.pop((number, False), None)
        self._made.pop((number, True), None)
        self._changed = True

    def handle(self, contact: Contact) -> int | None:
        """Follow a finger; returns the card that it has tapped."""
        if contact.finger:
            return None
        if contact.kind == "down":
            self._held = None
            if self._area.holds(contact.x, contact.y):
                self._held = contact.y, self._offset
                self._dragging = False
                self._press(self._at(contact.x, contact.y))
            return None
        if self._held is None:
            return None
        start, offset = self._held
        # A finger that only trembles does not drag.
        if self._dragging or abs(contact.y - start) > max(8, self._area.width // 60):
            self._dragging = True
            self._press(None)
            self._scroll(round(offset + start - contact.y))
        elif self._at(contact.x, contact.y) != self._pressed:
            self._press(None)
        if contact.kind == "up":
            tapped = self._pressed
            self._held = None
            self._press(None)
            return tapped
        return None

    def draw(self) -> list[pygame.Rect]:
        """Draw what has changed; returns where."""
        if not self._changed:
            return []
        self._changed = False
        whole = pygame.Rect(self._area)
        before = self._surface.get_clip()
        self._surface.set_clip(whole)
        self._surface.fill(theme.GROUND)
        width, height = self.size
        for number in range(self._count):
            row, column = divmod(number, self._columns)
            y = row * (height + self._gap) - self._offset
            if -height < y < self._area.height:
                x = self._area.x + column * (width + self._gap)
                self._surface.blit(self._card(number), (x, self._area.y + y))
        if self.most:
            self._draw_bar()
        self._surface.set_clip(before)
        return [whole]

    def _card(self, number: int) -> pygame.Surface:
        key = number, number == self._pressed
        if key not in self._made:
            made = pygame.Surface(self.size).convert(self._surface)
            made.fill(theme.GROUND)
            self._paint(made, *key)
            self._made[key] = made
        return self._made[key]

    def _draw_bar(self) -> None:
        area, width = self._area, self._bar
        x = area.right - width
        track = Area(x, area.y, width, area.height)
        shapes.box(self._surface, track, width / 2, theme.CARD, theme.GROUND)
        length = max(4 * width, round(area.height * area.height / self._length))
        y = area.y + round((area.height - length) * self._offset / self.most)
        bar = Area(x, y, width, length)
        shapes.box(self._surface, bar, width / 2, theme.MUTED, theme.CARD)

    def _at(self, x: float, y: float) -> int | None:
        for number in range(self._count):
            try:
                if self.place(number).holds(x, y):
                    return number
            except KeyError:
                continue
        return None

    def _press(self, number: int | None) -> None:
        if number != self._pressed:
            self._pressed = number
            self._changed = True

    def _scroll(self, offset: int) -> None:
        offset = min(max(offset, 0), self.most)
        if offset != self._offset:
            self._offset = offset
            self._changed = True
