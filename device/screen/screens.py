"""Every screen by its name; each is imported when it is first shown, so that the first picture
does not wait for the others."""

from __future__ import annotations

import importlib

from device.screen.state import Host, Screen

CLASSES = {
    "turn": "turn_screen.TurnScreen",
    "why": "why_screen.WhyScreen",
    "steps": "steps_screen.StepsScreen",
    "main": "main_screen.MainScreen",
    "menu": "menu_screen.MenuScreen",
    "language": "language_screen.LanguageScreen",
    "models": "models_screen.ModelsScreen",
    "compare": "compare_screen.CompareScreen",
    "teach": "teach_screen.TeachScreen",
    "files": "files_screen.FilesScreen",
    "pin": "pin_screen.PinScreen",
    "settings": "settings_screen.SettingsScreen",
    "attract": "attract_screen.AttractScreen",
    "dark": "dark_screen.DarkScreen",
}
"""Where each screen's class is, in :mod:`device.screen`."""


class Way:
    """The screens through which a visitor came to the one that is shown."""

    def __init__(self) -> None:
        self._names = ["main"]

    @property
    def back(self) -> str:
        """The screen that was there before; at last the main screen."""
        return self._names[-2] if len(self._names) > 1 else "main"

    def lead(self, name: str, passing: bool) -> None:
        """To another screen, or back to one that was there.

        Args:
            passing: the one that is left is not come back to.
        """
        if passing:
            self._names.pop()
        if name in self._names:
            del self._names[self._names.index(name) + 1 :]
        else:
            self._names.append(name)


def make(name: str, host: Host) -> Screen:
    """The screen of that name, not entered yet.

    Raises:
        KeyError: there is none.
    """
    module, _, cls = CLASSES[name].partition(".")
    made: Screen = getattr(importlib.import_module(f"device.screen.{module}"), cls)(host)
    return made
