"""The pen: strokes end at the edge of the canvas, and begin there again."""

from hypothesis import given
from hypothesis import strategies as st

from device.screen.pen import Pen


def draw(*contacts):
    pen = Pen()
    marks = [m for i, (kind, x, y) in enumerate(contacts) for m in pen.follow(kind, x, y, i * 0.02)]
    return marks, pen.take_finished()


def test_a_stroke_is_what_the_finger_did():
    marks, (stroke,) = draw(("down", 0.2, 0.2), ("move", 0.4, 0.3), ("up", 0.5, 0.3))
    assert [tuple(p) for p in stroke] == [(0.2, 0.2, 0.0), (0.4, 0.3, 0.02), (0.5, 0.3, 0.04)]
    assert [mark.first for mark in marks[:-1]] == [True, False, False]
    assert marks[-1] is None


def test_lifting_where_it_was_adds_no_point():
    _, (stroke,) = draw(("down", 0.2, 0.2), ("move", 0.4, 0.2), ("up", 0.4, 0.2))
    assert len(stroke) == 2


def test_a_tap_is_a_dot():
    _, (stroke,) = draw(("down", 0.2, 0.2), ("up", 0.2, 0.2))
    assert len(stroke) == 1


def test_a_finger_that_leaves_the_canvas_ends_its_stroke_at_the_edge():
    _, strokes = draw(
        ("down", 0.8, 0.5),
        ("move", 1.2, 0.7),
        ("move", 1.3, 0.9),
        ("move", 0.9, 0.9),
        ("up", 0.8, 0.9),
    )
    left, back = (stroke.xy for stroke in strokes)
    assert left[-1].tolist() == [1.0, 0.6]
    assert back[0].tolist() == [1.0, 0.9]


coordinate = st.floats(-0.5, 1.5) | st.sampled_from([0.0, 1.0])
contact = st.tuples(st.sampled_from(["down", "move", "up"]), coordinate, coordinate)


@given(st.lists(contact, max_size=20))
def test_ink_never_leaves_the_canvas(contacts):
    marks, strokes = draw(("down", 0.5, 0.5), *contacts)
    for mark in marks:
        assert mark is None or (0 <= mark.x <= 1 and 0 <= mark.y <= 1)
    for stroke in strokes:
        assert len(stroke) and (stroke.xy >= 0).all() and (stroke.xy <= 1).all()
