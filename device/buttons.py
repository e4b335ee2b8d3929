"""Push buttons on the GPIO header: Predict and Clear, each between its pin and ground."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from gpiozero import Button
from gpiozero.exc import GPIOZeroError

from device.config import ButtonsConfig
from device.lights import driver_errors

log = logging.getLogger(__name__)

NAMES = ("predict", "clear")

BOUNCE = 0.02
"""For so long (seconds) a contact may bounce before it counts as pressed."""


class Buttons:
    """The buttons as one device; use it as a context manager, or call :meth:`close`.

    A button whose pin cannot be used is left out with a line in the log.

    Args:
        config: which pins; the chip's own pull-ups hold them high.
        pressed: called with ``"predict"`` or ``"clear"``, on a thread of the pin driver: it must
            do no more than tell the main thread.
        pin_factory: a gpiozero pin factory, the one of the lights.
    """

    def __init__(
        self, config: ButtonsConfig, pressed: Callable[[str], None], pin_factory: Any
    ) -> None:
        self._buttons: list[Button] = []
        for name in NAMES:
            pin = getattr(config, name)
            if pin < 0:
                continue
            try:
                button = Button(pin, pull_up=True, bounce_time=BOUNCE, pin_factory=pin_factory)
                self._buttons.append(button)
                button.when_pressed = partial(pressed, name)
            except (GPIOZeroError, OSError, *driver_errors()) as error:
                log.warning("buttons: %s on GPIO %d cannot be used: %s", name, pin, error)

    def close(self) -> None:
        """No press is heard any more, and the pins are given back. May be called again."""
        for button in self._buttons:
            try:
                button.close()
            except Exception as error:  # whatever the pin driver raises, the next one has its turn
                log.warning("buttons: a pin cannot be given back: %s", error)
        self._buttons.clear()

    def __enter__(self) -> Buttons:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
