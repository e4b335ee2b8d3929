"""The command line of firmware_tools speaks in single lines."""

import subprocess
import sys
from pathlib import Path

import pytest

from firmware_tools import cli


def test_an_error_is_one_line_and_a_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["train", "gubbit", "--data", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert said == "firmware_tools train: no recipe is called 'gubbit'; did you mean gubboit?\n"


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--help"])
    assert caught.value.code == 0
    said = capsys.readouterr().out
    assert all(name in said for name in cli.COMMANDS)


@pytest.mark.parametrize("words", [[], ["tarin"], ["train"], ["train", "gubboit", "--epochs", "0"]])
def test_wrong_words_are_answered_with_the_usage(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(words)
    assert caught.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_it_runs_as_a_module(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "firmware_tools", "data", "--data", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "mnist-train" in done.stdout
    assert "Traceback" not in done.stderr
