"""The full turn: a reading for every ten degrees, all at once."""

from dataclasses import replace

import numpy as np
import pytest

from device.ink import Ink
from device.library import Library
from device.reading import Verdict
from device.recognizer import Recognizer
from device.turn import ANGLES, full_turn, turned
from tests import drawings


def said(reading):
    """A reading without the time it took."""
    return replace(reading, milliseconds=0.0)


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer(Library())


def test_a_turn_has_thirty_six_angles():
    assert tuple(range(0, 360, 10)) == ANGLES
    assert len(ANGLES) == 36


@pytest.mark.parametrize("normalised", [True, False])
def test_the_turn_begins_with_the_drawing_as_it_is(recognizer, normalised):
    ink = drawings.digit(6)
    first = full_turn(recognizer, ink, normalised)[0]
    plain = recognizer.read(ink, normalised)
    assert said(first) == said(plain)
    assert np.array_equal(first.model_input, plain.model_input)


def test_there_is_a_reading_for_every_angle(recognizer):
    ink = drawings.digit(7)
    readings = full_turn(recognizer, ink)
    assert [said(one) for one in readings] == [
        said(recognizer.read(turned(ink, angle))) for angle in ANGLES
    ]


def test_half_way_round_a_six_is_a_nine(recognizer):
    readings = full_turn(recognizer, drawings.digit(6))
    assert readings[0].digit == 6
    assert readings[ANGLES.index(180)].digit == 9


def test_it_turns_clockwise_about_the_middle_of_the_drawing():
    ink = Ink.of([[(0.1, 0.2), (0.3, 0.2)]])
    quarter = turned(ink, 90)
    assert np.allclose(quarter.strokes[0].xy, [(0.2, 0.1), (0.2, 0.3)])
    assert turned(ink, 0) is ink


def test_nothing_turned_is_nothing(recognizer):
    assert {reading.verdict for reading in full_turn(recognizer, Ink())} == {Verdict.BLANK}
