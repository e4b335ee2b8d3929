"""What has happened and is answered in turn, so much at a time."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator

import pygame

from device.screen.sleep import Sleep

MOST_EVENTS = 256
"""How many events are answered in one go at most..."""

MOST_WORK = 0.01
"""... and for how long (seconds): touches that come faster than that must not stop the rest."""


class Backlog:
    """The events that SDL has brought and nobody has answered yet.

    Args:
        sleep: how the next ones are waited for.
    """

    def __init__(self, sleep: Sleep) -> None:
        self._sleep = sleep
        self._events: deque[pygame.event.Event] = deque()

    def __bool__(self) -> bool:
        return bool(self._events)

    def wait(self, timeout: float) -> None:
        """Wait up to ``timeout`` seconds for something to happen, if nothing waits already."""
        if not self._events:
            self._events.extend(self._sleep.events(timeout))

    def some(self) -> Iterator[pygame.event.Event]:
        """The next events, as many as can be answered in one go."""
        end = time.monotonic() + MOST_WORK
        for _ in range(min(MOST_EVENTS, len(self._events))):
            yield self._events.popleft()
            if time.monotonic() > end:
                break
