"""Debian packages of another release or processor, fetched and unpacked beside this machine's own.

apt does the work, with sources, lists and state of its own: nothing of this machine's changes.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from virtual_pi.host import VirtualPiError, cache, tell

MIRROR = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


@dataclass(frozen=True)
class Archive:
    """A suite of Debian for one processor."""

    suite: str
    architecture: str
    components: str = "main"

    @property
    def folder(self) -> Path:
        return cache() / "apt" / f"{self.suite}-{self.architecture}"

    def update(self) -> None:
        """Learn what is there now.

        Raises:
            VirtualPiError: the mirror does not answer.
        """
        for name in ("sources", "state", "lists/partial", "cache/archives/partial"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "state/status").touch()
        (self.folder / "sources/here.sources").write_text(
            f"Types: deb\nURIs: {MIRROR}\nSuites: {self.suite}\nComponents: {self.components}\n"
            f"Signed-By: {KEYRING}\n"
        )
        self._apt("apt-get", "update", "-qq")

    def kernel(self, package: str = "linux-image-arm64") -> str:
        """The package that this one, which is empty, leads to.

        Raises:
            VirtualPiError: there is none.
        """
        said = self._apt("apt-cache", "depends", package)
        found = re.search(r"Depends: (linux-image-\S+)", said)
        if found is None:
            raise VirtualPiError(f"{self.suite} has no kernel {package}")
        return found[1]

    def unpack(self, *packages: str, into: Path) -> None:
        """Fetch packages, and unpack them without installing them."""
        into.mkdir(parents=True, exist_ok=True)
        for package in packages:
            folder = self.folder / "debs" / package
            folder.mkdir(parents=True, exist_ok=True)
            if not list(folder.glob("*.deb")):
                self._apt("apt-get", "download", "-qq", package, cwd=folder)
            tell("dpkg", "-x", next(folder.glob("*.deb")), into)

    def _apt(self, tool: str, *words: str, cwd: Path | None = None) -> str:
        here = self.folder
        options = {
            "APT::Architecture": self.architecture,
            "APT::Architectures": self.architecture,
            "APT::Sandbox::User": "root",
            "Dir::Etc::sourcelist": "/dev/null",
            "Dir::Etc::sourceparts": here / "sources",
            "Dir::State": here / "state",
            "Dir::State::Status": here / "state/status",
            "Dir::State::lists": here / "lists",
            "Dir::Cache": here / "cache",
        }
        flags = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
        return tell(tool, *flags, *words, cwd=cwd)
