"""Where a process on trial comes to its end, and how.

A trap is laid before a function of the product that every start or run comes through; when it is
called for the first time, the end comes.
"""

from __future__ import annotations

import functools
import importlib
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import pygame


class Stage(NamedTuple):
    """Before which function (``module:owner.name``) the trap lies, and when it snaps.

    Attributes:
        lit: only while a light is on.
        thread: only on the thread of this name, or of one that begins so.
        kind: only for such an event, a name in pygame.
    """

    function: str
    lit: bool = False
    thread: str = ""
    kind: str = ""


CLOSING = "closing"
"""The stage that comes only when the process has been told to end."""

KIOSK = {
    "before the display": Stage("pygame.display:set_mode"),
    "the model loads": Stage("device.tflite:Network.__init__"),
    "in the first frame": Stage("pygame.display:update"),
    "drawing": Stage("device.screen.touch:Touch.feed", lit=True, kind="FINGERMOTION"),
    "a drawing is written": Stage("os:pwrite", thread="disk"),
    "settings are written": Stage("os:replace", thread="keeper"),
    "in Clear": Stage("device.desk:Desk.clear", lit=True),
    CLOSING: Stage("device.background:Background.close"),
}
"""Of the kiosk, in the order of a run."""

HEADLESS = {
    "before the digitiser": Stage("pygame.display:set_mode"),
    "the model loads": Stage("device.tflite:Network.__init__"),
    "the socket opens": Stage("device.ink_socket:InkSocket.__init__"),
    "drawing": Stage("device.screen.touch:Touch.feed", lit=True, kind="FINGERMOTION"),
    "in Clear": Stage("device.desk:Desk.forget", lit=True),
    CLOSING: Stage("device.background:Background.close"),
}
"""Without a screen."""

STAGES = {"run": KIOSK, "headless": HEADLESS}
"""By command."""

LIGHTS = (17, 22, 27)
"""The pins of the three lights, where nothing else is configured."""

ENDS = {
    "SIGTERM": signal.SIGTERM,
    "SIGINT": signal.SIGINT,
    "SIGKILL": signal.SIGKILL,
    "error": None,
}
"""How the end comes: a signal, or an error that nobody has foreseen."""


class Trapped(Exception):
    """The error that nobody has foreseen."""


@contextmanager
def trap(
    where: Stage, end: str, levels: Callable[[], Sequence[int]], tell: Callable[..., None]
) -> Iterator[None]:
    """While this lasts, a trap lies in this process.

    Args:
        end: a name in :data:`ENDS`.
        levels: what the pins are at.
        tell: told ``"trap"`` in the moment before the end.
    """
    module, _, path = where.function.partition(":")
    *owners, name = path.split(".")
    owner: Any = functools.reduce(getattr, owners, importlib.import_module(module))
    original = getattr(owner, name)
    lock = threading.Lock()
    sprung = False

    def snaps(args: tuple[Any, ...]) -> bool:
        nonlocal sprung
        if where.lit and not any(levels()[pin] for pin in LIGHTS):
            return False
        if not threading.current_thread().name.startswith(where.thread):
            return False
        if where.kind and args[1].type != getattr(pygame, where.kind):
            return False
        with lock:
            first, sprung = not sprung, True
        return first

    @functools.wraps(original)
    def trapped(*args: Any, **kwargs: Any) -> Any:
        if snaps(args):
            if name == "pwrite":  # half of it is on the disk
                original(args[0], args[1][: len(args[1]) // 2], args[2])
            tell("trap")
            number = ENDS[end]
            if number is None:
                raise Trapped("an error that nobody has foreseen")
            os.kill(os.getpid(), number)
        return original(*args, **kwargs)

    setattr(owner, name, trapped)
    try:
        yield
    finally:
        setattr(owner, name, original)
