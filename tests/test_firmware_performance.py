"""The plots of docs/performance.md: from the benchmark's own figures, the same for the same."""

import json

import pytest

from device.bench.measure import Row
from device.bench.pipeline import WHOLE
from device.library import Library
from firmware_tools import performance
from firmware_tools.cli import main

SUBJECTS = {
    "touch": [
        Row("from touch to ink", "800x480", "ms", (1.0, 1.2, 3.0)),
        Row("from touch to answer", "800x480", "ms", (2.0, 2.5, 6.0)),
        Row("pictures until the answer", "800x480", "", (2.0,)),
    ],
    "pipeline": [
        Row(WHOLE, "a digit", "ms", (0.3,)),
        Row(WHOLE, "10 points", "ms", (0.3,)),
        Row(WHOLE, "1,000 points", "ms", (2.0,)),
    ],
    "model": [
        Row(name, where, "µs", (20.0 + number,))
        for number, name in enumerate(Library().names)
        for where in ("LiteRT alone", "tflite-runtime alone")
    ],
    "idle": [Row("wake-ups", "kiosk", "per s", (1.0, 0.0, 2.0))],
}


@pytest.fixture
def figures(tmp_path):
    path = tmp_path / "bench.json"
    rows = {name: [row.to_json() for row in rows] for name, rows in SUBJECTS.items()}
    path.write_text(json.dumps({"machine": {}, "subjects": rows}))
    return path


def test_what_the_benchmark_printed_is_read_as_it_was(figures):
    assert performance.read(figures) == SUBJECTS


def test_every_plot_is_drawn_and_the_same_for_the_same_figures(figures, tmp_path):
    pytest.importorskip("matplotlib")
    for name in ("one", "other"):
        assert main(["performance", str(figures), "--out", str(tmp_path / name)]) == 0
    made = sorted((tmp_path / "one").iterdir())
    assert [path.name for path in made] == sorted(f"{name}.svg" for name in performance.DRAWN)
    for path in made:
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes()
    text = {path.stem: path.read_text() for path in made}
    assert "from touch to answer" in text["latency"]
    assert WHOLE in text["length"]
    assert Library().default in text["accuracy"]
    assert all(words in text["idle"] for words in ("kiosk", "wake-ups", "the aim"))


def test_what_was_not_measured_stays_as_it_is(figures, tmp_path, capsys):
    told = json.loads(figures.read_text())
    figures.write_text(json.dumps({"subjects": {}, "machine": told["machine"]}))
    (tmp_path / "idle.svg").write_text("before")
    assert main(["performance", str(figures), "--out", str(tmp_path)]) == 0
    assert (tmp_path / "idle.svg").read_text() == "before"
    assert "subject idle was not measured" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"subjects": {"touch": [{"values": []}]}}'])
def test_what_is_no_benchmark_is_refused_in_one_line(content, tmp_path, capsys):
    path = tmp_path / "bench.json"
    path.write_text(content)
    assert main(["performance", str(path)]) == 1
    assert "inkling bench all --json" in capsys.readouterr().err
    assert main(["performance", str(tmp_path / "none.json")]) == 1
    assert "cannot be read" in capsys.readouterr().err
