"""The display: the user's choice is honoured, and having none is said in one line."""

import os

import pygame
import pytest

from device.config import load_config
from device.errors import ScreenError
from device.screen import display


def config(size="auto"):
    return load_config(None, {"screen": {"size": size}}).screen


@pytest.fixture(autouse=True)
def closed():
    display.close_display()
    yield
    display.close_display()


def test_a_driver_that_the_user_set_counts(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    assert display.has_display() == (True, "SDL_VIDEODRIVER=dummy is set")


def test_no_display_is_said(monkeypatch, tmp_path):
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)

    monkeypatch.setattr(display, "CARDS", tmp_path)
    present, reason = display.has_display()
    assert not present and "no desktop" in reason
    monkeypatch.setenv("DISPLAY", ":4711")
    assert display.has_display() == (False, "DISPLAY=:4711 does not answer")
    with pytest.raises(ScreenError, match=":4711 does not answer"):
        display.open_display(config())


def test_the_size_is_the_configured_one():
    assert display.open_display(config("1024x600")).surface.get_size() == (1024, 600)


def test_sound_is_left_alone():
    opened = display.open_display(config())
    assert opened.surface.get_size() == display.DEFAULT_SIZE
    assert not opened.on_console
    assert pygame.mixer.get_init() is None


def test_a_driver_that_does_not_exist_is_one_clear_line(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "crystal-ball")
    with pytest.raises(ScreenError, match="inkling doctor"):
        display.open_display(config())


def test_off_screen_is_undone(monkeypatch):
    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)
    with display.off_screen():
        assert display.open_display(config()).driver == "dummy"
    assert "SDL_VIDEODRIVER" not in os.environ


def test_touches_make_no_mouse_events_and_mice_no_touches(monkeypatch):
    monkeypatch.delenv("SDL_TOUCH_MOUSE_EVENTS", raising=False)
    display.open_display(config())
    assert os.environ["SDL_TOUCH_MOUSE_EVENTS"] == "0"
    assert os.environ["SDL_MOUSE_TOUCH_EVENTS"] == "0"


def test_a_desktop_is_not_asked_for_opengl_unless_the_user_wants_it(monkeypatch):
    monkeypatch.setattr(display, "_begin", lambda: pygame.display.init() or "x11")
    for chosen, used in ((None, "0"), ("opengl", "opengl")):
        monkeypatch.setenv("SDL_FRAMEBUFFER_ACCELERATION", chosen or "")
        if chosen is None:
            monkeypatch.delenv("SDL_FRAMEBUFFER_ACCELERATION")
        display.open_display(config())
        assert os.environ["SDL_FRAMEBUFFER_ACCELERATION"] == used
        display.close_display()
