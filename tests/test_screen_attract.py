"""The attract screen: a digit draws itself, is read, and goes elsewhere."""

import pygame
import pytest
from fakes import FakeRecognizer
from kiosks import Clock, colours, finger, settings

from device import language
from device.kiosk import Kiosk
from device.library import Library
from device.reading import Verdict
from device.recognizer import Recognizer
from device.screen import theme
from device.screen.attract_screen import FRAME, GROWS, RESTS

SIZES = ["480x320", "800x480", "720x1280", "1920x1080"]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def opened(recognizer, lights, clock):
    made = []

    def open_kiosk(size="480x320", reader=None, **tables):
        made.append(Kiosk(settings(size, **tables), reader or recognizer, lights, clock=clock))
        kiosk = made[-1]
        clock.time += 61
        kiosk.step(0.001)
        assert kiosk.screen.name == "attract"
        return kiosk

    yield open_kiosk
    recognizer.gate.set()
    for kiosk in made:
        kiosk.close()
    language.use("en")


def read(kiosk):
    """Wait until what draws itself is read."""
    for _ in range(500):
        if kiosk.screen._reading is not None:
            return
        kiosk.step(0.02)
    pytest.fail("no reading came")


def inked(kiosk):
    """How many pixels of ink there are on the canvas."""
    area = pygame.Rect(kiosk.screen._canvas._area)
    picture = pygame.surfarray.array3d(kiosk.surface.subsurface(area))
    return int((picture.min(axis=2) > 200).sum())


def test_a_digit_grows_and_then_its_answer_is_there(opened, clock):
    kiosk = opened()
    read(kiosk)
    amounts = []
    for _ in range(4):
        clock.time += GROWS / 5
        kiosk.step(0.001)
        amounts.append(inked(kiosk))
        assert theme.ACCEPT not in colours(kiosk, kiosk.screen._card)
    assert amounts == sorted(set(amounts)) and amounts[0] > 0
    clock.time += GROWS / 4
    kiosk.step(0.001)
    assert inked(kiosk) > amounts[-1]
    assert theme.ACCEPT in colours(kiosk, kiosk.screen._card)


def test_what_is_shown_was_really_read(opened, clock):
    kiosk = opened(reader=Recognizer(Library()))
    for _ in range(3):
        read(kiosk)
        screen = kiosk.screen
        meant = screen._drawings[screen._number % 10].name
        assert (str(screen._reading.digit), screen._reading.verdict) == (meant, Verdict.ACCEPTED)
        clock.time += GROWS + RESTS + 0.1
        kiosk.step(0.001)


def test_an_answer_that_comes_late_is_shown_late(opened, clock, recognizer):
    recognizer.gate.clear()
    kiosk = opened()
    clock.time += GROWS + 0.1
    kiosk.step(0.001)
    assert theme.ACCEPT not in colours(kiosk, kiosk.screen._card)
    recognizer.gate.set()
    read(kiosk)
    kiosk.step(0.001)
    assert theme.ACCEPT in colours(kiosk, kiosk.screen._card)


def test_a_model_that_fails_shows_the_digit_alone_and_no_notice(opened, clock, recognizer):
    recognizer.error = RuntimeError("out of luck")
    kiosk = opened()
    for _ in range(3):
        clock.time += GROWS + RESTS + 0.1
        kiosk.step(0.02)
    assert kiosk.screen.name == "attract"
    assert kiosk.notice is None


def test_each_digit_is_elsewhere_and_the_last_one_is_gone(opened, clock):
    kiosk = opened("800x480")
    places = set()
    for _ in range(8):
        place = kiosk.screen.place
        places.add(place)
        clock.time += GROWS + 0.1
        kiosk.step(0.001)
        clock.time += RESTS + 0.1
        kiosk.step(0.001)
        # Nothing is left of it outside its new place.
        picture = pygame.surfarray.array3d(kiosk.surface)
        new = kiosk.screen.place
        picture[new.x : new.right, new.y : new.bottom] = theme.GROUND
        assert (picture == theme.GROUND).all()
    assert len(places) == 8
    assert max(p.x for p in places) - min(p.x for p in places) > 100
    assert max(p.y for p in places) - min(p.y for p in places) > 50


@pytest.mark.parametrize("size", SIZES)
def test_it_is_always_on_the_screen_as_a_whole(opened, clock, size):
    kiosk = opened(size)
    for _ in range(6):
        assert kiosk.screen.area.contains(kiosk.screen.place)
        clock.time += GROWS + RESTS + 0.1
        kiosk.step(0.001)


def test_the_words_come_in_every_language_that_can_be_shown(opened, clock):
    kiosk = opened()
    shown = [code for code in language.LANGUAGES if theme.can_show(code)]
    seen = []
    for _ in shown:
        seen.append(kiosk.screen._code)
        clock.time += GROWS + RESTS + 0.1
        kiosk.step(0.001)
    assert sorted(seen) == sorted(shown)
    assert language.current() == "en"


def test_frames_come_only_while_a_line_grows(opened, clock, monkeypatch):
    kiosk = opened()
    read(kiosk)
    now = clock.time
    assert kiosk.screen.tick(now) == pytest.approx(now + FRAME)
    clock.time += GROWS + 0.1
    kiosk.step(0.001)
    sent = []
    monkeypatch.setattr(pygame.display, "update", sent.append)
    for _ in range(10):
        clock.time += RESTS / 20
        kiosk.step(0.001)
    assert sent == []
    assert kiosk.screen.tick(clock.time) > clock.time + 1


def test_a_window_that_changes_its_size_keeps_attracting(opened, clock):
    kiosk = opened()
    pygame.display.set_mode((720, 1280), pygame.RESIZABLE)
    pygame.event.post(pygame.event.Event(pygame.WINDOWSIZECHANGED, x=720, y=1280))
    kiosk.step(0.001)
    assert kiosk.screen.name == "attract"
    assert kiosk.screen.area.contains(kiosk.screen.place)
    assert kiosk.screen.area.height == 1280


def test_a_touch_leads_to_an_empty_main_screen(opened):
    kiosk = opened(reader=FakeRecognizer())
    for kind in (pygame.FINGERDOWN, pygame.FINGERMOTION, pygame.FINGERUP):
        pygame.event.post(finger(kind))
    while pygame.event.peek(pygame.FINGERUP) or kiosk._backlog:
        kiosk.step(0.001)
    assert kiosk.screen.name == "main"
    assert kiosk.desk.ink.is_blank
    assert kiosk.reading.verdict is Verdict.BLANK
