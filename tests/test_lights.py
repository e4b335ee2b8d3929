"""The lights: one at a time, off on every exit, replaced by mock pins only for named reasons."""

import sys
import tempfile
import types

import pytest
from fakes import levels, refusing
from gpiozero.exc import PinUnknownPi
from gpiozero.pins.mock import MockFactory, MockPin
from kiosks import settings

from device import lights as lights_module
from device.errors import LightsError
from device.lights import AGAIN, BriefPin, Lights, SteadyLights, open_factory
from device.reading import Verdict

PINS = settings().lights


@pytest.fixture
def factory(pins):
    return pins


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (Verdict.ACCEPTED, (1, 0, 0)),
        (Verdict.SEVERAL, (0, 1, 0)),
        (Verdict.REJECTED, (0, 0, 1)),
        (Verdict.BLANK, (0, 0, 0)),
    ],
)
def test_each_verdict_has_its_light(factory, verdict, expected):
    with Lights(PINS, factory) as lights:
        for before in Verdict:
            lights.show(before)
            lights.show(verdict)
            assert levels(factory) == expected
        assert tuple(lights.states().values()) == tuple(map(bool, expected))


def test_never_two_at_once():
    on = set()

    class WatchedPin(MockPin):
        def _change_state(self, value):
            changed = super()._change_state(value)
            (on.add if value else on.discard)(self.info.name)
            assert len(on) <= 1
            return changed

    with Lights(PINS, MockFactory(pin_class=WatchedPin)) as lights:
        for verdict in (*Verdict, *reversed(Verdict)):
            lights.show(verdict)
            assert len(on) == (verdict is not Verdict.BLANK)


def test_a_light_that_stays_is_not_switched_again(factory):
    with Lights(PINS, factory) as lights:
        lights.show(Verdict.ACCEPTED)
        before = len(factory.pin(17).states)
        lights.show(Verdict.ACCEPTED)
        assert len(factory.pin(17).states) == before


def test_active_low_turns_the_levels_round(factory):
    with Lights(PINS._replace(active_high=False), factory) as lights:
        assert levels(factory) == (1, 1, 1)
        lights.show(Verdict.REJECTED)
        assert levels(factory) == (1, 1, 0)


def test_off_and_closed_on_exit(factory):
    pin = factory.pin(17)
    with Lights(PINS, factory) as lights:
        lights.show(Verdict.ACCEPTED)
        assert pin.state
    assert not pin.states[-1].state or pin.function == "input"
    lights.close()
    assert not any(lights.states().values())


def test_a_light_that_is_not_fitted_is_left_out(factory):
    with Lights(PINS._replace(several=-1), factory) as lights:
        lights.show(Verdict.SEVERAL)
        assert levels(factory, (17, 22)) == (0, 0)
        assert lights.states()["several"]


def test_switched_off_lights_touch_no_pin(factory):
    with Lights(PINS._replace(enabled=False), factory) as lights:
        lights.show(Verdict.ACCEPTED)
        assert factory.pins == {}
        assert lights.states()["accept"]


def test_a_pin_in_use_costs_one_light_and_says_so(factory, caplog):
    from gpiozero import LED

    with LED(22, pin_factory=factory), Lights(PINS, factory) as lights:
        lights.show(Verdict.ACCEPTED)
        assert levels(factory, (17,)) == (1,)
        lights.show(Verdict.REJECTED)
    assert "reject on GPIO 22 cannot be driven" in caplog.text


def test_a_light_that_refuses_is_not_said_to_be_on(factory, monkeypatch):
    with Lights(PINS, factory) as lights:
        refusing(lights, monkeypatch, "accept", "on")
        with pytest.raises(LightsError, match=r"accept.*Input/output"):
            lights.show(Verdict.ACCEPTED)
        assert not any(lights.states().values())
        monkeypatch.undo()
        lights.show(Verdict.ACCEPTED)
        assert lights.states()["accept"] and levels(factory) == (1, 0, 0)


def test_a_light_that_refuses_is_tried_again_and_said_once(factory, monkeypatch, caplog):
    caplog.set_level("INFO", logger=lights_module.__name__)
    with Lights(PINS, factory) as inner:
        lights = SteadyLights(inner)
        refusing(inner, monkeypatch, "reject", "on")
        lights.show(Verdict.REJECTED)
        assert lights.tick() == lights.tick() == AGAIN
        assert caplog.text.count("the lights failed") == 1
        monkeypatch.undo()
        lights.tick()
        assert levels(factory) == (0, 0, 1)
        assert caplog.text.count("answer again") == 1


def test_a_pin_that_cannot_be_switched_off_is_given_back_all_the_same(factory, monkeypatch, caplog):
    lights = Lights(PINS, factory)
    leds = dict(lights._leds)
    refusing(lights, monkeypatch, "accept", "off")
    lights.close()
    assert all(led.closed for led in leds.values())
    assert "accept cannot be switched off" in caplog.text


class FakeLgpio(types.ModuleType):
    class error(Exception):
        pass


def test_where_nothing_can_be_written_the_lights_still_open(monkeypatch):
    def nowhere():
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", nowhere)
    for name in ("LG_WD", "GPIOZERO_PIN_FACTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(sys.modules, "lgpio", None)
    assert open_factory()[1:] == ("mock", "lgpio is not installed")


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (PinUnknownPi("unable to locate Pi revision"), "not a Raspberry Pi"),
        (FakeLgpio.error("'GPIO busy'"), "GPIO busy"),
        (OSError(13, "Permission denied"), "Permission denied"),
    ],
)
def test_mock_pins_stand_in_for_named_reasons(monkeypatch, failure, expected):
    def refuse():
        raise failure

    module = types.ModuleType("gpiozero.pins.lgpio")
    module.LGPIOFactory = refuse
    monkeypatch.setitem(sys.modules, "lgpio", FakeLgpio("lgpio"))
    monkeypatch.setitem(sys.modules, "gpiozero.pins.lgpio", module)
    monkeypatch.delenv("GPIOZERO_PIN_FACTORY", raising=False)
    factory, name, reason = open_factory()
    assert (name, type(factory)) == ("mock", MockFactory)
    assert expected in reason


def test_an_unexpected_error_is_not_swallowed(monkeypatch):
    def refuse():
        raise ZeroDivisionError

    module = types.ModuleType("gpiozero.pins.lgpio")
    module.LGPIOFactory = refuse
    monkeypatch.setitem(sys.modules, "lgpio", FakeLgpio("lgpio"))
    monkeypatch.setitem(sys.modules, "gpiozero.pins.lgpio", module)
    monkeypatch.delenv("GPIOZERO_PIN_FACTORY", raising=False)
    with pytest.raises(ZeroDivisionError):
        open_factory()


def test_the_log_says_once_which_factory_won(monkeypatch, caplog):
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    caplog.set_level("INFO", logger=lights_module.__name__)
    with Lights(PINS) as lights:
        lights.show(Verdict.ACCEPTED)
        lights.show(Verdict.REJECTED)
    assert caplog.text.count("mock pins") == 1


def test_a_machine_without_pins_does_not_remember_every_light_of_its_life():
    with Lights.virtual(PINS) as lights:
        pin = lights.pin_factory.pin(PINS.accept)
        for _ in range(2 * BriefPin.KEPT):
            lights.show(Verdict.ACCEPTED)
            lights.show(Verdict.BLANK)
        assert len(pin.states) == BriefPin.KEPT
        assert pin.states[-1].state is False
