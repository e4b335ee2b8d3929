"""Which parts of a drawing speak for the answer: what is left out, and what that changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device import why as why_module
from device.ink import Ink
from device.library import Library
from device.normalise import PIPELINES
from device.recognizer import Recognizer
from device.why import BATCH, MOST_PIECES, PIECE, explain
from tests import drawings

coordinate = st.floats(-0.5, 1.5, allow_subnormal=False)
inks = st.lists(
    st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=6), max_size=3
).map(Ink.of)


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer(Library())


class Judge:
    """Answers 3 the more surely, the more ink lies in one part of the model input."""

    def __init__(self, pipeline="mnist", rows=slice(None), columns=slice(None), sign=1):
        self.pipeline = PIPELINES[pipeline]
        self.where = (slice(None), rows, columns)
        self.sign = sign
        self.seen = []

    def probabilities(self, model_inputs):
        self.seen.append(model_inputs)
        ink = np.abs(model_inputs[self.where].astype(float) - self.pipeline.paper)
        sure = 0.55 + self.sign * 0.4 * ink.mean(axis=(1, 2)) / 255
        made = np.repeat((1 - sure[:, None]) / 9, 10, axis=1)
        made[:, 3] = sure
        return made


def last(judge, ink, **options):
    return list(explain(judge, ink, **options))[-1]


LINE = Ink.of([[(0.1, 0.5), (0.5, 0.5), (0.9, 0.5)]])
"""Straight, from left to right."""


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_what_the_answer_rests_on_speaks_for_it(pipeline):
    why = last(Judge(pipeline, columns=slice(0, 14)), LINE)
    left = [w for path, w in zip(why.paths, why.weights, strict=True) if path[:, 0].max() < 0.3]
    right = [w for path, w in zip(why.paths, why.weights, strict=True) if path[:, 0].min() > 0.7]
    assert left
    assert right
    assert min(left) > 0.4
    assert max(map(abs, right)) < 0.05


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_what_lowers_the_answer_speaks_against_it(pipeline):
    why = last(Judge(pipeline, columns=slice(14, None), sign=-1), LINE)
    assert min(why.weights) == pytest.approx(-1)
    assert max(why.weights) < 0.05


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_the_rest_stays_where_it_was(pipeline):
    """A drawing without its end is not fitted anew: no grey is darker than in the whole."""
    judge = Judge(pipeline)
    last(judge, drawings.digit(9))
    whole, *batches = judge.seen
    strength = np.abs(whole.astype(int) - judge.pipeline.paper)
    for rest in np.concatenate(batches):
        left = np.abs(rest.astype(int) - judge.pipeline.paper)
        assert (left <= strength + 1).all()
        assert left.sum() < strength.sum()


@pytest.mark.parametrize("name", Library().digit_models)
def test_every_model_can_be_asked_why(name):
    recognizer = Recognizer(Library(), name)
    for normalised in (True, False):
        why = last(recognizer, drawings.digit(2), normalised=normalised)
        assert why.share_done == 1
        assert len(why.paths) == len(why.weights) > 10


@pytest.mark.parametrize("value", [0, 1, 4, 8, 9])
def test_the_kiosks_own_model_gives_reasons_for_a_neat_digit(recognizer, value):
    why = last(recognizer, drawings.digit(value))
    assert max(why.weights) == 1


def test_the_gap_of_a_nine_that_would_make_it_a_four_matters_more_than_its_tail(recognizer):
    why = last(recognizer, drawings.digit(9))
    tail = [w for path, w in zip(why.paths, why.weights, strict=True) if path[:, 1].min() > 0.7]
    assert max(map(abs, tail)) < 0.5


def test_it_comes_batch_by_batch(recognizer):
    so_far = list(explain(recognizer, drawings.digit(8)))
    assert len(so_far) > 1
    assert [len(why.paths) for why in so_far[:-1]] == [
        BATCH * (turn + 1) for turn in range(len(so_far) - 1)
    ]
    shares = [why.share_done for why in so_far]
    assert shares == sorted(set(shares))
    assert shares[-1] == 1


def test_with_normalising_off_the_canvas_as_it_is_is_asked_about():
    judge = Judge("digito")
    ink = drawings.digit(5)
    made = list(explain(judge, ink, normalised=False))
    assert made
    assert np.array_equal(judge.seen[0][0], judge.pipeline.as_drawn.from_ink(ink))


def test_nothing_has_no_reasons(recognizer):
    assert list(explain(recognizer, Ink())) == [([], [], 1.0)]


def test_a_dot_is_one_piece(recognizer):
    why = last(recognizer, Ink.of([[(0.5, 0.5)]]))
    assert len(why.paths) == 1
    assert why.paths[0].tolist() == [[0.5, 0.5]]


@settings(max_examples=25)
@given(inks)
def test_the_pieces_are_the_strokes_and_the_weights_are_in_range(ink):
    why = list(explain(Judge(), ink))[-1]
    strongest = max(map(abs, why.weights), default=0)
    assert strongest == 0 or strongest == pytest.approx(1)
    length = sum(np.hypot(*np.diff(path, axis=0).T).sum() for path in why.paths)
    traced = sum(np.hypot(*np.diff(path, axis=0).T).sum() for path in PIPELINES["mnist"].trace(ink))
    assert length == pytest.approx(traced)
    assert len(why.paths) >= len(ink.strokes)


def test_a_piece_is_a_tenth_of_the_drawing_long():
    why = last(Judge(), LINE)
    assert len(why.paths) == round(1 / PIECE)
    lengths = [np.hypot(*np.diff(path, axis=0).T).sum() for path in why.paths]
    assert lengths == pytest.approx([0.08] * 10)


def scribble(points: int) -> Ink:
    angle = np.linspace(0, points / 10, points)
    return Ink.of([0.5 + 0.4 * np.column_stack([np.cos(3 * angle), np.sin(2 * angle)])])


def test_a_long_scribble_is_cut_into_longer_pieces():
    pieces = len(last(Judge(), scribble(300)).paths)
    assert pieces == pytest.approx(MOST_PIECES, rel=0.02)


@pytest.mark.parametrize(("bound", "pieces"), [(0.1, 1), (1, 1), (5.5, 5), (1000, BATCH)])
def test_the_longer_the_ink_the_fewer_pieces_are_read_at_once(bound, pieces, monkeypatch):
    judge, ink = Judge(), scribble(300)
    points = sum(map(len, judge.pipeline.trace(ink)))
    monkeypatch.setattr(why_module, "BATCH_POINTS", round(bound * points))
    first = next(explain(judge, ink))
    assert len(first.paths) == pieces
    assert first.share_done == pytest.approx(pieces / MOST_PIECES, rel=0.02)
