"""Signals that would end the process, as something to look at between two steps."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

log = logging.getLogger(__name__)


Handler = Callable[[int, FrameType | None], None]


@contextmanager
def asked_to_stop() -> Iterator[threading.Event]:
    """While this lasts, a signal that would end the process does nothing but set the event.

    One that is ignored already (as ``nohup`` does with SIGHUP) stays so. To be used on the main
    thread.
    """
    asked = threading.Event()

    def handle(number: int, _frame: FrameType | None) -> None:
        log.info("stopping: %s", signal.Signals(number).name)
        asked.set()

    with _handled_by(handle):
        yield asked


@contextmanager
def leaving_when_asked() -> Iterator[None]:
    """While this lasts, and nobody looks at :func:`asked_to_stop`, a signal that would end the
    process at once makes it leave by SystemExit instead: what is open is closed on the way."""

    def handle(number: int, _frame: FrameType | None) -> None:
        log.info("leaving: %s", signal.Signals(number).name)
        raise SystemExit(0)

    with _handled_by(handle):
        yield


@contextmanager
def _handled_by(handle: Handler) -> Iterator[None]:
    hangup = signal.SIGHUP
    numbers = [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT]
    if signal.getsignal(hangup) is not signal.SIG_IGN:
        numbers.append(hangup)
    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
