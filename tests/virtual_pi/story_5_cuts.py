"""The power goes, at any moment: the machine boots, the kiosk is up, nothing acknowledged is lost.

QEMU is killed. What the system inside has not yet brought to its disk is gone, as it is when a plug
is pulled; what the disk has been told to keep, it keeps.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from device.reading import Verdict
from device.session import digits
from virtual_pi import emulator, product, recipe
from virtual_pi.conftest import Boot
from virtual_pi.emulator import Box
from virtual_pi.host import VirtualPiError, step, tell
from virtual_pi.looks import Seen
from virtual_pi.machine import Machine
from virtual_pi.teacher import Teacher
from virtual_pi.visit import Visit

CHECKED = Box(words="fsck.mode=force", restarts=True)
"""Every boot checks all of the file system; where that tidies something up, it boots once more."""

MOMENT = 5.0
"""Seconds within which a plug that is about to be pulled has been."""

SEED = 6
CUTS = {"booting": 4, "drawing": 4, "teaching": 6, "upgrading": 6}
"""What goes on at the moment, and how often; twenty together."""


@contextmanager
def power_goes(machine: Machine, seconds: float) -> Iterator[None]:
    """The plug is pulled after so many seconds of the machine's time; what cannot be finished then,
    need not be."""

    pulled = threading.Event()

    def pull() -> None:
        machine.spend(seconds)
        pulled.set()
        machine.pull()

    puller = threading.Thread(target=pull)
    puller.start()
    try:
        with step(f"the power goes after {seconds:.1f} s"):
            try:
                yield
            except VirtualPiError:
                # The connection may end long before the last of a machine's writes to its disk,
                # and with them its process.
                puller.join(MOMENT)
                if not pulled.is_set():
                    raise
            puller.join()
    finally:
        machine.pull()
        puller.join()
        machine.cut()


def is_sound(machine: Machine) -> None:
    """The file system was checked when it booted, and nothing had to be mended."""
    said = machine.ssh("journalctl -b -u systemd-fsck-root -o cat --no-pager")
    assert "root:" in said, f"it was not checked: {said}"
    for word in ("UNEXPECTED", "FIXED", "INCONSISTENCY", "Inode"):
        assert word not in said, said
    kernel = machine.ssh("journalctl -b -k -o cat --no-pager | grep -c 'EXT4-fs error' || true")
    assert kernel == "0"


def sample_count(machine: Machine) -> tuple[int, str]:
    """How many labelled drawings there are, and what the command says of them."""
    said = machine.ssh("runuser -u inkling -- env STATE_DIRECTORY=/var/lib/inkling inkling samples")
    line = next(line for line in said.splitlines() if line.startswith("together"))
    return int(line.split()[1].replace(",", "")), said


@pytest.fixture(scope="module")
def card(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One card for all cuts: what one of them spoils, the next ones find."""
    return emulator.overlay(installed, tmp_path_factory.mktemp("cuts") / "card.qcow2")


@pytest.fixture(scope="module")
def chance() -> random.Random:
    return random.Random(SEED)


def test_the_power_goes_while_it_boots(boot: Boot, card: Path, chance: random.Random) -> None:
    for number in range(CUTS["booting"]):
        with boot(f"cut-booting-{number}", CHECKED, card, ready=False) as visit:
            visit.machine.on()
            with power_goes(visit.machine, chance.uniform(2, 40)):
                pass
    with boot("cut-booting-after", CHECKED, card) as visit:
        is_sound(visit.machine)
        visit.draw(digits()[3].ink, Seen(Verdict.ACCEPTED, 3))


def test_the_power_goes_while_somebody_draws(boot: Boot, card: Path, chance: random.Random) -> None:
    def draw(visit: Visit) -> None:
        while True:
            for made in digits():
                visit.draw(made.ink, Seen(Verdict.ACCEPTED, int(made.name)))

    for number in range(CUTS["drawing"]):
        cut_while(boot, card, f"cut-drawing-{number}", draw, chance.uniform(0, 15))
    with boot("cut-drawing-after", CHECKED, card) as visit:
        is_sound(visit.machine)


def test_the_power_goes_while_somebody_teaches(
    boot: Boot, card: Path, chance: random.Random
) -> None:
    """Every drawing that the screen has counted is there afterwards."""
    tried = kept = 0
    for number in range(CUTS["teaching"] + 1):
        with boot(f"cut-teaching-{number}", CHECKED, card) as visit:
            is_sound(visit.machine)
            found, said = sample_count(visit.machine)
            assert kept <= found <= tried, f"{kept} counted, {tried} tried, {found} found"
            assert "damaged" not in said
            if number == CUTS["teaching"]:
                visit.keep("in-the-end")
                break
            tried, kept = found, found
            teacher = Teacher(visit)
            teacher.enter()
            with power_goes(visit.machine, chance.uniform(1, 20)):
                while True:
                    made = chance.choice(digits())
                    teacher.teach(made.ink, made.name)
            tried, kept = tried + len(teacher.tried), kept + teacher.kept


def test_the_power_goes_while_an_upgrade_is_installed(
    boot: Boot, card: Path, chance: random.Random, suite: recipe.Suite, source: Path
) -> None:
    """Afterwards the old release is in use, or the new one, whole; and the next install works."""
    with boot("cut-upgrading-before", CHECKED, card) as visit:
        product.bring(visit.machine, suite, source)
        newer = 's/__version__ = .*/__version__ = "9.9"/'
        visit.machine.ssh(f"sed -i '{newer}' {product.HERE}/device/__init__.py; sync")
        visit.machine.off()
    install = f"cd {product.HERE} && make install WHEELS=/root/wheels"
    for number in range(CUTS["upgrading"]):
        with boot(f"cut-upgrading-{number}", CHECKED, card) as visit:
            is_sound(visit.machine)
            is_whole(visit.machine)
            with power_goes(visit.machine, chance.uniform(2, 150)):
                visit.machine.ssh(install)
                visit.machine.ssh("sleep 1000")
    with boot("cut-upgrading-after", CHECKED, card) as visit:
        is_sound(visit.machine)
        is_whole(visit.machine)
        with step("the next install"):
            visit.machine.ssh(install)
        is_whole(visit.machine)
        assert visit.machine.ssh("inkling --version") == "inkling 9.9"
        left = visit.machine.ssh("ls -A /opt/inkling/releases | wc -l")
        assert int(left) <= 2, "what was cut off is cleared up"
        visit.draw(digits()[3].ink, Seen(Verdict.ACCEPTED, 3))


def is_whole(machine: Machine) -> None:
    """The release in use is complete, and answers as its models were proven to."""
    machine.ssh("test -e /opt/inkling/current/.whole")
    machine.ssh("cd /tmp && runuser -u inkling -- inkling doctor --self-test")


def cut_while(
    boot: Boot, card: Path, name: str, action: Callable[[Visit], None], seconds: float
) -> None:
    """Boot, check, act until the power goes."""
    with boot(name, CHECKED, card) as visit:
        is_sound(visit.machine)
        with power_goes(visit.machine, seconds):
            action(visit)


def test_what_is_left_is_a_sound_file_system(card: Path, tmp_path: Path) -> None:
    """The whole card, checked from outside after all of it."""
    raw = tmp_path / "card.img"
    tell("qemu-img", "convert", "-O", "raw", card, raw)
    # What a mount would do first: the journal is played back.
    tell("sh", "-c", f"e2fsck -p {raw} || test $? = 1")
    tell("e2fsck", "-f", "-n", raw)
