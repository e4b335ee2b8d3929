"""The main screen: every tool under a finger, two fingers, and what is then seen."""

import pygame
import pytest
from drawings import digit, doodle, twelve
from kiosks import Clock, colours, finger, settings

from device import raster
from device.demo import Visitor
from device.keeper import Keeper
from device.kiosk import Kiosk
from device.reading import Verdict
from device.screen import theme
from device.screen.controls import AGAIN, LONG, REPEAT
from device.screen.hand import SECOND
from device.screen.main_screen import FIT_MOVES, FIT_WAITS
from device.screen.places import TOOLS


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def kiosk(recognizer, lights, clock):
    made = Kiosk(settings("800x480"), recognizer, lights, clock=clock)
    yield made
    recognizer.gate.set()
    made.close()


@pytest.fixture
def drawn(kiosk, visitor):
    visitor.draw(digit(4))
    assert visitor.wait()
    return kiosk.desk.ink


def press(kiosk, name):
    """A finger on a button."""
    x, y = kiosk.screen.target(name).centre
    width, height = kiosk.surface.get_size()
    pygame.event.post(finger(pygame.FINGERDOWN, x / width, y / height))
    kiosk.step(0.001)


def on_canvas(kiosk, kind, x, y, number=1):
    width, height = kiosk.surface.get_size()
    x, y = kiosk.screen.to_window(x, y)
    pygame.event.post(finger(kind, x / width, y / height, number))
    kiosk.step(0.001)


def test_all_tools_are_beside_the_canvas(kiosk):
    for name in TOOLS:
        assert kiosk.screen.target(name).width > 40


@pytest.mark.parametrize(
    ("tool", "check"),
    [
        ("left", lambda a, b: b.left < a.left and b.top == pytest.approx(a.top)),
        ("right", lambda a, b: b.left > a.left and b.top == pytest.approx(a.top)),
        ("up", lambda a, b: b.top < a.top and b.left == pytest.approx(a.left)),
        ("down", lambda a, b: b.top > a.top and b.left == pytest.approx(a.left)),
        ("smaller", lambda a, b: b.width < a.width and b.height < a.height),
        ("larger", lambda a, b: b.width > a.width and b.height > a.height),
    ],
)
def test_arrows_and_zoom_move_the_drawing(kiosk, visitor, drawn, tool, check):
    visitor.tap(tool)
    assert check(drawn.bounds, kiosk.desk.ink.bounds)
    visitor.tap("undo")
    assert kiosk.desk.ink == drawn


def test_rotate_turns_by_ten_degrees_and_back(kiosk, visitor, drawn):
    middle = drawn.bounds.centre
    visitor.tap("turn_right")
    assert kiosk.desk.ink == drawn.rotated(0.17453292519943295, middle)
    visitor.tap("undo")
    visitor.tap("turn_left")
    assert kiosk.desk.ink == drawn.rotated(-0.17453292519943295, middle)


def test_a_finger_that_stays_on_an_arrow_moves_it_again_and_again(kiosk, visitor, drawn, clock):
    press(kiosk, "right")
    first = kiosk.desk.ink
    for _ in range(5):
        clock.time += max(REPEAT, AGAIN)
        kiosk.step(0.001)
    assert kiosk.desk.ink.bounds.left > first.bounds.left + 0.1


def test_the_eraser_rubs_out_and_the_pen_draws_again(kiosk, visitor, drawn):
    visitor.tap("eraser")
    (x, y) = drawn.strokes[0].xy[len(drawn.strokes[0]) // 2]
    on_canvas(kiosk, pygame.FINGERDOWN, x, y)
    on_canvas(kiosk, pygame.FINGERUP, x, y)
    erased = kiosk.desk.ink
    assert erased != drawn
    visitor.tap("undo")
    assert kiosk.desk.ink == drawn
    visitor.tap("eraser")
    visitor.draw(digit(1))
    assert len(kiosk.desk.ink.strokes) > len(drawn.strokes)


def test_normalize_shows_the_box_then_moves_the_drawing_to_the_middle(kiosk, visitor, drawn, clock):
    visitor.tap("smaller")
    small = kiosk.desk.ink
    visitor.tap("fit")
    assert theme.BAR in colours(kiosk, kiosk.screen.layout.paper)
    assert kiosk.desk.ink == small
    clock.time += FIT_WAITS + FIT_MOVES / 2
    kiosk.step(0.001)
    assert small.bounds.width < kiosk.desk.ink.bounds.width < small.fitted().bounds.width
    clock.time += FIT_MOVES
    kiosk.step(0.001)
    assert kiosk.desk.ink == small.fitted()
    visitor.tap("undo")
    assert kiosk.desk.ink == small


def test_inverse_swaps_paper_and_ink(kiosk, visitor, drawn):
    paper = kiosk.screen.layout.paper
    corner = (paper.x + 30, paper.y + 12)
    assert tuple(kiosk.surface.get_at(corner))[:3] == theme.PAPER
    visitor.tap("inverse")
    assert tuple(kiosk.surface.get_at(corner))[:3] == theme.INK
    assert theme.PAPER in colours(kiosk, paper)
    visitor.tap("inverse")
    assert tuple(kiosk.surface.get_at(corner))[:3] == theme.PAPER


def test_clear_can_be_undone_and_redone(kiosk, visitor, drawn):
    visitor.tap("clear")
    assert kiosk.desk.ink.is_blank
    visitor.tap("undo")
    assert kiosk.desk.ink == drawn
    visitor.tap("redo")
    assert kiosk.desk.ink.is_blank


def test_without_live_prediction_it_reads_when_predict_is_tapped(kiosk, visitor, recognizer):
    visitor.tap("live")
    visitor.draw(digit(3))
    assert visitor.wait()
    assert (recognizer.count, kiosk.reading.verdict) == (0, Verdict.BLANK)
    visitor.tap("predict")
    assert visitor.wait()
    assert kiosk.reading.verdict is Verdict.ACCEPTED
    visitor.tap("left")
    assert kiosk.reading.verdict is Verdict.BLANK


def test_without_normalising_predict_is_blue_and_the_gate_is_not_asked(kiosk, visitor):
    visitor.draw(doodle())
    assert visitor.wait()
    predict = kiosk.screen.target("predict")
    assert theme.ACCEPT in colours(kiosk, predict)
    visitor.tap("normalised")
    assert visitor.wait()
    assert theme.BAR in colours(kiosk, predict)
    assert not kiosk.reading.gated
    assert kiosk.reading.verdict is not Verdict.REJECTED


def test_two_fingers_pinch_turn_and_move_the_drawing(kiosk, visitor, drawn):
    on_canvas(kiosk, pygame.FINGERDOWN, 0.4, 0.5, 1)
    on_canvas(kiosk, pygame.FINGERDOWN, 0.6, 0.5, 2)
    on_canvas(kiosk, pygame.FINGERMOTION, 0.3, 0.5, 1)
    on_canvas(kiosk, pygame.FINGERMOTION, 0.7, 0.5, 2)
    on_canvas(kiosk, pygame.FINGERUP, 0.7, 0.5, 2)
    on_canvas(kiosk, pygame.FINGERMOTION, 0.1, 0.1, 1)
    on_canvas(kiosk, pygame.FINGERUP, 0.1, 0.1, 1)
    assert kiosk.desk.ink.bounds.width == pytest.approx(2 * drawn.bounds.width, abs=1e-3)
    assert len(kiosk.desk.ink.strokes) == len(drawn.strokes), "the fingers drew nothing"
    visitor.tap("undo")
    assert kiosk.desk.ink == drawn


def test_a_hand_laid_down_while_drawing_changes_nothing(kiosk, visitor, drawn, clock):
    on_canvas(kiosk, pygame.FINGERDOWN, 0.4, 0.5, 1)
    clock.time += SECOND + 0.1
    on_canvas(kiosk, pygame.FINGERMOTION, 0.45, 0.5, 1)
    on_canvas(kiosk, pygame.FINGERDOWN, 0.9, 0.9, 2)
    on_canvas(kiosk, pygame.FINGERMOTION, 0.8, 0.9, 2)
    on_canvas(kiosk, pygame.FINGERMOTION, 0.5, 0.5, 1)
    on_canvas(kiosk, pygame.FINGERUP, 0.5, 0.5, 1)
    assert len(kiosk.desk.ink.strokes) == len(drawn.strokes) + 1
    assert kiosk.desk.ink.strokes[: len(drawn.strokes)] == drawn.strokes


def test_tools_without_anything_to_do_are_off(kiosk, visitor):
    buttons = kiosk.screen._controls.buttons
    assert {name for name, button in buttons.items() if button.look == "off"} >= {
        "undo", "redo", "fit", "turn", "left", "larger", "predict", "clear",
    }  # fmt: skip


def test_on_a_small_panel_the_tools_come_out_of_a_drawer(recognizer, lights):
    kiosk = Kiosk(settings("480x320"), recognizer, lights, clock=Clock())
    visitor = Visitor(kiosk)
    try:
        visitor.draw(digit(4))
        visitor.wait()
        drawn = kiosk.desk.ink
        with pytest.raises(KeyError):
            kiosk.screen.target("left")
        visitor.tap("more")
        assert kiosk.screen.target("menu")
        visitor.tap("more")
        visitor.tap("left")
        assert kiosk.desk.ink.bounds.left < drawn.bounds.left
        while "predict" not in kiosk.screen._controls.buttons:
            visitor.tap("more")
        assert theme.ACCEPT in colours(kiosk, kiosk.screen.layout.answer)
    finally:
        kiosk.close()


def test_the_kid_layout_has_clear_and_the_answer(recognizer, lights):
    kiosk = Kiosk(settings("800x480", screen={"layout": "kid"}), recognizer, lights, clock=Clock())
    visitor = Visitor(kiosk)
    try:
        visitor.draw(digit(3))
        visitor.wait()
        assert set(kiosk.screen._controls.buttons) == {"clear"}
        assert theme.ACCEPT in colours(kiosk, kiosk.screen.layout.answer)
        visitor.tap("clear")
        assert kiosk.desk.ink.is_blank
    finally:
        kiosk.close()


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_panel_shows_the_picture_turned_and_is_drawn_on_all_the_same(
    recognizer, lights, rotation
):
    kiosk = Kiosk(
        settings("800x480", screen={"rotation": rotation}), recognizer, lights, clock=Clock()
    )
    visitor = Visitor(kiosk)
    try:
        visitor.draw(twelve())
        visitor.wait()
        assert kiosk.reading.verdict is Verdict.SEVERAL
        window = pygame.display.get_surface()
        turned = pygame.transform.rotate(kiosk.surface, -rotation)
        assert window.get_size() == turned.get_size() == (800, 480)
        assert pygame.image.tobytes(window, "RGB") == pygame.image.tobytes(turned, "RGB")
    finally:
        kiosk.close()


def test_a_long_press_on_the_name_leads_to_the_settings(kiosk, clock, monkeypatch):
    went = []
    monkeypatch.setattr(kiosk, "go", went.append)
    x, y = kiosk.screen.layout.title.centre
    pygame.event.post(finger(pygame.FINGERDOWN, x / 800, y / 480))
    kiosk.step(0.001)
    assert went == []
    clock.time += LONG + 0.01
    kiosk.step(0.001)
    assert went == ["pin"]


def test_a_palm_beside_the_drawing_finger_leaves_no_gap_in_the_line(kiosk, visitor, clock):
    on_canvas(kiosk, pygame.FINGERDOWN, 0.2, 0.5, 1)
    clock.time += SECOND + 0.1
    on_canvas(kiosk, pygame.FINGERDOWN, 0.9, 0.9, 2)
    for number in range(1, 8):
        on_canvas(kiosk, pygame.FINGERMOTION, 0.2 + number * 0.06, 0.5, 1)
        if number == 3:
            on_canvas(kiosk, pygame.FINGERMOTION, 0.9, 0.88, 2)
    on_canvas(kiosk, pygame.FINGERUP, 0.62, 0.5, 1)
    canvas = kiosk.screen.canvas
    expected = raster.draw(kiosk.desk.ink, kiosk.screen.layout.paper.width, kiosk.desk.pen_width)
    assert (canvas.pixels == expected).all()


def test_live_prediction_switched_on_reads_what_is_drawn_already(kiosk, visitor):
    visitor.tap("live")
    visitor.draw(digit(3))
    visitor.tap("live")
    assert visitor.wait()
    assert kiosk.reading.verdict is Verdict.ACCEPTED


def test_the_gate_threshold_is_in_force_at_once(kiosk, visitor, monkeypatch):
    monkeypatch.setattr(Keeper, "keep", lambda *_: None)
    visitor.draw(doodle())
    assert visitor.wait()
    assert kiosk.reading.verdict is Verdict.REJECTED
    kiosk.change({"model.threshold": 0.0})
    assert visitor.wait()
    kiosk.predict()
    assert visitor.wait()
    assert kiosk.reading.verdict is Verdict.ACCEPTED


def test_a_window_that_is_resized_under_the_finger_keeps_its_stroke(kiosk, visitor):
    on_canvas(kiosk, pygame.FINGERDOWN, 0.2, 0.5)
    on_canvas(kiosk, pygame.FINGERMOTION, 0.6, 0.5)
    pygame.display.set_mode((1024, 600), pygame.RESIZABLE)
    pygame.event.post(pygame.event.Event(pygame.WINDOWSIZECHANGED, x=1024, y=600))
    kiosk.step(0.001)
    visitor.draw(digit(1))
    assert len(kiosk.desk.ink.strokes) == 1 + len(digit(1).strokes)


@pytest.mark.parametrize("name", ["files", "teach"])
def test_the_clear_button_beside_the_screen_harms_no_page(kiosk, clock, name):
    kiosk.go(name)
    kiosk.step(0.001)
    kiosk.press("clear")
    for _ in range(5):
        clock.time += 1.0
        kiosk.step(0.001)
    assert kiosk.screen.name == name
