"""Files that are either the old one or the whole new one, also when the disk fills up."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from device.errors import FileError


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that takes its name once the block ends well.

    The suffix is kept, since some writers choose their format by it. Whatever goes wrong, the
    temporary file is removed and ``path`` is as it was. What a process that was killed has left of
    an earlier try is removed first.

    Raises:
        FileError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
        temporary, handle = _beside(path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    try:
        yield temporary
        sync(temporary)
        # mkstemp makes files that only their owner can read; what is made here is for everybody.
        temporary.chmod(0o644)
        temporary.replace(path)
        sync(path.parent)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)
        os.close(handle)


def atomic_write(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path``, or leave what was there.

    Raises:
        FileError: the file cannot be written.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def sync(path: Path) -> None:
    """Have the content of a file, or the names in a folder, on the disk before going on.

    Raises:
        OSError: it cannot be opened or written.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _beside(path: Path) -> tuple[Path, int]:
    """A new temporary file, and a handle that holds its lock for as long as somebody writes it."""
    while True:
        handle, name = tempfile.mkstemp(prefix=_prefix(path), suffix=path.suffix, dir=path.parent)
        temporary = Path(name)
        with contextlib.suppress(OSError):  # a file system without locks is never swept
            fcntl.flock(handle, fcntl.LOCK_EX)
        if temporary.exists():
            return temporary, handle
        os.close(handle)  # swept between being made and being locked


def _sweep(path: Path) -> None:
    """Remove the temporary files of ``path`` whose writers are gone: nobody holds their locks."""
    leftover = re.compile(re.escape(_prefix(path)) + "[a-z0-9_]{8}" + re.escape(path.suffix))
    for found in [found for found in path.parent.iterdir() if leftover.fullmatch(found.name)]:
        with contextlib.suppress(OSError):
            handle = os.open(found, os.O_RDONLY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                found.unlink()
            finally:
                os.close(handle)


def _prefix(path: Path) -> str:
    return f".{path.stem}.new-"


def _cannot_write(path: Path, error: OSError) -> FileError:
    reason = error.strerror or str(error)
    return FileError(f"cannot write {path}: {reason}. Nothing was changed; make room and try again")
