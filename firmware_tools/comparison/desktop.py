"""A screen in memory that programs are started on, whose pixels can be looked at from outside,
and a pointer on it that draws."""

from __future__ import annotations

import contextlib
import mmap
import os
import select
import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from firmware_tools.comparison.processes import ComparisonError

SIZE = (800, 480)
FRAME = (0xE5, 0x48, 0x4D)
"""The colour of the frame around the canvas (and of the windows that have none)."""

CANVAS = (65, 13, 402)
"""Left, top and side of what is drawn on: Inkling's canvas on a screen of 800x480."""

CLEAR = (715, 440)
FRAME_AT = (62, 240, 4)
"""Where the frame is looked for: from x on, at y, so many pixels."""

ANSWER_AT = (500, 88, 270)
"""Where an answer shows: from x on, at y, so many pixels."""

ROW = (0, 120, SIZE[0])
"""Where it is looked whether anything shows: the X server's pointer rests elsewhere."""

GLANCE = 0.002
"""Seconds between two looks at the screen."""

PATIENCE = 180.0
"""Seconds after which something is not coming any more."""

Strokes = Sequence[Sequence[Sequence[float]]]
"""A drawing: x, y (0 to 1 of the canvas) and time (seconds) of each point of each stroke."""


@dataclass(frozen=True)
class Picture:
    """A screen's pixels, in a file that the X server draws into (``-fbdir``; XWD, version 7)."""

    content: mmap.mmap

    def row(self, x: int, y: int, count: int) -> bytes:
        """So many pixels from x on: blue, green, red and nothing, a byte each."""
        header = struct.unpack(">25I", self.content[:100])
        start = header[0] + 12 * header[19] + y * header[12] + 4 * x
        return self.content[start : start + 4 * count]

    def has(self, colour: tuple[int, int, int], x: int, y: int, count: int) -> bool:
        """Whether a pixel there is of about that colour."""
        row = self.row(x, y, count)
        wanted = colour[::-1]
        pixels = (row[at : at + 3] for at in range(0, len(row), 4))
        return any(max(abs(a - b) for a, b in zip(p, wanted, strict=True)) <= 8 for p in pixels)


@dataclass(frozen=True)
class Desktop:
    """The screen.

    Attributes:
        environment: for the programs that are to use it.
        picture: what it shows.
    """

    environment: Mapping[str, str]
    picture: Picture

    @property
    def lit(self) -> bool:
        """Whether anything but the X server's black is there."""
        return any(self.picture.row(*ROW))

    @property
    def framed(self) -> bool:
        """Whether a program's own picture is there."""
        return self.picture.has(FRAME, *FRAME_AT)

    def answer(self) -> bytes:
        """What shows where an answer shows."""
        return self.picture.row(*ANSWER_AT)

    def draw(self, strokes: Strokes) -> None:
        """Draw as fast as the hand did; returns when the pointer has lifted."""
        with self.drawing(strokes):
            pass

    @contextlib.contextmanager
    def drawing(self, strokes: Strokes) -> Iterator[None]:
        """Draw while the block goes on; it ends when the pointer has lifted, too."""
        with self._pointing(pointer(strokes)):
            yield

    def clear(self) -> None:
        """Touch Clear."""
        with self._pointing(["mousemove", *map(str, CLEAR), "click", "1"]):
            pass

    @contextlib.contextmanager
    def _pointing(self, words: Sequence[str]) -> Iterator[None]:
        with subprocess.Popen(["xdotool", *words], env=self.environment) as popen:
            yield
        if popen.returncode:
            raise ComparisonError("xdotool does not draw")


def pointer(strokes: Strokes) -> list[str]:
    """A drawing in xdotool's words."""
    left, top, side = CANVAS
    words: list[str] = []
    for stroke in strokes:
        before = stroke[0][2]
        for number, (x, y, moment) in enumerate(stroke):
            if number:
                words += ["sleep", f"{max(moment - before, 0):.3f}"]
                before = moment
            words += ["mousemove", str(round(left + x * side)), str(round(top + y * side))]
            if number == 0:
                words += ["mousedown", "1"]
        words += ["mouseup", "1"]
    return words


def until(came: Callable[[], bool], what: str, check: Callable[[], None]) -> float:
    """Wait for something; returns the moment (of the monotonic clock) at which it was there.

    Args:
        came: whether it is there.
        what: in a word, for the error.
        check: raises when it cannot come any more.

    Raises:
        ComparisonError: it does not come.
    """
    end = time.monotonic() + PATIENCE
    while not came():
        check()
        if time.monotonic() > end:
            raise ComparisonError(f"no {what} within {PATIENCE:.0f} seconds")
        time.sleep(GLANCE)
    return time.monotonic()


@contextlib.contextmanager
def desktop() -> Iterator[Desktop]:
    """A screen of its own while the block lasts.

    Raises:
        ComparisonError: Xvfb or xdotool is missing, or the X server does not start.
    """
    for tool in ("Xvfb", "xdotool"):
        if shutil.which(tool) is None:
            raise ComparisonError(f"{tool} is not installed: apt install xvfb xdotool")
    with tempfile.TemporaryDirectory(prefix="inkling-screen-") as folder:
        read, write = os.pipe()
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "{}x{}x24".format(*SIZE)]
        server = subprocess.Popen(
            [*command, "-fbdir", folder, "-nolisten", "tcp", "-noreset"],
            pass_fds=(write,),
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        try:
            ready, _, _ = select.select([read], [], [], PATIENCE)
            number = os.read(read, 16).decode().strip() if ready else ""
            if not number:
                raise ComparisonError("the X server (Xvfb) does not start")
            with (Path(folder) / "Xvfb_screen0").open("rb") as file:
                picture = Picture(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ))
            left_out = ("SDL_VIDEODRIVER", "WAYLAND_DISPLAY")
            kept = {key: value for key, value in os.environ.items() if key not in left_out}
            yield Desktop({**kept, "DISPLAY": f":{number}"}, picture)
        finally:
            os.close(read)
            server.terminate()
            server.wait(10)
