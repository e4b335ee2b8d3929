"""From contacts to strokes: what a finger draws, cut off where it leaves the canvas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from device.ink import Stroke


class Mark(NamedTuple):
    """One sample of a stroke, canvas units; ``first`` when the stroke begins with it."""

    x: float
    y: float
    first: bool


class Pen:
    """Collects the stroke under the finger.

    A finger that leaves the canvas ends its stroke at the edge; if it comes back without lifting,
    a new stroke begins there.
    """

    def __init__(self) -> None:
        self._samples = np.empty((256, 3))
        self._count = 0
        self._outside: tuple[float, float, float] | None = None
        self._finished: list[Stroke] = []
        self._start = 0.0

    @property
    def is_down(self) -> bool:
        return self._count > 0

    @property
    def stroke(self) -> Stroke | None:
        """What has been drawn since the pen came down; None when it is up.

        Costs the same however long it is: rows that are written are never written again.
        """
        if not self._count:
            return None
        rows = self._samples[: self._count]
        rows.setflags(write=False)
        return Stroke(rows)

    def take_finished(self) -> list[Stroke]:
        """Strokes that have ended since the last call."""
        finished, self._finished = self._finished, []
        return finished

    def lift(self) -> None:
        """Forget the stroke at hand."""
        self._begin()
        self._outside = None
        self._finished.clear()

    def follow(self, kind: str, x: float, y: float, t: float) -> Iterator[Mark | None]:
        """What a contact (``"down"``, ``"move"`` or ``"up"``; canvas units, seconds) draws.

        Yields:
            marks to draw, and None where a stroke ends.
        """
        if kind == "down":
            self._end()
            self._outside = None
            self._start = t
        t -= self._start
        if self._inside(x, y):
            if self._outside is not None and kind != "down":
                yield self._add(*self._crossing((x, y, t), self._outside))
            self._outside = None
            # Where a finger lifts it has mostly been already.
            if not (kind == "up" and self._count and self._at(x, y)):
                yield self._add(x, y, t)
        else:
            if self._count:
                last = tuple(self._samples[self._count - 1].tolist())
                yield self._add(*self._crossing(last, (x, y, t)))
                self._end()
                yield None
            self._outside = (x, y, t)
        if kind == "up":
            self._outside = None
            if self._count:
                self._end()
                yield None

    def _add(self, x: float, y: float, t: float) -> Mark:
        if self._count == len(self._samples):
            self._samples = np.concatenate([self._samples, np.empty_like(self._samples)])
        self._samples[self._count] = x, y, t
        self._count += 1
        return Mark(x, y, self._count == 1)

    def _at(self, x: float, y: float) -> bool:
        return bool((self._samples[self._count - 1, :2] == (x, y)).all())

    def _end(self) -> None:
        if self._count:
            self._finished.append(Stroke.of(self._samples[: self._count]))
        self._begin()

    def _begin(self) -> None:
        self._samples = np.empty((256, 3))
        self._count = 0

    @staticmethod
    def _inside(x: float, y: float) -> bool:
        return 0.0 <= x <= 1.0 and 0.0 <= y <= 1.0

    @staticmethod
    def _crossing(
        inside: tuple[float, ...], outside: tuple[float, float, float]
    ) -> tuple[float, float, float]:
        """Where the way from inside to outside meets the edge of the canvas."""
        share = 1.0
        for a, b in zip(inside[:2], outside[:2], strict=True):
            edge = min(1.0, max(0.0, b))
            if edge != b:
                share = min(share, (edge - a) / (b - a))
        x, y, t = (a + (b - a) * share for a, b in zip(inside, outside, strict=True))
        return min(1.0, max(0.0, x)), min(1.0, max(0.0, y)), t
