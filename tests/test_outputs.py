"""Beside the lights: the strobe, the digit lines and the seven-segment digit, each by itself."""

import math

import pytest
from gpiozero import LED
from gpiozero.exc import GPIOPinInUse

from device.outputs import NO_DIGIT, DigitDisplay, DigitLines, Strobe

SEGMENTS = (12, 16, 20, 21, 26, 18, 4)
SHAPES = {
    0: "abcdef",
    1: "bc",
    2: "abdeg",
    3: "abcdg",
    4: "bcfg",
    5: "acdfg",
    6: "acdefg",
    7: "abc",
    8: "abcdefg",
    9: "abcdfg",
}


def lit(pins, on=1):
    return {"abcdefg"[n] for n, pin in enumerate(SEGMENTS) if int(pins.pin(pin).state) == on}


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def strobe(pins, clock):
    made = Strobe(25, 0.25, pin_factory=pins, clock=clock)
    yield made
    made.close()


def test_a_strobe_waits_comes_on_for_as_long_and_goes_off(strobe, pins, clock):
    strobe.arm()
    told = []
    for _ in range(4):
        due = strobe.tick()
        told.append((due, int(pins.pin(25).state)))
        clock.now += min(due, 1)
    assert told == [(0.25, 0), (0.25, 1), (math.inf, 0), (math.inf, 0)]


def test_a_strobe_that_is_late_is_not_shorter(strobe, pins, clock):
    strobe.arm()
    clock.now += 5
    assert strobe.tick() == 0.25
    assert pins.pin(25).state


def test_a_strobe_that_is_dropped_does_not_come(strobe, pins, clock):
    strobe.arm()
    clock.now += 1
    strobe.drop()
    assert strobe.tick() == math.inf
    strobe.arm()
    clock.now += 1
    strobe.tick()
    strobe.drop()
    assert not pins.pin(25).state
    assert strobe.tick() == math.inf


@pytest.mark.parametrize("active_high", [True, False])
def test_four_lines_count_in_binary(pins, active_high):
    lines = DigitLines((5, 6, 13, 19), active_high=active_high, pin_factory=pins)

    def number():
        levels = [int(pins.pin(pin).state) == active_high for pin in (5, 6, 13, 19)]
        return sum(level << bit for bit, level in enumerate(levels))

    assert number() == NO_DIGIT == 15
    for digit in range(10):
        lines.show(digit)
        assert number() == digit
    lines.show(None)
    assert number() == NO_DIGIT
    lines.close()


def test_lines_that_cannot_all_be_had_are_all_given_back(pins):
    with LED(19, pin_factory=pins):
        with pytest.raises(GPIOPinInUse):
            DigitLines((5, 6, 13, 19), pin_factory=pins)
        for pin in (5, 6, 13):
            LED(pin, pin_factory=pins).close()


@pytest.mark.parametrize("common_anode", [False, True])
def test_a_seven_segment_digit_has_the_shapes_that_everybody_knows(pins, common_anode):
    display = DigitDisplay(SEGMENTS, common_anode=common_anode, pin_factory=pins)
    on = 0 if common_anode else 1
    assert lit(pins, on) == set()
    for digit, shape in SHAPES.items():
        display.show(digit)
        assert lit(pins, on) == set(shape), digit
    display.show(None)
    assert lit(pins, on) == set()
    display.close()


def test_what_is_closed_gives_its_pins_back(pins, clock):
    Strobe(25, 0.1, pin_factory=pins, clock=clock).close()
    DigitLines((5, 6, 13, 19), pin_factory=pins).close()
    DigitDisplay(SEGMENTS, pin_factory=pins).close()
    for pin in (25, 5, 6, 13, 19, *SEGMENTS):
        LED(pin, pin_factory=pins).close()
