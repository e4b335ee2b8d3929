"""Progress is shown to a person at a terminal and to nobody else."""

import sys

import pytest

from firmware_tools import progress


def test_without_a_terminal_nothing_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(progress.bar(range(3), "counting", 3)) == [0, 1, 2]
    assert capsys.readouterr().err == ""


def test_at_a_terminal_there_is_a_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tqdm", reason="the bar is tqdm's")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert list(progress.bar(range(3), "counting", 3)) == [0, 1, 2]
    assert "counting" in capsys.readouterr().err


def test_a_missing_tqdm_costs_only_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert list(progress.bar(range(3), "counting")) == [0, 1, 2]


def test_what_is_said_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    progress.say("training")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "training\n")
