"""The LEDs: accept, several, reject; one at a time, all off for a blank canvas and on every exit.

Machines can read them, and the lines beside them (:mod:`device.outputs`). For every new answer the
order is: strobe off, lights off, digit lines set, light on, strobe on when all that has settled.
So never two lights are on, and the digit lines only change while no light is on.

Pins are driven through gpiozero: by lgpio on a Raspberry Pi (the one library that works on all of
them), by gpiozero's own mock pins everywhere else, so that the same code runs.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import tempfile
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TypeVar

from gpiozero import LED
from gpiozero.exc import BadPinFactory, GPIOZeroError, PinUnknownPi
from gpiozero.pins.mock import MockFactory, MockPin

from device.config import LightsConfig
from device.errors import InklingError, LightsError
from device.outputs import DigitDisplay, DigitLines, Strobe
from device.reading import Verdict
from device.settings import pin_numbers

log = logging.getLogger(__name__)

NAMES = ("accept", "several", "reject")

AGAIN = 0.2
"""In how many seconds lights that refuse are tried again."""

T = TypeVar("T")

SHOWN_BY = {Verdict.ACCEPTED: "accept", Verdict.SEVERAL: "several", Verdict.REJECTED: "reject"}
"""Which light stands for which verdict; a blank canvas has none."""


class BriefPin(MockPin):  # type: ignore[misc]
    """A mock pin that remembers its last states alone: gpiozero's remembers all, and a kiosk
    without pins has visitors for years."""

    KEPT = 100

    states: deque[Any]

    def clear_states(self) -> None:
        super().clear_states()
        self.states = deque(self.states, maxlen=self.KEPT)


def stand_in() -> MockFactory:
    """What stands in for the pins of a machine that has none."""
    return MockFactory(pin_class=BriefPin)


def open_factory() -> tuple[Any, str, str | None]:
    """The pin factory to use, its name, and why it is not the real one (None if it is).

    ``GPIOZERO_PIN_FACTORY=mock`` asks for mock pins; anything else means lgpio.
    """
    if os.environ.get("GPIOZERO_PIN_FACTORY") == "mock":
        return stand_in(), "mock", "GPIOZERO_PIN_FACTORY=mock asks for it"
    # lgpio writes notification files into the working directory, which may be read-only.
    if "LG_WD" not in os.environ:
        with contextlib.suppress(FileNotFoundError):  # nothing is writable: then lgpio says so
            os.environ["LG_WD"] = tempfile.gettempdir()
    try:
        import lgpio
        from gpiozero.pins.lgpio import LGPIOFactory
    except ImportError:
        return stand_in(), "mock", "lgpio is not installed"
    try:
        return LGPIOFactory(), "lgpio", None
    except PinUnknownPi:
        return stand_in(), "mock", "this is not a Raspberry Pi"
    except (BadPinFactory, OSError, lgpio.error) as error:
        return stand_in(), "mock", f"the GPIO chip cannot be opened: {error}"


def driver_errors() -> tuple[type[Exception], ...]:
    """What lgpio raises beside OSError, where it is installed."""
    try:
        import lgpio
    except ImportError:
        return ()
    return (lgpio.error,)


class _Answer(NamedTuple):
    """What the lights say: the name of one, or None, and the digit of an accepted drawing."""

    light: str | None = None
    digit: int | None = None


class Lights:
    """The lights as one device; use it as a context manager, or call :meth:`close`.

    A light that cannot be driven from the start is left out with a line in the log; the others
    work on.

    Args:
        config: pins, polarity and timing.
        pin_factory: a gpiozero pin factory; None for the one that fits this machine.
        clock: seconds, ever growing.
    """

    def __init__(
        self,
        config: LightsConfig,
        pin_factory: Any = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hold = config.hold_seconds
        self._clock = clock
        self._leds: dict[str, LED] = {}
        self._told = dict.fromkeys(NAMES, False)
        self._unsure: set[str] = set()
        self._meant = _Answer()
        self._shown: _Answer | None = self._meant
        self._until = math.inf
        self._strobe: Strobe | None = None
        self._lines: DigitLines | None = None
        self._display: DigitDisplay | None = None
        self._displayed: int | None = None
        self._display_unsure = False
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
        self._open(config)

    @classmethod
    def virtual(cls, config: LightsConfig) -> Lights:
        """Lights on mock pins, whatever the machine has."""
        return cls(config, stand_in())

    def _open(self, config: LightsConfig) -> None:
        level = {"active_high": config.active_high, "pin_factory": self.pin_factory}
        for name in NAMES:
            pin = getattr(config, name)
            led = _fitted(f"{name} on GPIO {pin}", pin, partial(LED, **level))
            if led is not None:
                self._leds[name] = led
        strobe = partial(Strobe, seconds=config.strobe_ms / 1000, clock=self._clock, **level)
        self._strobe = _fitted(f"the strobe on GPIO {config.strobe}", config.strobe, strobe)
        lines = partial(DigitLines, **level)
        self._lines = _fitted(f"digit lines on GPIO {config.bcd}", config.bcd, lines)
        display = partial(
            DigitDisplay, common_anode=config.common_anode, pin_factory=self.pin_factory
        )
        segments = config.segments
        self._display = _fitted(f"seven segments on GPIO {segments}", segments, display)

    def show(self, verdict: Verdict, digit: int | None = None) -> None:
        """Say a verdict, and the digit of a drawing that is accepted.

        It is held until the next call, or for the time that is set.

        Raises:
            LightsError: a pin that worked before refuses now. Nothing comes on before everything
                that has to go off is off, nor after something that did not come on; :meth:`tick`
                tries again.
        """
        light = SHOWN_BY.get(verdict)
        self._meant = _Answer(light, digit if verdict is Verdict.ACCEPTED else None)
        self._until = self._clock() + self._hold if self._hold and light else math.inf
        self._settle()
        self._display_digit()

    def blink(self, seconds: float) -> None:
        """Have the red light go on and off, each for this long, until :meth:`close`; nothing else
        comes on, and no answer is said."""
        led = self._leds.get("reject")
        if led is not None:
            led.blink(seconds, seconds)

    def tick(self) -> float:
        """Do what is due by now: a strobe, the end of a held light, another try.

        Returns:
            how long until something is due, seconds; infinity for never.

        Raises:
            LightsError: as for :meth:`show`.
        """
        if self._clock() >= self._until:
            self._meant, self._until = _Answer(), math.inf
        self._settle()
        due = self._until - self._clock()
        if self._strobe is not None:
            try:
                strobe_due = self._strobe.tick()
            except Exception as error:  # whatever a pin driver raises
                raise _refusal([("strobe", error)]) from error
            if strobe_due < math.inf:
                return max(0.0, min(due, strobe_due))
        self._display_digit()
        return max(0.0, due)

    def _settle(self) -> None:
        """Bring the pins to what is meant, if they are not there."""
        before, meant = self._shown, self._meant
        if before == meant:
            return
        self._shown = None
        stays = self._lines is None or (before is not None and before.digit == meant.digit)
        self._break(meant.light if stays else None)
        problems = self._make(meant)
        if problems:
            raise _refusal(problems)
        self._shown = meant

    def _display_digit(self) -> None:
        """The seven segments, unless they show it. For people, and slow: last, so that no line and
        no strobe waits for them when they refuse."""
        digit = self._meant.digit
        if self._display is None or (self._displayed == digit and not self._display_unsure):
            return
        problems = _tried("seven segments", partial(self._display.show, digit))
        self._display_unsure = bool(problems)
        if problems:
            raise _refusal(problems)
        self._displayed = digit

    def _break(self, stays: str | None) -> None:
        """Off with everything but the light that stays on."""
        problems = []
        if self._strobe is not None:
            problems += _tried("strobe", self._strobe.drop)
        for name in NAMES:
            if name != stays:
                problems += self._switch(name, False)
        if problems:
            if self._lines is not None:
                # A light that is on and should not be has no digit.
                problems += _tried("digit lines", partial(self._lines.show, None))
            raise _refusal(problems)

    def _make(self, meant: _Answer) -> list[tuple[str, Exception]]:
        """On with what is meant, as far as nothing goes wrong."""
        problems = []
        if self._lines is not None:
            problems = _tried("digit lines", partial(self._lines.show, meant.digit))
        if meant.light is not None and not problems:
            problems = self._switch(meant.light, True)
            if self._strobe is not None and not problems:
                self._strobe.arm()
        return problems

    def _switch(self, name: str, on: bool) -> list[tuple[str, Exception]]:
        """Tell one light's pin, unless it shows that already; what went wrong, if anything."""
        if self._told[name] == on and name not in self._unsure:
            return []
        led = self._leds.get(name)
        if led is not None:
            problems = _tried(name, led.on if on else led.off)
            if problems:
                self._unsure.add(name)
                return problems
        self._unsure.discard(name)
        self._told[name] = on
        return []

    def states(self) -> dict[str, bool]:
        """What each pin was last told and obeyed; of lights that are not fitted, what they would
        show, for the screen."""
        return dict(self._told)

    def close(self) -> None:
        """All off, then give the pins back. May be called again."""
        outputs = (("strobe", self._strobe), *self._leds.items(), ("digit lines", self._lines))
        for name, output in (*outputs, ("seven segments", self._display)):
            if output is None:
                continue
            actions = (output.off, output.close) if isinstance(output, LED) else (output.close,)
            for action in actions:
                for _, error in _tried(name, action):
                    log.warning("lights: %s cannot be switched off: %s", name, _words(error))
        self._strobe = self._lines = self._display = None
        self._leds.clear()
        self._unsure.clear()
        self._displayed, self._display_unsure = None, False
        self._told = dict.fromkeys(NAMES, False)
        self._meant = self._shown = _Answer()
        self._until = math.inf
        if self._owns_factory:
            for _, error in _tried("pins", self.pin_factory.close):
                log.warning("lights: the pins cannot be given back: %s", _words(error))

    def __enter__(self) -> Lights:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _fitted(what: str, pins: int | str, make: Callable[..., T]) -> T | None:
    """What is on these pins of the configuration; None when there is nothing, or it cannot be
    driven."""
    numbers = pin_numbers(pins)
    if not numbers:
        return None
    try:
        return make(numbers if isinstance(pins, str) else numbers[0])
    except (GPIOZeroError, OSError, *driver_errors()) as error:
        log.warning("lights: %s cannot be driven: %s", what, error)
    return None


def _tried(name: str, action: Callable[[], None]) -> list[tuple[str, Exception]]:
    """Do this; what goes wrong, if anything. Whatever it is, the others have their turn."""
    try:
        action()
    except Exception as error:
        return [(name, error)]
    return []


def _refusal(problems: list[tuple[str, Exception]]) -> LightsError:
    names = " and ".join(name for name, _ in problems)
    return LightsError(f"the lights do not answer ({names}): {_words(problems[0][1])}")


def _words(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


class SteadyLights:
    """Lights that may fail without anybody stopping for it: they are one output of several.

    What they refuse is logged once, until they answer again.

    Attributes:
        trouble: what they refused last, one line; None when they answer.
    """

    def __init__(self, lights: Lights) -> None:
        self._lights = lights
        self._troubles: set[str] = set()
        self.trouble: str | None = None

    def show(self, verdict: Verdict, digit: int | None = None) -> None:
        """As :meth:`Lights.show`."""
        self._tried("show", lambda: self._lights.show(verdict, digit))

    def tick(self) -> float:
        """As :meth:`Lights.tick`."""
        due = self._tried("show", self._lights.tick)
        return AGAIN if due is None else due

    def states(self) -> dict[str, bool]:
        """As :meth:`Lights.states`; empty when nobody knows."""
        return self._tried("states", self._lights.states) or {}

    def close(self) -> None:
        """All off, and the pins given back."""
        self.show(Verdict.BLANK)
        self._lights.close()

    def _tried(self, what: str, action: Callable[[], T]) -> T | None:
        try:
            answer = action()
        except Exception as error:  # whatever a pin driver does, the screen still answers
            self.trouble = str(error) or "the lights do not answer"
            if what not in self._troubles:
                self._troubles.add(what)
                expected = isinstance(error, InklingError)
                log.error("the lights failed: %s", error, exc_info=None if expected else error)
            return None
        if what in self._troubles:
            self._troubles.discard(what)
            log.info("the lights answer again")
        if not self._troubles:
            self.trouble = None
        return answer
