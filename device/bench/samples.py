"""Subject ``samples``: many drawings at once: ``inkling read --strokes``, and what is taught."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from device.bench.measure import Bench, Row, interleaved, measured, timed
from device.errors import InklingError
from device.read import drawings_from_lines, write_readings
from device.samples import Samples
from device.session import digits

BATCH = 1_000
"""Drawings that are read between two looks at the clock and the memory."""

PAIRS = 5
"""How often one process is compared with two."""


def rows(bench: Bench) -> Iterator[Row]:
    """What a taught drawing costs; how many are read a second, by one process and by two, and what
    stays of them in memory: a batch for every ten turns, so ``--turns 10000`` reads a million."""
    with tempfile.TemporaryDirectory(prefix="inkling-") as folder, Samples(Path(folder)) as samples:
        keep = partial(samples.add, digits()[3].ink, "3")
        taken = interleaved({"keep": keep}, bench.turns)["keep"]
        yield measured("a taught drawing, onto the disk", "a drawing", taken)
    yield from _read(bench, max(3, bench.turns // 10))
    yield from _two_processes(bench)


def lines(count: int) -> bytes:
    """So many of the session's digits as JSON lines."""
    texts = [json.dumps(drawing.ink.to_json()) for drawing in digits()]
    return "".join(f"{texts[number % len(texts)]}\n" for number in range(count)).encode()


def _read(bench: Bench, batches: int) -> Iterator[Row]:
    content, recognizer = lines(BATCH), bench.recognizer
    rates, work, memory = [], [], []
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        for _ in range(batches):
            started, worked = time.perf_counter(), time.process_time()
            write_readings(drawings_from_lines(io.BytesIO(content), "-"), recognizer, nowhere)
            rates.append(BATCH / (time.perf_counter() - started))
            work.append(BATCH / (time.process_time() - worked))
            memory.append(resident())
    yield Row("drawings read", "one process", "per s", tuple(rates))
    yield Row("drawings read in a second of a core's time", "one process", "per s", tuple(work))
    where = f"after {batches * BATCH:,} drawings"
    yield Row("memory, more than after the first 1,000", where, "MB", (memory[-1] - memory[0],))


def resident(status: Path = Path("/proc/self/statm")) -> float:
    """This process's memory in MB; 0 where the system does not tell."""
    try:
        pages = int(status.read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


def _two_processes(bench: Bench) -> Iterator[Row]:
    """One process and two, in turns; each reads the same number of drawings."""
    count = 10 * bench.turns
    with tempfile.TemporaryDirectory(prefix="inkling-") as folder:
        path = Path(folder) / "ink.jsonl"
        path.write_bytes(lines(count))
        command = [sys.executable, "-m", "device.cli", "read", "--strokes", str(path)]
        command += ["--model", bench.config.model.name]
        if bench.models is not None:
            command += ["--models", str(bench.models)]
        gains = []
        for _ in range(PAIRS):
            one, two = (timed(partial(_all, command, number)) for number in (1, 2))
            gains.append(2 * one / two)
    yield Row("drawings read a second, of one's", "two processes", "×", tuple(gains))


def _all(command: list[str], count: int) -> None:
    """Run so many of a command side by side, to their end."""
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(count)]
    statuses = [process.wait() for process in running]
    if any(statuses):
        raise InklingError("a process that was to be measured has failed")
