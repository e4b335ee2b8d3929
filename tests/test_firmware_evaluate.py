"""The shipped models are measured as they read, and never twice without need."""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from device.ink import Ink
from device.library import Library
from device.recognizer import Recognizer
from firmware_tools import evaluate, figures, quickset, readings, speed
from firmware_tools.cli import main
from firmware_tools.data import DataError


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return quickset.write(tmp_path_factory.mktemp("data"), each=7)


@pytest.fixture(autouse=True)
def few_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "TURNS", 3)


def _run(data: Path, out: Path, *words: str) -> dict[str, Any]:
    common = ("--data", str(data), "--out", str(out), "--work", str(out.parent))
    assert main(["evaluate", *words, *common, "--limit", "12", "--drawings", "4"]) == 0
    found: dict[str, Any] = json.loads(out.read_text())
    return found


def test_an_evaluation_holds_every_figure_of_a_model(data: Path, tmp_path: Path) -> None:
    evaluation = _run(data, tmp_path / "e.json", "inkling")
    found = evaluation["models"]["inkling"]
    assert tuple(found["digits"]) == readings.DIGIT_SETS
    assert tuple(found["others"]) == readings.OTHER_SETS
    for one in found["digits"].values():
        low, high = one["accuracy_interval"]
        assert low <= one["accuracy"] <= high
        assert np.trace(one["confusion"]) == round(one["accuracy"] * one["count"])
        assert one["false_rejects"] >= one["several"]
    assert set(found["auroc"]) == {*readings.OTHER_SETS, figures.ALL}
    assert set(found["calibration"]) == {"digit", "gate"}
    assert set(found["robustness"]) == {"rotation", "scale", "shift", "pen", "sampling"}
    assert found["robustness_count"] == 4
    timed = evaluation["speed"]["inkling"]
    assert timed["microseconds"] > 0
    assert timed["bytes"] == Library().entry("inkling").bytes
    assert evaluation["circumstances"]["threads"] == 1


def test_what_is_measured_already_is_kept_until_it_is_forced(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "e.json"
    asked: list[str] = []

    def measure(name: str, *rest: object) -> figures.Figures:
        asked.append(name)
        entry = Library().entry(name)
        return {
            "sha256": entry.sha256,
            "gate_sha256": Library().entry(entry.gate).sha256,
            "settings": {"threshold": 0.5, "seed": 0, "limit": 12, "drawings": 4},
            "digits": {},
            "others": {},
        }

    monkeypatch.setattr(evaluate, "measure", measure)
    _run(data, out, "inkling")
    _run(data, out, "inkling")
    assert asked == ["inkling"]
    assert "measured already" in capsys.readouterr().err
    _run(data, out, "inkling", "--force")
    _run(data, out, "inkling", "--seed", "3")
    assert asked == ["inkling"] * 3


def test_readings_are_those_of_the_device(data: Path) -> None:
    """Ink goes in as ink and pictures as pictures, each by itself, as with ``inkling read``."""
    recognizer = Recognizer(Library(), "inkling")
    sets = {one.name: one for one in readings.load_sets(data, 5, 0)}
    for name in ("pendigits-validation", "niemenjoki", "quickdraw-validation"):
        answers = readings.read_all(recognizer, sets[name].drawings)
        for place, drawing in enumerate(sets[name].drawings):
            is_ink = isinstance(drawing, Ink)
            one = recognizer.read(drawing) if is_ink else recognizer.read_pixels(drawing)
            assert (one.digit, one.gate) == (answers.digit[place], answers.gate[place])
            assert one.probabilities == tuple(answers.probabilities[place])


def _answers(digit: list[int], accepted: list[bool], symbols: list[int]) -> readings.Answers:
    count = len(digit)
    return readings.Answers(
        digit=np.array(digit),
        probabilities=np.tile([0.91, *[0.01] * 9], (count, 1)),
        gate=np.where(accepted, 0.75, 0.25),
        symbols=np.array(symbols),
        accepted=np.array(accepted),
        milliseconds=np.ones(count),
        seen=np.zeros((count, 28, 28), np.uint8),
    )


def _set(name: str, truth: list[int] | None, count: int) -> readings.DrawingSet:
    known = None if truth is None else np.array(truth)
    return readings.DrawingSet(name, (Ink(),) * count, known, None)


def test_several_symbols_count_as_not_accepted() -> None:
    answers = _answers([1, 1, 2, 3], [True, False, False, True], [1, 2, 1, 1])
    found = figures.of_digits(_set("mnist-test", [1, 1, 2, 7], 4), answers, 0)
    assert found["accuracy"] == 0.75
    assert found["false_rejects"] == 0.5
    assert found["several"] == 0.25
    assert found["accuracy_accepted"] == 0.5
    assert found["recalls"] == {1: 1.0, 2: 1.0, 7: 0.0}


def test_false_accepts_are_what_is_no_digit_and_passes() -> None:
    answers = _answers([0, 0, 0, 0], [True, False, False, False], [1, 1, 3, 1])
    found = figures.of_others(_set("quickdraw-validation", None, 4), answers, 0)
    assert found["false_accepts"] == 0.25
    assert found["several"] == 0.25


def test_the_gate_is_not_asked_about_several_symbols() -> None:
    digits, others = _set(readings.DRAWN, [0, 0], 2), _set("quickdraw-validation", None, 2)
    answers = {
        digits.name: _answers([0, 0], [True, True], [1, 1]),
        # The second would be a false accept of the gate, were it one symbol.
        others.name: _answers([0, 0], [False, True], [1, 2]),
    }
    assert figures.aurocs([digits], [others], answers, 0)[figures.ALL]["auroc"] == 1.0
    found = figures.calibrations([digits], [others], answers)
    assert found["digit"]["error"] == pytest.approx(0.09)
    assert found["gate"]["error"] == pytest.approx(0.25)


def test_a_limit_takes_the_same_drawings_for_the_same_seed() -> None:
    whole = _set("mnist-test", list(range(10)), 10)
    one, again, other = (whole.sampled(4, seed).truth for seed in (1, 1, 2))
    assert one is not None and again is not None and other is not None
    assert one.tolist() == sorted(one.tolist()) == again.tolist() != other.tolist()
    assert whole.sampled(None, 1) is whole


def test_a_gate_is_measured_through_the_models_that_use_it() -> None:
    library = Library()
    assert evaluate.chosen(library, []) == evaluate.chosen(library, ["all"])
    for name in library.names:
        entry = library.entry(name)
        found = evaluate.chosen(library, [name])
        assert found == (name,) if entry.reads_digits else all(library.entry(n) for n in found)


def test_a_missing_set_is_left_out_and_named(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "hwd1000.npz").write_bytes((data / "hwd1000.npz").read_bytes())
    assert [one.name for one in readings.load_sets(tmp_path, None, 0)] == ["hwd1000"]
    assert "niemenjoki" in capsys.readouterr().err


def test_no_digits_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no set of digits"):
        readings.load_sets(tmp_path, None, 0)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--threshold", "1.5"], "--threshold 1.5"),
        (["--limit", "-3"], "--limit -3"),
        (["--jobs", "0"], "--jobs 0"),
        (["--seed", "-1"], "--seed -1"),
        (["inklin"], "did you mean 'inkling'"),
    ],
)
def test_settings_that_make_no_sense_are_one_line(
    words: list[str], complaint: str, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *words, "--data", str(data)]) == 1
    error = capsys.readouterr().err
    assert complaint in error
    assert error.count("\n") == 1


def test_another_file_in_the_place_of_an_evaluation_is_left_alone(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mine.json"
    out.write_text('{"notes": 1}')
    assert main(["evaluate", "--data", str(data), "--out", str(out)]) == 1
    assert "is not an evaluation" in capsys.readouterr().err
    assert out.read_text() == '{"notes": 1}'


def test_the_processor_is_named_as_it_names_itself(tmp_path: Path) -> None:
    info = tmp_path / "cpuinfo"
    info.write_text("processor\t: 0\nmodel\t\t: 85\nmodel name\t: A Chip\n")
    assert speed.processor(info) == "A Chip"
    info.write_text("processor\t: 0\nModel\t\t: Raspberry Pi 5 Model B\n")
    assert speed.processor(info) == "Raspberry Pi 5 Model B"
    assert speed.processor(tmp_path / "none") == ""


def test_every_option_of_all_is_known() -> None:
    parser = argparse.ArgumentParser()
    evaluate.add_arguments(parser)
    args = parser.parse_args([])
    assert {"data", "work", "models", "seed", "quick"} <= set(vars(args))


def test_a_figure_published_on_other_pictures_is_compared_over_those(
    data: Path, tmp_path: Path
) -> None:
    found = _run(data, tmp_path / "e.json", "abc1203")["models"]["abc1203"]["published_sets"]
    assert found["sets"] == ["mnist-train", "mnist-test"]
    assert found["count"] == 24
    assert 0.0 < found["accuracy"] <= 1.0
