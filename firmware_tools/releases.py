"""The releases of an installed Inkling: a folder each, and a link to the one in use."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from device.errors import InklingError
from device.files import sync

WHOLE = ".whole"
"""In a release: it is complete and has passed its self-test."""


class Releases:
    """Every release that is installed.

    Args:
        prefix: the folder that has ``releases`` and ``current`` in it, or will have.
    """

    def __init__(self, prefix: Path) -> None:
        self.prefix = prefix
        self.folder = prefix / "releases"
        self._current = prefix / "current"

    @property
    def in_use(self) -> Path | None:
        """The release in use, if there is one."""
        if not self._current.is_symlink():
            return None
        release = self.prefix / self._current.readlink()
        return release if release.is_dir() else None

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else installs meanwhile.

        Raises:
            InklingError: somebody does already.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.prefix / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise InklingError("somebody else is installing at this moment") from error
            yield

    def next(self, version: str) -> Path:
        """Where the next release goes; its number grows with every install."""
        number = max(map(_number, self.folder.iterdir()), default=0) + 1
        return self.folder / f"{version}-{number}"

    def last(self) -> Path:
        """The newest whole release that is not in use.

        Raises:
            InklingError: there is none.
        """
        found = [path for path in self.folder.iterdir() if (path / WHOLE).exists()]
        others = [path for path in found if path != self.in_use]
        if not others:
            raise InklingError("there is no other release to go back to")
        return max(others, key=_number)

    def seal(self, release: Path) -> None:
        """Everything of it is on the disk, and it may be used."""
        os.sync()
        (release / WHOLE).touch()
        os.sync()

    def unseal(self, release: Path) -> None:
        """It does not run here: it is not gone back to, and the next install removes it."""
        (release / WHOLE).unlink(missing_ok=True)

    def switch(self, release: Path) -> None:
        """Use this release from now on."""
        point(self._current, release.relative_to(self.prefix))

    def sweep(self) -> None:
        """Remove what an interrupted install has left."""
        for path in self.folder.iterdir():
            if not (path / WHOLE).exists() and path != self.in_use:
                shutil.rmtree(path, ignore_errors=True)

    def keep(self, wanted: set[Path | None]) -> None:
        """Remove all others."""
        for path in self.folder.iterdir():
            if path not in wanted:
                shutil.rmtree(path, ignore_errors=True)


def point(link: Path, path: Path) -> None:
    """Have ``link`` lead to ``path``, in one moment."""
    link.parent.mkdir(parents=True, exist_ok=True)
    fresh = link.with_name(f".{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(path)
    fresh.replace(link)
    sync(link.parent)


def copy(path: Path, to: Path) -> None:
    """Copy what is in the sources. How open they are to others is not copied: root runs this."""
    if path.is_dir():
        to.mkdir(parents=True)
        to.chmod(0o755)
        for inside in path.iterdir():
            if inside.name != "__pycache__" and inside.suffix != ".egg-info":
                copy(inside, to / inside.name)
        return
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, to)
    to.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _number(release: Path) -> int:
    """The number in a release's name."""
    text = release.name.rpartition("-")[2]
    return int(text) if text.isdecimal() else 0
