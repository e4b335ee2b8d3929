"""``install``: Inkling as a service of this machine, upgraded, rolled back and removed.

A release is a folder with a virtual environment, the units and the documents; ``current`` is a
link to the one in use, and everything outside (units, udev rules, the command) is a link through
``current``. So an upgrade happens in one moment, when ``current`` is replaced: before it the old
release runs on untouched, whatever goes wrong or off; after it the new one, which has passed its
self-test, is complete.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from device.errors import InklingError
from firmware_tools.progress import say
from firmware_tools.releases import Releases, copy, point

SOURCE = Path(__file__).resolve().parent.parent
PREFIX = Path("opt/inkling")
STATE = Path("var/lib/inkling")
CONFIG = Path("etc/inkling/inkling.toml")
SHARE = Path("share/inkling")
"""In a release: what the system links to."""

UNITS = Path("usr/local/lib/systemd/system")
EARLIER_UNITS = Path("etc/systemd/system")
"""Where the units were linked before; `systemctl disable` removes what is linked there."""

RESTART_LIMIT = 120.0
"""Seconds that a service has to stop and to become ready; systemd gives up before."""

KIOSK, HEADLESS = "inkling.service", "inkling-headless.service"
OUT_OF_ORDER = "inkling-out-of-order.service"
SERVICES = (KIOSK, HEADLESS, OUT_OF_ORDER)
WAIT = "dev-dri-card0.device.d/inkling.conf"
LINKS = {
    **{UNITS / name: SHARE / "systemd" / name for name in (*SERVICES, WAIT)},
    **{UNITS / f"{n}.d/restart.conf": SHARE / "systemd/restart.conf" for n in (KIOSK, HEADLESS)},
    Path("etc/sysusers.d/inkling.conf"): SHARE / "systemd/sysusers.conf",
    Path("etc/udev/rules.d/60-inkling.rules"): SHARE / "systemd/udev.rules",
    Path("usr/local/bin/inkling"): Path("bin/inkling"),
}
"""Every name in the system, and what in the release in use it stands for."""

UNITS_BEFORE = {
    EARLIER_UNITS / n.relative_to(UNITS): path for n, path in LINKS.items() if UNITS in n.parents
}

SOURCES = ("pyproject.toml", "README.md", "LICENSE", "device", "models", "firmware_tools")
"""What the package is made of."""

HEAD = """\
# Inkling's configuration on this machine. Take away the # before what you change; `inkling config`
# prints what is in force.

"""

OLDEST_PYTHON = (3, 11)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``install``."""
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--rollback", action="store_true", help="go back to the last release")
    action.add_argument("--remove", action="store_true", help="uninstall; the data stay")
    parser.add_argument("--root", type=Path, metavar="DIR", help="a folder instead of this system")
    parser.add_argument("--wheels", type=Path, metavar="DIR", help="offline: take packages from it")


def run(args: argparse.Namespace) -> int:
    """Install, go back or remove."""
    machine = Installation(args.root or Path("/"), wheels=args.wheels, live=args.root is None)
    try:
        if args.remove:
            machine.remove()
        elif args.rollback:
            machine.roll_back()
        else:
            machine.install()
    except OSError as error:
        raise InklingError(f"{error.filename or machine.prefix}: {error.strerror}") from error
    return 0


class Installation:
    """Inkling on a machine, or in a folder that stands for one.

    Args:
        root: what stands for ``/``.
        source: the tree to install from.
        wheels: a folder of packages to install from, without a network.
        live: whether the system in ``root`` is running, so that its services are to be told.
        python: the interpreter that releases are made with.
    """

    def __init__(
        self,
        root: Path,
        source: Path = SOURCE,
        wheels: Path | None = None,
        live: bool = True,
        python: str = sys.executable,
    ) -> None:
        self.root = root.resolve()
        self.source = source
        self.wheels = None if wheels is None else wheels.resolve()
        self.live = live
        self.python = python
        self.prefix = self.root / PREFIX
        self.releases = Releases(self.prefix)
        self._settled = self.prefix / ".settled"

    def install(self) -> None:
        """Install, or upgrade.

        Raises:
            InklingError: it cannot be done; what was there before is in use as before.
        """
        self._check()
        releases = self.releases
        with releases.alone():
            old = releases.in_use
            releases.sweep()
            release = releases.next(self._version())
            try:
                self._build(release)
                self._configure()
                self._self_test(release)
                self._make_account(release)
                self._link()
                releases.seal(release)
                releases.switch(release)
            except BaseException:
                if releases.in_use != release:
                    shutil.rmtree(release, ignore_errors=True)
                    say(f"not installed; {old.name if old else 'nothing'} is in use as before")
                raise
            self._put_to_work(release, old)
            self._enable()
            releases.keep({release, old})
        say(f"installed: {release.name}")
        if old is None and self.live:
            say("it starts with the power; now: sudo systemctl start inkling")

    def roll_back(self) -> None:
        """Use the release that was in use before this one.

        Raises:
            InklingError: there is none, or it fails its self-test or to start.
        """
        self._check_rights()
        with self.releases.alone():
            old, release = self.releases.in_use, self.releases.last()
            self._self_test(release)
            self._link()
            self.releases.switch(release)
            self._put_to_work(release, old)
        say(f"in use: {release.name}")

    def remove(self) -> None:
        """Remove everything but the data, and a configuration in which something is set."""
        self._check_rights()
        if self.live:
            for name in SERVICES:
                if os.path.lexists(self.root / UNITS / name):
                    self._tell("systemctl", "disable", "--now", name, must=False)
        else:
            self._systemctl("disable", KIOSK, HEADLESS, must=False)
        self._unlink(self._links())
        self._unlink(self._links(UNITS_BEFORE))
        shutil.rmtree(self.prefix, ignore_errors=True)
        config = self.root / CONFIG
        if config.exists() and _sets_nothing(config):
            config.unlink()
        with contextlib.suppress(OSError):
            config.parent.rmdir()
        self._announce()
        if config.exists():
            say(f"kept: /{CONFIG}")
        self._forget_account()

    # The steps of an install, in their order.

    def _check(self) -> None:
        self._check_rights()
        if sys.version_info[:2] < OLDEST_PYTHON:
            raise InklingError("Inkling needs Python 3.11 or newer")
        homes = (Path("/home"), Path("/root"))
        if self.live and any(home in Path(sys.base_prefix).parents for home in homes):
            # The services see no home folders.
            raise InklingError(
                f"{sys.base_prefix} is in a home folder: sudo make install PYTHON=/usr/bin/python3"
            )
        needed = (*SOURCES, "systemd", "docs", "constraints.txt")
        missing = [name for name in needed if not (self.source / name).exists()]
        if missing:
            raise InklingError(f"{self.source} has no {missing[0]}: install from Inkling's sources")
        if self.wheels is not None and not self.wheels.is_dir():
            raise InklingError(f"{self.wheels} is no folder of packages")
        for tool in ("systemctl", "systemd-sysusers"):
            if shutil.which(tool) is None:
                raise InklingError(f"{tool} is not there: Inkling's services need systemd")

    def _check_rights(self) -> None:
        os.umask(0o022)
        if self.root == Path("/") and os.geteuid() != 0:
            raise InklingError("this changes the system: run it with sudo")

    def _version(self) -> str:
        text = (self.source / "device/__init__.py").read_text(encoding="utf-8")
        version = re.search(r'__version__ = "([0-9a-z.]+)"', text)
        if version is None:
            raise InklingError(f"{self.source} does not say its version")
        return version[1]

    def _build(self, release: Path) -> None:
        say(f"making {release.name}")
        # lgpio comes with the system where there is no package of it for this Python.
        self._tell(self.python, "-m", "venv", "--system-site-packages", str(release))
        options = ["-c", str(self.source / "constraints.txt")]
        if self.wheels is not None:
            options += ["--no-index", "--find-links", str(self.wheels)]
        with tempfile.TemporaryDirectory(prefix="inkling-") as folder:
            # Building leaves files behind; not in somebody's sources, and not root's.
            for name in SOURCES:
                copy(self.source / name, Path(folder) / name)
            pip = (str(release / "bin/python"), "-m", "pip", "install", "--quiet", "--no-input")
            self._tell(*pip, "--disable-pip-version-check", *options, folder)
        share = release / SHARE
        copy(self.source / "systemd", share / "systemd")
        for page in sorted((self.source / "docs").glob("*.md")):
            copy(page, share / "docs" / page.name)

    def _configure(self) -> None:
        """A configuration to begin from, where there is none: every key, and none is set."""
        config = self.root / CONFIG
        if config.exists():
            return
        text = (self.source / "device/default.toml").read_text(encoding="utf-8")
        config.parent.mkdir(parents=True, exist_ok=True)
        fresh = config.with_name(".inkling.toml.new")
        _, _, keys = text.partition("\n\n")
        text = HEAD + re.sub(r"^(?=[a-z_]+ = )", "#", keys, flags=re.MULTILINE)
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(config)

    def _self_test(self, release: Path) -> None:
        """The models answer as they should here, the configuration is understood, and the whole
        kiosk reads a session of drawings, off-screen and with mock pins.

        Raises:
            InklingError: one of them does not.
        """
        say(f"testing {release.name}")
        with tempfile.TemporaryDirectory(prefix="inkling-") as folder:
            environment = os.environ | {"STATE_DIRECTORY": folder, "GPIOZERO_PIN_FACTORY": "mock"}
            config = str(self.root / CONFIG)
            for words in (
                ("config", "--config", config),
                ("models", "--config", config),
                ("demo", "--config", config, "--screenshot", f"{folder}/inkling.png"),
            ):
                command = (str(release / "bin/inkling"), *words)
                self._tell(*command, environment=environment, cwd=Path(folder))

    def _make_account(self, release: Path) -> None:
        where = [] if self.live else [f"--root={self.root}"]
        self._tell("systemd-sysusers", *where, str(release / SHARE / "systemd/sysusers.conf"))

    def _link(self) -> None:
        """The names in the system. They lead through ``current``: until that is switched, to what
        the old release says."""
        for link, path in self._links():
            if os.path.lexists(link) and not link.is_symlink():
                raise InklingError(f"{link} is in the way: move it, then install again")
            point(link, path)
        self._unlink(self._links(UNITS_BEFORE))

    def _unlink(self, links: Iterable[tuple[Path, Path]]) -> None:
        """Remove what is Inkling's; a file or a mask of somebody else in its place stays."""
        for link, path in links:
            if link.is_symlink() and link.readlink() == path:
                link.unlink()
            if link.parent.parent in (self.root / UNITS, self.root / EARLIER_UNITS):
                with contextlib.suppress(OSError):
                    link.parent.rmdir()

    def _put_to_work(self, release: Path, old: Path | None) -> None:
        """Restart what is running; a release that does not start gives way to the old one.

        Raises:
            InklingError: it did not start.
        """
        self._announce()
        if not self.live:
            return
        running = [name for name in (KIOSK, HEADLESS) if self._is("active", name)]
        if self._is("active", OUT_OF_ORDER):
            # What has failed may be well now.
            running = [name for name in (KIOSK, HEADLESS) if self._is("enabled", name)]
            self._tell("systemctl", "reset-failed", *running, must=False)
        try:
            for name in running:
                self._tell("systemctl", "restart", name, limit=RESTART_LIMIT)
        except BaseException as error:
            if old is None:
                raise
            self.releases.switch(old)
            if isinstance(error, InklingError):
                self.releases.unseal(release)
            self._announce()
            for name in running:
                self._tell("systemctl", "reset-failed", name, must=False)
                self._tell("systemctl", "restart", name, must=False, limit=RESTART_LIMIT)
            raise InklingError(
                f"{release.name} does not start: back to {old.name}; "
                "`journalctl -u inkling -u inkling-headless` says why"
            ) from error

    def _announce(self) -> None:
        """Tell a running system that its units and rules have changed."""
        if self.live:
            self._tell("systemctl", "daemon-reload")
            self._tell("udevadm", "control", "--reload", must=False)
            self._tell("udevadm", "trigger", must=False)

    def _enable(self) -> None:
        """Start with the power; once, since later it is the keeper who decides."""
        if not self._settled.exists():
            self._systemctl("enable", KIOSK)
            self._settled.touch()

    def _forget_account(self) -> None:
        """The user owns the data, and goes only where there are none."""
        data = self.root / STATE
        with contextlib.suppress(OSError):
            data.rmdir()
        if data.exists():
            say(
                f"kept: /{STATE} with the drawings and settings, and its user; `sudo rm -r /{STATE}"
            )
            say("  && sudo userdel inkling` removes them")
            return
        where = [] if self.live else ["--root", str(self.root)]
        self._tell("userdel", *where, "inkling", must=False)

    def _links(self, links: dict[Path, Path] = LINKS) -> Iterator[tuple[Path, Path]]:
        for name, path in links.items():
            yield self.root / name, Path("/") / PREFIX / "current" / path

    def _is(self, state: str, name: str) -> bool:
        return self._tell("systemctl", f"is-{state}", "--quiet", name, must=False)

    def _systemctl(self, *words: str, must: bool = True) -> None:
        self._tell("systemctl", *([] if self.live else [f"--root={self.root}"]), *words, must=must)

    def _tell(
        self,
        *command: str,
        must: bool = True,
        environment: dict[str, str] | None = None,
        cwd: Path | None = None,
        limit: float | None = None,
    ) -> bool:
        """Run a command, and tell whether it went well; what it says is shown when it must and
        does not. After ``limit`` seconds it has failed.

        Raises:
            InklingError: it failed, and it must not.
        """
        try:
            done = subprocess.run(
                command, env=environment, cwd=cwd, text=True, errors="replace",
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                timeout=limit,
            )  # fmt: skip
            status, said = done.returncode, done.stdout.strip()
        except OSError as error:
            status, said = -1, f"{command[0]}: {error.strerror}"
        except subprocess.TimeoutExpired:
            status, said = -1, f"{command[0]}: no end after {limit:.0f} seconds"
        if status != 0 and must:
            print(said, file=sys.stderr)
            raise InklingError(f"`{' '.join(command)}` failed; see above")
        return status == 0


def _sets_nothing(config: Path) -> bool:
    """Whether a configuration is as empty as the one to begin from."""
    lines = config.read_text(encoding="utf-8", errors="replace").splitlines()
    return all(line.strip()[:1] in ("", "#", "[") for line in lines)
