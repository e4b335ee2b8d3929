"""Opening the display, on a bare console, on a desktop, or off-screen."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pygame

from device.config import ScreenConfig
from device.errors import NoScreenError, ScreenError
from device.screen import splash

DEFAULT_SIZE = (800, 480)
"""The official 7-inch panel's, for windows and off-screen."""

SMALLEST_SIZE = (320, 320)

CONSOLE = "KMSDRM"
"""SDL's name for drawing on a console without a desktop."""

OFF_SCREEN = ("dummy", "offscreen", "evdev")
"""Drivers that show nothing. SDL takes one of them where it finds no other."""

CARDS = Path("/dev/dri")
"""Where the screens are that a console can draw on."""


class Display(NamedTuple):
    """An open display: what is drawn on, SDL's name of what shows it, and how it is turned.

    ``surface`` is upright as a person sees it. Where the picture is turned on the panel it is a
    surface of its own, and :meth:`show` turns what has changed.
    """

    surface: pygame.Surface
    driver: str
    rotation: int = 0

    @classmethod
    def on(cls, window: pygame.Surface, driver: str, rotation: int) -> Display:
        """The display on a window's surface."""
        if rotation == 0:
            return cls(window, driver)
        width, height = window.get_size()
        size = (height, width) if rotation % 180 else (width, height)
        return cls(pygame.Surface(size).convert(), driver, rotation)

    def turned(self, rotation: int) -> Display:
        """The display turned otherwise, or on a window that has another size now."""
        window = pygame.display.get_surface()
        return self if window is None else Display.on(window, self.driver, rotation)

    def __str__(self) -> str:
        """Its size and what shows it, for the log."""
        width, height = self.surface.get_size()
        return f"{width}x{height} through {self.driver}"

    @property
    def on_console(self) -> bool:
        return self.driver.upper() == CONSOLE

    @property
    def is_whole(self) -> bool:
        """Whether Inkling has the panel to itself, and no desktop beside it."""
        window = pygame.display.get_surface()
        return window is not None and bool(window.get_flags() & pygame.FULLSCREEN)

    def show(self, dirty: list[pygame.Rect]) -> None:
        """Bring the parts that have changed onto the panel."""
        window = pygame.display.get_surface()
        if self.rotation == 0 or window is None:
            pygame.display.update(dirty)
            return
        turned = []
        for rect in dirty:
            part = rect.clip(self.surface.get_rect())
            if part.width and part.height:
                # pygame turns the other way round.
                made = pygame.transform.rotate(self.surface.subsurface(part), -self.rotation)
                place = turned_rect(part, self.surface.get_size(), self.rotation)
                window.blit(made, place)
                turned.append(place)
        pygame.display.update(turned)


def turned_rect(rect: pygame.Rect, size: tuple[int, int], rotation: int) -> pygame.Rect:
    """Where a part of an upright surface of ``size`` lies on a panel that it is turned on,
    clockwise by ``rotation`` degrees."""
    width, height = size
    if rotation == 90:
        return pygame.Rect(height - rect.bottom, rect.x, rect.height, rect.width)
    if rotation == 180:
        return pygame.Rect(width - rect.right, height - rect.bottom, rect.width, rect.height)
    if rotation == 270:
        return pygame.Rect(rect.y, width - rect.right, rect.height, rect.width)
    return rect


_DESKTOPS = ("WAYLAND_DISPLAY", "DISPLAY")


def has_display() -> tuple[bool, str]:
    """Whether there is anything to draw on, and how that is known (for a person to read).

    An ``SDL_VIDEODRIVER`` that the user set always counts.
    """
    chosen = os.environ.get("SDL_VIDEODRIVER")
    if chosen:
        return True, f"SDL_VIDEODRIVER={chosen} is set"
    try:
        return True, f"SDL draws through {_begin()}"
    except NoScreenError as error:
        return False, error.reason
    finally:
        pygame.display.quit()


def _begin() -> str:
    """Start SDL's video; returns the name of its driver.

    Raises:
        NoScreenError: there is nothing to draw on.
        pygame.error: the driver that the user chose refuses.
    """
    if os.environ.get("SDL_VIDEODRIVER"):
        # Not pygame.init(): that starts audio too, with errors where there is no sound card.
        pygame.display.init()
        return pygame.display.get_driver()
    if not any(map(os.environ.get, _DESKTOPS)) and not any(CARDS.glob("card*")):
        raise NoScreenError(_why_none())
    try:
        pygame.display.init()
    except pygame.error as error:
        raise NoScreenError(_why_none()) from error
    driver = pygame.display.get_driver()
    if driver in OFF_SCREEN:
        raise NoScreenError(_why_none())
    return driver


def _why_none() -> str:
    for name in _DESKTOPS:
        if os.environ.get(name):
            return f"{name}={os.environ[name]} does not answer"
    return "no desktop, and no screen that the console could draw on"


def quiet_hints() -> None:
    """Ask SDL, before it starts, to make no mouse events from touches and the other way round."""
    os.environ.setdefault("SDL_TOUCH_MOUSE_EVENTS", "0")
    os.environ.setdefault("SDL_MOUSE_TOUCH_EVENTS", "0")


def open_display(config: ScreenConfig) -> Display:
    """Full screen on a console, a window on a desktop; ``SDL_VIDEODRIVER`` is honoured.

    Raises:
        NoScreenError: there is nothing to draw on.
        ScreenError: it cannot be opened.
    """
    quiet_hints()
    # One frame less between finger and ink.
    os.environ.setdefault("SDL_VIDEO_DOUBLE_BUFFER", "1")
    # How a desktop tells this window from others; pygame has put the program's file name there.
    os.environ["SDL_VIDEO_X11_WMCLASS"] = "inkling"
    try:
        driver = _begin()
        pygame.font.init()
        return _opened(driver, config)
    except pygame.error as error:
        close_display()
        raise ScreenError(
            f"no screen can be opened: {error}; run `inkling doctor` to see what is missing, or "
            "`inkling demo` to do without"
        ) from error
    except ScreenError:
        close_display()
        raise


def _opened(driver: str, config: ScreenConfig) -> Display:
    on_console = driver.upper() == CONSOLE
    size = config.pixels
    # Not pygame's, which takes longer to find than this to draw.
    pygame.display.set_icon(splash.icon())
    if on_console:
        # Without libgl1, SDL's default renderer runs without an error and shows nothing.
        os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "opengles2")
        surface = pygame.display.set_mode(size or (0, 0), pygame.FULLSCREEN)
        # Hiding the cursor has stopped touch on older systems; a transparent one has not.
        pygame.mouse.set_cursor((8, 8), (0, 0), (0,) * 8, (0,) * 8)
    else:
        if driver == "x11":
            # SDL would take OpenGL to show what is drawn without it: 90 MB where it is software.
            os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
        pygame.display.set_caption("Inkling")
        if config.windowed:
            surface = pygame.display.set_mode(size or DEFAULT_SIZE, pygame.RESIZABLE)
            window = _window()
            if window is not None:
                window.minimum_size = SMALLEST_SIZE
                surface = pygame.display.get_surface() or surface
        else:
            surface = pygame.display.set_mode(size or (0, 0), pygame.FULLSCREEN)
    return Display.on(surface, driver, config.rotation)


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
    # Imported here: a display is opened before them, with the splash on it.
    from device.screen import icons, shapes, theme

    icons.forget()
    shapes.forget()
    theme.forget_fonts()
    pygame.font.quit()
    pygame.display.quit()


@contextmanager
def off_screen(driver: str = "dummy") -> Iterator[None]:
    """While this lasts, displays are opened in memory, whatever the machine has.

    Args:
        driver: SDL's name of what opens them: ``dummy``, or ``evdev``, which touch panels reach.
    """
    before = os.environ.get("SDL_VIDEODRIVER")
    os.environ["SDL_VIDEODRIVER"] = driver
    try:
        yield
    finally:
        if before is None:
            del os.environ["SDL_VIDEODRIVER"]
        else:
            os.environ["SDL_VIDEODRIVER"] = before
