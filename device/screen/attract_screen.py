"""While nobody is there: a digit draws itself and is read, each time somewhere else.

Nothing stands in one place for long, so that nothing burns in; and nothing is drawn while a
finished digit rests.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pygame

from device import session
from device.ink import Ink
from device.language import LANGUAGES, current, tr
from device.reading import Reading, Verdict
from device.recognizer import Readers
from device.screen import theme, widgets
from device.screen.area import Area
from device.screen.canvas import Canvas
from device.screen.layout import arrange
from device.screen.state import Host, Screen

GROWS = 1.8
"""How long (seconds) a digit takes to draw itself ..."""

RESTS = 4.5
"""... and how long it is shown with its reading."""

FRAME = 1 / 30
"""Between two pictures of a growing line, seconds."""

_CARD = 0.8
"""How wide the answer is, as a share of the canvas's side."""

_ACROSS, _DOWN = 0.618034, 0.754878
"""Multiples of these, without their whole part, never come near each other soon."""


class AttractScreen(Screen):
    """Asks passers-by to draw, in every language that can be shown.

    Attributes:
        place: where the canvas, the answer and the words are together.
    """

    name = "attract"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._drawings = session.digits()
        self._number = random.randrange(1000)
        self.place: Area
        self._canvas: Canvas
        self._card: Area
        self._code = current()
        self._ink: Ink
        self._since = 0.0
        self._grown = 0
        self._reading: Reading | None = None

    def enter(self) -> None:
        super().enter()
        ink = self._drawings[self._number % len(self._drawings)].ink
        self._ink, self._reading, self._grown = ink, None, 0
        self._since = self.host.now()
        self._arrange()
        model = self.host.desk.model

        def read(readers: Readers) -> Iterator[Reading]:
            yield readers.get(model).read(ink)

        # Without an answer the digit is shown alone; why there is none stands in the log.
        self.host.ask(read, self._came, lambda _: None)

    def tick(self, now: float) -> float:
        end = self._since + GROWS
        if now >= end + RESTS:
            self._number += 1
            self.enter()
            return now + FRAME
        self._grow((now - self._since) / GROWS)
        if now < end:
            return now + FRAME
        return end + RESTS

    def draw(self) -> list[pygame.Rect]:
        return [*super().draw(), *self._canvas.take_dirty()]

    def _arrange(self) -> None:
        """Canvas and answer side by side, the words under them, all of it somewhere else than
        before."""
        area, surface = self.area, self.host.surface
        side = min(round(area.height * 0.5), round(area.width * 0.44))
        gap = max(6, side // 20)
        line = round(side * 0.22)
        width, height = side + gap + round(side * _CARD), side + gap + line
        room = area.inset(gap)
        left = room.x + round((room.width - width) * (self._number * _ACROSS % 1))
        top = room.y + round((room.height - height) * (self._number * _DOWN % 1))
        self.place = Area(left, top, width, height)
        thickness = max(2, side // 150)
        canvas = Area(left, top, side, side)
        layout = replace(
            arrange(area.width, area.height),
            canvas=canvas,
            paper=canvas.inset(thickness),
            thickness=thickness,
            radius=max(6, side // 20),
        )
        desk = self.host.desk
        self._canvas = Canvas(surface, layout, desk.pen_width, desk.inverse)
        self._card = Area(canvas.right + gap, top, width - side - gap, side)
        widgets.card(surface, self._card, layout.radius)
        words = Area(left, canvas.bottom + gap, width, line)
        self._code = self._language()
        size = round(side * 0.12)
        text = tr("Touch to draw", self._code)
        widgets.words(surface, words, text, size, theme.TEXT, theme.GROUND, align="centre")

    def _language(self) -> str:
        """Another one each time."""
        codes = [code for code in LANGUAGES if theme.can_show(code)]
        return codes[self._number % len(codes)] if codes else current()

    def _grow(self, share: float) -> None:
        """Draw the part of the digit that is there by now."""
        count = sum(map(len, self._ink.strokes))
        upto = min(count, round(share * count))
        if upto <= self._grown:
            return
        passed = 0
        for stroke in self._ink.strokes:
            for number, point in enumerate(stroke):
                if self._grown <= passed + number < upto:
                    if number == 0:
                        self._canvas.begin()
                    self._canvas.add(point.x, point.y)
            passed += len(stroke)
            if self._grown < passed <= upto:
                self._canvas.end()
        self._grown = upto
        if upto == count:
            self._answer()

    def _came(self, reading: Reading) -> None:
        self._reading = reading
        if self._grown == sum(map(len, self._ink.strokes)):
            self._answer()

    def _answer(self) -> None:
        """The digit and whether it counts, once all of it is drawn."""
        reading, card, surface = self._reading, self._card, self.host.surface
        if reading is None or reading.digit is None:
            return
        radius = max(6, card.height // 20)
        band = card._replace(height=round(card.height * 0.2))
        size = round(band.height * 0.42)
        widgets.verdict_band(surface, band, card, reading.verdict, size, radius, self._code)
        body = Area(card.x, band.bottom, card.width, card.height - band.height)
        colour = theme.TEXT if reading.verdict is Verdict.ACCEPTED else theme.MUTED
        widgets.big_digit(surface, body.inset(card.width // 6), reading.digit, colour, theme.CARD)
        self.touch_up(card)
