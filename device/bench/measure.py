"""What every subject measures with: rows, warm-up, and turns that are taken A B A B."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from device import config as configuration
from device.config import Config
from device.library import Library
from device.recognizer import Recognizer
from device.stage import Stage, stage

WARM_UP = 10
"""So many measurements of each kind are made and forgotten first."""


@dataclass(frozen=True)
class Row:
    """One thing that was measured.

    Attributes:
        what: the thing, in words.
        where: the column that it stands in: a screen's size, a model, a length.
        unit: of the values: ``ms``, ``µs``, ``MB``, ``per s``, ``%``, or ``×`` for a ratio.
        values: every measurement, in the order they were made; at least one.
    """

    what: str
    where: str
    unit: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return float(np.median(self.values))

    @property
    def p99(self) -> float:
        """The 99th percentile."""
        return float(np.percentile(self.values, 99))

    @property
    def count(self) -> int:
        return len(self.values)

    def to_json(self) -> dict[str, object]:
        """The form for programs; four digits are more than any clock is worth."""
        return {
            "what": self.what,
            "where": self.where,
            "unit": self.unit,
            "median": _short(self.median),
            "p99": _short(self.p99),
            "count": self.count,
            "values": [_short(value) for value in self.values],
        }


@dataclass(frozen=True)
class Bench:
    """What the subjects measure with.

    Attributes:
        config: the configuration in force.
        models: the folder of models; None for the shipped ones.
        turns: how often each thing is done.
        floats: a folder of the models' float forms, NAME.tflite, to compare them with.
    """

    config: Config
    models: Path | None = None
    turns: int = 300
    floats: Path | None = None

    @cached_property
    def library(self) -> Library:
        """The models there are."""
        return Library(self.models)

    @cached_property
    def recognizer(self) -> Recognizer:
        """Reads what is drawn, with the configured model."""
        return Recognizer(self.library, self.config.model.name, self.config.model.threshold)

    def stage(self, size: str, driver: str = "dummy") -> AbstractContextManager[Stage]:
        """A kiosk of this size whose visitors never leave, see :func:`device.stage.stage`."""
        settings = {"screen.size": size, "kiosk.idle_seconds": 0, "kiosk.blank_minutes": 0}
        changed = configuration.changed(self.config, settings)
        return stage(changed, self.recognizer, self.library, driver=driver)


Subject = Callable[[Bench], Iterator[Row]]
"""What can be measured: its rows, each as soon as it is there."""

_UNITS = {"s": 1.0, "ms": 1e3, "µs": 1e6}


def measured(what: str, where: str, seconds: Sequence[float], unit: str = "ms") -> Row:
    """A row of times in seconds, shown in ``unit`` (s, ms or µs), without the warm-up."""
    kept = seconds[WARM_UP:] or seconds
    return Row(what, where, unit, tuple(second * _UNITS[unit] for second in kept))


def ratio(what: str, where: str, ours: Sequence[float], theirs: Sequence[float]) -> Row:
    """How many times ``theirs`` ours is, turn by turn, without the warm-up: both from one
    :func:`interleaved`, so that whatever else the machine did met them alike."""
    pairs = [one / other for one, other in zip(ours, theirs, strict=True)]
    return Row(what, where, "×", tuple(pairs[WARM_UP:] or pairs))


def timed(work: Callable[[], object]) -> float:
    """The seconds that something takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def interleaved(
    works: Mapping[str, Callable[[], object]], turns: int, calls: int = 1
) -> dict[str, list[float]]:
    """The seconds that each of ``works`` takes, one after the other and round again.

    Args:
        turns: measurements that count; :data:`WARM_UP` more are made first.
        calls: how often each is called in its turn, which gives the mean of them, after one call
            that only warms the caches: for what is shorter than what it finds there.

    Returns:
        for each name ``WARM_UP + turns`` times.
    """
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(WARM_UP + turns):
        for name, work in works.items():
            if calls > 1:
                work()
            started = time.perf_counter()
            for _ in range(calls):
                work()
            taken[name].append((time.perf_counter() - started) / calls)
    return taken


def _short(value: float) -> float:
    return float(f"{value:.4g}")
