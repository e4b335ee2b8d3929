"""The PIN: what it lets in, what it keeps out, and that it tells nobody."""

import logging

import pygame
import pytest
from kiosks import Clock, colours, finger, settings

from device.demo import Visitor
from device.kiosk import Kiosk
from device.lock import MOST_WRONG, PAUSE
from device.screen import theme
from device.screen.controls import LONG

SIZES = ["480x320", "800x480", "720x1280", "1920x1080"]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def opened(recognizer, lights, clock):
    made = []

    def open_kiosk(size="480x320", pin="2468", **tables):
        config = settings(size, kiosk={"pin": pin, "idle_seconds": 0}, **tables)
        made.append(Kiosk(config, recognizer, lights, clock=clock))
        return made[-1]

    yield open_kiosk
    for kiosk in made:
        kiosk.close()


def go(kiosk, name):
    kiosk.go(name)
    kiosk.step(0.001)


def typed(kiosk, digits):
    visitor = Visitor(kiosk)
    for name in digits:
        visitor.tap(name)


def dots(kiosk):
    """What stands in the middle of each dot, left to right."""
    screen = kiosk.screen
    row = kiosk.surface.subsurface(pygame.Rect(screen._dots))
    return [tuple(row.get_at((x, row.get_height() // 2)))[:3] for x in range(row.get_width())]


def test_the_right_pin_opens_the_settings(opened):
    kiosk = opened()
    go(kiosk, "pin")
    typed(kiosk, "2468")
    assert kiosk.screen.name == "settings"


def test_back_from_the_settings_is_the_drawing_and_not_the_pin(opened):
    kiosk = opened()
    go(kiosk, "pin")
    typed(kiosk, "2468")
    Visitor(kiosk).tap("back")
    assert kiosk.screen.name == "main"
    kiosk.back()
    kiosk.step(0.001)
    assert kiosk.screen.name == "main"


def test_back_from_the_pin_is_the_drawing(opened):
    kiosk = opened()
    go(kiosk, "pin")
    typed(kiosk, "24")
    Visitor(kiosk).tap("back")
    assert kiosk.screen.name == "main"


@pytest.mark.parametrize("pin", ["", "2468"])
def test_a_long_press_on_the_header_leads_there(opened, clock, pin):
    kiosk = opened(pin=pin)
    width, height = kiosk.surface.get_size()
    x, y = kiosk.screen.layout.header.centre
    pygame.event.post(finger(pygame.FINGERDOWN, x / width, y / height))
    kiosk.step(0.001)
    clock.time += LONG - 0.1
    kiosk.step(0.001)
    assert kiosk.screen.name == "main"
    clock.time += 0.2
    kiosk.step(0.001)
    assert kiosk.screen.name == ("pin" if pin else "settings")
    pygame.event.post(finger(pygame.FINGERUP, x / width, y / height))
    kiosk.step(0.001)
    Visitor(kiosk).tap("back")
    assert kiosk.screen.name == "main"


def test_a_pin_of_one_digit_will_do(opened):
    kiosk = opened(pin="7")
    go(kiosk, "pin")
    typed(kiosk, "7")
    assert kiosk.screen.name == "settings"


def test_each_digit_fills_a_dot_and_backspace_empties_it(opened):
    kiosk = opened()
    go(kiosk, "pin")
    empty = dots(kiosk)
    typed(kiosk, "13")
    assert dots(kiosk) != empty
    Visitor(kiosk).tap("backspace")
    Visitor(kiosk).tap("backspace")
    assert dots(kiosk) == empty
    typed(kiosk, "2468")
    assert kiosk.screen.name == "settings"


def test_a_wrong_one_turns_red_shakes_and_is_gone(opened, clock):
    kiosk = opened()
    go(kiosk, "pin")
    empty = dots(kiosk)
    typed(kiosk, "1357")
    assert kiosk.screen.name == "pin"
    assert theme.REJECT in dots(kiosk)
    clock.time += 0.04
    kiosk.step(0.001)
    shaken = dots(kiosk)
    clock.time += 0.04
    kiosk.step(0.001)
    assert dots(kiosk) != shaken
    clock.time += 1
    kiosk.step(0.001)
    assert dots(kiosk) == empty
    typed(kiosk, "2468")
    assert kiosk.screen.name == "settings"


def test_who_types_on_while_it_shakes_begins_anew(opened):
    kiosk = opened()
    go(kiosk, "pin")
    typed(kiosk, "1357" + "2468")
    assert kiosk.screen.name == "settings"


def test_after_five_wrong_ones_the_keys_are_dead_for_a_while(opened, clock):
    kiosk = opened()
    go(kiosk, "pin")
    said = kiosk.screen._message
    typed(kiosk, "1111" * MOST_WRONG)
    kiosk.step(0.001)
    clock.time += 1
    kiosk.step(0.001)
    assert any(r > 180 and g > 110 and b < 110 for r, g, b in colours(kiosk, said)), "no amber"
    typed(kiosk, "2468")
    assert kiosk.screen.name == "pin"
    clock.time += PAUSE
    kiosk.step(0.001)
    assert colours(kiosk, said) == {theme.GROUND}
    typed(kiosk, "2468")
    assert kiosk.screen.name == "settings"


def test_going_back_and_coming_again_does_not_shorten_the_pause(opened, clock):
    kiosk = opened()
    go(kiosk, "pin")
    typed(kiosk, "1111" * MOST_WRONG)
    Visitor(kiosk).tap("back")
    clock.time += PAUSE / 2
    go(kiosk, "pin")
    typed(kiosk, "2468")
    assert kiosk.screen.name == "pin"


def test_the_seconds_are_counted_down_and_nothing_is_drawn_between_them(opened, clock, monkeypatch):
    kiosk = opened()
    go(kiosk, "pin")
    typed(kiosk, "1111" * MOST_WRONG)
    clock.time += 1.01
    kiosk.step(0.001)
    kiosk.step(0.001)
    sent = []
    monkeypatch.setattr(pygame.display, "update", sent.append)
    for _ in range(3):
        clock.time += 0.2
        kiosk.step(0.001)
    assert sent == []
    clock.time += 0.5
    kiosk.step(0.001)
    assert len(sent) == 1


def test_no_pin_is_ever_in_the_log(opened, caplog):
    caplog.set_level(logging.DEBUG)
    kiosk = opened(pin="8642")
    go(kiosk, "pin")
    typed(kiosk, "1357" + "8642")
    assert kiosk.screen.name == "settings"
    assert "8642" not in caplog.text and "1357" not in caplog.text


@pytest.mark.parametrize("size", SIZES)
def test_every_key_is_on_the_screen_and_none_overlap(opened, size):
    kiosk = opened(size)
    go(kiosk, "pin")
    buttons = [button.target for button in kiosk.screen.controls.buttons.values()]
    assert len(buttons) == 12
    for number, one in enumerate(buttons):
        assert kiosk.screen.area.contains(one)
        assert min(one.width, one.height) >= kiosk.screen.cell
        assert not any(one.overlaps(other) for other in buttons[number + 1 :])
