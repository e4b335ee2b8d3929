"""Long ink that grows is seen as it would be anew, but for some greys, and what it costs does not
depend on how much of it there is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device import accumulation, symbols
from device.accumulation import Accumulation
from device.ink import Ink, Stroke
from device.nearest import Nearest
from device.normalise import PIPELINES, paths_of
from tests import drawings

MNIST, GUBBOIT = PIPELINES["mnist"], PIPELINES["gubboit"]

MOST, MEAN = 64, 4
"""How many greys a pixel may be off, and all of them on average. A centre of mass that comes to lie
in its next step moves the picture by an eighth of a pixel: 32 greys."""


def all_of(ink: Ink) -> Accumulation:
    made = Accumulation()
    while not made.follow(ink):
        pass
    return made


def difference(made: Accumulation, ink: Ink, pipeline=MNIST) -> np.ndarray:
    return abs(made.model_input(pipeline).astype(int) - pipeline.from_ink(ink))


def spiral(length: int) -> np.ndarray:
    """Outwards, round after round: each point makes it larger."""
    t = np.arange(length) * 0.11
    radius = 0.01 + 0.00004 * np.arange(length)
    return np.column_stack([0.5 + radius * np.cos(t), 0.5 + radius * np.sin(t), t])


@st.composite
def growing(draw: st.DrawFn) -> list[Ink]:
    """A drawing again and again, as fingers make it: the stroke goes on, slowly or fast, for long,
    rests, ends and another begins, or one of them is a dot."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    done: list[Stroke] = []
    line = rng.uniform(0, 1, (1, 2))
    made = []
    for kind in draw(st.lists(st.sampled_from("ppppfrlb"), min_size=1, max_size=25)):
        if kind == "l":
            done.append(Stroke.of(line))
            line = rng.uniform(0, 1, (1, 2))
        else:
            reach = {"p": 0.01, "f": 0.1, "b": 0.02, "r": 0.0}[kind]
            number = rng.integers(100, 300) if kind == "b" else rng.integers(1, 9)
            heading = rng.uniform(0, 7) + np.cumsum(rng.normal(0, 0.4, number))
            along = reach * np.column_stack([np.cos(heading), np.sin(heading)])
            line = np.concatenate([line, line[-1] + np.cumsum(along, axis=0)])
        made.append(Ink((*done, Stroke.of(line))))
    return made


@settings(max_examples=60)
@given(growing(), st.sampled_from([1, 3]))
def test_what_grows_is_seen_as_it_would_be_anew(versions: list[Ink], every: int) -> None:
    made = Accumulation()
    for number, ink in enumerate(versions):
        done = made.follow(ink)
        if number % every:  # and is not always caught up with
            continue
        while not done:
            done = made.follow(ink)
        for pipeline in (MNIST, GUBBOIT):
            wrong = difference(made, ink, pipeline)
            assert wrong.max() < MOST
            assert wrong.mean() < MEAN
        # A pixel that is half covered may join two lines, or part them.
        assert abs(made.count() - symbols.count_paths(paths_of(ink))) <= 1


@pytest.mark.parametrize(
    "ink",
    [*map(drawings.digit, range(10)), drawings.twelve(), *drawings.broken_digits().values()],
)
def test_symbols_are_counted_as_in_finished_ink(ink: Ink) -> None:
    made = Accumulation()
    for number in range(len(ink.strokes)):
        some = Ink(ink.strokes[: number + 1])
        assert made.follow(some)
        assert made.count() == symbols.count_paths(paths_of(some))


def test_dots_are_seen_and_counted() -> None:
    made = Accumulation()
    for count in range(1, 5):
        ink = Ink.of([[(0.2 * number, 0.5)] for number in range(count)])
        assert made.follow(ink)
        assert made.count() == count
        assert difference(made, ink).max() <= 2


def test_a_drawing_that_becomes_far_larger_at_once_keeps_its_small_parts() -> None:
    small = drawings.digit(8).scaled(0.01, (0.1, 0.1))
    made = Accumulation()
    assert made.follow(small)
    ink = small.with_stroke(Stroke.of([(0.9, 0.9), (0.95, 0.2)]))
    assert made.follow(ink)
    assert difference(made, ink).max() < MOST
    assert made.count() == symbols.count_paths(paths_of(ink))


@pytest.mark.parametrize(
    "change",
    [
        lambda ink: Ink(ink.strokes[:-1]),
        lambda ink: Ink((*ink.strokes[:-1], Stroke(ink.strokes[-1].samples[:5]))),
        lambda ink: ink.moved(0.1, 0.0),
        lambda ink: ink.scaled(0.3),
        lambda ink: drawings.digit(7),
    ],
    ids=["undone", "shorter", "moved", "smaller", "other"],
)
def test_ink_that_is_not_the_one_before_and_more_is_begun_anew(change) -> None:
    made = all_of(drawings.twelve())
    other = change(drawings.twelve())
    made.follow(other)
    assert np.array_equal(made.model_input(MNIST), all_of(other).model_input(MNIST))
    assert made.count() == all_of(other).count()


@pytest.mark.parametrize("before", [[], [[(0.9, 0.9)]]], ids=["alone", "last"])
def test_a_dot_that_is_taken_back_leaves_nothing(before) -> None:
    """A tap that is read, undone, and followed by another stroke."""
    made = all_of(Ink.of([*before, [(0.1, 0.1)]]))
    ink = Ink.of([*before, [(0.6, 0.2), (0.6, 0.5)]])
    assert made.follow(ink)
    assert np.array_equal(made.model_input(MNIST), all_of(ink).model_input(MNIST))
    if before:
        ink = Ink.of(before)
        assert made.follow(ink)
        assert np.array_equal(made.model_input(MNIST), all_of(ink).model_input(MNIST))


def test_ink_that_was_there_before_is_taken_in_bit_by_bit() -> None:
    t = np.arange(300) * 0.7
    line = 0.5 + (0.2 + 0.001 * np.arange(300))[:, None] * np.column_stack([np.cos(t), np.sin(t)])
    ink = Ink.of([line[:200], line[210:]])
    # It goes on growing, and another stroke begins, before it is caught up with.
    versions = [Ink.of([line[:150]]), Ink.of([line[:200]]), Ink.of([line[:200], line[210:220]])]
    made = Accumulation()
    assert not any(made.follow(version) for version in versions)
    taken = [made.follow(ink) for _ in range(30)]
    assert taken[0] is False and taken[-1] is True
    assert taken == sorted(taken)
    assert difference(made, ink).max() < MOST
    assert made.count() == symbols.count_paths(paths_of(ink))


class Work:
    """What has been done: how many samples each smoothing had, and how many distances each look."""

    def __init__(self) -> None:
        self.smoothed: list[int] = []
        self.distances: list[int] = []

    def begin(self) -> None:
        self.smoothed.clear()
        self.distances.clear()


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    done = Work()
    squared_to, smoothed = Nearest._squared_to, accumulation.smooth_with_places

    def counted(self, pieces, x, y):
        done.distances.append(pieces.size)
        return squared_to(self, pieces, x, y)

    def counted_too(xy, spacing):
        done.smoothed.append(len(xy))
        return smoothed(xy, spacing)

    monkeypatch.setattr(Nearest, "_squared_to", counted)
    monkeypatch.setattr(accumulation, "smooth_with_places", counted_too)
    return done


def test_a_bit_is_not_much_however_the_ink_was_drawn(work: Work) -> None:
    """Neither of lines that jump about, nor of dots, nor where a jump makes small ink large."""
    rng = np.random.default_rng(2)
    small = np.concatenate([rng.uniform(0.5, 0.54, (198, 2)), [(1.0, 1.0), (0.9, 1.0)]])
    for ink in (
        Ink.of([rng.uniform(0, 1, (900, 2))]),
        Ink.of(rng.uniform(0, 1, (300, 1, 2))),
        Ink.of([small]),
        Ink.of([spiral(900)]),
    ):
        made = Accumulation()
        done = False
        while not done:
            work.begin()
            done = made.follow(ink)
            assert sum(work.distances) < 200_000
            assert len(work.smoothed) <= 1 + accumulation.AT_ONCE // accumulation.LINE


def test_the_same_ink_again_and_again_is_not_kept_again() -> None:
    for ink in (Ink.of([[(0.2, 0.2)]]), drawings.digit(3), drawings.twelve()):
        made = all_of(ink)
        before = made._nearest._count
        for _ in range(5):
            assert made.follow(ink)
        assert made._nearest._count == before


def test_what_went_wrong_half_way_is_begun_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    ink = drawings.digit(3)
    (stroke,) = ink.strokes
    made = all_of(Ink((Stroke(stroke.samples[:9]),)))
    with monkeypatch.context() as patch:
        patch.setattr(Nearest, "add", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            made.follow(ink)
    made.follow(ink)
    assert np.array_equal(made.model_input(MNIST), all_of(ink).model_input(MNIST))


@pytest.mark.parametrize("symbols_there", [1, 2])
def test_a_point_more_costs_the_same_however_much_ink_there_is(
    symbols_there: int, work: Work
) -> None:
    def cost(length: int) -> int:
        """The greatest of some readings."""
        first = [[(0.5, 0.5)]][: symbols_there - 1]
        made = all_of(Ink.of([*first, spiral(length)]))
        each = []
        for count in range(length + 1, length + 20):
            work.begin()
            assert made.follow(Ink.of([*first, spiral(count)]))
            made.model_input(MNIST)
            made.count()
            each.append(sum(work.smoothed) + sum(work.distances))
        return max(each)

    assert cost(8000) < 1.5 * cost(2000)
