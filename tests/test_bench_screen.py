"""The frame budget: every picture that is measured has new ink in it."""

import pytest
from fakes import Templates
from kiosks import settings

from device.bench import screen
from device.bench.measure import Bench


@pytest.fixture
def tools(monkeypatch):
    monkeypatch.setattr(screen, "SIZES", ("480x320",))
    monkeypatch.setattr(screen, "USUAL", "480x320")
    monkeypatch.setattr(screen, "LENGTHS", (10, 300))
    made = Bench(settings(), turns=3)
    made.__dict__["recognizer"] = Templates()
    return made


def test_the_frame_budget_has_every_subject_in_every_size_and_length(tools):
    rows = list(screen.rows(tools))
    assert [row.what for row in rows[:3]] == [
        "ink under the finger, read live",
        "normalising moves the drawing",
        "the 360: the drawing turns",
    ]
    assert [row.where for row in rows] == ["480x320"] * 3 + ["10 points"] * 3 + ["300 points"] * 3
    for row in rows:
        assert row.count >= 3
        assert 0 < row.median <= row.p99


def test_what_is_measured_is_a_picture_with_new_ink(tools):
    with tools.stage("480x320") as made:
        pictures = []
        show = made.kiosk._show

        def seen():
            show()
            pictures.append(len(made.kiosk.desk.ink.strokes[-1]) if made.kiosk.desk.ink else 0)

        made.kiosk._show = seen
        for _ in screen._under_finger(made, 5, before=20):
            assert pictures[-1] > 20
        assert made.kiosk.desk.ink.is_blank
