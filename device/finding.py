"""What a check-up finds, and what it may look at: see :mod:`device.doctor`."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from device.config import Config, state_folder
from device.coral import LIBRARY
from device.library import Library

PATIENCE = 5.0
"""How long (seconds) another program that is asked may take."""

STATE = "var/lib/inkling"
"""Where the service's state is, for somebody who is not the service."""


class Level(Enum):
    """How well a thing is: good, worth a look (it may be meant so), or broken."""

    GOOD = "✓"
    WARNING = "!"
    BROKEN = "✗"


PLAIN = {"✓": "ok", "!": "! ", "✗": "X ", "→": "->"}
"""The marks for a terminal that has no others."""


@dataclass(frozen=True)
class Finding:
    """One line of the report; ``advice`` says what to do where something is not well."""

    level: Level
    what: str
    detail: str
    advice: str = ""

    def __str__(self) -> str:
        return self.shown("utf-8")

    def shown(self, encoding: str) -> str:
        """The line as a terminal of this encoding can show it."""
        mark, arrow = self.level.value, "→"
        try:
            "".join(PLAIN).encode(encoding)
        except (UnicodeEncodeError, LookupError):
            mark, arrow = PLAIN[mark], PLAIN[arrow]
        wanted = self.advice and self.level is not Level.GOOD
        advice = f"\n      {arrow} {self.advice}" if wanted else ""
        return f"  {mark} {self.what:<12} {self.detail}{advice}"

    def to_json(self) -> dict[str, str]:
        """The same for programs; later versions only add keys."""
        advice = "" if self.level is Level.GOOD else self.advice
        return {
            "level": self.level.name.lower(),
            "what": self.what,
            "detail": self.detail,
            "advice": advice,
        }


def said_by(command: Sequence[str]) -> str | None:
    """What a command prints; None where it is not there, fails or takes too long."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, errors="replace"
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


@dataclass(frozen=True)
class Patient:
    """The machine under examination.

    Attributes:
        config: the configuration in force.
        library: opens the models.
        root: the root folder, so that another machine's can be examined.
        environment: the process's.
        said_by: what a command prints, see :func:`said_by`.
        may: whether a file may be opened for reading or writing, as :func:`os.access`.
        disk: how full a file system is, as :func:`os.statvfs`.
        now: seconds since 1970.
        uid: who looks.
        edge_tpu_library: what drives a Coral.
    """

    config: Config
    library: Callable[[], Library]
    root: Path = Path("/")
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    said_by: Callable[[Sequence[str]], str | None] = said_by
    may: Callable[[Path, int], bool] = os.access
    disk: Callable[[Path], os.statvfs_result] = os.statvfs
    now: Callable[[], float] = time.time
    uid: int = field(default_factory=os.geteuid)
    edge_tpu_library: str = LIBRARY

    def text(self, path: str | Path) -> str | None:
        """A small file's content, stripped; None where it cannot be read."""
        try:
            return (self.root / path).read_text(errors="replace").strip()
        except OSError:
            return None

    def glob(self, pattern: str) -> list[Path]:
        """The files that there are, in their order."""
        return sorted(self.root.glob(pattern))

    def has_library(self, name: str) -> bool:
        """Whether a shared library is where Debian keeps them."""
        places = ("lib", "usr/lib", "usr/local/lib", "usr/lib/*", "lib/*")
        return any(True for place in places for _ in self.root.glob(f"{place}/{name}"))

    def state(self) -> Path:
        """As :func:`kept_in`."""
        return kept_in(self.root, self.environment)


def kept_in(root: Path = Path("/"), environment: Mapping[str, str] = os.environ) -> Path:
    """The state folder: the service's where there is one, also for others than the service.

    Raises:
        ConfigError: there is none.
    """
    service = root / STATE
    if not environment.get("STATE_DIRECTORY") and service.is_dir():
        return service
    return state_folder()


Check = Callable[[Patient], Iterator[Finding]]
"""Looks at one thing, and says in one or a few lines how it is."""
