"""Twenty thousand strokes, one after the other: memory and descriptors stay as they are.

They come faster than an emulated kiosk reads them: now and then it is waited for, since what waits
takes memory, and what no longer fits into the kernel's queue is lost.
"""

from __future__ import annotations

import json
import os
import random
import re
import sys
import time

from device.reading import Verdict
from device.screen.layout import arrange
from device.session import digits
from virtual_pi.conftest import Boot
from virtual_pi.finger import Finger
from virtual_pi.looks import Seen
from virtual_pi.visit import REST, Visit

STROKES = int(os.environ.get("INKLING_SOAK", "20000"))
WARM = 1000
"""Strokes after which everything has been loaded and drawn once."""

CLEARED = 10
"""After so many strokes the canvas is cleared, ..."""

MEASURED = 1000
"""... and after so many all that was drawn is waited for."""

QUIET = 4
"""So often in a row the canvas must be found empty and dark."""

GROWTH = 2048
"""KiB that memory may have grown in the end."""


def come_to_rest(visit: Visit) -> None:
    """Wait until everything is read, and cleared: Clear may have been tapped in vain."""
    quiet = 0

    def rests() -> bool:
        nonlocal quiet
        dark = not visit.lit or visit.machine.lit() == "none"
        if visit.seen() == Seen(Verdict.BLANK) and dark:
            quiet += 1
        else:
            quiet = 0
            visit.finger.clear()
        return quiet == QUIET

    visit.machine.until(rests, "an empty canvas", REST)


def sizes(visit: Visit) -> tuple[int, int, int]:
    """KiB of memory, open descriptors and threads of the kiosk, once it has rested for a moment."""
    pid = visit.machine.unit("MainPID")["MainPID"]
    said = visit.machine.ssh(f"sleep 2; cat /proc/{pid}/status; ls /proc/{pid}/fd | wc -l")
    memory = re.search(r"VmRSS:\s+(\d+)", said)
    threads = re.search(r"Threads:\s+(\d+)", said)
    assert memory is not None and threads is not None, said
    return int(memory[1]), int(said.split()[-1]), int(threads[1])


def test_memory_and_descriptors_stay_flat(boot: Boot) -> None:
    chance = random.Random(8)
    with boot("soak") as visit:
        layout = arrange(*(visit.machine.box.size or (0, 0)))
        finger = Finger(visit.machine.qmp, layout, hertz=0)
        paper, seen = layout.paper, []
        start = time.monotonic()
        for number in range(STROKES + 1):
            if number % MEASURED == 0:
                come_to_rest(visit)
                seen.append((number, *sizes(visit)))
                print(f"        {number} strokes, {time.monotonic() - start:.0f} s: {seen[-1]}",
                      file=sys.stderr, flush=True)  # fmt: skip
            if number % CLEARED == 0:
                visit.finger.clear()
            x, y = (paper.x + chance.uniform(0.1, 0.9) * paper.width,
                    paper.y + chance.uniform(0.1, 0.9) * paper.width)  # fmt: skip
            reach = 0.08 * paper.width
            finger.trace(
                (x + chance.uniform(-reach, reach), y + chance.uniform(-reach, reach))
                for _ in range(4)
            )
        visit.draw(digits()[3].ink, Seen(Verdict.ACCEPTED, 3))
        (visit.pictures / "soak.json").write_text(json.dumps(seen))
        warm = next(row for row in seen if row[0] >= WARM)
        last = seen[-1]
        assert last[1] - warm[1] < GROWTH, seen
        assert last[2:] == warm[2:], seen
        assert visit.machine.unit("NRestarts")["NRestarts"] == "0"
