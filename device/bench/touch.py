"""Subject ``touch``: from a finger that has moved to its ink in the picture, and to the answer.

A finger's event is put into SDL's queue, where the panel's own would be; everything from there on
is the kiosk's. Waiting for the panel and for the screen's next picture is not in it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pygame

from device.bench.measure import WARM_UP, Bench, Row, measured
from device.demo import post_finger
from device.session import digits
from device.stage import STEP, Stage

SIZES = ("480x320", "800x480", "1280x720")
"""The screens that are measured."""

PATIENCE = 20.0
"""Seconds after which an answer that does not come ends the measurement of it."""


def rows(bench: Bench) -> Iterator[Row]:
    """A digit is drawn, one sample a picture, and read after each."""
    for size in SIZES:
        with bench.stage(size) as made:
            ink, answers, work, pictures = zip(*_touches(made, bench.turns + WARM_UP), strict=True)
        yield measured("from touch to ink", size, ink)
        yield measured("from touch to answer", size, answers)
        yield measured("processor time of that", size, work)
        yield Row("pictures until the answer", size, "", pictures[WARM_UP:])


def _touches(made: Stage, count: int) -> Iterator[tuple[float, float, float, float]]:
    """Seconds to the ink, to the answer, the processor's seconds until then, and pictures made."""
    samples = _samples(made)
    for _ in range(count):
        kind, x, y = next(samples)
        post_finger(made.kiosk, kind, x, y)
        made.clock.now += 1 / 60
        started, worked = time.perf_counter(), time.process_time()
        made.kiosk.step(STEP)
        inked, pictures = time.perf_counter(), 1
        while not made.kiosk.settled and time.perf_counter() < started + PATIENCE:
            made.kiosk.step(STEP)
            pictures += 1
        answered = time.perf_counter()
        yield inked - started, answered - started, time.process_time() - worked, pictures


def _samples(made: Stage) -> Iterator[tuple[int, float, float]]:
    """The fingers' events that draw the session's digits over and over, but for those that lift
    it: kind, and pixels of the screen."""
    while True:
        for drawing in digits():
            made.begin()
            for stroke in drawing.ink.strokes:
                kind = pygame.FINGERDOWN
                for point in stroke:
                    x, y = made.kiosk.screen.to_window(point.x, point.y)
                    yield kind, x, y
                    kind = pygame.FINGERMOTION
                post_finger(made.kiosk, pygame.FINGERUP, x, y)
                made.settle()
