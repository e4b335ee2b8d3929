"""The card that `make image` writes: what of it can be booted here is what a Pi would run.

Its own kernel, RAM disk and root, from their partitions; the firmware is left out, QEMU has none.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from device.reading import Verdict
from device.session import digits
from virtual_pi import card, emulator, recipe
from virtual_pi.emulator import Box
from virtual_pi.looks import Seen
from virtual_pi.machine import Machine
from virtual_pi.teacher import Teacher
from virtual_pi.visit import Visit


@pytest.fixture(scope="module")
def made(
    suite: recipe.Suite,
    source: Path,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A card whose keeper comes in with the key that opens every virtual Pi."""
    given: Path | None = request.config.getoption("--card")
    if given is not None:
        return given.resolve()
    if os.geteuid() != 0:
        pytest.skip("a card's image is made by root")
    if suite != recipe.BOOKWORM:
        pytest.skip("Debian's own trixie has no lgpio for the package")
    key = Path(f"{recipe.key()}.pub")
    return card.make(suite, source, tmp_path_factory.mktemp("card"), key)


@pytest.fixture(scope="module")
def visit(
    made: Path,
    image: recipe.Image,
    qemu: emulator.Emulator,
    pictures: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Visit]:
    """A machine that has booted it."""
    run = tmp_path_factory.mktemp("card-machine")
    box = replace(Box(), root=card.ROOT_DEVICE)
    disk = emulator.overlay(made, run / "card.qcow2")
    with Machine(qemu, card.boots(made, image, run), disk, run, box, card.KEEPER) as machine:
        found = Visit(machine, pictures, "card")
        try:
            found.power_on()
            yield found
        finally:
            (pictures / "card.serial.log").write_text(machine.serial())


def test_its_kiosk_comes_by_itself_on_a_read_only_root(visit: Visit) -> None:
    machine = visit.machine
    visit.keep("first-picture")
    assert machine.ssh("findmnt -n -o OPTIONS /").startswith("ro")
    assert machine.ssh("findmnt -n -o OPTIONS /var/lib/inkling").startswith("rw")
    assert machine.ssh("systemctl --failed --no-legend --plain") == ""
    assert machine.unit("NRestarts")["NRestarts"] == "0"


def test_a_digit_is_read_and_lights_green(visit: Visit) -> None:
    visit.draw(digits()[3].ink, Seen(Verdict.ACCEPTED, 3))
    visit.keep("digit-3")


def test_what_is_taught_outlives_the_power(visit: Visit) -> None:
    teacher = Teacher(visit)
    teacher.enter()
    none = teacher.shows("4")
    teacher.teach(digits()[4].ink, "4")
    one = teacher.shows("4")
    visit.machine.cut()
    visit.power_on()
    again = Teacher(visit)
    again.enter()
    assert again.shows("4") == one != none
