"""What the model sees, step by step, and the last step is what it really saw."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device import pixels as px
from device.ink import Ink
from device.normalise import CANVAS_PEN, CANVAS_SIDE, FIT, PIPELINES, SIDE
from device.raster import draw
from device.steps import steps
from tests import drawings

NAMES = {
    "mnist": ["drawn", "fitted", "centred"],
    "gubboit": ["drawn", "fitted", "centred"],
    "digito": ["drawn", "binarised", "cropped", "stretched", "padded", "inverted"],
    "digito-keep": ["drawn", "binarised", "cropped", "squared", "resized", "padded", "inverted"],
    "canvas": ["drawn", "resized"],
    "flask": ["drawn", "resized", "cropped", "stretched", "padded"],
}

coordinate = st.floats(-0.5, 1.5, allow_subnormal=False)
inks = st.lists(
    st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=6), max_size=3
).map(Ink.of)
every_pipeline = pytest.mark.parametrize("name", PIPELINES)


@every_pipeline
def test_every_pipeline_shows_what_it_really_does(name):
    assert [step.name for step in steps(PIPELINES[name], drawings.digit(5))] == NAMES[name]


@every_pipeline
@settings(max_examples=20)
@given(ink=inks)
def test_the_last_step_is_the_model_input_bit_for_bit(name, ink):
    for pipeline in (PIPELINES[name], PIPELINES[name].as_drawn):
        made = steps(pipeline, ink)
        assert np.array_equal(made[-1].picture, pipeline.from_ink(ink))
        assert all(step.picture.dtype == np.uint8 and step.picture.ndim == 2 for step in made)


@every_pipeline
def test_the_first_step_is_the_canvas_as_drawn(name):
    ink = drawings.digit(2).moved(0.2, -0.1)
    picture = steps(PIPELINES[name], ink)[0].picture
    assert np.array_equal(picture, draw(ink, CANVAS_SIDE, CANVAS_PEN))


@every_pipeline
def test_no_step_shows_what_the_one_before_it_showed(name):
    made = steps(PIPELINES[name], drawings.digit(8))
    for before, after in pairwise(made):
        assert not np.array_equal(before.picture, after.picture)


def test_the_fitted_drawing_fills_its_box():
    for name in ("mnist", "gubboit"):
        fitted = steps(PIPELINES[name], drawings.digit(3))[1].picture
        assert fitted.shape == (FIT, FIT)
        assert px.ink_box(fitted).height == FIT


def test_gubboits_fitted_drawing_comes_into_the_middle_as_it_is():
    _, fitted, centred = steps(PIPELINES["gubboit"], drawings.digit(3))
    assert np.array_equal(np.pad(fitted.picture, (SIDE - FIT) // 2), centred.picture)


def test_with_normalising_off_only_the_size_and_the_polarity_change():
    ink = drawings.digit(4)
    assert [step.name for step in steps(PIPELINES["mnist"].as_drawn, ink)] == ["drawn", "resized"]
    assert [step.name for step in steps(PIPELINES["digito"].as_drawn, ink)] == [
        "drawn",
        "resized",
        "inverted",
    ]
