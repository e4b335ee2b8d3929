"""What stands beside the lights on the GPIO header: a strobe and the digit in binary for machines,
a seven-segment digit for people.

Each opens its pins when it is made, and raises whatever gpiozero or its pin driver raises.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

from gpiozero import LED, LEDBoard, LEDCharDisplay

NO_DIGIT = 15
"""What the four digit lines say when there is no digit."""


class Strobe:
    """A line that comes on a while after it was armed, stays on for as long, and goes off.

    Nothing happens by itself: :meth:`tick` does what is due, so that a strobe is never early and
    never shorter than it should be; it is longer where somebody is late.

    Args:
        pin: BCM number.
        seconds: how long it waits, and how long it is on.
        clock: seconds, ever growing.
    """

    def __init__(
        self,
        pin: int,
        seconds: float,
        *,
        active_high: bool = True,
        pin_factory: Any = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._rises = self._falls = math.inf
        self._line = LED(pin, active_high=active_high, pin_factory=pin_factory)

    def arm(self) -> None:
        """Everything else has settled now."""
        self._rises = self._clock() + self._seconds

    def drop(self) -> None:
        """Something else is about to change: off at once, and not on before it is armed again."""
        self._rises = math.inf
        if self._line.is_lit:
            self._line.off()
        self._falls = math.inf

    def tick(self) -> float:
        """Do what is due; returns how long until something is, seconds (infinity for never)."""
        if self._clock() >= self._rises:
            self._line.on()
            self._rises, self._falls = math.inf, self._clock() + self._seconds
        elif self._clock() >= self._falls:
            self._line.off()
            self._falls = math.inf
        return max(0.0, min(self._rises, self._falls) - self._clock())

    def close(self) -> None:
        """Off, and the pin given back."""
        try:
            self._line.off()
        finally:
            self._line.close()


class DigitLines:
    """A digit in binary on four lines, of which a machine reads all at once.

    Args:
        pins: BCM numbers of the lines that count 1, 2, 4 and 8.
    """

    def __init__(
        self, pins: Sequence[int], *, active_high: bool = True, pin_factory: Any = None
    ) -> None:
        self._lines = LEDBoard(
            *pins, active_high=active_high, initial_value=True, pin_factory=pin_factory
        )

    def show(self, digit: int | None) -> None:
        """Set the lines, one after the other, to a digit, or to :data:`NO_DIGIT` for None."""
        number = NO_DIGIT if digit is None else digit
        self._lines.value = tuple(number >> bit & 1 for bit in range(4))

    def close(self) -> None:
        """No digit, and the pins given back."""
        try:
            self.show(None)
        finally:
            self._lines.close()


class DigitDisplay:
    """A seven-segment digit.

    Args:
        pins: BCM numbers of the segments a to g.
        common_anode: a segment is lit by a pin that is low.
    """

    def __init__(
        self, pins: Sequence[int], *, common_anode: bool = False, pin_factory: Any = None
    ) -> None:
        self._display = LEDCharDisplay(*pins, active_high=not common_anode, pin_factory=pin_factory)

    def show(self, digit: int | None) -> None:
        """Show a digit; nothing for None."""
        self._display.value = " " if digit is None else str(digit)

    def close(self) -> None:
        """Dark, and the pins given back."""
        try:
            self.show(None)
        finally:
            self._display.close()
