"""Programs that are measured from outside, as processes of their own."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple, cast

from device import config as configuration
from device.bench.measure import Bench
from device.config import as_toml
from device.errors import InklingError

PATIENCE = 120.0
"""Seconds after which a program that has not begun is given up."""

SHOWN = "screen: "
"""What the kiosk's log says once the first picture is on the screen..."""

READY = "READY=1"
"""... and what systemd is told once it can read."""

BEGUN = "import os; os.write(2, b'screen: there\\n')"
"""How a program without a log says the same."""

SCRIPT = "import re, sys; from device.cli import main; sys.exit(main())"
"""What the command ``inkling`` is, as pip writes it."""

_SLEEP = "import time; time.sleep(600)"


class Moment(NamedTuple):
    """How much time a program has taken so far, seconds: by the clock, and by the processor."""

    clock: float
    processor: float


class Program:
    """A process that tells how far it has come; use it as a context manager.

    Args:
        words: its command line.
        environment: its environment.
        folder: an empty folder for what it keeps.
    """

    def __init__(self, words: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self._notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        address = str(folder / "notify")
        self._notified.bind(address)
        own = {"NOTIFY_SOCKET": address, "STATE_DIRECTORY": str(folder)}
        self._started = time.perf_counter()
        self._process = subprocess.Popen(
            words, env={**environment, **own}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        self.pid = self._process.pid
        self._log = cast("IO[bytes]", self._process.stderr)
        self._reader: threading.Thread | None = None

    def wait_for(self, *marks: str) -> dict[str, Moment]:
        """When it has said each of these, in its log or to systemd; once.

        Raises:
            InklingError: it has ended, or takes too long.
        """
        moments: dict[str, Moment] = {}
        log = b""
        with selectors.DefaultSelector() as ready:
            for source in (self._log, self._notified):
                ready.register(source, selectors.EVENT_READ)
            while len(moments) < len(marks):
                left = self._started + PATIENCE - time.perf_counter()
                heard = b""
                for key, _ in ready.select(max(0.0, left)):
                    heard += os.read(key.fd, 65536)
                if not heard:
                    tail = log.decode(errors="replace").strip().rpartition("\n")[2]
                    raise InklingError(f"a program that was to be measured does not begin: {tail}")
                log += heard
                for mark in marks:
                    if mark not in moments and mark.encode() in heard:
                        clock = time.perf_counter() - self._started
                        moments[mark] = Moment(clock, processor_seconds(self.pid))
        # Nobody writes for long into a pipe that nobody reads.
        self._reader = threading.Thread(target=self._log.read, daemon=True)
        self._reader.start()
        return moments

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        if self._reader is not None:
            self._reader.join()
        self._log.close()
        self._notified.close()


class Programs:
    """Starts what is compared: Inkling, and as little as can be of what it is made of.

    Whatever the caller's environment says, compiled modules are kept, as they are where a program
    is installed; nothing is drawn on a screen, and pins are mock pins.
    """

    def __init__(self, bench: Bench, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        settings = {
            "kiosk.idle_seconds": 0,
            "kiosk.blank_minutes": 0,
            "headless.socket": str(folder / "ink"),
        }
        self.ink = folder / "ink"
        self._config = folder / "bench.toml"
        text = as_toml(configuration.changed(bench.config, settings))
        self._config.write_text(text, encoding="utf-8")
        self._models = () if bench.models is None else ("--models", str(bench.models))
        self._environment = {
            **{k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"},
            "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
            "SDL_VIDEODRIVER": "dummy",
            "GPIOZERO_PIN_FACTORY": "mock",
        }

    def inkling(self, command: str) -> Program:
        """``inkling run`` or ``inkling headless``."""
        options = ("--config", str(self._config), *self._models)
        return self._start("-c", SCRIPT, command, *options)

    def bare(self, *lines: str) -> Program:
        """A Python program that does no more than these lines, and then sleeps."""
        return self._start("-c", "\n".join((*lines, BEGUN, _SLEEP)))

    def _start(self, *words: str) -> Program:
        self._count += 1
        own = self._folder / str(self._count)
        own.mkdir()
        return Program([sys.executable, *words], self._environment, own)


@contextlib.contextmanager
def programs(bench: Bench) -> Iterator[Programs]:
    """While this lasts, programs can be started and their files be kept."""
    with tempfile.TemporaryDirectory(prefix="inkling-") as folder:
        yield Programs(bench, Path(folder))


def processor_seconds(pid: int) -> float:
    """How long a process has kept processors busy, all its threads together."""
    try:
        times = [int(path.read_text().split()[0]) for path in _threads(pid, "schedstat")]
        return sum(times) / 1e9
    except FileNotFoundError:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wakeups(pid: int) -> int:
    """How often a process has gone to sleep, and so been woken, so far."""
    count = 0
    for path in _threads(pid, "status"):
        fields = dict(line.split(":\t") for line in path.read_text().splitlines() if ":\t" in line)
        count += int(fields["voluntary_ctxt_switches"])
    return count


def resident(pid: int) -> float:
    """The memory that a process has, megabytes (10^6)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _threads(pid: int, name: str) -> list[Path]:
    return [path / name for path in Path(f"/proc/{pid}/task").iterdir()]
