"""The canvas: ink at once, only what is new, and in the end exactly the ink's own pixels."""

import numpy as np
import pygame
import pytest
from drawings import digit, doodle, twelve
from hypothesis import given
from hypothesis import strategies as st

from device import raster
from device.ink import Ink
from device.screen import canvas as canvas_module
from device.screen import theme
from device.screen.canvas import Canvas
from device.screen.display import close_display
from device.screen.layout import arrange

PEN = 0.05


@pytest.fixture(scope="module")
def screen():
    pygame.display.init()
    pygame.font.init()
    yield pygame.display.set_mode((480, 320))
    close_display()


@pytest.fixture(scope="module")
def blank_canvas(screen):
    return Canvas(screen, arrange(480, 320), PEN)


def draw(canvas, ink, frame=1):
    for stroke in ink.strokes:
        canvas.begin()
        for number, point in enumerate(stroke):
            canvas.add(point.x, point.y)
            if number % frame == 0:
                canvas.take_dirty()
        canvas.end()


def shown(screen, layout):
    """The paper's red channel, (side, side)."""
    paper = screen.subsurface(pygame.Rect(layout.paper))
    return pygame.surfarray.array3d(paper)[:, :, 0].T.astype(int)


@pytest.mark.parametrize("frame", [1, 3, 1000])
@pytest.mark.parametrize("ink", [digit(3), digit(7), doodle(), twelve()])
def test_what_stands_there_after_the_pen_lifts_is_the_ink(screen, ink, frame):
    layout = arrange(480, 320)
    canvas = Canvas(screen, layout, PEN)
    draw(canvas, ink, frame)
    expected = raster.draw(ink, layout.paper.width, PEN).astype(int)
    assert np.abs(canvas.pixels.astype(int) - expected).max() <= 1
    # The same on the screen, ink's colour on the paper's (the frame's round corners aside).
    low, high = theme.PAPER[0], theme.INK[0]
    seen = (shown(screen, layout) - low) * 255 / (high - low)
    inner = slice(12, -12)
    assert np.abs(seen - expected)[inner, inner].max() <= 3


@given(
    st.lists(
        st.tuples(st.floats(0, 1, width=32), st.floats(0, 1, width=32)), min_size=1, max_size=12
    )
)
def test_any_stroke_ends_as_its_smooth_self(blank_canvas, points):
    canvas = blank_canvas
    canvas.show(Ink())
    ink = Ink.of([points])
    draw(canvas, ink)
    expected = raster.draw(ink, len(canvas.pixels), PEN).astype(int)
    assert np.abs(canvas.pixels.astype(int) - expected).max() <= 1


def test_ink_is_there_before_the_pen_lifts(screen):
    layout = arrange(480, 320)
    canvas = Canvas(screen, layout, PEN)
    side = layout.paper.width
    canvas.begin()
    for x in (0.3, 0.5, 0.7):
        canvas.add(x, 0.5)
        canvas.take_dirty()
        assert shown(screen, layout)[side // 2, round(x * side) - 1] > 200


def test_a_fast_stroke_is_a_line_and_not_dots(screen):
    layout = arrange(480, 320)
    canvas = Canvas(screen, layout, PEN)
    canvas.begin()
    canvas.add(0.1, 0.5)
    canvas.add(0.9, 0.5)
    canvas.take_dirty()
    row = shown(screen, layout)[layout.paper.width // 2]
    assert (row[round(0.1 * len(row)) : round(0.9 * len(row))] > 200).all()


def test_a_frame_costs_the_same_however_much_is_drawn(screen, monkeypatch):
    drawn = []
    real = raster.draw_paths

    def counting(paths, shape, radius):
        drawn.append(shape[0] * shape[1])
        return real(paths, shape, radius)

    monkeypatch.setattr(canvas_module.raster, "draw_paths", counting)
    canvas = Canvas(screen, arrange(480, 320), PEN)
    drawn.clear()
    costs = []
    for _ in range(5):
        before = len(drawn)
        draw(canvas, digit(8))
        costs.append(sum(drawn[before:]))
    assert len(set(costs)) == 1
    assert max(drawn) < canvas.pixels.size / 4


def test_many_samples_in_one_frame_are_drawn_at_once(screen, monkeypatch):
    canvas = Canvas(screen, arrange(480, 320), PEN)
    calls = []
    real = raster.draw_paths

    def counting(*arguments):
        calls.append(arguments)
        return real(*arguments)

    monkeypatch.setattr(canvas_module.raster, "draw_paths", counting)
    canvas.begin()
    for number in range(200):
        canvas.add(0.1 + number / 400, 0.5)
    assert calls == []
    canvas.take_dirty()
    assert len(calls) == 2  # what is final, and the provisional last piece


def test_only_what_has_changed_is_sent_to_the_screen(screen):
    layout = arrange(480, 320)
    canvas = Canvas(screen, layout, PEN)
    canvas.take_dirty()
    assert canvas.take_dirty() == []
    canvas.begin()
    canvas.add(0.5, 0.5)
    dirty = canvas.take_dirty()
    assert dirty
    for part in dirty:
        assert part.width * part.height < layout.paper.width**2 / 20


def test_ink_at_the_edge_stays_inside_the_frame(screen):
    layout = arrange(480, 320)
    canvas = Canvas(screen, layout, PEN)
    before = pygame.surfarray.array3d(screen)
    draw(canvas, Ink.of([[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)]]))
    changed = (pygame.surfarray.array3d(screen) != before).any(axis=2)
    paper = layout.paper
    changed[paper.x : paper.right, paper.y : paper.bottom] = False
    assert not changed.any()


def test_a_blank_canvas_hints_and_the_first_touch_takes_the_hint_away(screen):
    layout = arrange(480, 320)
    canvas = Canvas(screen, layout, PEN)
    quiet = shown(screen, layout)
    canvas.show(Ink(), hinting=True)
    assert (shown(screen, layout) != quiet).any()
    canvas.begin()
    assert (shown(screen, layout) == quiet).all()
