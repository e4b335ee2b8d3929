"""The layout: nothing overlaps and nothing leaves the screen, whatever its size."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.screen.layout import Area, arrange

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


def check(width, height):
    layout = arrange(width, height)
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
        for part in inner:
            assert outer.contains(part)
        for one, other in itertools.combinations(inner, 2):
            assert not one.overlaps(other)
    assert layout.canvas.width == layout.canvas.height
    assert layout.paper.width == layout.paper.height
    return layout


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_everything_has_its_place_on_every_panel(width, height):
    check(width, height)


@given(st.integers(320, 2600), st.integers(320, 2600))
def test_everything_has_its_place_on_any_screen(width, height):
    check(width, height)


@pytest.mark.parametrize(("width", "height"), [(480, 320), (800, 480), (1024, 600), (1280, 720)])
def test_on_a_wide_panel_the_canvas_is_on_the_left_and_full_height(width, height):
    layout = arrange(width, height)
    assert layout.canvas.height >= height - 2 * layout.canvas.y
    assert layout.canvas.y <= height / 20
    assert layout.canvas.right < layout.answer.x


@pytest.mark.parametrize(("width", "height"), [(480, 854), (600, 1024), (720, 1280)])
def test_on_a_tall_panel_the_canvas_is_on_top_and_full_width(width, height):
    layout = arrange(width, height)
    assert layout.canvas.x <= width / 20
    assert layout.canvas.bottom < layout.answer.y


@pytest.mark.parametrize(
    ("size", "millimetres_wide"), [((800, 480), 154), ((480, 320), 73), ((1280, 720), 220)]
)
def test_a_thumb_can_hit_the_buttons(size, millimetres_wide):
    layout = arrange(*size)
    per_millimetre = size[0] / millimetres_wide
    for button in (layout.predict, layout.clear):
        assert button.height >= 6 * per_millimetre
        assert button.width >= 9 * per_millimetre


def test_the_model_input_is_shown_in_whole_pixels():
    for width, height in SIZES:
        side = arrange(width, height).input.width
        assert (side - 2) % 28 == 0 and side > 2


def test_the_verdict_band_crosses_its_card():
    layout = arrange(800, 480)
    assert layout.verdict.width == layout.answer.width
    assert layout.digit.height > 100
