"""What the kiosk tells systemd: ready, status, still alive, stopping; silent without systemd.

The protocol is sd_notify(3): datagrams of ``NAME=value`` lines on the socket that the environment
names. Nothing here can fail for the kiosk: what cannot be sent is logged once.
"""

from __future__ import annotations

import logging
import math
import os
import socket
from collections.abc import Mapping
from types import TracebackType
from typing import Protocol

log = logging.getLogger(__name__)

STATUS_PAUSE = 0.5
"""Seconds between two status lines at least: a finger makes dozens of readings a second."""

AGAIN = 0.2
"""In how many seconds a sign of life is tried again that could not be given."""


class Service:
    """This process as systemd sees it; use it as a context manager, or call :meth:`close`.

    Args:
        environment: where ``NOTIFY_SOCKET``, ``WATCHDOG_USEC`` and ``WATCHDOG_PID`` are looked up.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        self._socket: socket.socket | None = None
        self._complained = False
        self.watchdog_seconds = _watchdog_seconds(environment)
        if self._address.startswith(("/", "@")):
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            # systemd that does not listen at this moment must not stop the screen.
            self._socket.setblocking(False)
        elif self._address:
            log.warning("systemd is not told anything: NOTIFY_SOCKET=%s", self._address)

    @property
    def is_supervised(self) -> bool:
        """Whether somebody waits to be told."""
        return self._socket is not None

    def ready(self) -> bool:
        """The kiosk can be used from now on."""
        return self._send("READY=1")

    def status(self, text: str) -> bool:
        """One line for ``systemctl status``."""
        return self._send(f"STATUS={' '.join(text.split())}")

    def watchdog(self) -> bool:
        """Still alive; to be said more often than every :attr:`watchdog_seconds`."""
        return self._send("WATCHDOG=1")

    def stopping(self) -> bool:
        """The end has begun, and was meant."""
        return self._send("STOPPING=1")

    def close(self) -> None:
        """Say nothing more. May be called again."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self, message: str) -> bool:
        """Send it; False when nobody has it."""
        if self._socket is None:
            return False
        # A leading @ stands for the zero byte of Linux's abstract sockets.
        address = self._address.replace("@", "\0", 1) if self._address[0] == "@" else self._address
        try:
            self._socket.sendto(message.encode(), address)
        except OSError as error:
            if not self._complained:
                self._complained = True
                log.warning("systemd cannot be told %s: %s", message, error.strerror or error)
            return False
        return True


def _watchdog_seconds(environment: Mapping[str, str]) -> float | None:
    """How long systemd waits for a sign of life; None when it does not wait for this process."""
    microseconds = environment.get("WATCHDOG_USEC", "")
    process = environment.get("WATCHDOG_PID", "") or str(os.getpid())
    if not (microseconds.isascii() and microseconds.isdigit()) or process != str(os.getpid()):
        return None
    return int(microseconds) / 1e6 or None


class Work(Protocol):
    """What is kept an eye on.

    Attributes:
        able: the first of it is done.
        busy: some of it waits or is being done.
        progress: a count that grows with all that is done.
    """

    @property
    def able(self) -> bool: ...
    @property
    def busy(self) -> bool: ...
    @property
    def progress(self) -> int: ...


class Heartbeat:
    """Tells systemd that all is well, but only while it is; for a main loop, between two steps.

    Ready is said once the work can be done. From then on a sign of life goes out at half the
    watchdog's interval, unless work is waited for of which nothing has been done since the last
    one: a worker that is stuck stops it, and systemd starts the kiosk anew.

    Args:
        service: whom to tell; closed with the heartbeat.
        work: what has to get on.
    """

    def __init__(self, service: Service, work: Work) -> None:
        self._service = service
        self._work = work
        self._seen = work.progress
        self._ready = False
        self._next_sign = self._next_status = -math.inf
        self._said = self._last = ""

    def beat(self, now: float, status: str = "") -> float:
        """Say what is due.

        Args:
            now: seconds, ever growing.
            status: what ``systemctl status`` is to show.

        Returns:
            in how many seconds something will be due, if nothing happens until then.
        """
        self._last = status
        if not self._service.is_supervised:
            return math.inf
        return min(self._say_ready(), self._say_alive(now), self._say_status(now, status))

    def _say_ready(self) -> float:
        if not self._ready and self._work.able:
            self._ready = self._service.ready()
            return math.inf if self._ready else AGAIN
        return math.inf

    def _say_alive(self, now: float) -> float:
        interval = self._service.watchdog_seconds
        if not self._ready or interval is None:
            return math.inf
        if now >= self._next_sign:
            # In this order: work that is done between the two is not taken for work that is stuck.
            busy, progress = self._work.busy, self._work.progress
            if busy and progress == self._seen:
                return AGAIN
            self._seen = progress
            if not self._service.watchdog():
                return AGAIN
            self._next_sign = now + interval / 2
        return self._next_sign - now

    def _say_status(self, now: float, status: str) -> float:
        if status == self._said:
            return math.inf
        if now >= self._next_status:
            self._said = status
            self._next_status = now + STATUS_PAUSE
            self._service.status(status)
            return math.inf
        return self._next_status - now

    def __enter__(self) -> Heartbeat:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None and self._last:
            error.add_note(f"last reading: {self._last}")
        self._service.stopping()
        self._service.close()
