"""The kiosk as a visitor meets it: touch in, screen and pins out."""

from contextlib import closing

import pygame
import pytest
from drawings import digit, doodle, twelve
from fakes import BrokenLights
from kiosks import Clock, colours, levels, settings, until

from device.demo import Visitor
from device.kiosk import Kiosk
from device.library import Library
from device.lights import Lights
from device.reading import Verdict
from device.recognizer import Recognizer


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
    kiosk = Kiosk(settings(), Recognizer(Library()), lights, clock=Clock())
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


def test_the_reading_is_live_while_the_finger_is_down(kiosk, visitor, recognizer):
    (stroke,) = digit(3).strokes
    width, height = kiosk.surface.get_size()
    finger = {"touch_id": 1, "finger_id": 1}
    for number, point in enumerate(stroke):
        x, y = kiosk.screen.to_window(point.x, point.y)
        kind = pygame.FINGERMOTION if number else pygame.FINGERDOWN
        pygame.event.post(pygame.event.Event(kind, x=x / width, y=y / height, **finger))
    assert visitor.wait()
    assert kiosk.reading.verdict is Verdict.ACCEPTED
    assert len(kiosk.desk.ink.strokes) == 1
    assert all(recognizer.grew)
    pygame.event.post(pygame.event.Event(pygame.FINGERUP, x=x / width, y=y / height, **finger))
    assert visitor.wait()
    assert not recognizer.grew[-1], "what is finished is read as such"


def test_what_was_touched_is_the_ink(kiosk, visitor):
    visitor.draw(twelve())
    visitor.wait()
    assert len(kiosk.desk.ink.strokes) == len(twelve().strokes)
    for drawn, meant in zip(kiosk.desk.ink.strokes, twelve().strokes, strict=True):
        assert drawn.xy == pytest.approx(meant.xy, abs=1e-6)


def test_clear_empties_the_canvas_and_the_lights(kiosk, visitor, pins):
    blank = colours(kiosk, kiosk.screen.layout.answer)
    visitor.draw(digit(3))
    visitor.wait()
    visitor.tap("clear")
    assert kiosk.desk.ink.is_blank
    assert kiosk.reading.verdict is Verdict.BLANK
    assert levels(pins) == (0, 0, 0)
    assert colours(kiosk, kiosk.screen.layout.answer) == blank


def test_a_reading_of_ink_that_is_gone_is_never_shown(kiosk, visitor, recognizer, pins):
    recognizer.gate.clear()
    visitor.draw(digit(3))
    assert recognizer.started.wait(60)
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
    assert not kiosk.desk.ink.is_blank


def test_the_mouse_draws_too(kiosk, visitor, pins):
    for stroke in digit(7).strokes:
        for number, point in enumerate(stroke):
            pos = kiosk.screen.to_window(point.x, point.y)
            kind = pygame.MOUSEMOTION if number else pygame.MOUSEBUTTONDOWN
            event = pygame.event.Event(kind, pos=pos, button=1, buttons=(1, 0, 0), touch=False)
            pygame.event.post(event)
        pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONUP, pos=pos, button=1, touch=False))
    assert visitor.wait()
    assert len(kiosk.desk.ink.strokes) == len(digit(7).strokes)
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
    kiosk = Kiosk(settings(), recognizer, lights, clock=Clock())
    visitor = Visitor(kiosk)
    visitor.draw(digit(3))
    visitor.wait()
    assert kiosk.reading.verdict is Verdict.ACCEPTED
    assert "GPIO busy" in kiosk.notice
    kiosk.close()
    assert lights.closed


def test_a_light_that_is_held_for_a_time_goes_off_by_itself(recognizer, pins):
    config = settings(lights={"hold_seconds": 0.01})
    with (
        Lights(config.lights, pins) as lights,
        closing(Kiosk(config, recognizer, lights, clock=Clock())) as kiosk,
    ):
        kiosk.desk.replace(digit(3))
        until(kiosk, lambda: kiosk.reading.verdict is Verdict.ACCEPTED)
        until(kiosk, lambda: levels(pins) == (0, 0, 0))
        assert kiosk.reading.verdict is Verdict.ACCEPTED


def test_machines_are_told_the_digit(recognizer, pins):
    config = settings(lights={"bcd": "5,6,13,19", "strobe": 25, "strobe_ms": 1})
    with (
        Lights(config.lights, pins) as lights,
        closing(Kiosk(config, recognizer, lights, clock=Clock())) as kiosk,
    ):
        kiosk.desk.replace(digit(3))
        until(kiosk, lambda: len(pins.pin(25).states) >= 3)
        assert [int(pins.pin(pin).state) for pin in (5, 6, 13, 19)] == [1, 1, 0, 0]
