"""Fingers and the mouse as one pointer, or two, each touch counted once.

On some systems a touch arrives as finger events alone, on others as a mouse event as well. SDL is
asked not to make one from the other, and a mouse event that says it came from a touch is dropped.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import pygame

STALE = 1.0
"""A finger silent for so long (seconds) gives way to the next one: its lift may have been lost,
or it is the ball of a hand that rests on the panel."""

Who = tuple[int, int] | str

_MOUSE = "mouse"
_ENDS = (pygame.WINDOWFOCUSLOST, pygame.WINDOWMINIMIZED, pygame.WINDOWHIDDEN)


@dataclass(frozen=True)
class Contact:
    """What a pointer did: pixels of the screen, and seconds on a clock of its own.

    ``finger`` is 0 for the one that draws, 1 for a second one that comes while it is down.
    """

    kind: Literal["down", "move", "up"]
    x: float
    y: float
    t: float
    finger: int = 0


class _Finger(NamedTuple):
    """A pointer that is down, and where and when it was seen last."""

    who: Who
    x: float
    y: float
    t: float


class Touch:
    """Follows the finger that draws, and one more beside it; others are ignored.

    Args:
        size: width and height of the screen, pixels, as a person sees it.
        rotation: by how much the picture is turned clockwise on the panel: 0, 90, 180 or 270
            degrees. Touches come from the panel, and are turned back.
        clock: seconds, ever growing.
    """

    def __init__(
        self,
        size: tuple[int, int],
        rotation: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.size = size
        self._rotation = rotation
        self._clock = clock
        self._fingers: list[_Finger | None] = [None, None]

    @property
    def panel(self) -> tuple[int, int]:
        """Width and height of the panel that the picture is turned on, pixels."""
        return self.size if self._rotation % 180 == 0 else self.size[::-1]

    def feed(self, event: pygame.event.Event) -> list[Contact]:
        """What one pygame event means; mostly one contact, or none."""
        if event.type in (pygame.FINGERDOWN, pygame.FINGERMOTION, pygame.FINGERUP):
            who = (event.touch_id, event.finger_id)
            kind = {pygame.FINGERDOWN: "down", pygame.FINGERMOTION: "move"}.get(event.type, "up")
            return self._follow(who, kind, *self._upright(event.x, event.y))
        if event.type in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP, pygame.MOUSEMOTION):
            return self._mouse(event)
        if event.type in _ENDS:
            return self._cancelled()
        return []

    def _upright(self, x: float, y: float) -> tuple[float, float]:
        """Shares of the panel's width and height, as pixels of the upright screen."""
        x, y = upright(x, y, self._rotation)
        return x * self.size[0], y * self.size[1]

    def _mouse(self, event: pygame.event.Event) -> list[Contact]:
        if getattr(event, "touch", False):
            return []
        width, height = self.panel
        # The middle of the pixel that the mouse points at, which every rotation keeps.
        x, y = self._upright((event.pos[0] + 0.5) / width, (event.pos[1] + 0.5) / height)
        x, y = x - 0.5, y - 0.5
        if event.type == pygame.MOUSEMOTION:
            first = self._fingers[0]
            if first is not None and first.who == _MOUSE and not event.buttons[0]:
                return self._cancelled()
            return self._follow(_MOUSE, "move", x, y)
        if event.button != 1:
            return []
        return self._follow(_MOUSE, "down" if event.type == pygame.MOUSEBUTTONDOWN else "up", x, y)

    def _follow(self, who: Who, kind: str, x: float, y: float) -> list[Contact]:
        now = self._clock()
        if kind == "down":
            return self._down(who, x, y, now)
        for number, finger in enumerate(self._fingers):
            if finger is not None and finger.who == who:
                if kind == "up":
                    self._fingers[number] = None
                else:
                    self._fingers[number] = _Finger(who, x, y, now)
                return [Contact("up" if kind == "up" else "move", x, y, now, number)]
        return []

    def _down(self, who: Who, x: float, y: float, now: float) -> list[Contact]:
        first, second = self._fingers
        ended: list[Contact] = []
        if first is not None and (who == first.who or now - first.t >= STALE):
            ended, first = self._cancelled(), None
        if first is None:
            number = 0
            if second is not None and second.who == who:
                self._fingers[1] = None
        elif (second is None or who == second.who or now - second.t >= STALE) and who != _MOUSE:
            number = 1
        else:
            return []
        self._fingers[number] = _Finger(who, x, y, now)
        return [*ended, Contact("down", x, y, now, number)]

    def _cancelled(self) -> list[Contact]:
        """The pointers are gone without saying so: they lift where they were seen last."""
        now = self._clock()
        lifted = [
            Contact("up", finger.x, finger.y, now, number)
            for number, finger in enumerate(self._fingers)
            if finger is not None
        ]
        self._fingers = [None, None]
        return lifted[::-1]


def upright(x: float, y: float, rotation: int) -> tuple[float, float]:
    """A place on the panel (shares of its width and height) on the picture that is turned
    clockwise on it by ``rotation`` degrees."""
    return {0: (x, y), 90: (y, 1 - x), 180: (1 - x, 1 - y), 270: (1 - y, x)}[rotation]


def on_panel(x: float, y: float, rotation: int) -> tuple[float, float]:
    """Where a place on the picture lies on the panel: what :func:`upright` undoes."""
    return {0: (x, y), 90: (1 - y, x), 180: (1 - x, 1 - y), 270: (y, 1 - x)}[rotation]
