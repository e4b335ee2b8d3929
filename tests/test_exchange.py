"""Where labelled drawings are handed over, and that they come back as they were."""

import os
from pathlib import Path

import pytest
from drawings import digit, doodle

from device import exchange
from device.errors import SamplesError
from device.samples import ImportResult, Samples


@pytest.fixture
def samples(tmp_path):
    with Samples(tmp_path / "own") as made:
        made.add(digit(3), "3")
        made.add(doodle(), "none")
        yield made


@pytest.fixture
def mounted(monkeypatch):
    """Folders that look like media."""
    folders = set()
    monkeypatch.setattr(Path, "is_mount", lambda self: self in folders)
    return folders


def test_without_a_medium_it_is_a_folder_beside_the_drawings(samples, tmp_path, mounted):
    (tmp_path / "media" / "empty").mkdir(parents=True)
    assert exchange.place(samples, [tmp_path / "media", tmp_path / "gone"]) == (
        samples.folder / "exchange"
    )


@pytest.mark.parametrize("inside", ["stick", "pi/STICK"])
def test_a_medium_is_found_where_systems_mount_them(samples, tmp_path, mounted, inside):
    stick = tmp_path / "media" / inside
    stick.mkdir(parents=True)
    mounted.add(stick)
    assert exchange.place(samples, [tmp_path / "run", tmp_path / "media"]) == stick


def test_a_medium_that_cannot_be_written_to_is_passed_over(samples, tmp_path, mounted, monkeypatch):
    for name in ("a", "b"):
        (tmp_path / "media" / name).mkdir(parents=True)
        mounted.add(tmp_path / "media" / name)
    monkeypatch.setattr(os, "access", lambda path, _: path.name == "b")
    assert exchange.place(samples, [tmp_path / "media"]).name == "b"


def test_a_medium_that_answers_with_an_error_is_passed_over(samples, tmp_path, monkeypatch):
    (tmp_path / "media" / "broken").mkdir(parents=True)

    def broken(self):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "is_mount", broken)
    assert exchange.place(samples, [tmp_path / "media"]).name == "exchange"


def test_both_files_are_found_with_their_sizes_and_come_back_as_they_were(samples, tmp_path):
    folder, shares = tmp_path / "stick", []
    assert exchange.found(folder) == {}
    assert exchange.export(samples, folder, shares.append) == {
        exchange.JSON: 1,
        exchange.LINES: 2,
    }
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    sizes = {name: (folder / name).stat().st_size for name in exchange.NAMES}
    assert exchange.found(folder) == sizes
    with Samples(tmp_path / "other") as other:
        taken = exchange.take(other, folder, exchange.LINES, shares.append)
        assert taken == ImportResult(2, 0, "")
        assert [(s.label, s.ink) for s in other] == [(s.label, s.ink) for s in samples]
        assert exchange.take(other, folder, exchange.JSON, shares.append).added == 1


def test_a_file_that_is_gone_is_refused(samples, tmp_path):
    with pytest.raises(SamplesError, match="cannot be read"):
        exchange.take(samples, tmp_path, exchange.JSON, lambda _: None)


def test_the_room_on_a_disk_is_known_before_the_folder_is_made(tmp_path):
    assert exchange.free_bytes(tmp_path / "not" / "yet" / "there") > 0
