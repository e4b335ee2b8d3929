"""How many separate symbols a drawing holds: 12 is two, a broken 5 or an i with its dot is one.

GubboIT Digit counts what a flood fill finds. Here the same connected parts are found, on pixels
of a fixed size so that neither the canvas nor the pen matters, and then joined where a reader
would join them: what is small beside the rest is a dot or a speck; what nearly touches, or lies
close above or below, is a broken stroke.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from device import pixels as px
from device import raster
from device.curve import box_of
from device.ink import DOT
from device.raster import Pixels

FIELD = 64
"""Parts are looked for on a square of this many pixels, which the drawing fills."""

PEN = 4.0
"""Pen width (pixels of the field) with which lines are drawn: gaps smaller than this close."""

SMALL = 0.35
"""A part less tall than this share of the tallest part belongs to its neighbour: a dot, a speck,
the bar of a 5."""

TALL = 0.8
"""Parts that are both at least this share of the drawing's height look like symbols in a row ..."""

NEAR_TALL = 0.04
"""... and are one only when nearer than this share of the height (an open 4)."""

NEAR = 0.12
"""Other parts nearer than this share of the height are one broken symbol, wherever they lie."""

STACKED = 0.30
"""Parts above each other (see :data:`OVERLAP`) are one symbol up to this gap."""

OVERLAP = 0.5
"""Above each other: their columns overlap by this share of the narrower part."""


class Part(NamedTuple):
    """Connected pixels: their box and field coordinates, (n, 2) of row and column."""

    box: px.Box
    where: NDArray[np.intp]


def count_paths(paths: list[NDArray[np.float64]], draw: raster.Draw = raster.draw_paths) -> int:
    """Symbols in centre lines (n, 2; canvas units, points close together); 0 for none."""
    return len(set(symbol_of_each(paths, draw)))


def symbol_of_each(
    paths: list[NDArray[np.float64]], draw: raster.Draw = raster.draw_paths
) -> list[int]:
    """Which symbol each centre line (as for :func:`count_paths`) belongs to.

    Symbols are numbered from 0 up, from left to right by the middle of their boxes.
    """
    if len(paths) < 2:
        return [0] * len(paths)
    fit = field_fit(*box_of(np.concatenate(paths)))
    if fit is None:
        return [0] * len(paths)
    found = grouped(draw(paths, (FIELD, FIELD), PEN / 2, fit) > 127)
    numbers = np.zeros((FIELD, FIELD), np.intp)
    for number, part in enumerate(sorted(found, key=lambda part: part.box.left + part.box.right)):
        numbers[tuple(part.where.T)] = number
    # A line is connected, and the pixel under any of its points is ink: one point tells.
    starts = fit.lay(np.array([path[0] for path in paths])).astype(np.intp)
    owners: list[int] = numbers[starts[:, 1], starts[:, 0]].tolist()
    return owners


def field_fit(low: NDArray[np.float64], high: NDArray[np.float64]) -> raster.Fit | None:
    """The fit that makes lines in this box (from x, y to x, y) fill the field; None for a dot."""
    extent = float((high - low).max())
    if extent < DOT:
        return None
    return raster.Fit.at(low, (FIELD - PEN) / extent, (PEN / 2, PEN / 2))


def count_pixels(cleaned: Pixels) -> int:
    """Symbols in a picture that :func:`device.pixels.clean` has cleaned; 0 when blank."""
    box = px.ink_box(cleaned)
    if box is None:
        return 0
    field = px.stretched(px.fit(px.crop(cleaned, box), FIELD))
    # Gaps are judged beside a pen of the usual width, as they are for ink.
    missing = round((0.8 * PEN - px.pen_width(field)) / 2)
    if missing > 0:
        field = px.thickened(field, missing)
    return max(1, len(grouped(field > px.otsu(field) // 2)))


def grouped(mask: NDArray[np.bool_]) -> list[Part]:
    """The symbols of a field (bool, ink True): connected parts, joined where a reader would."""
    parts = _parts(mask)
    while len(parts) > 1:
        pair = _pair_to_join(parts)
        if pair is None:
            break
        first, second = parts[pair[0]], parts[pair[1]]
        parts = [part for part in parts if part is not first and part is not second]
        parts.append(_joined(first, second))
    return parts


def _parts(mask: NDArray[np.bool_]) -> list[Part]:
    numbers, count = px.label(mask)
    parts = []
    for number in range(1, count + 1):
        where = np.argwhere(numbers == number)
        (top, left), (bottom, right) = where.min(axis=0).tolist(), where.max(axis=0).tolist()
        parts.append(Part(px.Box(top, bottom + 1, left, right + 1), where))
    return parts


def _joined(one: Part, other: Part) -> Part:
    a, b = one.box, other.box
    box = px.Box(
        min(a.top, b.top), max(a.bottom, b.bottom), min(a.left, b.left), max(a.right, b.right)
    )
    return Part(box, np.concatenate([one.where, other.where]))


def _pair_to_join(parts: list[Part]) -> tuple[int, int] | None:
    """The next two parts that are one symbol: the least part first, then any pair that is."""
    heights = [part.box.height for part in parts]
    least = min(range(len(parts)), key=heights.__getitem__)
    if heights[least] < SMALL * max(heights):
        others = [i for i in range(len(parts)) if i != least]
        return least, min(others, key=lambda i: _gap(parts[least], parts[i]))
    total = max(p.box.bottom for p in parts) - min(p.box.top for p in parts)
    for j in range(len(parts)):
        for i in range(j):
            if _one_symbol(parts[i], parts[j], total):
                return i, j
    return None


def _one_symbol(one: Part, other: Part, total: int) -> bool:
    """Whether a reader sees one broken symbol; ``total`` is the drawing's height, pixels."""
    gap = _gap(one, other) / total
    tall = min(one.box.height, other.box.height) >= TALL * total
    if gap < (NEAR_TALL if tall else NEAR):
        return True
    shared = min(one.box.right, other.box.right) - max(one.box.left, other.box.left)
    return shared >= OVERLAP * min(one.box.width, other.box.width) and gap < STACKED


def _gap(one: Part, other: Part) -> float:
    """The least distance between two parts, pixels of the field: 0 when they touch."""
    a, b = one.where, other.where
    # Every second pixel is near enough where there are many.
    a = a[:: 1 + len(a) // 400]
    b = b[:: 1 + len(b) // 400]
    squared = ((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=2)
    return max(0.0, float(np.sqrt(squared.min())) - 1)
