"""What tests of the whole kiosk share: its settings, and how to look at pins and pictures."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pygame

from device.config import Config, load_config

NOWHERE = Path("/nonexistent/inkling.toml")
PINS = (17, 27, 22)


def settings(size: str = "480x320", **tables: dict[str, Any]) -> Config:
    """The defaults, on a small screen; ``tables`` change more."""
    screen = {"size": size, **tables.pop("screen", {})}
    return load_config(None, {"screen": screen, **tables}, NOWHERE)


def levels(pins) -> tuple[int, ...]:
    """Accept, several, reject: what the mock pins are at."""
    return tuple(int(pins.pin(pin).state) for pin in PINS)


def colours(kiosk, area) -> set[tuple[int, ...]]:
    """Every colour in a part of the screen."""
    picture = pygame.surfarray.array3d(kiosk.surface.subsurface(pygame.Rect(area)))
    return {tuple(colour) for colour in picture.reshape(-1, 3).tolist()}


def finger(kind: int, x: float = 0.3, y: float = 0.5, number: int = 1) -> pygame.event.Event:
    """A touch as a panel reports it, in shares of its width and height."""
    return pygame.event.Event(kind, x=x, y=y, touch_id=1, finger_id=number)


def until(kiosk, came: Callable[[], object], patience: float = 30.0) -> None:
    """Let the kiosk work until something has come; fails when it does not."""
    end = time.monotonic() + patience
    while not came():
        assert time.monotonic() < end, "it does not come"
        kiosk.step(0.02)


def drag(kiosk, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A finger that comes down, moves in a few steps and lifts; pixels of the screen."""
    width, height = kiosk.surface.get_size()
    steps = [[a + (b - a) * n / 5 for a, b in zip(start, end, strict=True)] for n in range(6)]
    for number, (x, y) in enumerate(steps):
        kind = pygame.FINGERMOTION if number else pygame.FINGERDOWN
        pygame.event.post(finger(kind, x / width, y / height))
        kiosk.step(0.001)
    pygame.event.post(finger(pygame.FINGERUP, end[0] / width, end[1] / height))
    kiosk.step(0.001)


class Clock:
    """A clock that stands still until it is set forward, seconds."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def like(colour: tuple[int, ...], shown: set[tuple[int, ...]], apart: int = 56) -> bool:
    """Whether a colour, or nearly that one, is among those that are shown: the strokes of small
    letters are thinner than a pixel."""
    return any(max(abs(a - b) for a, b in zip(colour, one, strict=True)) <= apart for one in shown)
