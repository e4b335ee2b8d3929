"""The layout: nothing overlaps and nothing leaves the screen, whatever its size."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.screen.area import NOWHERE, Area
from device.screen.layout import arrange
from device.screen.places import TOOLS, finger, grid, pages

SIZES = [
    (480, 320),
    (640, 480),
    (800, 480),
    (800, 600),
    (1024, 600),
    (1024, 768),
    (1280, 400),
    (1280, 720),
    (1920, 480),
    (1920, 1080),
    (3840, 2160),
    (320, 480),
    (480, 800),
    (600, 1024),
    (720, 1280),
    (1080, 1920),
    (600, 600),
    (320, 320),
]


def check(width, height, inches=0.0, kind="lab"):
    layout = arrange(width, height, inches, kind)
    screen = Area(0, 0, width, height)
    for block in layout.blocks:
        assert screen.contains(block)
        assert block.width > 0 and block.height > 0
    for one, other in itertools.combinations(layout.blocks, 2):
        assert not one.overlaps(other)
    parts = {
        layout.header: (layout.title, layout.status, *layout.lights),
        layout.answer: (
            layout.verdict,
            layout.digit,
            layout.gate_label,
            layout.gate_bar,
            layout.input,
            layout.input_label,
        ),
        layout.chart: (*layout.values, *layout.bars, *layout.labels),
    }
    for outer, inner in parts.items():
        inner = [part for part in inner if part != NOWHERE]
        for part in inner:
            assert outer.contains(part)
        for one, other in itertools.combinations(inner, 2):
            assert not one.overlaps(other)
    assert layout.canvas.width == layout.canvas.height
    assert layout.paper.width == layout.paper.height
    return layout


@pytest.mark.parametrize("kind", ["lab", "kid"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_everything_has_its_place_on_every_panel(width, height, kind):
    check(width, height, kind=kind)


@given(
    st.integers(320, 2600),
    st.integers(320, 2600),
    st.sampled_from([0.0, 2.8, 3.5, 5.0, 7.0, 10.1, 27.0]),
    st.sampled_from(["lab", "kid"]),
)
def test_everything_has_its_place_on_any_screen(width, height, inches, kind):
    check(width, height, inches, kind)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_every_tool_is_beside_the_canvas_or_in_the_drawer(width, height):
    layout = arrange(width, height)
    if layout.tools:
        assert set(layout.tools) == set(TOOLS) and layout.more == NOWHERE
        cells = list(layout.tools.values())
    else:
        assert layout.more != NOWHERE
        cells = []
        for page in pages(TOOLS, layout.drawer, layout.cell):
            found = grid(layout.drawer, len(page) + 1, layout.cell)
            assert len(found) == len(page) + 1, "one cell leads to the next page"
            cells += found[:-1]
    assert len(cells) == len(TOOLS)


@pytest.mark.parametrize(
    ("size", "inches"), [((800, 480), 7.0), ((1280, 720), 7.0), ((1024, 600), 7.0)]
)
def test_a_finger_finds_every_tool(size, inches):
    """Nine millimetres from the middle of one to the middle of the next."""
    layout = arrange(*size, inches)
    per_millimetre = math.hypot(*size) / (inches * 25.4)
    for area in layout.tools.values():
        assert min(area.width, area.height) + layout.cell / 11 >= 9 * per_millimetre - 1


def test_the_kid_layout_has_canvas_answer_and_clear_alone():
    layout = arrange(800, 480, 7.0, "kid")
    assert layout.canvas.width > arrange(800, 480, 7.0, "lab").canvas.width
    assert (layout.chart, layout.predict, layout.input, layout.tools) == (
        NOWHERE,
        NOWHERE,
        NOWHERE,
        {},
    )
    assert layout.clear.width == layout.answer.width


@given(st.integers(100, 900), st.integers(60, 900), st.integers(1, 30), st.integers(30, 120))
def test_cells_of_a_grid_lie_in_it_apart_and_large_enough(width, height, count, cell):
    area = Area(7, 5, width, height)
    cells = grid(area, count, cell)
    assert 1 <= len(cells) <= count
    for one, other in itertools.combinations(cells, 2):
        assert not one.overlaps(other)
    for one in cells:
        assert area.contains(one)
        assert one.width >= min(cell, width) and one.height >= min(cell, height)


def test_an_unknown_panel_is_taken_for_a_usual_one():
    assert finger(480, 320) == finger(480, 320, 3.5)
    assert finger(800, 480) == finger(800, 480, 7.0)


@pytest.mark.parametrize(("width", "height"), [(480, 320), (800, 480), (1024, 600), (1280, 720)])
def test_on_a_wide_panel_the_canvas_is_on_the_left_and_high(width, height):
    layout = arrange(width, height)
    assert layout.canvas.height >= 0.8 * height
    assert layout.canvas.y <= height / 10
    assert layout.canvas.right < layout.answer.x


@pytest.mark.parametrize(("width", "height"), [(480, 854), (600, 1024), (720, 1280)])
def test_on_a_tall_panel_the_canvas_is_on_top_and_full_width(width, height):
    layout = arrange(width, height)
    assert layout.canvas.x <= width / 20
    assert layout.canvas.bottom < layout.answer.y


@pytest.mark.parametrize(
    ("size", "millimetres_wide"), [((800, 480), 154), ((480, 320), 74), ((1280, 720), 220)]
)
def test_a_thumb_can_hit_the_buttons(size, millimetres_wide):
    layout = arrange(*size)
    per_millimetre = size[0] / millimetres_wide
    for button in (layout.predict, layout.clear):
        assert button.height >= 6 * per_millimetre
        assert button.width >= math.floor(9 * per_millimetre)


def test_the_model_input_is_shown_in_whole_pixels():
    for width, height in SIZES:
        side = arrange(width, height).input.width
        if side == 0:
            continue  # no room for it
        assert (side - 2) % 28 == 0 and side > 2


def test_the_verdict_band_crosses_its_card():
    layout = arrange(800, 480)
    assert layout.verdict.width == layout.answer.width
    assert layout.digit.height > 100
