"""The settings: a row for each one of the table that stands on the page, in force at a touch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pygame

from device import __version__
from device.language import N_, tr
from device.screen import shapes, theme
from device.screen.area import Area
from device.screen.controls import Button
from device.screen.page import Page
from device.screen.paragraph import paragraph
from device.screen.places import UPRIGHT
from device.screen.state import Host
from device.settings import SETTINGS, Setting

TABS = {
    "model": N_("Reading"),
    "screen": N_("Screen"),
    "kiosk": N_("When idle"),
    "about": N_("About"),
}
"""The tables of settings, and what the device is, each on its own tab (English)."""

_ROOMY = 1.5
"""A row is at most so many times as high as a finger needs."""

_PAGERS = ("up", "down")


class SettingsScreen(Page):
    """Toggles, choices and steps; nothing that cannot be set can be reached."""

    name = "settings"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._tab = next(iter(TABS))
        self._page = 0
        self._tabs: list[Area] = []
        self._rows: list[Area] = []
        self._said: str | None = None

    @property
    def title(self) -> str:
        return tr("Settings")

    def enter(self) -> None:
        before = getattr(self, "controls", None)
        super().enter()
        if before is not None:
            # A change draws everything anew under the finger that makes it.
            self.controls.resume(before)
        self._place()
        self._said = None
        surface, size = self.host.surface, self.text_size
        for number, row in enumerate(self._rows):
            if number:
                line = pygame.Rect(row.x, row.y - 1, row.width, 1)
                pygame.draw.rect(surface, theme.LINE, line)
        if self._tab == "about":
            for (label, value), row in zip(self._facts(), self._rows, strict=False):
                left, right = self._halves(row)
                paragraph(surface, left, label, size, theme.MUTED, theme.GROUND)
                paragraph(surface, right, value, size, theme.TEXT, theme.GROUND, align="right")
            return
        for setting, row in self._settings():
            left, right = self._halves(row)
            paragraph(surface, left, tr(setting.label), size, theme.TEXT, theme.GROUND)
            if setting.kind != "bool" and not self._segments(setting, right):
                words = self._words(setting, self._value(setting))
                middle = right.inset(self._knob(right), 0)
                paragraph(
                    surface,
                    middle.inset(4, 0),
                    words,
                    size,
                    theme.TEXT,
                    theme.GROUND,
                    bold=True,
                    align="centre",
                )

    def buttons(self) -> list[Button]:
        made = [
            Button(f"tab:{name}", area, tr(words), look="on" if name == self._tab else "plain")
            for (name, words), area in zip(TABS.items(), self._tabs, strict=True)
        ]
        pages = self._pages()
        if pages > 1:
            right = self.heading.right
            for number, name in enumerate(_PAGERS):
                x = right - (2 - number) * self.cell - (1 - number) * self.gap
                end = self._page == (0 if name == "up" else pages - 1)
                cell = Area(x, self.heading.y, self.cell, self.cell)
                made.append(Button(name, cell, icon=name, look="off" if end else "plain"))
        if self._tab == "about":
            if self.host.can_quit and self._page == pages - 1:
                row = self._rows[-1].inset(0, max(2, self.gap // 3))
                made.append(Button("quit", row, tr("Quit Inkling")))
            return made
        for setting, row in self._settings():
            made += self._control(setting, row)
        return made

    def tapped(self, name: str) -> None:
        kind, _, key = name.partition(":")
        if name in _PAGERS:
            self._page += 1 if name == "down" else -1
            self.enter()
        elif kind == "tab":
            self._tab, self._page = key, 0
            self.enter()
        elif name == "quit":
            self.host.stop()
        else:
            self._change(kind, *key.split(":"))

    def draw(self) -> list[pygame.Rect]:
        if self.host.notice != self._said:
            self._said = self.host.notice
            self._draw_notice(self._said or "")
        return super().draw()

    def _draw_notice(self, text: str) -> None:
        """What went wrong, between the title and the buttons beside it."""
        heading, title_size = self.heading, round(self.text_size * 1.3)
        left = shapes.width(self.title, title_size, True) + 2 * self.gap
        right = 2 * (self.cell + self.gap) if self._pages() > 1 else 0
        width = max(0, heading.width - left - right)
        area = heading._replace(x=heading.x + left, width=width)
        pygame.draw.rect(self.host.surface, theme.GROUND, area)
        if text:
            size, colour = self.small_size, theme.SEVERAL
            paragraph(self.host.surface, area, text, size, colour, theme.GROUND, align="right")
        self.touch_up(area)

    def tick(self, now: float) -> float | None:
        name, again = self.controls.repeat(now)
        if name is not None:
            self.tapped(name)
        return again

    def _change(self, key: str, what: str) -> None:
        """What a setting's button does: to the next or the last value, or to one of them."""
        setting = SETTINGS[key]
        value = self._value(setting)
        if setting.kind == "bool":
            new: Any = not value
        elif setting.kind == "choice":
            choices = list(self._choices(setting))
            place = choices.index(value) if value in choices else 0
            step = {"more": 1, "less": -1}.get(what)
            new = choices[(place + step) % len(choices) if step else int(what)]
        else:
            new = setting.stepped(value, up=what == "more")
        if new != value:
            self.host.change({key: new})

    def _value(self, setting: Setting) -> Any:
        return self.host.config.value(setting.key)

    def _choices(self, setting: Setting) -> Mapping[Any, str]:
        """Those that can be had here: a language needs a font."""
        if setting.key != "screen.language":
            return setting.choices
        return {code: name for code, name in setting.choices.items() if theme.can_show(code)}

    def _words(self, setting: Setting, value: Any) -> str:
        if setting.kind == "choice":
            return tr(setting.choices[value])
        if value == 0 and setting.zero:
            return tr(setting.zero)
        if setting.limits is not None and setting.limits[1] <= 1:
            return f"{value * 100:.0f} %"
        return f"{value:g} {tr(setting.unit)}".rstrip()

    def _facts(self) -> list[tuple[str, str]]:
        """What the device is; a last row is kept for Quit where there is a desktop to go to."""
        reading, (width, height) = self.host.reading, self.host.surface.get_size()
        facts = [
            ("Inkling", __version__),
            (tr("Model"), self.host.config.model.name),
            (tr("Accelerator"), reading.accelerator),
            (tr("Screen"), f"{width} × {height}"),
            *([("", "")] if self.host.can_quit else []),
        ]
        return facts[self._page * self._per_page() :]

    def _settings(self) -> list[tuple[Setting, Area]]:
        """The settings on the page at hand, each with its row."""
        shown = _on_tab(self._tab)[self._page * self._per_page() :]
        return list(zip(shown, self._rows, strict=False))

    # Where things are.

    def _place(self) -> None:
        """Tabs beside the rows, or above them on a portrait screen."""
        body, gap, cell = self.body, self.gap, self.cell
        count = len(TABS)
        if self.area.height >= UPRIGHT * self.area.width:
            width = (body.width - (count - 1) * gap) // count
            cells = [Area(body.x + i * (width + gap), body.y, width, cell) for i in range(count)]
            self._list = Area(body.x, body.y + cell + gap, body.width, body.height - cell - gap)
        else:
            width = min(round(body.width * 0.24), 4 * cell)
            height = min((body.height - (count - 1) * gap) // count, round(_ROOMY * cell))
            cells = [Area(body.x, body.y + i * (height + gap), width, height) for i in range(count)]
            left = body.x + width + 2 * gap
            self._list = Area(left, body.y, body.right - left, body.height)
        self._tabs = cells
        self._page = min(self._page, self._pages() - 1)
        per_page = self._per_page()
        shown = min(per_page, self._count() - self._page * per_page)
        height = min(self._list.height // per_page, round(_ROOMY * cell))
        self._rows = [
            Area(self._list.x, self._list.y + i * height, self._list.width, height)
            for i in range(shown)
        ]

    def _count(self) -> int:
        if self._tab == "about":
            return 5 if self.host.can_quit else 4
        return len(_on_tab(self._tab))

    def _pages(self) -> int:
        return math.ceil(self._count() / max(1, self._list.height // self.cell))

    def _per_page(self) -> int:
        """Rows on a page, as many on each."""
        return math.ceil(self._count() / self._pages())

    def _halves(self, row: Area) -> tuple[Area, Area]:
        """Where a row has its words, and where its control is."""
        wanted = max(round(row.width * 0.5), round(3.4 * self.cell))
        width = min(wanted, round(row.width * 0.62))
        right = Area(row.right - width, row.y, width, row.height)
        return Area(row.x, row.y, row.width - width - self.gap, row.height), right

    def _knob(self, area: Area) -> int:
        """Side of the buttons at both ends of a value."""
        return min(self.cell, area.height, area.width // 3)

    def _segments(self, setting: Setting, area: Area) -> list[Area]:
        """A cell for each choice; none where they have no room beside each other."""
        count = len(self._choices(setting))
        if setting.kind != "choice" or area.width // count < self.cell:
            return []
        room = area.width // count - 20
        if any(
            shapes.fitting(tr(words), room, self.text_size, True)[1] < 0.85 * self.text_size
            for words in self._choices(setting).values()
        ):
            return []
        height = min(self.cell, area.height)
        top = area.y + (area.height - height) // 2
        edges = [area.x + round(area.width * i / count) for i in range(count + 1)]
        return [
            Area(edges[i], top, edges[i + 1] - edges[i] - (4 if i < count - 1 else 0), height)
            for i in range(count)
        ]

    def _control(self, setting: Setting, row: Area) -> list[Button]:
        """The buttons of one setting."""
        key, value = setting.key, self._value(setting)
        _, right = self._halves(row)
        if setting.kind == "bool":
            height = min(round(self.cell * 0.62), right.height)
            width = round(height * 1.9)
            top = right.y + (right.height - height) // 2
            cell = Area(right.right - width, top, width, height)
            return [Button(f"{key}:switch", cell, switched=value, reach=row)]
        segments = self._segments(setting, right)
        if segments:
            return [
                Button(f"{key}:{i}", area, tr(words), look="on" if choice == value else "plain")
                for i, (area, (choice, words)) in enumerate(
                    zip(segments, self._choices(setting).items(), strict=True)
                )
            ]
        side = self._knob(right)
        top = right.y + (right.height - side) // 2
        ends = ("less", right.x, "left", "smaller"), ("more", right.right - side, "right", "larger")
        made = []
        for what, x, turned, stepped in ends:
            number = setting.kind != "choice"
            at_end = number and setting.stepped(value, up=what == "more") == value
            made.append(
                Button(
                    f"{key}:{what}",
                    Area(x, top, side, side),
                    icon=stepped if number else turned,
                    look="off" if at_end else "plain",
                    repeats=number,
                )
            )
        return made


def _on_tab(table: str) -> list[Setting]:
    return [s for s in SETTINGS.values() if s.on_page and s.key.startswith(f"{table}.")]
