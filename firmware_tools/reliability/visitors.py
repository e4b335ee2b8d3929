"""Visitors of a kiosk on trial: what they do between two of its steps, for as long as it runs.

Each is a generator that posts touches as a panel would, and yields to have them answered.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

import pygame

from device.demo import post_finger
from device.ink import Ink, Point
from device.samples import LABELS
from device.session import digits

EVERY = 4
"""So many touches are answered in one step."""

SETTINGS: dict[str, tuple[Any, ...]] = {
    "screen.language": ("en", "de", "es", "fr"),
    "screen.inverse": (True, False),
    "model.threshold": (0.3, 0.5, 0.7),
    "kiosk.idle_seconds": (0, 600),
}
"""What a visitor may change, and into what."""


def finely(stroke: Iterator[Point] | Any, least: int = 40) -> list[tuple[float, float]]:
    """The places of a stroke, with others between them until there are at least so many."""
    points = [(point.x, point.y) for point in stroke]
    parts = max(1, least // max(1, len(points) - 1))
    between = [
        (a[0] + (b[0] - a[0]) * n / parts, a[1] + (b[1] - a[1]) * n / parts)
        for a, b in itertools.pairwise(points)
        for n in range(parts)
    ]
    return [*between, points[-1]]


def touches(ink: Ink, least: int = 40) -> Iterator[tuple[int, float, float]]:
    """A drawing as a finger makes it: kind of event, and where on the canvas."""
    for stroke in ink.strokes:
        places = finely(stroke, least)
        yield pygame.FINGERDOWN, *places[0]
        for place in places[1:-1]:
            yield pygame.FINGERMOTION, *place
        yield pygame.FINGERUP, *places[-1]


def drawn(app: Any, ink: Ink) -> Iterator[None]:
    """Draw on the canvas of the screen at hand."""
    for number, (kind, x, y) in enumerate(touches(ink)):
        post_finger(app, kind, *app.screen.to_window(x, y))
        if number % EVERY == 0:
            yield
    yield


def tapped(app: Any, button: str) -> Iterator[None]:
    """Tap a button of the screen at hand."""
    middle = app.screen.target(button).centre
    for kind in (pygame.FINGERDOWN, pygame.FINGERUP):
        post_finger(app, kind, *middle)
        yield


def nobody(_app: Any, _luck: random.Random) -> Iterator[None]:
    """Does nothing."""
    return iter(())


def drawer(app: Any, luck: random.Random) -> Iterator[None]:
    """Draws digits, looks at their readings, and clears."""
    while True:
        yield from drawn(app, luck.choice(digits()).ink)
        while not app.settled:
            yield
        for _ in range(luck.randint(0, 20)):
            yield
        yield from tapped(app, "clear")


def collector(app: Any, luck: random.Random) -> Iterator[None]:
    """Draws, teaches, takes back, and changes settings."""
    while True:
        yield from drawn(app, luck.choice(digits()).ink)
        yield from tapped(app, "clear")
        app.go("teach")
        yield
        for _ in range(luck.randint(1, 5)):
            yield from drawn(app, luck.choice(digits()).ink)
            yield from tapped(app, luck.choice(LABELS))
            if luck.random() < 0.3:
                yield from tapped(app, luck.choice(("delete", "restore")))
        key = luck.choice(list(SETTINGS))
        app.change({key: luck.choice(SETTINGS[key])})
        app.go("main")
        yield


def pen(app: Any, luck: random.Random) -> Iterator[None]:
    """Draws on a digitiser without a screen, and presses Clear after each drawing."""
    while True:
        for number, (kind, x, y) in enumerate(touches(luck.choice(digits()).ink)):
            event = pygame.event.Event(kind, x=x * 0.6 + 0.2, y=y, touch_id=1, finger_id=1)
            pygame.event.post(event)
            if number % EVERY == 0:
                yield
            # A hand is slower than a reading: there is one while it still draws.
            while number % (4 * EVERY) == 0 and not app.settled:
                yield
        while not app.settled:
            yield
        for _ in range(luck.randint(0, 20)):
            yield
        app._pressed("clear")
        yield


VISITORS: dict[str, Callable[[Any, random.Random], Iterator[None]]] = {
    "nobody": nobody,
    "drawer": drawer,
    "collector": collector,
    "pen": pen,
}
"""By name."""
