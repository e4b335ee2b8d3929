"""The names of an installed Inkling in the system: units, rules, the command.

A unit is a file and all else is a link through ``current``: `systemctl enable` follows a link to
the release in use, and keeps to that one when it has long been replaced.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from device.errors import InklingError
from device.files import atomic_write
from firmware_tools.layout import EARLIER_NAMES, EARLIER_UNITS, NAMES, PREFIX, SERVICES, UNITS
from firmware_tools.releases import point

CURRENT = Path("/") / PREFIX / "current"


class Names:
    """The names in the system that ``root`` stands for."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, release: Path) -> None:
        """Have every name stand for what is in use, with the units of this release.

        Raises:
            InklingError: somebody else's file is in the way.
        """
        for name, path in NAMES.items():
            there = self.root / name
            if os.path.lexists(there) and not _is_ours(there):
                raise InklingError(f"{there} is in the way: move it, then install again")
            if name.name in SERVICES:
                if there.is_symlink():
                    there.unlink()
                atomic_write(there, (release / path).read_bytes())
            else:
                point(there, CURRENT / path)
        self._remove_earlier()
        self.enable_by_name(UNITS)

    def remove(self) -> None:
        """Remove what is Inkling's; a file or a mask of somebody else in its place stays."""
        for name in NAMES:
            if _is_ours(self.root / name):
                self._remove(name)
        self._remove_earlier()

    def enable_by_name(self, units: Path) -> None:
        """What is enabled leads to the units in this folder; not, as it did before, to those of
        the release in which it was enabled."""
        for wants in (self.root / EARLIER_UNITS).glob("*.wants"):
            for service in SERVICES:
                link, to = wants / service, Path("/") / units / service
                if link.is_symlink() and link.readlink() != to:
                    point(link, to)

    def _remove_earlier(self) -> None:
        """Where the units were linked before, a file is the keeper's own."""
        for name in EARLIER_NAMES:
            if (self.root / name).is_symlink() and _is_ours(self.root / name):
                self._remove(name)

    def _remove(self, name: Path) -> None:
        there = self.root / name
        there.unlink()
        if name.parent.parent in (UNITS, EARLIER_UNITS):
            with contextlib.suppress(OSError):
                there.parent.rmdir()


def _is_ours(there: Path) -> bool:
    """Whether Inkling has put it there: a link into a release, or a unit that runs one."""
    if there.is_symlink():
        return Path("/") / PREFIX in there.readlink().parents
    return there.is_file() and f"ExecStart={CURRENT}/".encode() in there.read_bytes()
