"""What has happened and is answered in turn, so much at a time."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator

import pygame

MOST_EVENTS = 256
"""How many events are answered in one go at most..."""

MOST_WORK = 0.01
"""... and for how long (seconds): touches that come faster than that must not stop the rest."""


class Backlog:
    """The events that SDL has brought and nobody has answered yet."""

    def __init__(self) -> None:
        self._events: deque[pygame.event.Event] = deque()

    def __bool__(self) -> bool:
        return bool(self._events)

    def wait(self, timeout: float) -> None:
        """Wait up to ``timeout`` seconds for something to happen, if nothing waits already."""
        if not self._events:
            event = pygame.event.wait(max(1, round(timeout * 1000)))
            if event.type != pygame.NOEVENT:
                self._events.append(event)
            self._events.extend(pygame.event.get())

    def some(self) -> Iterator[pygame.event.Event]:
        """The next events, as many as can be answered in one go."""
        end = time.monotonic() + MOST_WORK
        for _ in range(min(MOST_EVENTS, len(self._events))):
            yield self._events.popleft()
            if time.monotonic() > end:
                break
