"""The buttons of a screen: drawn when they change, pressed by a finger that lifts where it came
down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pygame

from device.screen import icons, shapes, switch, theme, widgets
from device.screen.area import Area
from device.screen.paragraph import paragraph
from device.screen.theme import Colour
from device.screen.touch import Contact

Look = Literal["primary", "second", "plain", "on", "off"]

LONG = 1.5
"""A finger that stays for so long (seconds) is a long press."""

REPEAT = 0.35
"""A finger that stays on a repeating button taps it again after so long (seconds) ..."""

AGAIN = 0.12
"""... and then every so often."""


@dataclass(frozen=True)
class Button:
    """A button as it is to look now.

    ``label`` must be in the language in use. ``look``: ``primary`` is the one thing to do next,
    ``second`` its other colour, ``on`` is switched on, ``off`` has nothing to do and does not
    answer. ``reach`` is where a finger counts, when that is more than what is seen. ``note`` is a
    second, quieter line; ``stacked`` has the label under its icon instead of beside it; ``scale``
    makes the label larger than those of other buttons. ``switched`` makes it a switch, on or off,
    without words.
    """

    name: str
    area: Area
    label: str = ""
    icon: str = ""
    look: Look = "plain"
    repeats: bool = False
    reach: Area | None = None
    note: str = ""
    stacked: bool = False
    scale: float = 1.0
    switched: bool | None = None

    @property
    def target(self) -> Area:
        return self.reach or self.area


class Controls:
    """The buttons of one screen.

    Args:
        surface: the display's.
        size: of the labels, pixels.
        radius: of the corners, pixels.
    """

    def __init__(self, surface: pygame.Surface, size: int, radius: int) -> None:
        self._surface = surface
        self._size = size
        self._radius = radius
        self._buttons: dict[str, Button] = {}
        self._shown: dict[str, tuple[Button, bool]] = {}
        self._captured: str | None = None
        self._pressed = False
        self._next = 0.0

    def place(self, buttons: Iterable[Button]) -> None:
        """The buttons from now on; those that are as they were are not drawn again."""
        self._buttons = {button.name: button for button in buttons}
        if self._captured not in self._buttons:
            self._captured = None

    def resume(self, before: Controls) -> None:
        """Follow the finger that other controls have followed, which these take the place of."""
        self._captured, self._pressed = before._captured, before._pressed
        self._next = before._next
        self._buttons = before._buttons

    def forget(self) -> None:
        """Draw every button anew: what they stand on was painted over."""
        self._shown.clear()

    @property
    def buttons(self) -> dict[str, Button]:
        """The buttons by their name."""
        return dict(self._buttons)

    @property
    def holding(self) -> str | None:
        """The button under the finger."""
        return self._captured if self._pressed else None

    def at(self, x: float, y: float) -> str | None:
        """The button at a point of the screen, if it answers."""
        for button in self._buttons.values():
            if button.look != "off" and button.target.holds(x, y):
                return button.name
        return None

    def handle(self, contact: Contact) -> str | None:
        """Follow a finger; returns the button that it has tapped."""
        if contact.finger:
            return None
        if contact.kind == "down":
            self._captured = self.at(contact.x, contact.y)
            self._pressed = self._captured is not None
            self._next = contact.t + REPEAT
            return None
        if self._captured is None:
            return None
        name = self._captured
        self._pressed = self.at(contact.x, contact.y) == name
        if contact.kind == "up":
            tapped, self._captured = self._pressed, None
            self._pressed = False
            return name if tapped else None
        return None

    def repeat(self, now: float) -> tuple[str | None, float | None]:
        """The repeating button that a resting finger taps again now, and when to ask next."""
        button = self._buttons.get(self.holding or "")
        if button is None or not button.repeats:
            return None, None
        if now < self._next:
            return None, self._next
        self._next = now + AGAIN
        return button.name, self._next

    def draw(self) -> list[pygame.Rect]:
        """Draw what has changed; returns where."""
        dirty = []
        for button in self._buttons.values():
            pressed = self.holding == button.name
            if self._shown.get(button.name) != (button, pressed):
                self._shown[button.name] = (button, pressed)
                draw(self._surface, button, self._size, self._radius, pressed)
                dirty.append(pygame.Rect(button.area))
        for name in self._shown.keys() - self._buttons.keys():
            del self._shown[name]
        return dirty


def colours(look: Look, pressed: bool) -> tuple[Colour, Colour, Colour]:
    """Fill, border and text of a button."""
    fill, border, text = {
        "primary": (theme.ACCEPT, theme.ACCEPT, theme.GROUND),
        "second": (theme.BAR, theme.BAR, theme.GROUND),
        "plain": (theme.CARD, theme.LINE, theme.TEXT),
        "on": (theme.mixed(theme.CARD, theme.BAR, 0.35), theme.BAR, theme.TEXT),
        "off": (theme.GROUND, theme.LINE, theme.MUTED),
    }[look]
    if pressed:
        fill = theme.mixed(fill, theme.TEXT, 0.22)
        border = theme.mixed(border, theme.TEXT, 0.35)
    return fill, border, text


def draw(
    surface: pygame.Surface, button: Button, size: int, radius: int, pressed: bool = False
) -> None:
    """One button: an icon, a label, or the icon and the label."""
    area = button.area
    if button.switched is not None:
        fill, border, colour = colours("second" if button.switched else "plain", pressed)
        switch.draw(surface, area, button.switched, fill, border, colour)
        return
    fill, border, colour = colours(button.look, pressed)
    if button.look == "off" and button.icon:
        colour = theme.mixed(theme.GROUND, theme.MUTED, 0.45)
    radius = min(radius, area.height // 3)
    shapes.box(surface, area, radius, fill, theme.GROUND, border, 2)
    inside = area.inset(max(6, size // 3), 0)
    align: widgets.Align = "centre"
    if button.icon:
        side = round(min(area.width, area.height) * (0.5 if not button.label else 0.42))
        left, top = area.x + (area.width - side) // 2, area.y + (area.height - side) // 2
        if button.label and button.stacked:
            top = area.y + round(area.height * 0.13)
            start = top + side + round(area.height * 0.04)
            inside = Area(inside.x, start, inside.width, area.bottom - start - 4)
        elif button.label:
            left, align = inside.x + 4, "left"
            inside = Area(left + side + 8, area.y, inside.right - left - side - 8, area.height)
        surface.blit(icons.icon(button.icon, side, colour, fill), (left, top))
    if button.note:
        room = round(inside.height * 0.36)
        line = Area(inside.x, inside.bottom - room, inside.width, round(room * 0.7))
        quiet = theme.mixed(fill, colour, 0.75)
        widgets.words(surface, line, button.note, round(size * 0.8), quiet, fill, align=align)
        lift = room // 4
        inside = Area(inside.x, inside.y + lift, inside.width, inside.height - room - lift)
    if button.label:
        size = round(size * button.scale)
        paragraph(surface, inside, button.label, size, colour, fill, bold=True, align=align)
