"""From an event of the kernel's, through evdev and SDL, to ink and answer: ``inkling bench touch``
where the kernel has uinput. The times are an emulator's, and say nothing about a Pi."""

from __future__ import annotations

import json
from pathlib import Path

from device.bench.touch import BELOW
from virtual_pi.conftest import Boot
from virtual_pi.host import step

TURNS = 20


def test_an_event_of_the_kernel_becomes_ink_and_an_answer(boot: Boot, pictures: Path) -> None:
    with boot("touch") as visit:
        machine = visit.machine
        machine.ssh("systemctl stop inkling && modprobe uinput")
        with step(f"inkling bench touch, {TURNS} turns"):
            said = machine.ssh(f"inkling bench touch --turns {TURNS} --json 2>/dev/null")
        (pictures / "touch.json").write_text(said)
        rows = {(row["what"], row["where"]): row for row in json.loads(said)["subjects"]["touch"]}
        ink = rows["from evdev event to ink", BELOW]
        answer = rows["from evdev event to answer", BELOW]
        assert ink["count"] == answer["count"] == TURNS
        assert 0 < ink["median"] <= answer["median"]
        print({what: row["median"] for (what, where), row in rows.items() if where == BELOW})
        # The panel is gone again, and the kiosk does not mind that there was one.
        machine.ssh("systemctl start inkling")
        machine.active()
