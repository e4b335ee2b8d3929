"""Subject ``touch``: from a finger that has moved to its ink in the picture, and to the answer.

A finger's event is put into SDL's queue, where the panel's own would be; everything from there on
is the kiosk's. Where the kernel can make up a touch panel (uinput) and lets us, the event comes
from there as well, through evdev and SDL. Waiting for the panel and for the screen's next picture
is not in it.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pygame
from pygame._sdl2 import touch as sdl_touch

from device.bench.measure import WARM_UP, Bench, Row, measured
from device.bench.panel import Panel
from device.demo import post_finger
from device.pointers import pointers
from device.screen.touch import on_panel
from device.session import digits
from device.stage import STEP, Stage

log = logging.getLogger(__name__)

SIZES = ("480x320", "800x480", "1280x720")
"""The screens that are measured."""

BELOW = "800x480"
"""The screen that is measured from below SDL."""

PATIENCE = 20.0
"""Seconds after which an answer that does not come ends the measurement of it."""

STILL = 0.1
"""A panel says nothing of a finger that has moved by less than this (pixels)."""

Post = Callable[[Stage, int, float, float], None]
"""Has a finger do something (pygame's kind of event) at a pixel of the screen."""


def rows(bench: Bench) -> Iterator[Row]:
    """A digit is drawn, one sample a picture, and read after each."""
    for size in SIZES:
        with bench.stage(size) as made:
            yield from _rows("touch", size, made, _into_the_queue, bench.turns)
    try:
        panel = Panel()
    except OSError as error:
        log.info("not measured from below SDL: %s", error)
        return
    with closing(panel), bench.stage(BELOW, driver="evdev") as made:
        panels = sum(pointer.is_panel for pointer in pointers())
        if made.until(lambda: sdl_touch.get_num_devices() >= panels):
            yield from _rows("evdev event", BELOW, made, _through(panel), bench.turns)
        else:
            log.warning("not measured from below SDL: it does not see the kernel's panel")


def _rows(start: str, size: str, made: Stage, post: Post, turns: int) -> Iterator[Row]:
    ink, answers, work, pictures = zip(*_touches(made, turns + WARM_UP, post), strict=True)
    yield measured(f"from {start} to ink", size, ink)
    yield measured(f"from {start} to answer", size, answers)
    yield measured(f"processor time, from {start} to answer", size, work)
    yield Row(f"pictures, from {start} to answer", size, "", pictures[WARM_UP:])


def _touches(made: Stage, count: int, post: Post) -> Iterator[tuple[float, float, float, float]]:
    """Seconds to the ink, to the answer, the processor's seconds until then, and pictures made."""
    samples = _samples(made, post)
    for _ in range(count):
        sample, before = next(samples), made.kiosk.desk.version
        made.clock.now += 1 / 60
        started, worked = time.perf_counter(), time.process_time()
        post(made, *sample)
        pictures = 0
        while made.kiosk.desk.version == before and time.perf_counter() < started + PATIENCE:
            made.kiosk.step(STEP)
            pictures += 1
        inked = time.perf_counter()
        while not made.kiosk.settled and time.perf_counter() < started + PATIENCE:
            made.kiosk.step(STEP)
            pictures += 1
        answered = time.perf_counter()
        yield inked - started, answered - started, time.process_time() - worked, pictures


def _into_the_queue(made: Stage, kind: int, x: float, y: float) -> None:
    post_finger(made.kiosk, kind, x, y)


def _through(panel: Panel) -> Post:
    """By a finger on the kernel's panel."""

    def post(made: Stage, kind: int, x: float, y: float) -> None:
        width, height = made.kiosk.surface.get_size()
        place = on_panel(x / width, y / height, made.kiosk.config.screen.rotation)
        if kind == pygame.FINGERUP:
            panel.up()
        elif kind == pygame.FINGERDOWN:
            panel.down(*place)
        else:
            panel.move(*place)

    return post


def _samples(made: Stage, post: Post) -> Iterator[tuple[int, float, float]]:
    """The fingers' events that draw the session's digits over and over, but for those that lift
    it: kind, and pixels of the screen."""
    while True:
        for drawing in digits():
            made.begin()
            for stroke in drawing.ink.strokes:
                kind, last = pygame.FINGERDOWN, (-1.0, -1.0)
                for point in stroke:
                    x, y = made.kiosk.screen.to_window(point.x, point.y)
                    if math.dist(last, (x, y)) > STILL:
                        yield kind, x, y
                        kind, last = pygame.FINGERMOTION, (x, y)
                post(made, pygame.FINGERUP, *last)
                made.settle()
