"""The menu: a card for everything, and the way back."""

import pytest
from drawings import digit
from kiosks import Clock, settings

from device import language
from device.demo import Visitor
from device.kiosk import Kiosk
from device.screen import theme
from device.screen.menu_screen import ITEMS, NEED_DRAWING
from device.screen.places import finger

SIZES = ["480x320", "800x480", "1024x600", "720x1280", "1920x1080"]


@pytest.fixture(autouse=True)
def english():
    yield
    language.use("en")


@pytest.fixture(params=["800x480"])
def kiosk(request, recognizer, lights, tmp_path):
    folder = {"folder": str(tmp_path)}
    made = Kiosk(settings(request.param, samples=folder), recognizer, lights, clock=Clock())
    yield made
    made.close()


@pytest.fixture
def drawn(kiosk, visitor):
    visitor.draw(digit(3))
    assert visitor.wait()


def test_the_menu_is_a_tap_away_and_back_leads_to_the_drawing(kiosk, visitor, drawn):
    ink = kiosk.desk.ink
    visitor.tap("menu")
    assert kiosk.screen.name == "menu"
    visitor.tap("back")
    assert kiosk.screen.name == "main"
    assert kiosk.desk.ink == ink


@pytest.mark.parametrize("name", [name for name in ITEMS if name != "settings"])
def test_every_card_leads_to_its_screen_and_back_to_the_menu(kiosk, visitor, drawn, name):
    visitor.tap("menu")
    visitor.tap(name)
    assert kiosk.screen.name == name
    visitor.tap("back")
    assert kiosk.screen.name == "menu"


@pytest.mark.parametrize(("pin", "first"), [("2468", "pin"), ("", "settings")])
def test_settings_ask_for_the_pin_if_there_is_one(recognizer, lights, pin, first):
    kiosk = Kiosk(settings("800x480", kiosk={"pin": pin}), recognizer, lights, clock=Clock())
    visitor = Visitor(kiosk)
    try:
        visitor.tap("menu")
        visitor.tap("settings")
        assert kiosk.screen.name == first
    finally:
        kiosk.close()


@pytest.mark.parametrize("name", sorted(NEED_DRAWING))
def test_what_shows_the_drawing_is_off_while_there_is_none(kiosk, visitor, name):
    visitor.tap("menu")
    visitor.tap(name)
    assert kiosk.screen.name == "menu"


@pytest.mark.parametrize("kiosk", SIZES, indirect=True)
def test_all_cards_are_on_the_screen_and_large_enough_for_a_finger(kiosk):
    kiosk.go("menu")
    kiosk.step(0.001)
    cards = [kiosk.screen.target(name) for name in ITEMS]
    least = finger(*kiosk.surface.get_size())
    for number, card in enumerate(cards):
        assert kiosk.screen.area.contains(card)
        assert min(card.width, card.height) >= least
        assert not any(card.overlaps(other) for other in cards[:number])


def test_a_language_is_chosen_by_its_own_name_and_everything_speaks_it(kiosk, visitor):
    visitor.tap("menu")
    visitor.tap("language")
    visitor.tap("de")
    assert kiosk.screen.name == "menu"
    assert kiosk.screen.title == "Menü"
    assert kiosk.config.screen.language == "en", "the next visitor finds it as it was"


def test_a_language_that_no_font_can_show_is_not_offered(kiosk, visitor, monkeypatch):
    visitor.tap("menu")
    monkeypatch.setattr(theme, "can_show", lambda code: code != "ja")
    visitor.tap("language")
    offered = set(kiosk.screen.controls.buttons) - {"back"}
    assert offered == set(language.LANGUAGES) - {"ja"}
