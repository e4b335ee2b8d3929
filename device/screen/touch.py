"""Fingers and the mouse as one pointer, each touch counted once.

On some systems a touch arrives as finger events alone, on others as a mouse event as well. SDL is
asked not to make one from the other, and a mouse event that says it came from a touch is dropped.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pygame

STALE = 1.0
"""A finger silent for so long (seconds) gives way to the next one: its lift may have been lost,
or it is the ball of a hand that rests on the panel."""

_MOUSE = "mouse"
_ENDS = (pygame.WINDOWFOCUSLOST, pygame.WINDOWMINIMIZED, pygame.WINDOWHIDDEN)


@dataclass(frozen=True)
class Contact:
    """What the pointer did: window pixels, and seconds on a clock of its own."""

    kind: Literal["down", "move", "up"]
    x: float
    y: float
    t: float


def quiet_hints() -> None:
    """Ask SDL, before it starts, to make no mouse events from touches and the other way round."""
    os.environ.setdefault("SDL_TOUCH_MOUSE_EVENTS", "0")
    os.environ.setdefault("SDL_MOUSE_TOUCH_EVENTS", "0")


class Touch:
    """Follows the one finger that draws; others are ignored until it lifts.

    Args:
        size: width and height of the window, pixels.
        clock: seconds, ever growing.
    """

    def __init__(self, size: tuple[int, int], clock: Callable[[], float] = time.monotonic) -> None:
        self.size = size
        self._clock = clock
        self._active: tuple[int, int] | str | None = None
        self._last = Contact("up", 0.0, 0.0, 0.0)

    def feed(self, event: pygame.event.Event) -> list[Contact]:
        """What one pygame event means; mostly one contact, or none."""
        if event.type in (pygame.FINGERDOWN, pygame.FINGERMOTION, pygame.FINGERUP):
            who = (event.touch_id, event.finger_id)
            x, y = event.x * self.size[0], event.y * self.size[1]
            kind = {pygame.FINGERDOWN: "down", pygame.FINGERMOTION: "move"}.get(event.type, "up")
            return self._follow(who, kind, x, y)
        if event.type in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP, pygame.MOUSEMOTION):
            return self._mouse(event)
        if event.type in _ENDS:
            return self._cancelled()
        return []

    def _mouse(self, event: pygame.event.Event) -> list[Contact]:
        if getattr(event, "touch", False):
            return []
        x, y = event.pos
        if event.type == pygame.MOUSEMOTION:
            if self._active == _MOUSE and not event.buttons[0]:
                return self._cancelled()
            return self._follow(_MOUSE, "move", x, y)
        if event.button != 1:
            return []
        return self._follow(_MOUSE, "down" if event.type == pygame.MOUSEBUTTONDOWN else "up", x, y)

    def _follow(self, who: tuple[int, int] | str, kind: str, x: float, y: float) -> list[Contact]:
        now = self._clock()
        if kind == "down":
            silent = now - self._last.t
            if self._active is not None and self._active != who and silent < STALE:
                return []
            ended = self._cancelled()
            self._active = who
            self._last = Contact("down", x, y, now)
            return [*ended, self._last]
        if who != self._active:
            return []
        if kind == "up":
            self._active = None
        self._last = Contact("up" if kind == "up" else "move", x, y, now)
        return [self._last]

    def _cancelled(self) -> list[Contact]:
        """The pointer is gone without saying so: it lifts where it was seen last."""
        if self._active is None:
            return []
        self._active = None
        return [Contact("up", self._last.x, self._last.y, self._clock())]
