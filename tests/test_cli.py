"""The command line: teaches, and never shows a traceback."""

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from device import __version__
from device.arguments import COMMANDS
from device.cli import STARTS, main
from device.library import shipped_folder


def run(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "device.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        **options,
    )


def test_without_a_command_it_says_what_there_is(capsys):
    assert main([]) == 2
    out = capsys.readouterr().out
    for command in ("run", "demo", "read", "samples", "models", "config", "doctor", "screenshots"):
        assert command in out


@pytest.mark.parametrize(
    "command",
    ["run", "demo", "read", "samples", "models", "config", "doctor", "screenshots", "bench"],
)
def test_every_command_has_help(capsys, command):
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert "usage: inkling" in capsys.readouterr().out


def test_every_command_that_is_offered_does_something():
    assert list(STARTS) == list(COMMANDS)


def test_an_option_of_another_command_is_not_taken(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["run", "--strokes", "-"])
    assert stopped.value.code == 2
    assert "--strokes" in capsys.readouterr().err


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert __version__ in capsys.readouterr().out


def test_models_are_listed_with_the_default_first(capsys):
    assert main(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("inkling")
    assert "(default)" in lines[1]
    assert any(line.startswith("gubboit") for line in lines)


def test_a_damaged_model_is_refused_in_the_list(tmp_path, capsys):
    shutil.copytree(shipped_folder(), tmp_path / "models")
    (tmp_path / "models/inkling.tflite").write_bytes(b"TFL3")
    assert main(["models", "--models", str(tmp_path / "models")]) == 1
    assert "is damaged" in capsys.readouterr().err


def test_the_doctor_prints_crashes_and_parts_of_the_check_up(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    assert main(["doctor", "--crashes"]) == 0
    assert capsys.readouterr().out == "no crash is kept\n"
    assert main(["doctor", "--self-test", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["broken"] is False
    (tmp_path / "bad.toml").write_text("[model]\nname = 3\n")
    assert main(["doctor", "--self-test", "--config", str(tmp_path / "bad.toml")]) == 1
    assert "model.name = 3" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["run", "headless"])
def test_what_ends_the_kiosk_is_kept_for_the_doctor(tmp_path, command, monkeypatch, capsys):
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    assert main([command, "--models", str(tmp_path / "none")]) == 1
    assert main(["doctor", "--crashes"]) == 0
    assert "manifest cannot be read" in capsys.readouterr().out


def test_what_ends_another_command_is_not(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    assert main(["read", "--models", str(tmp_path / "none"), "x.png"]) == 1
    assert main(["doctor", "--crashes"]) == 0
    assert "no crash is kept" in capsys.readouterr().out


def test_the_configuration_in_force_shows_flags_and_files(tmp_path, capsys):
    file = tmp_path / "my.toml"
    file.write_text("[lights]\naccept = 5\n")
    assert main(["config", "--config", str(file), "--model", "gubboit"]) == 0
    out = capsys.readouterr().out
    assert "accept = 5" in out
    assert 'name = "gubboit"' in out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["read"], "name picture files"),
        (["samples", "import"], "name a file"),
        (["read", "--strokes", "/nowhere.jsonl"], "/nowhere.jsonl: cannot be read"),
        (["read", "--model", "inklin", "x.png"], "did you mean 'inkling'"),
        (["read", "--models", "/nowhere", "x.png"], "manifest cannot be read"),
        (["config", "--config", "/nowhere.toml"], "cannot be read"),
        (["run", "--size", "10x10"], "expected"),
        (["demo", "--model", "nobody"], "unknown model"),
    ],
)
def test_a_mistake_is_one_clear_line_and_a_bad_status(capsys, arguments, expected):
    assert main(arguments) == 1
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("inkling: ")
    assert expected in error


@pytest.mark.parametrize("turns", ["0", "-3", "many"])
def test_nothing_is_measured_no_times(capsys, turns):
    with pytest.raises(SystemExit, match="2"):
        main(["bench", "model", "--turns", turns])
    assert f"'{turns}' is not a number from 1 up" in capsys.readouterr().err


def test_files_may_stand_behind_options(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
    assert main(["read", "a.png", "--model", "inkling", "b.png", "-"]) == 1
    heard = [json.loads(line)["source"] for line in capsys.readouterr().out.splitlines()]
    assert heard == ["a.png", "b.png", "-"]
    made = tmp_path / "set.jsonl"
    assert main(["samples", "export", "--folder", str(tmp_path), str(made)]) == 0
    assert made.exists()


@pytest.mark.parametrize(
    "words",
    [
        ["read", "a.png", "--nonsense"],
        ["read", "a.png", "--table", "b.png", "--nonsense"],
        ["samples", "export", "a.jsonl", "--all", "b.jsonl"],
        ["samples", "export", "--all", "--nonsense"],
        ["run", "a.png"],
    ],
)
def test_what_is_no_option_and_no_file_is_refused(capsys, words):
    with pytest.raises(SystemExit, match="2"):
        main(words)
    assert "unrecognized arguments" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error(tmp_path):
    ink = tmp_path / "ink.jsonl"
    ink.write_text('{"strokes": [[[0, 0], [0, 9]]]}\n' * 3000)
    command = f"{sys.executable} -m device.cli read --strokes {ink} | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=120)
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr


def test_reading_needs_no_display_and_no_pins(tmp_path):
    ink = tmp_path / "ink.jsonl"
    ink.write_text('{"strokes": [[[0, 0], [0, 9]]]}\n')
    probe = (
        "import sys; from device.cli import main; "
        f"main(['read', '--strokes', {str(ink)!r}]); "
        "print([m for m in ('gpiozero', 'tensorflow', 'PIL', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk to try")
def test_a_full_disk_is_one_line_and_a_bad_status():
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "device.cli", "config"],
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=120,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("inkling: the output cannot be written")
    assert done.stderr.count("\n") == 1


def test_names_that_the_terminal_cannot_show_are_escaped(tmp_path):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = run("read", "--table", tmp_path / "bü\udcff.png", env=environment)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "b\\xfc" in done.stdout


def test_the_command_line_alone_imports_nothing_heavy():
    probe = "import sys, device.cli; print([m for m in ('numpy', 'pygame') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_configuration_knows_the_flags_of_the_kiosk_and_the_models(capsys):
    assert main(["config", "--size", "1024x600", "--fullscreen"]) == 0
    out = capsys.readouterr().out
    assert 'size = "1024x600"' in out
    assert "windowed = false" in out
    assert main(["config", "--model", "nobody"]) == 1
    assert "unknown model 'nobody'" in capsys.readouterr().err
