"""Data sets are listed, verified, and fetched from their home when that is possible."""

import argparse
import gzip
import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_tools import sources
from firmware_tools.data import DataError
from firmware_tools.sources import Source, SourceFile

CONTENT = b"what was published"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def _source(url: str = "", sha256: str = SHA256) -> Source:
    file = SourceFile("some/set.gz", sha256, url)
    return Source("set", "drawings", 1, "its home", "a licence", (file,))


@pytest.fixture
def home(tmp_path: Path) -> Iterator[str]:
    """A web server on this machine with the file, cut short under another name."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "set.gz").write_bytes(gzip.compress(CONTENT))
    (folder / "other.gz").write_bytes(gzip.compress(b"something else"))

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: object) -> None:
            super().__init__(*args, directory=str(folder))  # type: ignore[arg-type]

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_every_source_is_complete_and_named_once() -> None:
    names = [source.name for source in sources.SOURCES]
    assert len(set(names)) == len(names) == 12
    for source in sources.SOURCES:
        assert source.licence
        assert source.origin
        assert all(len(file.sha256) == 64 for file in source.files)


def test_a_file_packed_anew_is_still_the_same(tmp_path: Path) -> None:
    for level in (1, 9):
        path = tmp_path / f"{level}.gz"
        path.write_bytes(gzip.compress(CONTENT, level))
        assert sources.content_sha256(path) == SHA256


def test_a_set_is_missing_then_fetched_then_ok(home: str, tmp_path: Path) -> None:
    source = _source(f"{home}/set.gz")
    assert sources.check(source, tmp_path) == "missing"
    sources.fetch(source.files[0], tmp_path)
    assert sources.check(source, tmp_path) == "ok"


def test_a_file_can_come_from_another_folder(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(CONTENT))
    source = _source((tmp_path / "a.gz").as_uri())
    sources.fetch(source.files[0], tmp_path / "data")
    assert sources.check(source, tmp_path / "data") == "ok"


def test_another_file_than_published_is_not_kept(home: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="sha256"):
        sources.fetch(SourceFile("set.gz", SHA256, f"{home}/other.gz"), tmp_path / "data")
    assert list((tmp_path / "data").iterdir()) == []


def test_a_bad_download_does_not_replace_what_is_there(home: str, tmp_path: Path) -> None:
    (tmp_path / "set.gz").write_bytes(b"old")
    with pytest.raises(DataError, match="404"):
        sources.fetch(SourceFile("set.gz", SHA256, f"{home}/nothing.gz"), tmp_path)
    assert (tmp_path / "set.gz").read_bytes() == b"old"


def test_no_network_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Is there a network"):
        sources.fetch(SourceFile("set.gz", SHA256, "http://127.0.0.1:1/set.gz"), tmp_path)


def test_changed_and_damaged_files_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "some/set.gz"
    path.parent.mkdir()
    path.write_bytes(gzip.compress(b"mine"))
    assert sources.check(_source(), tmp_path) == "changed"
    path.write_bytes(b"no gzip")
    assert sources.check(_source(), tmp_path) == "damaged"


def test_the_list_says_what_to_do(
    home: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = [_source(f"{home}/set.gz")]
    args = argparse.Namespace(data=tmp_path, fetch=False)
    assert sources.run(args, listed) == 1
    assert "fetch it with --fetch" in capsys.readouterr().out
    args.fetch = True
    assert sources.run(args, listed) == 0
    assert "ok" in capsys.readouterr().out


def test_a_set_that_must_be_converted_names_its_home(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sources.run(argparse.Namespace(data=tmp_path, fetch=True), [_source()]) == 1
    assert "its original is its home" in capsys.readouterr().out
