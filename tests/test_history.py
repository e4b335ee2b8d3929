"""Undo and redo walk through versions of the ink."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from device import history
from device.history import History
from device.ink import Ink, Stroke


def version(number: int) -> Ink:
    return Ink.of([[(number, 0)]])


def test_a_new_history_is_blank_and_has_nowhere_to_go() -> None:
    history = History()
    assert history.ink.is_blank
    assert not history.can_undo
    assert not history.can_redo
    assert history.undo() == history.redo() == Ink()


def test_undo_steps_back_and_redo_forward() -> None:
    history = History(version(0))
    history.commit(version(1))
    history.commit(version(2))
    assert history.undo() == version(1)
    assert history.undo() == version(0)
    assert not history.can_undo
    assert history.redo() == version(1)
    assert history.can_undo
    assert history.can_redo


def test_drawing_after_undo_forgets_what_was_undone() -> None:
    history = History()
    history.commit(version(1))
    history.undo()
    history.commit(version(2))
    assert not history.can_redo
    assert history.redo() == version(2)


def test_the_same_ink_again_is_no_new_version_and_keeps_redo() -> None:
    history = History()
    history.commit(version(1))
    history.commit(version(2))
    history.undo()
    history.commit(version(1))
    assert history.can_redo


def test_only_so_many_versions_are_kept() -> None:
    for limit in (0, 1, 3):
        history = History(version(0), limit=limit)
        for number in range(1, 9):
            history.commit(version(number))
        for _ in range(9):
            history.undo()
        assert history.ink == version(8 - limit)


@given(st.lists(st.sampled_from(["undo", "redo"]) | st.integers(0, 5), max_size=30))
def test_history_behaves_like_a_list_and_a_position_in_it(steps: list[str | int]) -> None:
    history = History(version(-1))
    versions, at = [version(-1)], 0
    for step in steps:
        if step == "undo":
            history.undo()
            at = max(0, at - 1)
        elif step == "redo":
            history.redo()
            at = min(len(versions) - 1, at + 1)
        elif version(int(step)) != versions[at]:
            versions = [*versions[: at + 1], version(int(step))]
            at += 1
            history.commit(versions[at])
        assert history.ink == versions[at]
        assert history.can_undo == (at > 0)
        assert history.can_redo == (at < len(versions) - 1)


def test_long_drawings_are_kept_in_fewer_versions(monkeypatch):
    monkeypatch.setattr(history, "MOST_POINTS", 100)
    kept = History(Ink.of([[(n / 40, 0.5) for n in range(40)]]))
    for number in range(1, 6):
        kept.commit(kept.ink.moved(0.01 * number, 0))
    steps = 0
    while kept.can_undo:
        kept.undo()
        steps += 1
    assert steps == 2


def test_one_version_is_always_kept(monkeypatch):
    monkeypatch.setattr(history, "MOST_POINTS", 1)
    first = Ink.of([[(0.1, 0.5), (0.9, 0.5)]])
    kept = History(first)
    kept.commit(first.moved(0.1, 0))
    assert kept.undo() == first


def test_the_strokes_of_older_versions_are_not_counted_again(monkeypatch) -> None:
    """Or each new stroke would cost more than the one before."""
    counted = []
    length = Stroke.__len__

    def counting(stroke: Stroke) -> int:
        counted.append(stroke)
        return length(stroke)

    monkeypatch.setattr(Stroke, "__len__", counting)
    history, ink = History(), Ink()
    for number in range(150):
        ink = ink.with_stroke(Stroke.of([(number, 0)]))
        history.commit(ink)
    counted.clear()
    history.commit(ink.with_stroke(Stroke.of([(0, 1)])))
    assert len(counted) < 500
