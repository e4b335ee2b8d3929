"""The desk: every tool makes a new drawing, and everything can be taken back."""

import math

import pytest
from drawings import digit, twelve
from hypothesis import given
from hypothesis import strategies as st
from kiosks import settings

from device.desk import LARGEST, SMALLEST, Desk, between, carried
from device.ink import Ink, Stroke

numbers = st.floats(0.05, 0.95)
places = st.tuples(numbers, numbers)
drawings = st.lists(st.lists(places, min_size=2, max_size=8), min_size=1, max_size=3).map(Ink.of)


@pytest.fixture
def desk():
    made = Desk("inkling", 0.05)
    made.replace(digit(4))
    return made


TOOLS = {
    "move": lambda desk: desk.move(0.05, -0.05),
    "zoom": lambda desk: desk.zoom(1.15),
    "turn": lambda desk: desk.turn(10),
    "fit": lambda desk: desk.fit(),
    "clear": lambda desk: desk.clear(),
    "draw": lambda desk: desk.drawn(Stroke.of([(0.1, 0.1), (0.2, 0.2)])),
}


@pytest.mark.parametrize("tool", TOOLS)
def test_every_tool_can_be_undone_and_done_again(desk, tool):
    before = desk.ink
    TOOLS[tool](desk)
    after = desk.ink
    assert after != before
    desk.undo()
    assert desk.ink == before
    desk.redo()
    assert desk.ink == after


def test_ink_grows_while_a_stroke_is_under_the_finger_and_no_tool_changes_it(desk):
    stroke = Stroke.of([(0.1, 0.1), (0.2, 0.2)])
    assert not desk.growing
    desk.drawing(stroke)
    assert desk.growing
    desk.preview(desk.ink.moved(0.1, 0))
    assert not desk.growing
    desk.settle()
    desk.drawing(stroke)
    desk.drawn(stroke)
    assert not desk.growing


def test_erasing_is_one_step_of_undo_however_far_the_finger_went(desk):
    before = desk.ink
    for number in range(30):
        desk.erase(0.2 + number / 50, 0.5)
    assert desk.ink != before
    desk.settle()
    desk.undo()
    assert desk.ink == before


def test_the_eraser_is_four_times_as_wide_as_the_pen():
    desk = Desk("inkling", 0.05)
    desk.replace(Ink.of([[(0.0, 0.5), (1.0, 0.5)]]))
    desk.erase(0.5, 0.5)
    desk.settle()
    left, right = desk.ink.strokes
    assert right.xy[0, 0] - left.xy[-1, 0] == pytest.approx(4 * 0.05, abs=1e-6)


def test_erasing_nothing_changes_nothing(desk):
    version = desk.version
    desk.erase(0.01, 0.01)
    desk.settle()
    assert desk.version == version
    assert desk.ink == digit(4)


def test_the_stroke_under_the_finger_belongs_to_the_drawing(desk):
    stroke = Stroke.of([(0.1, 0.1), (0.2, 0.2)])
    desk.drawing(stroke)
    assert desk.ink.strokes[-1] == stroke
    desk.drawing(None)
    assert desk.ink == digit(4)


@given(drawings, st.floats(-3, 3), st.floats(-3, 3))
def test_a_drawing_cannot_be_moved_off_the_canvas(ink, dx, dy):
    desk = Desk("inkling", 0.05)
    desk.replace(ink)
    desk.move(dx, dy)
    x, y = desk.ink.bounds.centre
    assert -1e-6 <= x <= 1 + 1e-6 and -1e-6 <= y <= 1 + 1e-6


@given(drawings, st.integers(1, 60), st.sampled_from([1.15, 1 / 1.15]))
def test_a_drawing_cannot_be_zoomed_out_of_sight(ink, times, factor):
    desk = Desk("inkling", 0.05)
    desk.replace(ink)
    before = max(ink.bounds.width, ink.bounds.height)
    for _ in range(times):
        desk.zoom(factor)
    extent = max(desk.ink.bounds.width, desk.ink.bounds.height)
    assert min(SMALLEST, before) - 1e-6 <= extent <= LARGEST + 1e-6


@given(drawings)
def test_zooming_and_turning_keep_the_middle(ink):
    desk = Desk("inkling", 0.05)
    desk.replace(ink)
    middle = ink.bounds.centre
    desk.zoom(1.15)
    assert desk.ink.bounds.centre == pytest.approx(middle, abs=1e-6)
    desk.turn(180)
    assert desk.ink.bounds.centre == pytest.approx(middle, abs=1e-6)


@given(drawings, places, places, places)
def test_two_fingers_carry_what_lies_under_them(ink, first, second, to):
    """What was under a finger before is under it afterwards, and the size follows the span."""
    dx, dy = second[0] - first[0], second[1] - first[1]
    if math.hypot(dx, dy) < 0.05:
        return
    marked = Ink((*ink.strokes, Stroke.of([first, second])))
    after = (to, (to[0] - dy, to[1] + dx))  # the same span, a quarter turn
    moved = carried(marked, (first, second), after).strokes[-1]
    assert moved.xy[0] == pytest.approx(after[0], abs=1e-6)
    assert moved.xy[1] == pytest.approx(after[1], abs=1e-6)


def test_two_fingers_apart_make_the_drawing_larger():
    ink = digit(4)
    before = ((0.4, 0.5), (0.6, 0.5))
    larger = carried(ink, before, ((0.3, 0.5), (0.7, 0.5)))
    assert larger.bounds.width == pytest.approx(2 * ink.bounds.width)


def test_fingers_on_one_spot_only_move_it():
    ink = digit(4)
    spot = ((0.5, 0.5), (0.5, 0.5))
    moved = carried(ink, spot, ((0.6, 0.5), (0.6, 0.5)))
    assert moved.bounds.width == pytest.approx(ink.bounds.width)
    assert moved.bounds.left == pytest.approx(ink.bounds.left + 0.1)


def test_on_the_way_a_drawing_is_between_its_start_and_its_end():
    start, end = twelve(), twelve().moved(0.2, 0.0)
    assert between(start, end, 0.0) == start
    half = between(start, end, 0.5)
    assert half.bounds.left == pytest.approx(start.bounds.left + 0.1)


def test_the_next_visitor_finds_nothing_of_the_last_one(desk):
    desk.eraser, desk.inverse, desk.live, desk.model = True, True, False, "digito"
    desk.forget()
    assert desk.ink.is_blank
    assert not (desk.can_undo or desk.can_redo or desk.eraser or desk.inverse)
    assert desk.live and desk.model == "inkling"


def test_what_is_configured_holds_for_the_next_visitor_too():
    tables = {"model": {"live": False}, "screen": {"inverse": True, "pen_width": 0.1}}
    desk = Desk("inkling", 0.05)
    desk.choose("gubboit", settings(**tables))
    desk.live, desk.inverse = True, False
    desk.forget()
    assert (desk.model, desk.live, desk.inverse, desk.normalised) == ("gubboit", False, True, True)
    assert desk.pen_width == 0.1
