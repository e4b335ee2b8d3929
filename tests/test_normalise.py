"""The model input: the same for the same drawing, wherever and however large it was drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from device import pixels as px
from device.ink import Ink
from device.normalise import (
    FIT,
    MASS_CENTRE,
    MODEL_PEN,
    PIPELINES,
    SIDE,
    fit_of,
    mnist_from_paths,
    mnist_from_pixels,
    paths_of,
)
from device.raster import Pixels, draw
from tests import drawings

coordinate = st.floats(-1, 2, allow_subnormal=False)
inks = st.lists(
    st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=8), max_size=4
).map(Ink.of)
every_pipeline = pytest.mark.parametrize("pipeline", PIPELINES.values(), ids=PIPELINES)
centring = pytest.mark.parametrize("pipeline", [PIPELINES["mnist"], PIPELINES["gubboit"]])
VECTOR = ("mnist", "gubboit")


def assert_model_input(pixels: Pixels) -> None:
    assert isinstance(pixels, np.ndarray)
    assert pixels.dtype == np.uint8
    assert pixels.shape == (SIDE, SIDE)


def mass_centre(pixels: Pixels) -> tuple[float, float]:
    weights = pixels.astype(float) / pixels.sum()
    along = np.arange(SIDE) + 0.5
    return float(weights.sum(axis=0) @ along), float(weights.sum(axis=1) @ along)


def mnist_like(value: int) -> Pixels:
    """A digit whose box is 20 and whose mass lies where MNIST puts it."""
    cropped = draw(drawings.digit(value).fitted(0.05), 60, 0.12)
    box = px.ink_box(cropped)
    assert box is not None
    small = px.stretched(px.fit(px.crop(cropped, box), FIT))
    inner = px.ink_box(small)
    assert inner is not None
    assert (inner.height, inner.width) == small.shape
    weights = small.astype(float) / small.sum()
    cy = float(weights.sum(axis=1) @ (np.arange(small.shape[0]) + 0.5))
    cx = float(weights.sum(axis=0) @ (np.arange(small.shape[1]) + 0.5))
    out = np.zeros((SIDE, SIDE), np.uint8)
    top, left = int(np.ceil(14 - cy)), int(np.ceil(14 - cx))
    out[top : top + small.shape[0], left : left + small.shape[1]] = small
    return out


def test_there_is_a_pipeline_for_every_published_system() -> None:
    assert set(PIPELINES) == {"mnist", "gubboit", "digito", "digito-keep", "canvas", "flask"}
    for name, pipeline in PIPELINES.items():
        assert pipeline.name == name
        assert pipeline.description


@every_pipeline
@settings(max_examples=20)
@given(ink=inks)
def test_any_ink_becomes_a_model_input(pipeline, ink: Ink) -> None:
    assert_model_input(pipeline.from_ink(ink))


@every_pipeline
@settings(max_examples=20)
@given(grey=hnp.arrays(np.uint8, st.tuples(st.integers(0, 70), st.integers(0, 70))))
def test_any_picture_becomes_a_model_input(pipeline, grey: Pixels) -> None:
    assert_model_input(pipeline.from_pixels(px.clean(grey)))


@every_pipeline
@pytest.mark.parametrize("shape", [(1, 1), (1, 280), (280, 1), (280, 280)])
@pytest.mark.parametrize("level", [0, 1, 255])
def test_odd_shapes_and_faint_greys_become_a_model_input(
    pipeline, shape: tuple[int, int], level: int
) -> None:
    picture = np.zeros(shape, np.uint8)
    picture[0, 0] = picture[-1, -1] = level
    assert_model_input(pipeline.from_pixels(picture))
    assert_model_input(pipeline.from_pixels(np.full(shape, level, np.uint8)))


@every_pipeline
def test_blank_ink_is_plain_paper_as_blank_pixels_are(pipeline) -> None:
    paper = 255 if pipeline.name.startswith("digito") else 0
    assert (pipeline.from_ink(Ink()) == paper).all()
    assert (pipeline.from_pixels(np.zeros((50, 50), np.uint8)) == paper).all()


@centring
@pytest.mark.parametrize("value", range(10))
def test_where_and_how_large_it_was_drawn_cannot_matter(pipeline, value: int) -> None:
    ink = drawings.digit(value)
    expected = pipeline.from_ink(ink).astype(int)
    for moved in (
        ink.moved(0.3, -0.2),
        ink.moved(-7.5, 12.25),
        ink.scaled(0.1),
        ink.scaled(0.37, (0.1, 0.9)),
        ink.scaled(25.0),
        ink.scaled(0.2).moved(0.35, 0.35),
    ):
        assert abs(pipeline.from_ink(moved) - expected).max() <= 2


@centring
@given(
    value=st.integers(0, 9),
    factor=st.floats(0.05, 20),
    dx=st.floats(-5, 5),
    dy=st.floats(-5, 5),
)
def test_moving_and_scaling_leave_the_model_input_alone(
    pipeline, value: int, factor: float, dx: float, dy: float
) -> None:
    ink = drawings.digit(value)
    made = pipeline.from_ink(ink.scaled(factor).moved(dx, dy))
    assert abs(made - pipeline.from_ink(ink).astype(int)).max() <= 2


@every_pipeline
def test_when_the_points_were_sampled_cannot_matter(pipeline) -> None:
    ink = drawings.digit(8)
    timeless = Ink.of([stroke.xy for stroke in ink.strokes])
    assert np.array_equal(pipeline.from_ink(timeless), pipeline.from_ink(ink))


@pytest.mark.parametrize("value", range(10))
def test_the_drawing_fills_its_box_and_its_mass_is_centred(value: int) -> None:
    made = PIPELINES["mnist"].from_ink(drawings.digit(value))
    box = px.ink_box(np.where(made > 100, made, 0))
    assert box is not None
    assert max(box.height, box.width) in (FIT - 1, FIT, FIT + 1)
    assert made.max() == 255
    assert mass_centre(made) == pytest.approx((14.5, 14.5), abs=0.6)


@pytest.mark.parametrize("value", range(10))
def test_gubboits_box_is_in_the_middle(value: int) -> None:
    made = PIPELINES["gubboit"].from_ink(drawings.digit(value))
    box = px.ink_box(made)
    assert box is not None
    assert box.left + box.right == pytest.approx(SIDE, abs=1)
    assert box.top + box.bottom == pytest.approx(SIDE, abs=1)


@pytest.mark.parametrize("value", range(10))
@pytest.mark.parametrize("pen", [0.03, 0.08])
@pytest.mark.parametrize("name", VECTOR)
def test_ink_and_a_picture_of_it_look_alike(name: str, pen: float, value: int) -> None:
    ink = drawings.digit(value)
    from_ink = PIPELINES[name].from_ink(ink).astype(float)
    picture = 255 - draw(ink, 320, pen)
    from_pixels = PIPELINES[name].from_pixels(px.clean(picture)).astype(float)
    best = max(
        np.corrcoef(from_ink.ravel(), np.roll(from_pixels, shift, (0, 1)).ravel())[0, 1]
        for shift in [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    )
    assert best > 0.85


@pytest.mark.parametrize("value", range(10))
def test_mnists_own_images_come_back_to_the_bit(value: int) -> None:
    image = mnist_like(value)
    assert np.array_equal(px.clean(image), image)
    assert np.array_equal(mnist_from_pixels(px.clean(image)), image)
    assert np.array_equal(mnist_from_pixels(px.clean(255 - image)), image)


def spiral(count: int) -> list[np.ndarray]:
    """One line, inwards: no point lies further out than those before it."""
    angle = np.arange(count) * 0.2
    radius = 0.4 * 0.5 ** (angle / 60)
    return [np.column_stack([0.5 + radius * np.cos(angle), 0.5 + radius * np.sin(angle)])]


def test_what_grows_within_itself_lies_still_from_point_to_point() -> None:
    """So that most of it need not be drawn again, see device.raster.Growing."""
    fits = [fit_of(spiral(count)) for count in range(600, 700)]
    assert len(set(fits)) <= 10
    assert len({fit_of(spiral(count), by_mass=False) for count in range(600, 700)}) == 1


@given(inks)
def test_the_mass_is_in_the_middle_to_a_sixteenth_of_a_pixel(ink: Ink) -> None:
    paths = paths_of(ink)
    lengths = [np.hypot(*np.diff(path, axis=0).T) for path in paths]
    if not paths or sum(length.sum() for length in lengths) < 1e-100:  # a dot, or dots
        return
    middles = np.concatenate([(path[1:] + path[:-1]) / 2 for path in paths])
    weights = np.concatenate(lengths)
    fit = fit_of(paths)
    x, y = (fit.lay(middles) * weights[:, None]).sum(axis=0) / weights.sum()
    low, high = fit.lay(np.concatenate(paths)).min(axis=0), fit.lay(np.concatenate(paths)).max(0)
    for at, least, most in zip((x, y), low, high, strict=True):
        held_back = np.isclose(least, MODEL_PEN / 2) or np.isclose(most, SIDE - MODEL_PEN / 2)
        assert held_back or abs(at - MASS_CENTRE) <= 1 / 16 + 1e-6


def test_a_dot_is_not_blown_up() -> None:
    for dot in (Ink.of([[(0.5, 0.5)]]), Ink.of([[(0.5, 0.5), (0.5005, 0.5), (0.5, 0.5001)]])):
        made = PIPELINES["mnist"].from_ink(dot)
        assert 0 < np.count_nonzero(made) < 25


def test_a_flat_line_stays_flat() -> None:
    made = PIPELINES["mnist"].from_ink(Ink.of([[(0.2, 0.5), (0.8, 0.5)]]))
    box = px.ink_box(made)
    assert box is not None
    assert box.height <= 4
    assert box.width in (20, 21)


@given(inks)
def test_no_ink_is_lost_at_the_edges(ink: Ink) -> None:
    """Centred by mass, a long tail could stick out: the lines stay inside the picture."""
    paths = paths_of(ink)
    if not paths:
        return
    made = mnist_from_paths(paths).astype(float)
    roomy = mnist_from_paths(paths, by_mass=False).astype(float)
    assert made.sum() == pytest.approx(roomy.sum(), rel=0.1, abs=255)


def test_a_line_keeps_the_pens_width_whatever_the_size() -> None:
    thin = mnist_from_paths(paths_of(drawings.digit(0)), pen=1.5)
    wide = mnist_from_paths(paths_of(drawings.digit(0)), pen=3.5)
    assert px.pen_width(thin) == pytest.approx(1.5, rel=0.25)
    assert px.pen_width(wide) == pytest.approx(3.5, rel=0.25)


def test_a_thin_pen_on_a_large_picture_is_thickened() -> None:
    hair = draw(drawings.digit(3), 280, 0.006)
    made = mnist_from_pixels(px.clean(hair))
    assert made.max() > 200
    assert px.pen_width(made) > 1.4


def test_a_speck_of_dust_does_not_shrink_the_digit() -> None:
    picture = draw(drawings.digit(5), 280, 0.06)
    expected = mnist_from_pixels(picture)
    picture[3:5, 3:5] = 255
    assert np.array_equal(mnist_from_pixels(picture), expected)


def test_digito_stretches_and_its_variant_keeps_proportions() -> None:
    one = drawings.digit(1)
    stretched = px.ink_box(255 - PIPELINES["digito"].from_ink(one))
    kept = px.ink_box(255 - PIPELINES["digito-keep"].from_ink(one))
    assert stretched is not None
    assert kept is not None
    assert (stretched.height, stretched.width) == (22, 22)
    assert kept.height == 22
    assert kept.width < 12


def test_the_whole_canvas_pipeline_sees_where_the_drawing_was() -> None:
    canvas = PIPELINES["canvas"]
    ink = drawings.digit(7).scaled(0.4)
    assert not np.array_equal(canvas.from_ink(ink.moved(0.2, 0)), canvas.from_ink(ink))


def test_paths_are_a_point_for_every_twentieth_of_the_drawing() -> None:
    ink = drawings.digit(2)
    bounds = ink.bounds
    assert bounds is not None
    for factor in (0.1, 1, 10):
        (path,) = paths_of(ink.scaled(factor))
        steps = np.hypot(*np.diff(path, axis=0).T) / factor
        assert steps.max() < 2 * bounds.height / 20
    assert paths_of(Ink()) == []


def test_a_hundred_thousand_points_become_a_model_input() -> None:
    angle = np.linspace(0, 200, 100_000)
    path = 0.5 + 0.4 * np.column_stack([np.cos(3 * angle), np.sin(2 * angle)])
    for name in VECTOR:
        assert_model_input(PIPELINES[name].from_ink(Ink.of([path])))


@every_pipeline
@settings(max_examples=20)
@given(ink=inks)
def test_lines_at_hand_are_not_smoothed_again(pipeline, ink: Ink) -> None:
    assert np.array_equal(pipeline.from_ink(ink, paths_of(ink)), pipeline.from_ink(ink))


@every_pipeline
@pytest.mark.parametrize("value", range(10))
def test_all_lines_of_a_held_drawing_are_its_model_input(pipeline, value: int) -> None:
    paths = pipeline.trace(drawings.digit(value))
    assert np.array_equal(pipeline.held(paths).draw(paths), pipeline.from_paths(paths))
    assert (pipeline.held(paths).draw([]) == pipeline.paper).all()


@every_pipeline
def test_a_stroke_of_a_held_drawing_lies_where_it_lies_in_the_whole(pipeline) -> None:
    paths = pipeline.trace(drawings.digit(4))
    held = pipeline.held(paths)
    whole, first, second = (
        abs(held.draw(some).astype(int) - pipeline.paper) for some in (paths, paths[:1], paths[1:])
    )
    assert (np.maximum(first, second) <= whole + 1).all()
    assert (whole <= first + second + 1).all()


@pytest.mark.parametrize("name", ["mnist", "gubboit", "digito", "digito-keep", "flask"])
def test_a_stroke_that_is_not_held_is_fitted_anew(name: str) -> None:
    paths = PIPELINES[name].trace(drawings.digit(4))
    held = PIPELINES[name].held(paths).draw(paths[:1])
    assert not np.array_equal(PIPELINES[name].from_paths(paths[:1]), held)


@centring
@given(factor=st.floats(0.05, 20))
def test_the_pen_is_as_wide_as_the_drawing_is_large(pipeline, factor: float) -> None:
    radius = pipeline.held(paths_of(drawings.digit(0))).pen_radius
    scaled = pipeline.held(paths_of(drawings.digit(0).scaled(factor))).pen_radius
    assert scaled == pytest.approx(radius * factor, rel=1e-6)


@every_pipeline
def test_normalising_can_be_switched_off(pipeline) -> None:
    ink = drawings.digit(7).scaled(0.4).moved(0.2, 0.1)
    canvas = PIPELINES["canvas"].from_ink(ink)
    expected = 255 - canvas if pipeline.name.startswith("digito") else canvas
    assert np.array_equal(pipeline.as_drawn.from_ink(ink), expected)
    assert pipeline.as_drawn.paper == pipeline.paper
