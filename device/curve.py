"""The smooth line through a few touch samples.

Panels report at 25-47 Hz, so a fast stroke arrives as a few samples far apart. A centripetal
Catmull-Rom spline (Catmull & Rom 1974; Yuksel et al. 2011: no loops, no cusps) runs through them;
it breaks at corners, so that the tip of a 7 stays a tip.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from device.errors import InkError

CORNER = math.radians(75.0)
"""A turn sharper than this is a corner the hand meant, and smoothing leaves it alone."""

MAX_CURVE_POINTS = 8_000_000
"""A curve longer than this many spacings is refused before it fills the memory."""

_BLOCK = 100_000
"""Points of a curve worked out at once: bounds the memory that a very long stroke takes."""


def _without_repeats(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    if len(xy) < 2:
        return xy
    moved = np.any(xy[1:] != xy[:-1], axis=1)
    kept: NDArray[np.float64] = xy[np.concatenate([[True], moved])]
    return kept


def smooth(xy: NDArray[np.float64], spacing: float) -> NDArray[np.float64]:
    """A curve through the samples ``xy`` (n, 2), as points at most about ``spacing`` apart.

    Args:
        spacing: in the units of ``xy``, > 0.

    Returns:
        float64 array (m, 2) that begins and ends with the first and last sample; m = 0 for no
        samples, 1 for a dot.

    Raises:
        InkError: the curve would need more than :data:`MAX_CURVE_POINTS` points.
    """
    xy = _without_repeats(xy)
    if len(xy) < 2:
        return xy
    chords = np.diff(xy, axis=0)
    lengths = np.hypot(chords[:, 0], chords[:, 1])
    counts = np.maximum(1, np.ceil(lengths / spacing))
    if not counts.sum() <= MAX_CURVE_POINTS:  # nor when it is not a number
        raise InkError("a stroke is far longer than the canvas it was drawn on")
    # Neighbours of each segment p1-p2; at the ends and at corners the outer neighbour is the
    # mirror image of the inner one, which makes the curve leave the point straight.
    p1, p2 = xy[:-1], xy[1:]
    before = np.concatenate([2 * xy[:1] - xy[1:2], xy[:-2]])
    after = np.concatenate([xy[2:], 2 * xy[-1:] - xy[-2:-1]])
    if len(xy) > 2:
        a, b = chords[:-1], chords[1:]
        cross = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
        turn = np.abs(np.arctan2(cross, np.sum(a * b, axis=1)))
        corner = np.flatnonzero(turn > CORNER)
        before[corner + 1] = 2 * p1[corner + 1] - p2[corner + 1]
        after[corner] = 2 * p2[corner] - p1[corner]
    return _catmull_rom(before, p1, p2, after, counts.astype(np.intp))


def _catmull_rom(
    p0: NDArray[np.float64],
    p1: NDArray[np.float64],
    p2: NDArray[np.float64],
    p3: NDArray[np.float64],
    counts: NDArray[np.intp],
) -> NDArray[np.float64]:
    """``counts`` points on each segment p1-p2 of a centripetal curve (in Hermite form), and the
    end of the last."""

    def knot(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        gap = b - a
        root: NDArray[np.float64] = np.sqrt(np.hypot(gap[:, :1], gap[:, 1:]))
        return np.maximum(root, 1e-12)

    t01, t12, t23 = knot(p0, p1), knot(p1, p2), knot(p2, p3)
    m1 = p2 - p1 + t12 * ((p1 - p0) / t01 - (p2 - p0) / (t01 + t12))
    m2 = p2 - p1 + t12 * ((p3 - p2) / t23 - (p3 - p1) / (t12 + t23))
    a = 2 * (p1 - p2) + m1 + m2
    b = -3 * (p1 - p2) - 2 * m1 - m2
    ends = np.cumsum(counts)
    curve = np.empty((int(ends[-1]) + 1, 2))
    curve[-1] = p2[-1]
    for first in range(0, len(curve) - 1, _BLOCK):
        index = np.arange(first, min(first + _BLOCK, len(curve) - 1))
        on = np.searchsorted(ends, index, side="right")
        v = ((index - ends[on] + counts[on]) / counts[on])[:, None]
        curve[index] = ((a[on] * v + b[on]) * v + m1[on]) * v + p1[on]
    return curve
