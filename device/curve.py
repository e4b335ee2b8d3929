"""The smooth line through a few touch samples.

Panels report at 25-47 Hz, so a fast stroke arrives as a few samples far apart. A centripetal
Catmull-Rom spline (Catmull & Rom 1974; Yuksel et al. 2011: no loops, no cusps) runs through them;
it breaks at corners, so that the tip of a 7 stays a tip.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from device.errors import InkError

Rows = NDArray[np.float64]

Smooth = Callable[[Sequence[Rows], float], list[Rows]]
"""What :func:`smooth_all` does, or :class:`Growing` for lines that it has smoothed before."""

Place = tuple[int, int]
"""How far lines have come: so many whole ones, and so many points of the next."""

CORNER = math.radians(75.0)
"""A turn sharper than this is a corner the hand meant, and smoothing leaves it alone."""

MAX_CURVE_POINTS = 8_000_000
"""A curve longer than this many spacings is refused before it fills the memory."""

_BLOCK = 100_000
"""Points of a curve worked out at once: bounds the memory that a very long stroke takes."""


def smooth(xy: Rows, spacing: float) -> Rows:
    """A curve through the samples ``xy`` (n, 2), as points at most about ``spacing`` apart.

    Args:
        spacing: in the units of ``xy``, > 0.

    Returns:
        float64 array (m, 2) that begins and ends with the first and last sample; m = 0 for no
        samples, 1 for a dot.

    Raises:
        InkError: the curve would need more than :data:`MAX_CURVE_POINTS` points.
    """
    return smooth_all([xy], spacing)[0] if len(xy) else xy


def smooth_all(lines: Sequence[Rows], spacing: float) -> list[Rows]:
    """As :func:`smooth` for each of some lines, at least one and none without samples, all of them
    at once: a scribble of many strokes costs hardly more than one long one."""
    xy, follows, line = _without_repeats(np.concatenate(lines), [len(one) for one in lines])
    chords = np.zeros_like(xy)  # from each sample to the next of its line
    chords[:-1][follows] = np.diff(xy, axis=0)[follows]
    counts = _counts(chords, spacing)
    lengths = np.bincount(line, counts)
    _check(lengths.max())
    curve = _catmull_rom(xy, chords, follows, counts.astype(np.intp))
    return np.split(curve, np.cumsum(lengths)[:-1].astype(np.intp))


def smooth_with_places(xy: Rows, spacing: float) -> tuple[Rows, NDArray[np.intp]]:
    """As :func:`smooth` for samples of which none lies where the one before it does; and at which
    point of the curve each lies."""
    counts = _counts(xy[1:] - xy[:-1], spacing)
    return smooth(xy, spacing), np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)


class Growing:
    """Smooths as :func:`smooth_all` does, to the last bit, lines that grow from call to call: only
    what is new is smoothed, and the end that it changes.

    Keeps the lines and curves of two spacings, which nobody may change. To be used by one thread
    at a time.
    """

    def __init__(self) -> None:
        self._kept: dict[float, _Kept] = {}

    def __call__(self, lines: Sequence[Rows], spacing: float) -> list[Rows]:
        kept = self._kept.pop(spacing, _Kept())
        whole, shared = same_until(kept.lines, lines)
        curves = [*kept.curves[:whole]]
        if shared:
            curves.append(_continued(kept.curves[whole], lines[whole], shared, spacing))
        if len(curves) < len(lines):
            curves += smooth_all(lines[len(curves) :], spacing)
        self._kept[spacing] = _Kept(lines, curves)
        if len(self._kept) > 2:
            del self._kept[next(iter(self._kept))]
        return list(curves)


class _Kept(NamedTuple):
    """Lines, and the curves that they have become."""

    lines: Sequence[Rows] = ()
    curves: Sequence[Rows] = ()


def _continued(curve: Rows, line: Rows, shared: int, spacing: float) -> Rows:
    """The curve of a line whose first ``shared`` samples were the first of ``curve`` already."""
    shared = len(_without_repeats(line[:shared], [shared])[0])
    xy, _, _ = _without_repeats(line, [len(line)])
    # How the curve goes from one sample to the next depends on the one before and the one after.
    last = shared - 2
    if last < 1:
        return smooth(xy, spacing)
    counts = _counts(np.diff(xy[: last + 1], axis=0), spacing)
    end = smooth(xy[last - 1 :], spacing)[int(counts[-1]) :]
    made = np.concatenate([curve[: int(counts.sum())], end])
    _check(len(made))
    return made


def _counts(chords: Rows, spacing: float) -> Rows:
    """How many points of a curve there are from each sample up to the next."""
    counts: Rows = np.maximum(1, np.ceil(np.hypot(chords[:, 0], chords[:, 1]) / spacing))
    return counts


def _check(length: float) -> None:
    if not length <= MAX_CURVE_POINTS:  # nor when it is not a number
        raise InkError("a stroke is far longer than the canvas it was drawn on")


def same_until(before: Sequence[Rows], after: Sequence[Rows]) -> Place:
    """How far two drawings are the same."""
    for number, (old, new) in enumerate(zip(before, after, strict=False)):
        if old is new:
            continue
        shared = min(len(old), len(new))
        other = differ(old[:shared], new[:shared])
        if other.any():
            return number, int(other.argmax())
        if len(old) != len(new):
            return number, shared
    return min(len(before), len(after)), 0


def box_of(points: Rows) -> tuple[Rows, Rows]:
    """The least and the greatest x and y of points (n, 2)."""
    # Several times as fast as along the first axis of both columns together.
    columns = points[:, 0], points[:, 1]
    return np.array([c.min() for c in columns]), np.array([c.max() for c in columns])


def differ(some: Rows, others: Rows) -> NDArray[np.bool_]:
    """Which points (n, 2) are not the same."""
    # Several times as fast as both columns together.
    found: NDArray[np.bool_] = (some[:, 0] != others[:, 0]) | (some[:, 1] != others[:, 1])
    return found


def _without_repeats(
    xy: Rows, lengths: list[int]
) -> tuple[Rows, NDArray[np.bool_], NDArray[np.intp]]:
    """The samples of lines of these lengths without those that stay where they were; whether each
    but the last is followed by one of its own line; and which line each is of."""
    line = np.repeat(np.arange(len(lengths)), lengths)
    follows = line[1:] == line[:-1]
    kept = np.append(True, ~follows | differ(xy[1:], xy[:-1]))
    if not kept.all():
        xy, line = xy[kept], line[kept]
        follows = line[1:] == line[:-1]
    return xy, follows, line


def _catmull_rom(
    xy: Rows, chords: Rows, follows: NDArray[np.bool_], counts: NDArray[np.intp]
) -> Rows:
    """``counts`` points of centripetal curves (in Hermite form) from each sample towards the next;
    the last of a line stands for itself.

    Args:
        chords: from each sample to the next of its line; zero from the last.
        follows: whether each sample but the last is followed by one of its own line.
    """
    # At the ends and at corners the outer chord is as the inner one, which makes the curve leave
    # the point straight.
    a, b = chords[:-1], chords[1:]
    turn = np.abs(np.arctan2(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], np.sum(a * b, axis=1)))
    bends = np.flatnonzero(follows[:-1] & follows[1:] & (turn[:-1] <= CORNER))
    before, after = chords.copy(), chords.copy()
    before[bends + 1], after[bends] = chords[bends], chords[bends + 1]

    def knot(chord: Rows) -> Rows:
        root: Rows = np.sqrt(np.hypot(chord[:, :1], chord[:, 1:]))
        return np.maximum(root, 1e-12)

    t01, t12, t23 = knot(before), knot(chords), knot(after)
    m1 = chords + t12 * (before / t01 - (before + chords) / (t01 + t12))
    m2 = chords + t12 * (after / t23 - (chords + after) / (t12 + t23))
    cubic, square = m1 + m2 - 2 * chords, 3 * chords - 2 * m1 - m2
    ends = np.cumsum(counts)
    curve = np.empty((int(ends[-1]), 2))
    for first in range(0, len(curve), _BLOCK):
        index = np.arange(first, min(first + _BLOCK, len(curve)))
        on = np.searchsorted(ends, index, side="right")
        v = ((index - ends[on] + counts[on]) / counts[on])[:, None]
        curve[index] = ((cubic[on] * v + square[on]) * v + m1[on]) * v + xy[on]
    return curve
