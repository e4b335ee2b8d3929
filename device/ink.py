"""What the hand drew: points, strokes and ink, immutable, in canvas units.

The canvas is a square of side 1.0, origin top left, x right, y down; time is in seconds. Ink
therefore means the same on every screen, and every tool (move, scale, rotate, erase) is an exact
operation on numbers; pixels are made only when somebody has to look (:mod:`device.raster`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from device.curve import Smooth, box_of, smooth, smooth_all
from device.errors import InkError

MAX_POINTS = 1_000_000
"""More points than this in one drawing is a mistake (or an attack), not handwriting."""

MAX_COORDINATE = 1e9
"""Coordinates beyond this are refused: squared distances must stay exact enough to be useful."""

MAX_TIME = 1e20
"""Times beyond this (seconds) are refused: even nanoseconds since 1970 are fewer."""

DOT = 0.01
"""Ink smaller than this (canvas units) is one dot to every reader, however often the finger touched
down: it is not blown up into something larger."""

SMALLEST = 1e-12
"""Ink smaller than this, in any units, is a dot: nothing is left to enlarge."""


class Point(NamedTuple):
    """One touch sample: canvas units and seconds."""

    x: float
    y: float
    t: float = 0.0


class Bounds(NamedTuple):
    """The box around the centre lines of some ink, in canvas units."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


def _frozen(samples: ArrayLike) -> NDArray[np.float64]:
    array = np.array(samples, dtype=np.float64)
    if array.size == 0:
        array = array.reshape(0, 3)
    if array.ndim != 2 or array.shape[1] not in (2, 3):
        raise InkError("a stroke must be a list of [x, y] or [x, y, t] points")
    if array.shape[1] == 2:
        array = np.column_stack([array, np.zeros(len(array))])
    array.setflags(write=False)
    return array


@dataclass(frozen=True, eq=False)
class Stroke:
    """One movement of the pen, from touching down to lifting.

    ``samples`` is a read-only float64 array of shape (n, 3): x, y in canvas units, t in seconds.
    """

    samples: NDArray[np.float64] = field(default_factory=lambda: _frozen([]))

    @classmethod
    def of(cls, points: ArrayLike) -> Stroke:
        """A stroke from anything that looks like rows of (x, y) or (x, y, t).

        Raises:
            InkError: the rows are not points.
        """
        try:
            return cls(_frozen(points))
        except (TypeError, ValueError) as error:
            raise InkError("a stroke must be a list of [x, y] or [x, y, t] points") from error
        except OverflowError as error:  # an integer of hundreds of digits
            raise InkError("coordinates must be finite numbers") from error

    def __len__(self) -> int:
        return len(self.samples)

    def __iter__(self) -> Iterator[Point]:
        return (Point(*row) for row in self.samples.tolist())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stroke) and np.array_equal(self.samples, other.samples)

    def __hash__(self) -> int:
        return hash((self.samples + 0.0).tobytes())  # 0.0 and -0.0 are equal

    @cached_property
    def xy(self) -> NDArray[np.float64]:
        """Shape (n, 2): the path without its times."""
        return self.samples[:, :2]

    def with_xy(self, xy: NDArray[np.float64]) -> Stroke:
        """The same stroke (and times) along other coordinates."""
        return Stroke(_frozen(np.column_stack([xy, self.samples[:, 2]])))

    def then(self, points: Iterable[Point]) -> Stroke:
        """The stroke continued by more samples."""
        return Stroke(_frozen(np.concatenate([self.samples, _frozen(list(points))])))

    def smoothed(self, spacing: float) -> NDArray[np.float64]:
        """The line the hand meant, as points at most about ``spacing`` (> 0) apart.

        Returns:
            float64 array (m, 2) in canvas units; see :func:`device.curve.smooth`.
        """
        return smooth(self.xy, spacing)


@dataclass(frozen=True)
class Ink:
    """Everything on the canvas: strokes as they were drawn. Every tool returns new ink."""

    strokes: tuple[Stroke, ...] = ()

    @classmethod
    def of(cls, strokes: Iterable[ArrayLike]) -> Ink:
        """Ink from plain nested lists or arrays of points; empty strokes are dropped.

        Raises:
            InkError: a stroke is not a list of points.
        """
        made = (Stroke.of(points) for points in strokes)
        return cls(tuple(stroke for stroke in made if len(stroke)))

    def __bool__(self) -> bool:
        return not self.is_blank

    @property
    def is_blank(self) -> bool:
        """True when there is nothing to read."""
        return not any(len(stroke) for stroke in self.strokes)

    @cached_property
    def point_count(self) -> int:
        return sum(len(stroke) for stroke in self.strokes)

    @cached_property
    def bounds(self) -> Bounds | None:
        """The box around all points; None when blank."""
        if self.is_blank:
            return None
        xy = np.concatenate([stroke.xy for stroke in self.strokes if len(stroke)])
        low, high = box_of(xy)
        return Bounds(*low.tolist(), *high.tolist())

    def smoothed(self, spacing: float, smooth: Smooth = smooth_all) -> list[NDArray[np.float64]]:
        """The line of each stroke that has points, see :meth:`Stroke.smoothed`."""
        lines = [stroke.xy for stroke in self.strokes if len(stroke)]
        return smooth(lines, spacing) if lines else []

    def with_stroke(self, stroke: Stroke) -> Ink:
        """This ink and one more stroke."""
        return Ink((*self.strokes, stroke))

    def _mapped(self, matrix: NDArray[np.float64], centre: tuple[float, float]) -> Ink:
        origin = np.asarray(centre, dtype=np.float64)
        return Ink(tuple(s.with_xy((s.xy - origin) @ matrix.T + origin) for s in self.strokes))

    def moved(self, dx: float, dy: float) -> Ink:
        """Shifted by (dx, dy) canvas units."""
        shift = np.array([dx, dy])
        return Ink(tuple(s.with_xy(s.xy + shift) for s in self.strokes))

    def scaled(self, factor: float, centre: tuple[float, float] = (0.5, 0.5)) -> Ink:
        """Made ``factor`` times as large about ``centre``."""
        return self._mapped(np.eye(2) * factor, centre)

    def rotated(self, angle: float, centre: tuple[float, float] = (0.5, 0.5)) -> Ink:
        """Turned clockwise (as seen, y is down) by ``angle`` radians about ``centre``."""
        c, s = math.cos(angle), math.sin(angle)
        return self._mapped(np.array([[c, -s], [s, c]]), centre)

    def erased(self, x: float, y: float, radius: float) -> Ink:
        """Without what lies inside a disc; strokes are cut exactly at its edge.

        A stroke that crosses the disc becomes two. Ink outside the disc is left untouched, the
        very same objects, so that an eraser over empty canvas changes nothing.
        """
        kept: list[Stroke] = []
        for stroke in self.strokes:
            kept.extend(_cut(stroke, x, y, radius))
        return self if tuple(kept) == self.strokes else Ink(tuple(kept))

    def fitted(self, margin: float = 0.1) -> Ink:
        """Scaled (proportions kept) and centred so that it fills the canvas but for ``margin``.

        This is how drawings in unknown units come onto the canvas.
        """
        bounds = self.bounds
        if bounds is None:
            return self
        extent = max(bounds.width, bounds.height)
        factor = (1 - 2 * margin) / extent if extent > SMALLEST else 1.0
        cx, cy = bounds.centre
        return self.moved(0.5 - cx, 0.5 - cy).scaled(factor)

    def to_json(self) -> dict[str, list[list[list[float]]]]:
        """The JSON form: ``{"strokes": [[[x, y, t], ...], ...]}``."""
        return {"strokes": [stroke.samples.tolist() for stroke in self.strokes]}

    @classmethod
    def from_json(cls, value: Any) -> Ink:
        """Ink from its JSON form; ``t`` may be missing, other keys are ignored.

        Raises:
            InkError: not that form, not finite numbers, or more than a hand could draw.
        """
        strokes = value.get("strokes") if isinstance(value, dict) else None
        if not isinstance(strokes, list):
            raise InkError('expected an object {"strokes": [[[x, y], ...], ...]}')
        ink = cls.of(_checked(strokes))
        if ink.point_count > MAX_POINTS:
            raise InkError(f"{ink.point_count:,} points are too many; the limit is {MAX_POINTS:,}")
        for stroke in ink.strokes:
            if not np.isfinite(stroke.samples).all():
                raise InkError("coordinates must be finite numbers")
            if np.abs(stroke.xy).max() > MAX_COORDINATE:
                raise InkError(f"coordinates must lie within ±{MAX_COORDINATE:g}")
            if np.abs(stroke.samples[:, 2]).max() > MAX_TIME:
                raise InkError(f"times must lie within ±{MAX_TIME:g}")
        return ink


def _checked(strokes: Sequence[Any]) -> Iterator[list[Any]]:
    """Refuse what numpy would silently turn into numbers: strings, booleans, null."""
    for number, stroke in enumerate(strokes, 1):
        if not isinstance(stroke, list):
            raise InkError(f"stroke {number} must be a list of [x, y] or [x, y, t] points")
        for point in stroke:
            if not isinstance(point, list) or not 2 <= len(point) <= 3:
                raise InkError(f"stroke {number}: {_shown(point)} is not an [x, y] point")
            for value in point:
                if type(value) is not float and type(value) is not int:
                    raise InkError(f"stroke {number}: {_shown(value)} is not a number")
        if stroke and any(len(point) != len(stroke[0]) for point in stroke):
            stroke = [point if len(point) == 3 else [*point, 0.0] for point in stroke]
        yield stroke


def _shown(value: Any) -> str:
    try:
        text = json.dumps(value)
    except (TypeError, ValueError, RecursionError):  # not JSON, or nested without end
        text = f"a {type(value).__name__}"
    return text if len(text) <= 40 else text[:37] + "..."


def _cut(stroke: Stroke, x: float, y: float, radius: float) -> Iterator[Stroke]:
    """The parts of a stroke that lie outside a disc, cut where the line meets the circle."""
    rows = stroke.samples
    offset = rows[:, :2] - (x, y)
    outside = np.hypot(offset[:, 0], offset[:, 1]) > radius
    if len(rows) == 1:
        yield from [stroke] if outside[0] else []
        return
    # Each segment comes nearest to the centre at ``along``; it is inside for ``half`` around that.
    steps = np.diff(offset, axis=0)
    lengths = np.maximum(np.hypot(steps[:, 0], steps[:, 1]), 1e-150)
    along = -np.sum(offset[:-1] * steps, axis=1) / lengths**2
    apart = (offset[:-1, 0] * steps[:, 1] - offset[:-1, 1] * steps[:, 0]) / lengths
    half = np.sqrt(np.maximum(radius * radius - apart * apart, 0.0)) / lengths
    inside = np.clip([along - half, along + half], 0.0, 1.0)
    crossed = (half > 0) & (along > 0) & (along < 1)
    touched = np.flatnonzero(crossed | ~outside[:-1] | ~outside[1:])
    if not len(touched):
        yield stroke
        return
    done = 0  # rows that have been dealt with
    part = rows[:0]
    for i in touched.tolist():
        cuts = rows[i] + (rows[i + 1] - rows[i]) * inside[:, i, None]
        if outside[i]:
            yield Stroke(_frozen(np.concatenate([part, rows[done : i + 1], cuts[:1]])))
        part = cuts[1:] if outside[i + 1] else rows[:0]
        done = i + 1 if outside[i + 1] else i + 2
    if outside[-1]:
        yield Stroke(_frozen(np.concatenate([part, rows[done:]])))
