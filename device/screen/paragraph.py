"""Words on several lines."""

from __future__ import annotations

import re

import pygame

from device.screen import shapes, theme, widgets
from device.screen.area import Area
from device.screen.theme import Colour

_PITCH = 1.3
"""From one line to the next, in sizes of type."""

_ONE_LINE = 0.9
"""Words stay on one line as long as that keeps this share of their size."""

# Ideographs and kana have no spaces between words: a line may break after each, but not before
# what ends a sentence or a bracket. Long paths may break behind a slash.
_PIECES = re.compile(
    "[\u2e80-\u9fff\uff00-\uffef][\u3001\u3002\u3009\u300b\u300d\uff01\uff09\uff0c\uff1a\uff1f]*"
    "|[^\\s/\u2e80-\u9fff\uff00-\uffef]+/*|/+|\\s+"
)


def wrapped(text: str, width: int, size: int, bold: bool = False) -> list[str]:
    """Lines of at most ``width`` pixels; a word that is wider than that has a line of its own."""
    face = theme.font(size, bold, text)
    lines = [""]
    for piece in _PIECES.findall(text):
        if lines[-1] and face.size((lines[-1] + piece).rstrip())[0] > width:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]


def height(lines: int, size: int) -> int:
    """What so many lines take, pixels."""
    return round(lines * size * _PITCH)


def fitted(text: str, area: Area, size: int, bold: bool = False) -> tuple[list[str], int]:
    """Lines and a size of type that fit into an area; where even the smallest type does not, the
    lines that have room."""
    shown, smaller = shapes.fitting(text, area.width, size, bold)
    if shown == text and smaller >= _ONE_LINE * size:
        return [text], smaller
    lines: list[str] = []
    for smaller in range(size, theme.SMALLEST - 1, -1):
        lines = wrapped(text, area.width, smaller, bold)
        face = theme.font(smaller, bold, text)
        widest = max(face.size(line)[0] for line in lines)
        if widest <= area.width and height(len(lines), smaller) <= area.height:
            return lines, smaller
    room = max(1, int(area.height / (theme.SMALLEST * _PITCH)))
    return [*lines[: room - 1], " ".join(lines[room - 1 :])], theme.SMALLEST


def paragraph(
    surface: pygame.Surface,
    area: Area,
    text: str,
    size: int,
    colour: Colour,
    ground: Colour,
    *,
    bold: bool = False,
    align: widgets.Align = "left",
    top: bool = False,
) -> None:
    """Words on as many lines as they need, in the middle of the area's height (``top``: from its
    top), smaller where they would not fit."""
    lines, size = fitted(text, area, size, bold)
    if align == "centre" and len(lines) > 1:
        lines = _even(text, lines, area.width, size, bold)
    if len(lines) == 1 and not top:
        widgets.words(surface, area, text, size, colour, ground, bold=bold, align=align)
        return
    y = area.y if top else area.y + (area.height - height(len(lines), size)) // 2
    for number, line in enumerate(lines):
        start, end = height(number, size), height(number + 1, size)
        row = Area(area.x, y + start, area.width, end - start)
        widgets.words(surface, row, line, size, colour, ground, bold=bold, align=align)


def _even(text: str, lines: list[str], width: int, size: int, bold: bool) -> list[str]:
    """As many lines, but none much longer than the others."""
    for narrower in range(width - 4, width // 2, -4):
        made = wrapped(text, narrower, size, bold)
        face = theme.font(size, bold, text)
        if len(made) > len(lines) or max(face.size(line)[0] for line in made) > narrower:
            break
        lines = made
    return lines
