"""``inkling samples``: what a person reads, and what is refused."""

import json

import pytest

from device.cli import main
from device.ink import Ink
from device.samples import Samples

LINE = Ink.of([[(0.25, 0.5, 0.0), (0.75, 0.5, 0.1)]])


@pytest.fixture
def folder(tmp_path):
    with Samples(tmp_path / "taught") as samples:
        for label in ("3", "3", "none"):
            samples.add(LINE, label)
    return tmp_path / "taught"


def inkling(*arguments):
    return main(["samples", *map(str, arguments)])


def test_counts_file_and_room_are_listed(folder, capsys):
    with (folder / "samples.jsonl").open("a") as file:
        file.write("what is this?\n")
    assert inkling("--folder", folder) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = {line.rpartition(" ")[0].strip(): line.rpartition(" ")[2] for line in lines}
    assert (rows["3"], rows["4"], rows["not a digit"], rows["together"]) == ("2", "0", "1", "3")
    assert str(folder / "samples.jsonl") in lines[-2]
    assert "bytes" in lines[-2]
    assert "free" in lines[-2]
    assert lines[-1] == "damaged lines, skipped: 1"


def test_where_nobody_taught_there_is_nothing_and_nothing_is_made(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    assert inkling() == 0
    out = capsys.readouterr().out
    assert f"{tmp_path / 'state' / 'samples.jsonl'}: 0 bytes" in out
    assert not (tmp_path / "state").exists()


def test_the_folder_of_the_configuration_is_meant(folder, tmp_path, capsys):
    (tmp_path / "my.toml").write_text(f'[samples]\nfolder = "{folder}"\n')
    assert inkling("--config", tmp_path / "my.toml") == 0
    assert str(folder) in capsys.readouterr().out


def test_what_is_exported_can_be_read_and_imported(folder, tmp_path, capsys):
    assert inkling("export", tmp_path / "set.jsonl", "--folder", folder) == 0
    assert capsys.readouterr().out == f"3 drawings written to {tmp_path / 'set.jsonl'}\n"
    assert main(["read", "--strokes", str(tmp_path / "set.jsonl")]) == 0
    assert capsys.readouterr().out.count("\n") == 3
    assert inkling("import", tmp_path / "set.jsonl", "--folder", tmp_path / "other") == 0
    assert "3 drawings added" in capsys.readouterr().out
    assert Samples(tmp_path / "other").counts() == Samples(folder).counts()


def test_what_stays_out_of_the_published_form_is_said(folder, tmp_path, capsys):
    assert inkling("export", tmp_path / "set.json", "--folder", folder) == 0
    assert "1 left out (not digits" in capsys.readouterr().out
    assert inkling("export", tmp_path / "set.json", "--folder", folder, "--all") == 0
    assert "left out" not in capsys.readouterr().out
    assert len(json.loads((tmp_path / "set.json").read_text())) == 3


def test_what_was_skipped_is_said_with_the_reason(tmp_path, capsys):
    (tmp_path / "set.jsonl").write_text('{"label": "x"}\n')
    assert inkling("import", tmp_path / "set.jsonl", "--folder", tmp_path) == 0
    assert "1 skipped; the first: drawing 1: labelled 'x'" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["export"], "name a file: inkling samples export FILE"),
        (["export", "set.csv"], "end the name in .jsonl (strokes) or .json"),
        (["import", "/nowhere/set.json"], "/nowhere/set.json: cannot be read"),
    ],
)
def test_a_mistake_is_one_clear_line(tmp_path, capsys, arguments, expected):
    assert inkling(*arguments, "--folder", tmp_path) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert expected in line


def test_somebody_who_teaches_at_the_same_time_is_named(folder, tmp_path, capsys):
    (tmp_path / "set.jsonl").write_text("")
    with Samples(folder) as samples:
        samples.add(LINE, "1")
        assert inkling("import", tmp_path / "set.jsonl", "--folder", folder) == 1
    assert "another program is adding drawings" in capsys.readouterr().err
