"""What is compared: how each is started, and how it is asked for readings."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from device import __version__, raster
from device.library import Library
from device.raster import Pixels
from device.session import digits
from firmware_tools.comparison import network, packages
from firmware_tools.comparison.browser import Page
from firmware_tools.comparison.desktop import Desktop
from firmware_tools.comparison.processes import ComparisonError
from firmware_tools.progress import say

FOLDER = Path(__file__).parent
OURS = "Inkling"
PUBLISHED = "gubboit"
"""The model whose network the others run."""

_CANVAS = 400
"""Pixels of the side of the canvas that the server is sent."""

_CONFIG = '[screen]\nsize = "800x480"\n[kiosk]\nidle_seconds = 0\n'
"""The blank canvas stays: the others have no attract screen either."""

_QT_NEEDS = (
    "apt install libegl1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 "
    "libxcb-keysyms1 libxcb-render-util0"
)
"""What Qt's wheel leaves to the system (Debian's names)."""


@dataclass(frozen=True)
class Readings:
    """Seconds that readings of the bundled digits took, in turn, and the digits that were read."""

    seconds: tuple[float, ...]
    digits: tuple[int | None, ...]

    @property
    def right(self) -> float:
        """The share that was read as it is meant."""
        meant = [int(drawing.name) for drawing in digits()]
        pairs = list(enumerate(self.digits))
        return sum(meant[turn % len(meant)] == digit for turn, digit in pairs) / len(pairs)


@dataclass(frozen=True)
class Candidate:
    """One of those that are compared.

    Attributes:
        name: the table's column.
        about: what it is made of, with versions.
        kind: ``kiosk`` is drawn on and shows an answer, ``window`` is empty, ``server`` is sent
            pictures.
        command, environment: how it is started.
        read: sends a server the bundled digit of that number and returns what it is read as.
        readings: how long so many readings take, by what is read with; the server must run.
        needs: of the system, in words; told when it does not start.
    """

    name: str
    about: str
    kind: Literal["kiosk", "window", "server"]
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    read: Callable[[int], int] | None = None
    readings: Callable[[int], Mapping[str, Readings]] | None = None
    needs: str = ""


def inkling(folder: Path) -> Candidate:
    """Inkling's own kiosk."""
    config, state = folder / "inkling.toml", folder / "state"
    config.write_text(_CONFIG, encoding="utf-8")
    state.mkdir(exist_ok=True)

    def readings(count: int) -> dict[str, Readings]:
        return {
            "reading": _own_readings(Library().default, count),
            "published": _own_readings(PUBLISHED, count),
        }

    return Candidate(
        OURS,
        f"Inkling {__version__}",
        "kiosk",
        (sys.executable, "-m", "device.cli", "run", "--config", str(config)),
        {"STATE_DIRECTORY": str(state), "GPIOZERO_PIN_FACTORY": "mock"},
        readings=readings,
    )


def _own_readings(model: str, count: int) -> Readings:
    command = [sys.executable, "-m", "firmware_tools.comparison.readings", model, str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ComparisonError(f"{model} does not read: {done.stderr.strip()[-300:]}")
    return readings_of(json.loads(done.stdout))


def readings_of(said: Mapping[str, Any]) -> Readings:
    """From what a process has said."""
    return Readings(tuple(said["seconds"]), tuple(said["digits"]))


def page(folder: Path, made: Page, desktop: Desktop) -> Candidate:
    """The browser, on a page with TensorFlow.js and its fastest backend."""

    def readings(count: int) -> dict[str, Readings]:
        found = readings_of(made.measure(made.fastest, count, desktop, folder))
        return {"reading": found, "published": found}

    return Candidate(
        "Chromium, TensorFlow.js",
        f"{packages.version([made.browser, '--version'])}, {packages.TFJS[0]}, {made.told}",
        "kiosk",
        made.command(f"?backend={made.fastest}", folder),
        readings=readings,
    )


def server(folder: Path, weights: network.Weights) -> Candidate:
    """The server, with the network as Keras saves it."""
    python = str(packages.environment("server", packages.SERVER))
    script, stored, model = str(FOLDER / "server.py"), folder / "weights.npz", folder / "m.keras"
    network.write_npz(stored, weights)
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    packages.run([python, script, "make", str(stored), str(model)], folder, quiet)
    port = _free_port()
    pictures = [png(raster.draw(drawing.ink, _CANVAS, 0.05)) for drawing in digits()]

    def read(number: int) -> int:
        return _asked(port, pictures[number])

    def readings(count: int) -> dict[str, Readings]:
        found = _server_readings(read, count)
        return {"reading": found, "published": found}

    return Candidate(
        "Flask, Keras",
        ", ".join(packages.SERVER),
        "server",
        (python, script, "serve", str(model), str(port)),
        quiet,
        read,
        readings,
    )


def qt_window() -> Candidate:
    """Qt, with nothing in its window."""
    python = packages.environment("qt", packages.QT)
    script = str(FOLDER / "qt_window.py")
    command = (str(python), script)
    return Candidate("Qt, empty", packages.QT[0], "window", command, needs=_QT_NEEDS)


def kivy_window() -> Candidate:
    """Kivy, with nothing in its window."""
    python = packages.environment("kivy", packages.KIVY)
    home = packages.cache() / "kivy-home"
    home.mkdir(exist_ok=True)
    environment = {"KIVY_HOME": str(home), "KIVY_NO_ARGS": "1"}
    script = str(FOLDER / "kivy_window.py")
    return Candidate("Kivy, empty", packages.KIVY[0], "window", (str(python), script), environment)


@contextlib.contextmanager
def candidates(
    folder: Path, desktop: Desktop, only: Sequence[str] = ()
) -> Iterator[tuple[list[Candidate], dict[str, str]]]:
    """All that can be had here, ours first; and why the others cannot, by name.

    Args:
        folder: for what they need, as long as the block lasts.
        desktop: where the browser is tried.
        only: the beginnings of the names of those that are wanted beside ours; none for all.
    """
    library = Library()
    weights = network.weights((library.folder / library.entry(PUBLISHED).file).read_bytes())
    found, missing = [inkling(folder)], {}
    with contextlib.ExitStack() as stack:

        def browser() -> Candidate:
            made = stack.enter_context(Page.served(folder, weights))
            made.choose(desktop, folder)
            return page(folder, made, desktop)

        others: dict[str, Callable[[], Candidate]] = {
            "Chromium, TensorFlow.js": browser,
            "Flask, Keras": lambda: server(folder, weights),
            "Qt, empty": qt_window,
            "Kivy, empty": kivy_window,
        }
        for name, prepared in others.items():
            if only and not name.lower().startswith(tuple(word.lower() for word in only)):
                continue
            try:
                found.append(prepared())
            except ComparisonError as error:
                missing[name] = str(error)
                say(f"{name} is left out: {error}")
        yield found, missing


def _server_readings(read: Callable[[int], int], count: int) -> Readings:
    """Requests one after the other, each timed from the picture to its answer."""
    drawings = len(digits())
    seconds, answers = [], []
    for turn in range(-drawings, count):
        started = time.perf_counter()
        digit = read(turn % drawings)
        if turn >= 0:
            seconds.append(time.perf_counter() - started)
            answers.append(digit)
    return Readings(tuple(seconds), tuple(answers))


def _asked(port: int, picture: bytes) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", "/predict", picture, {"Content-Type": "image/png"})
        return int(json.loads(connection.getresponse().read())["digit"])
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


def png(pixels: Pixels) -> bytes:
    """A grey PNG of uint8 (height, width)."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    height, width = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    head = struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
