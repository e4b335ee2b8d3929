"""Ink to grey pixels: round, even, without gaps, and cheap whatever is drawn."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device import raster
from device.errors import InkError
from device.ink import Ink
from device.raster import draw, draw_paths, step
from tests import drawings

coordinate = st.floats(0, 1, allow_subnormal=False)
inks = st.lists(
    st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=8), max_size=4
).map(Ink.of)


def reference(paths: list[np.ndarray], shape: tuple[int, int], radius: float) -> np.ndarray:
    """Every pixel against every segment, one after the other."""
    rows, columns = np.mgrid[: shape[0], : shape[1]] + 0.5
    nearest = np.full(shape, np.inf)
    for path in paths:
        for a, b in zip(path, [*path[1:], path[-1]], strict=True):
            length2 = max(float((b - a) @ (b - a)), 1e-300)
            t = ((columns - a[0]) * (b - a)[0] + (rows - a[1]) * (b - a)[1]) / length2
            t = np.clip(t, 0, 1)
            x, y = a[0] + t * (b - a)[0], a[1] + t * (b - a)[1]
            nearest = np.minimum(nearest, np.hypot(columns - x, rows - y))
    return np.clip(radius + 0.5 - nearest, 0, min(1, 2 * radius)) * 255


def test_no_ink_makes_paper() -> None:
    for blank in (Ink(), Ink.of([[]])):
        pixels = draw(blank, 40, 0.1)
        assert pixels.dtype == np.uint8
        assert pixels.shape == (40, 40)
        assert not pixels.any()


def test_pixels_may_be_wider_than_high() -> None:
    pixels = draw_paths([np.array([[15.0, 5.0]])], (10, 30), 2)
    assert pixels.shape == (10, 30)
    assert pixels[5, 15] == 255


@given(inks, st.floats(0.005, 0.3), st.sampled_from([1, 7, 28, 50]))
def test_pixels_are_what_the_distance_to_the_line_says(ink: Ink, pen: float, size: int) -> None:
    radius = pen * size / 2
    paths = [stroke.smoothed(step(radius) / size) * size for stroke in ink.strokes]
    expected = reference(paths, (size, size), radius)
    made = draw(ink, size, pen)
    assert made.dtype == np.uint8
    np.testing.assert_allclose(made, expected, atol=0.501)


@given(st.integers(0, 10**6), st.floats(0.3, 6), st.sampled_from([(28, 28), (9, 40), (64, 64)]))
def test_leaving_out_what_is_covered_already_changes_nothing(
    seed: int, radius: float, shape: tuple[int, int]
) -> None:
    """A scribble is looked at in parts, and from the second on only where there is paper left."""
    rng = np.random.default_rng(seed)
    paths = [rng.normal(size=(n, 2)).cumsum(axis=0) + rng.random(2) * 40 for n in (1, 30, 7, 60)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raster, "_FIRST", 5)
        patch.setattr(raster, "_CHUNK", 20)
        patch.setattr(raster, "_CELLS", 300)
        made = draw_paths(paths, shape, radius)
    np.testing.assert_allclose(made, reference(paths, shape, radius), atol=0.501)
    assert np.array_equal(made, draw_paths(paths, shape, radius))


def test_of_a_scribble_most_is_never_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """So the cost of ink grows slower than its length."""
    looked_at = []
    stamp = raster._stamp

    def counting(nearest: np.ndarray, start: np.ndarray, *rest: np.ndarray) -> None:
        looked_at.append(len(start))
        stamp(nearest, start, *rest)

    monkeypatch.setattr(raster, "_stamp", counting)
    path = np.random.default_rng(0).random((20_000, 2)) * 28
    draw_paths([path], (28, 28), 1.2)
    assert sum(looked_at) < 1_000


@pytest.mark.parametrize("radius", [0.3, 0.5, 1, 2.7, 6])
def test_a_dot_looks_the_same_from_every_side(radius: float) -> None:
    dot = draw_paths([np.array([[10.0, 10.0]])], (20, 20), radius)
    for turned in (np.rot90(dot), np.rot90(dot, 2), dot[::-1], dot.T):
        assert np.array_equal(turned, dot)


@pytest.mark.parametrize("radius", [1.0, 1.5, 3.0, 8.0])
@given(angle=st.floats(0, 7), length=st.floats(0, 25), x=st.floats(-1, 1), y=st.floats(-1, 1))
def test_the_ink_covers_the_area_of_a_line_with_round_ends(
    radius: float, angle: float, length: float, x: float, y: float
) -> None:
    start = np.array([32 + x, 32 + y])
    way = np.array([math.cos(angle), math.sin(angle)])
    path = start + np.linspace(-length / 2, length / 2, 30)[:, None] * way
    area = draw_paths([path], (64, 64), radius).sum() / 255
    assert area == pytest.approx(2 * radius * length + math.pi * radius**2, rel=0.03, abs=0.7)


@pytest.mark.parametrize("width", [0.2, 0.5, 0.9])
def test_a_pen_thinner_than_a_pixel_is_fainter_not_broken(width: float) -> None:
    line = draw_paths([np.array([[2.0, 10.5], [18.0, 10.5]])], (20, 20), width / 2)
    assert line.max() == pytest.approx(255 * width, abs=1)
    assert line[10, 3:17].min() == line.max()
    between = draw_paths([np.array([[2.0, 10.0], [18.0, 10.0]])], (20, 20), width / 2)
    assert between[:, 5:15].sum(axis=0) / 255 == pytest.approx(width, abs=0.01)


@pytest.mark.parametrize("pen", [0.01, 0.05, 0.15])
def test_a_fast_stroke_of_few_samples_has_no_gaps(pen: float) -> None:
    ink = Ink.of([[(0.1, 0.1), (0.5, 0.8), (0.9, 0.2)]])
    size = 200
    pixels = draw(ink, size, pen)
    path = ink.strokes[0].smoothed(0.001) * size
    covered = pixels[path[:, 1].astype(int), path[:, 0].astype(int)]
    assert covered.min() > 100


def test_strokes_that_cross_are_no_darker_than_one() -> None:
    line = [(0.2, 0.2), (0.8, 0.8)]
    once, twice = draw(Ink.of([line]), 50, 0.1), draw(Ink.of([line, line, line]), 50, 0.1)
    assert np.array_equal(once, twice)


def test_how_strokes_are_ordered_or_directed_does_not_matter() -> None:
    ink = drawings.digit(4)
    backwards = Ink.of([stroke.samples[::-1] for stroke in ink.strokes[::-1]])
    difference = draw(ink, 100, 0.05).astype(int) - draw(backwards, 100, 0.05)
    assert abs(difference).max() <= 2


def test_ink_outside_the_canvas_is_clipped() -> None:
    inside = draw(Ink.of([[(0.5, 0.5)]]), 50, 0.1)
    far = [[(5.0, 5.0), (6.0, 5.0)], [(-3.0, 0.5)], [(0.5, 80.0)]]
    assert np.array_equal(draw(Ink.of([[(0.5, 0.5)], *far]), 50, 0.1), inside)
    assert not draw(Ink.of(far), 50, 0.1).any()


def test_a_line_through_the_canvas_from_far_outside_is_drawn_across_it() -> None:
    pixels = draw(Ink.of([[(-40.0, 0.5), (41.0, 0.5)]]), 50, 0.1)
    assert (pixels[25] == 255).all()
    assert not pixels[:20].any()


def test_ink_at_the_edge_is_the_same_picture_cut_off() -> None:
    whole = draw_paths([np.array([[20.0, 20.0], [25.0, 22.0]])], (40, 40), 4)
    corner = draw_paths([np.array([[0.0, 0.0], [5.0, 2.0]])], (20, 20), 4)
    assert np.array_equal(corner, whole[20:, 20:])


def peak_megabytes(make: object) -> float:
    tracemalloc.start()
    try:
        make()  # type: ignore[operator]
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


def test_a_hundred_thousand_points_take_little_memory() -> None:
    rng = np.random.default_rng(0)
    scribble = Ink.of([rng.random((100_000, 2))])
    spiral = np.linspace(0, 300, 100_000)[:, None]
    line = Ink.of([0.5 + spiral / 800 * np.column_stack([np.cos(spiral), np.sin(spiral)])])
    assert peak_megabytes(lambda: draw(line, 28, 0.1)) < 60
    assert peak_megabytes(lambda: draw(scribble, 28, 0.1)) < 200


def test_points_far_apart_take_little_memory() -> None:
    rng = np.random.default_rng(0)
    paths = [rng.random((500, 2)) * 300]
    made = []
    assert peak_megabytes(lambda: made.append(draw_paths(paths, (300, 300), 1))) < 60
    expected = reference([paths[0][:40]], (300, 300), 1)
    part = draw_paths([paths[0][:40]], (300, 300), 1)
    np.testing.assert_allclose(part, expected, atol=0.501)
    assert (made[0] >= part).all()


@pytest.mark.parametrize("far", [1e6, 1e9])
def test_ink_that_reaches_absurdly_far_is_refused_and_takes_no_memory(far: float) -> None:
    def attempt() -> None:
        with pytest.raises(InkError, match="longer than the canvas"):
            draw(Ink.of([[(0.5, 0.5), (far, 0.5)]]), 280, 0.05)

    assert peak_megabytes(attempt) < 10
    assert not draw(Ink.of([[(far, far), (far, far + 0.5)]]), 280, 0.05).any()


@st.composite
def growing(draw_one: st.DrawFn) -> list[list[np.ndarray]]:
    """A drawing again and again: points are added, lines begun, an end bent, lines taken away,
    all of it moved."""
    rng = np.random.default_rng(draw_one(st.integers(0, 10**6)))
    steps = draw_one(st.lists(st.sampled_from("ppppplbum"), min_size=1, max_size=12))
    lines = [rng.normal(size=(40, 2)).cumsum(axis=0) + 20]
    made = [list(lines)]
    for kind in steps:
        if kind == "p":
            more = rng.normal(size=(rng.integers(1, 9), 2)).cumsum(axis=0) + lines[-1][-1]
            lines = [*lines[:-1], np.concatenate([lines[-1], more])]
        elif kind == "l":
            lines = [*lines, rng.random((1, 2)) * 40]
        elif kind == "b":
            lines = [*lines[:-1], lines[-1] + np.linspace(0, 1, len(lines[-1]))[:, None] ** 8]
        elif kind == "u":
            lines = lines[: rng.integers(1, len(lines) + 1)]
        else:
            lines = [line + 0.1 for line in lines]
        made.append(list(lines))
    return made


@given(growing(), st.floats(0.3, 6))
def test_what_grows_is_drawn_as_it_would_be_anew(
    versions: list[list[np.ndarray]], radius: float
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raster, "_FEW", 0)
        draw_on = raster.Growing()
        for number, paths in enumerate(versions):
            # Every third time what is drawn is laid elsewhere.
            fit = raster.Fit((3.0, 4.0), 1.5, (0.125 * (number // 3), 1.0))
            for shape in ((28, 28), (64, 40)):
                assert np.array_equal(
                    draw_on(paths, shape, radius, fit), draw_paths(paths, shape, radius, fit)
                )


def test_a_fit_says_where_lines_come_to_lie() -> None:
    line = np.array([[1.0, 2.0], [3.0, 2.5]])
    fit = raster.Fit.at(np.array([1.0, 2.0]), 4.0, (0.5, 10))
    assert fit.lay(line).tolist() == [[0.5, 10.0], [8.5, 12.0]]
    assert np.array_equal(
        draw_paths([line], (20, 20), 1, fit), draw_paths([fit.lay(line)], (20, 20), 1)
    )
    assert fit == raster.Fit((1.0, 2.0), 4.0, (0.5, 10.0))


def test_of_what_grows_only_the_end_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """So the cost of a reading does not depend on what has been drawn before."""
    rng = np.random.default_rng(5)
    line = rng.normal(size=(1000, 2)).cumsum(axis=0)
    seen = []
    segments = raster._segments

    def counted(paths):
        for starts, ends in segments(paths):
            seen.append(len(starts))
            yield starts, ends

    draw_on = raster.Growing()
    for points in (997, 998):
        draw_on([line[:points]], (64, 64), 2)
    monkeypatch.setattr(raster, "_segments", counted)
    draw_on([line[:999]], (64, 64), 2)
    draw_on([line], (64, 64), 2)
    assert sum(seen) <= 8
