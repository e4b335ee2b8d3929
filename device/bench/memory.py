"""Subject ``memory``: what the kiosk has in memory with a model loaded, beside the bare imports."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

from device.bench.measure import Bench, Row
from device.bench.processes import READY, SHOWN, Programs, programs, resident
from device.bench.start import IMPORTS
from device.errors import InklingError
from device.session import digits
from device.tflite import runtime

MOST_TURNS = 5
"""Memory hardly differs from start to start; one more is made first, which compiles."""

READINGS = 1_000
"""So many drawings are read before it is looked at again."""

USED = (
    IMPORTS,
    "pygame.display.get_surface().fill('black'); pygame.display.flip()",
    "network = {runtime}.Interpreter(model_content=open({file!r}, 'rb').read(), num_threads=1)",
    "network.allocate_tensors(); network.invoke()",
)
"""The bare imports put to use: a picture is shown, and a model has answered."""


def rows(bench: Bench) -> Iterator[Row]:
    """Resident memory, megabytes, of each program a few times, turn by turn."""
    _, interpreter = runtime()
    library = bench.library
    file = library.folder / library.entry(bench.config.model.name).file
    used = [line.format(runtime=interpreter.__module__, file=str(file)) for line in USED]
    found: dict[str, list[float]] = {
        "bare imports": [],
        "the same with a model": [],
        "kiosk": [],
        "headless": [],
        f"headless, {READINGS:,} readings later": [],
    }
    with programs(bench) as started:
        for turn in range(1 + min(bench.turns, MOST_TURNS)):
            for where, megabytes in zip(found, _turn(started, used), strict=True):
                if turn:
                    found[where].append(megabytes)
    for where, values in found.items():
        yield Row("memory", where, "MB", tuple(values))
    bare, model, kiosk, headless, _ = found.values()
    for where, ours, theirs in (
        ("kiosk / bare imports", kiosk, bare),
        ("kiosk / the same with a model", kiosk, model),
        ("headless / the same with a model", headless, model),
    ):
        ratios = tuple(one / other for one, other in zip(ours, theirs, strict=True))
        yield Row("memory", where, "×", ratios)


def _turn(started: Programs, used: list[str]) -> Iterator[float]:
    for lines in (used[:1], used):
        with started.bare(*lines) as program:
            program.wait_for(SHOWN)
            yield resident(program.pid)
    with started.inkling("run") as program:
        program.wait_for(READY)
        yield resident(program.pid)
    with started.inkling("headless") as program:
        program.wait_for(READY)
        yield resident(program.pid)
        _read(started)
        yield resident(program.pid)


def _read(started: Programs, count: int = READINGS) -> None:
    """Have the headless Inkling read so many drawings through its socket."""
    lines = [
        json.dumps({"strokes": [[(p.x, p.y) for p in stroke] for stroke in made.ink.strokes]})
        for made in digits()
    ]
    with socket.socket(socket.AF_UNIX) as end:
        end.settimeout(60)
        end.connect(str(started.ink))
        with end.makefile("rw", encoding="utf-8") as ink:
            for number in range(count):
                ink.write(lines[number % len(lines)] + "\n")
                ink.flush()
                if "verdict" not in json.loads(ink.readline()):
                    raise InklingError("the headless Inkling does not read what it is given")
