"""Files are whole or they are not there."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from device.errors import FileError
from device.files import atomic_write, replacing


def test_a_file_is_written_with_its_folder(tmp_path: Path) -> None:
    atomic_write(tmp_path / "new" / "a.bin", b"abc")
    assert (tmp_path / "new" / "a.bin").read_bytes() == b"abc"


def test_everybody_may_read_what_is_written(tmp_path: Path) -> None:
    atomic_write(tmp_path / "a.bin", b"abc")
    assert (tmp_path / "a.bin").stat().st_mode & 0o777 == 0o644


def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.bin"
    atomic_write(path, b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match=r"a\.bin: No space left on device"):
        atomic_write(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_while_writing_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "a.keras") as temporary:
        assert temporary.suffix == ".keras"
        temporary.write_bytes(b"half")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot write"):
        atomic_write(tmp_path / "file" / "a.bin", b"")


KILLED = """
import os, sys
from pathlib import Path
from device.files import replacing
with replacing(Path(sys.argv[1])) as temporary:
    temporary.write_bytes(b"half")
    os.kill(os.getpid(), 9)
"""


def test_what_killed_writers_leave_behind_does_not_pile_up(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    for _ in range(2):
        subprocess.run(
            [sys.executable, "-c", KILLED, str(path)], env=environment, check=False, timeout=60
        )
        assert not path.exists()
        assert len(list(tmp_path.iterdir())) == 1
    atomic_write(path, b"whole")
    assert list(tmp_path.iterdir()) == [path]


def test_what_another_is_writing_at_this_moment_stays(tmp_path: Path) -> None:
    path, other = tmp_path / "a.bin", tmp_path / ".a.new-notes.bin"
    other.write_bytes(b"somebody's own")
    with replacing(path) as temporary:
        temporary.write_bytes(b"late")
        atomic_write(path, b"soon")
        assert path.read_bytes() == b"soon"
    assert path.read_bytes() == b"late"
    assert sorted(tmp_path.iterdir()) == [other, path]
