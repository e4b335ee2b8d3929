"""Choose the model: what each is, how well it reads, and how fast on this device."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pygame

from device.errors import ModelError
from device.language import N_, tr
from device.library import ModelEntry
from device.recognizer import Readers
from device.screen import icons, paragraph, shapes, theme, widgets
from device.screen.area import Area
from device.screen.cards import Cards
from device.screen.controls import Look, colours
from device.screen.model_page import ModelPage
from device.screen.state import Host
from device.screen.touch import Contact

ACCURACIES = (("mnist-test", N_("MNIST")), ("pendigits-validation", N_("drawn")))
"""The data sets whose accuracy is shown, and their heading (English)."""

_QUIET = 0.62
"""How much of the text's colour is in that of what matters less."""

_DASH = "–"
"""What is not known (yet)."""


@dataclass(frozen=True)
class Speed:
    """How fast a model is on this device; ``microseconds`` is None for one that is damaged."""

    name: str
    microseconds: float | None


class ModelsScreen(ModelPage):
    """A card for each model that reads digits; a tap chooses it for this visitor."""

    name = "models"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._speeds: dict[str, Speed] = {}

    @property
    def title(self) -> str:
        return tr("Choose the model")

    def enter(self) -> None:
        super().enter()
        self._pad = self.gap + 2
        least = 24 * self.small_size, self._height
        count = len(self._entries)
        self._cards = Cards(self.host.surface, self.body, count, least, self.gap, self._paint)
        names = [entry.name for entry in self._entries]
        if self.host.desk.model in names:
            self._cards.reveal(names.index(self.host.desk.model))
        self.host.ask(self._measure, self._measured)

    def handle(self, contact: Contact) -> None:
        number = self._cards.handle(contact)
        if number is None:
            super().handle(contact)
            return
        name = self._entries[number].name
        if not self._damaged(name):
            self.host.desk.read_with(name)
            self.host.go("main")

    def speed(self, name: str) -> Speed | None:
        """What has been measured of a model; None so far."""
        return self._speeds.get(name)

    def _measure(self, readers: Readers) -> Iterator[Speed]:
        for entry in self._entries:
            if entry.name in self._speeds:
                continue
            try:
                yield Speed(entry.name, readers.get(entry.name).microseconds())
            except ModelError:
                yield Speed(entry.name, None)

    def _measured(self, speed: Speed) -> None:
        self._speeds[speed.name] = speed
        self._cards.renew([entry.name for entry in self._entries].index(speed.name))

    def _damaged(self, name: str) -> bool:
        speed = self._speeds.get(name)
        return speed is not None and speed.microseconds is None

    # How a card looks.

    def _sizes(self) -> tuple[int, int, int]:
        """Of the title, of the words and of what stands over the numbers."""
        return self.text_size, self.small_size, max(theme.SMALLEST, round(self.small_size * 0.85))

    def _words(self, width: int) -> list[tuple[list[str], list[str]]]:
        """Description and origin of each model in lines."""
        size = self._sizes()[1]
        return [
            (
                paragraph.wrapped(tr(entry.description), width, size),
                paragraph.wrapped(entry.origin, width, size),
            )
            for entry in self._entries
        ]

    def _height(self, width: int) -> int:
        """What the card with the most words needs."""
        title, small, tiny = self._sizes()
        words = self._words(width - 2 * self._pad)
        lines = max(len(description) + len(origin) for description, origin in words)
        parts = (
            paragraph.height(1, title),
            paragraph.height(lines, small) + self._pad // 2,
            self._pad // 2 + paragraph.height(1, tiny) + paragraph.height(1, small),
        )
        return sum(parts) + 2 * self._pad

    def _paint(self, surface: pygame.Surface, number: int, pressed: bool) -> None:
        entry = self._entries[number]
        damaged, chosen = self._damaged(entry.name), entry.name == self.host.desk.model
        look: Look = "off" if damaged else "on" if chosen else "plain"
        fill, border, colour = colours(look, pressed and not damaged)
        whole = Area(0, 0, *surface.get_size())
        radius = max(8, self.gap)
        shapes.box(surface, whole, radius, fill, theme.GROUND, border, 2)
        inner = whole.inset(self._pad)
        title, small, tiny = self._sizes()
        top = inner._replace(height=paragraph.height(1, title))
        mark = self._mark(surface, top, fill, damaged, chosen)
        rest = top._replace(width=top.width - mark)
        used = widgets.words(surface, rest, entry.title, title, colour, fill, bold=True)
        rest = Area(rest.x + used + self.gap, rest.y, rest.width - used - self.gap, rest.height)
        if shapes.width(entry.name, small) <= rest.width:
            quiet = theme.mixed(fill, theme.TEXT, _QUIET)
            widgets.words(surface, rest, entry.name, small, quiet, fill, align="right")
        y = top.bottom
        for text, share in ((tr(entry.description), 0.78), (entry.origin, _QUIET)):
            shade = theme.mixed(fill, theme.TEXT, share)
            for line in paragraph.wrapped(text, inner.width, small):
                row = Area(inner.x, y, inner.width, paragraph.height(1, small))
                widgets.words(surface, row, line, small, shade, fill)
                y = row.bottom
        foot = paragraph.height(1, tiny) + paragraph.height(1, small)
        self._facts(surface, inner._replace(y=inner.bottom - foot, height=foot), entry, fill)

    def _mark(
        self, surface: pygame.Surface, row: Area, fill: theme.Colour, damaged: bool, chosen: bool
    ) -> int:
        """Chosen, or damaged, at the right end of the title's row; returns its width."""
        side = round(row.height * 0.8)
        if damaged:
            size, words = self.small_size, tr("damaged")
            colour = theme.REJECT
            surface.blit(icons.icon("cross", side, colour, fill), (row.right - side, row.y))
            rest = row._replace(width=row.width - side - 4)
            used = widgets.words(surface, rest, words, size, colour, fill, align="right")
            return self.gap + side + 4 + used
        if chosen:
            mark = icons.icon("check", side, theme.TEXT, fill)
            surface.blit(mark, (row.right - side, row.y))
            return self.gap + side
        return 0

    def _facts(
        self, surface: pygame.Surface, area: Area, entry: ModelEntry, fill: theme.Colour
    ) -> None:
        _, small, tiny = self._sizes()
        head, width = paragraph.height(1, tiny), area.width // 4
        for number, (label, value) in enumerate(self._numbers(entry)):
            cell = Area(area.x + number * width, area.y, width - 4, head)
            quiet = theme.mixed(fill, theme.TEXT, _QUIET)
            widgets.words(surface, cell, label, tiny, quiet, fill)
            below = cell._replace(y=cell.bottom, height=area.height - head)
            widgets.words(surface, below, value, small, theme.TEXT, fill, bold=True)

    def _numbers(self, entry: ModelEntry) -> list[tuple[str, str]]:
        speed = self._speeds.get(entry.name)
        return [
            (tr("size"), f"{entry.bytes / 1000:.0f} KB"),
            *((tr(label), _percent(entry, data)) for data, label in ACCURACIES),
            (tr("speed"), _time(speed.microseconds if speed else None)),
        ]


def _percent(entry: ModelEntry, data: str) -> str:
    score = entry.accuracy.get(data)
    return _DASH if score is None else f"{score.int8:.1f} %"


def _time(microseconds: float | None) -> str:
    if microseconds is None:
        return _DASH
    return f"{microseconds:.0f} µs" if microseconds < 1000 else f"{microseconds / 1000:.1f} ms"
