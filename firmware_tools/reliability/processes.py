"""Starting the process on trial, ending it, and looking at what it leaves behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import firmware_tools
from device.config import SETTINGS_FILE
from device.crash import FATAL, FOLDER
from device.errors import InklingError
from device.samples import FILE, Samples
from firmware_tools.reliability.trial import PINS, crc_of

PATIENCE = 120.0
"""Seconds that a start or an end may take at most, on a machine that has other work to do."""

CONFIG = """\
[screen]
size = "800x480"
[kiosk]
idle_seconds = 0
[lights]
strobe = 5
bcd = "6, 13, 19, 26"
segments = "12, 16, 20, 21, 7, 18, 4"
[buttons]
predict = 23
clear = 24
"""
"""Every output on the header is in use."""

Drawing = tuple[str, int]
"""A drawing that is kept, as the journal tells of it: its label, and a number for its strokes."""


class BrokenPromise(InklingError):
    """The product has not kept what it promises."""


@dataclass(frozen=True)
class Kept:
    """What a state folder holds: drawings by number, those taken back (the last one last), the
    highest number that was given, and settings by table."""

    alive: dict[int, Drawing] = field(default_factory=dict)
    deleted: tuple[tuple[int, Drawing], ...] = ()
    last: int = 0
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)

    def after(self, deed: str, what: Any) -> Kept:
        """What there is once a deed of the journal is done."""
        if deed == "add":
            number = self.last + 1
            return replace(self, alive={**self.alive, number: tuple(what)}, last=number)
        if deed == "delete_last" and self.alive:
            number = max(self.alive)
            alive = {n: kept for n, kept in self.alive.items() if n != number}
            gone = (number, self.alive[number])
            return replace(self, alive=alive, deleted=(*self.deleted, gone))
        if deed == "restore" and self.deleted:
            *rest, (number, drawing) = self.deleted
            return replace(self, alive={**self.alive, number: drawing}, deleted=tuple(rest))
        if deed == "save_settings":
            settings = {table: dict(values) for table, values in self.settings.items()}
            for key, value in what.items():
                table, _, name = key.partition(".")
                settings.setdefault(table, {})[name] = value
            return replace(self, settings=settings)
        return self


class Place:
    """A folder of its own for processes on trial: their state, their pins, their journal."""

    def __init__(self, folder: Path, state: Path | None = None) -> None:
        self.folder = folder
        self.state = state or folder / "state"
        self.state.mkdir(exist_ok=True)
        (folder / "wires").write_bytes(bytes(PINS))
        (folder / "inkling.toml").write_text(CONFIG)

    @property
    def lit(self) -> list[int]:
        """The pins that are high."""
        wires = (self.folder / "wires").read_bytes()
        return [pin for pin, level in enumerate(wires) if level]

    @property
    def log(self) -> str:
        """What the last process has said."""
        return (self.folder / "log").read_text(errors="replace")

    def journal(self) -> list[list[Any]]:
        """What the last process has told; a line that is not whole is none."""
        path = self.folder / "journal"
        content = path.read_bytes() if path.exists() else b""
        return [json.loads(line) for line in content.split(b"\n")[:-1]]

    def start(
        self,
        command: str = "run",
        visitor: str = "nobody",
        seed: int = 1,
        trap: str = "",
        more: Sequence[str] = (),
    ) -> Running:
        """A new process on trial, its journal empty.

        Args:
            command: of ``inkling``, with ``more`` behind it.
            visitor: a name in :data:`firmware_tools.reliability.visitors.VISITORS`.
            seed: what the visitor does.
            trap: ``STAGE:END``, see :mod:`firmware_tools.reliability.traps`.
        """
        (self.folder / "journal").unlink(missing_ok=True)
        words = ["--visitor", visitor, "--seed", str(seed)]
        words += ["--trap", trap] if trap else []
        words += ["--", command, "--config", str(self.folder / "inkling.toml"), *more]
        module = "firmware_tools.reliability.trial"
        return Running(self, [sys.executable, "-m", module, str(self.folder), *words])

    def kept(self, before: Kept) -> Kept:
        """What the state folder holds now: all that was acknowledged, and nothing else but, maybe,
        what was on its way.

        Args:
            before: what it held when the last process was started.

        Raises:
            BrokenPromise: anything else.
        """
        pending: dict[str, Any] = {}
        certain = before
        for kind, *words in self.journal():
            if kind == "begin":
                pending[words[0]] = words[1]
            elif kind == "done":
                certain = certain.after(words[0], pending.pop(words[0]))
            elif kind == "failed":
                del pending[words[0]]
        found = self._found()
        states = [certain]
        for deed, what in pending.items():
            states += [state.after(deed, what) for state in states]
        for state in states:
            if (state.alive, state.settings) == found:
                return state
        raise BrokenPromise(f"kept {found}, acknowledged {certain}, on its way {pending}")

    def _found(self) -> tuple[dict[int, Drawing], dict[str, dict[str, Any]]]:
        samples = Samples(self.state)
        alive = {
            sample.number: (sample.label, crc_of(sample.ink))
            for sample in samples
            if sample.ink is not None
        }
        if samples.damaged:
            raise BrokenPromise(f"{samples.damaged} damaged lines in {samples.path}")
        path = self.state / SETTINGS_FILE
        settings = tomllib.loads(path.read_text()) if path.exists() else {}
        return alive, settings

    def strays(self) -> list[str]:
        """Files in the state folder that nobody uses."""
        known = {FILE, SETTINGS_FILE, f"{FOLDER}/{FATAL}"}
        found = {
            str(path.relative_to(self.state)) for path in self.state.rglob("*") if path.is_file()
        }
        reports = {name for name in found if name.startswith(f"{FOLDER}/0")}
        return sorted(found - known - reports)


class Running:
    """One process on trial."""

    def __init__(self, place: Place, command: Sequence[str]) -> None:
        self.place = place
        address = str(place.folder / "notify")
        Path(address).unlink(missing_ok=True)
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.bind(address)
        self._ready = False
        root = str(Path(firmware_tools.__file__).parent.parent)
        environment = os.environ | {
            "SDL_VIDEODRIVER": "dummy",
            "STATE_DIRECTORY": str(place.state),
            "RUNTIME_DIRECTORY": str(place.folder),
            "NOTIFY_SOCKET": address,
            "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]),
            "PYGAME_HIDE_SUPPORT_PROMPT": "1",
        }
        with (place.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                command, env=environment, stdout=log, stderr=subprocess.STDOUT, cwd=place.folder
            )

    def wait_ready(self) -> float:
        """Wait until it says that it is ready; returns how long that took, seconds.

        Raises:
            BrokenPromise: it ends instead, or takes too long.
        """
        started = time.monotonic()
        self.wait(lambda: self._ready, "ready")
        return time.monotonic() - started

    def wait(self, came: Callable[[], bool], what: str) -> None:
        """Wait for something that it does.

        Raises:
            BrokenPromise: it ends instead, or takes too long.
        """
        end = time.monotonic() + PATIENCE
        while not came():
            self._hear()
            status = self.process.poll()
            if status is not None and not came():
                raise BrokenPromise(f"ended with {status} before {what}: {self.place.log[-2000:]}")
            if time.monotonic() > end:
                raise BrokenPromise(f"not {what} after {PATIENCE:.0f} s: {self.place.log[-2000:]}")
            time.sleep(0.02)

    def told(self, kind: str) -> list[list[Any]]:
        """The lines of this kind in its journal."""
        return [line for line in self.place.journal() if line[0] == kind]

    def ended(self) -> int:
        """Wait for its end; returns the exit status.

        Raises:
            BrokenPromise: it does not end.
        """
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise BrokenPromise("it does not end") from None

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and wait for the end; returns the exit status."""
        self.process.send_signal(number)
        return self.ended()

    def close(self) -> None:
        """Whatever it does, it is over now."""
        self.process.kill()
        self.process.wait()
        self._notify.close()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _hear(self) -> None:
        """Take what it tells systemd, so that it can go on telling."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self._ready |= b"READY=1" in self._notify.recv(4096, socket.MSG_DONTWAIT)


@contextlib.contextmanager
def place(state: Path | None = None) -> Iterator[Place]:
    """A place that is gone afterwards.

    Args:
        state: a state folder elsewhere.
    """
    with tempfile.TemporaryDirectory(prefix="inkling-") as folder:
        yield Place(Path(folder), state)


@contextlib.contextmanager
def own_state() -> Iterator[None]:
    """While this lasts, this process keeps what it keeps in a folder that is gone afterwards."""
    before = os.environ.get("STATE_DIRECTORY")
    with tempfile.TemporaryDirectory(prefix="inkling-") as folder:
        os.environ["STATE_DIRECTORY"] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ["STATE_DIRECTORY"]
            else:
                os.environ["STATE_DIRECTORY"] = before
