"""Opening the display, on a bare console, on a desktop, or off-screen."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pygame

from device.config import ScreenConfig
from device.errors import ScreenError
from device.screen import shapes, theme, touch

log = logging.getLogger(__name__)

DEFAULT_SIZE = (800, 480)
"""The official 7-inch panel's, for windows and off-screen."""

SMALLEST_SIZE = (320, 320)

CONSOLE = "KMSDRM"
"""SDL's name for drawing on a console without a desktop."""

OFF_SCREEN = ("dummy", "offscreen", "evdev")
"""Drivers that show nothing. SDL takes one of them where it finds no other."""

CARDS = Path("/dev/dri")
"""Where the screens are that a console can draw on."""


@dataclass(frozen=True)
class Display:
    """An open display: its surface, and SDL's name of what shows it."""

    surface: pygame.Surface
    driver: str

    @property
    def on_console(self) -> bool:
        return self.driver.upper() == CONSOLE


_DESKTOPS = ("WAYLAND_DISPLAY", "DISPLAY")


def has_display() -> tuple[bool, str]:
    """Whether there is anything to draw on, and how that is known (for a person to read).

    An ``SDL_VIDEODRIVER`` that the user set always counts.
    """
    chosen = os.environ.get("SDL_VIDEODRIVER")
    if chosen:
        return True, f"SDL_VIDEODRIVER={chosen} is set"
    if not any(map(os.environ.get, _DESKTOPS)) and not any(CARDS.glob("card*")):
        return False, _why_none()
    try:
        pygame.display.init()
        driver = pygame.display.get_driver()
    except pygame.error:
        return False, _why_none()
    finally:
        pygame.display.quit()
    if driver in OFF_SCREEN:
        return False, _why_none()
    return True, f"SDL draws through {driver}"


def _why_none() -> str:
    for name in _DESKTOPS:
        if os.environ.get(name):
            return f"{name}={os.environ[name]} does not answer"
    return "no desktop, and no screen that the console could draw on"


def open_display(config: ScreenConfig) -> Display:
    """Full screen on a console, a window on a desktop; ``SDL_VIDEODRIVER`` is honoured.

    Raises:
        ScreenError: nothing can be opened.
    """
    touch.quiet_hints()
    # One frame less between finger and ink.
    os.environ.setdefault("SDL_VIDEO_DOUBLE_BUFFER", "1")
    # How a desktop tells this window from others.
    os.environ.setdefault("SDL_VIDEO_X11_WMCLASS", "inkling")
    try:
        # Not pygame.init(): that starts audio too, with errors where there is no sound card.
        pygame.display.init()
        pygame.font.init()
        return _opened(config)
    except pygame.error as error:
        close_display()
        raise ScreenError(
            f"no screen can be opened: {error}; run `inkling doctor` to see what is missing, or "
            "`inkling demo` to do without"
        ) from error


def _opened(config: ScreenConfig) -> Display:
    driver = pygame.display.get_driver()
    if driver in OFF_SCREEN and not os.environ.get("SDL_VIDEODRIVER"):
        raise pygame.error(_why_none())
    on_console = driver.upper() == CONSOLE
    size = config.pixels
    if on_console:
        # Without libgl1, SDL's default renderer runs without an error and shows nothing.
        os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "opengles2")
        surface = pygame.display.set_mode(size or (0, 0), pygame.FULLSCREEN)
        # Hiding the cursor has stopped touch on older systems; a transparent one has not.
        pygame.mouse.set_cursor((8, 8), (0, 0), (0,) * 8, (0,) * 8)
    else:
        pygame.display.set_caption("Inkling")
        if config.windowed:
            surface = pygame.display.set_mode(size or DEFAULT_SIZE, pygame.RESIZABLE)
            window = _window()
            if window is not None:
                window.minimum_size = SMALLEST_SIZE
                surface = pygame.display.get_surface() or surface
        else:
            surface = pygame.display.set_mode(size or (0, 0), pygame.FULLSCREEN)
    log.info("screen: %dx%d through %s", *surface.get_size(), driver)
    return Display(surface, driver)


def at_least_smallest(surface: pygame.Surface) -> pygame.Surface:
    """The display's surface after a resize; a window that has become too small grows again.

    The window stays the same one: opening it anew would lose the touch at hand, and flicker.
    """
    width, height = surface.get_size()
    size = max(width, SMALLEST_SIZE[0]), max(height, SMALLEST_SIZE[1])
    if size == (width, height):
        return surface
    window = _window()
    if window is not None:
        window.size = size
    return pygame.display.get_surface() or surface


def _window() -> pygame.Window | None:
    """The display as pygame's newer kind of window, which knows more; None where it cannot."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return pygame.Window.from_display_module()
    except (AttributeError, pygame.error):
        return None


def close_display() -> None:
    """Give the display back. May be called again."""
    shapes.forget()
    theme.forget_fonts()
    pygame.font.quit()
    pygame.display.quit()


@contextmanager
def off_screen() -> Iterator[None]:
    """While this lasts, displays are opened in memory, whatever the machine has."""
    before = os.environ.get("SDL_VIDEODRIVER")
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    try:
        yield
    finally:
        if before is None:
            del os.environ["SDL_VIDEODRIVER"]
        else:
            os.environ["SDL_VIDEODRIVER"] = before
