"""Inkling on the virtual Pi: its sources and the wheels they need, and its own installer."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from firmware_tools.layout import SOURCES
from firmware_tools.package import DEBIANS, MACHINES
from firmware_tools.releases import copy
from firmware_tools.wheels import Target, collect
from virtual_pi.emulator import Box, Emulator, overlay
from virtual_pi.host import VirtualPiError, cache, step, tell
from virtual_pi.machine import Machine
from virtual_pi.recipe import Image, Suite

ROOT = Path(__file__).resolve().parents[2]

TREE = (*SOURCES, "systemd", "docs", "constraints.txt", "Makefile")
"""What an install needs of the sources."""

HERE = "/root/inkling"
"""Where the sources lie inside."""


def wheels(suite: Suite, root: Path = ROOT) -> Path:
    """A folder with the wheels that the installer needs on the virtual Pi, from the cache or
    fetched now.

    Raises:
        InklingError: they cannot be fetched.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    needed = [*project["project"]["dependencies"], *project["build-system"]["requires"], "wheel"]
    limits = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    debian = DEBIANS[suite.name]
    name = hashlib.sha256("\n".join([str(debian), *needed, *limits]).encode()).hexdigest()[:12]
    folder = cache() / f"wheels-{name}"
    if not folder.exists():
        with step(f"wheels for {suite.name}"), tempfile.TemporaryDirectory(dir=cache()) as partial:
            target = Target(debian.python, MACHINES["arm64"], debian.glibc)
            collect(target, needed, limits, Path(partial) / "wheels", provided=debian.own)
            (Path(partial) / "wheels").rename(folder)
    return folder


@contextmanager
def sources(root: Path = ROOT) -> Iterator[Path]:
    """A copy of what an install needs of the sources in ``root``."""
    with tempfile.TemporaryDirectory(prefix="inkling-") as name:
        folder = Path(name) / "inkling"
        for part in TREE:
            copy(root / part, folder / part)
        yield folder


@contextmanager
def commit(name: str) -> Iterator[Path]:
    """The sources as they were at a commit.

    Raises:
        VirtualPiError: it is not there.
    """
    with tempfile.TemporaryDirectory(prefix="inkling-") as folder:
        archive = Path(folder) / "sources.tar"
        tell("git", "-C", ROOT, "archive", "-o", archive, name)
        tree = Path(folder) / "inkling"
        tree.mkdir()
        tell("tar", "-xf", archive, "-C", tree)
        yield tree


def install(machine: Machine, suite: Suite, root: Path = ROOT) -> None:
    """Carry the sources into a running virtual Pi, and install them there as docs/install.md says.

    Raises:
        VirtualPiError: it fails.
    """
    bring(machine, suite, root)
    with step("sudo make install, inside"):
        said = machine.ssh(f"cd {HERE} && make install WHEELS=/root/wheels 2>&1")
    if "installed:" not in said:
        raise VirtualPiError(f"the installer does not say that it is done:\n{said}")


def installed(suite: Suite, root: Path, image: Image, emulator: Emulator) -> Path:
    """A card with the system, on which the sources in ``root`` are installed; from the cache, which
    keeps the last one, or made now."""
    found = wheels(suite, root)
    name = f"{image.folder.name}-{found.name}-{_digest(root)}"
    disk = image.folder / f"installed-{hashlib.sha256(name.encode()).hexdigest()[:12]}.qcow2"
    if disk.exists():
        print(f"          installed before: {disk.name}")
        return disk
    for old in image.folder.glob("installed-*.qcow2"):
        old.unlink()
    with tempfile.TemporaryDirectory(prefix=".installing-", dir=image.folder) as folder:
        partial = overlay(image.disk, Path(folder) / disk.name)
        first_install(partial, suite, root, image, emulator)
        shutil.move(partial, disk)
    return disk


def first_install(disk: Path, suite: Suite, root: Path, image: Image, emulator: Emulator) -> None:
    """Install the sources in ``root`` on a card that has the system alone; logs go beside it."""
    box = Box(size=None, touch=False)
    with Machine(emulator, image, disk, disk.parent, box) as machine:
        with step("boot the system without Inkling"):
            machine.on()
            machine.reachable()
        install(machine, suite, root)
        with step("shut down"):
            machine.off()


def _digest(root: Path) -> str:
    """What the sources in ``root`` are."""
    digest = hashlib.sha256()
    with sources(root) as folder:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(f"{path.relative_to(folder)}\0{path.stat().st_mode:o}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def bring(machine: Machine, suite: Suite, root: Path = ROOT) -> None:
    """Carry sources and wheels into a running virtual Pi, in the place of those before."""
    found = wheels(suite, root)
    with step("sources and wheels into the machine"), sources(root) as folder:
        machine.ssh(f"rm -rf {HERE} /root/wheels")
        machine.take_folder(folder, HERE)
        machine.take_folder(found, "/root/wheels")
