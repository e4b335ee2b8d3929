"""360: the drawing turns once around, and is read at every ten degrees."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pygame

from device import raster
from device.ink import Ink
from device.language import tr
from device.reading import Reading, Verdict
from device.recognizer import Readers
from device.screen import theme, widgets
from device.screen.answer import answer
from device.screen.area import Area
from device.screen.controls import Button
from device.screen.halves import square_and_rest
from device.screen.page import Page
from device.screen.paragraph import paragraph
from device.screen.polar import Polar
from device.screen.sheet import Sheet
from device.screen.state import Host
from device.screen.touch import Contact
from device.turn import ANGLES, full_turn

SECONDS = 4.0
"""How long the whole turn takes."""

FRAME = 1 / 30
"""Between two pictures, seconds."""

STEP = 360 / len(ANGLES)


class TurnScreen(Page):
    """The drawing on its paper, and a plot of its readings by angle.

    All readings are made in one batch before it begins to turn. Once it rests, a finger on the
    plot turns it to an angle that has been read.
    """

    name = "turn"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.readings: tuple[Reading, ...] = ()
        self._trouble = ""
        self._since: float | None = None
        self._angle = 0.0
        self._seen = 0
        self._plotted = 0
        self._drawn: tuple[object, ...] | None = None
        self._plot: Polar
        self._sheet: Sheet
        self._turning: _Turning
        self._note: Area

    @property
    def title(self) -> str:
        return tr("A full turn")

    @property
    def running(self) -> bool:
        """Whether it turns, or is about to."""
        return self._since is not None or not (self.readings or self._trouble or self._blank)

    @property
    def _blank(self) -> bool:
        return self.host.desk.ink.is_blank

    def enter(self) -> None:
        super().enter()
        self._drawn = None
        if self._blank:
            text = tr("nothing drawn yet")
            surface, size = self.host.surface, self.text_size
            widgets.words(surface, self.body, text, size, theme.MUTED, theme.GROUND, align="centre")
            return
        self._arrange()
        self.touch_up(self._sheet.draw())
        self.touch_up(self._plot.draw())
        self._plotted = 0
        if not self.readings:
            self._ask()

    def _arrange(self) -> None:
        surface, desk, body = self.host.surface, self.host.desk, self.body
        line = round(self.text_size * 1.7)
        square, rest = square_and_rest(body._replace(height=body.height - line), self.gap, 0.5)
        self._note = Area(body.x, rest.bottom, body.width, line)
        self._sheet = Sheet(surface, square, self.radius, desk.inverse)
        self._plot = Polar(surface, rest, self.radius)
        self._turning = _Turning(desk.ink, self._sheet, desk.pen_width)

    def _ask(self) -> None:
        desk = self.host.desk
        ink, model, normalised = desk.ink, desk.model, desk.normalised

        def task(readers: Readers) -> Iterator[tuple[Reading, ...]]:
            yield full_turn(readers.get(model), ink, normalised)

        self.host.ask(task, self._came, self._failed)

    def _came(self, readings: tuple[Reading, ...]) -> None:
        self.readings = readings
        self._since = self.host.now()

    def _failed(self, reason: str) -> None:
        self._trouble = reason

    def buttons(self) -> list[Button]:
        if self._blank or self._trouble:
            return []
        width = max(2 * self.cell, self.heading.width // 4)
        area = Area(self.heading.right - width, self.heading.y, width, self.cell)
        if self.running:
            return [Button("stop", area, tr("Stop"), look="second")]
        return [Button("again", area, tr("Again"), look="primary")]

    def tapped(self, name: str) -> None:
        match name:
            case "stop":
                self.host.drop()
                self._since = None
                if not self.readings:
                    self.host.back()
            case "again":
                self._seen = self._plotted = 0
                self._angle = 0.0
                self._since = self.host.now()
                self.touch_up(self._plot.draw())

    def handle(self, contact: Contact) -> None:
        super().handle(contact)
        if contact.finger or self.running or not self._seen or contact.kind == "up":
            return
        angle = self._plot.angle_at(contact.x, contact.y)
        if angle is not None:
            number = round(angle / STEP) % len(ANGLES)
            if number < self._seen:
                self._angle = float(ANGLES[number])

    def tick(self, now: float) -> float | None:
        if self._since is None:
            return None
        self._angle = 360 * (now - self._since) / SECONDS
        self._seen = min(len(ANGLES), int(self._angle / STEP) + 1)
        if self._angle >= 360:
            self._angle, self._since = 0.0, None
            return None
        return now + FRAME

    def draw(self) -> list[pygame.Rect]:
        state = (self._angle, self._seen, self.running, self._trouble)
        if not self._blank and state != self._drawn:
            self._drawn = state
            self.touch_up(self._turning.draw(self._angle))
            self._draw_plot()
            self._draw_note()
        return super().draw()

    def _draw_plot(self) -> None:
        if self._trouble:
            place, size = self._plot.area.inset(self.gap), self.text_size
            widgets.card(self.host.surface, self._plot.area, self.radius)
            paragraph(self.host.surface, place, self._trouble, size, theme.SEVERAL, theme.CARD)
            self.touch_up(self._plot.area)
        if not self.readings or not self._seen:
            return
        while self._plotted < self._seen:
            self._plot.add(self._plotted, self.readings[self._plotted])
            self._plotted += 1
        self._plot.point(self._angle)
        number = int(self._angle / STEP) % len(ANGLES)
        reading = self.readings[number]
        answer(self.host.surface, self._plot.middle, reading, f"{ANGLES[number]}°")
        self.touch_up(self._plot.area)

    def _draw_note(self) -> None:
        surface, area = self.host.surface, self._note
        pygame.draw.rect(surface, theme.GROUND, area)
        self.touch_up(area)
        text, size = self._words(), self.small_size
        widgets.words(surface, area, text, size, theme.MUTED, theme.GROUND, align="centre")

    def _words(self) -> str:
        """What has come of it: at how many angles it still reads as it does upright."""
        if self.running or not self.readings:
            return ""
        seen = self.readings[: self._seen]
        upright = seen[0].digit
        if upright is None:
            return ""
        same = sum(
            reading.digit == upright and reading.verdict is not Verdict.REJECTED for reading in seen
        )
        text = tr("reads {digit} at {count} of {total} angles")
        return text.format(digit=upright, count=same, total=len(seen))


class _Turning:
    """The drawing on a sheet, at any angle.

    It is made into pixels once; then a picture is turned, and a frame costs the same however much
    is drawn.
    """

    def __init__(self, ink: Ink, sheet: Sheet, pen_width: float) -> None:
        assert ink.bounds is not None, "there is nothing to turn"
        self._sheet = sheet
        scale = sheet.inside.width
        centre = np.array(ink.bounds.centre)
        every = np.concatenate([stroke.xy for stroke in ink.strokes if len(stroke)])
        reach = float(np.hypot(*(every - centre).T).max()) + pen_width
        # What lies farther from the centre than every corner of the sheet is never seen.
        farthest = float(np.hypot(*np.maximum(np.abs(centre), np.abs(1 - centre))))
        side = 2 * math.ceil(min(reach, farthest) * scale)
        share = side / scale
        x, y = centre - share / 2
        pixels = raster.draw(ink.moved(-x, -y).scaled(1 / share, (0, 0)), side, pen_width / share)
        self._upright = pygame.Surface((side, side), 0, 32)
        grey = np.repeat(pixels.T[:, :, None], 3, axis=2)
        pygame.surfarray.blit_array(self._upright, grey)
        self._centre = tuple(np.rint(centre * scale).astype(int).tolist())
        self._palette = [theme.mixed(sheet.paper, sheet.ink, i / 255) for i in range(256)]

    def draw(self, angle: float) -> pygame.Rect:
        """Turned clockwise by ``angle`` degrees; returns where that is."""
        turned = pygame.transform.rotozoom(self._upright, -angle, 1.0)
        cover = pygame.surfarray.array_red(turned)
        # As indices into the shades between paper and ink, nothing has to be blended.
        picture = pygame.Surface(turned.get_size(), depth=8)
        picture.set_palette(self._palette)
        pygame.surfarray.blit_array(picture, cover)
        width, height = picture.get_size()
        changed = self._sheet.wipe()
        self._sheet.place(picture, self._centre[0] - width // 2, self._centre[1] - height // 2)
        return changed
