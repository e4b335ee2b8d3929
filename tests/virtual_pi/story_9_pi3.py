"""The same install on QEMU's Raspberry Pi 3B, whose GPIO registers are the real ones.

It has no network there: on another machine its card is told to draw over the socket by itself.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from device.session import digits, session
from virtual_pi import board, emulator, recipe
from virtual_pi.conftest import Boot
from virtual_pi.emulator import Box, Pi3
from virtual_pi.host import step
from virtual_pi.machine import Machine

PAUSE = 8
"""Seconds from one drawing to the next."""

DRAWER = f"""\
import socket, time
lines = open("/root/lines").read().splitlines()
while True:
    for line in lines:
        with socket.socket(socket.AF_UNIX) as ours:
            ours.connect("/run/inkling/ink.sock")
            ours.sendall(line.encode() + b"\\n")
            print("answer", ours.makefile().readline(), flush=True)
        time.sleep({PAUSE})
"""

UNIT = """\
[Unit]
After=inkling-headless.service
[Service]
ExecStart=/usr/bin/python3 /root/drawer.py
Restart=always
RestartSec=5
StandardOutput=journal+console
[Install]
WantedBy=multi-user.target
"""


@pytest.fixture(scope="module")
def card(boot: Boot, installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A card whose keeper has chosen the headless service, with a program that draws."""
    # An SD card's size is a power of two.
    disk = emulator.overlay(installed, tmp_path_factory.mktemp("pi3") / "card.qcow2", "4G")
    drawings = [digits()[3], *(made for made in session() if made.name in ("a cat", "1 and 2"))]
    with boot("before-pi3", Box(size=None), disk, ready=False) as visit:
        machine = visit.machine
        machine.on()
        machine.reachable()
        lines = "".join(f"{json.dumps(made.ink.to_json())}\n" for made in drawings)
        machine.put(lines.encode(), "/root/lines")
        machine.put(DRAWER.encode(), "/root/drawer.py")
        machine.put(UNIT.encode(), "/etc/systemd/system/drawer.service")
        machine.ssh("systemctl disable inkling; systemctl enable inkling-headless drawer; sync")
        machine.off()
    return disk


def test_digit_doodle_and_two_symbols_light_their_lamps_in_turn(
    card: Path,
    image: recipe.Image,
    qemu: emulator.Emulator,
    pictures: Path,
    tmp_path: Path,
) -> None:
    wanted = ["accept", "reject", "several", "accept"]
    with Machine(qemu, image, card, tmp_path, Pi3()) as machine:
        machine.on()
        seen: list[str] = []

        def came() -> bool:
            lit = board.Pins().lit(board.bcm_outputs(machine.qmp))
            if lit in wanted and (not seen or seen[-1] != lit):
                seen.append(lit)
            return len(seen) >= len(wanted)

        try:
            with step("a Raspberry Pi 3B, until its lights have gone round"):
                machine.until(came, "the lights of a Raspberry Pi 3", 0.2, 1800)
        finally:
            (pictures / "pi3.serial.log").write_text(machine.serial())
        first = seen.index("accept")
        assert seen[first : first + 2] in (wanted[:2], ["accept"]), seen
        assert {"accept", "reject", "several"} <= set(seen)
