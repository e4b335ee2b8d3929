"""Several symbols: each outlined with its digit, and the number that they read."""

import pygame
import pytest
from drawings import digit, doodle, twelve
from hypothesis import given
from hypothesis import strategies as st
from kiosks import Clock, colours, finger, like, settings, until

from device.demo import Visitor
from device.ink import Bounds, Ink
from device.kiosk import Kiosk
from device.library import Library
from device.recognizer import Recognizer
from device.screen import theme
from device.screen.area import Area
from device.screen.canvas import Canvas
from device.screen.display import close_display
from device.screen.layout import arrange


@pytest.fixture(scope="module")
def model():
    return Recognizer(Library())


@pytest.fixture
def kiosk(model, lights):
    made = Kiosk(settings("800x480"), model, lights, clock=Clock())
    yield made
    made.close()


def number(kiosk):
    return kiosk.screen._several.number


def shown(kiosk, visitor, ink):
    """Draw several symbols and wait until they are marked."""
    visitor.draw(ink)
    assert visitor.wait()
    until(kiosk, lambda: number(kiosk))
    kiosk.step(0.001)


def beside(*inks):
    """Drawings in a row, small, in the middle of the canvas."""
    strokes = []
    for place, ink in enumerate(inks):
        x = (place + 0.5) / len(inks)
        strokes += ink.fitted().scaled(0.7 / len(inks)).moved(x - 0.5, 0).strokes
    return Ink(tuple(strokes))


def test_each_symbol_is_outlined_with_its_digit_above_it(kiosk, visitor):
    visitor.draw(digit(3))
    assert visitor.wait()
    assert theme.SEVERAL not in colours(kiosk, kiosk.screen.layout.paper)
    visitor.tap("clear")
    shown(kiosk, visitor, twelve())
    screen = kiosk.screen
    assert number(kiosk) == "12"
    side = screen.layout.paper.width
    for left, top in ((0.16, 0.24), (0.52, 0.24)):
        x, y = screen.to_window(left, top)
        above = Area(int(x - side * 0.05), int(y - side * 0.12), side // 8, side // 10)
        tag = colours(kiosk, above)
        assert theme.SEVERAL in tag
        assert len(tag) > 10, "a digit is written on it"


def test_the_answer_is_the_number_from_left_to_right(kiosk, visitor):
    visitor.draw(twelve())
    assert visitor.wait()
    answer = kiosk.screen.layout.digit
    until(kiosk, lambda: number(kiosk))
    kiosk.step(0.001)
    shown = colours(kiosk, answer)
    assert theme.TEXT in shown, "what counts is white"
    visitor.tap("clear")
    visitor.draw(beside(digit(2), digit(0), digit(2), digit(6)))
    assert visitor.wait()
    until(kiosk, lambda: number(kiosk))
    assert number(kiosk) == "2026"


def test_what_is_no_digit_has_a_question_mark(kiosk, visitor):
    shown(kiosk, visitor, beside(digit(2), doodle()))
    assert number(kiosk) == "2?"


def test_the_marks_go_with_the_first_touch(kiosk, visitor):
    shown(kiosk, visitor, twelve())
    paper = kiosk.screen.layout.paper
    assert theme.SEVERAL in colours(kiosk, paper)
    x, y = kiosk.screen.to_window(0.5, 0.9)
    pygame.event.post(finger(pygame.FINGERDOWN, x / 800, y / 480))
    kiosk.step(0.001)
    assert theme.SEVERAL not in colours(kiosk, paper)
    assert number(kiosk) == ""


def test_while_a_finger_draws_nothing_is_marked(kiosk, visitor):
    shown(kiosk, visitor, twelve())
    x, y = kiosk.screen.to_window(0.9, 0.5)
    pygame.event.post(finger(pygame.FINGERDOWN, x / 800, y / 480))
    assert visitor.wait()
    for _ in range(3):
        kiosk.step(0.01)
    assert number(kiosk) == ""
    assert theme.SEVERAL not in colours(kiosk, kiosk.screen.layout.paper)
    pygame.event.post(finger(pygame.FINGERUP, x / 800, y / 480))
    until(kiosk, lambda: number(kiosk))


@pytest.mark.parametrize("button", ["clear", "undo", "right"])
def test_the_marks_go_when_the_drawing_changes(kiosk, visitor, button):
    shown(kiosk, visitor, twelve())
    before = kiosk.screen._several._reading
    visitor.tap(button)
    assert kiosk.screen._several._reading is not before
    if button != "right":
        assert visitor.wait()
        assert theme.SEVERAL not in colours(kiosk, kiosk.screen.layout.paper)


def test_the_marks_move_with_the_drawing(kiosk, visitor):
    shown(kiosk, visitor, twelve())
    first = pygame.image.tobytes(kiosk.surface, "RGB")
    visitor.tap("up")
    assert visitor.wait()
    until(kiosk, lambda: number(kiosk))
    kiosk.step(0.001)
    assert theme.SEVERAL in colours(kiosk, kiosk.screen.layout.paper)
    assert pygame.image.tobytes(kiosk.surface, "RGB") != first


def test_the_marks_are_there_on_light_paper_too(kiosk, visitor):
    shown(kiosk, visitor, twelve())
    visitor.tap("inverse")
    kiosk.step(0.001)
    dark = theme.mixed(theme.SEVERAL, theme.GROUND, 0.5)
    assert dark in colours(kiosk, kiosk.screen.layout.paper)


@pytest.mark.parametrize("ground", [theme.PAPER, theme.INK])
def test_marks_can_be_read_on_either_paper(ground):
    if ground == theme.PAPER:
        box, text = theme.SEVERAL, theme.GROUND
    else:
        box, text = theme.mixed(theme.SEVERAL, theme.GROUND, 0.5), theme.INK
    assert theme.contrast(box, ground) >= 3
    assert theme.contrast(text, box) >= 4.5


def test_the_marks_come_back_with_the_main_screen(kiosk, visitor):
    shown(kiosk, visitor, twelve())
    kiosk.go("why")
    kiosk.step(0.001)
    visitor.tap("back")
    until(kiosk, lambda: kiosk.screen.name == "main" and number(kiosk) == "12")


def test_one_symbol_asks_for_nothing(kiosk, visitor, monkeypatch):
    monkeypatch.setattr(kiosk, "ask", lambda *_: pytest.fail("asked"))
    visitor.draw(digit(3))
    assert visitor.wait()
    assert number(kiosk) == ""


def test_it_fits_on_the_smallest_panel(model, lights):
    kiosk = Kiosk(settings("480x320"), model, lights, clock=Clock())
    try:
        visitor = Visitor(kiosk)
        shown(kiosk, visitor, beside(digit(2), digit(0), digit(2), digit(6)))
        assert like(theme.TEXT, colours(kiosk, kiosk.screen.layout.digit))
    finally:
        kiosk.close()


@pytest.fixture(scope="module")
def screen():
    pygame.display.init()
    pygame.font.init()
    yield pygame.display.set_mode((480, 320))
    close_display()


edges = st.tuples(st.floats(-0.5, 1.5), st.floats(-0.5, 1.5)).map(sorted)


@given(across=edges, down=edges, inverse=st.booleans())
def test_marks_never_leave_the_paper(screen, across, down, inverse):
    layout = arrange(480, 320)
    canvas = Canvas(screen, layout, 0.06, inverse)
    before = pygame.surfarray.array3d(screen)
    canvas.mark(Bounds(across[0], down[0], across[1], down[1]), "8")
    after = pygame.surfarray.array3d(screen)
    x, y, width, height = layout.canvas.inset(layout.thickness)
    before[x : x + width, y : y + height] = after[x : x + width, y : y + height]
    assert (before == after).all()
    canvas.unmark()
    assert not canvas.marked
