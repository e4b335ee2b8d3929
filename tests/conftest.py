"""Settings for the whole suite: no display, no pins, no luck."""

import math
import os
import sys

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("GPIOZERO_PIN_FACTORY", "mock")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

settings.register_profile(
    "inkling",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("inkling")


@pytest.fixture(autouse=True, scope="session")
def state_folder(tmp_path_factory):
    """What the suite makes Inkling keep is not kept, and what a person keeps is not read."""
    os.environ["STATE_DIRECTORY"] = str(tmp_path_factory.mktemp("state"))


@pytest.fixture(autouse=True, scope="session")
def unhurried():
    """What one step answers does not hang on how fast this machine is."""
    from device.screen import backlog

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backlog, "MOST_WORK", math.inf)
        yield


@pytest.fixture
def pins():
    from gpiozero.pins.mock import MockFactory

    factory = MockFactory()
    yield factory
    factory.reset()


@pytest.fixture
def lights(pins):
    import kiosks

    from device.lights import Lights

    with Lights(kiosks.settings().lights, pins) as made:
        yield made


@pytest.fixture
def recognizer():
    from fakes import FakeRecognizer

    return FakeRecognizer()


@pytest.fixture
def clock():
    import kiosks

    return kiosks.Clock()


@pytest.fixture
def kiosk(recognizer, lights, clock):
    import kiosks

    from device.kiosk import Kiosk

    made = Kiosk(kiosks.settings(), recognizer, lights, clock=clock)
    yield made
    recognizer.gate.set()
    made.close()


@pytest.fixture
def socket_path(tmp_path):
    return tmp_path / "ink.sock"


@pytest.fixture
def serve(recognizer, lights, clock, socket_path, caplog):
    """Makes the application without a screen, with other settings if need be."""
    import kiosks

    from device import headless

    caplog.set_level("INFO", logger=headless.__name__)
    made = []

    def serve(lights=lights, **tables):
        tables.setdefault("screen", {"size": "800x480"})
        tables["headless"] = {"socket": str(socket_path), **tables.get("headless", {})}
        config = kiosks.settings(**tables)
        made.append(headless.Headless(config, recognizer, lights, clock=clock))
        return made[-1]

    yield serve
    recognizer.gate.set()
    for one in made:
        one.close()


@pytest.fixture
def app(serve):
    return serve()


@pytest.fixture
def visitor(kiosk):
    from device.demo import Visitor

    return Visitor(kiosk)


@pytest.fixture
def machine(tmp_path):
    from machines import Machine

    from device.config import load_config

    return Machine(tmp_path / "root", load_config(system_file=tmp_path / "none"))


@pytest.fixture
def board(tmp_path, monkeypatch):
    from boards import Board

    from firmware_tools import releases

    made = Board(tmp_path)
    monkeypatch.setenv("PATH", made.path)
    # The interpreter of a developer may be in a home folder; the one used here is not.
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    # Here the power does not go.
    monkeypatch.setattr(os, "sync", lambda: None)
    monkeypatch.setattr(releases, "sync", lambda _: None)
    before = os.umask(0o022)
    yield made
    os.umask(before)
