"""Subject ``idle``: how often Inkling wakes while nobody is there, and how long it works.

The canvas is blank and stays on the screen: the moving picture for passers-by, and going dark, are
switched off.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from device.bench.measure import Bench, Row
from device.bench.processes import READY, Program, processor_seconds, programs, wakeups

SECONDS = 60
"""How long is looked at most, a second a time."""

REST = 3.0
"""Seconds after its first reading until a program has come to rest."""


def rows(bench: Bench) -> Iterator[Row]:
    """Both programs side by side: wake-ups in each second, and the share of a core."""
    woken: dict[str, list[float]] = {}
    worked: dict[str, list[float]] = {}
    with (
        programs(bench) as started,
        started.inkling("run") as kiosk,
        started.inkling("headless") as headless,
    ):
        both = {"kiosk": kiosk, "headless": headless}
        for program in both.values():
            program.wait_for(READY)
        time.sleep(REST)
        before = _look(both)
        for _ in range(min(bench.turns, SECONDS)):
            time.sleep(1.0)
            now = _look(both)
            for name, (count, seconds, at) in now.items():
                count_before, seconds_before, at_before = before[name]
                passed = at - at_before
                woken.setdefault(name, []).append((count - count_before) / passed)
                worked.setdefault(name, []).append(100 * (seconds - seconds_before) / passed)
            before = now
    for name, values in woken.items():
        yield Row("wake-ups", name, "per s", tuple(values))
    for name, values in worked.items():
        # A second is too short for a median: mostly nothing happens in it.
        yield Row("processor, of one core", name, "%", (sum(values) / len(values),))


def _look(both: dict[str, Program]) -> dict[str, tuple[int, float, float]]:
    return {
        name: (wakeups(program.pid), processor_seconds(program.pid), time.monotonic())
        for name, program in both.items()
    }
