"""The demo: a session replayed through the kiosk, as a table."""

import os
import signal
from pathlib import Path

import pygame
import pytest
from drawings import digit
from gpiozero.pins.mock import MockFactory

from device import demo
from device.config import load_config
from device.errors import ScreenError
from device.library import Library
from device.lights import Lights
from device.reading import Verdict
from device.recognizer import Recognizer

NOWHERE = Path("/nonexistent/inkling.toml")


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer(Library())


@pytest.fixture
def lights():
    with Lights(settings().lights, MockFactory()) as made:
        yield made


def settings(size="480x320"):
    return load_config(None, {"screen": {"size": size}}, NOWHERE)


def test_the_session_has_every_digit_a_doodle_two_symbols_and_nothing():
    names = [drawing.name for drawing in demo.session()]
    assert names == [*"0123456789", "a cat", "1 and 2", "nothing"]
    for drawing in demo.session():
        assert drawing.ink.is_blank == (drawing.name == "nothing")


def test_the_replay_prints_what_was_read_and_which_lights_were_on(
    recognizer, lights, tmp_path, capsys
):
    picture = tmp_path / "new" / "screen.png"
    assert demo.replay(settings(), recognizer, lights, picture) == 0
    printed = capsys.readouterr().out
    lines = {line[:9].strip(): line for line in printed.splitlines()}
    for value in "0123456789":
        _, read, verdict, *_ = lines[value].split()
        assert (read, verdict) == (value, "accepted")
        assert "accept ON" in lines[value]
    assert "rejected" in lines["a cat"] and "reject ON" in lines["a cat"]
    assert "more than one symbol" in lines["1 and 2"] and "several ON" in lines["1 and 2"]
    assert "blank" in lines["nothing"] and "ON" not in lines["nothing"]
    assert f"screenshot: {picture}" in printed
    assert pygame.image.load(picture).get_size() == (480, 320)


def test_a_screenshot_that_cannot_be_written_is_one_clear_line(recognizer, lights, tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    with pytest.raises(ScreenError, match="cannot be written"):
        demo.replay(settings(), recognizer, lights, in_the_way / "screen.png")


@pytest.mark.parametrize("name", ["screen", "screen.gif", "folder.png"])
def test_a_screenshot_of_an_impossible_name_is_refused_before_anything_is_drawn(
    recognizer, lights, tmp_path, capsys, name
):
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(ScreenError, match=name):
        demo.replay(settings(), recognizer, lights, tmp_path / name)
    assert capsys.readouterr().out == ""


def test_a_disk_that_is_full_costs_the_screenshot_and_not_the_table(
    recognizer, lights, tmp_path, capsys, monkeypatch
):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pygame.image, "save", full)
    with pytest.raises(ScreenError, match="No space left"):
        demo.replay(settings(), recognizer, lights, tmp_path / "screen.png")
    printed = capsys.readouterr().out
    assert "1 and 2" in printed and "nothing" in printed
    assert "screenshot:" not in printed


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_demo_early(number, recognizer, lights, tmp_path, capsys, monkeypatch):
    line = demo._line

    def killing(row):
        os.kill(os.getpid(), number)
        return line(row)

    monkeypatch.setattr(demo, "_line", killing)
    assert demo.replay(settings(), recognizer, lights, tmp_path / "screen.png") == 1
    rows = capsys.readouterr().out.splitlines()
    assert rows[1].startswith("0 ") and not any(row.startswith("1 ") for row in rows)


def test_a_row_is_there_while_its_drawing_is_on_the_screen(recognizer, lights):
    with demo._kiosk(settings(), recognizer, lights) as kiosk:
        for row in demo.rows(kiosk, [demo.Drawing("three", digit(3))], lights):
            assert row.reading.verdict is Verdict.ACCEPTED
            assert row.lights == {"accept": True, "several": False, "reject": False}
            assert not kiosk.desk.ink.is_blank
