"""Drawings are changed in one way, by as much as the axis says."""

from pathlib import Path

import numpy as np
import pytest

from device.ink import Ink
from device.library import Library, shipped_folder
from device.recognizer import Recognizer
from firmware_tools import quickset, readings, robustness

LINE = Ink.of([[(0.1 + 0.01 * step, 0.5) for step in range(81)]])


@pytest.fixture(scope="module")
def digits() -> readings.DrawingSet:
    rng = np.random.default_rng(0)
    inks = tuple(quickset.drawing(quickset.DIGITS[str(digit)], rng) for digit in range(4))
    return readings.DrawingSet("pendigits-validation", inks, np.arange(4), None)


def test_turning_by_a_quarter_stands_a_line_on_end() -> None:
    bounds = robustness.turned(LINE, 90).bounds
    assert bounds is not None
    assert (bounds.width, bounds.height) == pytest.approx((0, 0.8))


@pytest.mark.parametrize("percent", [10, 40, 100])
def test_a_drawing_fills_as_much_of_the_canvas_as_asked(percent: float) -> None:
    bounds = robustness.sized(LINE, percent).bounds
    assert bounds is not None
    assert bounds.width == pytest.approx(percent / 100)
    assert bounds.centre == pytest.approx((0.5, 0.5))


def test_a_moved_drawing_stays_on_the_canvas() -> None:
    furthest = max(robustness.CURVES[2].values)
    bounds = robustness.moved(LINE, furthest).bounds
    assert bounds is not None
    assert bounds.right <= 1.0 + 1e-9
    assert bounds.centre == pytest.approx((0.5 + furthest, 0.5 + furthest))


def test_a_wider_pen_leaves_more_ink() -> None:
    thin, wide = (robustness.penned(LINE, width) for width in (0.01, 0.1))
    assert thin.shape == wide.shape == (280, 280)
    assert (wide > 127).sum() > 5 * (thin > 127).sum()


@pytest.mark.parametrize("rate", [60, 30, 15])
def test_a_slow_panel_reports_that_many_points(rate: float) -> None:
    sampled = robustness.sampled(LINE, rate)
    assert sampled.point_count == pytest.approx(rate, abs=1)
    assert sampled.strokes[0].xy[0].tolist() == LINE.strokes[0].xy[0].tolist()


def test_a_slow_panel_loses_the_end_of_a_stroke_at_most_by_a_tick() -> None:
    lost = 0.9 - robustness.sampled(LINE, 15).strokes[0].xy[-1, 0]
    assert 0 <= lost < 0.8 / 15 * 1.1


def test_every_stroke_keeps_at_least_the_point_where_it_began() -> None:
    ink = Ink.of([[(0.1, 0.1), (0.11, 0.1)], *[list(map(tuple, LINE.strokes[0].xy))]])
    sampled = robustness.sampled(ink, 5)
    assert len(sampled.strokes) == 2
    assert sampled.strokes[0].xy[0].tolist() == [0.1, 0.1]


def test_a_panel_cannot_report_more_than_was_recorded() -> None:
    ink = Ink.of([[(0.1, 0.1), (0.5, 0.5), (0.9, 0.9)]])
    assert robustness.sampled(ink, 60) is ink


def _curve(name: str) -> robustness.Curve:
    return next(curve for curve in robustness.CURVES if curve.name == name)


@pytest.mark.parametrize("name", ["scale", "shift"])
def test_neither_size_nor_place_matters_to_a_pipeline_that_fits_and_centres(
    name: str, digits: readings.DrawingSet
) -> None:
    found = robustness.along(Recognizer(Library(), "inkling"), digits, _curve(name), seed=0)
    assert found["values"] == list(_curve(name).values)
    assert len(set(found["accuracy"])) == len(set(found["accepted"])) == 1
    for share, (low, high) in zip(found["accuracy"], found["interval"], strict=True):
        assert low <= share <= high


def test_both_matter_to_a_pipeline_that_takes_the_canvas_as_it_is(
    digits: readings.DrawingSet, tmp_path: Path
) -> None:
    shipped = shipped_folder()
    manifest = (shipped / "models.toml").read_text()
    (tmp_path / "models.toml").write_text(manifest.replace('"mnist"\n', '"canvas"\n'))
    for path in shipped.glob("*.tflite"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    found = robustness.along(
        Recognizer(Library(tmp_path), "inkling"), digits, _curve("scale"), seed=0
    )
    assert found["accuracy"][0] < found["accuracy"][-2]
