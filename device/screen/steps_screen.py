"""What the model sees: the input pipeline of the chosen model, one picture a step."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pygame

from device.language import tr
from device.raster import Pixels
from device.recognizer import Readers
from device.screen import controls, shapes, theme, widgets
from device.screen.area import Area
from device.screen.controls import Button
from device.screen.halves import square_and_rest
from device.screen.page import Page
from device.screen.paragraph import paragraph
from device.screen.state import Host
from device.steps import Step, steps

SHARE = 0.38
"""The small pictures have at least this share of the page."""

_NAME = "step "


class StepsScreen(Page):
    """One step large, at first the last one, the model input; the others small, to be tapped.

    Attributes:
        steps: from the drawn canvas to the model input; none before they have come.
        chosen: the number of the one that is large.
    """

    name = "steps"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.steps: tuple[Step, ...] = ()
        self.chosen = 0
        self._trouble = ""
        self._drawn: tuple[object, ...] | None = None
        self._square: Area
        self._rest: Area
        self._cells: list[Area] = []

    @property
    def title(self) -> str:
        return tr("What the model sees")

    def enter(self) -> None:
        super().enter()
        self._drawn = None
        desk = self.host.desk
        if desk.ink.is_blank:
            self._say(tr("nothing drawn yet"), theme.MUTED)
            return
        self._draw_model(desk.model)
        self._square, self._rest = square_and_rest(self.body, self.gap, SHARE)
        self._cells = _cells(self._rest, len(self.steps), self.gap)
        if not self.steps:
            self._ask()

    def _draw_model(self, model: str) -> None:
        """Whose pipeline it is, where the title leaves room."""
        size = self.small_size
        title = shapes.width(self.title, round(self.text_size * 1.3), True)
        room = self.heading.width - title - 2 * self.gap
        area = Area(self.heading.right - room, self.heading.y, room, self.heading.height)
        text = widgets.first_fitting((model, ""), room, size)
        widgets.words(self.host.surface, area, text, size, theme.MUTED, theme.GROUND, align="right")

    def _say(self, text: str, colour: theme.Colour) -> None:
        surface, size = self.host.surface, self.text_size
        paragraph(surface, self.body, text, size, colour, theme.GROUND, align="centre")
        self.touch_up(self.body)

    def _ask(self) -> None:
        desk = self.host.desk
        ink, model, normalised = desk.ink, desk.model, desk.normalised

        def task(readers: Readers) -> Iterator[tuple[Step, ...]]:
            pipeline = readers.get(model).pipeline
            yield steps(pipeline if normalised else pipeline.as_drawn, ink)

        self.host.ask(task, self._came, self._failed)

    def _came(self, made: tuple[Step, ...]) -> None:
        self.steps = made
        self.chosen = len(made) - 1
        self._cells = _cells(self._rest, len(made), self.gap)

    def _failed(self, reason: str) -> None:
        self._trouble = reason

    def buttons(self) -> list[Button]:
        return [
            Button(f"{_NAME}{number}", area, look="on" if number == self.chosen else "plain")
            for number, area in enumerate(self._cells)
        ]

    def tapped(self, name: str) -> None:
        self.chosen = int(name.removeprefix(_NAME))

    def draw(self) -> list[pygame.Rect]:
        state = (len(self.steps), self.chosen, self._trouble)
        if state != self._drawn:
            self._drawn = state
            if self._trouble:
                self._say(self._trouble, theme.SEVERAL)
            elif self.steps:
                self._draw_large()
        dirty = super().draw()
        for number, area in enumerate(self._cells):
            if pygame.Rect(area) in dirty:
                self._draw_small(number, area)
        return dirty

    def _draw_large(self) -> None:
        surface, square = self.host.surface, self._square
        step = self.steps[self.chosen]
        widgets.card(surface, square, self.radius)
        line = round(self.small_size * 2)
        _picture(surface, square.inset(self.gap // 2)._replace(height=square.height - line), step)
        height, width = step.picture.shape
        name, pixels = tr(step.name), f"{width} × {height}"
        area = Area(square.x, square.bottom - line, square.width, line).inset(self.gap, 0)
        size = self.small_size
        taken = widgets.words(surface, area, pixels, size, theme.MUTED, theme.CARD, align="right")
        words = area._replace(width=area.width - taken - self.gap)
        last = self.chosen == len(self.steps) - 1
        forms = (f"{name} · {tr('the model input')}", tr("the model input")) if last else (name,)
        text = widgets.first_fitting(forms, words.width, size)
        widgets.words(surface, words, text, size, theme.TEXT, theme.CARD)
        self.touch_up(square)

    def _draw_small(self, number: int, area: Area) -> None:
        """A step on its button: the picture, and its number and name under it."""
        surface, step = self.host.surface, self.steps[number]
        button = self.controls.buttons[f"{_NAME}{number}"]
        fill, _, colour = controls.colours(button.look, self.controls.holding == button.name)
        size = self.small_size
        inside = area.inset(max(4, self.gap // 2))
        align: widgets.Align
        if area.width > 2.2 * area.height:
            place = inside._replace(width=inside.height)
            left = place.right + self.gap
            words = Area(left, inside.y, inside.right - left, inside.height)
            align = "left"
        else:
            line = round(size * 1.6)
            place = inside._replace(height=inside.height - line)
            words = Area(inside.x, place.bottom, inside.width, line)
            align = "centre"
        _picture(surface, place, step)
        texts = (f"{number + 1} · {tr(step.name)}", tr(step.name))
        text = widgets.first_fitting(texts, words.width, size)
        widgets.words(surface, words, text, size, colour, fill, align=align)


def _cells(area: Area, count: int, gap: int) -> list[Area]:
    """A cell for each step: one line of them, two where there are more than three."""
    if not count:
        return []
    gap = max(4, gap // 2)
    lines = 1 if count <= 3 else 2
    each = math.ceil(count / lines)
    columns, rows = (each, lines) if area.height < area.width * 0.8 else (lines, each)
    width, height = (area.width + gap) // columns - gap, (area.height + gap) // rows - gap
    height = min(height, round(width * 1.25))
    return [
        Area(
            area.x + number % columns * (width + gap),
            area.y + number // columns * (height + gap),
            width,
            height,
        )
        for number in range(count)
    ]


def _picture(surface: pygame.Surface, area: Area, step: Step) -> None:
    """A step's picture in the middle of an area, with a line around it; whole pixels where it is
    enlarged."""
    made = _sized(step.picture, area.width - 2, area.height - 2)
    height, width = made.shape
    left, top = area.x + (area.width - width) // 2, area.y + (area.height - height) // 2
    pygame.draw.rect(surface, theme.LINE, (left - 1, top - 1, width + 2, height + 2), 1)
    colours = np.repeat(made[:, :, None], 3, axis=2)
    surface.blit(shapes.to_surface(colours), (left, top))


def _sized(picture: Pixels, width: int, height: int) -> Pixels:
    """A picture as large as it can be within ``width`` x ``height``: each pixel twice or a larger
    whole number of times, or smoothly resized."""
    rows, columns = picture.shape
    times = min(width // columns, height // rows)
    if times >= 2:
        return np.repeat(np.repeat(picture, times, axis=0), times, axis=1)
    scale = min(width / columns, height / rows)
    size = (max(1, math.floor(columns * scale)), max(1, math.floor(rows * scale)))
    grey = np.repeat(picture.T[:, :, None], 3, axis=2)
    made = pygame.transform.smoothscale(pygame.surfarray.make_surface(grey), size)
    return pygame.surfarray.array_red(made).T
