"""Sleeping until something happens: a touch, a result, a signal.

SDL's own wait looks for events a thousand times a second. So the main thread sleeps in the kernel
on handles of its own: the devices that point, or the connection to the desktop, and a pipe for all
that other threads and signals have to say. SDL is asked only once it is awake.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import selectors
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pygame

from device.pointers import pointers

log = logging.getLogger(__name__)

LONGEST = 2.0
"""How long (seconds) is slept at most; a panel that is plugged in is found within this time."""

DESKTOP_LONGEST = 0.5
"""The same on a desktop: what its libraries have read ahead is found within this time."""

POLL = 0.02
"""How often (seconds) SDL is asked while a device that points cannot be watched."""

_READS_DEVICES = ("kmsdrm", "evdev")
"""Drivers under which SDL reads the input devices itself..."""

_READS_NOTHING = ("dummy", "offscreen")
"""... and those under which there are none."""

_CONNECTIONS = {
    "x11": ("libX11.so.6", "XConnectionNumber"),
    "wayland": ("libwayland-client.so.0", "wl_display_get_fd"),
}
"""The function that tells the connection's handle, and its library, by SDL's name of the desktop.
"""

_CHUNK = 4096

_WAKE = pygame.event.custom_type()


class Sleep(Protocol):
    """How the main thread waits. :meth:`wake` is for any thread, the rest for the main thread."""

    def events(self, timeout: float) -> list[pygame.event.Event]:
        """What has happened; if nothing has, wait up to ``timeout`` seconds for the first of it,
        or for a call to :meth:`wake`."""

    def wake(self) -> None:
        """End the sleep, or the next one."""

    def woken_by_signals(self) -> contextlib.AbstractContextManager[None]:
        """While this lasts, a signal that Python handles is answered at once."""

    def close(self) -> None:
        """Give the handles back. May be called again."""


def sleep_under(driver: str, root: Path = Path("/")) -> Sleep:
    """The sleep that fits an open display.

    Args:
        driver: SDL's name of the video driver.
        root: the folder that /sys and /dev are in.
    """
    driver = driver.lower()
    if driver in _READS_DEVICES:
        return KernelSleep(root)
    if driver in _READS_NOTHING:
        return KernelSleep()
    connection = _connection(driver)
    return KernelSleep(connection=connection) if connection is not None else SdlSleep()


def _connection(driver: str) -> int | None:
    """The handle through which a desktop tells what happens; None where it cannot be had."""
    if driver not in _CONNECTIONS:
        return None
    library, function = _CONNECTIONS[driver]
    try:
        display = pygame.display.get_wm_info()["display"]
        address = ctypes.pythonapi.PyCapsule_GetPointer
        address.restype, address.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
        tell = getattr(ctypes.CDLL(library), function)
        tell.argtypes = [ctypes.c_void_p]
        return int(tell(address(display, b"display")))
    except (OSError, AttributeError, KeyError, ValueError, pygame.error) as error:
        log.info("the desktop's connection is not known: %s", error)
        return None


class SdlSleep:
    """SDL's own, where nothing else is known."""

    def events(self, timeout: float) -> list[pygame.event.Event]:
        """See :meth:`Sleep.events`."""
        event = pygame.event.wait(max(1, round(1000 * min(timeout, DESKTOP_LONGEST))))
        first = [] if event.type == pygame.NOEVENT else [event]
        return [*first, *pygame.event.get()]

    def wake(self) -> None:
        """See :meth:`Sleep.wake`."""
        try:
            pygame.event.post(pygame.event.Event(_WAKE))
        except pygame.error as error:
            # The queue is full, so that nobody sleeps; or the display has just been closed.
            log.debug("a wake-up was lost: %s", error)

    @contextlib.contextmanager
    def woken_by_signals(self) -> Iterator[None]:
        """See :meth:`Sleep.woken_by_signals`: SDL sleeps for so short a time that it may."""
        yield

    def close(self) -> None:
        """Nothing to give back."""


class KernelSleep:
    """In ``select``, on the pipe and on whatever points.

    Args:
        root: the folder that /sys and /dev are in; None where SDL reads no devices.
        clock: seconds, ever growing.
        connection: the handle of the connection to a desktop, which SDL reads.
    """

    def __init__(
        self,
        root: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        connection: int | None = None,
    ) -> None:
        self._selector = selectors.DefaultSelector()
        self._waking, self._woken = socket.socketpair()
        for end in (self._waking, self._woken):
            end.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._reads_ahead = connection is not None
        if connection is not None:
            self._selector.register(connection, selectors.EVENT_READ)
        self._watch = None if root is None else _Watch(root, self._selector)
        self._clock = clock
        self._next_look = clock()

    def events(self, timeout: float) -> list[pygame.event.Event]:
        """See :meth:`Sleep.events`."""
        # What is in SDL's queue already, or in that of the desktop's library, wakes nobody.
        waiting = pygame.event.get(pump=self._reads_ahead)
        if waiting:
            return waiting
        self._look()
        for key, _ in self._selector.select(max(0.0, min(timeout, self._longest))):
            if key.fileobj is self._woken:
                with contextlib.suppress(BlockingIOError):
                    self._woken.recv(_CHUNK)
            elif self._watch is not None:
                self._watch.empty(key.fd)
        return pygame.event.get()

    @property
    def _longest(self) -> float:
        if self._reads_ahead:
            return DESKTOP_LONGEST
        return POLL if self._watch is not None and self._watch.is_blind else LONGEST

    def wake(self) -> None:
        """See :meth:`Sleep.wake`."""
        # A full pipe has woken it already; a closed one has nobody left to wake.
        with contextlib.suppress(OSError):
            self._waking.send(b"\0")

    @contextlib.contextmanager
    def woken_by_signals(self) -> Iterator[None]:
        """See :meth:`Sleep.woken_by_signals`."""
        if threading.current_thread() is not threading.main_thread():
            yield  # signals are not this thread's
            return
        before = signal.set_wakeup_fd(self._waking.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)

    def close(self) -> None:
        """See :meth:`Sleep.close`."""
        if self._watch is not None:
            self._watch.close()
        self._selector.close()
        self._waking.close()
        self._woken.close()

    def _look(self) -> None:
        """See from time to time which devices there are."""
        now = self._clock()
        if self._watch is not None and now >= self._next_look:
            self._next_look = now + LONGEST
            self._watch.look()


class _Watch:
    """Handles of our own on the devices that point, beside those that SDL reads.

    Attributes:
        is_blind: one of them cannot be watched.
    """

    def __init__(self, root: Path, selector: selectors.BaseSelector) -> None:
        self.is_blind = False
        self._root = root
        self._selector = selector
        self._present: set[str] = set()
        self._handles: dict[int, Path] = {}
        self._complained = False

    def look(self) -> None:
        """Watch what has come since the last time."""
        try:
            present = {node.name for node in (self._root / "dev/input").iterdir()}
        except OSError:
            present = set()
        if present == self._present and not self.is_blind:
            return
        self._present = present
        self.is_blind = False
        watched = set(self._handles.values())
        for pointer in pointers(self._root):
            if pointer.node not in watched and pointer.node.name in present:
                self._open(pointer.node)

    def empty(self, handle: int) -> None:
        """Read what a device says and forget it: SDL has its own copy."""
        reason = "end of file"
        try:
            while content := os.read(handle, _CHUNK):
                if len(content) < _CHUNK:
                    return
        except BlockingIOError:
            return
        except OSError as error:
            reason = error.strerror or str(error)
        log.info("%s is gone: %s", self._handles[handle], reason)
        self._drop(handle)
        # If it comes back under the same name, that is news.
        self._present = set()

    def close(self) -> None:
        """Watch nothing any more. May be called again."""
        for handle in list(self._handles):
            self._drop(handle)

    def _open(self, node: Path) -> None:
        try:
            handle = os.open(node, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        except OSError as error:
            self.is_blind = True
            if not self._complained:
                self._complained = True
                reason, often = error.strerror or error, 1 / POLL
                log.warning("%s cannot be watched (%s): %.0f looks a second", node, reason, often)
            return
        self._handles[handle] = node
        self._selector.register(handle, selectors.EVENT_READ)

    def _drop(self, handle: int) -> None:
        self._selector.unregister(handle)
        os.close(handle)
        del self._handles[handle]
