"""Many drawings at once: how many a second, and that nothing of them stays."""

import io
import json

import pytest
from fakes import Templates
from kiosks import settings

from device.bench import measure, samples
from device.bench.measure import Bench
from device.errors import InklingError
from device.read import drawings_from_lines


@pytest.fixture
def tools(monkeypatch):
    monkeypatch.setattr(measure, "WARM_UP", 1)
    monkeypatch.setattr(samples, "BATCH", 4)
    made = Bench(settings(), turns=2)
    made.__dict__["recognizer"] = Templates()
    return made


def test_teaching_reading_memory_and_two_processes_are_measured(tools, monkeypatch):
    started = []
    monkeypatch.setattr(samples, "_all", lambda command, count: started.append((command, count)))
    rows = list(samples.rows(tools))
    assert [row.unit for row in rows] == ["ms", "per s", "per s", "MB", "×"]
    assert rows[1].count == rows[2].count == 3
    assert [count for _, count in started] == [1, 2] * samples.PAIRS
    command = started[0][0]
    assert command[command.index("--model") + 1] == tools.config.model.name


def test_lines_are_drawings_that_can_be_read():
    drawings = list(drawings_from_lines(io.BytesIO(samples.lines(12)), "-"))
    assert len(drawings) == 12
    assert all(ink.point_count > 5 for _, ink in drawings)
    assert json.loads(samples.lines(1))["strokes"]


def test_memory_is_what_the_system_says(tmp_path):
    (tmp_path / "statm").write_text("500 100 20 1 0 30 0\n")
    assert samples.resident(tmp_path / "statm") > 0
    assert samples.resident(tmp_path / "none") == 0
    assert samples.resident() > 10


def test_a_process_that_fails_is_no_measurement():
    with pytest.raises(InklingError, match="failed"):
        samples._all(["false"], 2)
    samples._all(["true"], 2)
