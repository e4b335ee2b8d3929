"""Teach: draw, and say what it is; the drawing is kept under its label."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import pygame

from device.desk import Desk
from device.ink import Ink
from device.language import tr
from device.reading import Reading, Verdict
from device.recognizer import Readers
from device.samples import LABELS, NOT_A_DIGIT, Sample, Samples
from device.screen import panels, shapes, theme, widgets
from device.screen.area import Area
from device.screen.canvas import Canvas
from device.screen.chores import Chores, room
from device.screen.controls import Button, Look
from device.screen.hand import Hand
from device.screen.layout import arrange
from device.screen.page import Page
from device.screen.paragraph import height, paragraph
from device.screen.places import UPRIGHT, grid
from device.screen.state import Host
from device.screen.touch import Contact

_LEAST_CANVAS = 0.6
"""The canvas keeps this share of the largest side that it could have; the rest goes to buttons."""


@dataclass(frozen=True)
class Kept:
    """What there is already: drawings by label, whether one can be brought back, free bytes."""

    counts: dict[str, int]
    can_restore: bool
    free: int

    @classmethod
    def of(cls, samples: Samples) -> Kept:
        """Looks at the disk.

        Raises:
            SamplesError: the drawings cannot be read.
        """
        return cls(samples.counts(), samples.can_restore, samples.free_bytes())

    @property
    def total(self) -> int:
        return sum(self.counts.values())


class TeachScreen(Page):
    """A canvas of its own, and a button for everything that a drawing can be."""

    name = "teach"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        desk = host.desk
        self._desk = Desk(desk.model, desk.pen_width, inverse=desk.inverse)
        self._chores = Chores()
        self._kept: Kept | None = None
        self._said = self._error = ""
        self._shown: tuple[object, ...] = ()
        self._version = -1
        self._canvas: Canvas
        self._hand: Hand
        self._paper: Area
        self._cells: list[Area]
        self._status: Area
        self._do(lambda _: None, lambda _: "")

    @property
    def title(self) -> str:
        return tr("Teach")

    @property
    def kept(self) -> Kept | None:
        """What there is on the disk; None as long as nobody has looked."""
        return self._kept

    @property
    def busy(self) -> bool:
        """Whether the disk is at work."""
        return self._chores.busy

    def enter(self) -> None:
        super().enter()
        if self._tools()[0].area.x < self.heading.x + self._title_width():
            # The narrowest panel has room for the tools alone.
            self.host.surface.fill(theme.GROUND, self.heading)
        canvas = self._arrange()
        width, height_, screen = *self.area[2:], self.host.config.screen
        thickness = max(2, canvas.width // 150)
        self._paper = canvas.inset(thickness)
        layout = replace(
            arrange(width, height_, screen.inches),
            canvas=canvas,
            paper=self._paper,
            thickness=thickness,
        )
        desk = self._desk
        self._canvas = Canvas(self.host.surface, layout, desk.pen_width, desk.inverse)
        self._hand = Hand(desk, self._canvas, self._paper)
        self._version = -1
        self._shown = ()

    def lift(self) -> None:
        self._hand.lift()

    def clear(self) -> None:
        self._desk.clear()

    def leave(self) -> None:
        self._chores.close(self.host.samples.close)
        super().leave()

    def to_window(self, x: float, y: float) -> tuple[float, float]:
        return self._paper.x + x * self._paper.width, self._paper.y + y * self._paper.width

    def handle(self, contact: Contact) -> None:
        if not self._hand.handle(contact):
            super().handle(contact)
            return
        self._version = self._hand.shown
        self._said = self._error = ""
        if contact.kind == "up" and not self._desk.ink.is_blank:
            self.host.ask(
                partial(_guess, self._desk.ink, self._desk.model),
                partial(self._guessed, self._desk.version),
            )

    def tick(self, now: float) -> float | None:
        return self._chores.tick(now)

    def draw(self) -> list[pygame.Rect]:
        if self._version != self._desk.version:
            self._version = self._desk.version
            self._canvas.show(self._desk.ink, hinting=True)
        self._draw_status()
        return [*super().draw(), *self._canvas.take_dirty()]

    def buttons(self) -> list[Button]:
        counts = self._kept.counts if self._kept else {}
        look: Look = "off" if self._desk.ink.is_blank else "plain"
        made = []
        for name, area in zip((*LABELS, "clear"), self._cells, strict=True):
            note = str(counts.get(name, ""))
            label = {NOT_A_DIGIT: tr("not a digit"), "clear": tr("Clear")}.get(name, name)
            scale = 1.6 if name.isdigit() else 1.0
            made.append(Button(name, area, label, look=look, note=note, scale=scale))
        return [*made, *self._tools()]

    def tapped(self, name: str) -> None:
        self._error = self._said = ""
        if name in LABELS:
            self._keep(self._desk.ink, name)
        elif name == "clear":
            self._desk.forget()
        elif name == "delete":
            self._do(lambda samples: samples.delete_last(), _deleted)
        elif name == "restore":
            self._do(lambda samples: samples.restore(), _restored)
        else:
            self.host.go(name)

    # The disk.

    def _keep(self, ink: Ink, label: str) -> None:
        self._desk.forget()
        self._do(lambda samples: samples.add(ink, label), lambda _: "", ink)

    def _do(
        self,
        job: Callable[[Samples], Sample | None],
        words: Callable[[Sample | None], str],
        ink: Ink | None = None,
    ) -> None:
        """Change what is kept, and see what there is then.

        Args:
            words: what to say when it is done.
            ink: put back onto the canvas when it goes wrong.
        """
        samples = self.host.samples

        def work() -> tuple[str, Kept]:
            sample = job(samples)
            return words(sample), Kept.of(samples)

        def done(result: tuple[str, Kept]) -> None:
            said, self._kept = result
            self._said = said or self._said

        def failed(reason: str) -> None:
            self._error = reason
            if ink is not None and self._desk.ink.is_blank:
                self._desk.replace(ink)

        self._chores.do(work, done, failed)

    def _guessed(self, version: int, reading: Reading) -> None:
        if version == self._desk.version:
            self._said = _looks_like(reading)

    # How it looks.

    def _arrange(self) -> Area:
        """Places everything; returns the canvas."""
        body, gap = self.body, self.gap
        foot = height(2, self.small_size)
        main = body._replace(height=body.height - foot - gap)
        self._status = Area(body.x, main.bottom + gap, body.width, foot)
        upright = self.area.height >= UPRIGHT * self.area.width
        largest = min(main.width, main.height)
        # As large as leaves room for fingers beside it; where none does, the buttons are smaller.
        sides = range(largest, round(largest * _LEAST_CANVAS), -2)
        cell = self.cell
        while True:
            for side in sides:
                canvas, labels = _divided(main, side, gap, upright)
                self._cells = grid(labels, len(LABELS) + 1, cell)
                if len(self._cells) > len(LABELS):
                    return canvas
            cell -= 1

    def _title_width(self) -> int:
        return shapes.width(self.title, round(self.text_size * 1.3), True)

    def _tools(self) -> list[Button]:
        """At the right end of the header; with words where they fit."""
        kept = self._kept
        tools = (
            ("delete", tr("Delete last"), "trash", bool(kept and kept.total)),
            ("restore", tr("Undo"), "undo", bool(kept and kept.can_restore)),
            ("files", tr("Files"), "files", True),
        )
        heading, gap = self.heading, self.gap
        wide = min(4 * self.cell, (heading.width - self._title_width()) // len(tools) - gap)
        icon = round(self.cell * 0.42)
        words = all(panels.fits(tool[1], wide - icon - 24, self.text_size) for tool in tools)
        width = wide if words else round(self.cell * 1.1)
        left = heading.right - len(tools) * (width + gap) + gap
        return [
            Button(
                name,
                Area(left + number * (width + gap), heading.y, width, heading.height),
                label if words else "",
                picture,
                "plain" if usable else "off",
            )
            for number, (name, label, picture, usable) in enumerate(tools)
        ]

    def _draw_status(self) -> None:
        kept = self._kept
        facts = ""
        if kept is not None:
            count = tr("drawings: {count}").format(count=kept.total)
            facts = f"{count} · {room(kept.free)}"
        content = self._error, self._said, facts
        if content == self._shown:
            return
        self._shown = content
        area, size = self._status, self.small_size
        pygame.draw.rect(self.host.surface, theme.GROUND, area)
        if self._error:
            paragraph(self.host.surface, area, self._error, size, theme.SEVERAL, theme.GROUND)
        else:
            half = area.height // 2
            for number, (text, colour) in enumerate(
                ((self._said, theme.TEXT), (facts, theme.MUTED))
            ):
                line = Area(area.x, area.y + number * half, area.width, half)
                widgets.words(self.host.surface, line, text, size, colour, theme.GROUND)
        self.touch_up(area)


def _divided(main: Area, side: int, gap: int, upright: bool) -> tuple[Area, Area]:
    """The canvas of this side, and the area for the labels beside or under it."""
    if upright:
        canvas = Area(main.x + (main.width - side) // 2, main.y, side, side)
        top = canvas.bottom + gap
        return canvas, Area(main.x, top, main.width, main.bottom - top)
    canvas = Area(main.x, main.y + (main.height - side) // 2, side, side)
    left = canvas.right + gap
    return canvas, Area(left, main.y, main.right - left, main.height)


def _guess(ink: Ink, model: str, readers: Readers) -> Iterator[Reading]:
    yield readers.get(model).read(ink)


def _looks_like(reading: Reading) -> str:
    """What the model takes a drawing for."""
    if reading.verdict is Verdict.ACCEPTED:
        return tr("looks like {number}").format(number=reading.digit)
    return tr(theme.WORDS[reading.verdict])


def _name_of(sample: Sample) -> str:
    return tr("not a digit") if sample.label == NOT_A_DIGIT else sample.label


def _deleted(sample: Sample | None) -> str:
    return tr("deleted: {label}").format(label=_name_of(sample)) if sample else ""


def _restored(sample: Sample | None) -> str:
    return tr("brought back: {label}").format(label=_name_of(sample)) if sample else ""
