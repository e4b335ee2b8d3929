"""From touch to answer: when the clock is stopped, the ink and the answer are in the picture."""

from pathlib import Path

import pygame
import pytest
from fakes import Templates
from kiosks import like, settings

from device import stage
from device.bench import touch
from device.bench.measure import Bench
from device.pointers import Pointer
from device.reading import Verdict
from device.screen import theme


@pytest.fixture
def tools(monkeypatch):
    monkeypatch.setattr(touch, "SIZES", ("480x320",))
    made = Bench(settings(), turns=4)
    monkeypatch.setattr(touch, "Panel", no_panel)
    made.__dict__["recognizer"] = Templates()
    return made


def no_panel():
    raise FileNotFoundError(2, "No such file or directory", "/dev/uinput")


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
        for count, _ in enumerate(touch._touches(made, 8, touch._into_the_queue)):
            assert made.kiosk.settled
            assert made.kiosk.reading.verdict is not Verdict.BLANK
            assert made.kiosk.reading.model_input.any()
            assert len(touched) == count + 1
        assert all(like(theme.INK, {colour}) for colour in inked)


class FakePanel:
    """A panel whose finger comes to SDL by itself, as the kernel's does."""

    def __init__(self):
        self.said = []

    def close(self):
        self.said.append("closed")

    def _post(self, kind, x, y):
        self.said.append(kind)
        pygame.event.post(pygame.event.Event(kind, x=x, y=y, touch_id=1, finger_id=1))

    def down(self, x, y):
        self.last = x, y
        self._post(pygame.FINGERDOWN, x, y)

    def move(self, x, y):
        assert (x, y) != self.last
        self.last = x, y
        self._post(pygame.FINGERMOTION, x, y)

    def up(self):
        self._post(pygame.FINGERUP, *self.last)


@pytest.mark.parametrize("rotation", [0, 90])
def test_where_the_kernel_has_a_panel_it_is_measured_from_there(tools, monkeypatch, rotation):
    tools = Bench(settings(screen={"rotation": rotation}), turns=120)
    tools.__dict__["recognizer"] = Templates()
    panel, drivers = FakePanel(), []
    monkeypatch.setattr(touch, "Panel", lambda: panel)
    monkeypatch.setattr(touch, "pointers", list)
    stage = Bench.stage

    def in_memory(bench, size, driver="dummy"):
        drivers.append(driver)
        return stage(bench, size)

    monkeypatch.setattr(Bench, "stage", in_memory)
    rows = [row for row in touch.rows(tools) if "evdev" in row.what]
    assert drivers == ["dummy", "evdev"]
    assert len(rows) == 4
    assert {row.where for row in rows} == {touch.BELOW}
    ink, answer = rows[:2]
    assert ink.count == answer.count == 120
    assert 0 < ink.median <= answer.median < 1000 * touch.PATIENCE
    assert panel.said[0] == pygame.FINGERDOWN
    assert panel.said[-1] == "closed"
    assert pygame.FINGERUP in panel.said


def test_a_panel_that_sdl_does_not_see_is_not_waited_for_for_ever(tools, monkeypatch, caplog):
    monkeypatch.setattr(touch, "Panel", FakePanel)
    monkeypatch.setattr(touch, "pointers", lambda: [Pointer("ours", Path("/dev/x"), True, True)])
    monkeypatch.setattr(stage, "PATIENCE", 0.05)
    monkeypatch.setattr(touch, "SIZES", ())
    monkeypatch.setattr(Bench, "stage", lambda bench, size, driver: OTHER_STAGE(bench, size))
    assert list(touch.rows(tools)) == []
    assert "does not see the kernel's panel" in caplog.text


OTHER_STAGE = Bench.stage
