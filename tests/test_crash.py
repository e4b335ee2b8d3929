"""The last fatal errors are kept, and keeping them hides none."""

import json
import logging
import signal
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device import __version__, crash
from device.crash import FOLDER, KEPT, crashes, record, recorded
from device.errors import ScreenError


def crashed(folder, error):
    with pytest.raises(type(error)), recorded(lambda: folder):
        raise error


def test_a_fatal_error_is_kept_with_what_helps_to_understand_it(tmp_path):
    error = ZeroDivisionError("by\nzero")
    error.add_note("last reading: accepted 3")
    crashed(tmp_path, error)
    (kept,) = crashes(tmp_path)
    assert (kept.error, kept.notes) == ("ZeroDivisionError: by zero", "last reading: accepted 3")
    assert kept.version == __version__
    assert kept.uptime >= 0
    assert kept.time.endswith("Z") and len(kept.time) == 20
    assert "in crashed" in kept.trace


def test_what_is_meant_for_a_person_is_kept_in_its_own_words(tmp_path):
    crashed(tmp_path, ScreenError("no screen can be opened"))
    assert crashes(tmp_path)[0].error == "no screen can be opened"


def test_only_the_last_five_are_kept_in_their_order(tmp_path):
    for number in range(12):
        crashed(tmp_path, ValueError(number))
    assert [kept.error for kept in crashes(tmp_path)] == [
        f"ValueError: {number}" for number in range(12 - KEPT, 12)
    ]
    assert len(list((tmp_path / FOLDER).iterdir())) == KEPT


def test_a_clock_that_goes_back_does_not_change_the_order(tmp_path, monkeypatch):
    crashed(tmp_path, ValueError("first"))
    monkeypatch.setattr(
        crash.time, "gmtime", lambda _: crash.time.struct_time((1970, 1, 1) + (0,) * 6)
    )
    crashed(tmp_path, ValueError("second"))
    assert [kept.error for kept in crashes(tmp_path)][-1] == "ValueError: second"


def test_what_ends_well_or_by_ctrl_c_is_no_crash(tmp_path):
    with recorded(lambda: tmp_path):
        pass
    with pytest.raises(KeyboardInterrupt), recorded(lambda: tmp_path):
        raise KeyboardInterrupt
    with pytest.raises(SystemExit), recorded(lambda: tmp_path):
        raise SystemExit(1)
    assert crashes(tmp_path) == []


def test_a_folder_that_cannot_be_written_hides_no_error(tmp_path, caplog):
    (tmp_path / FOLDER).write_text("a file in its place")
    crashed(tmp_path, ValueError("the error itself"))
    assert "cannot be kept" in caplog.text


def test_neither_does_a_state_folder_that_is_not_to_be_had(caplog):
    def nowhere():
        raise OSError("no home")

    with pytest.raises(ValueError, match="itself"), recorded(nowhere):
        raise ValueError("the error itself")
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_of_a_long_traceback_the_end_is_kept(tmp_path):
    crashed(tmp_path, ValueError("x" * 100_000 + " the end"))
    assert crashes(tmp_path)[0].trace.endswith("the end\n")
    assert (tmp_path / FOLDER / "000001.json").stat().st_size < 200_000


@given(content=st.binary(max_size=60))
def test_damaged_reports_are_left_out(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("state")
    record(folder, ValueError("whole"))
    (folder / FOLDER / "000002.json").write_bytes(content)
    assert [kept.error for kept in crashes(folder)] == ["ValueError: whole"]


@pytest.mark.parametrize("content", ["[]", "null", "{}", '{"time": 1}', "[" * 100_000])
def test_reports_of_another_form_are_left_out(tmp_path, content):
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "000001.json").write_text(content)
    (tmp_path / FOLDER / "notes.txt").write_text("not ours")
    assert crashes(tmp_path) == []
    crashed(tmp_path, ValueError("next"))
    assert (tmp_path / FOLDER / "000002.json").exists()


DIE = """
import ctypes, sys
from pathlib import Path
from device.crash import recorded

with recorded(lambda: Path(sys.argv[1])):
    if sys.argv[2] == "crash":
        ctypes.string_at(0)
"""


def process(folder, how):
    return subprocess.run([sys.executable, "-c", DIE, folder, how], capture_output=True).returncode


@pytest.mark.parametrize("wanted", ["", "1"])
def test_a_library_that_crashes_the_process_is_told_by_the_next_one(tmp_path, wanted, monkeypatch):
    monkeypatch.setenv("PYTHONFAULTHANDLER", wanted)
    assert process(tmp_path, "crash") == -signal.SIGSEGV
    assert crashes(tmp_path) == []
    for _ in range(2):
        assert process(tmp_path, "end well") == 0
        (kept,) = crashes(tmp_path)
        assert "Segmentation fault" in kept.error
        assert "string_at" in kept.trace


def test_a_process_without_a_state_folder_runs_nevertheless(tmp_path):
    (tmp_path / "file").touch()
    assert process(tmp_path / "file", "end well") == 0


def test_a_report_is_a_small_json_file(tmp_path):
    kept = json.loads(record(tmp_path, ValueError("small")).read_text())
    assert set(kept) == {"time", "version", "uptime", "notes", "error", "trace"}
