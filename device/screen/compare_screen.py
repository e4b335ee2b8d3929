"""Every model's answer to the same drawing, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pygame

from device.errors import ModelError
from device.language import tr
from device.normalise import SIDE
from device.reading import Reading, Verdict
from device.recognizer import Readers
from device.screen import paragraph, shapes, theme, widgets
from device.screen.area import Area
from device.screen.cards import Cards
from device.screen.model_page import ModelPage
from device.screen.state import Host
from device.screen.touch import Contact

_LEAST, _LARGEST = 2, 8
"""The model input is shown so many times as large."""


@dataclass(frozen=True)
class Answer:
    """What a model said; ``reading`` is None for one that is damaged."""

    name: str
    reading: Reading | None


class CompareScreen(ModelPage):
    """A card for each model that reads digits, filled in as its answer comes."""

    name = "compare"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._answers: dict[str, Answer] = {}

    @property
    def title(self) -> str:
        return tr("Compare")

    def enter(self) -> None:
        super().enter()
        self._pad = max(5, self.gap * 3 // 4)
        for self._times in range(_LARGEST, _LEAST - 1, -1):
            self._cards = self._in_rows()
            if not self._cards.most:
                break
        self._titles = self._names()
        self.host.ask(self._read, self._came)

    def handle(self, contact: Contact) -> None:
        self._cards.handle(contact)
        super().handle(contact)

    def answer(self, name: str) -> Answer | None:
        """What a model has said; None so far."""
        return self._answers.get(name)

    def _read(self, readers: Readers) -> Iterator[Answer]:
        ink, normalised = self.host.desk.ink, self.host.desk.normalised
        for entry in self._entries:
            if entry.name in self._answers:
                continue
            try:
                yield Answer(entry.name, readers.get(entry.name).read(ink, normalised))
            except ModelError:
                yield Answer(entry.name, None)

    def _came(self, answer: Answer) -> None:
        self._answers[answer.name] = answer
        self._cards.renew([entry.name for entry in self._entries].index(answer.name))

    # How a card looks.

    @property
    def _side(self) -> int:
        """Of the picture of what was seen, with its line."""
        return SIDE * self._times + 2

    def _in_rows(self) -> Cards:
        width = round(self._side * 2.0) + 2 * self._pad
        # The name, and the picture under it.
        height = paragraph.height(1, self.small_size) + self._side + 2 * self._pad
        count = len(self._entries)
        least = width, lambda _: height
        return Cards(self.host.surface, self.body, count, least, self.gap, self._paint)

    def _names(self) -> list[str]:
        """What the models are called, where it fits on the cards; else the short name of each."""
        face = theme.font(round(self.small_size * 0.9), True)
        room = self._cards.size[0] - 2 * self._pad
        titles = [entry.title for entry in self._entries]
        if all(face.size(title)[0] <= room for title in titles):
            return titles
        return [entry.name for entry in self._entries]

    def _paint(self, surface: pygame.Surface, number: int, _: bool) -> None:
        entry = self._entries[number]
        whole = Area(0, 0, *surface.get_size())
        widgets.card(surface, whole, max(8, self.gap))
        inner = whole.inset(self._pad)
        size = self.small_size
        head = inner._replace(height=paragraph.height(1, size))
        colour = theme.TEXT if entry.name == self.host.desk.model else theme.MUTED
        widgets.words(surface, head, self._titles[number], size, colour, theme.CARD, bold=True)
        body = Area(inner.x, head.bottom, inner.width, inner.bottom - head.bottom)
        answer = self._answers.get(entry.name)
        if answer is None:
            return
        reading = answer.reading
        if reading is None or reading.digit is None:
            text = tr("damaged") if reading is None else tr("sees nothing")
            shade = theme.REJECT if reading is None else theme.MUTED
            paragraph.paragraph(surface, body, text, size, shade, theme.CARD, align="centre")
            return
        side = self._side
        seen = Area(body.x, body.y + (body.height - side) // 2, side, side)
        widgets.model_input(surface, seen, reading.model_input)
        left = seen.right + self._pad
        self._said(surface, Area(left, seen.y, body.right - left, side), reading)

    def _said(self, surface: pygame.Surface, area: Area, reading: Reading) -> None:
        """Digit, verdict and probability, beside what was seen."""
        assert reading.digit is not None
        accent = theme.ACCENTS[reading.verdict]
        counts = reading.verdict is Verdict.ACCEPTED
        foot = paragraph.height(1, self.small_size)
        digit = area._replace(height=area.height - foot)
        colour = theme.TEXT if counts else theme.MUTED
        widgets.big_digit(surface, digit.inset(0, 2), reading.digit, colour, theme.CARD)
        line = area._replace(y=digit.bottom, height=foot)
        side = round(foot * 0.62)
        percent = f"{round(reading.probabilities[reading.digit] * 100)} %"
        width = shapes.width(percent, self.small_size, True)
        start = line.x + max(0, (line.width - width - side - 4) // 2)
        mark = shapes.icon(theme.SHAPES[reading.verdict], side, accent, theme.CARD)
        surface.blit(mark, (start, line.y + (foot - side) // 2))
        rest = line._replace(x=start + side + 4, width=line.right - start - side - 4)
        widgets.words(surface, rest, percent, self.small_size, accent, theme.CARD, bold=True)
