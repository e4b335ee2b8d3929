"""However the kiosk ends, and whenever: its pins are off, and nothing comes on after that."""

import random
from functools import partial

import pytest
from fakes import FakeRecognizer
from kiosks import levels, settings

from device import headless, kiosk
from device.config import SETTINGS_FILE, state_folder
from device.lights import Lights
from device.samples import Samples
from firmware_tools.reliability import traps, visitors
from firmware_tools.reliability.trial import visited

OUTPUTS = {"strobe": 5, "bcd": "6, 13, 19, 26"}
PINS = (5, 6, 13, 17, 19, 22, 26, 27)

MODULES = {"run": (kiosk, kiosk.Kiosk), "headless": (headless, headless.Headless)}
VISITORS = {"run": visitors.collector, "headless": visitors.pen}
EARLIER = ("the model loads",)
"""Nothing is loaded here; see test_reliability.py."""

TABLE = [
    (command, stage, end)
    for command, stages in traps.STAGES.items()
    for stage in stages
    for end in traps.ENDS
    if stage not in EARLIER and end != "SIGKILL"
]


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(("command", "stage", "end"), TABLE)
def test_pins_are_off_and_the_state_is_whole(command, stage, end, pins, state, monkeypatch):
    module, application = MODULES[command]
    told = []
    after = 0

    def visitor(app):
        """Somebody who goes on for a while after an error, and then ends it."""
        nonlocal after
        visit = VISITORS[command](app, random.Random(4))
        while after < 60:
            yield next(visit)
            after += bool(told)
            if stage == traps.CLOSING and any(levels(pins)):
                break
        app._running = False
        yield

    monkeypatch.setattr(application, "step", visited(application.step, visitor, lambda *_: None))
    config = settings(
        "800x480",
        lights=OUTPUTS,
        kiosk={"idle_seconds": 0},
        headless={"socket": str(state / "ink.sock")},
    )
    where = traps.STAGES[command][stage]
    at = partial(lambda: {pin: pins.pin(pin).state for pin in traps.LIGHTS})
    error = None
    with traps.trap(where, end, at, told.append), Lights(config.lights, pins) as lights:
        try:
            module.run(config, FakeRecognizer(model="inkling"), lights)
        except traps.Trapped as trapped:
            error = trapped
    assert told, "it never came to that stage"
    outputs = [pins.pin(pin) for pin in PINS]
    assert not [pin for pin in outputs if pin.function == "output" and pin.state]
    assert levels(pins) == (0, 0, 0)
    assert error is None or end == "error"
    with Samples(state) as samples:
        assert samples.damaged == 0
        assert len(list(samples)) == len(samples)
    kept = state_folder() / SETTINGS_FILE
    assert not kept.exists() or kept.read_text().startswith("[")
    assert not list(state.glob("*.new-*"))
