"""Smoothing: through every sample, corners kept, no loops, never dots."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from device import curve
from device.curve import Growing, smooth, smooth_all
from device.errors import InkError
from device.ink import Ink
from tests import drawings

coordinate = st.floats(0, 1, allow_subnormal=False)
GRID = [(x / 4, y / 4) for x in range(4) for y in range(3)]
paths = st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=15).map(np.array)


def distances_to(points: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Of each point to the nearest point of a polyline."""
    a, step = line[:-1], np.diff(line, axis=0)
    t = ((points[:, None] - a) * step).sum(2) / np.maximum((step * step).sum(1), 1e-300)
    nearest = a + np.clip(t, 0, 1)[..., None] * step
    return np.hypot(*np.moveaxis(points[:, None] - nearest, 2, 0)).min(axis=1)


def test_nothing_and_a_dot_stay_what_they_are() -> None:
    assert smooth(np.zeros((0, 2)), 0.1).shape == (0, 2)
    assert smooth(np.array([[0.3, 0.4]]), 0.1).tolist() == [[0.3, 0.4]]
    assert smooth(np.full((5, 2), 0.3), 0.1).tolist() == [[0.3, 0.3]]


@given(paths)
def test_the_curve_passes_through_every_sample_from_first_to_last(xy: np.ndarray) -> None:
    curve = smooth(xy, 0.01)
    assert np.array_equal(curve[0], xy[0])
    assert np.array_equal(curve[-1], xy[-1])
    if len(curve) > 1:
        gaps = np.hypot(*np.moveaxis(xy[:, None] - curve, 2, 0)).min(axis=1)
        assert gaps.max() < 1e-9


@given(paths, st.floats(0.005, 0.2))
def test_points_are_about_as_close_as_asked(xy: np.ndarray, spacing: float) -> None:
    steps = np.hypot(*np.diff(smooth(xy, spacing), axis=0).T)
    assert not len(steps) or steps.max() < 2 * spacing


@given(paths)
@example(np.array([[0, 0], [1, 0], [1, 1e-3], [0, 1]]))
def test_smoothing_strays_little_from_what_was_drawn(xy: np.ndarray) -> None:
    if (xy == xy[0]).all():
        return
    longest = np.hypot(*np.diff(xy, axis=0).T).max()
    assert distances_to(smooth(xy, 0.01), xy).max() < 0.35 * longest + 1e-12


@given(st.lists(st.lists(st.sampled_from(GRID), min_size=1, max_size=6), min_size=1, max_size=5))
def test_lines_that_are_smoothed_together_do_not_meet(
    lines: list[list[tuple[float, float]]],
) -> None:
    """On a grid samples repeat, lines begin where others end, and corners of all kinds occur."""
    together = smooth_all([np.array(line) for line in lines], 0.03)
    for made, line in zip(together, lines, strict=True):
        assert np.array_equal(made, smooth(np.array(line), 0.03))


@st.composite
def growing(draw: st.DrawFn) -> list[list[np.ndarray]]:
    """A drawing again and again: samples are added (repeated ones, too), lines begun, the last
    sample moved, lines taken away, all of it moved."""
    samples = st.lists(st.sampled_from(GRID), min_size=1, max_size=4).map(np.array)
    lines = [np.concatenate(draw(st.lists(samples, min_size=1, max_size=5)))]
    made = [list(lines)]
    for kind in draw(st.lists(st.sampled_from("ppppplbum"), min_size=1, max_size=12)):
        if kind == "p":
            lines = [*lines[:-1], np.concatenate([lines[-1], draw(samples)])]
        elif kind == "l":
            lines = [*lines, draw(samples)]
        elif kind == "b":
            lines = [*lines[:-1], np.concatenate([lines[-1][:-1], draw(samples)])]
        elif kind == "u":
            lines = lines[: draw(st.integers(1, len(lines)))]
        else:
            lines = [line + 0.1 for line in lines]
        made.append(list(lines))
    return made


@given(growing())
def test_what_grows_is_smoothed_as_it_would_be_anew(versions: list[list[np.ndarray]]) -> None:
    smooth_on = Growing()
    for lines in versions:
        for spacing in (0.03, 0.01):
            for made, anew in zip(
                smooth_on(lines, spacing), smooth_all(lines, spacing), strict=True
            ):
                assert np.array_equal(made, anew)


def test_of_what_grows_only_the_end_is_smoothed(monkeypatch: pytest.MonkeyPatch) -> None:
    """So the cost of a reading does not depend on what has been drawn before."""
    rng = np.random.default_rng(5)
    finished = [rng.normal(size=(50, 2)) for _ in range(20)]
    line = rng.normal(size=(1000, 2)).cumsum(axis=0)
    seen = []
    catmull_rom = curve._catmull_rom

    def counted(xy, *rest):
        seen.append(len(xy))
        return catmull_rom(xy, *rest)

    smooth_on = Growing()
    smooth_on([*finished, line[:998]], 0.5)
    monkeypatch.setattr(curve, "_catmull_rom", counted)
    before = smooth_on([*finished, line[:999]], 0.5)
    after = smooth_on([*finished, line], 0.5)
    assert sum(seen) <= 10
    assert all(old is new for old, new in zip(before[:-1], after[:-1], strict=True))


def test_no_more_than_two_spacings_are_kept() -> None:
    smooth_on = Growing()
    line = np.array([[0, 0], [1, 1]])
    for spacing in (0.5, 0.4, 0.3):
        smooth_on([line], spacing)
    assert set(smooth_on._kept) == {0.4, 0.3}


def test_a_line_that_grows_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curve, "MAX_CURVE_POINTS", 100)
    line = np.column_stack([np.arange(120.0), np.zeros(120)])
    smooth_on = Growing()
    smooth_on([line[:90]], 1.0)
    with pytest.raises(InkError, match="longer than the canvas"):
        smooth_on([line], 1.0)
    assert np.array_equal(smooth_on([line[:95]], 1.0)[0], smooth(line[:95], 1.0))


@pytest.mark.parametrize("turn", [80, 90, 120, 150, 180])
def test_a_corner_stays_a_corner(turn: float) -> None:
    angle = math.radians(turn)
    arm = np.array([math.cos(angle), math.sin(angle)])
    xy = np.array([[-1, 0], [-0.5, 0], [0, 0], 0.5 * arm, arm])
    assert distances_to(smooth(xy, 0.01), xy).max() < 1e-12


@given(st.floats(0, 7))
def test_a_straight_line_stays_straight_however_it_was_sampled(angle: float) -> None:
    far = np.array([0.0, 0.03, 0.3, 0.32, 0.9, 1.0])
    xy = far[:, None] * (math.cos(angle), math.sin(angle))
    curve = smooth(xy, 0.01)
    assert distances_to(curve, xy[[0, -1]]).max() < 1e-12
    assert (np.diff(curve @ xy[-1]) > 0).all()


def test_a_fast_circle_of_few_samples_is_round() -> None:
    angle = np.linspace(0, 2 * math.pi, 11)
    curve = smooth(np.column_stack([np.cos(angle), np.sin(angle)]), 0.02)
    radius = np.hypot(*curve.T)
    assert radius.min() > 0.96
    assert radius.max() < 1.01


@given(
    st.floats(0.02, 1),
    st.floats(0.02, 1),
    st.floats(0.02, 1),
    st.floats(-70, 70),
    st.floats(-70, 70),
)
def test_no_segment_loops_or_turns_back(
    first: float, second: float, third: float, bend: float, again: float
) -> None:
    """Centripetal knots: along its chord, a segment between gentle bends only goes forward."""
    heading = np.radians(np.cumsum([0, bend, again]))
    steps = np.array([first, second, third])[:, None] * np.column_stack(
        [np.cos(heading), np.sin(heading)]
    )
    xy = np.concatenate([[[0, 0]], np.cumsum(steps, axis=0)])
    curve = smooth(xy, 0.005)
    low = int(np.hypot(*(curve - xy[1]).T).argmin())
    high = int(np.hypot(*(curve - xy[2]).T).argmin())
    assert (np.diff(curve[low : high + 1] @ steps[1]) > -1e-9).all()


def test_sampling_times_and_repeated_samples_do_not_matter() -> None:
    path = np.array(drawings.DIGITS[3][0])
    assert np.array_equal(smooth(np.repeat(path, 3, axis=0), 0.01), smooth(path, 0.01))


@given(st.floats(0, 7), st.floats(0.1, 10))
def test_a_turned_and_scaled_line_has_the_turned_and_scaled_curve(
    angle: float, factor: float
) -> None:
    ink = drawings.digit(2)
    moved = ink.rotated(angle).scaled(factor)
    curve = Ink.of([ink.strokes[0].smoothed(0.031)]).rotated(angle).scaled(factor)
    made = moved.strokes[0].smoothed(0.031 * factor)
    if len(made) == len(curve.strokes[0]):  # else a length lay on the edge of one point more
        np.testing.assert_allclose(made, curve.strokes[0].xy, atol=1e-9)


def test_a_very_long_curve_is_made_in_pieces_that_fit_together() -> None:
    xy = np.array([[0, 0], [1, 0.5], [2, 0], [3, 0.5]], dtype=float)
    curve = smooth(xy, 1e-5)
    assert len(curve) > 300_000
    assert np.hypot(*np.diff(curve, axis=0).T).max() < 2e-5
    assert np.hypot(*np.diff(curve, n=2, axis=0).T).max() < 1e-7


@pytest.mark.parametrize("far", [1e5, 1e9, 1e300, math.inf, math.nan])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_stroke_that_would_fill_the_memory_is_refused(far: float) -> None:
    with pytest.raises(InkError, match="longer than the canvas"):
        smooth(np.array([[0, 0], [far, 0]]), 1e-3)
