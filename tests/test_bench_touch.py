"""From touch to answer: when the clock is stopped, the ink and the answer are in the picture."""

import pytest
from fakes import Templates
from kiosks import like, settings

from device.bench import touch
from device.bench.measure import Bench
from device.reading import Verdict
from device.screen import theme


@pytest.fixture
def tools(monkeypatch):
    monkeypatch.setattr(touch, "SIZES", ("480x320",))
    made = Bench(settings(), turns=4)
    made.__dict__["recognizer"] = Templates()
    return made


def test_ink_answer_work_and_pictures_are_measured(tools):
    ink, answer, work, pictures = touch.rows(tools)
    assert {row.where for row in (ink, answer, work, pictures)} == {"480x320"}
    assert ink.count == answer.count == pictures.count == 4
    assert all(a <= b for a, b in zip(ink.values, answer.values, strict=True))
    assert work.median > 0
    assert min(pictures.values) >= 1


def test_ink_is_there_after_the_first_picture_and_the_answer_after_the_last(tools, monkeypatch):
    with tools.stage("480x320") as made:
        touched, inked = [], []
        post = touch.post_finger
        step = made.kiosk.step

        def posting(kiosk, kind, x, y):
            touched.append((int(x), int(y)))
            post(kiosk, kind, x, y)

        def stepping(timeout):
            step(timeout)
            if touched:
                inked.append(tuple(made.kiosk.surface.get_at(touched[-1]))[:3])

        monkeypatch.setattr(touch, "post_finger", posting)
        monkeypatch.setattr(made.kiosk, "step", stepping)
        for count, _ in enumerate(touch._touches(made, 8)):
            assert made.kiosk.settled
            assert made.kiosk.reading.verdict is not Verdict.BLANK
            assert made.kiosk.reading.model_input.any()
            assert len(touched) == count + 1
        assert all(like(theme.INK, {colour}) for colour in inked)
