"""The backlight goes off and always comes on again, whatever the kernel's files say."""

import logging

import pytest

from device.backlight import Backlight


@pytest.fixture
def panel(tmp_path):
    """A panel's switch, on."""
    switch = tmp_path / "10-0045" / "bl_power"
    switch.parent.mkdir()
    switch.write_text("0\n")
    return switch


@pytest.fixture
def backlight(tmp_path, panel):
    return Backlight(tmp_path)


def in_the_way(panel):
    """A switch that can be neither read nor written, whoever tries."""
    panel.unlink()
    panel.mkdir()


def test_it_goes_off_and_on(backlight, panel):
    backlight.off()
    assert panel.read_text() == "4"
    backlight.on()
    assert panel.read_text() == "0"


def test_every_backlight_is_switched(backlight, tmp_path, panel):
    other = tmp_path / "hdmi" / "bl_power"
    other.parent.mkdir()
    other.write_text("0\n")
    backlight.off()
    assert (panel.read_text(), other.read_text()) == ("4", "4")


def test_one_that_was_left_off_comes_on_at_the_start(backlight, panel):
    panel.write_text("4\n")
    backlight.on()
    assert panel.read_text() == "0"


def test_one_that_is_right_already_is_not_written(backlight, panel, caplog):
    panel.chmod(0o444)
    backlight.on()
    assert panel.read_text() == "0\n"
    assert caplog.text == ""


def test_what_is_known_to_be_set_is_not_looked_at_again(backlight, panel):
    backlight.on()
    panel.unlink()
    panel.parent.rmdir()
    backlight.on()
    assert not panel.exists()


def test_a_panel_without_one_is_said_once(tmp_path, caplog):
    backlight = Backlight(tmp_path / "none")
    for _ in range(3):
        backlight.on()
        backlight.off()
    assert caplog.text.count("no backlight") == 1


def test_one_that_refuses_is_said_once_and_stops_nothing(backlight, panel, caplog):
    caplog.set_level(logging.INFO)
    in_the_way(panel)
    for _ in range(3):
        backlight.off()
        backlight.on()
    assert caplog.text.count("cannot be set") == 1
    assert "the screen goes black without it" in caplog.text


def test_one_that_failed_to_come_on_is_tried_again(backlight, panel):
    backlight.off()
    in_the_way(panel)
    backlight.on()
    panel.rmdir()
    panel.write_text("4\n")
    backlight.on()
    assert panel.read_text() == "0"


def test_a_switch_full_of_nonsense_is_set_or_said(backlight, panel, caplog):
    panel.write_bytes(b"\xff\xfe")
    backlight.off()
    assert panel.read_bytes() == b"4" or "cannot be set" in caplog.text
