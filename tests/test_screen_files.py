"""Labelled drawings to and from files, from the screen."""

import json
import threading

import pytest
from drawings import digit, doodle
from kiosks import settings, until

from device import exchange
from device.kiosk import Kiosk
from device.samples import Samples
from device.screen import theme


@pytest.fixture(autouse=True)
def no_medium(monkeypatch):
    monkeypatch.setattr(exchange, "ROOTS", ())


@pytest.fixture(params=["800x480"])
def kiosk(request, recognizer, lights, tmp_path):
    with Samples(tmp_path) as samples:
        samples.add(digit(3), "3")
        samples.add(digit(5), "5")
        samples.add(doodle(), "none")
    folder = {"folder": str(tmp_path)}
    made = Kiosk(settings(request.param, samples=folder), recognizer, lights)
    yield made
    made.go("main")
    made.step(0.001)
    made.close()


def looked(kiosk):
    kiosk.go("files")
    kiosk.step(0.001)
    until(kiosk, lambda: kiosk.screen._place is not None)
    kiosk.step(0.001)
    return kiosk.screen


def done(kiosk):
    until(kiosk, lambda: not kiosk.screen.busy)
    before = kiosk.screen._place
    until(kiosk, lambda: kiosk.screen._place is not before)
    kiosk.step(0.001)
    return kiosk.screen


def looks(kiosk):
    return {name: button.look for name, button in kiosk.screen.controls.buttons.items()}


def test_it_is_a_tap_away_from_teach(kiosk, visitor):
    kiosk.go("teach")
    kiosk.step(0.001)
    visitor.tap("files")
    assert kiosk.screen.name == "files"
    visitor.tap("back")
    assert kiosk.screen.name == "teach"


def test_all_drawings_are_exported_in_both_forms_and_the_result_is_said(kiosk, visitor):
    looked(kiosk)
    visitor.tap("export")
    screen = done(kiosk)
    assert screen.said == "samples.json: 2 written · samples.jsonl: 3 written"
    folder = kiosk.samples.folder / "exchange"
    pictures = json.loads((folder / "samples.json").read_text())
    assert [picture["label"] for picture in pictures] == ["3", "5"]
    lines = (folder / "samples.jsonl").read_text().splitlines()
    assert [json.loads(line)["label"] for line in lines] == ["3", "5", "none"]


@pytest.mark.parametrize(
    ("name", "labels"),
    [("samples.jsonl", ["3", "5", "none"]), ("samples.json", ["3", "5"])],
)
def test_what_was_exported_is_imported(kiosk, visitor, name, labels):
    looked(kiosk)
    assert looks(kiosk)[name] == "off", "there is no such file yet"
    visitor.tap("export")
    done(kiosk)
    visitor.tap(name)
    screen = done(kiosk)
    assert screen.said == f"{len(labels)} added"
    assert [sample.label for sample in kiosk.samples][3:] == labels


def test_what_is_no_drawing_is_skipped_and_said(kiosk, visitor):
    folder = kiosk.samples.folder / "exchange"
    folder.mkdir()
    (folder / "samples.jsonl").write_text('{"label": "11", "strokes": [[[0, 0, 0]]]}\n')
    looked(kiosk)
    visitor.tap("samples.jsonl")
    screen = done(kiosk)
    assert screen.said.startswith("0 added, 1 skipped (drawing 1: ")
    assert len(kiosk.samples) == 3


def test_a_file_that_is_damaged_is_refused_in_one_line(kiosk, visitor):
    folder = kiosk.samples.folder / "exchange"
    folder.mkdir()
    (folder / "samples.json").write_text('[{"image": [')
    looked(kiosk)
    visitor.tap("samples.json")
    screen = done(kiosk)
    assert "breaks off" in screen.said
    assert "\n" not in screen.said
    assert len(kiosk.samples) == 3


def test_how_far_it_is_can_be_seen_and_nothing_else_is_begun_meanwhile(kiosk, visitor, monkeypatch):
    half, go_on = threading.Event(), threading.Event()

    def slow(samples, folder, progress):
        progress(0.5)
        half.set()
        assert go_on.wait(60)
        return {exchange.JSON: 0}

    monkeypatch.setattr(exchange, "export", slow)
    screen = looked(kiosk)
    visitor.tap("export")
    assert half.wait(60)
    kiosk.step(0.001)
    middle = screen._bar.centre[1]

    def colour(share):
        return kiosk.surface.get_at((round(screen._bar.x + share * screen._bar.width), middle))[:3]

    middle = round(middle)
    assert (colour(0.45), colour(0.2)) == (theme.BAR, theme.BAR)
    assert colour(0.6) not in (theme.BAR, theme.GROUND)
    assert set(looks(kiosk).values()) == {"off", "plain"}
    assert looks(kiosk)["export"] == "off"
    go_on.set()
    done(kiosk)
    assert colour(0.2) == theme.GROUND
    assert looks(kiosk)["export"] == "primary"


def test_who_leaves_does_not_stop_an_import(kiosk, visitor, monkeypatch):
    go_on, closed, close = threading.Event(), threading.Event(), Samples.close

    def slow(samples, folder, progress):
        assert go_on.wait(60)
        return {exchange.JSON: samples.export_json(folder / exchange.JSON, progress).written}

    monkeypatch.setattr(exchange, "export", slow)
    monkeypatch.setattr(Samples, "close", lambda self: (close(self), closed.set()))
    looked(kiosk)
    visitor.tap("export")
    visitor.tap("back")
    assert kiosk.screen.name == "main"
    go_on.set()
    assert closed.wait(60)
    assert (kiosk.samples.folder / "exchange" / "samples.json").exists()


def test_a_medium_that_is_plugged_in_is_found(kiosk, monkeypatch, tmp_path):
    now = [kiosk.now()]
    screen = looked(kiosk)
    stick = tmp_path / "stick"
    monkeypatch.setattr(kiosk, "now", lambda: now[0])
    monkeypatch.setattr(exchange, "place", lambda _: stick)
    stick.mkdir()
    assert screen._place.folder == tmp_path / "exchange"
    now[0] += 10
    until(kiosk, lambda: screen._place.folder == stick)


@pytest.mark.parametrize("kiosk", ["480x320", "720x1280", "1920x1080"], indirect=True)
def test_every_button_has_its_place_on_every_panel(kiosk):
    screen = looked(kiosk)
    places = [screen.target(name) for name in ("back", "export", *exchange.NAMES)]
    for number, place in enumerate(places):
        assert screen.area.contains(place)
        assert min(place.width, place.height) >= 0.95 * screen.cell
        assert not any(place.overlaps(other) for other in places[:number])
