"""Ink to anti-aliased grey pixels, at any size, with numpy alone.

A line is the set of points nearer than the pen's radius to it, so joins and caps are round and
correct by construction. A pixel's grey is the part of it that the line covers, estimated from the
distance between the pixel's centre and the line: a soft edge one pixel wide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from device.ink import Ink

Pixels = NDArray[np.uint8]
"""Grey pixels, uint8 of shape (height, width): 255 is ink, 0 is paper."""

_CHUNK = 20_000
"""Segments looked at together, and ..."""

_CELLS = 500_000
"""... pixels whose distance to them is worked out at once: a drawing of any length takes little
memory."""


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
    paths = (stroke.smoothed(step(radius) / size) * size for stroke in ink.strokes)
    return draw_paths(paths, (size, size), radius)


def step(radius: float) -> float:
    """How far apart (pixels) the points of a path may be for a pen of this radius (pixels).

    A pixel for thin pens; for wide ones half the radius, which no eye can tell from a curve.
    """
    return max(1.0, radius / 2)


def draw_paths(
    paths: Iterable[NDArray[np.float64]], shape: tuple[int, int], radius: float
) -> Pixels:
    """Lines given in pixel coordinates (pixel (0, 0) covers 0..1) as grey pixels.

    Args:
        paths: arrays (n, 2) of x, y with neighbours close together, see :func:`step`: time grows
            with the square of each step inside the picture; a single point is a dot.
        shape: height and width of the result.
        radius: half the pen's width, pixels.

    Returns:
        uint8 array of ``shape``.
    """
    reach = radius + 0.5
    nearest = np.full(shape, reach * reach)
    for starts, ends in _segments(paths):
        _lower(nearest, starts, ends, reach)
    # A pen thinner than a pixel never covers a whole one.
    covered = np.clip(reach - np.sqrt(nearest), 0.0, min(1.0, 2 * radius))
    grey: Pixels = np.rint(covered * 255).astype(np.uint8)
    return grey


Rows = NDArray[np.float64]


def _segments(paths: Iterable[Rows]) -> Iterator[tuple[Rows, Rows]]:
    """The starts and ends of the steps of all paths together, about :data:`_CHUNK` at a time."""
    starts: list[Rows] = []
    ends: list[Rows] = []
    count = 0
    for path in paths:
        lone = len(path) == 1
        for first in range(0, 1 if lone else len(path) - 1, _CHUNK):
            part = path[first : first + _CHUNK + 1]
            starts.append(part if lone else part[:-1])
            ends.append(part if lone else part[1:])
            count += len(starts[-1])
            if count >= _CHUNK:
                yield np.concatenate(starts), np.concatenate(ends)
                starts, ends, count = [], [], 0
    if count:
        yield np.concatenate(starts), np.concatenate(ends)


def _lower(nearest: Rows, start: Rows, end: Rows, reach: float) -> None:
    """Lower ``nearest`` (squared distances, one a pixel) to what lies within reach of segments."""
    size = nearest.shape[::-1]
    low, high = np.minimum(start, end) - reach, np.maximum(start, end) + reach
    seen = np.flatnonzero((high > 0).all(axis=1) & (low < size).all(axis=1))
    corner = np.maximum(np.floor(low[seen]), 0).astype(np.intp)
    opposite = np.minimum(np.ceil(high[seen]), size).astype(np.intp)
    useful = np.flatnonzero(_undecided(nearest, corner, opposite, reach))
    seen, corner, sides = seen[useful], corner[useful], (opposite - corner)[useful].max(axis=1)
    # The widest window sets the size of all that are stamped with it, so like goes with like.
    order = np.argsort(sides)
    stop = len(order)
    while stop:
        window = int(sides[order[stop - 1]])
        block = order[max(0, stop - max(1, _CELLS // window**2)) : stop]
        _stamp(nearest, start[seen[block]], end[seen[block]], corner[block], window)
        stop -= len(block)


def _undecided(
    nearest: Rows, low: NDArray[np.intp], high: NDArray[np.intp], reach: float
) -> NDArray[np.bool_]:
    """Which boxes hold a pixel that is not all ink yet: a scribble soon has few others."""
    open_pixels = nearest > max(0.0, reach - 1) ** 2
    above = np.pad(open_pixels.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    (left, top), (right, bottom) = low.T, high.T
    inside = above[bottom, right] - above[top, right] - above[bottom, left] + above[top, left]
    undecided: NDArray[np.bool_] = inside > 0
    return undecided


def _stamp(nearest: Rows, start: Rows, end: Rows, low: NDArray[np.intp], window: int) -> None:
    """Lower ``nearest`` in a square of ``window`` pixels from corner ``low`` of each segment."""
    height, width = nearest.shape
    columns, rows = low[:, 0, None] + np.arange(window), low[:, 1, None] + np.arange(window)
    along = end - start
    length2 = np.maximum(np.sum(along * along, axis=1), 1e-18)
    dx = (columns + 0.5 - start[:, 0, None])[:, None, :]
    dy = (rows + 0.5 - start[:, 1, None])[:, :, None]
    ax, ay = along[:, 0, None, None], along[:, 1, None, None]
    t = np.clip((dx * ax + dy * ay) / length2[:, None, None], 0.0, 1.0)
    distance2 = (dx - t * ax) ** 2 + (dy - t * ay) ** 2
    inside = (columns < width)[:, None, :] & (rows < height)[:, :, None]
    index = rows[:, :, None] * width + columns[:, None, :]
    np.minimum.at(nearest.reshape(-1), index[inside], distance2[inside])
