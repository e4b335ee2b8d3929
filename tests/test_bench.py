"""The benchmark: what is measured is what it says, and is told to people and to programs."""

import io
import json

import pytest
from kiosks import settings

from device.bench import subjects
from device.bench.machine import machine
from device.bench.measure import WARM_UP, Bench, Row, interleaved, measured, ratio
from device.cli import main
from device.errors import InklingError


@pytest.fixture
def one_row(monkeypatch):
    row = Row("ink", "here", "ms", (1.0, 2.51234, 1.0))
    monkeypatch.setattr(subjects, "SUBJECTS", {"screen": lambda _: iter([row])})
    return row


@pytest.fixture
def tools():
    return Bench(settings(), turns=3)


def test_the_warm_up_does_not_count():
    row = measured("x", "y", [9.0] * WARM_UP + [0.001, 0.003, 0.002])
    assert row.values == pytest.approx((1.0, 3.0, 2.0))
    assert (row.median, row.count, row.unit) == (pytest.approx(2.0), 3, "ms")
    assert row.p99 == pytest.approx(3.0, abs=0.1)


def test_times_are_told_in_the_unit_that_is_asked_for():
    assert measured("x", "y", [0.5], "s").median == 0.5
    assert measured("x", "y", [0.5], "µs").median == 500_000


def test_a_ratio_compares_turn_by_turn_so_that_a_busy_machine_meets_both_alike():
    busy = [1.0] * WARM_UP + [1.0, 10.0, 100.0]
    row = ratio("x", "y", [2 * time for time in busy], busy)
    assert row.unit == "×"
    assert row.values == pytest.approx((2.0, 2.0, 2.0))


def test_what_is_compared_takes_turns():
    order = []
    works = {name: lambda name=name: order.append(name) for name in "AB"}
    taken = interleaved(works, turns=2)
    assert "".join(order) == "AB" * (WARM_UP + 2)
    assert {name: len(times) for name, times in taken.items()} == {
        "A": WARM_UP + 2,
        "B": WARM_UP + 2,
    }


def test_what_is_short_is_done_several_times_in_a_turn_after_once_for_the_caches():
    count = []
    interleaved({"A": lambda: count.append(1)}, turns=1, calls=5)
    assert len(count) == 6 * (WARM_UP + 1)


def test_the_machine_says_what_the_time_goes_by(tmp_path):
    (tmp_path / "governor").write_text("powersave\n")
    told = machine(tmp_path / "governor")
    assert told["governor"] == "governor powersave"
    assert machine(tmp_path / "none")["governor"] == "governor unknown"
    assert told["python"].startswith("Python 3.")
    assert "threads: 1" in told["runtime"]


def test_a_table_for_people(one_row, tools):
    out = io.StringIO()
    assert subjects.run("screen", tools, out) == 0
    text = out.getvalue()
    assert "Python 3." in text
    assert "1.00 ms" in text and "2.48 ms" in text


def test_an_object_for_programs_with_every_value(one_row, tools):
    out = io.StringIO()
    assert subjects.run("all", tools, out, as_json=True) == 0
    told = json.loads(out.getvalue())
    assert told["subjects"] == {"screen": [one_row.to_json()]}
    assert told["subjects"]["screen"][0]["values"] == [1.0, 2.512, 1.0]
    assert set(told["machine"]) >= {"machine", "cores", "governor", "runtime", "python", "numpy"}


def test_an_unknown_subject_is_refused_with_those_that_are_known(tools, capsys):
    with pytest.raises(InklingError, match=r"no subject 'scren'.*screen.*all"):
        subjects.run("scren", tools, io.StringIO())
    assert main(["bench", "scren"]) == 1
    assert "no subject 'scren'" in capsys.readouterr().err


def test_a_report_is_of_everything(one_row, tools, tmp_path):
    with pytest.raises(InklingError, match="inkling bench all --report"):
        subjects.run("screen", tools, io.StringIO(), written=tmp_path / "x.md")


def test_a_report_that_cannot_be_written_is_refused_before_anything_is_measured(
    monkeypatch, tools, tmp_path
):
    def measure(_):
        raise AssertionError("it was measured")

    monkeypatch.setattr(subjects, "SUBJECTS", {"screen": measure})
    with pytest.raises(InklingError, match="no such folder"):
        subjects.run("all", tools, io.StringIO(), written=tmp_path / "none" / "x.md")


def test_everything_is_measured_and_reported_under_the_boards_name(one_row, tools, tmp_path):
    path = tmp_path / "x.md"
    out = io.StringIO()
    assert subjects.run("all", tools, out, written=path, board="My Pi") == 0
    assert "### My Pi" in path.read_text()
    assert "| ink | 1.00 / 2.48 ms |" in path.read_text()
    assert "1.00 ms" in out.getvalue()
