"""The kiosk as a visitor meets it: touch in, screen and pins out; and nothing stops it."""

import os
import signal
import threading
from pathlib import Path

import pygame
import pytest
from drawings import digit, doodle, twelve
from fakes import BrokenLights, FakeRecognizer
from gpiozero.pins.mock import MockFactory

from device import kiosk as kiosk_module
from device.config import load_config
from device.demo import Visitor
from device.errors import ScreenError
from device.kiosk import Kiosk
from device.library import Library
from device.lights import Lights
from device.reading import Verdict
from device.recognizer import Recognizer
from device.screen.display import SMALLEST_SIZE

NOWHERE = Path("/nonexistent/inkling.toml")
PINS = (17, 27, 22)


def settings(size="480x320"):
    return load_config(None, {"screen": {"size": size}}, NOWHERE)


@pytest.fixture
def pins():
    factory = MockFactory()
    yield factory
    factory.reset()


@pytest.fixture
def lights(pins):
    with Lights(settings().lights, pins) as made:
        yield made


@pytest.fixture
def recognizer():
    return FakeRecognizer()


@pytest.fixture
def kiosk(recognizer, lights):
    made = Kiosk(settings(), recognizer, lights)
    yield made
    recognizer.gate.set()
    made.close()


@pytest.fixture
def visitor(kiosk):
    return Visitor(kiosk)


def levels(pins):
    return tuple(int(pins.pin(pin).state) for pin in PINS)


def colours(kiosk, area):
    picture = pygame.surfarray.array3d(kiosk.surface.subsurface(pygame.Rect(area)))
    return {tuple(colour) for colour in picture.reshape(-1, 3).tolist()}


@pytest.mark.parametrize(
    ("ink", "verdict", "expected"),
    [
        (digit(3), Verdict.ACCEPTED, (1, 0, 0)),
        (twelve(), Verdict.SEVERAL, (0, 1, 0)),
        (doodle(), Verdict.REJECTED, (0, 0, 1)),
    ],
)
def test_a_drawing_is_read_and_its_light_comes_on(kiosk, visitor, pins, ink, verdict, expected):
    visitor.draw(ink)
    assert visitor.wait()
    assert kiosk.reading.verdict is verdict
    assert levels(pins) == expected


def test_the_shipped_model_reads_what_is_touched(pins, lights):
    kiosk = Kiosk(settings(), Recognizer(Library()), lights)
    visitor = Visitor(kiosk)
    try:
        for value in (3, 7):
            visitor.tap("clear")
            visitor.draw(digit(value))
            assert visitor.wait()
            assert (kiosk.reading.digit, levels(pins)) == (value, (1, 0, 0))
        visitor.tap("clear")
        visitor.draw(twelve())
        assert visitor.wait()
        assert levels(pins) == (0, 1, 0)
    finally:
        kiosk.close()


def test_a_blank_canvas_lights_nothing_and_says_nothing(kiosk, pins):
    assert kiosk.reading.verdict is Verdict.BLANK
    assert levels(pins) == (0, 0, 0)
    assert kiosk.settled


def test_the_reading_is_live_while_the_finger_is_down(kiosk, visitor):
    (stroke,) = digit(3).strokes
    width, height = kiosk.surface.get_size()
    finger = {"touch_id": 1, "finger_id": 1}
    for number, point in enumerate(stroke):
        x, y = kiosk.screen.to_window(point.x, point.y)
        kind = pygame.FINGERMOTION if number else pygame.FINGERDOWN
        pygame.event.post(pygame.event.Event(kind, x=x / width, y=y / height, **finger))
    assert visitor.wait()
    assert kiosk.reading.verdict is Verdict.ACCEPTED
    assert len(kiosk.ink.strokes) == 1


def test_what_was_touched_is_the_ink(kiosk, visitor):
    visitor.draw(twelve())
    visitor.wait()
    assert len(kiosk.ink.strokes) == len(twelve().strokes)
    for drawn, meant in zip(kiosk.ink.strokes, twelve().strokes, strict=True):
        assert drawn.xy == pytest.approx(meant.xy, abs=1e-6)


def test_clear_empties_the_canvas_and_the_lights(kiosk, visitor, pins):
    blank = colours(kiosk, kiosk.screen.layout.answer)
    visitor.draw(digit(3))
    visitor.wait()
    visitor.tap("clear")
    assert kiosk.ink.is_blank
    assert kiosk.reading.verdict is Verdict.BLANK
    assert levels(pins) == (0, 0, 0)
    assert colours(kiosk, kiosk.screen.layout.answer) == blank


def test_a_reading_of_ink_that_is_gone_is_never_shown(kiosk, visitor, recognizer, pins):
    recognizer.gate.clear()
    visitor.draw(digit(3))
    assert recognizer.started.wait(5)
    visitor.tap("clear")
    recognizer.gate.set()
    for _ in range(20):
        kiosk.step(0.01)
    assert kiosk.reading.verdict is Verdict.BLANK
    assert levels(pins) == (0, 0, 0)


def test_predict_reads_again(kiosk, visitor, recognizer):
    visitor.draw(digit(3))
    visitor.wait()
    before = recognizer.count
    visitor.tap("predict")
    visitor.wait()
    assert recognizer.count == before + 1


def test_predict_on_a_blank_canvas_asks_nothing(kiosk, visitor, recognizer):
    visitor.tap("predict")
    visitor.wait()
    assert recognizer.count == 0


def test_a_finger_that_slides_off_a_button_does_not_press_it(kiosk, visitor):
    visitor.draw(digit(3))
    visitor.wait()
    width, height = kiosk.surface.get_size()
    clear, predict = (getattr(kiosk.screen.layout, name).centre for name in ("clear", "predict"))
    for kind, (x, y) in ((pygame.FINGERDOWN, clear), (pygame.FINGERUP, predict)):
        event = pygame.event.Event(kind, x=x / width, y=y / height, touch_id=1, finger_id=1)
        pygame.event.post(event)
        kiosk.step(0.001)
    assert not kiosk.ink.is_blank


def test_the_mouse_draws_too(kiosk, visitor, pins):
    for stroke in digit(7).strokes:
        for number, point in enumerate(stroke):
            pos = kiosk.screen.to_window(point.x, point.y)
            kind = pygame.MOUSEMOTION if number else pygame.MOUSEBUTTONDOWN
            event = pygame.event.Event(kind, pos=pos, button=1, buttons=(1, 0, 0), touch=False)
            pygame.event.post(event)
        pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONUP, pos=pos, button=1, touch=False))
    assert visitor.wait()
    assert len(kiosk.ink.strokes) == len(digit(7).strokes)
    assert levels(pins) == (1, 0, 0)


def test_a_reading_that_fails_is_said_and_the_next_one_works(kiosk, visitor, recognizer):
    recognizer.error = RuntimeError("out of luck")
    visitor.draw(digit(3))
    visitor.wait()
    assert kiosk.notice == "reading failed: out of luck"
    recognizer.error = None
    visitor.tap("predict")
    assert visitor.wait()
    assert kiosk.notice is None
    assert kiosk.reading.verdict is Verdict.ACCEPTED


def test_lights_that_refuse_do_not_stop_the_screen(recognizer):
    lights = BrokenLights()
    kiosk = Kiosk(settings(), recognizer, lights)
    visitor = Visitor(kiosk)
    visitor.draw(digit(3))
    visitor.wait()
    assert kiosk.reading.verdict is Verdict.ACCEPTED
    assert "GPIO busy" in kiosk.notice
    kiosk.close()
    assert lights.closed


def test_a_scribble_without_end_does_not_stop_it(kiosk, visitor):
    for number in range(600):
        kind = pygame.FINGERMOTION if number else pygame.FINGERDOWN
        x, y = 0.1 + (number % 7) / 30, 0.2 + (number % 90) / 150
        pygame.event.post(pygame.event.Event(kind, x=x, y=y, touch_id=1, finger_id=1))
    assert visitor.wait()
    assert kiosk.ink.point_count == 600


def finger(kind, x=0.3, y=0.5):
    return pygame.event.Event(kind, x=x, y=y, touch_id=1, finger_id=1)


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
    monkeypatch.setattr(kiosk_module, "MOST_WORK", 60)
    pygame.event.clear()
    count = 2 * kiosk_module.MOST_EVENTS
    for number in range(count):
        kind = pygame.FINGERMOTION if number else pygame.FINGERDOWN
        pygame.event.post(finger(kind, 0.1 + number / 2000))
    kiosk.step(0.01)
    assert kiosk.ink.point_count == kiosk_module.MOST_EVENTS
    assert not kiosk.settled
    kiosk.step(0.01)
    assert kiosk.ink.point_count == count


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

    def show(self, verdict):
        if self.fails:
            raise RuntimeError("a wire is loose")


def test_lights_that_go_on_failing_are_logged_once_until_they_recover(recognizer, caplog):
    caplog.set_level("INFO")
    lights = FailingLights()
    kiosk = Kiosk(settings(), recognizer, lights)
    visitor = Visitor(kiosk)
    try:
        for _ in range(3):
            visitor.tap("clear")
        assert caplog.text.count("Traceback") == 1
        lights.fails = False
        visitor.tap("clear")
        assert "the lights answer again" in caplog.text
        lights.fails = True
        visitor.tap("clear")
        assert caplog.text.count("Traceback") == 2
    finally:
        kiosk.close()


@pytest.mark.parametrize("part", ["MainScreen", "Worker"])
def test_a_kiosk_that_cannot_be_made_gives_the_display_back(part, recognizer, lights, monkeypatch):
    def refuse(*_):
        raise MemoryError

    monkeypatch.setattr(kiosk_module, part, refuse)
    with pytest.raises(MemoryError):
        Kiosk(settings(), recognizer, lights)
    assert not pygame.display.get_init()


def test_a_notice_from_the_start_stays_until_the_canvas_is_cleared(recognizer, lights):
    kiosk = Kiosk(settings(), recognizer, lights, "a model is damaged: reading with gubboit")
    visitor = Visitor(kiosk)
    try:
        visitor.draw(digit(3))
        visitor.wait()
        assert kiosk.reading.verdict is Verdict.ACCEPTED
        assert kiosk.notice == "a model is damaged: reading with gubboit"
        visitor.tap("clear")
        assert kiosk.notice is None
    finally:
        kiosk.close()


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
    ink = kiosk.ink
    pygame.display.set_mode((800, 480), pygame.RESIZABLE)
    pygame.event.post(pygame.event.Event(pygame.WINDOWSIZECHANGED, x=800, y=480))
    kiosk.step(0.001)
    assert kiosk.screen.layout.size == (800, 480)
    assert kiosk.ink == ink
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
    before = signal.getsignal(number)
    poster = threading.Timer(0.3, os.kill, (os.getpid(), number))
    poster.start()
    assert kiosk_module.run(settings(), recognizer, lights) == 0
    assert levels(pins) == (0, 0, 0)
    assert signal.getsignal(number) is before


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
    kiosk._failed(RuntimeError("too late"), ticket)
    kiosk.step(0.001)
    assert kiosk.notice is None
    assert kiosk.settled
