"""Twenty thousand strokes, one after the other: memory and descriptors stay as they are.

They come faster than an emulated kiosk reads them. What no longer fits into the kernel's queue is
lost, so that fewer are drawn.
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
from virtual_pi.visit import Visit

STROKES = int(os.environ.get("INKLING_SOAK", "20000"))
WARM = 4000
"""Strokes after which everything has been loaded and drawn once."""

CLEARED = 10
"""After so many strokes the canvas is cleared."""

GROWTH = 4096
"""KiB by which the most that was in use may grow from the first half to the second: what half a KiB
would come to that each stroke left. Single values go up and down with what the allocator keeps, and
bars are kept as pictures in all their heights."""


def sizes(visit: Visit) -> tuple[int, int, int]:
    """KiB of memory, open descriptors and threads of the kiosk."""
    pid = visit.machine.unit("MainPID")["MainPID"]
    said = visit.machine.ssh(f"cat /proc/{pid}/status; ls /proc/{pid}/fd | wc -l")
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
            if number in (WARM, STROKES) or number % 2000 == 0:
                visit.machine.until(lambda: visit.seen() is not None, "the main screen")
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
        warm = [row for row in seen if row[0] >= WARM]
        half = (WARM + STROKES) / 2
        most = [max(row[1] for row in warm if (row[0] > half) is late) for late in (False, True)]
        assert most[1] - most[0] < GROWTH, seen
        # One may be open for a moment while something is written.
        least = [min(row[2:] for row in warm if (row[0] > half) is late) for late in (False, True)]
        assert least[0] == least[1], seen
        assert visit.machine.unit("NRestarts")["NRestarts"] == "0"
