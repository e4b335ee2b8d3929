"""An install over the previous commit's, back again, and away: the data stay."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from device.reading import Verdict
from device.session import digits
from virtual_pi import emulator, product, recipe
from virtual_pi.conftest import Boot
from virtual_pi.host import step
from virtual_pi.looks import Seen
from virtual_pi.teacher import Teacher
from virtual_pi.visit import Visit

OURS = "/etc/inkling /opt/inkling /usr/local/bin/inkling /usr/local/lib/systemd/system"
"""Where an install puts things, beside rules, accounts and data."""


@pytest.fixture(scope="module")
def before(
    boot: Boot,
    image: recipe.Image,
    qemu: emulator.Emulator,
    suite: recipe.Suite,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Visit]:
    """A machine on which the previous commit is installed, with a drawing that somebody taught."""
    card = emulator.overlay(image.disk, tmp_path_factory.mktemp("upgrade") / "card.qcow2")
    with product.commit("HEAD~1") as tree:
        product.first_install(card, suite, tree, image, qemu)
    with boot("upgrade", disk=card) as visit:
        teacher = Teacher(visit)
        teacher.enter()
        teacher.teach(digits()[4].ink, "4")
        yield visit


def release(visit: Visit) -> str:
    return visit.machine.ssh("readlink /opt/inkling/current")


def drawings(visit: Visit) -> str:
    said = visit.machine.ssh(
        "runuser -u inkling -- env STATE_DIRECTORY=/var/lib/inkling inkling samples"
    )
    return next(line.split()[1] for line in said.splitlines() if line.startswith("together"))


def works(visit: Visit) -> None:
    visit.machine.active()
    visit.expect(Seen(Verdict.BLANK))
    visit.draw(digits()[3].ink, Seen(Verdict.ACCEPTED, 3))
    assert drawings(visit) == "1"


def test_upgrade_rollback_and_the_newer_again(
    before: Visit, suite: recipe.Suite, source: Path
) -> None:
    old = release(before)
    product.install(before.machine, suite, source)
    new = release(before)
    assert new != old
    works(before)
    before.keep("upgraded")
    with step("make rollback, inside"):
        before.machine.ssh(f"cd {product.HERE} && make rollback")
    assert release(before) == old
    works(before)
    with step("make rollback once more"):
        before.machine.ssh(f"cd {product.HERE} && make rollback")
    assert release(before) == new
    works(before)


def test_uninstall_leaves_nothing_but_the_data(before: Visit) -> None:
    machine = before.machine
    with step("make uninstall, inside"):
        said = machine.ssh(f"cd {product.HERE} && make uninstall")
    assert "kept: /var/lib/inkling" in said
    left = machine.ssh(f"ls -d {OURS} 2>/dev/null", must=False)
    assert left in ("", "/usr/local/lib/systemd/system"), left
    named = "find / -xdev -iname '*inkling*' -not -path '/root/*' -not -path '/proc/*'"
    found = set(machine.ssh(named).splitlines())
    assert all(path.startswith("/var/lib/inkling") for path in found), found
    assert machine.ssh("ls /var/lib/inkling") != ""
    assert machine.ssh("systemctl list-unit-files 'inkling*' --no-legend", must=False) == ""
    assert machine.ssh("systemctl --failed --no-legend --plain") == ""
