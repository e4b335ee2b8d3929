"""Ink to anti-aliased grey pixels, at any size, with numpy alone.

A line is the set of points nearer than the pen's radius to it, so joins and caps are round and
correct by construction. A pixel's grey is the part of it that the line covers, estimated from the
distance between the pixel's centre and the line: a soft edge one pixel wide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from device.curve import Place, Rows, same_until
from device.ink import Ink

Pixels = NDArray[np.uint8]
"""Grey pixels, uint8 of shape (height, width): 255 is ink, 0 is paper."""

_FIRST = 256
"""Segments looked at together at first, and ..."""

_CHUNK = 20_000
"""... at most: twice as many each time, for what is covered already needs no second look."""

_FEW = 128
"""Points that are drawn in less time than it takes to find out which of them are new."""

_CELLS = 10_000
"""Pixels whose distance to segments is worked out at once: few enough for a processor's cache, and
a drawing of any length takes little memory."""


def draw(ink: Ink, size: int, pen_width: float) -> Pixels:
    """The whole canvas as grey pixels.

    Args:
        ink: what to draw, canvas units; parts outside the canvas are clipped.
        size: side of the result in pixels.
        pen_width: width of the line in canvas units.

    Returns:
        uint8 array (size, size), 255 on 0.
    """
    radius = pen_width * size / 2
    paths = ink.smoothed(step(radius) / size)
    return draw_paths(paths, (size, size), radius, Fit(scale=size))


def step(radius: float) -> float:
    """How far apart (pixels) the points of a path may be for a pen of this radius (pixels).

    A pixel for thin pens; for wide ones half the radius, which no eye can tell from a curve.
    """
    return max(1.0, radius / 2)


class Fit(NamedTuple):
    """Where lines come to lie in a picture: at ``(line - corner) * scale + shift``.

    ``corner`` is in the lines' units, ``shift`` in pixels, both x, y; ``scale`` in pixels a unit.
    """

    corner: tuple[float, float] = (0.0, 0.0)
    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def at(cls, corner: Iterable[float], scale: float, shift: Iterable[float]) -> Fit:
        """A fit from any two numbers for the corner and the shift."""
        (x, y), (right, down) = corner, shift
        return cls((float(x), float(y)), scale, (float(right), float(down)))

    def lay(self, line: Rows) -> Rows:
        """A line (n, 2) where it comes to lie, pixels."""
        return (line - self.corner) * self.scale + self.shift


AS_IT_IS = Fit()
"""Lines are in pixels already: pixel (0, 0) covers 0..1."""


def draw_paths(
    paths: Iterable[Rows], shape: tuple[int, int], radius: float, fit: Fit = AS_IT_IS
) -> Pixels:
    """Lines as grey pixels.

    Args:
        paths: arrays (n, 2) of x, y with neighbours close together, see :func:`step`: time grows
            with the square of each step inside the picture; a single point is a dot.
        shape: height and width of the result.
        radius: half the pen's width, pixels.
        fit: where the lines come to lie.

    Returns:
        uint8 array of ``shape``.
    """
    nearest = empty(shape, radius)
    lower(nearest, map(fit.lay, paths), radius)
    return grey(nearest, radius)


Draw = Callable[[Iterable[Rows], tuple[int, int], float, Fit], Pixels]
"""What :func:`draw_paths` does, or :class:`Growing` for lines that it has drawn most of before."""


class Growing:
    """Draws as :func:`draw_paths` does, to the last bit, lines that grow from call to call: only
    what is new is drawn, and what has changed since the call before, such as the end of a line.

    Keeps one drawing for each shape and radius, which nobody may change. To be used by one thread
    at a time.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[tuple[int, int], float], _Kept] = {}

    def __call__(
        self, paths: Iterable[Rows], shape: tuple[int, int], radius: float, fit: Fit = AS_IT_IS
    ) -> Pixels:
        lines = list(paths)
        kept = self._kept.pop((shape, radius), None)  # not half drawn, whatever happens
        if sum(map(len, lines)) < _FEW:
            return draw_paths(lines, shape, radius, fit)
        if kept is None or kept.fit != fit:
            kept = _Kept(empty(shape, radius))
        same = same_until(kept.lines, lines)
        if same < kept.drawn:
            kept = _Kept(empty(shape, radius))
        # What has stayed as it was for one call is taken to stay so: the rest is drawn on a copy.
        lower(kept.nearest, map(fit.lay, _between(lines, kept.drawn, same)), radius)
        self._kept[shape, radius] = _Kept(kept.nearest, fit, lines, same)
        nearest = kept.nearest.copy()
        lower(nearest, map(fit.lay, _between(lines, same, (len(lines), 0))), radius)
        return grey(nearest, radius)


class _Kept(NamedTuple):
    """``nearest`` is what is known of ``lines`` up to where they are ``drawn``."""

    nearest: Rows
    fit: Fit = AS_IT_IS
    lines: Sequence[Rows] = ()
    drawn: Place = (0, 0)


def _between(lines: Sequence[Rows], start: Place, stop: Place) -> Iterator[Rows]:
    """What there is of lines between two places; the last point before it is its first."""
    for number in range(start[0], min(stop[0] + 1, len(lines))):
        first = max(0, start[1] - 1) if number == start[0] else 0
        part = lines[number][first : stop[1] if number == stop[0] else None]
        if len(part):
            yield part


def empty(shape: tuple[int, int], radius: float) -> Rows:
    """The squared distance (pixels) of each pixel to the nearest line, as far as it matters to a
    pen of this radius: to none."""
    return np.full(shape, (radius + 0.5) ** 2)


def grey(nearest: Rows, radius: float) -> Pixels:
    """What a pen of this radius draws at these squared distances, see :func:`empty`."""
    # A pen thinner than a pixel never covers a whole one.
    covered = np.clip(radius + 0.5 - np.sqrt(nearest), 0.0, min(1.0, 2 * radius))
    made: Pixels = np.rint(covered * 255).astype(np.uint8)
    return made


def lower(nearest: Rows, paths: Iterable[Rows], radius: float) -> None:
    """Lower ``nearest`` (squared distances, one a pixel) to what lies within reach of paths."""
    for starts, ends in _segments(paths):
        _lower_to(nearest, starts, ends, radius + 0.5)


def _segments(paths: Iterable[Rows]) -> Iterator[tuple[Rows, Rows]]:
    """The starts and ends of the steps of all paths together, :data:`_FIRST` of them, then twice
    as many, and so on up to :data:`_CHUNK`."""
    starts: list[Rows] = []
    ends: list[Rows] = []
    room = chunk = _FIRST
    for path in paths:
        if len(path) == 1:
            path = path[[0, 0]]
        first = 0
        while first < len(path) - 1:
            part = path[first : first + room + 1]
            starts.append(part[:-1])
            ends.append(part[1:])
            first += len(part) - 1
            room -= len(part) - 1
            if not room:
                yield np.concatenate(starts), np.concatenate(ends)
                starts, ends = [], []
                room = chunk = min(2 * chunk, _CHUNK)
    if starts:
        yield np.concatenate(starts), np.concatenate(ends)


def _lower_to(nearest: Rows, start: Rows, end: Rows, reach: float) -> None:
    """As :func:`lower` for segments."""
    size = np.array(nearest.shape[::-1])
    low = np.floor(np.minimum(start, end) - reach)
    high = np.ceil(np.maximum(start, end) + reach)
    seen = np.flatnonzero((high > 0).all(axis=1) & (low < size).all(axis=1))
    low, high = (
        np.maximum(low[seen], 0).astype(np.intp),
        np.minimum(high[seen], size).astype(np.intp),
    )
    useful = np.flatnonzero(_undecided(nearest, low, high, reach))
    # The widest window sets the size of all that are stamped with it, so like goes with like.
    sides = (high - low)[useful].max(axis=1)
    order = np.argsort(sides)
    useful, sides = useful[order], sides[order]
    stop = len(useful)
    while stop:
        window = np.minimum(sides[stop - 1], size)
        block = useful[max(0, stop - max(1, _CELLS // int(window.prod()))) : stop]
        corner = np.minimum(low[block], size - window)
        _stamp(nearest, start[seen[block]], end[seen[block]], corner, window)
        stop -= len(block)


def _undecided(
    nearest: Rows, low: NDArray[np.intp], high: NDArray[np.intp], reach: float
) -> NDArray[np.bool_]:
    """Which boxes hold a pixel that is not all ink yet: a scribble soon has few others."""
    height, width = nearest.shape
    above = np.zeros((height + 1, width + 1), np.intp)
    open_pixels = nearest > max(0.0, reach - 1) ** 2
    above[1:, 1:] = open_pixels.cumsum(axis=0).cumsum(axis=1)
    (left, top), (right, bottom) = low.T, high.T
    inside = above[bottom, right] - above[top, right] - above[bottom, left] + above[top, left]
    undecided: NDArray[np.bool_] = inside > 0
    return undecided


def _stamp(
    nearest: Rows, start: Rows, end: Rows, corner: NDArray[np.intp], window: NDArray[np.intp]
) -> None:
    """Lower ``nearest`` in a window (width, height), from the corner of each segment."""
    along = end - start
    rate = along / np.maximum(np.sum(along * along, axis=1), 1e-18)[:, None]
    columns, rows = corner[:, :1] + np.arange(window[0]), corner[:, 1:] + np.arange(window[1])
    dx = (columns + 0.5 - start[:, :1])[:, None, :]
    dy = (rows + 0.5 - start[:, 1:])[:, :, None]
    ax, ay = along[:, 0, None, None], along[:, 1, None, None]
    t = np.clip(dx * rate[:, 0, None, None] + dy * rate[:, 1, None, None], 0.0, 1.0)
    distance2 = (dx - t * ax) ** 2 + (dy - t * ay) ** 2
    index = rows[:, :, None] * nearest.shape[1] + columns[:, None, :]
    np.minimum.at(nearest.reshape(-1), index.reshape(-1), distance2.reshape(-1))
