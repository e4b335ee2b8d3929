"""The PIN before the settings: ten digits to tap, and a dot for each that was."""

from __future__ import annotations

import math

import pygame

from device.language import tr
from device.screen import shapes, theme, widgets
from device.screen.area import Area
from device.screen.controls import Button, Look
from device.screen.page import Page
from device.screen.state import Host

SHAKES = 0.5
"""How long (seconds) wrong dots shake before they are gone."""

FRAME = 1 / 60
"""Between two pictures of them, seconds."""

_PAD = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "", "0", "backspace")
"""The keys by rows of three; the one without a name is a gap."""


class PinScreen(Page):
    """Asks for the PIN and leads on to the settings; straight on where there is none.

    What was typed is kept nowhere but here, and only until it is compared.
    """

    name = "pin"
    passing = True

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._typed = ""
        self._wrong = False
        self._shaking: float | None = None
        self._message: Area
        self._dots: Area
        self._pad: Area
        self._shown: tuple[object, ...] | None = None

    @property
    def title(self) -> str:
        return tr("Enter the PIN")

    def enter(self) -> None:
        super().enter()
        if not self.host.config.kiosk.pin:
            self.host.go("settings")
        body, gap = self.body, self.gap
        if body.width > body.height:
            half = (body.width - 2 * gap) // 2
            said = Area(body.x, body.y, half, body.height)
            pad = Area(body.right - half, body.y, half, body.height)
        else:
            said = body._replace(height=round(body.height * 0.3))
            pad = Area(body.x, said.bottom, body.width, body.bottom - said.bottom)
        self._pad = pad
        row = min(self.cell, said.height // 3)
        self._dots = Area(said.x, said.y + said.height // 2 - row, said.width, row)
        self._message = self._dots._replace(y=self._dots.bottom)
        self._shown = None

    def buttons(self) -> list[Button]:
        gap, pad = self.gap, self._pad
        side = min((pad.width - 2 * gap) // 3, (pad.height - 3 * gap) // 4, 2 * self.cell)
        left = pad.x + (pad.width - 3 * side - 2 * gap) // 2
        top = pad.y + (pad.height - 4 * side - 3 * gap) // 2
        waits = self._waits() > 0
        made = []
        for number, name in enumerate(_PAD):
            row, column = divmod(number, 3)
            cell = Area(left + column * (side + gap), top + row * (side + gap), side, side)
            if not name:
                continue
            look: Look = "off" if waits or (name == "backspace" and not self._typed) else "plain"
            label, icon = ("", name) if name == "backspace" else (name, "")
            # Where the pad has little room, the gaps belong to the keys.
            reach = cell.inset(-(gap // 2))
            made.append(Button(name, cell, label, icon, look, reach=reach, scale=1.4))
        return made

    def tapped(self, name: str) -> None:
        self._settle()
        self._wrong = False
        if name == "backspace":
            self._typed = self._typed[:-1]
            return
        self._typed += name
        pin = self.host.config.kiosk.pin
        if len(self._typed) < len(pin):
            return
        if self.host.lock.opens(pin, self._typed, self.host.now()):
            self.host.go("settings")
        else:
            # The fifth one leads to a pause, and nothing is wrong after that.
            self._wrong, self._shaking = self._waits() == 0, self.host.now()

    def tick(self, now: float) -> float | None:
        if self._shaking is not None:
            if now - self._shaking < SHAKES:
                return now + FRAME
            self._settle()
        waits = self._waits()
        # The seconds are shown: on to the next one.
        return now + (waits % 1 or 1.0) if waits > 0 else None

    def draw(self) -> list[pygame.Rect]:
        self._draw_dots()
        return super().draw()

    def _waits(self) -> float:
        return self.host.lock.waits(self.host.now())

    def _settle(self) -> None:
        """The wrong dots are gone."""
        if self._shaking is not None:
            self._shaking, self._typed = None, ""

    def _draw_dots(self) -> None:
        surface, area = self.host.surface, self._dots
        count = max(1, len(self.host.config.kiosk.pin))
        pitch = min(area.width // (count + 1), round(1.2 * area.height))
        side = round(min(pitch, area.height) * 0.44)
        wrong = self._shaking is not None
        # A wrong answer shakes its head, less and less.
        share = (self.host.now() - self._shaking) / SHAKES if self._shaking is not None else 1.0
        swing = round(pitch * 0.35 * math.sin(share * 6 * math.pi) * max(0.0, 1 - share))
        waits = math.ceil(self._waits())
        shown = (len(self._typed), wrong, swing, waits, self._wrong)
        if shown == self._shown:
            return
        self._shown = shown
        pygame.draw.rect(surface, theme.GROUND, area)
        left = area.x + (area.width - pitch * count) // 2 + (pitch - side) // 2 + swing
        for number in range(count):
            full = number < len(self._typed)
            colour = theme.REJECT if wrong else theme.TEXT if full else theme.MUTED
            fill = colour if full else theme.GROUND
            dot = Area(left + number * pitch, area.y + (area.height - side) // 2, side, side)
            shapes.box(surface, dot, side / 2, fill, theme.GROUND, colour, 2)
        text, colour = "", theme.REJECT
        if waits:
            text, colour = tr("Wait {seconds} s").format(seconds=waits), theme.SEVERAL
        elif self._wrong:
            text = tr("Wrong PIN")
        pygame.draw.rect(surface, theme.GROUND, self._message)
        widgets.words(
            surface, self._message, text, self.text_size, colour, theme.GROUND, align="centre"
        )
        self.touch_up(area)
        self.touch_up(self._message)
