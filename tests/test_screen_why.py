"""Why: the drawing painted by what speaks for the answer, and what against it."""

import numpy as np
import pygame
import pytest
from drawings import digit
from kiosks import Clock, colours, like, settings, until

from device.demo import Visitor
from device.ink import Ink
from device.kiosk import Kiosk
from device.library import Library
from device.recognizer import Recognizer
from device.screen import theme, why_screen
from device.screen.why_screen import Brush, painted
from device.why import Why, explain

LINE = np.array([(0.2, 0.5), (0.8, 0.5)])
INK = Ink.of([LINE])


def across(weight, paper=theme.PAPER):
    """The colours down through the middle of a painted line."""
    brush = Brush(200, 0.1, paper)
    picture = painted(INK, Why([LINE], [weight], 1.0), brush)
    return [tuple(colour) for colour in picture[:, 100].tolist()], brush


@pytest.mark.parametrize("paper", [theme.PAPER, theme.INK])
def test_what_speaks_for_the_answer_is_full_and_green(paper):
    colours, brush = across(1.0, paper)
    assert colours[100] == brush.of(1.0)
    red, green, blue = colours[100]
    assert green > max(red, blue)
    assert colours.count(brush.of(1.0)) > 15


@pytest.mark.parametrize("paper", [theme.PAPER, theme.INK])
def test_what_speaks_against_it_is_red_with_an_open_core(paper):
    colours, brush = across(-1.0, paper)
    assert colours[100] == paper
    assert colours.count(brush.of(-1.0)) > 10
    red, green, blue = brush.of(-1.0)
    assert red > max(green, blue)


def test_the_stronger_the_wider_and_the_brighter():
    counts = []
    for weight in (0.2, 0.6, 1.0):
        seen, brush = across(weight)
        assert seen[100] == brush.of(weight)
        counts.append(sum(colour != theme.PAPER for colour in seen))
    assert counts[0] < counts[1] < counts[2]


def test_ink_that_makes_no_difference_keeps_the_colour_of_unpainted_ink():
    brush = Brush(200, 0.1, theme.PAPER)
    plain = painted(INK, None, brush)
    assert (painted(INK, Why([LINE], [0.0], 1.0), brush) == plain).all()
    assert tuple(plain[100, 100]) == brush.neutral


def test_ink_beside_the_paper_is_cut_off():
    outside = np.array([(1.3, 0.5), (1.6, 0.5)])
    brush = Brush(100, 0.1, theme.PAPER)
    picture = painted(Ink.of([outside]), Why([outside], [1.0], 1.0), brush)
    assert (picture == theme.PAPER).all()


@pytest.fixture(scope="module")
def model():
    return Recognizer(Library())


@pytest.fixture(params=["800x480", "480x320", "720x1280"])
def kiosk(request, model, lights):
    made = Kiosk(settings(request.param), model, lights, clock=Clock())
    yield made
    made.close()


def ask_why(kiosk, visitor, ink):
    visitor.draw(ink)
    assert visitor.wait()
    kiosk.go("why")
    kiosk.step(0.001)
    return kiosk.screen


def done(screen):
    return screen.progress is not None and screen.progress.share_done == 1.0


def test_the_ink_is_painted_by_its_weights(kiosk, visitor, model):
    screen = ask_why(kiosk, visitor, digit(3))
    until(kiosk, lambda: done(screen))
    kiosk.step(0.001)
    *_, last = explain(model, kiosk.desk.ink)
    brush = Brush(screen._sheet.inside.width, kiosk.desk.pen_width, theme.PAPER)
    expected = painted(kiosk.desk.ink, last, brush)
    sheet = kiosk.surface.subsurface(pygame.Rect(screen._sheet.inside))
    assert (pygame.surfarray.array3d(sheet).swapaxes(0, 1) == expected).all()
    assert brush.of(1.0) in colours(kiosk, screen._sheet.inside)


def test_the_answer_and_the_meaning_of_the_colours_stand_beside_it(kiosk, visitor):
    screen = ask_why(kiosk, visitor, digit(3))
    until(kiosk, lambda: done(screen))
    kiosk.step(0.001)
    assert screen.progress.reading.digit == 3
    shown = colours(kiosk, screen._card)
    legend = Brush(1, 1, theme.CARD)
    assert {theme.TEXT, legend.of(1.0), legend.of(-1.0), legend.neutral} <= shown


def test_it_fills_in_batch_by_batch_under_a_bar(kiosk, visitor, monkeypatch):
    seen = []
    came = why_screen.WhyScreen._came

    def noting(self, progress):
        came(self, progress)
        self.draw()
        seen.append((progress.share_done, theme.BAR in colours(kiosk, self._card)))

    monkeypatch.setattr(why_screen.WhyScreen, "_came", noting)
    screen = ask_why(kiosk, visitor, digit(8))
    until(kiosk, lambda: done(screen))
    shares = [share for share, _ in seen]
    assert shares == sorted(shares)
    assert len(shares) > 2
    assert [bar for share, bar in seen if share == 1.0] == [False]
    assert all(bar for share, bar in seen if 0.1 < share < 1.0)


def test_without_a_drawing_there_is_nothing_to_explain(kiosk, monkeypatch):
    monkeypatch.setattr(kiosk, "ask", lambda *_: pytest.fail("asked"))
    kiosk.go("why")
    kiosk.step(0.001)
    kiosk.step(0.001)
    assert like(theme.MUTED, colours(kiosk, kiosk.screen.body))


def test_a_model_that_is_lost_is_said(kiosk, visitor):
    visitor.draw(digit(3))
    assert visitor.wait()
    kiosk.desk.model = "lost"
    kiosk.go("why")
    kiosk.step(0.001)
    screen = kiosk.screen
    until(kiosk, lambda: like(theme.SEVERAL, colours(kiosk, screen._card)))


def test_going_back_ends_the_work(kiosk, visitor):
    screen = ask_why(kiosk, visitor, digit(8))
    visitor.tap("back")
    share = screen.progress
    for _ in range(5):
        kiosk.step(0.01)
    assert kiosk.screen.name == "main"
    assert screen.progress is share


def test_on_light_paper_the_ink_is_painted_for_light_paper(model, lights):
    kiosk = Kiosk(settings("480x320", screen={"inverse": True}), model, lights, clock=Clock())
    try:
        screen = ask_why(kiosk, Visitor(kiosk), digit(3))
        until(kiosk, lambda: done(screen))
        kiosk.step(0.001)
        shown = colours(kiosk, screen._sheet.inside)
        assert theme.INK in shown
        assert Brush(1, 1, theme.INK).of(1.0) in shown
    finally:
        kiosk.close()
