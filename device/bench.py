"""What things cost: measured on the machine at hand, many times, after a warm-up.

Each subject is a function that yields rows; ``inkling bench`` prints them as a table or as JSON.
"""

from __future__ import annotations

import json
import math
import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pygame

from device import __version__
from device import config as configuration
from device.config import Config
from device.demo import post_finger
from device.errors import InklingError
from device.ink import Ink, Stroke
from device.library import Library
from device.recognizer import Recognizer
from device.session import session
from device.stage import STEP, Stage, stage

SIZES = ("800x480", "1280x720", "480x320", "1920x1080")
"""The screens that are measured."""

LENGTHS = (100, 1_000, 10_000, 100_000)
"""How many points are on the canvas already, while one more stroke is drawn."""

WARM_UP = 10
"""So many measurements of each kind are made and forgotten first."""


@dataclass(frozen=True)
class Row:
    """One thing measured ``count`` times: median and 99th percentile, milliseconds."""

    what: str
    where: str
    median: float
    p99: float
    count: int


@dataclass(frozen=True)
class Bench:
    """What the subjects measure with.

    Attributes:
        config: the configuration in force.
        recognizer: reads what is drawn.
        library: the models there are.
        turns: how often each thing is done.
    """

    config: Config
    recognizer: Recognizer
    library: Library
    turns: int = 300

    def stage(self, size: str) -> AbstractContextManager[Stage]:
        """A kiosk of this size whose visitors never leave, see :func:`device.stage.stage`."""
        settings = {"screen.size": size, "kiosk.idle_seconds": 0, "kiosk.blank_minutes": 0}
        changed = configuration.changed(self.config, settings)
        return stage(changed, self.recognizer, self.library)


def run(subject: str, bench: Bench, out: TextIO, *, as_json: bool) -> int:
    """Measure one of :data:`SUBJECTS` and print what came of it; returns the exit status.

    Raises:
        InklingError: there is no such subject.
    """
    if subject not in SUBJECTS:
        raise InklingError(f"no subject {subject!r} to measure; there are: {', '.join(SUBJECTS)}")
    if not as_json:
        print("  ".join(machine().values()), file=out)
        print(f"\n{'what':<34} {'where':<14} {'median':>10} {'99 %':>10}   times", file=out)
    rows = []
    for row in SUBJECTS[subject](bench):
        rows.append(row)
        if not as_json:
            print(
                f"{row.what:<34} {row.where:<14} {row.median:>7.2f} ms {row.p99:>7.2f} ms"
                f"   {row.count}",
                file=out,
                flush=True,
            )
    if as_json:
        made = {"subject": subject, "machine": machine(), "rows": [asdict(row) for row in rows]}
        json.dump(made, out, indent=1)
        print(file=out)
    return 0


def machine() -> dict[str, str]:
    """What the numbers were measured on."""
    model = platform.processor() or platform.machine()
    for path, key in (("/proc/device-tree/model", None), ("/proc/cpuinfo", "model name")):
        try:
            text = Path(path).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if key is None:
            model = text.strip("\0\n")
            break
        named = [
            line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith(key)
        ]
        model = named[0] if named else model
    return {
        "inkling": f"Inkling {__version__}",
        "machine": model,
        "cores": f"{len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else 1} cores",
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"Python {platform.python_version()}",
        "numpy": f"numpy {np.__version__}",
        "pygame": f"pygame-ce {metadata.version('pygame-ce')}",
    }


def measured(what: str, where: str, seconds: list[float]) -> Row:
    """A row of what was measured, without the warm-up."""
    times = np.array(seconds[WARM_UP:] or seconds) * 1000
    median, p99 = np.percentile(times, [50, 99])
    return Row(what, where, float(median), float(p99), len(times))


def screen(bench: Bench) -> Iterator[Row]:
    """The frame budget: how long the main thread takes for one picture, per size, and how that
    grows with what is on the canvas already."""
    for size in SIZES:
        with bench.stage(size) as made:
            yield measured("ink under the finger", size, list(_under_finger(made, bench.turns)))
            made.begin()
            yield measured("normalising moves the drawing", size, list(_fitting(made, bench.turns)))
            yield measured("360: the drawing turns", size, list(_turning(made, bench.turns)))
    size = SIZES[0]
    with bench.stage(size) as made:
        for length in LENGTHS:
            ink = scribble(length)
            for what, before, live in (
                (f"ink, {length:,} points before it", ink, False),
                (f"ink, {length:,} points in its stroke", length, False),
                (f"ink and reading, {length:,} points", ink, True),
            ):
                made.begin()
                yield measured(what, size, list(_under_finger(made, bench.turns, before, live)))
            reads = [_timed(partial(bench.recognizer.read, ink)) for _ in range(WARM_UP + 10)]
            yield measured(f"reading {length:,} points (worker)", size, reads)


def scribble(length: int) -> Ink:
    """Ink of so many points: loops all over the canvas, strokes of a hundred points."""
    t = np.arange(length) * 0.11
    radius = 0.08 + 0.3 * (np.arange(length) % 997) / 997
    xy = np.column_stack([0.5 + radius * np.cos(t), 0.5 + radius * np.sin(t), t])
    return Ink(tuple(Stroke.of(part) for part in np.split(xy, range(100, length, 100))))


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


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
            yield _timed(lambda: kiosk.step(STEP))
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
            yield _timed(lambda: made.kiosk.step(STEP))
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


SUBJECTS: dict[str, Callable[[Bench], Iterator[Row]]] = {"screen": screen}
"""What can be measured, by name."""
