"""A pen on a digitiser, where there is no screen; what the journal says of its drawings."""

from __future__ import annotations

import pygame
from kiosks import finger, until


def down(x=0.3, y=0.3, number=1):
    pygame.event.post(finger(pygame.FINGERDOWN, x, y, number))


def move(x, y, number=1):
    pygame.event.post(finger(pygame.FINGERMOTION, x, y, number))


def up(x=0.5, y=0.7, number=1):
    pygame.event.post(finger(pygame.FINGERUP, x, y, number))


def stroke(app, *path):
    """A stroke on the digitiser, in shares of its width and height."""
    start, *rest = path or ((0.3, 0.3), (0.4, 0.5), (0.5, 0.7))
    down(*start)
    for place in rest:
        move(*place)
    up(*(rest or [start])[-1])
    app.step(0.001)


def finish(app, clock):
    """The pen stays up, and the drawing has been read."""
    clock.time += 1.1
    app.step(0.001)
    until(app, lambda: app.settled)


def told(caplog):
    return [r.getMessage().split(":")[0] for r in caplog.records if "," in r.getMessage()]
