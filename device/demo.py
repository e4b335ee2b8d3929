"""A drawing session replayed off-screen, through the very kiosk that a visitor would touch.

Finger events are posted as a touch panel would report them; what the table shows is what the
screen and the lights answered.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pygame

from device.config import Config
from device.errors import ScreenError
from device.ink import Ink
from device.kiosk import Kiosk
from device.lights import Lights
from device.reading import Reading, Verdict
from device.recognizer import Recognizer
from device.screen.display import off_screen
from device.screen.touch import on_panel
from device.session import Drawing, session
from device.signals import asked_to_stop

PATIENCE = 20.0
"""Seconds after which a reading that has not come is given up."""

_PER_FRAME = 3
"""Touch samples between two frames: a panel at 60 Hz, a screen at 20."""

_PICTURED = "3"
"""The drawing of the session that the screenshot is of."""

SUFFIXES = (".png", ".jpg", ".bmp")
"""What a screenshot can be."""

_FINGER: dict[str, Any] = {"touch_id": 1, "finger_id": 1, "dx": 0.0, "dy": 0.0, "pressure": 1.0}


@dataclass(frozen=True)
class Row:
    """What the kiosk answered to one drawing; ``lights`` by name, on or off."""

    drawing: Drawing
    reading: Reading | None
    lights: dict[str, bool]


class Visitor:
    """Draws on a kiosk and taps its buttons by posting finger events.

    Args:
        kiosk: what is drawn on.
        asked: once it is set, no reading is waited for any more.
    """

    def __init__(self, kiosk: Kiosk, asked: threading.Event | None = None) -> None:
        self.kiosk = kiosk
        self._asked = asked

    @property
    def is_leaving(self) -> bool:
        """True once the kiosk, or the visitor, has been told to stop."""
        return not self.kiosk.running or (self._asked is not None and self._asked.is_set())

    def draw(self, ink: Ink) -> None:
        """Draw every stroke, frame by frame, then lift the finger."""
        for stroke in ink.strokes:
            kinds = [pygame.FINGERMOTION] * len(stroke)
            kinds[0] = pygame.FINGERDOWN
            for number, (kind, point) in enumerate(zip(kinds, stroke, strict=True)):
                self._touch(kind, *self.kiosk.screen.to_window(point.x, point.y))
                if number % _PER_FRAME == 0:
                    self.kiosk.step(0.001)
            last = list(stroke)[-1]
            self._touch(pygame.FINGERUP, *self.kiosk.screen.to_window(last.x, last.y))
            self.kiosk.step(0.001)

    def tap(self, button: str) -> None:
        """Tap a button of the screen at hand, by its name.

        Raises:
            KeyError: it is not there.
        """
        middle = self.kiosk.screen.target(button).centre
        self._touch(pygame.FINGERDOWN, *middle)
        self.kiosk.step(0.001)
        self._touch(pygame.FINGERUP, *middle)
        self.kiosk.step(0.001)

    def wait(self) -> bool:
        """Wait for the reading of what is on the canvas; False when it does not come."""
        end = time.monotonic() + PATIENCE
        self.kiosk.step(0.001)
        while not (self.kiosk.settled or self.is_leaving) and time.monotonic() < end:
            self.kiosk.step(0.02)
        return self.kiosk.settled and self.kiosk.notice is None

    def _touch(self, kind: int, x: float, y: float) -> None:
        post_finger(self.kiosk, kind, x, y)


def post_finger(kiosk: Kiosk, kind: int, x: float, y: float) -> None:
    """A finger on the panel of a kiosk does something at a pixel of its screen."""
    width, height = kiosk.surface.get_size()
    x, y = on_panel(x / width, y / height, kiosk.config.screen.rotation)
    pygame.event.post(pygame.event.Event(kind, x=x, y=y, **_FINGER))


@contextmanager
def _kiosk(config: Config, recognizer: Recognizer, lights: Lights) -> Iterator[Kiosk]:
    with off_screen():
        kiosk = Kiosk(config, recognizer, lights)
        try:
            yield kiosk
        finally:
            kiosk.close()


def rows(
    kiosk: Kiosk,
    drawings: Iterable[Drawing],
    lights: Lights,
    asked: threading.Event | None = None,
) -> Iterator[Row]:
    """Draw each drawing on a fresh canvas; its row is there while it is still on the screen.

    Ends early once the kiosk is stopped or ``asked`` is set.
    """
    visitor = Visitor(kiosk, asked)
    for drawing in drawings:
        visitor.tap("clear")
        visitor.draw(drawing.ink)
        came = visitor.wait()
        if visitor.is_leaving:
            return
        yield Row(drawing, kiosk.reading if came else None, lights.states())


def replay(config: Config, recognizer: Recognizer, lights: Lights, screenshot: Path) -> int:
    """Replay the bundled session off-screen and print what came of it, as a table.

    Args:
        screenshot: where a picture of the screen goes (see :data:`SUFFIXES`); its path is printed.

    Returns:
        the exit status: 0, or 1 when a drawing got no reading or a signal ended it.

    Raises:
        ScreenError: the screenshot cannot be written; known at once or, where the disk tells no
            earlier, after the table.
    """
    _check(screenshot)
    drawings = session()
    answered = 0
    problem = None
    with asked_to_stop() as asked, _kiosk(config, recognizer, lights) as kiosk:
        print(f"{'drawn':<9} {'read':<5} {'verdict':<22} {'a digit?':>8}   lights")
        for row in rows(kiosk, drawings, lights, asked):
            print(_line(row), flush=True)
            answered += row.reading is not None
            if row.drawing.name == _PICTURED:
                try:
                    _save(kiosk.surface, screenshot)
                except ScreenError as error:
                    problem = error
    print(f"\nlights driven by: {lights.factory}")
    if problem is not None:
        raise problem
    if screenshot.exists():
        print(f"screenshot: {screenshot}")
    return 0 if answered == len(drawings) else 1


def _line(row: Row) -> str:
    reading = row.reading
    states = "  ".join(f"{name} {'ON ' if on else 'off'}" for name, on in row.lights.items())
    if reading is None:
        return f"{row.drawing.name:<9} {'-':<5} {'no reading came':<22} {'-':>8}   {states}"
    blank = reading.verdict is Verdict.BLANK
    digit = "-" if reading.digit is None else str(reading.digit)
    if reading.verdict is not Verdict.ACCEPTED and not blank:
        digit = f"({digit})"
    gate = "-" if blank else f"{reading.gate * 100:.1f} %"
    words = {Verdict.SEVERAL: "more than one symbol"}.get(reading.verdict, reading.verdict.value)
    return f"{row.drawing.name:<9} {digit:<5} {words:<22} {gate:>8}   {states}"


def _check(path: Path) -> None:
    """Refuse a screenshot that cannot be written before anything is drawn."""
    if path.suffix.lower() not in SUFFIXES:
        raise ScreenError(f"{path}: a screenshot is named .png, .jpg or .bmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ScreenError(
            f"{path}: the screenshot cannot be written: {error.strerror or error}"
        ) from error
    if path.is_dir():
        raise ScreenError(f"{path}: the screenshot cannot be written: it is a folder")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise ScreenError(f"{path}: the screenshot cannot be written: permission denied")


def _save(surface: pygame.Surface, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pygame.image.save(surface, str(path))
    except (OSError, pygame.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise ScreenError(f"{path}: the screenshot cannot be written: {reason}") from error
