"""Several symbols in one drawing: found, read one by one, and read together as a number."""

from dataclasses import replace
from itertools import pairwise

import pytest
from fakes import FakeRecognizer
from hypothesis import given
from hypothesis import strategies as st

from device.ink import Ink
from device.library import Library
from device.normalise import paths_of
from device.parts import Part, number, read_parts, split
from device.reading import Verdict
from device.recognizer import Recognizer
from device.symbols import count_paths
from tests import drawings


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer(Library())


def row(*inks: Ink, height: float = 0.3) -> Ink:
    """Drawings in a row from left to right."""
    strokes = []
    for place, ink in enumerate(inks):
        small = ink.fitted(0).scaled(height, (0.5, 0.5))
        strokes += small.moved((place + 0.5) / len(inks) - 0.5, 0.0).strokes
    return Ink(tuple(strokes))


def digits(text: str) -> Ink:
    return row(*(drawings.digit(int(one)) for one in text), height=0.8 / len(text))


coordinate = st.floats(0, 1, allow_subnormal=False)
loose = st.lists(
    st.lists(st.tuples(coordinate, coordinate), min_size=0, max_size=5), max_size=6
).map(lambda lines: Ink.of(lines))
short = st.tuples(coordinate, coordinate).map(
    lambda at: [at, (at[0] + 0.02, at[1] + 0.1), (at[0], at[1] + 0.2)]
)
scattered = st.lists(short, max_size=8).map(Ink.of)


@given(loose | scattered)
def test_there_are_as_many_parts_as_symbols_are_counted(ink):
    assert len(split(ink)) == count_paths(paths_of(ink))


@given(loose | scattered)
def test_every_stroke_is_in_exactly_one_part(ink):
    parts = split(ink)
    assert all(part for part in parts)
    found = [stroke for part in parts for stroke in part.strokes]
    assert sorted(map(id, found)) == sorted(map(id, ink.strokes))


@given(scattered)
def test_parts_go_from_left_to_right(ink):
    middles = [part.bounds.centre[0] for part in split(ink)]
    # Symbols are told apart on a field of 64 pixels: nearer than that, no order is seen.
    assert all(b - a > -0.05 for a, b in pairwise(middles))


def test_the_order_of_drawing_does_not_matter():
    ink = drawings.twelve()
    backwards = Ink(ink.strokes[::-1])
    assert split(backwards) == split(ink)
    assert [part.strokes for part in split(ink)] == [(stroke,) for stroke in ink.strokes]


@pytest.mark.parametrize("name", drawings.broken_digits())
def test_a_broken_digit_stays_whole(name):
    ink = drawings.broken_digits()[name]
    assert split(ink) == [ink]


def test_nothing_has_no_parts(recognizer):
    assert split(Ink()) == []
    assert read_parts(recognizer, Ink()) == []
    assert number([]) == ""


@pytest.mark.parametrize("text", ["2026", "47", "905", "4"])
def test_a_number_is_read_from_left_to_right(recognizer, text):
    parts = read_parts(recognizer, digits(text))
    assert number(parts) == text
    assert {part.reading.verdict for part in parts} == {Verdict.ACCEPTED}


def test_a_part_is_read_as_it_would_be_alone(recognizer):
    for part in read_parts(recognizer, digits("38")):
        alone = recognizer.read(part.ink)
        assert replace(part.reading, milliseconds=0) == replace(alone, milliseconds=0)


def test_what_is_no_digit_stands_as_a_question(recognizer):
    ink = row(drawings.digit(3), drawings.doodle(), drawings.digit(5))
    parts = read_parts(recognizer, ink)
    assert [part.reading.verdict for part in parts] == [
        Verdict.ACCEPTED,
        Verdict.REJECTED,
        Verdict.ACCEPTED,
    ]
    assert number(parts) == "3?5"


def test_a_part_is_one_symbol_even_if_alone_it_would_be_two(recognizer):
    """A colon between tall digits is small beside them, so its dots belong together."""
    reading = FakeRecognizer().read(drawings.twelve())
    assert reading.verdict is Verdict.SEVERAL

    class Counting(FakeRecognizer):
        def read_many(self, inks, normalised=True):
            return [reading for _ in inks]

    (part,) = read_parts(Counting(), drawings.digit(3))
    assert (part.reading.verdict, part.reading.symbols) == (Verdict.ACCEPTED, 1)
    assert number([part]) == "3"
    assert isinstance(part, Part)
