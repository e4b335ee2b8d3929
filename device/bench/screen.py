"""Subject ``screen``: the frame budget, and what becomes of it when much is drawn already."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import pygame

from device.bench.measure import WARM_UP, Bench, Row, measured, timed
from device.bench.pipeline import scribble
from device.demo import post_finger
from device.ink import Ink
from device.session import session
from device.stage import STEP, Stage

SIZES = ("480x320", "800x480", "1280x720", "1920x1080")
"""The screens that are measured."""

LENGTHS = (100, 1_000, 10_000, 100_000)
"""How many points are on the canvas already, while one more stroke is drawn."""

USUAL = "800x480"
"""The screen on which :data:`LENGTHS` are measured."""


def rows(bench: Bench) -> Iterator[Row]:
    """The frame budget: how long the main thread takes for one picture, per size, and how that
    grows with what is on the canvas already."""
    for size in SIZES:
        with bench.stage(size) as made:
            yield measured(
                "ink under the finger, read live", size, list(_under_finger(made, bench.turns))
            )
            made.begin()
            yield measured("normalising moves the drawing", size, list(_fitting(made, bench.turns)))
            yield measured("the 360: the drawing turns", size, list(_turning(made, bench.turns)))
    with bench.stage(USUAL) as made:
        for length in LENGTHS:
            ink = scribble(length)
            where = f"{length:,} points"
            for what, before, live in (
                ("a picture, so many points on the canvas", ink, False),
                ("a picture, so many points in the stroke under the finger", length, False),
                ("a picture, so many points on the canvas, read live", ink, True),
            ):
                made.begin()
                yield measured(what, where, list(_under_finger(made, bench.turns, before, live)))


def _under_finger(
    made: Stage, turns: int, before: Ink | int = 0, live: bool = True
) -> Iterator[float]:
    """A stroke goes on: each picture has two samples more of it.

    Args:
        before: what is on the canvas, or how many points the stroke has already.
        live: False to leave out readings, which compete for the machine.
    """
    kiosk = made.kiosk
    kiosk.desk.live = live
    if isinstance(before, Ink):
        kiosk.desk.replace(before)
        made.settle()
        before = 0
    x = y = 0.0
    for number in range(before + 2 * (turns + WARM_UP)):
        x, y = kiosk.screen.to_window(
            0.5 + 0.4 * math.cos(number / 17), 0.5 + 0.3 * math.sin(number / 17)
        )
        kind = pygame.FINGERMOTION if number else pygame.FINGERDOWN
        post_finger(kiosk, kind, x, y)
        made.clock.now += 1 / 120
        if number < before:
            if number % 100 == 0:
                kiosk.step(STEP)
        elif number % 2:
            yield timed(lambda: kiosk.step(STEP))
    post_finger(kiosk, pygame.FINGERUP, x, y)
    kiosk.step(STEP)
    kiosk.desk.live = True
    kiosk.desk.forget()
    made.settle()


def _moving(made: Stage, turns: int, begin: Callable[[], None]) -> Iterator[float]:
    """Each picture of something that moves, which is begun anew whenever it has come to rest."""
    count = 0
    while count < turns + WARM_UP:
        begin()
        while (due := made.kiosk.screen.tick(made.clock.now)) is not None:
            made.clock.now = max(made.clock.now + 0.001, due)
            # An event, so that nobody waits for one.
            pygame.event.post(pygame.event.Event(pygame.USEREVENT))
            yield timed(lambda: made.kiosk.step(STEP))
            count += 1


def _fitting(made: Stage, turns: int) -> Iterator[float]:
    made.kiosk.desk.replace(session()[8].ink)
    made.settle()

    def begin() -> None:
        screen: Any = made.kiosk.screen
        made.settle()
        for name in ("smaller", "left", "up"):
            screen.act(name)
        made.settle()
        screen.act("fit")
        made.clock.now += 0.36

    return _moving(made, turns, begin)


def _turning(made: Stage, turns: int) -> Iterator[float]:
    made.begin()
    made.kiosk.desk.replace(session()[8].ink)
    made.settle()
    made.go("turn")
    made.until(lambda: not made.kiosk.background.busy)

    def begin() -> None:
        if made.kiosk.screen.tick(made.clock.now) is None:
            made.tap("again")

    return _moving(made, turns, begin)
