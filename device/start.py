"""A start without the garbage collector: it makes much and drops next to nothing.

Searching what has just been made for garbage, again and again while it grows, takes time until the
first reading. What a start has made stays until the end, so the collector need not look at it later
either, when it would hold up a picture.
"""

from __future__ import annotations

import gc


def begin() -> None:
    """A process starts that will run for long; say :func:`done` before its main loop."""
    gc.disable()


def done() -> None:
    """All is there: from here on garbage is collected, where :func:`begin` has put it off."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
