"""Labelled drawings to and from files, with how far it is and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pygame

from device import exchange
from device.language import tr
from device.samples import ImportResult, Samples
from device.screen import theme, widgets
from device.screen.area import Area
from device.screen.chores import EVERY, Chores, room
from device.screen.controls import Button
from device.screen.page import Page
from device.screen.paragraph import height, paragraph
from device.screen.places import UPRIGHT
from device.screen.state import Host

LOOK_EVERY = 2.0
"""How often (seconds) to look whether a medium was plugged in."""

T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """Where files go, the bytes that are free there, the files to import with their sizes in
    bytes, and how many drawings there are."""

    folder: Path
    free: int
    files: dict[str, int]
    total: int

    @classmethod
    def of(cls, samples: Samples) -> Place:
        """Looks at the disks.

        Raises:
            SamplesError: the drawings cannot be read.
        """
        folder = exchange.place(samples)
        return cls(folder, exchange.free_bytes(folder), exchange.found(folder), len(samples))


class FilesScreen(Page):
    """Export and import, on a removable medium or in a folder of our own."""

    name = "files"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._chores = Chores()
        self._place: Place | None = None
        self._share: float | None = None
        self._said, self._failed = "", False
        self._look_at = 0.0
        self._shown: dict[str, object] = {}

    @property
    def title(self) -> str:
        return tr("Files")

    @property
    def busy(self) -> bool:
        """Whether drawings are being written or read."""
        return self._share is not None

    @property
    def said(self) -> str:
        """What came of it, in one line."""
        return self._said

    def enter(self) -> None:
        super().enter()
        body, gap = self.body, self.gap
        self._where = body._replace(height=height(3, self.text_size) + gap)
        upright = self.area.height >= UPRIGHT * self.area.width
        tall = min(round(2.2 * self.cell), body.height // 3) if not upright else body.height // 2
        self._row = Area(body.x, self._where.bottom + gap, body.width, tall)
        below = self._row.bottom + 2 * gap
        self._bar = Area(body.x, below, body.width, max(8, gap))
        top = self._bar.bottom + gap
        self._result = Area(body.x, top, body.width, min(body.bottom - top, 3 * self.cell))
        self._shown.clear()

    def leave(self) -> None:
        self._chores.close(self.host.samples.close)
        super().leave()

    def buttons(self) -> list[Button]:
        cells = _shared(self._row, 1 + len(exchange.NAMES), self.gap)
        ready = self._place is not None and not self.busy
        files = self._place.files if self._place else {}
        export = Button(
            "export",
            cells[0],
            tr("Export"),
            look="primary" if ready and self._place and self._place.total else "off",
            note=f"{exchange.LINES} + .json",
        )
        return [
            export,
            *(
                Button(
                    name,
                    cell,
                    tr("Import"),
                    look="plain" if ready and name in files else "off",
                    note=f"{name} · {_size(files[name])}" if name in files else name,
                )
                for name, cell in zip(exchange.NAMES, cells[1:], strict=True)
            ),
        ]

    def tapped(self, name: str) -> None:
        place = self._place
        if place is None:
            return
        samples, folder = self.host.samples, place.folder
        if name == "export":
            self._transfer(lambda: exchange.export(samples, folder, self._done), _exported)
        else:
            self._transfer(lambda: exchange.take(samples, folder, name, self._done), _imported)

    def tick(self, now: float) -> float | None:
        due = self._chores.tick(now)
        if now >= self._look_at and not self._chores.busy:
            self._look_at = now + LOOK_EVERY
            samples = self.host.samples
            self._chores.do(lambda: Place.of(samples), self._looked, self._complain)
            return now + EVERY
        return self._look_at if due is None else due

    def draw(self) -> list[pygame.Rect]:
        self._draw_place()
        self._draw_progress()
        return super().draw()

    def _transfer(self, job: Callable[[], T], words: Callable[[T], str]) -> None:
        self._share, self._said, self._failed = 0.0, "", False

        def done(result: T) -> None:
            self._share, self._said, self._look_at = None, words(result), 0.0

        self._chores.do(job, done, self._complain)

    def _done(self, share: float) -> None:
        """On the other thread: how far it is."""
        self._share = share

    def _looked(self, place: Place) -> None:
        self._place = place

    def _complain(self, reason: str) -> None:
        self._share, self._said, self._failed = None, reason, True

    # How it looks.

    def _draw_place(self) -> None:
        place = self._place
        if place is None or not self._news("place", (place.folder, place.total, room(place.free))):
            return
        surface, area = self.host.surface, self._where
        widgets.card(surface, area, max(8, self.gap))
        inner = area.inset(2 * self.gap, self.gap // 2)
        upper = inner._replace(height=inner.height * 3 // 5)
        size = self.text_size
        paragraph(surface, upper, str(place.folder), size, theme.TEXT, theme.CARD, bold=True)
        lower = inner._replace(y=upper.bottom, height=inner.height - upper.height)
        count = tr("drawings: {count}").format(count=place.total)
        text = f"{count} · {room(place.free)}"
        widgets.words(surface, lower, text, self.small_size, theme.MUTED, theme.CARD)
        self.touch_up(area)

    def _draw_progress(self) -> None:
        share, surface = self._share, self.host.surface
        if self._news("bar", None if share is None else round(share * self._bar.width)):
            pygame.draw.rect(surface, theme.GROUND, self._bar)
            if share is not None:
                widgets.level(surface, self._bar, share, theme.BAR, upright=False)
            self.touch_up(self._bar)
        if self._news("result", (self._said, self._failed)):
            pygame.draw.rect(surface, theme.GROUND, self._result)
            colour = theme.SEVERAL if self._failed else theme.TEXT
            size = self.text_size
            paragraph(surface, self._result, self._said, size, colour, theme.GROUND, top=True)
            self.touch_up(self._result)

    def _news(self, part: str, content: object) -> bool:
        if part in self._shown and self._shown[part] == content:
            return False
        self._shown[part] = content
        return True


def _shared(area: Area, count: int, gap: int) -> list[Area]:
    """Equal parts of an area, side by side, or one under the other in a high one."""
    if area.height > area.width * 0.6:
        pitch = (area.height + gap) // count
        return [
            Area(area.x, area.y + number * pitch, area.width, pitch - gap)
            for number in range(count)
        ]
    pitch = (area.width + gap) // count
    return [
        Area(area.x + number * pitch, area.y, pitch - gap, area.height) for number in range(count)
    ]


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} KB"


def _exported(written: dict[str, int]) -> str:
    return " · ".join(
        tr("{file}: {count} written").format(file=name, count=count)
        for name, count in written.items()
    )


def _imported(result: ImportResult) -> str:
    said = tr("{count} added").format(count=result.added)
    if result.skipped:
        skipped = tr("{count} skipped").format(count=result.skipped)
        said = f"{said}, {skipped} ({result.reason})"
    return said
