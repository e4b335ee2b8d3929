"""Where the product's buttons are: asked of the product itself, off-screen on this machine."""

from __future__ import annotations

import os
from functools import lru_cache

from device.config import load_config
from device.library import Library
from device.recognizer import Recognizer
from device.samples import LABELS
from device.screen.area import Area
from device.stage import stage

CANVAS = "canvas"
"""Beside the buttons: the square that is one canvas unit wide."""


@lru_cache
def teach_screen(size: tuple[int, int]) -> dict[str, Area]:
    """The buttons that lead to Teach, and those of Teach with its canvas, on a screen of this
    size."""
    os.environ.setdefault("GPIOZERO_PIN_FACTORY", "mock")
    config = load_config(None, {"screen": {"size": "{}x{}".format(*size)}})
    library = Library()
    with stage(config, Recognizer(library, library.default, 0.5), library) as visitor:
        found = {"menu": visitor.kiosk.screen.target("menu")}
        visitor.go("menu")
        found["teach"] = visitor.kiosk.screen.target("teach")
        visitor.go("teach")
        screen = visitor.kiosk.screen
        found |= {name: screen.target(name) for name in (*LABELS, "clear")}
        left, top = screen.to_window(0.0, 0.0)
        right, bottom = screen.to_window(1.0, 1.0)
        box = Area(round(left), round(top), round(right - left), round(bottom - top))
        return found | {CANVAS: box}
