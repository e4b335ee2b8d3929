"""Lights that machines read: when which line changes, on a clock of the test's own."""

import contextlib
import math
import time

import pytest
from fakes import levels, refusing
from gpiozero.pins import mock
from kiosks import settings

from device.errors import LightsError
from device.lights import Lights
from device.reading import Verdict

PINS = settings().lights
LINES = PINS._replace(strobe=25, strobe_ms=10, bcd="5, 6, 13, 19", segments="12,16,20,21,26,18,4")
BITS = (5, 6, 13, 19)


class Clock:
    """A clock that moves on by a microsecond whenever it is looked at, and by more when told to:
    what the pins did has an order and times, and both are always the same."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        self.now += 1e-6
        return self.now


@pytest.fixture
def clock(monkeypatch):
    """The clock of the lights and of the mock pins."""
    made = Clock()
    monkeypatch.setattr(mock, "monotonic", made)
    return made


def history(factory, since, *pins):
    """What these pins did after a time, in order: when (seconds after it), which, and the level
    it went to."""
    changes = []
    for pin in pins:
        recorded = factory.pin(pin)
        at = recorded._last_change
        for change in reversed(recorded.states[1:]):
            if at > since:
                changes.append((at - since, pin, int(change.state)))
            at -= change.timestamp
    return sorted(changes)


def number(factory):
    """What the digit lines say."""
    return sum(level << bit for bit, level in enumerate(levels(factory, BITS)))


@pytest.fixture
def factory(pins):
    return pins


def test_none_comes_on_before_the_old_one_is_off(factory, monkeypatch):
    with Lights(LINES, factory) as lights:
        lights.show(Verdict.ACCEPTED, 3)
        refusing(lights, monkeypatch, "accept", "off")
        with pytest.raises(LightsError, match=r"accept.*Input/output"):
            lights.show(Verdict.REJECTED)
        assert levels(factory) == (1, 0, 0), "never two at once"
        assert number(factory) == 15, "a light that should be off has no digit"
        monkeypatch.undo()
        lights.tick()
        assert levels(factory) == (0, 0, 1)


def test_the_old_light_is_off_before_the_new_one_is_on(factory, clock):
    with Lights(PINS, factory, clock) as lights:
        lights.show(Verdict.ACCEPTED, 3)
        since = clock.now
        lights.show(Verdict.SEVERAL)
        assert [(pin, level) for _, pin, level in history(factory, since, 17, 27, 22)] == [
            (17, 0),
            (27, 1),
        ]


def test_a_light_is_held_until_the_drawing_changes(factory, clock):
    with Lights(PINS, factory, clock) as lights:
        lights.show(Verdict.REJECTED)
        clock.now += 1e6
        assert lights.tick() == math.inf
        assert levels(factory) == (0, 0, 1)
        lights.show(Verdict.BLANK)
        assert levels(factory) == (0, 0, 0)


def test_a_light_is_held_for_the_time_that_is_set(factory, clock):
    with Lights(LINES._replace(hold_seconds=2.0), factory, clock) as lights:
        since = clock.now
        lights.show(Verdict.ACCEPTED, 3)
        while (due := lights.tick()) < math.inf:
            clock.now += due
        assert levels(factory) == (0, 0, 0)
        assert number(factory) == 15
        assert not any(lights.states().values())
        on, off = history(factory, since, 17)
        assert off[0] - on[0] == pytest.approx(2.0, abs=0.001)


def test_the_same_answer_again_holds_the_light_longer(factory, clock):
    with Lights(PINS._replace(hold_seconds=2.0), factory, clock) as lights:
        lights.show(Verdict.REJECTED)
        clock.now += 1.5
        lights.show(Verdict.REJECTED)
        clock.now += 1.5
        lights.tick()
        assert levels(factory) == (0, 0, 1)
        clock.now += 0.6
        lights.tick()
        assert levels(factory) == (0, 0, 0)


def test_after_a_pulse_the_same_answer_is_a_pulse_again(factory, clock):
    with Lights(PINS._replace(hold_seconds=0.2), factory, clock) as lights:
        since = clock.now
        for _ in range(3):
            lights.show(Verdict.ACCEPTED, 3)
            clock.now += 0.3
            lights.tick()
        assert [level for _, _, level in history(factory, since, 17)] == [1, 0, 1, 0, 1, 0]


def test_the_digit_changes_only_while_no_light_is_on(factory, clock):
    with Lights(LINES, factory, clock) as lights:
        assert number(factory) == 15
        answers = [
            (Verdict.ACCEPTED, 3),
            (Verdict.ACCEPTED, 8),
            (Verdict.REJECTED, 8),
            (Verdict.SEVERAL, 1),
            (Verdict.ACCEPTED, 0),
            (Verdict.BLANK, None),
        ]
        since = clock.now
        for verdict, digit in answers:
            lights.show(verdict, digit)
            accepted = verdict is Verdict.ACCEPTED
            assert number(factory) == (digit if accepted else 15)
        on = set()
        changed = 0
        for _, pin, level in history(factory, since, 17, 27, 22, *BITS):
            if pin in BITS:
                changed += 1
                assert not on, "a machine would read half a digit"
            else:
                (on.add if level else on.discard)(pin)
        assert changed > 6


def test_another_digit_leaves_the_light_alone_where_no_machine_reads_it(factory):
    with Lights(PINS, factory) as lights:
        lights.show(Verdict.ACCEPTED, 3)
        before = len(factory.pin(17).states)
        lights.show(Verdict.ACCEPTED, 8)
        assert len(factory.pin(17).states) == before


def test_the_strobe_comes_when_everything_has_settled(factory, clock):
    with Lights(LINES, factory, clock) as lights:
        since = clock.now
        lights.show(Verdict.ACCEPTED, 3)
        while (due := lights.tick()) < math.inf:
            clock.now += due
        told = history(factory, since, 17, 27, 22, *BITS)
        rise, fall = history(factory, since, 25)
        assert told[-1][1:] == (17, 1)
        assert (rise[2], fall[2]) == (1, 0)
        assert 0.010 <= rise[0] - told[-1][0] < 0.011
        assert 0.010 <= fall[0] - rise[0] < 0.011


def test_a_new_answer_takes_the_strobe_back_before_a_line_changes(factory, clock):
    with Lights(LINES, factory, clock) as lights:
        lights.show(Verdict.ACCEPTED, 3)
        clock.now += 0.011
        lights.tick()
        assert levels(factory, (25,)) == (1,)
        since = clock.now
        lights.show(Verdict.REJECTED)
        assert history(factory, since, 17, 27, 22, 25, *BITS)[0][1:] == (25, 0)


def test_a_strobe_that_has_not_come_yet_never_comes_for_an_answer_that_is_gone(factory, clock):
    with Lights(LINES, factory, clock) as lights:
        lights.show(Verdict.ACCEPTED, 3)
        lights.show(Verdict.BLANK)
        since = clock.now
        clock.now += 10
        assert lights.tick() == math.inf
        assert history(factory, since, 25) == []


def test_a_line_that_refuses_keeps_the_light_and_the_strobe_back(factory, monkeypatch, clock):
    with Lights(LINES, factory, clock) as lights:

        def refuse(digit):
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(lights._lines, "show", refuse)
        with pytest.raises(LightsError, match="digit lines"):
            lights.show(Verdict.ACCEPTED, 3)
        clock.now += 10
        with pytest.raises(LightsError):
            lights.tick()
        assert levels(factory, (17, 25)) == (0, 0), "nothing says that a wrong digit is right"
        monkeypatch.undo()
        lights.tick()
        assert (levels(factory, (17,)), number(factory)) == ((1,), 3)


def test_seven_segments_that_refuse_are_tried_again_and_no_strobe_waits(
    factory, monkeypatch, clock
):
    with Lights(LINES, factory, clock) as lights:
        shown = []

        def refuse(digit):
            shown.append(digit)
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(lights._display, "show", refuse)
        with pytest.raises(LightsError, match="seven segments"):
            lights.show(Verdict.ACCEPTED, 3)
        assert (levels(factory), number(factory)) == ((1, 0, 0), 3)
        for strobe in (1, 0):
            clock.now += 0.011
            with contextlib.suppress(LightsError):
                lights.tick()
            assert levels(factory, (25,)) == (strobe,)
        with pytest.raises(LightsError, match="seven segments"):
            lights.tick()
        monkeypatch.setattr(lights._display, "show", shown.append)
        tries = len(shown)
        lights.tick()
        lights.tick()
        assert shown[tries:] == [3], "once it shows it, it is left alone"


def test_seven_segments_that_may_show_half_a_digit_are_cleared(factory, monkeypatch):
    with Lights(LINES, factory) as lights:

        def half(digit):
            factory.pin(12).state = 1
            raise OSError(5, "Input/output error")

        with monkeypatch.context() as patched:
            patched.setattr(lights._display, "show", half)
            with pytest.raises(LightsError):
                lights.show(Verdict.ACCEPTED, 3)
        lights.show(Verdict.BLANK)
        assert factory.pin(12).state == 0


def test_active_low_holds_for_the_lines_too(factory, clock):
    with Lights(LINES._replace(active_high=False), factory, clock) as lights:
        assert levels(factory, BITS) == (0, 0, 0, 0)
        assert levels(factory, (25,)) == (1,)
        lights.show(Verdict.ACCEPTED, 3)
        clock.now += 0.011
        lights.tick()
        assert levels(factory, BITS) == (0, 0, 1, 1)
        assert levels(factory, (17, 25)) == (0, 0)


def test_lines_whose_pins_are_in_use_cost_nothing_else(factory, caplog):
    from gpiozero import LED

    with LED(13, pin_factory=factory), Lights(LINES, factory) as lights:
        lights.show(Verdict.ACCEPTED, 3)
        assert levels(factory) == (1, 0, 0)
    assert "digit lines on GPIO 5, 6, 13, 19 cannot be driven" in caplog.text


def test_everything_is_off_and_given_back_at_the_end(factory, clock):
    since = clock.now
    with Lights(LINES, factory, clock) as lights:
        lights.show(Verdict.ACCEPTED, 3)
        clock.now += 0.011
        lights.tick()
    assert all(factory.pin(pin).function == "input" for pin in (17, 25, 5, 12))
    last = {pin: level for _, pin, level in history(factory, since, 17, 25, 12, 26)}
    assert not any(last.values())
    with Lights(LINES, factory, clock) as lights:
        lights.show(Verdict.ACCEPTED, 3)
        assert levels(factory) == (1, 0, 0)


def test_the_lines_are_stable_when_a_reading_has_been_told(factory, clock, monkeypatch):
    """Nothing waits in between, for a time or for the next look: within 5 ms they are."""
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("the reading waits"))
    with Lights(LINES, factory, clock) as lights:
        lights.show(Verdict.REJECTED)
        since = clock.now
        lights.show(Verdict.ACCEPTED, 3)
        assert (levels(factory), number(factory)) == ((1, 0, 0), 3)
        clock.now += 0.005
        lights.tick()
        changes = history(factory, since, 17, 27, 22, *BITS)
    # The clock of this test goes on by a microsecond a look.
    assert 0 < max(at for at, *_ in changes) < 0.001
