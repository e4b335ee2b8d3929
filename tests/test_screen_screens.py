"""Every screen can be made by its name, and one finds the way back."""

from device.screen.screens import CLASSES, Way, make


def test_every_name_makes_the_screen_of_that_name(kiosk):
    assert [make(name, kiosk).name for name in CLASSES] == list(CLASSES)


def test_the_way_back_is_the_way_that_was_come():
    way = Way()
    assert way.back == "main"
    for name in ("menu", "settings", "pin"):
        way.lead(name, passing=False)
    assert way.back == "settings"
    way.lead("menu", passing=False)
    assert way.back == "main"


def test_what_is_passed_is_not_come_back_to():
    way = Way()
    way.lead("menu", passing=False)
    way.lead("pin", passing=False)
    way.lead("settings", passing=True)
    assert way.back == "menu"
