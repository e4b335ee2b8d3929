"""A start without the garbage collector, and memory that goes back to the system afterwards.

A start makes much and drops next to nothing. Searching what has just been made for garbage, again
and again while it grows, takes time until the first reading. What a start has made stays until the
end, so the collector need not look at it later either, when it would hold up a picture.
"""

from __future__ import annotations

import gc
import sys
from functools import lru_cache
from typing import Any

_PR_SET_THP_DISABLE = 41
"""prctl(2): no transparent huge pages for this process."""


def begin() -> None:
    """A process starts that will run for long; say :func:`done` once it can do its work."""
    gc.disable()


def done() -> None:
    """All is there: from here on garbage is collected, where :func:`begin` has put it off, and what
    the start needed for a moment only (fonts, files) goes back to the system."""
    if gc.isenabled():
        return
    gc.freeze()
    gc.enable()
    give_back()
    if sys.platform == "linux":
        # Where the kernel hands out memory by 2 MB, each corner that is written to takes so much,
        # and for weeks a program grows that only moves about in what it has.
        _c_library().prctl(_PR_SET_THP_DISABLE, 1, 0, 0, 0)


def give_back() -> None:
    """Memory that was needed for a moment goes back to the system: the C library keeps what is
    freed below what is not. Takes less than a millisecond; not every C library can do it."""
    if sys.platform == "linux":
        trim = getattr(_c_library(), "malloc_trim", None)
        if trim is not None:
            trim(0)


@lru_cache(maxsize=1)
def _c_library() -> Any:
    import ctypes  # numpy has it loaded by now

    return ctypes.CDLL(None)
