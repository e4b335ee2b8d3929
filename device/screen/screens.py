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


def make(name: str, host: Host) -> Screen:
    """The screen of that name, not entered yet.

    Raises:
        KeyError: there is none.
    """
    module, _, cls = CLASSES[name].partition(".")
    made: Screen = getattr(importlib.import_module(f"device.screen.{module}"), cls)(host)
    return made
