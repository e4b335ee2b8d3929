"""Work with a disk, which may take its time: done one thing after the other on its own thread.

What was asked for is done even when its screen has gone, so that no drawing is lost; only nobody
hears of it then. It does not stand in the way of readings.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from device.errors import InklingError
from device.language import tr

log = logging.getLogger(__name__)

T = TypeVar("T")

EVERY = 0.05
"""How often (seconds) to look for what is done."""


class Chores:
    """The disk work of one screen, whose ``tick`` calls :meth:`tick`."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "disk")
        self._closed = False
        self._waiting: deque[tuple[Future[Any], Callable[[Any], None], Callable[[str], None]]] = (
            deque()
        )

    @property
    def busy(self) -> bool:
        """Whether something is not done yet, or has not been delivered."""
        return bool(self._waiting)

    def do(
        self, job: Callable[[], T], deliver: Callable[[T], None], failed: Callable[[str], None]
    ) -> None:
        """Do a job after those before it, and never wait for it.

        Args:
            job: called on the other thread.
            deliver: called with its result from :meth:`tick`.
            failed: called from :meth:`tick` with one line about what went wrong.
        """
        self._waiting.append((self._pool.submit(_logged, job), deliver, failed))

    def tick(self, now: float) -> float | None:
        """Deliver what is done; returns when to look again, None when there is nothing left."""
        while self._waiting and self._waiting[0][0].done():
            future, deliver, failed = self._waiting.popleft()
            error = future.exception()
            if error is None:
                deliver(future.result())
            else:
                failed(" ".join(str(error).split()) or type(error).__name__)
        return now + EVERY if self._waiting else None

    def close(self, last: Callable[[], object]) -> None:
        """Do one thing more after all others, and nothing after it; nothing is delivered. May be
        called again."""
        if self._closed:
            return
        self._closed = True
        self._pool.submit(_logged, last)
        self._pool.shutdown(wait=False)
        self._waiting.clear()


def _logged(job: Callable[[], T]) -> T:
    """Whatever goes wrong is in the log, also when nobody is there to be told."""
    try:
        return job()
    except InklingError as error:
        log.error("%s", error)
        raise
    except Exception:
        log.exception("disk work failed")
        raise


def room(free: int) -> str:
    """How many bytes are free on a disk, in words."""
    return tr("{free} GB free").format(free=f"{free / 1e9:.1f}")
