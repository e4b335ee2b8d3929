"""A kiosk without hardware, on which a visitor plays; its clock goes on only when it is told to.

Pictures of the product, its measurements and its tests are made here: whatever moves can be seen
at any of its moments, and nobody waits for it.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from device import config as configuration
from device.config import Config
from device.demo import PATIENCE, Visitor
from device.kiosk import Kiosk
from device.library import Library
from device.lights import Lights
from device.recognizer import Recognizer
from device.screen.display import off_screen

STEP = 0.001
"""How long (real seconds) a step waits for an event."""


class Clock:
    """Seconds that pass when somebody says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Stage(Visitor):
    """A visitor to whom the clock belongs.

    Args:
        kiosk: made with ``clock``.
        clock: the kiosk's.
        asked: once it is set, nothing is waited for any more.
    """

    def __init__(self, kiosk: Kiosk, clock: Clock, asked: threading.Event | None = None) -> None:
        super().__init__(kiosk, asked)
        self.clock = clock

    def begin(self) -> None:
        """The main screen as every visitor finds it."""
        self.kiosk.desk.forget()
        self.kiosk.clear()
        self.kiosk.speak(self.kiosk.config.screen.language)
        self.go("main")

    def go(self, name: str) -> None:
        """Show a screen, whether or not a button leads to it now."""
        self.kiosk.go(name)
        self.kiosk.step(STEP)

    def pass_time(self, seconds: float) -> None:
        """Let the clock go on, picture by picture while something moves."""
        end = self.clock.now + seconds
        while (due := self.kiosk.screen.tick(self.clock.now)) is not None and due < end:
            self.clock.now = max(self.clock.now + STEP, due)
            self.kiosk.step(STEP)
        self.clock.now = end
        self.kiosk.step(STEP)

    def settle(self, seconds: float = 6.0) -> None:
        """Wait for what the worker has to do, and for what moves to rest: so long at most."""
        self.until(self._nothing_awaited)
        self.pass_time(seconds)
        self.until(self._nothing_awaited)

    def until(self, happened: Callable[[], bool]) -> bool:
        """Wait for something that does not hang on the clock, but not for ever; False when it has
        not happened."""
        end = time.monotonic() + PATIENCE
        self.kiosk.step(STEP)
        while not (came := happened()) and not self.is_leaving and time.monotonic() < end:
            self.kiosk.step(5 * STEP)
        self.kiosk.step(STEP)
        return came

    def _nothing_awaited(self) -> bool:
        return self.kiosk.settled and not self.kiosk.background.busy


@contextmanager
def stage(
    config: Config,
    recognizer: Recognizer,
    library: Library | None = None,
    asked: threading.Event | None = None,
    driver: str = "dummy",
) -> Iterator[Stage]:
    """A kiosk in memory, on mock pins, that keeps what it is taught only until it is closed.

    Args:
        library: the models to choose from; the shipped ones if None.
        asked: see :class:`Stage`.
        driver: see :func:`device.screen.display.off_screen`.

    Raises:
        ScreenError: no display can be opened.
    """
    clock = Clock()
    with off_screen(driver), tempfile.TemporaryDirectory(prefix="inkling-") as folder:
        config = configuration.changed(config, {"samples.folder": folder})
        with Lights.virtual(config.lights) as lights:
            kiosk = Kiosk(config, recognizer, lights, library=library, clock=clock)
            try:
                yield Stage(kiosk, clock, asked)
            finally:
                kiosk.close()
