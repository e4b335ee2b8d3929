"""Nobody is there: the drawing goes, then the light; a touch wakes, and does nothing else."""

import pygame
import pytest
from drawings import digit
from fakes import FakeReaders
from hypothesis import given
from hypothesis import strategies as st
from kiosks import colours, finger, levels, settings

from device import language
from device.backlight import Backlight
from device.config import KioskConfig
from device.demo import Visitor
from device.idle import Idle
from device.kiosk import Kiosk
from device.screen.touch import Contact

BLACK = {(0, 0, 0)}


class Clock:
    def __init__(self):
        self.time = 1000.0

    def __call__(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def panel(tmp_path):
    switch = tmp_path / "backlight" / "panel" / "bl_power"
    switch.parent.mkdir(parents=True)
    switch.write_text("0")
    return switch


@pytest.fixture
def opened(recognizer, lights, clock, panel, tmp_path):
    """Opens kiosks that fill the panel, and closes them."""
    made = []

    def open_kiosk(screen=None, **kiosk):
        config = settings(screen={"windowed": False, **(screen or {})}, kiosk=kiosk)
        backlight = Backlight(panel.parent.parent)
        made.append(Kiosk(config, recognizer, lights, backlight=backlight, clock=clock))
        return made[-1]

    yield open_kiosk
    recognizer.gate.set()
    for kiosk in made:
        kiosk.close()
    language.use("en")


def after(kiosk, clock, seconds):
    clock.time += seconds
    kiosk.step(0.001)


def touch(kiosk, *kinds, at=None):
    """One finger on the middle of the canvas, or elsewhere."""
    for kind in kinds:
        pygame.event.post(finger(kind, *(at or (0.25, 0.5))))
        answered(kiosk)


def answered(kiosk):
    """Everything that has been posted, which may take more than one step."""
    kiosk.step(0.001)
    while kiosk._backlog or pygame.event.peek(TAP):
        kiosk.step(0.001)


TAP = (pygame.FINGERDOWN, pygame.FINGERMOTION, pygame.FINGERUP)


def test_after_a_minute_the_drawing_is_gone_and_the_attract_screen_comes(opened, clock, pins):
    kiosk = opened()
    visitor = Visitor(kiosk)
    visitor.draw(digit(3))
    assert visitor.wait()
    after(kiosk, clock, 59)
    assert kiosk.screen.name == "main"
    assert levels(pins) == (1, 0, 0)
    after(kiosk, clock, 2)
    assert kiosk.screen.name == "attract"
    assert kiosk.desk.ink.is_blank and not kiosk.desk.can_undo
    assert levels(pins) == (0, 0, 0)


def test_every_touch_begins_the_minute_anew(opened, clock):
    kiosk = opened()
    for _ in range(4):
        after(kiosk, clock, 40)
        touch(kiosk, *TAP)
    assert kiosk.screen.name == "main"
    assert not kiosk.desk.ink.is_blank


def test_what_the_visitor_chose_goes_with_the_visitor(opened, clock):
    kiosk = opened()
    kiosk.desk.model, kiosk.desk.inverse, kiosk.desk.live = "other", True, False
    kiosk.desk.normalised, kiosk.desk.eraser = False, True
    kiosk.speak("de")
    assert language.current() == "de"
    after(kiosk, clock, 61)
    desk = kiosk.desk
    assert (desk.model, desk.inverse, desk.live, desk.normalised) == ("fake", False, True, True)
    assert not desk.eraser
    assert language.current() == "en"
    assert kiosk.config.screen.language == "en"


def test_whatever_screen_the_visitor_left_the_next_one_begins_on_the_main_screen(opened, clock):
    kiosk = opened()
    for name in ("menu", "settings", "pin"):
        kiosk.go(name)
        kiosk.step(0.001)
        after(kiosk, clock, 61)
        assert kiosk.screen.name == "attract"
        touch(kiosk, *TAP)
        assert kiosk.screen.name == "main"
        kiosk.back()
        kiosk.step(0.001)
        assert kiosk.screen.name == "main"


def test_the_touch_that_wakes_draws_nothing_and_the_next_one_does(opened, clock):
    kiosk = opened()
    after(kiosk, clock, 61)
    touch(kiosk, pygame.FINGERDOWN)
    assert kiosk.screen.name == "main"
    for share in range(10):
        touch(kiosk, pygame.FINGERMOTION, at=(0.2 + share / 50, 0.5))
    touch(kiosk, pygame.FINGERUP)
    assert kiosk.desk.ink.is_blank
    touch(kiosk, *TAP)
    assert not kiosk.desk.ink.is_blank


def test_the_touch_that_wakes_presses_no_button(opened, clock):
    kiosk = opened()
    menu = kiosk.screen.layout.clear.centre
    width, height = kiosk.surface.get_size()
    after(kiosk, clock, 61)
    touch(kiosk, *TAP, at=(menu[0] / width, menu[1] / height))
    assert kiosk.screen.name == "main"
    assert not kiosk.desk.can_undo


def test_a_second_finger_of_the_waking_touch_means_nothing_either(opened, clock):
    kiosk = opened()
    after(kiosk, clock, 61)
    for kind, x, number in (
        (pygame.FINGERDOWN, 0.2, 1),
        (pygame.FINGERDOWN, 0.4, 2),
        (pygame.FINGERMOTION, 0.3, 2),
        (pygame.FINGERUP, 0.2, 1),
        (pygame.FINGERMOTION, 0.4, 2),
        (pygame.FINGERUP, 0.4, 2),
    ):
        pygame.event.post(finger(kind, x, 0.5, number))
        answered(kiosk)
    assert kiosk.desk.ink.is_blank
    touch(kiosk, *TAP)
    assert not kiosk.desk.ink.is_blank


def test_a_finger_that_rests_on_the_canvas_leaves_nothing_to_the_next_visitor(opened, clock):
    kiosk = opened()
    touch(kiosk, pygame.FINGERDOWN, pygame.FINGERMOTION)
    after(kiosk, clock, 61)
    assert kiosk.screen.name == "attract"
    assert kiosk.desk.ink.is_blank
    # Its lift wakes nobody, and a new touch does.
    touch(kiosk, pygame.FINGERUP)
    assert kiosk.screen.name == "attract"
    touch(kiosk, *TAP)
    assert kiosk.screen.name == "main"
    assert kiosk.desk.ink.is_blank


def test_never_is_never(opened, clock):
    kiosk = opened(idle_seconds=0, blank_minutes=0)
    touch(kiosk, *TAP)
    after(kiosk, clock, 10_000_000)
    assert kiosk.screen.name == "main"
    assert not kiosk.desk.ink.is_blank


@pytest.mark.parametrize(
    ("seconds", "minutes", "dues"),
    [
        (60, 2, [60, 60, 10]),
        (60, 0, [60, None, None]),
        (0, 1, [60, None, None]),
        (0, 0, [None] * 3),
    ],
)
def test_it_is_known_when_to_look_again(seconds, minutes, dues):
    config = KioskConfig(
        **{**settings().kiosk._asdict(), "idle_seconds": seconds, "blank_minutes": minutes}
    )
    idle = Idle(1000.0)
    found = []
    for now in (1000.0, 1060.0, 1110.0):
        idle.look(now, config)
        found.append(idle.due(now, config))
    assert found == [float("inf") if due is None else due for due in dues]


def test_the_light_goes_off_and_any_touch_brings_it_back(opened, clock, panel):
    kiosk = opened(blank_minutes=2)
    after(kiosk, clock, 61)
    assert (kiosk.screen.name, panel.read_text()) == ("attract", "0")
    after(kiosk, clock, 60)
    assert (kiosk.screen.name, panel.read_text()) == ("dark", "4")
    assert colours(kiosk, kiosk.surface.get_rect()) == BLACK
    touch(kiosk, pygame.FINGERDOWN)
    assert (kiosk.screen.name, panel.read_text()) == ("main", "0")
    touch(kiosk, pygame.FINGERMOTION, pygame.FINGERUP)
    assert kiosk.desk.ink.is_blank
    assert colours(kiosk, kiosk.surface.get_rect()) != BLACK


def test_dark_without_clearing_keeps_the_drawing(opened, clock, panel):
    kiosk = opened(idle_seconds=0, blank_minutes=1)
    visitor = Visitor(kiosk)
    visitor.draw(digit(3))
    ink = kiosk.desk.ink
    after(kiosk, clock, 61)
    assert (kiosk.screen.name, panel.read_text()) == ("dark", "4")
    touch(kiosk, *TAP)
    assert (kiosk.screen.name, panel.read_text()) == ("main", "0")
    assert kiosk.desk.ink == ink


def test_a_drawing_is_cleared_in_the_dark_too(opened, clock):
    kiosk = opened(idle_seconds=600, blank_minutes=1)
    touch(kiosk, *TAP)
    after(kiosk, clock, 61)
    assert kiosk.screen.name == "dark"
    assert not kiosk.desk.ink.is_blank
    after(kiosk, clock, 600)
    assert kiosk.screen.name == "dark"
    assert kiosk.desk.ink.is_blank


def test_nothing_is_drawn_and_nobody_is_woken_in_the_dark(opened, clock, monkeypatch):
    kiosk = opened(blank_minutes=1)
    after(kiosk, clock, 61)
    sent = []
    monkeypatch.setattr(pygame.display, "update", sent.append)
    for _ in range(20):
        after(kiosk, clock, 30)
    assert sent == []
    assert kiosk.screen.tick(clock.time) is None


def test_a_panel_without_a_backlight_goes_black_and_wakes(opened, clock, panel, caplog):
    panel.unlink()
    panel.parent.rmdir()
    kiosk = opened(blank_minutes=1)
    for _ in range(2):
        after(kiosk, clock, 61)
        assert colours(kiosk, kiosk.surface.get_rect()) == BLACK
        touch(kiosk, *TAP)
        assert kiosk.screen.name == "main"
    assert caplog.text.count("no backlight") == 1


def test_a_light_that_fails_to_come_on_is_tried_with_every_touch(opened, clock, panel):
    kiosk = opened(blank_minutes=1)
    after(kiosk, clock, 61)
    panel.unlink()
    panel.mkdir()
    touch(kiosk, *TAP)
    assert kiosk.screen.name == "main"
    panel.rmdir()
    panel.write_text("4")
    touch(kiosk, pygame.FINGERDOWN)
    assert panel.read_text() == "0"


def test_in_a_window_the_desktops_light_is_left_alone(opened, clock, panel):
    kiosk = opened(screen={"windowed": True}, blank_minutes=1)
    after(kiosk, clock, 61)
    assert (kiosk.screen.name, panel.read_text()) == ("dark", "0")


def test_the_light_is_on_again_when_it_ends_in_the_dark(opened, clock, panel):
    kiosk = opened(blank_minutes=1)
    after(kiosk, clock, 61)
    assert panel.read_text() == "4"
    kiosk.close()
    assert panel.read_text() == "0"


def test_a_light_that_the_last_run_left_off_is_on_at_the_start(opened, panel):
    panel.write_text("4")
    opened()
    assert panel.read_text() == "0"


def test_work_that_goes_on_is_not_taken_away_from_who_waits_for_it(opened, clock):
    kiosk = opened()
    kiosk.go("settings")
    kiosk.step(0.001)
    come = []

    def task(readers: FakeReaders):
        yield from range(4)

    kiosk.ask(task, come.append)
    while len(come) < 4:
        kiosk.step(0.02)
        clock.time += 0.001
    for _ in range(3):
        clock.time += 40
        kiosk.ask(task, come.append)
        before = len(come)
        while len(come) < before + 4:
            kiosk._take_results()
        kiosk.step(0.001)
    assert kiosk.screen.name == "settings"


CONFIG = KioskConfig(idle_seconds=60, blank_minutes=2, pin="")
HAPPENINGS = st.lists(
    st.tuples(
        st.floats(0, 300),
        st.sampled_from(["down", "move", "up", "busy", "look"]),
        st.integers(0, 1),
    ),
    max_size=40,
)


@given(happenings=HAPPENINGS)
def test_whatever_happened_a_finger_that_comes_down_wakes_and_the_next_one_counts(happenings):
    now = 0.0
    idle = Idle(now)
    for seconds, kind, number in happenings:
        now += seconds
        idle.look(now, CONFIG)
        if kind == "busy":
            idle.busy(now)
        elif kind != "look":
            idle.takes(Contact(kind, 0, 0, now, number), now)
    asleep = idle.left or idle.dark
    assert idle.takes(Contact("down", 0, 0, now), now) == asleep
    assert idle.leads_to("dark") == idle.leads_to("attract") == "main"
    assert idle.leads_to("main") is None
    assert idle.takes(Contact("up", 0, 0, now), now) == asleep
    assert not idle.takes(Contact("down", 0, 0, now), now)
    assert not idle.takes(Contact("move", 0, 0, now), now)
    assert not idle.takes(Contact("up", 0, 0, now), now)
