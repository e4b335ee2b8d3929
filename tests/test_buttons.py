"""Push buttons: a press is told to the main thread, and acts there as a touch does."""

import pygame
import pytest
from drawings import digit
from gpiozero import LED
from kiosks import Clock, finger, settings, until

from device.buttons import BOUNCE, Buttons
from device.config import ButtonsConfig
from device.kiosk import Kiosk
from device.reading import Verdict

PREDICT, CLEAR = 23, 24
FITTED = ButtonsConfig(PREDICT, CLEAR)


def press(pins, pin):
    pins.pin(pin).drive_low()
    pins.pin(pin).drive_high()


def test_a_press_says_its_name_once_and_a_release_nothing(pins):
    told = []
    with Buttons(FITTED, told.append, pins):
        pins.pin(CLEAR).drive_low()
        assert told == ["clear"]
        pins.pin(CLEAR).drive_high()
        press(pins, PREDICT)
    assert told == ["clear", "predict"]


def test_buttons_are_held_high_and_debounced(pins):
    with Buttons(FITTED, lambda name: None, pins):
        for pin in (PREDICT, CLEAR):
            assert pins.pin(pin).pull == "up"
            assert pins.pin(pin).bounce == BOUNCE


def test_a_button_that_is_not_fitted_has_no_pin(pins):
    with Buttons(ButtonsConfig(-1, CLEAR), lambda name: None, pins):
        assert len(pins.pins) == 1


def test_a_pin_in_use_costs_one_button_and_says_so(pins, caplog):
    told = []
    with LED(PREDICT, pin_factory=pins), Buttons(FITTED, told.append, pins):
        press(pins, CLEAR)
    assert told == ["clear"]
    assert "predict on GPIO 23 cannot be used" in caplog.text


def test_after_the_end_no_press_is_heard(pins):
    told = []
    buttons = Buttons(FITTED, told.append, pins)
    buttons.close()
    buttons.close()
    press(pins, CLEAR)
    assert told == []
    LED(CLEAR, pin_factory=pins).close()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def kiosk(recognizer, lights, pins, clock):
    made = Kiosk(settings(model={"live": False}), recognizer, lights, clock=clock)
    with Buttons(FITTED, made.press, pins):
        yield made
    made.close()


def test_predict_reads_and_clear_clears(kiosk, pins):
    kiosk.desk.replace(digit(3))
    kiosk.step(0.01)
    assert kiosk.reading.verdict is Verdict.BLANK
    press(pins, PREDICT)
    until(kiosk, lambda: kiosk.reading.verdict is Verdict.ACCEPTED)
    press(pins, CLEAR)
    until(kiosk, lambda: kiosk.desk.ink.is_blank)
    assert kiosk.reading.verdict is Verdict.BLANK


def test_a_press_acts_on_the_main_thread_alone(kiosk, pins):
    kiosk.desk.replace(digit(3))
    press(pins, CLEAR)
    assert not kiosk.desk.ink.is_blank
    kiosk.step(0.01)
    assert kiosk.desk.ink.is_blank


def test_clear_takes_the_stroke_from_a_finger_that_rests(kiosk, pins):
    pygame.event.post(finger(pygame.FINGERDOWN, 0.3, 0.5))
    pygame.event.post(finger(pygame.FINGERMOTION, 0.35, 0.6))
    until(kiosk, lambda: not kiosk.desk.ink.is_blank)
    press(pins, CLEAR)
    kiosk.step(0.01)
    pygame.event.post(finger(pygame.FINGERMOTION, 0.4, 0.5))
    pygame.event.post(finger(pygame.FINGERUP, 0.4, 0.5))
    for _ in range(3):
        kiosk.step(0.01)
    assert kiosk.desk.ink.is_blank


def test_a_button_wakes_a_kiosk_that_rests(kiosk, pins, clock):
    clock.time += 3600
    kiosk.step(0.01)
    assert kiosk.screen.name == "attract"
    press(pins, CLEAR)
    until(kiosk, lambda: kiosk.screen.name == "main")
