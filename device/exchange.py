"""Where labelled drawings are handed over: a removable medium, or a folder of our own.

The files have fixed names, so that a touchscreen without a keyboard can find them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from device.samples import ImportResult, Samples

JSON = "samples.json"
"""The published form: pictures."""

LINES = "samples.jsonl"
"""Ink as JSON lines."""

NAMES = (LINES, JSON)

OWN = "exchange"
"""The folder, in that of the drawings, that is used where there is no medium."""

ROOTS = (Path("/media"), Path("/run/media"))
"""Where systems mount what is plugged in: here, or in a folder for each user."""

Progress = Callable[[float], object]


def place(samples: Samples, roots: Iterable[Path] | None = None) -> Path:
    """The first removable medium that can be written to; without one, a folder of our own, which
    need not be there yet."""
    for root in ROOTS if roots is None else roots:
        for folder in sorted([*root.glob("*"), *root.glob("*/*")]):
            with contextlib.suppress(OSError):
                if folder.is_mount() and os.access(folder, os.W_OK):
                    return folder
    return samples.folder / OWN


def found(folder: Path) -> dict[str, int]:
    """The files of :data:`NAMES` that lie there, and their sizes in bytes."""
    sizes = {}
    for name in NAMES:
        with contextlib.suppress(OSError):
            sizes[name] = (folder / name).stat().st_size
    return sizes


def free_bytes(folder: Path) -> int:
    """Room that is left on the disk of a folder, whether it has been made or not."""
    there = (place for place in (folder, *folder.absolute().parents))
    return shutil.disk_usage(next(place for place in there if place.exists())).free


def export(samples: Samples, folder: Path, progress: Progress) -> dict[str, int]:
    """Write all drawings in both forms; returns how many are in each file.

    Args:
        folder: made if it is not there.
        progress: told the share that is done, 0 to 1.

    Raises:
        SamplesError: a file cannot be written, or the drawings cannot be read.
    """
    pictures = samples.export_json(folder / JSON, lambda share: progress(share / 2))
    ink = samples.export_lines(folder / LINES, lambda share: progress((1 + share) / 2))
    return {JSON: pictures.written, LINES: ink.written}


def take(samples: Samples, folder: Path, name: str, progress: Progress) -> ImportResult:
    """Add the drawings of a file, one of :data:`NAMES`: all or (on an error) none.

    Raises:
        SamplesError: it cannot be read, or the drawings cannot be kept.
    """
    read = samples.import_json if name == JSON else samples.import_lines
    return read(folder / name, progress)
