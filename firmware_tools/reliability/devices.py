"""Devices that refuse or are gone: pins, the GPIO chip, the touch panel."""

from __future__ import annotations

import contextlib
import errno
import functools
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pygame
from gpiozero.pins.mock import MockFactory, MockPin

from device import lights
from device.config import Config, load_config
from device.demo import post_finger
from device.ink import Ink
from device.library import Library
from device.reading import Verdict
from device.recognizer import Recognizer
from device.screen.touch import STALE
from device.session import session
from device.stage import STEP, Stage, stage
from firmware_tools.progress import bar
from firmware_tools.reliability.findings import Finding, counted, silence
from firmware_tools.reliability.processes import BrokenPromise, own_state
from firmware_tools.reliability.visitors import EVERY, touches

REASONS = (errno.EBUSY, errno.ENODEV, errno.EREMOTEIO, errno.EPERM)
"""How a pin refuses."""

EXPECTED = {verdict: [name] for verdict, name in lights.SHOWN_BY.items()}
"""The lights that are on, by verdict; none where there is none."""


class StubbornPin(MockPin):  # type: ignore[misc]
    """A pin that refuses to be written to, more or less often.

    Attributes:
        share: how often, 0 for never.
        luck: says when.
        refused: how often it has.
    """

    share = 0.0
    luck = random.Random(1)
    refused = 0

    def _set_state(self, value: Any) -> None:
        if StubbornPin.luck.random() < StubbornPin.share:
            StubbornPin.refused += 1
            reason = StubbornPin.luck.choice(REASONS)
            raise OSError(reason, "the trial says no")
        super()._set_state(value)


def devices(seed: int, times: int) -> Iterator[Finding]:
    """Refusals and devices that are gone, each so often."""
    config = load_config(None, {"screen": {"size": "800x480"}, "kiosk": {"idle_seconds": 0}})
    with silence(), own_state():
        with _stage(config, seed) as made:
            yield _refusing(made, times)
        for share, what in ((1.0, "is gone"), (0.5, "cannot be claimed, pin by pin")):
            yield _gone(config, seed, share, what, max(1, times // 10))
        with _stage(config, seed) as made:
            yield _touch_gone(made, random.Random(seed), times // 2)


@contextlib.contextmanager
def _stage(config: Config, seed: int, share: float = 0.0) -> Iterator[Stage]:
    """A kiosk on stubborn pins."""
    StubbornPin.share, StubbornPin.refused = share, 0
    StubbornPin.luck = random.Random(seed)
    factory = functools.partial(MockFactory, pin_class=StubbornPin)
    library = Library()
    try:
        with (
            mock.patch.object(lights, "MockFactory", factory),
            stage(config, Recognizer(library), library) as made,
        ):
            yield made
    finally:
        StubbornPin.share = 0.0


def _draw(made: Stage, ink: Ink) -> Verdict:
    """Draw something on a clear canvas; returns its verdict.

    Raises:
        BrokenPromise: there is none.
    """
    made.tap("clear")
    for number, (kind, x, y) in enumerate(touches(ink, 8)):
        post_finger(made.kiosk, kind, *made.kiosk.screen.to_window(x, y))
        if number % EVERY == 0:
            made.kiosk.step(STEP)
    if not made.until(lambda: made.kiosk.settled):
        raise BrokenPromise("the screen does not answer")
    return made.kiosk.reading.verdict


def _refusing(made: Stage, times: int) -> Finding:
    """Pins refuse now and then; when they do not, the lights are right."""
    drawings, right = session(), 0
    for turn in bar(range(times), "pins that refuse", times):
        drawing = drawings[turn % len(drawings)]
        StubbornPin.share = 0.3
        verdict = _draw(made, drawing.ink)
        StubbornPin.share = 0.0
        made.kiosk.step(STEP)
        on = [name for name, is_on in made.kiosk.lights().items() if is_on]
        if on != EXPECTED.get(verdict, []):
            raise BrokenPromise(f"{drawing.name} is {verdict.value}, but {on} are on")
        right += 1
    return Finding(
        f"pins that refuse a third of all writes; {StubbornPin.refused:,} refusals",
        times,
        f"read and shown {right:,}; the right light on as soon as the pins obeyed {right:,}",
    )


def _gone(config: Config, seed: int, share: float, what: str, times: int) -> Finding:
    """The chip refuses from the start, or from the middle of a drawing on, for good."""
    outcomes: Counter[str] = Counter()
    for turn in bar(range(times), f"the GPIO chip {what}", times):
        with _stage(config, seed + turn, share if turn % 2 else 0.0) as made:
            if turn % 2 == 0:
                _draw(made, session()[3].ink)
                StubbornPin.share = share
            verdict = _draw(made, session()[4].ink)
            if verdict is not Verdict.ACCEPTED or made.kiosk.reading.digit != 4:
                raise BrokenPromise(f"a 4 is {verdict.value}")
            outcomes["noticed" if made.kiosk.notice else "left out, said in the log"] += 1
    return Finding(
        f"the GPIO chip {what}, from the start or in the middle of a run",
        times,
        f"reading went on; {counted(outcomes)}",
    )


def _touch_gone(made: Stage, luck: random.Random, times: int) -> Finding:
    """A panel goes in the middle of a stroke, and comes back as another device."""
    kiosk, right = made.kiosk, 0
    digits = [drawing for drawing in session() if drawing.name.isdigit()]
    for turn in bar(range(times), "a touch panel that goes", times):
        lost = list(touches(luck.choice(digits).ink))
        for kind, x, y in lost[: luck.randint(1, len(lost) - 1)]:
            place = kiosk.screen.to_window(x, y)
            share = place[0] / kiosk.surface.get_width(), place[1] / kiosk.surface.get_height()
            event = {"x": share[0], "y": share[1], "touch_id": 100 + turn, "finger_id": turn}
            pygame.event.post(pygame.event.Event(kind, event))
            kiosk.step(STEP)
        made.clock.now += luck.uniform(STALE, 5)
        drawing = luck.choice(digits)
        verdict = _draw(made, drawing.ink)
        if verdict is not Verdict.ACCEPTED or str(kiosk.reading.digit) != drawing.name:
            raise BrokenPromise(f"{drawing.name} is {verdict.value} after the panel was gone")
        right += 1
    return Finding(
        "a touch panel that goes in the middle of a stroke, and comes back as another device",
        times,
        f"the next drawing read right {right:,}",
    )
