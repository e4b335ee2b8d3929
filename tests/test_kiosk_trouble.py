"""Nothing stops the kiosk: floods of touches, lights and windows that fail, signals."""

import os
import signal
import threading

import pygame
import pytest
from drawings import digit
from fakes import BrokenLights
from kiosks import Clock, colours, finger, levels, settings

from device import kiosk as kiosk_module
from device.errors import ScreenError
from device.kiosk import Kiosk
from device.reading import Verdict
from device.screen import backlog
from device.screen.display import SMALLEST_SIZE


def test_a_scribble_without_end_does_not_stop_it(kiosk, visitor):
    for number in range(600):
        kind = pygame.FINGERMOTION if number else pygame.FINGERDOWN
        x, y = 0.1 + (number % 7) / 30, 0.2 + (number % 90) / 150
        pygame.event.post(pygame.event.Event(kind, x=x, y=y, touch_id=1, finger_id=1))
    assert visitor.wait()
    assert kiosk.desk.ink.point_count == 600


def flood(kiosk, monkeypatch):
    """Every touch that is answered brings the next; a step that waits for the last never ends."""
    feed = kiosk._touch.feed
    count = 0

    def feeding(event):
        nonlocal count
        count += 1
        assert count < 5000, "one step goes on for as long as touches come"
        pygame.event.post(finger(pygame.FINGERMOTION, 0.1 + count % 30 / 100, 0.3))
        return feed(event)

    monkeypatch.setattr(kiosk._touch, "feed", feeding)
    pygame.event.post(finger(pygame.FINGERDOWN))


def test_touches_without_end_do_not_keep_the_frame_back(kiosk, monkeypatch):
    frames = []
    monkeypatch.setattr(pygame.display, "update", frames.append)
    flood(kiosk, monkeypatch)
    for _ in range(3):
        before = len(frames)
        kiosk.step(0.01)
        assert len(frames) == before + 1


def test_touches_without_end_do_not_keep_it_from_stopping(kiosk, monkeypatch):
    flood(kiosk, monkeypatch)
    asked = threading.Event()
    monkeypatch.setattr(pygame.display, "update", lambda _: asked.set())
    kiosk.run(asked)
    assert asked.is_set()


def test_a_step_answers_a_bounded_number_of_events_and_the_next_the_rest(kiosk, monkeypatch):
    pygame.event.clear()
    count = 2 * backlog.MOST_EVENTS
    for number in range(count):
        kind = pygame.FINGERMOTION if number else pygame.FINGERDOWN
        pygame.event.post(finger(kind, 0.1 + number / 2000))
    kiosk.step(0.01)
    assert kiosk.desk.ink.point_count == backlog.MOST_EVENTS
    assert not kiosk.settled
    kiosk.step(0.01)
    assert kiosk.desk.ink.point_count == count


def test_a_reading_whose_wake_up_is_lost_is_shown_all_the_same(kiosk, visitor, monkeypatch):
    (stroke,) = digit(3).strokes
    width, height = kiosk.surface.get_size()
    for number, point in enumerate(stroke):
        x, y = kiosk.screen.to_window(point.x, point.y)
        kind = pygame.FINGERMOTION if number else pygame.FINGERDOWN
        pygame.event.post(finger(kind, x / width, y / height))

    def full(event):
        raise pygame.error("Event queue full")

    monkeypatch.setattr(pygame.event, "post", full)
    assert visitor.wait()
    assert kiosk.reading.verdict is Verdict.ACCEPTED


class FailingLights(BrokenLights):
    """Lights that fail in a way nobody thought of, until told not to."""

    fails = True

    def show(self, verdict, digit=None):
        if self.fails:
            raise RuntimeError("a wire is loose")

    def tick(self):
        self.show(None)
        return 1.0


def test_lights_that_go_on_failing_are_logged_once_until_they_recover(recognizer, caplog):
    caplog.set_level("INFO")
    lights = FailingLights()
    kiosk = Kiosk(settings(), recognizer, lights, clock=Clock())

    def cleared():
        kiosk.clear()
        kiosk.step(0.001)

    try:
        for _ in range(3):
            cleared()
        assert caplog.text.count("Traceback") == 1
        lights.fails = False
        cleared()
        assert "the lights answer again" in caplog.text
        lights.fails = True
        cleared()
        assert caplog.text.count("Traceback") == 2
    finally:
        kiosk.close()


@pytest.mark.parametrize("part", ["MainScreen", "Background"])
def test_a_kiosk_that_cannot_be_made_gives_the_display_back(part, recognizer, lights, monkeypatch):
    def refuse(*_):
        raise MemoryError

    monkeypatch.setattr(kiosk_module, part, refuse)
    with pytest.raises(MemoryError):
        Kiosk(settings(), recognizer, lights, clock=Clock())
    assert not pygame.display.get_init()


def test_a_window_made_too_small_grows_again_and_stays_the_same_window(kiosk, monkeypatch):
    pygame.display.set_mode((200, 200), pygame.RESIZABLE)
    monkeypatch.setattr(pygame.display, "set_mode", lambda *_: pytest.fail("opened anew"))
    pygame.event.post(pygame.event.Event(pygame.WINDOWSIZECHANGED, x=200, y=200))
    kiosk.step(0.001)
    assert kiosk.surface.get_size() == SMALLEST_SIZE
    assert kiosk.screen.layout.size == SMALLEST_SIZE


def test_nothing_is_sent_to_the_screen_when_nothing_changed(kiosk, monkeypatch):
    kiosk.step(0.001)
    sent = []
    monkeypatch.setattr(pygame.display, "update", sent.append)
    for _ in range(3):
        kiosk.step(0.001)
    assert sent == []


def test_ink_and_touch_are_in_the_same_frame(kiosk, recognizer, monkeypatch):
    recognizer.gate.clear()
    kiosk.step(0.001)  # what the window has to say of itself
    width, height = kiosk.surface.get_size()
    x, y = map(round, kiosk.screen.to_window(0.4, 0.6))
    event = {"x": x / width, "y": y / height, "touch_id": 1, "finger_id": 1}
    pygame.event.post(pygame.event.Event(pygame.FINGERDOWN, **event))
    frames = []
    monkeypatch.setattr(
        pygame.display, "update", lambda _: frames.append(kiosk.surface.get_at((x, y))[0])
    )
    kiosk.step(0.01)
    assert frames == [0xF5]


def test_a_window_that_changes_its_size_keeps_the_ink(kiosk, visitor):
    visitor.draw(digit(3))
    visitor.wait()
    ink = kiosk.desk.ink
    pygame.display.set_mode((800, 480), pygame.RESIZABLE)
    pygame.event.post(pygame.event.Event(pygame.WINDOWSIZECHANGED, x=800, y=480))
    kiosk.step(0.001)
    assert kiosk.screen.layout.size == (800, 480)
    assert kiosk.desk.ink == ink
    assert (0xF5, 0xF7, 0xFA) in colours(kiosk, kiosk.screen.layout.paper)


@pytest.mark.parametrize("key", [pygame.K_ESCAPE, pygame.K_q])
def test_a_key_ends_it_in_a_window(key, recognizer, lights, pins, monkeypatch):
    event = pygame.event.Event(pygame.KEYDOWN, key=key)
    poster = threading.Timer(0.3, lambda: pygame.event.post(event))
    poster.start()
    assert kiosk_module.run(settings(), recognizer, lights) == 0
    assert not pygame.display.get_init()


ENDING = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT]


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_ends_it_with_the_lights_off(number, recognizer, lights, pins):
    # Whoever runs the tests may ignore some (nohup, a job in the background).
    before = signal.signal(number, signal.SIG_DFL)
    poster = threading.Timer(0.3, os.kill, (os.getpid(), number))
    poster.start()
    try:
        assert kiosk_module.run(settings(), recognizer, lights) == 0
        assert levels(pins) == (0, 0, 0)
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)


def test_lights_are_closed_when_no_screen_opens(recognizer, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "crystal-ball")
    lights = BrokenLights()
    with pytest.raises(ScreenError):
        kiosk_module.run(settings(), recognizer, lights)
    assert lights.closed


def test_a_failure_on_ink_that_was_cleared_is_not_shown(kiosk, visitor, recognizer):
    visitor.draw(digit(3))
    assert visitor.wait()
    ticket = kiosk._ticket
    visitor.tap("clear")
    kiosk.background._failed(RuntimeError("too late"), ticket)
    kiosk.step(0.001)
    assert kiosk.notice is None
    assert kiosk.settled
