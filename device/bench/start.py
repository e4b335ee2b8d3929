"""Subject ``start``: from the start of the process to the first picture and the first reading,
beside as much as nobody can do without.

The first picture is the splash; the first reading is made when the main screen is there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from device.bench.measure import Bench, Row
from device.bench.processes import READY, SHOWN, Moment, Programs, programs
from device.tflite import runtime

MOST_TURNS = 15
"""Each turn starts four processes; one more is made first, which compiles what is imported."""

WINDOW = "import pygame; pygame.display.set_mode((800, 480))"
"""As little as a program with a screen can do..."""

IMPORTS = "import pygame, numpy, {runtime}; pygame.display.set_mode((800, 480))"
"""... and as little as one can that also reads."""

PICTURE, READING = "to the first picture", "to the first reading"


def rows(bench: Bench) -> Iterator[Row]:
    """Times by the clock, and the processor's, which other programs disturb less; ratios turn by
    turn."""
    turns: dict[tuple[str, str], list[Moment]] = defaultdict(list)
    with programs(bench) as started:
        for turn in range(1 + min(bench.turns, MOST_TURNS)):
            for key, moment in _turn(started):
                if turn:
                    turns[key].append(moment)
    for what, baseline in ((PICTURE, "bare window"), (READING, "bare imports")):
        kiosk, bare = turns[what, "kiosk"], turns[what, baseline]
        yield from _times(what, "kiosk", kiosk)
        if what == READING:
            yield from _times(what, "headless", turns[what, "headless"])
        yield from _times(what, baseline, bare)
        yield _ratio(what, f"kiosk / {baseline}", [m.clock for m in kiosk], [m.clock for m in bare])
        yield _ratio(
            f"processor, {what}",
            f"kiosk / {baseline}",
            [m.processor for m in kiosk],
            [m.processor for m in bare],
        )


def _turn(started: Programs) -> Iterator[tuple[tuple[str, str], Moment]]:
    with started.bare(WINDOW) as program:
        yield (PICTURE, "bare window"), program.wait_for(SHOWN)[SHOWN]
    with started.inkling("run") as program:
        moments = program.wait_for(SHOWN, READY)
        yield (PICTURE, "kiosk"), moments[SHOWN]
        yield (READING, "kiosk"), moments[READY]
    _, interpreter = runtime()
    with started.bare(IMPORTS.format(runtime=interpreter.__module__)) as program:
        yield (READING, "bare imports"), program.wait_for(SHOWN)[SHOWN]
    with started.inkling("headless") as program:
        yield (READING, "headless"), program.wait_for(READY)[READY]


def _times(what: str, where: str, moments: list[Moment]) -> Iterator[Row]:
    yield Row(what, where, "ms", tuple(1000 * moment.clock for moment in moments))
    yield Row(f"processor, {what}", where, "ms", tuple(1000 * m.processor for m in moments))


def _ratio(what: str, where: str, ours: list[float], theirs: list[float]) -> Row:
    values = tuple(one / other for one, other in zip(ours, theirs, strict=True))
    return Row(what, where, "×", values)
