"""A screen with a header: Back, a title, and the rest for what the screen is about."""

from __future__ import annotations

import pygame

from device.screen import theme, widgets
from device.screen.area import Area
from device.screen.controls import Button, Controls
from device.screen.places import finger
from device.screen.state import Host, Screen
from device.screen.touch import Contact


class Page(Screen):
    """A screen that is gone to, and come back from.

    Subclasses say their :attr:`title`, place :meth:`buttons`, answer :meth:`tapped` and draw into
    :attr:`body`.

    Attributes:
        heading: where the title is; a page may put something at its right end.
        body: what the header leaves, within the margins.
        controls: the buttons, Back among them.
        cell: side of a button that a finger finds, pixels.
        gap: between things, pixels.
        text_size, small_size: of type, pixels.
        radius: of corners, pixels.
    """

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.heading: Area
        self.body: Area
        self.controls: Controls
        self._back: Area
        self.cell = self.gap = 0
        self.text_size = self.small_size = self.radius = 0

    def enter(self) -> None:
        super().enter()
        width, height = self.area.width, self.area.height
        shorter = min(width, height)
        self.cell = finger(width, height, self.host.config.screen.inches)
        self.gap = max(6, shorter // 40)
        self.text_size = max(13, round(shorter / 24))
        self.small_size = max(11, round(shorter / 32))
        self.radius = max(8, round(14 * shorter / 480))
        self.controls = Controls(self.host.surface, self.text_size, self.radius)
        margin = self.gap
        self._back = Area(margin, margin, round(self.cell * 1.1), self.cell)
        left = self._back.right + 2 * self.gap
        self.heading = Area(left, margin, width - margin - left, self.cell)
        top = self._back.bottom + self.gap
        self.body = Area(margin, top, width - 2 * margin, height - margin - top)
        widgets.words(
            self.host.surface,
            self.heading,
            self.title,
            round(self.text_size * 1.3),
            theme.TEXT,
            theme.GROUND,
            bold=True,
        )

    @property
    def title(self) -> str:
        """What the page is about, in the language in use."""
        return ""

    def buttons(self) -> list[Button]:
        """The buttons as they are to look now, without Back."""
        return []

    def tapped(self, name: str) -> None:
        """A button was tapped; Back is not among them."""

    def target(self, name: str) -> Area:
        return self.controls.buttons[name].area

    def handle(self, contact: Contact) -> None:
        name = self.controls.handle(contact)
        if name == "back":
            self.host.back()
        elif name is not None:
            self.tapped(name)

    def draw(self) -> list[pygame.Rect]:
        self.controls.place([Button("back", self._back, icon="back"), *self.buttons()])
        return [*super().draw(), *self.controls.draw()]
