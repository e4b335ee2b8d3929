"""Out of order: a plain screen and a blinking light, whatever else is broken."""

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pygame
import pytest
from kiosks import like, settings

from device import lights, out_of_order
from device.errors import ConfigError
from device.screen import theme


class Blinks:
    """Waits until the red light has gone on and off, then asks to stop."""

    def __init__(self, pins, pin=22):
        self.pin = pins.pin(pin)
        self.states = []
        self.pictures = []

    @contextmanager
    def asked_to_stop(self):
        yield self

    def wait(self):
        surface = pygame.display.get_surface()
        if surface is not None:
            self.pictures.append(pygame.surfarray.array3d(surface))
        done = threading.Event()
        for _ in range(600):
            self.states = [int(state.state) for state in self.pin.states]
            if self.states[-3:] == [1, 0, 1]:
                return True
            done.wait(0.02)
        raise AssertionError(f"the light does not blink: {self.states}")


@pytest.fixture
def blinks(pins, monkeypatch):
    monkeypatch.setattr(out_of_order, "BLINK", 0.01)
    monkeypatch.setattr(lights, "open_factory", lambda: (pins, "mock", None))
    watched = Blinks(pins)
    monkeypatch.setattr(out_of_order, "asked_to_stop", watched.asked_to_stop)
    return watched


def test_the_red_light_blinks_and_the_screen_shows_a_sign(blinks, pins):
    assert out_of_order.run(settings) == 0
    (picture,) = blinks.pictures
    shown = {tuple(colour) for colour in picture.reshape(-1, 3).tolist()}
    assert {theme.GROUND, theme.REJECT} <= shown
    assert like(theme.TEXT, shown)
    assert pins.pin(22).state == 0
    assert not pygame.display.get_init()


def test_where_no_screen_opens_the_light_blinks_alone(blinks, monkeypatch, caplog):
    monkeypatch.setenv("SDL_VIDEODRIVER", "crystal-ball")
    assert out_of_order.run(settings) == 0
    assert blinks.pictures == []
    assert "without its screen" in caplog.text


def test_a_broken_configuration_does_not_break_it(blinks, caplog):
    def broken():
        raise ConfigError("/etc/inkling/inkling.toml: not valid TOML")

    assert out_of_order.run(broken) == 0
    assert "not valid TOML" in caplog.text


def test_a_light_that_fails_leaves_the_screen(blinks, monkeypatch, caplog):
    def refuse():
        raise OSError("GPIO busy")

    monkeypatch.setattr(lights, "open_factory", refuse)
    monkeypatch.setattr(blinks, "wait", lambda: blinks.pictures.append(pygame.display.get_init()))
    assert out_of_order.run(settings) == 0
    assert blinks.pictures == [True]
    assert "without its light: GPIO busy" in caplog.text


@pytest.mark.parametrize("table", [{"enabled": False}, {"reject": -1}])
def test_a_light_that_is_not_fitted_is_left_alone(blinks, monkeypatch, table):
    monkeypatch.setattr(blinks, "wait", lambda: True)
    assert out_of_order.run(lambda: settings(lights=table)) == 0
    assert blinks.pin.function == "input"


def test_every_other_output_is_held_off(blinks, pins, monkeypatch):
    table = {"strobe": 25, "bcd": "5,6,13,19", "segments": "12,16,20,21,26,18,4"}
    others = (17, 27, 25, 12, 16, 20, 21, 26, 18, 4)
    for pin in others:
        # As a kiosk leaves them that was killed.
        pins.pin(pin).function = "output"
        pins.pin(pin).state = 1
    seen = []
    wait = blinks.wait

    def look():
        wait()
        seen.extend((pins.pin(pin).function, int(pins.pin(pin).state)) for pin in others)
        seen.append([int(pins.pin(pin).state) for pin in (5, 6, 13, 19)])

    monkeypatch.setattr(blinks, "wait", look)
    assert out_of_order.run(lambda: settings(lights=table)) == 0
    assert seen == [("output", 0)] * len(others) + [[1, 1, 1, 1]], "no light, strobe or digit"


PROGRAM = """
import sys
from device.cli import main
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name in ("device.tflite", "device.library", "tflite_runtime", "ai_edge_litert"):
            raise ImportError(f"{name} is broken")
sys.meta_path.insert(0, Blocked())
sys.exit(main(["out-of-order"]))
"""


def test_it_works_without_models_and_ends_when_told():
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        said = []
        for line in program.stderr:
            said.append(line)
            if "through dummy" in line:
                break
        program.terminate()
        program.communicate(timeout=60)
        assert program.returncode == 0, said
        assert not any("without its" in line for line in said)
    finally:
        program.kill()
        program.wait(60)
        program.stderr.close()
