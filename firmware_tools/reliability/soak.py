"""Readings and touches in great number: what grows, and what should not."""

from __future__ import annotations

import ctypes
import gc
import json
import os
import random
import socket
import statistics
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pygame

from device.config import load_config
from device.demo import post_finger
from device.headless import Headless
from device.library import Library
from device.lights import Lights
from device.recognizer import Recognizer
from device.screen import icons, screens, shapes, theme
from device.screen.display import off_screen
from device.session import session
from device.stage import STEP, Stage, stage
from firmware_tools.progress import bar
from firmware_tools.reliability.findings import Finding
from firmware_tools.reliability.processes import own_state
from firmware_tools.reliability.visitors import touches

TOUCHES = 10
"""So many touches are made for each reading at least: a finger that moves makes several a
picture."""

WARM = 0.1
"""The first share of it, in which everything is made for the first time."""

LOOKS = 20
"""How often it is measured after that."""

MOST_GROWTH = 2_000_000
"""What the process may grow by (bytes): what it uses and, in a run that is long enough to tell,
what it holds."""

BLOCK = 100
"""Bytes of one of Python's small blocks, about."""

TOURS = 100
"""So often a visitor has a look at every screen, in the next of ..."""

LANGUAGES = ("en", "de", "fr", "es")
"""... these languages."""

LEAST_APART = 25
"""So many readings are between two such looks at least."""


Work = Callable[[], tuple[int, int, bool]]
"""Does some of it: how many touches were made, how many readings came, and whether everything is
as it was at the beginning, so that sizes can be compared."""


class MallInfo(ctypes.Structure):
    """glibc's ``struct mallinfo2``, see mallinfo(3)."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    )


class Sizes:
    """What a process has at several moments: bytes that it holds, bytes of these that are in use,
    files that are open, threads.

    Args:
        forget: has its readers let go of what they keep of the last ink.
    """

    def __init__(self, forget: Callable[[], None]) -> None:
        self._forget = forget
        self._given = getattr(ctypes.CDLL(None), "mallinfo2", None)
        if self._given is not None:
            self._given.restype = MallInfo
        self.resident: list[int] = []
        self.used: list[int] = []
        self.handles: list[int] = []
        self.threads: list[int] = []

    def look(self) -> None:
        """Now. What is kept only to be faster counts as held, and not as in use."""
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        self.resident.append(pages * os.sysconf("SC_PAGE_SIZE"))
        kept = self._forget, shapes.forget, icons.forget, theme.forget_fonts
        for forget in (*kept, gc.collect):
            forget()
        used = BLOCK * sys.getallocatedblocks()
        if self._given is not None:
            given = self._given()
            used += given.uordblks + given.hblkhd
        self.used.append(used)
        self.handles.append(len(list(Path("/proc/self/fd").iterdir())))
        self.threads.append(threading.active_count())

    @property
    def known(self) -> bool:
        """There is something to compare with."""
        return len(self.used) > 1

    @property
    def good(self) -> bool:
        """Nothing leaks."""
        steady = self.handles[-1] <= self.handles[0] and self.threads[-1] <= self.threads[0]
        grown = [self.used[-1] - self.used[0]]
        if len(self.resident) >= LOOKS // 2:
            first, last = self._held()
            grown.append(last - first)
        return steady and max(grown) < MOST_GROWTH

    def _held(self) -> tuple[int, int]:
        """Resident memory in the first and in the last quarter: medians, because what the system
        has lent comes and goes by some megabytes."""
        quarter = -(-len(self.resident) // 4)
        middle = statistics.median_low
        return middle(self.resident[:quarter]), middle(self.resident[-quarter:])

    def __str__(self) -> str:
        first, last = self._held()
        return (
            f"memory in use {self.used[0] / 1e6:.2f} MB after the first tenth, "
            f"{self.used[-1] / 1e6:.2f} MB at the end; resident (medians of the first and the last "
            f"quarter) {first / 1e6:.1f} and {last / 1e6:.1f} MB, at most "
            f"{max(self.resident) / 1e6:.1f}; open files {self.handles[0]} and {self.handles[-1]}, "
            f"threads {self.threads[0]} and {self.threads[-1]}"
        )


def soak(seed: int, readings: int) -> Iterator[Finding]:
    """So many readings of ten times as many touches, with a screen and without, and as many
    drawings through the socket."""
    for kind in (_with_screen, _digitiser, _socket):
        with own_state():
            yield kind(random.Random(seed), readings)


def _measured(
    work: Work, readings: int, what: str, forget: Callable[[], None], apiece: int = TOUCHES
) -> tuple[int, int, Sizes]:
    """Work until there are so many readings, and ``apiece`` times as many touches; for ``forget``
    see :class:`Sizes`.

    Returns:
        touches, readings, and the sizes after the warm-up.
    """
    sizes, made, read = Sizes(forget), 0, 0
    due = WARM * readings
    progress = bar(range(readings), what, readings)
    at_rest = False
    while read < readings or made < apiece * readings or not at_rest or not sizes.known:
        touched, came, at_rest = work()
        made, read = made + touched, read + came
        for _ in zip(range(came), progress, strict=False):
            pass
        if at_rest and read >= due:
            sizes.look()
            due += (1 - WARM) * readings / LOOKS
    return made, read, sizes


def _with_screen(luck: random.Random, readings: int) -> Finding:
    config = load_config(None, {"screen": {"size": "800x480"}})
    library = Library()
    with stage(config, Recognizer(library), library) as made:
        visit = _Visit(made, luck, readings)
        touched, read, sizes = _measured(
            visit.drawing, readings, "soak, with a screen", made.kiosk._readers.forget
        )
    return Finding(
        f"touches on the kiosk {touched:,}, with a look at every screen {visit.tours:,} times",
        read,
        f"readings {read:,}; {sizes}",
        sizes.good,
    )


class _Visit:
    """Draws one drawing after the other, and has a look around now and then."""

    def __init__(self, made: Stage, luck: random.Random, readings: int) -> None:
        self.made = made
        self.tours = 0
        self._luck = luck
        self._apart = max(LEAST_APART, readings // TOURS)
        self._next_tour = self._apart
        self._read = 0
        for _ in range(2 * len(LANGUAGES)):
            self._look_around()

    def drawing(self) -> tuple[int, int, bool]:
        """One drawing, see :data:`Work`. All is as before after a tour in the last language."""
        made, kiosk = self.made, self.made.kiosk
        before = kiosk.background.progress
        made.tap("clear")
        count = 2
        for count, (kind, x, y) in enumerate(touches(self._luck.choice(session()).ink, 60), 3):
            post_finger(kiosk, kind, *kiosk.screen.to_window(x, y))
            if count % TOUCHES == 0:
                made.clock.now += 1 / 30
                kiosk.step(STEP)
                made.until(lambda: kiosk.settled)
        made.until(lambda: kiosk.settled)
        came = kiosk.background.progress - before
        self._read += came
        if self._read < self._next_tour:
            return count, came, False
        self._next_tour += self._apart
        self._look_around()
        return count, came, self.tours % len(LANGUAGES) == 0

    def _look_around(self) -> None:
        """Every screen, and another language; then the next visitor comes."""
        made = self.made
        self.tours += 1
        made.kiosk.change({"screen.language": LANGUAGES[self.tours % len(LANGUAGES)]})
        for name in screens.CLASSES:
            made.go(name)
            made.settle(1)
        made.begin()
        made.settle(0)


def _headless(folder: Path) -> tuple[Headless, Lights, Recognizer]:
    socket_path = str(folder / "ink.sock")
    config = load_config(None, {"headless": {"socket": socket_path}})
    lights = Lights.virtual(config.lights)
    library = Library()
    recognizer = Recognizer(library)
    return Headless(config, recognizer, lights, library), lights, recognizer


def _digitiser(luck: random.Random, readings: int) -> Finding:
    """Strokes on a digitiser, without a screen."""
    with off_screen(), tempfile.TemporaryDirectory(prefix="inkling-") as name:
        app, lights, recognizer = _headless(Path(name))

        def drawing() -> tuple[int, int, bool]:
            before, count = app.background.progress, 0
            app._pressed("clear")
            for count, (kind, x, y) in enumerate(touches(luck.choice(session()).ink, 60), 1):
                event = {"x": 0.2 + 0.6 * x, "y": y, "touch_id": 1, "finger_id": 1}
                pygame.event.post(pygame.event.Event(kind, event))
                if count % TOUCHES == 0:
                    app.step(STEP)
                    while not app.settled:
                        app.step(STEP)
            app.step(STEP)
            while not app.settled:
                app.step(STEP)
            return count, app.background.progress - before, True

        try:
            touched, read, sizes = _measured(
                drawing, readings, "soak, a digitiser", recognizer.forget
            )
        finally:
            app.close()
            lights.close()
    what = f"touches on a digitiser, `inkling headless`: {touched:,}"
    return Finding(what, read, f"readings {read:,}; {sizes}", sizes.good)


def _socket(luck: random.Random, readings: int) -> Finding:
    """Drawings from programs that come and go."""
    with off_screen(), tempfile.TemporaryDirectory(prefix="inkling-") as name:
        app, lights, recognizer = _headless(Path(name))
        lines = [json.dumps(drawing.ink.to_json()).encode() + b"\n" for drawing in session()]

        def program() -> tuple[int, int, bool]:
            answers = 0
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(Path(name) / "ink.sock"))
                client.setblocking(False)
                for _ in range(luck.randint(1, 50)):
                    client.send(luck.choice(lines))
                    heard = b""
                    while not heard.endswith(b"\n"):
                        app.step(STEP)
                        try:
                            heard += client.recv(1 << 16)
                        except BlockingIOError:
                            continue
                    answers += 1
            return 0, answers, True

        try:
            _, read, sizes = _measured(program, readings, "soak, the socket", recognizer.forget, 0)
        finally:
            app.close()
            lights.close()
    return Finding(
        "drawings from programs on the socket, `inkling headless`",
        read,
        f"answers {read:,}; {sizes}",
        sizes.good,
    )
