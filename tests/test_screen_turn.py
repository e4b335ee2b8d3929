"""360: the drawing turns, and is read at every ten degrees."""

import pygame
import pytest
from drawings import digit, doodle
from kiosks import Clock, colours, finger, like, settings, until

from device import raster
from device.demo import Visitor
from device.kiosk import Kiosk
from device.library import Library
from device.recognizer import Recognizer
from device.screen import theme
from device.screen.turn_screen import SECONDS
from device.turn import ANGLES, full_turn


@pytest.fixture(scope="module")
def model():
    return Recognizer(Library())


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def kiosk(model, lights, clock):
    made = Kiosk(settings("800x480"), model, lights, clock=clock)
    yield made
    made.close()


@pytest.fixture
def turning(kiosk, visitor):
    """A 3 on the canvas, and 360 tapped: it is about to turn."""
    visitor.draw(digit(3))
    assert visitor.wait()
    visitor.tap("turn")
    until(kiosk, lambda: kiosk.screen.readings)
    return kiosk.screen


def go_on(kiosk, clock, seconds):
    clock.time += seconds
    kiosk.step(0.001)


def ring(screen, angle, share=0.75):
    """The colour of the plot at an angle, this far from its middle."""
    x, y = screen._plot.area.centre
    reach = min(screen._plot.area.width, screen._plot.area.height) / 2 * share
    place = pygame.Vector2(x, y) + pygame.Vector2(0, -reach).rotate(angle)
    return tuple(screen.host.surface.get_at((int(place.x), int(place.y))))[:3]


def picture(kiosk, area):
    return pygame.image.tobytes(kiosk.surface.subsurface(pygame.Rect(area)), "RGB")


def test_a_full_turn_is_read_at_every_ten_degrees(kiosk, turning, model):
    expected = full_turn(model, kiosk.desk.ink)
    assert len(turning.readings) == len(ANGLES)
    assert [r.digit for r in turning.readings] == [r.digit for r in expected]


def test_the_button_reads_stop_while_it_turns_and_again_afterwards(kiosk, turning, clock):
    assert turning.target("stop")
    go_on(kiosk, clock, SECONDS / 2)
    assert turning.target("stop")
    go_on(kiosk, clock, SECONDS)
    assert turning.target("again")
    with pytest.raises(KeyError):
        turning.target("stop")


def test_the_plot_fills_in_while_it_turns(kiosk, turning, clock):
    assert ring(turning, 0) == theme.ACCEPT
    before = ring(turning, 330)
    go_on(kiosk, clock, SECONDS / 2)
    assert ring(turning, 30) == theme.ACCEPT
    assert ring(turning, 330) == before
    go_on(kiosk, clock, SECONDS)
    assert ring(turning, 330) == theme.ACCEPT


def test_the_drawing_turns_smoothly_and_comes_back(kiosk, turning, clock):
    sheet = turning._sheet.inside
    kiosk.step(0.001)
    seen = [picture(kiosk, sheet)]
    # Less than ten degrees each: it does not jump from reading to reading.
    for _ in range(5):
        go_on(kiosk, clock, SECONDS / 100)
        seen.append(picture(kiosk, sheet))
    assert len(set(seen)) == 6
    go_on(kiosk, clock, SECONDS)
    assert picture(kiosk, sheet) == seen[0]


def test_stop_stops_it_where_it_is_and_again_begins_anew(kiosk, visitor, turning, clock):
    go_on(kiosk, clock, SECONDS / 4)
    visitor.tap("stop")
    still = picture(kiosk, turning._sheet.inside)
    go_on(kiosk, clock, SECONDS)
    assert picture(kiosk, turning._sheet.inside) == still
    assert ring(turning, 330) != theme.ACCEPT
    visitor.tap("again")
    assert turning.running
    go_on(kiosk, clock, 2 * SECONDS)
    assert ring(turning, 330) == theme.ACCEPT


def test_nothing_is_drawn_once_it_rests(kiosk, turning, clock, monkeypatch):
    go_on(kiosk, clock, 2 * SECONDS)
    sent = []
    monkeypatch.setattr(pygame.display, "update", sent.append)
    for _ in range(3):
        go_on(kiosk, clock, 1)
    assert sent == []


def test_a_frame_does_not_draw_the_ink_anew(kiosk, turning, clock, monkeypatch):
    monkeypatch.setattr(raster, "draw", lambda *_: pytest.fail("drawn anew"))
    before = picture(kiosk, turning._sheet.inside)
    go_on(kiosk, clock, SECONDS / 3)
    assert picture(kiosk, turning._sheet.inside) != before


def test_a_finger_on_the_plot_turns_the_drawing_there(kiosk, turning, clock):
    go_on(kiosk, clock, 2 * SECONDS)
    upright = picture(kiosk, turning._sheet.inside)
    area = turning._plot.area
    x, y = area.centre[0] + area.height * 0.35, area.centre[1]
    pygame.event.post(finger(pygame.FINGERDOWN, x / 800, y / 480))
    kiosk.step(0.001)
    assert picture(kiosk, turning._sheet.inside) != upright
    assert theme.MUTED in colours(kiosk, turning._plot.middle), "sideways, it does not count"


def test_what_is_no_digit_is_never_green(kiosk, visitor, clock):
    visitor.draw(doodle())
    assert visitor.wait()
    visitor.tap("turn")
    until(kiosk, lambda: kiosk.screen.readings)
    go_on(kiosk, clock, 2 * SECONDS)
    screen = kiosk.screen
    assert theme.ACCEPT not in colours(kiosk, screen._plot.area)
    assert theme.REJECT in colours(kiosk, screen._plot.area)


def test_back_leads_to_the_drawing_as_it_was(kiosk, visitor, turning, clock):
    ink = kiosk.desk.ink
    go_on(kiosk, clock, SECONDS / 2)
    visitor.tap("back")
    assert kiosk.screen.name == "main"
    assert kiosk.desk.ink == ink


def test_without_a_drawing_there_is_nothing_to_turn(kiosk, monkeypatch):
    monkeypatch.setattr(kiosk, "ask", lambda *_: pytest.fail("asked"))
    kiosk.go("turn")
    kiosk.step(0.001)
    kiosk.step(0.001)
    assert like(theme.MUTED, colours(kiosk, kiosk.screen.body))
    assert set(kiosk.screen.controls.buttons) == {"back"}


def test_stop_before_there_are_readings_goes_back(kiosk, visitor, monkeypatch):
    visitor.draw(digit(3))
    assert visitor.wait()
    monkeypatch.setattr(kiosk, "ask", lambda *_: None)
    visitor.tap("turn")
    visitor.tap("stop")
    assert kiosk.screen.name == "main"


def test_a_turn_that_cannot_be_read_says_why(kiosk, visitor):
    visitor.draw(digit(3))
    assert visitor.wait()
    kiosk.desk.model = "lost"
    visitor.tap("turn")
    until(kiosk, lambda: not kiosk.screen.running)
    assert like(theme.SEVERAL, colours(kiosk, kiosk.screen._plot.area))


@pytest.mark.parametrize("size", ["480x320", "720x1280"])
def test_it_plays_on_every_panel(size, model, lights, clock):
    kiosk = Kiosk(settings(size), model, lights, clock=clock)
    try:
        visitor = Visitor(kiosk)
        visitor.draw(digit(3))
        assert visitor.wait()
        kiosk.go("turn")
        kiosk.step(0.001)
        until(kiosk, lambda: kiosk.screen.readings)
        go_on(kiosk, clock, 2 * SECONDS)
        assert ring(kiosk.screen, 0) == theme.ACCEPT
        assert not kiosk.screen.running
    finally:
        kiosk.close()


def test_a_change_of_size_keeps_what_has_been_read(kiosk, turning, clock):
    go_on(kiosk, clock, 2 * SECONDS)
    kiosk.screen.enter()
    kiosk.step(0.001)
    assert ring(turning, 330) == theme.ACCEPT
    assert not turning.running
