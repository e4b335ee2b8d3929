"""The last fatal errors, kept where a power cut does not take them: the journal may be in memory.

Each is a small JSON file in ``crashes/`` of the state folder, numbered; the oldest goes when there
are more than :data:`KEPT`. Nothing that goes wrong here hides the error itself.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import re
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from device import __version__
from device.errors import InklingError
from device.files import atomic_write

log = logging.getLogger(__name__)

FOLDER = "crashes"
"""In the state folder."""

FATAL = "fatal.txt"
"""Beside the reports: where a crash below Python, in a library, leaves its stack."""

KEPT = 5
"""How many crashes are kept."""

LONGEST = 16_384
"""Of a longer traceback (characters) only so much of its end is kept: there it says what and
where."""

_STARTED = time.monotonic()


class Crash(NamedTuple):
    """One fatal error.

    Attributes:
        time: when, ISO 8601 in universal time; as wrong as the clock was.
        version: Inkling's.
        uptime: for how long (seconds) the process had run; 0 where nobody knows.
        notes: what the error was told on its way (``add_note``), as the last reading.
        error: the error in one line.
        trace: the traceback.
    """

    time: str
    version: str
    uptime: float
    notes: str
    error: str
    trace: str


@contextlib.contextmanager
def recorded(state_folder: Callable[[], Path]) -> Iterator[None]:
    """An error that leaves this block is kept among the crashes, and goes on its way.

    So is a signal that ends the process meanwhile (a library's crash), by the next process that
    comes here.

    Args:
        state_folder: where; asked for only when there is something to keep.
    """
    try:
        with _watched(state_folder):
            yield
    except Exception as error:
        try:
            record(state_folder(), error)
        except Exception as other:  # whatever it is, the first error is the one that matters
            log.warning("the crash cannot be kept: %s", other)
        raise


def record(state_folder: Path, error: BaseException) -> Path:
    """Keep a crash; returns its file.

    Raises:
        FileError: it cannot be written.
    """
    trace = "".join(traceback.format_exception(error))
    words = " ".join(str(error).split())
    crash = Crash(
        time=_moment(time.time()),
        version=__version__,
        uptime=round(time.monotonic() - _STARTED, 1),
        notes="; ".join(getattr(error, "__notes__", ())),
        error=(words if isinstance(error, InklingError) else f"{type(error).__name__}: {words}"),
        trace=trace[-LONGEST:],
    )
    return _keep(state_folder / FOLDER, crash)


def _keep(folder: Path, crash: Crash) -> Path:
    import json  # the first picture does not wait for it

    files = _files(folder)
    number = _number(files[-1]) + 1 if files else 1
    path = folder / f"{number:06d}.json"
    atomic_write(path, json.dumps(crash._asdict(), indent=1).encode())
    for old in files[: max(0, len(files) + 1 - KEPT)]:
        with contextlib.suppress(OSError):
            old.unlink()
    return path


def crashes(state_folder: Path) -> list[Crash]:
    """What is kept, the latest last; files that are damaged are left out.

    Raises:
        InklingError: this user may not look.
    """
    import json

    folder, found = state_folder / FOLDER, []
    try:
        files = _files(folder)
    except OSError as error:
        raise InklingError(
            f"{folder}: cannot be read: {error.strerror}; look as the service or as root "
            "(sudo inkling doctor --crashes)"
        ) from error
    for path in files:
        try:
            kept = json.loads(path.read_bytes())
            crash = Crash(**{name: kept[name] for name in Crash._fields})
        except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
            log.warning("%s: not a crash report: %s", path, error)
            continue
        found.append(crash)
    return found


@contextlib.contextmanager
def _watched(state_folder: Callable[[], Path]) -> Iterator[None]:
    """Have the interpreter leave its stack behind where a signal ends it."""
    with contextlib.ExitStack() as opened:
        # Where it is on without the environment's asking, a test runner wants the stack elsewhere.
        if not faulthandler.is_enabled() or os.environ.get("PYTHONFAULTHANDLER"):
            try:
                folder = state_folder() / FOLDER
                folder.mkdir(parents=True, exist_ok=True)
                _adopt(folder)
                file = opened.enter_context((folder / FATAL).open("w"))
                faulthandler.enable(file)
                opened.callback(faulthandler.disable)
            except (OSError, InklingError) as error:
                log.warning("crashes cannot be kept: %s", error)
        yield


def _adopt(folder: Path) -> None:
    """Make a report of what the last process has left behind."""
    path = folder / FATAL
    if not path.exists():
        return
    left, moment = path.read_text(errors="replace"), _moment(path.stat().st_mtime)
    path.unlink()
    if left.strip():
        words = left.splitlines()[0]
        log.warning("the process before this one has crashed: %s", words)
        _keep(folder, Crash(moment, __version__, 0.0, "", words, left[-LONGEST:]))


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _files(folder: Path) -> list[Path]:
    """The reports in their order. The clock may have been wrong: numbers have not."""
    try:
        files = [path for path in folder.iterdir() if re.fullmatch(r"[0-9]{6,9}\.json", path.name)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(files, key=_number)


def _number(path: Path) -> int:
    return int(path.stem)
