"""An answer at a glance: what it is about, the digit, how sure, and whether it counts."""

from __future__ import annotations

import pygame

from device.reading import Reading, Verdict
from device.screen import shapes, theme, widgets
from device.screen.area import Area


def answer(surface: pygame.Surface, area: Area, reading: Reading, about: str = "") -> None:
    """The digit, large, over its probability and the shape of its verdict, on a card; ``about``
    is said above it."""
    pygame.draw.rect(surface, theme.CARD, area)
    line = max(theme.SMALLEST + 2, round(area.height * 0.2))
    size = max(theme.SMALLEST, round(line * 0.82))
    top = area._replace(height=line if about else 0)
    widgets.words(surface, top, about, size, theme.MUTED, theme.CARD, align="centre")
    if reading.digit is None:
        return
    counts = reading.verdict is Verdict.ACCEPTED
    middle = Area(area.x, top.bottom, area.width, area.height - top.height - line)
    colour = theme.TEXT if counts else theme.MUTED
    widgets.big_digit(surface, middle.inset(0, line // 5), reading.digit, colour, theme.CARD)
    percent = f"{round(max(reading.probabilities) * 100)} %"
    width = shapes.width(percent, size, True)
    mark = round(line * 0.8)
    left = area.x + (area.width - width - mark - mark // 3) // 2
    accent = theme.ACCENTS[reading.verdict]
    icon = shapes.icon(theme.SHAPES[reading.verdict], mark, accent, theme.CARD)
    surface.blit(icon, (left, middle.bottom + (line - mark) // 2))
    words = Area(left + mark + mark // 3, middle.bottom, width + 2, line)
    widgets.words(surface, words, percent, size, theme.TEXT, theme.CARD, bold=True)
