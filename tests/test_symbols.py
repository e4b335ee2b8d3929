"""Counting symbols: 12 is two; a broken 5, a dotted stroke and an i with its dot are one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from device import pixels as px
from device.ink import Ink
from device.normalise import paths_of
from device.raster import draw
from device.symbols import count_paths, count_pixels, grouped, symbol_of_each
from tests import drawings

ONE = {
    **{str(value): drawings.digit(value) for value in range(10)},
    **drawings.broken_digits(),
    "face": drawings.doodle(),
}


def beside(left: Ink, right: Ink, gap: float = 0.1) -> Ink:
    """Two drawings next to each other."""
    a, b = left.bounds, right.bounds
    assert a is not None
    assert b is not None
    moved = right.moved(a.right + gap - b.left, a.top - b.top)
    return Ink(left.strokes + moved.strokes).fitted(0.05)


TWO = {
    "12": drawings.twelve(),
    "47": beside(drawings.digit(4), drawings.digit(7)),
    "08": beside(drawings.digit(0), drawings.digit(8)),
    "11": beside(drawings.digit(1), drawings.digit(1), 0.15),
    "5 in pieces and 3": beside(drawings.broken_digits()["broken 5"], drawings.digit(3), 0.15),
}


def in_ink(ink: Ink) -> int:
    return count_paths(paths_of(ink))


@pytest.mark.parametrize("ink", ONE.values(), ids=ONE)
@pytest.mark.parametrize("size", [0.15, 1.0, 8.0])
def test_one_symbol_in_ink_is_one_at_any_size(ink: Ink, size: float) -> None:
    assert in_ink(ink.scaled(size).moved(0.3, -0.2)) == 1


@pytest.mark.parametrize("ink", TWO.values(), ids=TWO)
@pytest.mark.parametrize("size", [0.15, 1.0, 8.0])
def test_two_symbols_in_ink_are_two_at_any_size(ink: Ink, size: float) -> None:
    assert in_ink(ink.scaled(size).moved(0.3, -0.2)) == 2


@pytest.mark.parametrize("dark_on_light", [False, True], ids=["chalk", "pen"])
@pytest.mark.parametrize(("side", "pen"), [(60, 0.05), (100, 0.04), (280, 0.06), (500, 0.08)])
def test_pictures_are_counted_as_ink_is(side: int, pen: float, dark_on_light: bool) -> None:
    for cases, expected in ((ONE, 1), (TWO, 2)):
        for name, ink in cases.items():
            picture = draw(ink, side, pen)
            seen = px.clean(255 - picture if dark_on_light else picture)
            assert count_pixels(seen) == expected, name


@pytest.mark.parametrize("value", range(10))
def test_a_neat_digit_by_a_hair_thin_pen_is_one(value: int) -> None:
    assert count_pixels(px.clean(draw(drawings.digit(value), 600, 0.008))) == 1


def test_nothing_is_no_symbol() -> None:
    assert in_ink(Ink()) == 0
    assert count_pixels(np.zeros((30, 30), np.uint8)) == 0


def test_a_dot_is_a_symbol() -> None:
    assert in_ink(Ink.of([[(0.5, 0.5)]])) == 1
    assert in_ink(Ink.of([[(0.5, 0.5)], [(0.5, 0.5)]])) == 1
    assert count_pixels(np.full((1, 1), 255, np.uint8)) == 1


def test_a_speck_beside_a_digit_does_not_count() -> None:
    ink = drawings.digit(3)
    speck = Ink.of([[(0.85, 0.5), (0.855, 0.5)]])
    assert in_ink(Ink(ink.strokes + speck.strokes)) == 1


def test_strokes_that_cross_are_one_symbol_however_many() -> None:
    cross = [[(0.5 + 0.3 * np.cos(a), 0.5 + 0.3 * np.sin(a)), (0.5, 0.5)] for a in range(7)]
    assert in_ink(Ink.of(cross)) == 1


def test_the_order_of_the_strokes_does_not_matter() -> None:
    for ink in (*ONE.values(), *TWO.values()):
        assert in_ink(Ink(ink.strokes[::-1])) == in_ink(ink)


coordinate = st.floats(0, 1, allow_subnormal=False)
strokes = st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=5)


@given(st.lists(strokes, max_size=6).map(Ink.of))
def test_any_ink_has_at_most_as_many_symbols_as_strokes(ink: Ink) -> None:
    assert bool(ink) <= in_ink(ink) <= len(ink.strokes)


@given(hnp.arrays(np.uint8, st.tuples(st.integers(0, 30), st.integers(0, 30))))
def test_any_picture_can_be_counted(grey: np.ndarray) -> None:
    cleaned = px.clean(grey)
    assert (count_pixels(cleaned) > 0) == cleaned.any()


def test_the_parts_of_a_group_are_all_its_pixels() -> None:
    mask = draw(drawings.twelve(), 64, 0.05) > 127
    groups = grouped(mask)
    assert len(groups) == 2
    assert sum(len(part.where) for part in groups) == mask.sum()
    for part in groups:
        rows, columns = part.where.T
        assert (part.box.top, part.box.bottom) == (rows.min(), rows.max() + 1)
        assert (part.box.left, part.box.right) == (columns.min(), columns.max() + 1)


def test_paper_full_of_dots_is_counted_all_the_same() -> None:
    dots = np.zeros((64, 64), np.uint8)
    dots[::4, ::4] = 255
    assert count_pixels(dots) >= 1


def test_symbols_are_numbered_from_left_to_right_whatever_was_drawn_first() -> None:
    paths = paths_of(TWO["47"])
    assert symbol_of_each(paths) == [0, 0, 1]
    assert symbol_of_each(paths[::-1]) == [1, 0, 0]


@given(st.lists(strokes, max_size=6).map(Ink.of))
def test_every_line_belongs_to_one_symbol_and_every_symbol_has_a_line(ink: Ink) -> None:
    paths = paths_of(ink)
    owners = symbol_of_each(paths)
    assert len(owners) == len(paths)
    assert set(owners) == set(range(count_paths(paths)))
