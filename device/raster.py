"""Ink to anti-aliased grey pixels, at any size, with numpy alone.

A line is the set of points nearer than the pen's radius to it, so joins and caps are round and
correct by construction. A pixel's grey is the part of it that the line covers, estimated from the
distance between the pixel's centre and the line: a soft edge one pixel wide.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from device.ink import Ink

Pixels = NDArray[np.uint8]
"""Grey pixels, uint8 of shape (height, width): 255 is ink, 0 is paper."""

_CHUNK = 20_000
"""Segments stamped at once: bounds the memory that a very long drawing takes."""


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
        paths: arrays (n, 2) of x, y with neighbours close together, see :func:`step`: time and
            memory grow with the square of the longest step; a single point is a dot.
        shape: height and width of the result.
        radius: half the pen's width, pixels.

    Returns:
        uint8 array of ``shape``.
    """
    height, width = shape
    reach = radius + 0.5
    nearest = np.full(height * width, reach * reach)
    for path in paths:
        for start, end in _segments(path):
            _stamp(nearest, shape, start, end, reach)
    covered = np.clip(reach - np.sqrt(nearest), 0.0, 1.0)
    # A pen thinner than a pixel never covers a whole one.
    grey = np.rint(covered * min(1.0, 2 * radius) * 255).astype(np.uint8)
    return grey.reshape(shape)


def _segments(
    path: NDArray[np.float64],
) -> Iterable[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    if len(path) == 1:
        yield path, path
    for first in range(0, len(path) - 1, _CHUNK):
        part = path[first : first + _CHUNK + 1]
        yield part[:-1], part[1:]


def _stamp(
    nearest: NDArray[np.float64],
    shape: tuple[int, int],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    reach: float,
) -> None:
    """Lower ``nearest`` (squared distances, flat) in a square window around each segment."""
    height, width = shape
    low, high = np.minimum(start, end) - reach, np.maximum(start, end) + reach
    seen = (high > 0).all(axis=1) & (low < (width, height)).all(axis=1)
    if not seen.all():
        start, end, low, high = start[seen], end[seen], low[seen], high[seen]
    if not len(start):
        return
    low = np.maximum(np.floor(low), 0)
    high = np.minimum(np.ceil(high), (width, height))
    window = np.arange(int((high - low).max()))
    columns = low[:, 0, None] + window
    rows = low[:, 1, None] + window
    along = end - start
    length2 = np.maximum(np.sum(along * along, axis=1), 1e-18)
    dx = (columns + 0.5 - start[:, 0, None])[:, None, :]
    dy = (rows + 0.5 - start[:, 1, None])[:, :, None]
    ax, ay = along[:, 0, None, None], along[:, 1, None, None]
    t = np.clip((dx * ax + dy * ay) / length2[:, None, None], 0.0, 1.0)
    distance2 = (dx - t * ax) ** 2 + (dy - t * ay) ** 2
    inside = (columns < width)[:, None, :] & (rows < height)[:, :, None]
    index = (rows[:, :, None] * width + columns[:, None, :]).astype(np.intp)
    np.minimum.at(nearest, index[inside], distance2[inside])
