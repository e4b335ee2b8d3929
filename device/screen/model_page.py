"""A page with a card for each model that reads digits."""

from __future__ import annotations

import pygame

from device.screen.area import Area
from device.screen.cards import Cards
from device.screen.page import Page
from device.screen.state import Host


class ModelPage(Page):
    """Subclasses make :attr:`_cards`, one for each of :attr:`_entries`, when they are entered."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._entries = [host.library.entry(name) for name in host.library.digit_models]
        self._cards: Cards

    def target(self, name: str) -> Area:
        for number, entry in enumerate(self._entries):
            if entry.name == name:
                return self._cards.place(number)
        return super().target(name)

    def draw(self) -> list[pygame.Rect]:
        return [*super().draw(), *self._cards.draw()]
