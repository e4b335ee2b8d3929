"""Without a screen: the same strokes on a digitiser, ink on the socket, lights and the journal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from device.ink import Ink
from device.screen.area import Area
from device.screen.display import DEFAULT_SIZE
from device.session import digits, session
from virtual_pi.conftest import Boot
from virtual_pi.emulator import Box
from virtual_pi.finger import Finger
from virtual_pi.host import step
from virtual_pi.machine import Machine
from virtual_pi.visit import Visit

pytestmark = pytest.mark.short

ASK = """\
import socket, sys
with socket.socket(socket.AF_UNIX) as ours:
    ours.connect("/run/inkling/ink.sock")
    ours.sendall(sys.stdin.buffer.read())
    ours.shutdown(socket.SHUT_WR)
    while part := ours.recv(65536):
        sys.stdout.buffer.write(part)
"""
"""A program in somebody's machine: sends lines, prints the answers."""

FITS = 0.55
"""A digitiser is wider than it is high: a drawing of this size lies on it as a whole."""


@pytest.fixture(scope="module")
def unit(boot: Boot) -> Iterator[Visit]:
    """A machine without a display whose keeper has chosen the headless service."""
    with boot("headless", Box(size=None), ready=False) as visit:
        machine = visit.machine
        with step("power on, then the headless service"):
            machine.on()
            machine.reachable()
            machine.ssh("systemctl disable --now inkling")
            machine.ssh("systemctl reset-failed 'inkling*'; systemctl stop inkling-out-of-order")
            machine.ssh("systemctl enable --now inkling-headless")
            machine.active("inkling-headless")
        yield visit


def drawn(visit: Visit, ink: Ink, light: str, status: str) -> None:
    """Draw on the digitiser; once the drawing has ended, light and status line say what they
    should."""
    machine = visit.machine
    width, height = DEFAULT_SIZE
    paper = Area(0, (height - width) // 2, width, width)
    whole = SimpleNamespace(size=DEFAULT_SIZE, paper=paper)
    before = ended(machine)
    Finger(machine.qmp, whole).draw(ink.scaled(FITS))  # type: ignore[arg-type]
    machine.until(lambda: ended(machine) > before, "the end of the drawing", 1.0, 120)
    state = machine.unit("StatusText", unit="inkling-headless")
    assert state["StatusText"] == status
    assert not visit.lit or machine.lit() == light


def ended(machine: Machine) -> int:
    """How many drawings on the digitiser the journal tells of."""
    return int(machine.ssh("journalctl -b -u inkling-headless -o cat | grep -c ', drawn' || true"))


def test_it_comes_with_the_power_and_says_so(unit: Visit) -> None:
    state = unit.machine.unit("ActiveState", "NRestarts", unit="inkling-headless")
    assert state == {"ActiveState": "active", "NRestarts": "0"}
    assert unit.machine.ssh("systemctl --failed --no-legend --plain") == ""


@pytest.mark.parametrize("digit", [0, 2, 7])
def test_a_digit_on_the_digitiser_lights_green(unit: Visit, digit: int) -> None:
    drawn(unit, digits()[digit].ink, "accept", f"accepted {digit}")


def test_a_doodle_on_the_digitiser_lights_red(unit: Visit) -> None:
    cat = next(made.ink for made in session() if made.name == "a cat")
    drawn(unit, cat, "reject", "rejected")


def test_the_socket_answers_every_drawing_in_its_order(unit: Visit) -> None:
    machine = unit.machine
    machine.put(ASK.encode(), "/root/ask.py")
    lines = "".join(f"{json.dumps(made.ink.to_json())}\n" for made in digits())
    said = machine.ssh("python3 /root/ask.py", data=lines.encode())
    answers = [json.loads(line) for line in said.splitlines()]
    assert [(made["verdict"], made["digit"]) for made in answers] == [
        ("accepted", digit) for digit in range(10)
    ]
    if unit.lit:
        machine.until(lambda: machine.lit() == "accept", "the light of the last answer", 0.1, 30)


def test_the_journal_tells_the_readings_and_no_error(unit: Visit) -> None:
    own = unit.machine.ssh("journalctl -b -u inkling-headless -o cat --no-pager")
    assert "from the socket" in own and "drawn" in own
    assert not [line for line in own.splitlines() if line.startswith(("ERROR", "WARNING"))]
    assert "Traceback" not in own
