"""Why: the drawing painted by what speaks for the answer, and what against it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pygame

from device import raster
from device.curve import Rows as Path
from device.curve import smooth
from device.ink import Ink
from device.language import tr
from device.reading import Reading, Verdict
from device.recognizer import Readers
from device.screen import shapes, theme, widgets
from device.screen.answer import answer
from device.screen.area import Area
from device.screen.halves import square_and_rest
from device.screen.page import Page
from device.screen.paragraph import paragraph
from device.screen.sheet import Sheet
from device.screen.state import Host
from device.screen.theme import Colour
from device.why import Why, explain

LEAST = 0.05
"""A piece whose weight is below this, either way, makes no difference to the eye."""

SHARE = 0.36
"""The column beside the drawing has at least this share of the page."""


class Progress(NamedTuple):
    """How far the explanation has come.

    Attributes:
        reading: what is explained.
        share_done: 0..1.
        picture: the painted drawing, uint8 (side, side, 3).
        decides: whether any piece of the drawing looked at makes a difference.
    """

    reading: Reading
    share_done: float
    picture: shapes.Picture
    decides: bool


class Brush(NamedTuple):
    """How the drawing is painted: the side of the picture (pixels), the pen (canvas units) and
    the colour of the paper."""

    side: int
    pen_width: float
    paper: Colour

    @property
    def neutral(self) -> Colour:
        """Of ink that makes no difference."""
        return theme.mixed(self.paper, theme.MUTED, 0.6)

    def of(self, weight: float) -> Colour:
        """Of ink with this weight (-1..1): the stronger, the farther from neutral."""
        strong = theme.ACCEPT if weight > 0 else theme.REJECT
        if sum(self.paper) > 3 * 128:
            strong = theme.mixed(strong, theme.GROUND, 0.3)
        return theme.mixed(self.neutral, strong, 0.35 + 0.65 * abs(weight))


def painted(ink: Ink, why: Why | None, brush: Brush) -> shapes.Picture:
    """The drawing, uint8 (side, side, 3), with the pieces that make a difference painted over it.

    What speaks for the answer is full and green, what speaks against it is red with an open core:
    the two can be told apart without the colours. The stronger, the brighter and the wider.
    """
    side, pen = brush.side, brush.pen_width
    picture = shapes.plain(side, side, brush.paper)
    cover = raster.draw(ink, side, pen * 0.7).astype(np.float32) / 255
    picture = shapes.painted(picture, brush.neutral, cover)
    if why is None:
        return picture
    pieces = sorted(zip(why.weights, why.paths, strict=True), key=lambda piece: abs(piece[0]))
    for weight, path in pieces:
        if abs(weight) >= LEAST:
            width = pen * (0.7 + 0.4 * abs(weight))
            _stroke(picture, [path], width, brush.of(weight))
    against = [path for weight, path in pieces if weight <= -LEAST]
    if against:
        _stroke(picture, against, pen * 0.3, brush.paper)
    return picture


def _stroke(picture: shapes.Picture, paths: Sequence[Path], width: float, colour: Colour) -> None:
    """Lines (canvas units) laid over a picture, in the window that they need."""
    side = len(picture)
    radius = width * side / 2
    lines = [smooth(path, raster.step(radius) / side) * side for path in paths]
    every = np.concatenate(lines)
    low = np.clip(np.floor(every.min(axis=0) - radius - 1), 0, side).astype(int)
    high = np.clip(np.ceil(every.max(axis=0) + radius + 1), 0, side).astype(int)
    (left, top), (right, bottom) = low.tolist(), high.tolist()
    if right > left and bottom > top:
        cover = raster.draw_paths(
            [line - low for line in lines], (bottom - top, right - left), radius
        )
        part = picture[top:bottom, left:right]
        part[:] = shapes.painted(part, colour, cover.astype(np.float32) / 255)


class WhyScreen(Page):
    """The painted drawing, the answer, and what the colours mean.

    Attributes:
        progress: how far it has come; None before the first answer.
    """

    name = "why"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.progress: Progress | None = None
        self._trouble = ""
        self._drawn: object = self
        self._sheet: Sheet
        self._card: Area

    @property
    def title(self) -> str:
        return tr("Why?")

    def enter(self) -> None:
        super().enter()
        surface, desk = self.host.surface, self.host.desk
        self._drawn = self
        if desk.ink.is_blank:
            widgets.words(
                surface,
                self.body,
                tr("nothing drawn yet"),
                self.text_size,
                theme.MUTED,
                theme.GROUND,
                align="centre",
            )
            return
        square, self._card = square_and_rest(self.body, self.gap, SHARE)
        self._sheet = Sheet(surface, square, self.radius, desk.inverse)
        self.touch_up(self._sheet.draw())
        self._ask()

    def _ask(self) -> None:
        desk = self.host.desk
        ink, model, normalised = desk.ink, desk.model, desk.normalised
        brush = Brush(self._sheet.inside.width, desk.pen_width, self._sheet.paper)

        def task(readers: Readers) -> Iterator[Progress]:
            recognizer = readers.get(model)
            reading = recognizer.read(ink, normalised)
            yield Progress(reading, 0.0, painted(ink, None, brush), False)
            if reading.verdict is Verdict.BLANK:
                return
            for why in explain(recognizer, ink, normalised):
                picture = painted(ink, why, brush)
                decides = any(abs(weight) >= LEAST for weight in why.weights)
                yield Progress(reading, why.share_done, picture, decides)

        self.host.ask(task, self._came, self._failed)

    def _came(self, progress: Progress) -> None:
        self.progress = progress

    def _failed(self, reason: str) -> None:
        self._trouble = reason

    def draw(self) -> list[pygame.Rect]:
        state = self._trouble or self.progress
        if state is not self._drawn and not self.host.desk.ink.is_blank:
            self._drawn = state
            if self.progress is not None:
                made = shapes.to_surface(self.progress.picture)
                self._sheet.place(made, 0, 0)
                self.touch_up(self._sheet.inside)
            self._draw_card()
            self.touch_up(self._card)
        return super().draw()

    def _draw_card(self) -> None:
        surface, size = self.host.surface, self.small_size
        widgets.card(surface, self._card, self.radius)
        inside = self._card.inset(self.gap)
        if self._trouble:
            paragraph(surface, inside, self._trouble, size, theme.SEVERAL, theme.CARD)
            return
        line = round(size * 1.9)
        about, legend = _split(inside, 4 * line)
        if self.progress is not None:
            answer(surface, about, self.progress.reading)
        self._draw_legend(legend._replace(height=3 * line), line)
        self._draw_foot(legend._replace(y=legend.bottom - line, height=line), max(4, line // 5))

    def _draw_legend(self, area: Area, line: int) -> None:
        """What each way of painting means, painted that way."""
        surface = self.host.surface
        rows = (
            (1.0, tr("speaks for it")),
            (-1.0, tr("speaks against it")),
            (0.0, tr("makes no difference")),
        )
        width = line * 3 // 2
        for number, (weight, text) in enumerate(rows):
            top = area.y + number * line
            swatch = Area(area.x, top + line // 6, width, line - line // 3)
            surface.blit(_swatch(weight, swatch.width, swatch.height), swatch)
            words = Area(swatch.right + line // 3, top, area.right - swatch.right - line // 3, line)
            widgets.words(surface, words, text, self.small_size, theme.TEXT, theme.CARD)

    def _draw_foot(self, area: Area, bar: int) -> None:
        """A quiet bar while it is being worked out; then, whether there is anything to see."""
        surface = self.host.surface
        share = self.progress.share_done if self.progress is not None else 0.0
        if share < 1.0:
            track = Area(area.x, area.y + (area.height - bar) // 2, area.width, bar)
            widgets.level(surface, track, share, theme.BAR, upright=False)
        elif self.progress is not None and not self.progress.decides:
            text = tr("no part decides alone")
            widgets.words(surface, area, text, self.small_size, theme.MUTED, theme.CARD)


def _split(area: Area, height: int) -> tuple[Area, Area]:
    """Where the answer is, and the legend of this height: under it, or beside it where there is
    more room."""
    if area.width > 1.2 * area.height:
        half = area.width // 2
        top = area.y + (area.height - height) // 2
        left = area._replace(width=half)
        return left.inset(0, area.height // 10), Area(left.right, top, half, height)
    room = area.height - height
    about = area._replace(height=min(room, area.width)).inset(0, room // 12)
    return about, Area(area.x, area.bottom - height, area.width, height)


def _swatch(weight: float, width: int, height: int) -> pygame.Surface:
    """A short stroke painted by its weight, on the card."""
    brush = Brush(width, height / width, theme.CARD)
    middle = height / width / 2
    reach = middle * 1.3
    path = np.array([(reach, 0.5), (1 - reach, 0.5)])
    why = Why([path], [weight], 1.0)
    ink = Ink.of([path])
    thinner = brush._replace(pen_width=brush.pen_width / 1.1)
    picture = painted(ink, why, thinner)
    top = (width - height) // 2
    return shapes.to_surface(picture[top : top + height])
