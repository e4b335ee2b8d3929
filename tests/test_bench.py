"""The benchmark: what is measured is what it says, and is told to people and to programs."""

import io
import json

import pytest
from fakes import Templates
from kiosks import settings

from device import bench
from device.bench import Bench, Row, measured, scribble
from device.cli import main
from device.errors import InklingError
from device.library import Library


@pytest.fixture
def tools(monkeypatch):
    monkeypatch.setattr(bench, "SIZES", ("480x320",))
    monkeypatch.setattr(bench, "LENGTHS", (10, 300))
    return Bench(settings(), Templates(), Library(), turns=3)


def test_the_frame_budget_has_every_subject_in_every_size_and_length(tools):
    rows = list(bench.screen(tools))
    assert [row.what for row in rows[:3]] == [
        "ink under the finger",
        "normalising moves the drawing",
        "360: the drawing turns",
    ]
    assert {row.where for row in rows} == {"480x320"}
    for length in (10, 300):
        assert sum(f"{length:,} points" in row.what for row in rows) == 4
    for row in rows:
        assert row.count >= 3
        assert 0 < row.median <= row.p99


def test_what_is_measured_is_a_picture_with_new_ink(tools):
    with tools.stage("480x320") as made:
        pictures = []
        show = made.kiosk._show

        def seen():
            show()
            pictures.append(len(made.kiosk.desk.ink.strokes[-1]) if made.kiosk.desk.ink else 0)

        made.kiosk._show = seen
        for _ in bench._under_finger(made, 5, before=20):
            assert pictures[-1] > 20
        assert made.kiosk.desk.ink.is_blank


def test_a_scribble_has_the_points_that_are_asked_for():
    for length in (1, 100, 250):
        ink = scribble(length)
        assert ink.point_count == length
        assert ink.bounds.left >= 0 and ink.bounds.right <= 1


def test_the_warm_up_does_not_count():
    row = measured("x", "y", [9.0] * bench.WARM_UP + [0.001, 0.003, 0.002])
    assert row == Row("x", "y", pytest.approx(2.0), pytest.approx(3.0, abs=0.1), 3)


def test_a_table_for_people_and_an_object_for_programs(monkeypatch, tools):
    monkeypatch.setitem(bench.SUBJECTS, "screen", lambda _: iter([Row("ink", "here", 1, 2.5, 7)]))
    table, text = io.StringIO(), io.StringIO()
    assert bench.run("screen", tools, table, as_json=False) == 0
    assert bench.run("screen", tools, text, as_json=True) == 0
    assert "Python 3." in table.getvalue()
    assert "2.50 ms" in table.getvalue()
    told = json.loads(text.getvalue())
    assert told["rows"] == [{"what": "ink", "where": "here", "median": 1, "p99": 2.5, "count": 7}]
    assert set(told["machine"]) >= {"machine", "cores", "python", "numpy"}


def test_an_unknown_subject_is_refused_with_those_that_are_known(tools, capsys):
    with pytest.raises(InklingError, match=r"no subject 'scren'.*screen"):
        bench.run("scren", tools, io.StringIO(), as_json=False)
    assert main(["bench", "scren"]) == 1
    assert "no subject 'scren'" in capsys.readouterr().err
