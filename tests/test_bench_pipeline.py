"""What stands before the model: measured whole and in parts, for digits and for much ink."""

import numpy as np
import pytest
from fakes import Templates
from kiosks import settings

from device import symbols
from device.bench import measure, pipeline
from device.bench.measure import Bench
from device.normalise import PIPELINES
from device.recognizer import Look, Recognizer


class Looking(Templates):
    """Looks at ink as the recogniser does, and tells what it has looked at."""

    def __init__(self):
        super().__init__()
        self.seen = []
        self._gate_pipeline = self.pipeline
        self.known = []
        self.forget()

    forget = Recognizer.forget

    def look_at(self, ink, normalised=True, growing=False):
        self.seen.append(ink)
        self.known.append(bool(self._smooth._kept))
        return Recognizer.look_at(self, ink, normalised, growing)


@pytest.fixture
def tools(monkeypatch):
    monkeypatch.setattr(measure, "WARM_UP", 1)
    monkeypatch.setattr(pipeline, "LENGTHS", (10, 300))
    made = Bench(settings(), turns=12)
    made.__dict__["recognizer"] = Looking()
    return made


def test_digits_pipelines_and_lengths_are_measured(tools):
    rows = list(pipeline.rows(tools))
    whole = [row.where for row in rows if row.what == pipeline.WHOLE]
    assert whole == ["a digit", "a digit of two strokes", "10 points", "300 points"]
    for what in (pipeline.GROWN, pipeline.ENLARGED):
        assert [row.where for row in rows if row.what == what] == ["10 points", "300 points"]
    inputs = [row.where for row in rows if row.what == "model input of a digit"]
    assert inputs == list(PIPELINES)
    for row in rows:
        assert row.unit == "ms"
        assert 0 < row.median <= row.p99


def test_every_digit_has_its_turn_and_is_new_to_the_recogniser(tools):
    next(pipeline.rows(tools))
    seen = tools.recognizer.seen
    assert len({ink.point_count for ink in seen}) > 5
    assert len(set(map(id, seen))) == len(seen) == 13
    assert all(isinstance(Looking().look_at(ink), Look) for ink in seen)


@pytest.mark.parametrize("anew", [True, False])
def test_ink_that_is_read_for_the_first_time_is_read_anew_each_time(anew):
    recognizer = Looking()
    read = pipeline._reader(recognizer, anew)
    for _ in range(3):
        read(pipeline.scribble(300))
    assert recognizer.known == [False, not anew, not anew]


def test_a_scribble_has_the_points_that_are_asked_for():
    for length in (1, 100, 250):
        ink = pipeline.scribble(length)
        assert ink.point_count == length
        assert ink.bounds.left >= 0 and ink.bounds.right <= 1


def test_each_point_of_a_spiral_lies_further_out():
    (stroke,) = pipeline.spiral(300).strokes
    distance = np.hypot(*(stroke.xy - 0.5).T)
    assert (np.diff(distance) > 0).all()
    assert distance[-1] < 0.5


@pytest.mark.parametrize("length", [1, 10, 100, 250])
def test_a_scribble_grows_by_its_last_points_one_by_one(length):
    ink = pipeline.scribble(length)
    versions = pipeline.versions(ink, 60)
    counts = [version.point_count for version in versions]
    assert counts == list(range(max(1, length - 59), length + 1))
    assert versions[-1] == ink
    assert pipeline.begun(ink, 1).point_count == 1


def test_what_grows_is_followed_from_its_beginning(tools, monkeypatch):
    work = pipeline._followed(tools.recognizer, pipeline.spiral(2500), 5)
    monkeypatch.setattr(symbols, "count_paths", lambda *_: pytest.fail("all of it is looked at"))
    for _ in range(15):
        work()
