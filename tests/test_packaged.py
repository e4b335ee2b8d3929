"""What the Debian package's scripts have the installer do; see test_install.py for all the rest."""

import os

import pytest
from boards import Board

from device.errors import InklingError
from firmware_tools.install import Packaged
from firmware_tools.layout import (
    CONFIG,
    EARLIER_UNITS,
    HEADLESS,
    NAMES,
    PACKAGE,
    PACKAGED,
    PACKAGED_UNITS,
    PREFIX,
    SHARE,
    UNITS,
)


@pytest.fixture
def unpacked(board):
    """A board with the package's files on it."""
    for name, path in PACKAGED.items():
        if path.is_relative_to(SHARE):
            board.write(board.root / name, (board.source / path.relative_to(SHARE)).read_text())
        else:
            (board.root / name).parent.mkdir(parents=True, exist_ok=True)
            (board.root / name).symlink_to("/" / PREFIX / "current" / path)
    board.write(board.root / CONFIG, "")
    board.write(board.root / PACKAGE / "pyproject.toml", "")
    return board


def configure(board: Board, **options):
    board.install(kind=Packaged, **options)


def test_the_names_of_the_package_lead_to_the_release(unpacked):
    configure(unpacked)
    for name in PACKAGED:
        assert unpacked.inside(name).exists(), name
    for name in NAMES:
        assert not os.path.lexists(unpacked.root / name), name


def test_enabling_and_the_first_start_are_left_to_the_scripts(unpacked):
    configure(unpacked)
    said = unpacked.said()
    assert not any(word in line for line in said for word in (" enable ", " start "))
    assert any(line.startswith("systemd-sysusers ") for line in said)


def test_a_configuration_that_the_keeper_has_removed_stays_away(unpacked):
    (unpacked.root / CONFIG).unlink()
    configure(unpacked)
    assert not (unpacked.root / CONFIG).exists()


def test_a_package_that_fails_its_self_test_leaves_the_old_release_running(unpacked):
    configure(unpacked)
    unpacked.write(unpacked.root / "active", "inkling.service\n")
    unpacked.said()
    unpacked.version("1.1", self_test=1)
    with pytest.raises(InklingError, match="failed"):
        configure(unpacked)
    assert unpacked.inside("usr/bin/inkling").parent.parent.name == "1.0-1"
    assert not any("restart" in line for line in unpacked.said())


def test_the_package_takes_over_from_make_install(board, request):
    board.install()
    enabled = board.root / EARLIER_UNITS / "multi-user.target.wants" / HEADLESS
    enabled.parent.mkdir(parents=True)
    enabled.symlink_to(f"/{UNITS / HEADLESS}")
    unpacked = request.getfixturevalue("unpacked")
    configure(unpacked)
    assert str(enabled.readlink()) == f"/{PACKAGED_UNITS / HEADLESS}"
    assert not any(os.path.lexists(unpacked.root / name) for name in NAMES)
    assert unpacked.releases == ["1.0-1", "1.0-2"]


@pytest.mark.parametrize("what", ["install", "roll_back", "remove"])
def test_make_keeps_its_hands_off_what_dpkg_has(unpacked, what):
    configure(unpacked)
    with pytest.raises(InklingError, match="apt remove inkling"):
        getattr(unpacked.installation(), what)()
    assert unpacked.releases == ["1.0-1"]
