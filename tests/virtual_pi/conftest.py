"""What the stories share: a virtual Pi with Inkling on it, and a folder for its pictures."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

import pytest

from virtual_pi import emulator, product, recipe
from virtual_pi.emulator import Box
from virtual_pi.host import orderly_end, step
from virtual_pi.machine import Machine
from virtual_pi.visit import Visit

Boot = Callable[..., AbstractContextManager[Visit]]

PICTURES = product.ROOT / "build/virtual-pi"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("virtual-pi")
    group.addoption("--suite", default="bookworm", choices=recipe.SUITES, help="Debian's release")
    group.addoption("--source", type=Path, default=product.ROOT, help="the sources to install")
    group.addoption("--pictures", type=Path, default=PICTURES, help="where pictures and logs go")
    group.addoption("--card", type=Path, help="of `make image`: boot it, instead of making one")


@pytest.fixture(scope="session", autouse=True)
def _in_good_order() -> Iterator[None]:
    with orderly_end():
        yield


@pytest.fixture(scope="session")
def suite(request: pytest.FixtureRequest) -> recipe.Suite:
    """The Debian release that the stories are played on."""
    return recipe.SUITES[request.config.getoption("--suite")]


@pytest.fixture(scope="session")
def source(request: pytest.FixtureRequest) -> Path:
    """The sources that are installed."""
    folder: Path = request.config.getoption("--source")
    return folder.resolve()


@pytest.fixture(scope="session")
def pictures(request: pytest.FixtureRequest, suite: recipe.Suite) -> Path:
    """Where pictures and logs of this run are kept."""
    folder: Path = request.config.getoption("--pictures").resolve() / suite.name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def qemu() -> emulator.Emulator:
    return emulator.find()


@pytest.fixture(scope="session")
def image(suite: recipe.Suite) -> recipe.Image:
    """The system without Inkling."""
    return recipe.image(suite)


@pytest.fixture(scope="session")
def installed(
    suite: recipe.Suite, source: Path, image: recipe.Image, qemu: emulator.Emulator
) -> Path:
    """A card with the system, on which Inkling was installed by its own installer."""
    return product.installed(suite, source, image, qemu)


@pytest.fixture(scope="session")
def boot(
    installed: Path,
    image: recipe.Image,
    qemu: emulator.Emulator,
    suite: recipe.Suite,
    pictures: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Boot:
    """Switches a machine on: on a card of its own, which begins as the installed one is, unless
    ``disk`` names another."""
    numbers = count(1)

    @contextmanager
    def booted(
        name: str, box: Box | None = None, disk: Path | None = None, ready: bool = True
    ) -> Iterator[Visit]:
        run = tmp_path_factory.mktemp(f"machine-{next(numbers)}")
        if disk is None:
            disk = emulator.overlay(installed, run / "card.qcow2")
        with Machine(qemu, image, disk, run, box) as machine:
            # Debian 13 has no lgpio on ARM; Raspberry Pi OS has.
            lit = suite != recipe.TRIXIE and (box is None or box.gpio)
            visit = Visit(machine, pictures, name, lit=lit)
            try:
                if ready:
                    with step(f"{name}: power on, until the kiosk is there"):
                        visit.power_on()
                yield visit
            finally:
                shutil.copyfile(run / "serial.log", pictures / f"{name}.serial.log")

    return booted


@pytest.fixture(scope="session")
def pi(boot: Boot) -> Iterator[Visit]:
    """A machine that all stories share which leave it as they found it."""
    with boot("shared", ready=False) as visit:
        with step("power on, until the kiosk is there"):
            visit.power_on(record=True)
        yield visit
