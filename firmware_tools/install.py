"""``install``: Inkling as a service of this machine, upgraded, rolled back and removed.

A release is a folder with a virtual environment, the units and the documents; ``current`` is a
link to the one in use, and everything outside (units, udev rules, the command) leads through
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
from pathlib import Path

from device.errors import InklingError
from firmware_tools.layout import (
    CONFIG,
    HEADLESS,
    KIOSK,
    OUT_OF_ORDER,
    PACKAGE,
    PACKAGED_UNITS,
    PREFIX,
    SERVICES,
    SHARE,
    SOURCE,
    SOURCES,
    STATE,
    UNITS,
    first_configuration,
    sets_nothing,
)
from firmware_tools.names import Names
from firmware_tools.progress import say
from firmware_tools.releases import Releases, copy

RESTART_LIMIT = 120.0
"""Seconds that a service has to stop and to become ready; systemd gives up before."""

OLDEST_PYTHON = (3, 11)

SYSTEMD_RUNS = Path("/run/systemd/system")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``install``."""
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--rollback", action="store_true", help="go back to the last release")
    action.add_argument("--remove", action="store_true", help="uninstall; the data stay")
    action.add_argument("--packaged", action="store_true", help="what the Debian package does")
    parser.add_argument("--root", type=Path, metavar="DIR", help="a folder instead of this system")
    parser.add_argument("--wheels", type=Path, metavar="DIR", help="offline: take packages from it")


def run(args: argparse.Namespace) -> int:
    """Install, go back or remove."""
    kind = Packaged if args.packaged else Installation
    live = args.root is None and (not args.packaged or SYSTEMD_RUNS.is_dir())
    machine = kind(args.root or Path("/"), wheels=args.wheels, live=live)
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
        self.names = Names(self.root)
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
                self._name(release)
                releases.seal(release)
                releases.switch(release)
            except BaseException:
                if releases.in_use != release:
                    shutil.rmtree(release, ignore_errors=True)
                    say(f"not installed; {old.name if old else 'nothing'} is in use as before")
                raise
            self._put_to_work(release, old)
            releases.keep({release, old})
            say(f"installed: {release.name}")
            self._enable()

    def roll_back(self) -> None:
        """Use the release that was in use before this one.

        Raises:
            InklingError: there is none, or it fails its self-test or to start.
        """
        self._check_rights()
        with self.releases.alone():
            old, release = self.releases.in_use, self.releases.last()
            self._self_test(release)
            self._name(release)
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
        self.names.remove()
        shutil.rmtree(self.prefix, ignore_errors=True)
        config = self.root / CONFIG
        if config.exists() and sets_nothing(config):
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
        if (self.root / PACKAGE).exists():
            raise InklingError("Inkling is here as a Debian package: `apt remove inkling` first")

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
        config.parent.mkdir(parents=True, exist_ok=True)
        fresh = config.with_name(".inkling.toml.new")
        fresh.write_text(first_configuration(self.source), encoding="utf-8")
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
            config = self.root / CONFIG
            named = ("--config", str(config)) if config.exists() else ()
            for words in (("config",), ("models",), ("demo", "--screenshot", f"{folder}/i.png")):
                command = (str(release / "bin/inkling"), *words, *named)
                self._tell(*command, environment=environment, cwd=Path(folder))

    def _make_account(self, release: Path) -> None:
        where = [] if self.live else [f"--root={self.root}"]
        self._tell("systemd-sysusers", *where, str(release / SHARE / "systemd/sysusers.conf"))

    def _name(self, release: Path) -> None:
        """The names in the system. They lead through ``current``: until that is switched, to what
        the old release has."""
        self.names.put(release)

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
            self._name(old)
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
            if self.live:
                say("it starts with the power; now: sudo systemctl start inkling")

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


class Packaged(Installation):
    """Inkling as its Debian package configures it. The names in the system and the configuration
    are files of the package; enabling and the first start are left to its scripts."""

    def _check_rights(self) -> None:
        os.umask(0o022)

    def _configure(self) -> None:
        """dpkg does, and keeps to it that the keeper has removed it."""

    def _name(self, _release: Path) -> None:
        """Those of an earlier `make install` would hide the package's."""
        self.names.remove()
        self.names.enable_by_name(PACKAGED_UNITS)

    def _enable(self) -> None:
        """The package's scripts do, and dpkg remembers it."""
