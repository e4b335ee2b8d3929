"""What the model sees: the pipeline step by step."""

import numpy as np
import pygame
import pytest
from drawings import digit
from kiosks import Clock, colours, finger, like, settings, until

from device.demo import Visitor
from device.kiosk import Kiosk
from device.library import Library
from device.recognizer import Recognizer
from device.screen import theme

DIGITO = ["drawn", "binarised", "cropped", "stretched", "padded", "inverted"]


@pytest.fixture(scope="module")
def model():
    return Recognizer(Library(), "digito")


@pytest.fixture(params=["800x480", "480x320", "720x1280"])
def kiosk(request, model, lights):
    made = Kiosk(settings(request.param, model={"name": "digito"}), model, lights, clock=Clock())
    yield made
    made.close()


@pytest.fixture
def visitor(kiosk):
    made = Visitor(kiosk)
    made.draw(digit(3))
    assert made.wait()
    return made


def opened(kiosk):
    kiosk.go("steps")
    kiosk.step(0.001)
    until(kiosk, lambda: kiosk.screen.steps)
    kiosk.step(0.001)
    return kiosk.screen


def large(kiosk):
    """The large picture, as it stands on the screen, uint8 (height, width, 3)."""
    part = kiosk.surface.subsurface(pygame.Rect(kiosk.screen._square))
    return pygame.surfarray.array3d(part).swapaxes(0, 1)


def pictured(kiosk, area):
    """Whether black and white are in a part of the screen."""
    shown = colours(kiosk, area)
    return like((0, 0, 0), shown, 9) and like((255, 255, 255), shown, 5)


def test_the_pipeline_is_shown_one_step_after_the_other(kiosk, visitor):
    screen = opened(kiosk)
    assert [step.name for step in screen.steps] == DIGITO
    areas = [screen.target(f"step {number}") for number in range(6)]
    assert len(set(areas)) == 6
    assert all(screen.body.contains(area) for area in areas)
    assert not any(area.overlaps(screen._square) for area in areas)
    for area in areas:
        assert pictured(kiosk, area)


def test_the_last_step_is_large_and_is_what_the_model_got(kiosk, visitor):
    screen = opened(kiosk)
    assert screen.chosen == 5
    seen = screen.steps[-1].picture
    assert (seen == kiosk.reading.model_input).all()
    shown = large(kiosk)
    frame = np.argwhere((shown == theme.LINE).all(axis=2))
    (top, left), (bottom, right) = frame.min(axis=0), frame.max(axis=0)
    inside = shown[top + 1 : bottom, left + 1 : right]
    times = len(inside) // 28
    assert times >= 5
    whole = np.repeat(np.repeat(seen, times, axis=0), times, axis=1)
    assert (inside == whole[:, :, None]).all(), "each of its pixels is a square of whole pixels"


def test_tapping_a_step_shows_it_large(kiosk, visitor):
    screen = opened(kiosk)
    last = large(kiosk)
    visitor.tap("step 2")
    assert screen.chosen == 2
    cropped = large(kiosk)
    assert not np.array_equal(cropped, last)
    visitor.tap("step 5")
    assert np.array_equal(large(kiosk), last)


def test_a_pressed_step_keeps_its_picture(kiosk, visitor):
    screen = opened(kiosk)
    area = screen.target("step 0")
    x, y = area.centre
    pygame.event.post(finger(pygame.FINGERDOWN, x / screen.area.width, y / screen.area.height))
    kiosk.step(0.001)
    assert screen.controls.holding == "step 0"
    assert pictured(kiosk, area)


def test_with_normalising_off_it_is_the_canvas_as_drawn(kiosk, visitor):
    kiosk.desk.normalised = False
    screen = opened(kiosk)
    assert [step.name for step in screen.steps] == ["drawn", "resized", "inverted"]


def test_it_is_the_chosen_models_pipeline(kiosk, visitor):
    kiosk.desk.model = "gubboit"
    screen = opened(kiosk)
    assert [step.name for step in screen.steps] == ["drawn", "fitted", "centred"]


def test_nothing_is_drawn_once_it_is_there(kiosk, visitor, monkeypatch):
    opened(kiosk)
    sent = []
    monkeypatch.setattr(pygame.display, "update", sent.append)
    for _ in range(3):
        kiosk.step(0.001)
    assert sent == []


def test_without_a_drawing_there_is_nothing_to_see(kiosk, monkeypatch):
    monkeypatch.setattr(kiosk, "ask", lambda *_: pytest.fail("asked"))
    kiosk.go("steps")
    kiosk.step(0.001)
    kiosk.step(0.001)
    assert like(theme.MUTED, colours(kiosk, kiosk.screen.body))
    assert set(kiosk.screen.controls.buttons) == {"back"}


def test_a_model_that_is_lost_is_said(kiosk, visitor):
    kiosk.desk.model = "lost"
    kiosk.go("steps")
    kiosk.step(0.001)
    until(kiosk, lambda: like(theme.SEVERAL, colours(kiosk, kiosk.screen.body)))
