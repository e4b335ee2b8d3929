"""Starting a program with all that it starts, and what all of it takes: time, wake-ups, memory."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from device.errors import InklingError

PROC = Path("/proc")

_ADOPT_ORPHANS = 36
"""PR_SET_CHILD_SUBREAPER of prctl(2)."""


class ComparisonError(InklingError):
    """Something cannot be measured here; the text says why."""


@dataclass(frozen=True)
class Usage:
    """What the processes have taken so far: of the processor (seconds), by process, and how often
    they gave it up to wait (which each ends in a wake-up), by thread."""

    processor: Mapping[int, float]
    waits: Mapping[int, int]

    def since(self, before: Usage) -> tuple[float, int]:
        """Seconds of the processor and wake-ups since then; who has come since counts whole."""
        seconds = sum(t - before.processor.get(pid, 0.0) for pid, t in self.processor.items())
        waits = sum(n - before.waits.get(thread, 0) for thread, n in self.waits.items())
        return seconds, waits


@dataclass(frozen=True)
class Running:
    """A program that runs, with all its descendants: also those whose parent has gone.

    Attributes:
        popen: the program itself.
        spared: this process's children from before.
        started: the moment of the monotonic clock at which it was.
        log: where the program's output goes.
    """

    popen: subprocess.Popen[bytes]
    spared: frozenset[int]
    started: float
    log: IO[bytes]

    def check(self) -> None:
        """See that the program still runs.

        Raises:
            ComparisonError: it has ended; with its last words.
        """
        if self.popen.poll() is not None:
            self.log.seek(0)
            said = self.log.read().decode(errors="replace").strip().splitlines()
            raise ComparisonError(f"the program has ended: {said[-1] if said else 'no word'}")

    def processes(self) -> list[int]:
        """Their numbers, the program's own among them."""
        return sorted(descendants(parents(), os.getpid(), self.spared))

    def usage(self) -> Usage:
        """What they have taken so far."""
        found = self.processes()
        times = {pid: seconds for pid in found if (seconds := processor_seconds(pid)) is not None}
        return Usage(times, {thread: n for pid in found for thread, n in waits(pid).items()})

    def memory(self) -> float:
        """Megabytes that they take together; what they share among themselves counts once.

        One process alone counts with all it has in use (RSS), so that what it happens to share
        with strangers is not left out; of several, each counts with its share (PSS).
        """
        found = self.processes()
        key = "Pss" if len(found) > 1 else "Rss"
        return sum(_rolled_up(pid, key) for pid in found) / 1e6


def parents(proc: Path = PROC, *, ended: bool = False) -> dict[int, int]:
    """Every process and its parent; with ``ended`` also those that nobody has taken leave of."""
    found = {}
    for folder in proc.iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                state, parent = state_and_parent((folder / "stat").read_text(errors="replace"))
                if ended or state != "Z":
                    found[int(folder.name)] = parent
    return found


def state_and_parent(stat: str) -> tuple[str, int]:
    """From a ``/proc/PID/stat``; a program's name may hold spaces and brackets."""
    state, parent = stat.rpartition(")")[2].split()[:2]
    return state, int(parent)


def descendants(parent_of: Mapping[int, int], root: int, spared: frozenset[int]) -> set[int]:
    """All below ``root``, without those spared and what is below them."""
    found: set[int] = set()
    new = {root}
    while new:
        new = {pid for pid, parent in parent_of.items() if parent in new} - spared - found
        found |= new
    return found


def processor_seconds(pid: int) -> float | None:
    """The processor's time that a process has had, to the nanosecond; None when it has gone.

    Its clock is asked (clock_getcpuclockid(3)): /proc counts in ticks of 10 ms.
    """
    try:
        return time.clock_gettime(~pid << 3 | 2)
    except OSError:
        return None


def waits(pid: int, proc: Path = PROC) -> dict[int, int]:
    """How often each thread of a process has waited so far; empty when it has gone."""
    found = {}
    with contextlib.suppress(OSError):
        for task in (proc / str(pid) / "task").iterdir():
            with contextlib.suppress(OSError):
                status = (task / "status").read_text(errors="replace")
                found[int(task.name)] = int(field(status, "voluntary_ctxt_switches").split()[0])
    return found


def field(text: str, key: str) -> str:
    """The value of a line ``key: value``; "0" without one."""
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name == key:
            return value.strip()
    return "0"


def _rolled_up(pid: int, key: str) -> int:
    """Bytes of a process; 0 when it has gone."""
    try:
        text = (PROC / str(pid) / "smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    except OSError as error:
        raise ComparisonError(
            f"the memory of process {pid} cannot be read ({error.strerror}): run this as root"
        ) from error
    return 1024 * int(field(text, key).split()[0])


@contextlib.contextmanager
def running(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[Running]:
    """A program while the block lasts; after it nothing that it has started is left.

    Meanwhile whatever else this process starts counts as the program's.

    Raises:
        ComparisonError: it cannot be started.
    """
    spared = frozenset(pid for pid, parent in parents(ended=True).items() if parent == os.getpid())
    with _adopting(), tempfile.TemporaryFile() as log:
        started = time.monotonic()
        try:
            popen = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        except OSError as error:
            raise ComparisonError(f"{command[0]}: {error.strerror or error}") from error
        made = Running(popen, spared, started, log)
        try:
            yield made
        finally:
            _end(made)


@contextlib.contextmanager
def _adopting() -> Iterator[None]:
    """Descendants whose parent ends become this process's children, and so are found."""
    libc = ctypes.CDLL(None)
    libc.prctl(_ADOPT_ORPHANS, 1, 0, 0, 0)
    try:
        yield
    finally:
        libc.prctl(_ADOPT_ORPHANS, 0, 0, 0, 0)


def _end(program: Running) -> None:
    """End a program, first as one asks and then as one must."""
    program.popen.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        program.popen.wait(10)
    while left := program.processes():
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)
    program.popen.wait()
    for pid, parent in parents(ended=True).items():  # the adopted ones
        if parent == os.getpid() and pid not in program.spared:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
