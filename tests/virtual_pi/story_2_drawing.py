"""A finger draws on the bare screen: the right answer, the right light."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import pytest

from device.ink import Ink
from device.reading import Verdict
from device.session import Drawing, digits, session
from virtual_pi.host import step
from virtual_pi.looks import Seen
from virtual_pi.machine import Machine
from virtual_pi.visit import Visit

pytestmark = pytest.mark.short

FITTED = """\
[lights]
strobe = 25
bcd = "5, 6, 13, 19"
segments = "12, 16, 20, 21, 26, 18, 4"
"""
"""What docs/hardware.md has one write when everything is wired."""

BCD = (5, 6, 13, 19)
SEGMENTS = (12, 16, 20, 21, 26, 18, 4)

SHAPES = {
    0: "abcdef", 1: "bc", 2: "abdeg", 3: "abcdg", 4: "bcfg",
    5: "acdfg", 6: "acdefg", 7: "abc", 8: "abcdefg", 9: "abcdfg",
}  # fmt: skip
"""The segments of each digit."""


@pytest.mark.parametrize("drawing", digits(), ids=lambda drawing: drawing.name)
def test_a_digit_is_read_and_lights_green(pi: Visit, drawing: Drawing) -> None:
    pi.draw(drawing.ink, Seen(Verdict.ACCEPTED, int(drawing.name)))
    pi.keep(f"digit-{drawing.name}")


ODD: dict[str, tuple[int, Callable[[Ink], Ink]]] = {
    "small in a corner": (3, lambda ink: ink.scaled(0.3).moved(-0.3, -0.3)),
    "large": (4, lambda ink: ink.scaled(1.3)),
    "low and to the right": (5, lambda ink: ink.scaled(0.5).moved(0.22, 0.2)),
    "turned to the left": (2, lambda ink: ink.rotated(-math.radians(12))),
    "turned to the right": (7, lambda ink: ink.rotated(math.radians(12))),
}


@pytest.mark.parametrize("where", ODD)
def test_place_size_and_angle_do_not_matter(pi: Visit, where: str) -> None:
    digit, change = ODD[where]
    pi.draw(change(digits()[digit].ink), Seen(Verdict.ACCEPTED, digit))
    pi.keep(f"{digit}-{where.replace(' ', '-')}")


@pytest.mark.parametrize(
    "drawing", [made for made in session() if not made.name.isdigit()], ids=lambda made: made.name
)
def test_a_doodle_is_red_and_two_symbols_are_amber(pi: Visit, drawing: Drawing) -> None:
    if drawing.ink.is_blank:
        pi.clear()
        return
    several = drawing.name not in ("a cat", "doodle")
    pi.draw(drawing.ink, Seen(Verdict.SEVERAL if several else Verdict.REJECTED))
    pi.keep("several" if several else "doodle")


def test_clear_takes_everything_back(pi: Visit) -> None:
    pi.draw(digits()[7].ink, Seen(Verdict.ACCEPTED, 7))
    pi.clear()
    pi.keep("clear")
    assert pi.machine.unit("StatusText")["StatusText"] == "blank"


def test_the_status_line_has_the_last_reading(pi: Visit) -> None:
    pi.draw(digits()[2].ink, Seen(Verdict.ACCEPTED, 2))
    pi.machine.until(
        lambda: pi.machine.unit("StatusText")["StatusText"] == "accepted 2", "the status line"
    )


def test_machines_read_the_digit_on_its_lines_and_people_on_seven_segments(pi: Visit) -> None:
    if not pi.lit:
        pytest.skip("there is no lgpio for this system")
    machine = pi.machine
    machine.ssh("cp /etc/inkling/inkling.toml /root")
    machine.put(FITTED.encode(), "/etc/inkling/inkling.toml")
    try:
        with step("the kiosk with all its lines"):
            machine.ssh("systemctl restart inkling")
        for digit in (8, 1, 9):
            pi.draw(digits()[digit].ink, Seen(Verdict.ACCEPTED, digit))
            expected = {line: bool(digit >> n & 1) for n, line in enumerate(BCD)} | {
                line: name in SHAPES[digit] for name, line in zip("abcdefg", SEGMENTS, strict=True)
            }
            shown = partial(_shows, machine, expected)
            machine.until(shown, f"{digit} on the lines", 0.1, 30)
        pi.clear()
        lines = machine.lines()
        assert all(lines[line] for line in BCD), "15 stands for no digit"
        assert not any(lines[line] for line in SEGMENTS)
    finally:
        machine.ssh("cp /root/inkling.toml /etc/inkling/ && systemctl restart inkling")


def _shows(machine: Machine, lines: dict[int, bool]) -> bool:
    return lines.items() <= machine.lines().items()
