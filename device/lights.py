"""The LEDs: accept, several, reject; one at a time, all off for a blank canvas and on every exit.

Pins are driven through gpiozero: by lgpio on a Raspberry Pi (the one library that works on all of
them), by gpiozero's own mock pins everywhere else, so that the same code runs.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable
from types import TracebackType
from typing import Any

from gpiozero import LED
from gpiozero.exc import BadPinFactory, GPIOZeroError, PinUnknownPi
from gpiozero.pins.mock import MockFactory

from device.config import LightsConfig
from device.errors import LightsError
from device.reading import Verdict

log = logging.getLogger(__name__)

NAMES = ("accept", "several", "reject")

SHOWN_BY = {Verdict.ACCEPTED: "accept", Verdict.SEVERAL: "several", Verdict.REJECTED: "reject"}
"""Which light stands for which verdict; a blank canvas has none."""


def open_factory() -> tuple[Any, str, str | None]:
    """The pin factory to use, its name, and why it is not the real one (None if it is).

    ``GPIOZERO_PIN_FACTORY=mock`` asks for mock pins; anything else means lgpio.
    """
    if os.environ.get("GPIOZERO_PIN_FACTORY") == "mock":
        return MockFactory(), "mock", "GPIOZERO_PIN_FACTORY=mock asks for it"
    # lgpio writes notification files into the working directory, which may be read-only.
    os.environ.setdefault("LG_WD", tempfile.gettempdir())
    try:
        import lgpio
        from gpiozero.pins.lgpio import LGPIOFactory
    except ImportError:
        return MockFactory(), "mock", "lgpio is not installed"
    try:
        return LGPIOFactory(), "lgpio", None
    except PinUnknownPi:
        return MockFactory(), "mock", "this is not a Raspberry Pi"
    except (BadPinFactory, OSError, lgpio.error) as error:
        return MockFactory(), "mock", f"the GPIO chip cannot be opened: {error}"


class Lights:
    """The lights as one device; use it as a context manager, or call :meth:`close`.

    A light that cannot be driven is left out with a line in the log; the others work on.

    Args:
        config: pins and polarity.
        pin_factory: a gpiozero pin factory; None for the one that fits this machine.
    """

    def __init__(self, config: LightsConfig, pin_factory: Any = None) -> None:
        self._leds: dict[str, LED] = {}
        self._told = dict.fromkeys(NAMES, False)
        self._unsure: set[str] = set()
        self._owns_factory = pin_factory is None
        reason = None
        if pin_factory is not None:
            self.factory = type(pin_factory).__name__.removesuffix("Factory").lower()
        else:
            pin_factory, self.factory, reason = open_factory()
        self.pin_factory = pin_factory
        if not config.enabled:
            log.info("lights: switched off in the configuration")
            return
        if reason:
            log.info("lights: mock pins, shown on screen only (%s)", reason)
        else:
            log.info("lights: driven by %s", self.factory)
        for name in NAMES:
            self._open(name, getattr(config, name), config.active_high)

    @classmethod
    def virtual(cls, config: LightsConfig) -> Lights:
        """Lights on mock pins, whatever the machine has."""
        return cls(config, MockFactory())

    def _open(self, name: str, pin: int, active_high: bool) -> None:
        if pin < 0:
            return
        try:
            self._leds[name] = LED(pin, active_high=active_high, pin_factory=self.pin_factory)
        except (GPIOZeroError, OSError, *_lgpio_errors()) as error:
            log.warning("lights: %s on GPIO %d cannot be driven: %s", name, pin, error)

    def show(self, verdict: Verdict) -> None:
        """Switch to the light of a verdict.

        The old light goes off before the new one comes on, so that never two are on. A light that
        refuses costs nobody but itself; it is tried again the next time.

        Raises:
            LightsError: a pin that worked before refuses now; the others show the verdict.
        """
        meant = SHOWN_BY.get(verdict)
        problems = []
        for name in sorted(NAMES, key=lambda name: name == meant):
            error = self._switch(name, name == meant)
            if error is not None:
                problems.append((name, error))
        if problems:
            names = " and ".join(name for name, _ in problems)
            error = problems[0][1]
            raise LightsError(f"the lights do not answer ({names}): {_words(error)}") from error

    def _switch(self, name: str, on: bool) -> Exception | None:
        """Tell one light's pin, unless it shows that already; what went wrong, if anything."""
        if self._told[name] == on and name not in self._unsure:
            return None
        led = self._leds.get(name)
        if led is not None:
            error = _attempt(led.on if on else led.off)
            if error is not None:
                self._unsure.add(name)
                return error
        self._unsure.discard(name)
        self._told[name] = on
        return None

    def states(self) -> dict[str, bool]:
        """What each pin was last told and obeyed; of lights that are not fitted, what they would
        show, for the screen."""
        return dict(self._told)

    def close(self) -> None:
        """All off, then give the pins back. May be called again."""
        for name, led in self._leds.items():
            for action in (led.off, led.close):
                error = _attempt(action)
                if error is not None:
                    log.warning("lights: %s cannot be switched off: %s", name, _words(error))
        self._leds.clear()
        self._unsure.clear()
        self._told = dict.fromkeys(NAMES, False)
        if self._owns_factory:
            error = _attempt(self.pin_factory.close)
            if error is not None:
                log.warning("lights: the pins cannot be given back: %s", _words(error))

    def __enter__(self) -> Lights:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _attempt(action: Callable[[], None]) -> Exception | None:
    """What goes wrong when this is done. Whatever it is, the other lights have their turn."""
    try:
        action()
    except Exception as error:
        return error
    return None


def _words(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _lgpio_errors() -> tuple[type[Exception], ...]:
    """lgpio's own exception, where lgpio is installed."""
    try:
        import lgpio
    except ImportError:
        return ()
    return (lgpio.error,)
