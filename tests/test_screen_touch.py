"""Touch and mouse: each counted once, two fingers told apart, no finger lost for ever."""

import pygame
import pytest

from device.screen.touch import STALE, Touch, on_panel

SIZE = (800, 480)


class Clock:
    def __init__(self):
        self.now = 10.0

    def __call__(self):
        self.now += 0.01
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def touch(clock):
    return Touch(SIZE, clock=clock)


def finger(kind, x, y, finger_id=1):
    types = {"down": pygame.FINGERDOWN, "move": pygame.FINGERMOTION, "up": pygame.FINGERUP}
    return pygame.event.Event(types[kind], x=x, y=y, touch_id=5, finger_id=finger_id)


def mouse(kind, x, y, touch=False, button=1, held=True):
    if kind == "move":
        return pygame.event.Event(
            pygame.MOUSEMOTION, pos=(x, y), buttons=(int(held), 0, 0), touch=touch
        )
    types = {"down": pygame.MOUSEBUTTONDOWN, "up": pygame.MOUSEBUTTONUP}
    return pygame.event.Event(types[kind], pos=(x, y), button=button, touch=touch)


def kinds(touch, *events):
    return [contact.kind for event in events for contact in touch.feed(event)]


def test_a_finger_is_placed_in_window_pixels(touch):
    (contact,) = touch.feed(finger("down", 0.5, 0.25))
    assert (contact.kind, contact.x, contact.y) == ("down", 400, 120)


def test_a_finger_draws_until_it_lifts(touch):
    events = [finger("down", 0, 0), finger("move", 0.1, 0), finger("up", 0.1, 0)]
    assert kinds(touch, *events, finger("move", 0.2, 0)) == ["down", "move", "up"]


def test_the_mouse_draws_with_its_left_button(touch):
    assert kinds(touch, mouse("move", 5, 5, held=False)) == []
    assert kinds(touch, mouse("down", 5, 5, button=3)) == []
    events = [mouse("down", 5, 5), mouse("move", 9, 5), mouse("up", 9, 5)]
    assert kinds(touch, *events) == ["down", "move", "up"]


def test_a_touch_that_also_comes_as_a_mouse_counts_once(touch):
    events = [
        finger("down", 0.5, 0.5),
        mouse("down", 400, 240, touch=True),
        finger("move", 0.6, 0.5),
        mouse("move", 480, 240, touch=True),
        finger("up", 0.6, 0.5),
        mouse("up", 480, 240, touch=True),
    ]
    assert kinds(touch, *events) == ["down", "move", "up"]


def test_a_second_finger_is_told_apart_and_a_third_ignored(touch):
    events = [
        finger("down", 0.1, 0.1, 1),
        finger("down", 0.9, 0.9, 2),
        finger("down", 0.5, 0.5, 3),
        finger("move", 0.8, 0.8, 2),
        finger("move", 0.4, 0.4, 3),
        finger("up", 0.8, 0.8, 2),
        finger("move", 0.2, 0.1, 1),
    ]
    contacts = [contact for event in events for contact in touch.feed(event)]
    assert [(contact.kind, contact.finger) for contact in contacts] == [
        ("down", 0),
        ("down", 1),
        ("move", 1),
        ("up", 1),
        ("move", 0),
    ]
    assert contacts[-1].x == pytest.approx(160)


def test_when_the_first_finger_lifts_the_second_does_not_become_it(touch):
    touch.feed(finger("down", 0.1, 0.1, 1))
    touch.feed(finger("down", 0.9, 0.9, 2))
    touch.feed(finger("up", 0.1, 0.1, 1))
    (contact,) = touch.feed(finger("move", 0.8, 0.8, 2))
    assert contact.finger == 1


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_panel_that_is_mounted_turned_is_touched_where_the_picture_is(clock, rotation):
    touch = Touch((480, 800) if rotation % 180 else SIZE, rotation, clock)
    x, y = on_panel(0.25, 0.75, rotation)
    (contact,) = touch.feed(finger("down", x, y))
    width, height = touch.size
    assert (contact.x, contact.y) == pytest.approx((0.25 * width, 0.75 * height))
    touch.feed(finger("up", x, y))
    corner = {
        0: (0, 0),
        90: (SIZE[0] - 1, 0),
        180: (SIZE[0] - 1, SIZE[1] - 1),
        270: (0, SIZE[1] - 1),
    }
    (contact,) = touch.feed(mouse("down", *corner[rotation]))
    assert (contact.x, contact.y) == pytest.approx((0, 0), abs=1e-6)


def test_a_finger_whose_lift_was_lost_gives_way(touch, clock):
    touch.feed(finger("down", 0.1, 0.1, 1))
    clock.now += STALE
    contacts = touch.feed(finger("down", 0.9, 0.9, 2))
    assert [(contact.kind, contact.x) for contact in contacts] == [("up", 80), ("down", 720)]


def test_a_window_that_loses_the_focus_ends_the_stroke(touch):
    touch.feed(finger("down", 0.1, 0.1))
    lost = pygame.event.Event(pygame.WINDOWFOCUSLOST)
    assert kinds(touch, lost, lost) == ["up"]


def test_a_mouse_button_released_elsewhere_ends_the_stroke(touch):
    touch.feed(mouse("down", 5, 5))
    assert kinds(touch, mouse("move", 90, 90, held=False)) == ["up"]
