"""dpkg itself installs the package into a folder, upgrades it, removes and purges it: with real
wheels, Debian's own Python and no network. It takes minutes, and is done with INKLING_PACKAGE=1.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from firmware_tools import package
from firmware_tools.layout import CONFIG, PREFIX, SOURCE, STATE
from firmware_tools.releases import copy

PYTHON = Path("/usr/bin/python3")
FORCES = ("script-chrootless", "depends", "bad-path", "not-root")


def suite():
    """The Debian whose Python this machine has."""
    command = [PYTHON, "-c", "import sys, ensurepip; print('%d.%d' % sys.version_info[:2])"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    suites = {debian.python: name for name, debian in package.DEBIANS.items()}
    return suites.get(done.stdout.strip())


class System:
    """A folder that stands for a Debian system."""

    def __init__(self, root):
        self.root = root
        for name in ("etc", "var/lib/dpkg/info", "var/lib/dpkg/updates"):
            (root / name).mkdir(parents=True)
        (root / "var/lib/dpkg/status").touch()

    def dpkg(self, *words):
        forces = [f"--force-{name}" for name in FORCES]
        command = ["dpkg", f"--root={self.root}", *forces, *words]
        home = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
        return subprocess.run(command, env=home, capture_output=True, text=True, check=False)

    def inkling(self, *words):
        release = self.root / PREFIX / (self.root / PREFIX / "current").readlink()
        home = {"STATE_DIRECTORY": str(self.root / "tmp"), "GPIOZERO_PIN_FACTORY": "mock"}
        command = [release / "bin/inkling", *words]
        done = subprocess.run(command, env=home, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def enabled(self):
        return os.path.lexists(
            self.root / "etc/systemd/system/multi-user.target.wants/inkling.service"
        )


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """Two versions."""
    if not os.environ.get("INKLING_PACKAGE"):
        pytest.skip("INKLING_PACKAGE=1 installs the package into a folder")
    if sys.platform != "linux" or shutil.which("dpkg") is None or suite() is None:
        pytest.skip("this is no Debian that there is a package for, or it lacks python3-venv")
    if os.geteuid() != 0:
        pytest.skip("only root makes users")
    folder = tmp_path_factory.mktemp("packages")
    for name in (*package.BUILT_FROM, "docs"):
        copy(SOURCE / name, folder / "sources" / name)
    arch = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
    ).stdout.strip()
    built = []
    shelf = None
    for version in ("7.0", "7.1"):
        start = folder / "sources/device/__init__.py"
        text = re.sub(r'(?<=__version__ = ").*(?=")', version, start.read_text())
        start.write_text(text)
        built.append(package.build(folder / "sources", folder, suite(), arch, shelf))
        subprocess.run(["dpkg-deb", "--extract", built[0], folder / "first"], check=True)
        shelf = folder / "first/usr/lib/inkling/wheels"
    return built


def test_a_life_with_dpkg(packages, tmp_path):
    first, second = packages
    system = System(tmp_path / "system")

    done = system.dpkg("--install", str(first))
    assert done.returncode == 0, done.stdout + done.stderr
    assert system.inkling("--version").strip().endswith("7.0")
    assert "inkling" in system.inkling("models")
    assert system.enabled
    assert "inkling:x:" in (system.root / "etc/passwd").read_text()

    # The configuration is the keeper's, and a mistake in it is found before anything is switched.
    (system.root / CONFIG).write_text("[lights]\nacept = 5\n")
    done = system.dpkg("--install", "--force-confold", str(second))
    assert done.returncode != 0
    assert "acept" in done.stderr
    assert "7.0-1 is in use as before" in done.stderr
    assert system.inkling("--version").strip().endswith("7.0")

    (system.root / CONFIG).write_text("[lights]\naccept = 5\n")
    done = system.dpkg("--configure", "--pending")
    assert done.returncode == 0, done.stdout + done.stderr
    assert system.inkling("--version").strip().endswith("7.1")
    assert (system.root / CONFIG).read_text() == "[lights]\naccept = 5\n"

    drawing = system.root / STATE / "samples.jsonl"
    drawing.parent.mkdir(parents=True)
    drawing.write_text("{}\n")
    done = system.dpkg("--remove", "inkling")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (system.root / PREFIX).exists()
    assert not (system.root / "usr/bin/inkling").is_symlink()
    assert (system.root / CONFIG).exists()

    done = system.dpkg("--purge", "inkling")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"kept: {system.root / STATE}" in done.stdout
    assert drawing.exists()
    assert not (system.root / CONFIG).exists()
    assert not system.enabled
