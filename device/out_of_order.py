"""``inkling out-of-order``: what is shown in the kiosk's place once it has failed for good.

A plain screen and a blinking red light, made of as little as can be, because anything of the kiosk
may be what is broken: no model is opened, and whatever of screen, light and configuration fails is
done without.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from device.config import Config, load_config
from device.errors import InklingError
from device.language import N_, tr
from device.signals import asked_to_stop

log = logging.getLogger(__name__)

BLINK = 0.5
"""Seconds that the light is on, and then off."""

SENTENCE = N_("Out of order")

ADVICE = "journalctl -u inkling -u inkling-headless"
"""For who looks after it; small, and the same in every language."""


def run(configuration: Callable[[], Config]) -> int:
    """Show it until told to stop; returns the exit status.

    Args:
        configuration: loads the configuration. Where that fails, the defaults stand in for it.
    """
    try:
        config = configuration()
    except InklingError as error:
        log.error("%s; the default pins and screen are used", error)
        config = load_config(None, None, Path("/nonexistent/inkling.toml"))
    with asked_to_stop() as asked, contextlib.ExitStack() as shown:
        for part in (_light, _screen):
            try:
                shown.enter_context(part(config))
            except Exception as error:  # whatever it is, the other part is all the more needed
                log.error("out of order, and without its %s: %s", part.__name__[1:], error)
        asked.wait()
    return 0


@contextlib.contextmanager
def _light(config: Config) -> Iterator[None]:
    """The red light, blinking. All other outputs are held off: whatever the kiosk has left on them,
    a machine must not take it for an answer."""
    from device.lights import Lights

    with Lights(config.lights) as lights:
        lights.blink(BLINK)
        yield


@contextlib.contextmanager
def _screen(config: Config) -> Iterator[None]:
    """A sign, a sentence, and where to look for the reason."""
    import pygame

    from device.screen import shapes, theme
    from device.screen.display import close_display, open_display

    display = open_display(config.screen)
    try:
        theme.speak(config.screen.language)
        surface = display.surface
        width, height = surface.get_size()
        unit = min(width, height) // 12
        sign = width // 2, 4 * unit
        surface.fill(theme.GROUND)
        pygame.draw.circle(surface, theme.REJECT, sign, 2 * unit)
        bar = pygame.Rect(0, 0, 5 * unit // 2, unit // 2)
        bar.center = sign
        surface.fill(theme.GROUND, bar)
        for words, size, colour, middle in (
            (tr(SENTENCE), 3 * unit // 2, theme.TEXT, 8 * unit),
            (ADVICE, unit // 2, theme.MUTED, 10 * unit),
        ):
            words, size = shapes.fitting(words, 9 * width // 10, size, False)
            made = shapes.text(words, size, colour, theme.GROUND, False)
            surface.blit(made, made.get_rect(center=(width // 2, middle)))
        display.show([surface.get_rect()])
        log.info("screen: %s", display)
        yield
    finally:
        close_display()
