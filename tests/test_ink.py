"""Ink: exact tools, cutting, and a JSON form that nothing can upset."""

from __future__ import annotations

import json
import math
import sys

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from device.errors import InkError, InklingError
from device.ink import MAX_COORDINATE, MAX_POINTS, Bounds, Ink, Point, Stroke
from tests import drawings

coordinate = st.floats(-2, 3, allow_subnormal=False)
points = st.tuples(coordinate, coordinate, st.floats(0, 60))
strokes = st.lists(points, min_size=1, max_size=12)
inks = st.lists(strokes, max_size=5).map(Ink.of)
angles = st.floats(-10, 10)


def assert_same(one: Ink, other: Ink, within: float = 1e-9) -> None:
    assert len(one.strokes) == len(other.strokes)
    for a, b in zip(one.strokes, other.strokes, strict=True):
        np.testing.assert_allclose(a.samples, b.samples, rtol=0, atol=within)


def length(ink: Ink) -> float:
    return sum(float(np.hypot(*np.diff(s.xy, axis=0).T).sum()) for s in ink.strokes)


def length_outside(ink: Ink, x: float, y: float, radius: float) -> float:
    """Measured by cutting every segment where it meets the circle, with exact-ish geometry."""
    total = 0.0
    for stroke in ink.strokes:
        for a, b in zip(stroke.xy[:-1], stroke.xy[1:], strict=True):
            step = float(np.hypot(*(b - a)))
            if step == 0:
                continue
            u = (b - a) / step
            along = float((np.array([x, y]) - a) @ u)
            apart = float((a[0] - x) * u[1] - (a[1] - y) * u[0])
            half = math.sqrt(max(radius * radius - apart * apart, 0.0))
            total += step - max(0.0, min(along + half, step) - max(along - half, 0.0))
    return total


def test_empty_ink_is_blank_and_stays_so_under_every_tool() -> None:
    blank = Ink()
    assert blank.is_blank
    assert not blank
    assert blank.bounds is None
    assert blank.point_count == 0
    for made in (
        blank.moved(1, 1),
        blank.scaled(2),
        blank.rotated(1),
        blank.erased(0, 0, 1),
        blank.fitted(),
    ):
        assert made == blank


def test_a_stroke_without_points_is_no_ink() -> None:
    assert Ink((Stroke(),)).is_blank
    assert Ink((Stroke(),)).bounds is None
    assert Ink.of([[], [[0.1, 0.2]]]) == Ink.of([[[0.1, 0.2]]])


def test_points_come_back_as_they_went_in() -> None:
    stroke = Stroke.of([(0.1, 0.2, 0.3), (0.4, 0.5, 0.6)])
    assert list(stroke) == [Point(0.1, 0.2, 0.3), Point(0.4, 0.5, 0.6)]
    assert len(stroke) == 2
    assert list(Stroke.of([(1, 2)])) == [Point(1.0, 2.0, 0.0)]


def test_bounds_are_the_box_around_all_points() -> None:
    bounds = Ink.of([[(0.2, 0.3)], [(0.5, 0.1), (0.4, 0.9)]]).bounds
    assert bounds == Bounds(0.2, 0.1, 0.5, 0.9)
    assert bounds.width == pytest.approx(0.3)
    assert bounds.height == pytest.approx(0.8)
    assert bounds.centre == pytest.approx((0.35, 0.5))


def test_ink_cannot_be_changed_behind_its_back() -> None:
    source = np.array([[0.1, 0.2, 0.0]])
    ink = Ink.of([source])
    source[0, 0] = 9
    assert ink.strokes[0].xy[0, 0] == 0.1
    with pytest.raises(ValueError, match="read-only"):
        ink.strokes[0].samples[0, 0] = 9
    with pytest.raises(AttributeError):
        ink.strokes = ()  # type: ignore[misc]


def test_a_stroke_grows_at_its_end_and_the_old_one_stays() -> None:
    short = Stroke.of([(0, 0, 0)])
    assert list(short.then([Point(1, 1, 1)])) == [Point(0, 0, 0), Point(1, 1, 1)]
    assert len(short) == 1
    assert Stroke().then([Point(1, 1, 1)]) == Stroke.of([(1, 1, 1)])
    assert short.then([]) == short


def test_equal_ink_has_equal_hashes_even_with_a_negative_zero() -> None:
    assert Ink.of([[(0.0, 1.0)]]) == Ink.of([[(-0.0, 1.0)]])
    assert hash(Ink.of([[(0.0, 1.0)]])) == hash(Ink.of([[(-0.0, 1.0)]]))
    assert Stroke() != "stroke"


@pytest.mark.parametrize("rows", ["abc", [[1]], [[1, 2, 3, 4]], [[1, 2], [3]], [["a", "b"]], 7])
def test_rows_that_are_not_points_are_refused(rows: object) -> None:
    with pytest.raises(InkError):
        Stroke.of(rows)  # type: ignore[arg-type]


@given(inks, angles, coordinate, coordinate)
def test_turning_there_and_back_changes_nothing(ink: Ink, angle: float, x: float, y: float) -> None:
    assert_same(ink.rotated(angle, (x, y)).rotated(-angle, (x, y)), ink)


@given(inks, st.floats(0.01, 100), coordinate, coordinate)
def test_scaling_there_and_back_changes_nothing(
    ink: Ink, factor: float, x: float, y: float
) -> None:
    assert_same(ink.scaled(factor, (x, y)).scaled(1 / factor, (x, y)), ink)


@given(inks, coordinate, coordinate)
def test_moving_there_and_back_changes_nothing(ink: Ink, dx: float, dy: float) -> None:
    assert_same(ink.moved(dx, dy).moved(-dx, -dy), ink)


def test_a_quarter_turn_is_clockwise_as_seen() -> None:
    turned = Ink.of([[(0.9, 0.5)]]).rotated(math.pi / 2)
    assert_same(turned, Ink.of([[(0.5, 0.9)]]))


@given(inks, angles, st.floats(0.1, 10))
def test_tools_leave_times_and_the_original_alone(ink: Ink, angle: float, factor: float) -> None:
    before = json.dumps(ink.to_json())
    for made in (ink.rotated(angle), ink.scaled(factor), ink.moved(factor, angle)):
        for old, new in zip(ink.strokes, made.strokes, strict=True):
            assert np.array_equal(old.samples[:, 2], new.samples[:, 2])
    assert json.dumps(ink.to_json()) == before


@given(inks, coordinate, coordinate, st.floats(0.01, 1))
@example(Ink.of([[(0, 0.5), (1, 0.5)]]), 0.5, 0.5, 0.1)
@example(Ink.of([[(0, 0.5), (1, 0.5)]]), 0.5, 0.4, 0.1)
@example(Ink.of([[(0.5, 0.5), (0.5, 0.5)]]), 0.5, 0.5, 0.1)
def test_the_eraser_takes_all_that_is_inside_and_nothing_else(
    ink: Ink, x: float, y: float, radius: float
) -> None:
    left = ink.erased(x, y, radius)
    for stroke in left.strokes:
        assert len(stroke)
        for a, b in zip(stroke.xy[:-1], stroke.xy[1:], strict=True):
            on_the_way = a + np.linspace(0, 1, 33)[:, None] * (b - a) - (x, y)
            assert np.hypot(*on_the_way.T).min() >= radius - 1e-6
    assert length(left) == pytest.approx(length_outside(ink, x, y, radius), abs=1e-5)
    dots = [s for s in ink.strokes if len(s) == 1 and math.dist(s.xy[0], (x, y)) > radius]
    assert [s for s in left.strokes if s in dots] == dots


def test_a_stroke_across_the_eraser_becomes_two_cut_exactly_at_its_edge() -> None:
    left = Ink.of([[(0.0, 0.5, 0.0), (1.0, 0.5, 1.0)]]).erased(0.5, 0.5, 0.1)
    assert_same(left, Ink.of([[(0, 0.5, 0), (0.4, 0.5, 0.4)], [(0.6, 0.5, 0.6), (1, 0.5, 1)]]))


def test_the_eraser_cuts_a_line_with_many_points_at_the_same_places() -> None:
    x = np.linspace(0, 1, 101)
    left = Ink.of([np.column_stack([x, np.full(101, 0.5)])]).erased(0.5, 0.5, 0.105)
    assert len(left.strokes) == 2
    assert left.strokes[0].xy[-1, 0] == pytest.approx(0.395)
    assert left.strokes[1].xy[0, 0] == pytest.approx(0.605)


def test_a_cut_is_exact_on_a_line_a_billion_times_longer_than_the_eraser() -> None:
    left = Ink.of([[(-1e8, 0.5), (1e8, 0.5)]]).erased(0.5, 0.5, 0.1)
    assert left.strokes[0].xy[-1, 0] == pytest.approx(0.4, abs=1e-6)
    assert left.strokes[1].xy[0, 0] == pytest.approx(0.6, abs=1e-6)


def test_an_eraser_over_empty_canvas_returns_the_very_same_ink() -> None:
    ink = drawings.digit(7)
    assert ink.erased(0.05, 0.95, 0.04) is ink


def test_an_eraser_leaves_the_strokes_it_does_not_touch_as_they_are() -> None:
    ink = drawings.digit(4)
    left = ink.erased(0.57, 0.82, 0.05)
    assert left.strokes[0] is ink.strokes[0]
    assert left != ink


def test_an_eraser_over_everything_leaves_blank_ink() -> None:
    assert drawings.doodle().erased(0.5, 0.5, 2.0).is_blank


@given(inks, st.floats(0, 0.4))
def test_fitted_ink_fills_the_canvas_but_for_its_margin(ink: Ink, margin: float) -> None:
    fitted = ink.fitted(margin)
    bounds = fitted.bounds
    if bounds is None:
        return
    assert bounds.centre == pytest.approx((0.5, 0.5), abs=1e-3)
    extent = max(bounds.width, bounds.height)
    assert extent == pytest.approx(1 - 2 * margin, abs=1e-3) or extent < 1e-10


@pytest.mark.parametrize("extent", [0.0, 5e-324, 1e-310, 1e-200, 1e-13, 1e-9, 1.0, 1e9])
def test_drawings_in_any_units_come_onto_the_canvas(extent: float) -> None:
    fitted = Ink.of([[(0, 0), (extent, 0)], [(0, extent)]]).fitted()
    for stroke in fitted.strokes:
        assert ((stroke.xy >= 0.09) & (stroke.xy <= 0.91)).all()


@given(inks)
def test_the_json_form_round_trips(ink: Ink) -> None:
    assert Ink.from_json(json.loads(json.dumps(ink.to_json()))) == ink


def test_unknown_keys_are_ignored_and_times_may_be_missing() -> None:
    value = {"strokes": [[[1, 2], [3, 4, 5]]], "label": 7, "who": {"x": None}}
    assert Ink.from_json(value) == Ink.of([[(1, 2, 0), (3, 4, 5)]])


GARBAGE = [
    None,
    7,
    "strokes",
    [],
    {},
    {"strokes": None},
    {"strokes": "abc"},
    {"strokes": {}},
    {"strokes": [7]},
    {"strokes": ["ab"]},
    {"strokes": [None]},
    {"strokes": [[7]]},
    {"strokes": [[[]]]},
    {"strokes": [[[1]]]},
    {"strokes": [[[1, 2, 3, 4]]]},
    {"strokes": [[["1", "2"]]]},
    {"strokes": [[[True, False]]]},
    {"strokes": [[[None, 1]]]},
    {"strokes": [[[[1], [2]]]]},
    {"strokes": [[{"x": 1, "y": 2}]]},
    {"strokes": [[[math.nan, 0]]]},
    {"strokes": [[[0, math.inf]]]},
    {"strokes": [[[0, 0, math.nan]]]},
    {"strokes": [[[0, 1e300]]]},
    {"strokes": [[[-1e10, 0]]]},
    {"strokes": [[[0, 0, 1e308]]]},
    {"strokes": [[[10**400, 0]]]},
    {"strokes": [[["x" * 10_000, 0]]]},
    {"strokes": [[[1, {1, 2}]]]},
]


@pytest.mark.parametrize("value", GARBAGE, ids=lambda value: repr(value)[:40])
def test_a_bad_drawing_is_refused_in_one_short_line(value: object) -> None:
    with pytest.raises(InkError) as caught:
        Ink.from_json(value)
    text = str(caught.value)
    assert "\n" not in text
    assert 10 < len(text) < 150
    assert isinstance(caught.value, InklingError)


def test_a_drawing_nested_without_end_is_refused() -> None:
    deep: list[object] = []
    for _ in range(sys.getrecursionlimit() * 20):
        deep = [deep]
    with pytest.raises(InkError):
        Ink.from_json({"strokes": [[deep]]})
    with pytest.raises(InkError):
        Ink.from_json({"strokes": [[[deep, 1]]]})


@pytest.mark.parametrize("value", [10**400, -(10**400), math.inf, math.nan])
def test_a_number_that_is_none_is_named_as_that(value: float) -> None:
    with pytest.raises(InkError, match="coordinates must be finite numbers"):
        Ink.from_json({"strokes": [[[value, 0], [1, 1]]]})


def test_the_message_says_which_stroke_is_wrong() -> None:
    with pytest.raises(InkError, match=r'stroke 2: "a" is not a number'):
        Ink.from_json({"strokes": [[[0, 0]], [["a", 0]]]})


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)
numbers = st.floats() | st.integers() | json_values
nearly_ink = st.lists(st.lists(st.lists(numbers, min_size=1, max_size=4), max_size=4), max_size=4)


@given(json_values | st.fixed_dictionaries({"strokes": nearly_ink | json_values}))
def test_whatever_json_holds_it_is_ink_or_an_ink_error(value: object) -> None:
    try:
        ink = Ink.from_json(value)
    except InkError:
        return
    for stroke in ink.strokes:
        assert np.isfinite(stroke.samples).all()
        assert np.abs(stroke.xy).max() <= MAX_COORDINATE


def test_more_points_than_a_hand_could_draw_are_refused() -> None:
    point = [0.5, 0.5]
    with pytest.raises(InkError, match="1,000,001 points"):
        Ink.from_json({"strokes": [[point] * (MAX_POINTS + 1)]})


def test_a_hundred_thousand_points_are_read_turned_and_erased() -> None:
    angle = np.linspace(0, 60, 100_000)
    path = 0.5 + 0.4 * np.column_stack([np.cos(3 * angle), np.sin(2 * angle)])
    ink = Ink.from_json({"strokes": [path.tolist()]})
    assert ink.point_count == 100_000
    assert_same(ink.rotated(1.0).rotated(-1.0), ink)
    left = ink.erased(0.5, 0.5, 0.1)
    assert len(left.strokes) > 2
    assert length(left) == pytest.approx(length_outside(ink, 0.5, 0.5, 0.1), abs=1e-6)
