"""The menu: a large card for every screen that is not the canvas."""

from __future__ import annotations

from device.language import N_, tr
from device.screen.area import Area
from device.screen.controls import Button
from device.screen.page import Page
from device.screen.places import grid

ITEMS = {
    "models": N_("Models"),
    "compare": N_("Compare"),
    "steps": N_("What the model sees"),
    "why": N_("Why?"),
    "teach": N_("Teach"),
    "language": N_("Language"),
    "settings": N_("Settings"),
}
"""Each card's name, which is also its icon's, and its words (English)."""

NEED_DRAWING = frozenset({"compare", "steps", "why"})
"""What shows the drawing on the canvas: off while there is none."""

_FLATTEST = 1.6
"""A card is at most this many times as high as it is wide, or as wide as it is high."""


class MenuScreen(Page):
    """Cards that lead to the other screens."""

    name = "menu"

    @property
    def title(self) -> str:
        return tr("Menu")

    def buttons(self) -> list[Button]:
        blank = self.host.desk.ink.is_blank
        cells = grid(self.body, len(ITEMS), self.cell)
        return [
            Button(
                name,
                _shapely(cell),
                tr(words),
                name,
                "off" if blank and name in NEED_DRAWING else "plain",
                stacked=True,
            )
            for (name, words), cell in zip(ITEMS.items(), cells, strict=True)
        ]

    def tapped(self, name: str) -> None:
        self.host.go("pin" if name == "settings" and self.host.config.kiosk.pin else name)


def _shapely(cell: Area) -> Area:
    """The cell, but for what would make a card of it too long."""
    width = min(cell.width, round(cell.height * _FLATTEST))
    height = min(cell.height, round(cell.width * _FLATTEST))
    x = cell.x + (cell.width - width) // 2
    return Area(x, cell.y + (cell.height - height) // 2, width, height)
