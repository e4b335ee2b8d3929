"""Settings get to the disk, the latest last, and nobody waits for them."""

import threading

from device import config
from device.errors import FileError
from device.keeper import Keeper


def test_what_is_changed_last_is_what_is_kept(monkeypatch):
    kept, busy, go = [], threading.Event(), threading.Event()

    def slow(values):
        busy.set()
        assert go.wait(60)
        kept.append(values)

    monkeypatch.setattr(config, "save_settings", slow)
    keeper = Keeper(lambda error: None)
    keeper.keep({"kiosk.idle_seconds": 10})
    assert busy.wait(60)
    for seconds in range(20, 100, 10):
        keeper.keep({"kiosk.idle_seconds": seconds, "screen.inverse": True})
    go.set()
    keeper.close()
    assert kept == [
        {"kiosk.idle_seconds": 10},
        {"kiosk.idle_seconds": 90, "screen.inverse": True},
    ]


def test_a_disk_that_is_full_is_said_and_the_next_change_is_tried(monkeypatch, caplog):
    said, kept = [], []

    def full(values):
        raise FileError("settings.toml: cannot be written: no space left")

    monkeypatch.setattr(config, "save_settings", full)
    keeper = Keeper(said.append)
    keeper.keep({"screen.inverse": True})
    keeper.close()
    assert [str(error) for error in said] == ["settings.toml: cannot be written: no space left"]
    assert "no space left" in caplog.text
    monkeypatch.setattr(config, "save_settings", kept.append)
    keeper.keep({"screen.inverse": False})
    keeper.close()
    assert kept == [{"screen.inverse": False}]


def test_an_error_that_nobody_has_foreseen_does_not_end_the_keeping(monkeypatch, caplog):
    said, kept = [], []

    def broken(values):
        raise ZeroDivisionError("what now")

    monkeypatch.setattr(config, "save_settings", broken)
    keeper = Keeper(said.append)
    keeper.keep({"screen.inverse": True})
    keeper.close()
    assert [str(error) for error in said] == ["what now"]
    assert "Traceback" in caplog.text
    monkeypatch.setattr(config, "save_settings", kept.append)
    keeper.keep({"screen.inverse": False})
    keeper.close()
    assert kept == [{"screen.inverse": False}]


def test_closing_a_keeper_that_has_kept_nothing_does_nothing():
    Keeper(lambda error: None).close()
