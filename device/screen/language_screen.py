"""The languages, each by the name that it gives itself."""

from __future__ import annotations

from device import language
from device.language import LANGUAGES, tr
from device.screen import theme
from device.screen.controls import Button, Look
from device.screen.page import Page
from device.screen.places import grid


class LanguageScreen(Page):
    """Large buttons, one for each language that the installed fonts can show."""

    name = "language"

    @property
    def title(self) -> str:
        return tr("Language")

    def buttons(self) -> list[Button]:
        codes = [code for code in LANGUAGES if theme.can_show(code)]
        return [
            Button(code, cell, LANGUAGES[code], look=_look(code), scale=1.3)
            for code, cell in zip(codes, grid(self.body, len(codes), self.cell), strict=True)
        ]

    def tapped(self, name: str) -> None:
        self.host.speak(name)
        self.host.back()


def _look(code: str) -> Look:
    return "on" if code == language.current() else "plain"
