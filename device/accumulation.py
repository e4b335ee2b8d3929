"""Long ink that grows, read for the price of its new points.

A point that makes a drawing larger changes its fit, and all of its lines come to lie elsewhere in
the model input. So it is not a picture that is accumulated: lines are smoothed once, as they are
drawn, and :class:`~device.nearest.Nearest` knows where they run; their box and centre of mass are
carried on; and a picture is asked for at whatever fit these make.

The picture is as good as a moving finger needs: most of it is the same, and edges are off by some
greys of 255, or some tens. A line that was smoothed while the drawing was small has more points
than it would be given now, and so the centre of mass may come to lie in another of its steps. A
drawing that is finished is read as every drawing is, see :mod:`device.normalise`, and so is one
that is shorter than :data:`LONG`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from device import raster, symbols
from device.curve import Rows, box_of, differ, same_until, smooth_with_places
from device.ink import Ink
from device.nearest import Nearest
from device.normalise import FIT, MODEL_PEN, SIDE, LinePipeline, centred, scale_of
from device.raster import Pixels

LONG = 1000
"""Samples from which on this takes less time than drawing anew."""

FOLLOWED = LONG // 2
"""Samples from which on it is of use to follow ink, which may become that long."""

AT_ONCE = 100
"""About so many points of curves are taken in at once, and what is left the next time: ink that is
long before it is followed would hold up a reading."""

LINE = 10
"""Points of a curve that take as long as beginning a line."""

_NONE = np.empty((0, 2))


class Accumulation:
    """The ink that :meth:`follow` was told of. To be used by one thread at a time."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._sound = True
        self._lines: list[Rows] = []  # as far as they are taken in
        # Of the last line: how many samples are settled, the last three of them, and the curve
        # at its end, which the next sample may still bend.
        self._settled = 0
        self._knots = self._tail = _NONE
        # Of all curves but that: their box, their length, and their centre of mass times that.
        self._low, self._high = np.full(2, np.inf), np.full(2, -np.inf)
        self._length, self._moment = 0.0, np.zeros(2)
        self._nearest = Nearest(FIT - MODEL_PEN, MODEL_PEN / 2 + 0.5)

    def follow(self, ink: Ink) -> bool:
        """Take in what is new, or begin anew where the ink is not the one before and more.

        Args:
            ink: not blank.

        Returns:
            whether all of it is taken in; else the next call goes on.
        """
        lines = [stroke.xy for stroke in ink.strokes if len(stroke)]
        if not self._sound or not _begins(lines, self._lines):
            self._begin()
        self._sound = False  # until all has gone well
        last = len(self._lines) - 1
        fresh = [lines[last][self._settled :]] if self._lines else []
        box = _joined(self._box(), np.concatenate([*fresh, *lines[last + 1 :]]))
        pixel = 1 / scale_of(*box)
        self._nearest.resize(pixel)
        spacing = pixel * (FIT - MODEL_PEN) / FIT  # a twentieth of the box, as in paths_of
        room = float(AT_ONCE)
        for number in range(max(0, last), len(lines)):
            if number > last:
                self._end_line()
                room -= LINE
            line, room = _share(lines[number], self._settled, spacing, room)
            self._extend(line, spacing)
            if room <= 0 or len(line) < len(lines[number]):
                break
        self._lines = [*lines[:number], line]
        self._sound = True
        return number == len(lines) - 1 and len(line) == len(lines[number])

    def model_input(self, pipeline: LinePipeline) -> Pixels:
        """The model input of the ink."""
        low, high = self._box()
        mass = None
        if pipeline.by_mass:
            length, moment = _mass(self._tail)
            length, moment = length + self._length, moment + self._moment
            middle = moment / length if length > 0 else (low + high) / 2
            mass = (middle - low) * scale_of(low, high)
        return self._draw((SIDE, SIDE), MODEL_PEN / 2, centred(low, high, mass=mass))

    def count(self) -> int:
        """How many symbols there are, see :func:`device.symbols.count_paths`."""
        fit = symbols.field_fit(*self._box()) if len(self._lines) > 1 else None
        if fit is None:
            return 1
        field = (symbols.FIELD, symbols.FIELD)
        return len(symbols.grouped(self._draw(field, symbols.PEN / 2, fit) > 127))

    def _draw(self, shape: tuple[int, int], radius: float, fit: raster.Fit) -> Pixels:
        x, y = (
            (np.arange(side) + 0.5 - shift) / fit.scale + corner
            for side, shift, corner in zip(shape[::-1], fit.shift, fit.corner, strict=True)
        )
        nearest = raster.empty(shape, radius)
        np.minimum(nearest, self._nearest.squared(x, y) * fit.scale**2, out=nearest)
        raster.lower(nearest, [fit.lay(self._tail)], radius)
        return raster.grey(nearest, radius)

    def _end_line(self) -> None:
        """The last line stays as it is: another one begins."""
        if len(self._tail):
            self._settle(self._tail if len(self._tail) > 1 else self._tail[[0, 0]])
        self._settled, self._knots, self._tail = 0, _NONE, _NONE

    def _extend(self, line: Rows, spacing: float) -> None:
        """Go on along the last line, which has come so far."""
        known = len(self._knots)
        samples = np.concatenate([self._knots, line[self._settled :]])
        samples = samples[np.append(True, differ(samples[1:], samples[:-1]))]
        self._settled = len(line) - 1
        settled = len(samples) - 1
        if settled < known:  # the finger rests
            return
        curve, places = smooth_with_places(samples, spacing)
        # How a curve comes to a sample depends on the next one.
        start, stop = places[max(known - 2, 0)], places[max(settled - 2, 0)]
        if start < stop:
            self._settle(curve[start : stop + 1])
        self._tail, self._knots = curve[stop:], samples[max(settled - 3, 0) : settled]
        self._nearest.resize(1 / scale_of(*self._box()))

    def _settle(self, curve: Rows) -> None:
        """Part of a curve stays as it is."""
        self._low, self._high = _joined((self._low, self._high), curve)
        self._nearest.resize(1 / scale_of(*self._box()))
        self._nearest.add(curve)
        length, moment = _mass(curve)
        self._length += length
        self._moment = self._moment + moment

    def _box(self) -> tuple[Rows, Rows]:
        return _joined((self._low, self._high), self._tail)


def _begins(lines: Sequence[Rows], before: Sequence[Rows]) -> bool:
    """Whether lines begin with those before."""
    last = len(before) - 1
    same, shared = same_until(before, lines)
    return same > last or (same == last and shared == len(before[last]))


def _share(line: Rows, settled: int, spacing: float, room: float) -> tuple[Rows, float]:
    """A line as far as its curve has about ``room`` points after the settled samples, one more
    sample at least; and how many points are left."""
    chords = np.diff(line[settled:], axis=0)
    costs = np.cumsum(np.maximum(1, np.hypot(chords[:, 0], chords[:, 1]) / spacing))
    if not len(costs):
        return line, room
    more = max(1, int(np.searchsorted(costs, room, side="right")))
    return line[: settled + 1 + more], room - float(costs[more - 1])


def _joined(box: tuple[Rows, Rows], points: Rows) -> tuple[Rows, Rows]:
    """The box (its least and greatest x, y) around a box and points."""
    if not len(points):
        return box
    low, high = box_of(points)
    return np.minimum(box[0], low), np.maximum(box[1], high)


def _mass(curve: Rows) -> tuple[float, Rows]:
    """The length of a curve, and its centre of mass times that."""
    lengths = np.hypot(*(curve[1:] - curve[:-1]).T)
    return float(lengths.sum()), lengths @ (curve[1:] + curve[:-1]) / 2
