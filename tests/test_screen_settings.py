"""The settings page: what the one table says, in force at a touch, kept, and never impossible."""

import random
import tomllib

import pygame
import pytest
from kiosks import colours, finger, settings

from device import config as configuration
from device import language
from device.demo import Visitor
from device.kiosk import Kiosk
from device.screen import theme
from device.screen.controls import AGAIN, REPEAT
from device.settings import SETTINGS

SIZES = ["480x320", "800x480", "1024x600", "720x1280", "1920x1080"]
ON_PAGE = [setting for setting in SETTINGS.values() if setting.on_page]


class Clock:
    def __init__(self):
        self.time = 1000.0

    def __call__(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    return tmp_path / "settings.toml"


@pytest.fixture
def opened(recognizer, lights, clock, state):
    made = []

    def open_kiosk(size="800x480", **tables):
        config = settings(size, kiosk={"pin": "", "idle_seconds": 0}, **tables)
        made.append(Kiosk(config, recognizer, lights, clock=clock))
        made[-1].go("settings")
        made[-1].step(0.001)
        return made[-1]

    yield open_kiosk
    for kiosk in made:
        kiosk.close()
    language.use("en")


def show(kiosk, name):
    """Turn to the tab and the page where a button is."""
    visitor = Visitor(kiosk)
    table = name.split(".")[0]
    visitor.tap(f"tab:{table}")
    while name not in kiosk.screen.controls.buttons:
        visitor.tap("down")
    return visitor


def tap(kiosk, name):
    show(kiosk, name).tap(name)


def names(kiosk):
    return set(kiosk.screen.controls.buttons)


@pytest.mark.parametrize("size", SIZES)
def test_every_setting_of_the_table_is_on_the_page_and_no_other(opened, size):
    kiosk = opened(size)
    visitor = Visitor(kiosk)
    found = []
    for table in ("model", "screen", "kiosk"):
        visitor.tap(f"tab:{table}")
        while True:
            shown = [setting.key for setting, _ in kiosk.screen._settings()]
            keys = {name.split(":")[0] for name in names(kiosk) if "." in name}
            assert keys == set(shown)
            found += shown
            down = kiosk.screen.controls.buttons.get("down")
            if down is None or down.look == "off":
                break
            visitor.tap("down")
    assert found == [setting.key for setting in ON_PAGE]


@pytest.mark.parametrize("size", SIZES)
def test_every_button_is_on_the_screen_large_enough_and_alone(opened, size):
    kiosk = opened(size)
    for tab in ("model", "screen", "kiosk", "about"):
        Visitor(kiosk).tap(f"tab:{tab}")
        buttons = list(kiosk.screen.controls.buttons.values())
        for number, one in enumerate(buttons):
            assert kiosk.screen.area.contains(one.area)
            assert one.target.height >= 0.85 * kiosk.screen.cell, one.name
            assert one.target.width >= 0.85 * kiosk.screen.cell, one.name
            for other in buttons[number + 1 :]:
                assert not one.target.overlaps(other.target), (one.name, other.name)


def test_a_switch_is_in_force_at_once_and_kept(opened, state):
    kiosk = opened()
    tap(kiosk, "screen.inverse:switch")
    assert kiosk.config.screen.inverse and kiosk.desk.inverse
    kiosk.close()
    assert tomllib.loads(state.read_text()) == {"screen": {"inverse": True}}
    assert configuration.load_config(None, {}, state.with_name("none")).screen.inverse


def test_the_whole_row_of_a_switch_is_its_target(opened):
    kiosk = opened()
    show(kiosk, "model.live:switch")
    row = kiosk.screen.controls.buttons["model.live:switch"].target
    width, height = kiosk.surface.get_size()
    for kind in (pygame.FINGERDOWN, pygame.FINGERUP):
        event = finger(kind, (row.x + 5) / width, row.centre[1] / height)
        pygame.event.post(event)
        kiosk.step(0.001)
    assert not kiosk.config.model.live and not kiosk.desk.live


def test_a_number_goes_up_and_down_in_its_steps(opened):
    kiosk = opened()
    tap(kiosk, "model.threshold:more")
    assert kiosk.config.model.threshold == 0.55
    for _ in range(3):
        tap(kiosk, "model.threshold:less")
    assert kiosk.config.model.threshold == 0.4
    tap(kiosk, "kiosk.blank_minutes:more")
    assert kiosk.config.kiosk.blank_minutes == 1


def test_a_number_at_its_limit_has_no_button_beyond(opened):
    kiosk = opened(model={"threshold": 0.95})
    tap(kiosk, "model.threshold:more")
    assert kiosk.config.model.threshold == 1.0
    assert kiosk.screen.controls.buttons["model.threshold:more"].look == "off"
    tap(kiosk, "model.threshold:more")
    assert kiosk.config.model.threshold == 1.0


def test_a_finger_that_stays_goes_on_counting(opened, clock):
    kiosk = opened()
    show(kiosk, "kiosk.blank_minutes:more")
    width, height = kiosk.surface.get_size()
    x, y = kiosk.screen.target("kiosk.blank_minutes:more").centre
    pygame.event.post(finger(pygame.FINGERDOWN, x / width, y / height))
    kiosk.step(0.001)
    clock.time += REPEAT + 0.01
    for count in range(1, 5):
        kiosk.step(0.001)
        assert kiosk.config.kiosk.blank_minutes == count
        clock.time += AGAIN + 0.01
    pygame.event.post(finger(pygame.FINGERUP, 0.99, 0.99))
    kiosk.step(0.001)
    clock.time += 10
    kiosk.step(0.001)
    assert kiosk.config.kiosk.blank_minutes <= 6


def test_choices_that_have_room_are_chosen_directly(opened):
    kiosk = opened()
    tap(kiosk, "screen.layout:1")
    assert kiosk.config.screen.layout == "kid"
    assert kiosk.screen.controls.buttons["screen.layout:1"].look == "on"
    Visitor(kiosk).tap("back")
    assert kiosk.screen.layout.kind == "kid"


def test_choices_that_have_none_are_gone_through_in_a_circle(opened):
    kiosk = opened("480x320")
    assert kiosk.config.screen.rotation == 0
    for expected in (90, 180, 270, 0):
        tap(kiosk, "screen.rotation:more")
        assert kiosk.config.screen.rotation == expected
    tap(kiosk, "screen.rotation:less")
    assert kiosk.config.screen.rotation == 270


def test_a_rotation_turns_picture_and_touch_together(opened):
    kiosk = opened("800x480")
    tap(kiosk, "screen.rotation:1")
    assert kiosk.config.screen.rotation == 90
    assert kiosk.surface.get_size() == (480, 800)
    tap(kiosk, "screen.inverse:switch")
    assert kiosk.config.screen.inverse


def test_a_language_is_spoken_at_once_and_from_then_on(opened, state, clock):
    kiosk = opened()
    shown = [code for code in language.LANGUAGES if theme.can_show(code)]
    tap(kiosk, "screen.language:more")
    assert language.current() == shown[1 % len(shown)]
    kiosk.close()
    assert tomllib.loads(state.read_text())["screen"]["language"] == shown[1 % len(shown)]


def test_a_language_without_a_font_is_not_offered(opened, monkeypatch):
    monkeypatch.setattr(theme, "can_show", lambda code: code in ("en", "de"))
    kiosk = opened()
    Visitor(kiosk).tap("tab:screen")
    buttons = kiosk.screen.controls.buttons
    offered = [b.label for name, b in buttons.items() if name.startswith("screen.language:")]
    assert offered == ["English", "Deutsch"]
    tap(kiosk, "screen.language:1")
    assert language.current() == "de"


def test_another_setting_does_not_change_what_a_visitor_speaks(opened):
    kiosk = opened()
    kiosk.speak("de")
    tap(kiosk, "screen.inverse:switch")
    assert language.current() == "de"
    assert kiosk.config.screen.language == "en"


@pytest.mark.parametrize("seed", range(3))
def test_nothing_that_cannot_be_is_reached_by_tapping(opened, seed):
    luck = random.Random(seed)
    kiosk = opened("480x320")
    for _ in range(150):
        choices = sorted(names(kiosk) - {"back", "quit"})
        Visitor(kiosk).tap(luck.choice(choices))
        for setting in ON_PAGE:
            value = kiosk.config.value(setting.key)
            assert setting.taken(value) == value
    assert kiosk.notice is None


def test_about_says_what_the_device_is(opened):
    kiosk = opened()
    Visitor(kiosk).tap("tab:about")
    facts = dict(kiosk.screen._facts())
    assert facts["Model"] == kiosk.config.model.name
    assert facts["Accelerator"] == "CPU"
    assert facts["Screen"] == "800 × 480"


def test_quit_ends_it_on_a_desktop(opened):
    kiosk = opened()
    Visitor(kiosk).tap("tab:about")
    assert kiosk.running
    Visitor(kiosk).tap("quit")
    assert not kiosk.running


def test_there_is_no_quit_on_a_console(opened, monkeypatch):
    monkeypatch.setattr(Kiosk, "can_quit", False)
    kiosk = opened("480x320")
    Visitor(kiosk).tap("tab:about")
    while "down" in names(kiosk) and kiosk.screen.controls.buttons["down"].look != "off":
        Visitor(kiosk).tap("down")
    assert "quit" not in names(kiosk)


def test_settings_that_cannot_be_kept_are_in_force_and_that_is_said(opened, monkeypatch, tmp_path):
    kiosk = opened()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "file"))
    show(kiosk, "screen.inverse:switch")
    before = colours(kiosk, kiosk.screen.heading)
    tap(kiosk, "screen.inverse:switch")
    kiosk._keeper.close()
    kiosk.step(0.001)
    assert kiosk.config.screen.inverse
    assert "settings.toml" in kiosk.notice
    assert colours(kiosk, kiosk.screen.heading) != before


def test_nothing_is_drawn_while_nobody_touches_it(opened, monkeypatch):
    kiosk = opened()
    kiosk.step(0.001)
    sent = []
    monkeypatch.setattr(pygame.display, "update", sent.append)
    for _ in range(3):
        kiosk.step(0.001)
    assert sent == []
