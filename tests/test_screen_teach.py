"""Teach: draw, say what it is, and it is on the disk; take it back, and bring it back."""

import threading

import pygame
import pytest
from drawings import digit, doodle, twelve
from kiosks import Clock, settings, until

from device import sample_file
from device.demo import Visitor
from device.errors import SamplesError
from device.kiosk import Kiosk
from device.library import Library
from device.recognizer import Recognizer
from device.samples import LABELS, Samples


@pytest.fixture(params=["800x480"])
def kiosk(request, recognizer, lights, tmp_path):
    folder = {"folder": str(tmp_path / "samples")}
    made = Kiosk(settings(request.param, samples=folder), recognizer, lights, clock=Clock())
    made.go("teach")
    made.step(0.001)
    yield made
    recognizer.gate.set()
    made.go("main")
    made.step(0.001)
    made.close()


def ready(kiosk):
    until(kiosk, lambda: not kiosk.screen.busy)
    kiosk.step(0.001)
    return kiosk.screen


def teach(kiosk, ink, label):
    visitor = Visitor(kiosk)
    visitor.draw(ink)
    visitor.tap(label)


def looks(kiosk):
    return {name: button.look for name, button in kiosk.screen.controls.buttons.items()}


def counts(kiosk):
    return {label: n for label, n in ready(kiosk).kept.counts.items() if n}


def test_a_drawing_is_kept_under_its_label_and_the_canvas_is_empty_again(kiosk):
    teach(kiosk, digit(3), "3")
    assert looks(kiosk)["3"] == "off", "there is nothing to keep"
    assert counts(kiosk) == {"3": 1}
    (sample,) = Samples(kiosk.samples.folder)
    assert sample.label == "3"
    for drawn, meant in zip(sample.ink.strokes, digit(3).strokes, strict=True):
        assert drawn.xy == pytest.approx(meant.xy, abs=1e-5)


def test_every_label_has_its_button_with_its_count(kiosk):
    for label in LABELS:
        teach(kiosk, digit(1), label)
    teach(kiosk, doodle(), "none")
    assert counts(kiosk) == {**dict.fromkeys(LABELS, 1), "none": 2}
    notes = {label: kiosk.screen.controls.buttons[label].note for label in LABELS}
    assert notes == {**dict.fromkeys(LABELS, "1"), "none": "2"}


def test_the_last_one_is_deleted_and_brought_back(kiosk, visitor):
    assert looks(kiosk)["delete"] == "off"
    teach(kiosk, digit(3), "3")
    teach(kiosk, digit(5), "5")
    ready(kiosk)
    visitor.tap("delete")
    assert counts(kiosk) == {"3": 1}
    assert kiosk.screen._said == "deleted: 5"
    visitor.tap("restore")
    assert counts(kiosk) == {"3": 1, "5": 1}
    assert looks(kiosk)["restore"] == "off"


def test_clear_keeps_nothing(kiosk, visitor):
    visitor.draw(digit(3))
    assert looks(kiosk)["3"] == "plain"
    visitor.tap("clear")
    visitor.tap("3")
    assert counts(kiosk) == {}


def test_teaching_leaves_the_drawing_on_the_main_screen_alone(kiosk):
    ink = kiosk.desk.ink
    teach(kiosk, digit(3), "3")
    assert kiosk.desk.ink == ink
    Visitor(kiosk).tap("back")
    assert kiosk.screen.name == "main"


def test_drawings_faster_than_the_disk_are_all_kept_in_their_order(kiosk, monkeypatch):
    gate, append = threading.Event(), sample_file.SampleFile.append

    def slow(self, values):
        assert gate.wait(60)
        append(self, values)

    monkeypatch.setattr(sample_file.SampleFile, "append", slow)
    for value in (3, 1, 4):
        teach(kiosk, digit(value), str(value))
    gate.set()
    ready(kiosk)
    assert [sample.label for sample in kiosk.samples] == ["3", "1", "4"]


def test_what_was_taught_just_before_leaving_is_kept(kiosk, visitor, monkeypatch):
    gate, append = threading.Event(), sample_file.SampleFile.append
    kept, close = threading.Event(), Samples.close

    def slow(self, values):
        assert gate.wait(60)
        append(self, values)

    monkeypatch.setattr(sample_file.SampleFile, "append", slow)
    monkeypatch.setattr(Samples, "close", lambda self: (close(self), kept.set()))
    for value in (3, 1, 4):
        teach(kiosk, digit(value), str(value))
    visitor.tap("back")
    gate.set()
    assert kept.wait(60)
    assert len(Samples(kiosk.samples.folder)) == 3


def test_who_leaves_lets_others_write(kiosk, visitor, monkeypatch):
    closed, close = threading.Event(), Samples.close
    monkeypatch.setattr(Samples, "close", lambda self: (close(self), closed.set()))
    teach(kiosk, digit(3), "3")
    ready(kiosk)
    other = Samples(kiosk.samples.folder)
    with pytest.raises(SamplesError):
        other.add(digit(4), "4")
    visitor.tap("back")
    assert closed.wait(60)
    assert other.add(digit(4), "4").number == 2


def test_a_drawing_that_cannot_be_kept_stays_on_the_canvas_and_one_line_says_why(kiosk, visitor):
    kiosk.samples.folder.write_text("a file where the folder should be")
    teach(kiosk, digit(3), "3")
    screen = ready(kiosk)
    assert "cannot be written" in screen._error
    assert "\n" not in screen._error
    assert looks(kiosk)["3"] == "plain", "the drawing is there again"
    kiosk.samples.folder.unlink()
    visitor.tap("3")
    assert counts(kiosk) == {"3": 1}
    assert kiosk.screen._error == ""


@pytest.mark.parametrize(
    ("ink", "words"),
    [
        (digit(3), "looks like 3"),
        (doodle(), "REJECTED"),
        (twelve(), "MORE THAN ONE SYMBOL"),
    ],
)
def test_the_teacher_is_told_what_the_model_takes_it_for(lights, tmp_path, ink, words):
    folder = {"folder": str(tmp_path)}
    kiosk = Kiosk(settings("800x480", samples=folder), Recognizer(Library()), lights, clock=Clock())
    try:
        kiosk.go("teach")
        kiosk.step(0.001)
        Visitor(kiosk).draw(ink)
        until(kiosk, lambda: kiosk.screen._said == words)
    finally:
        kiosk.close()


def test_a_guess_about_what_is_gone_is_not_shown(kiosk, visitor, recognizer):
    recognizer.gate.clear()
    visitor.draw(digit(3))
    assert recognizer.started.wait(60)
    visitor.tap("clear")
    recognizer.gate.set()
    for _ in range(20):
        kiosk.step(0.01)
    assert kiosk.screen._said == ""


def test_what_was_taught_before_is_counted_when_one_comes_again(kiosk, visitor):
    teach(kiosk, digit(3), "3")
    ready(kiosk)
    visitor.tap("back")
    kiosk.go("teach")
    kiosk.step(0.001)
    assert counts(kiosk) == {"3": 1}


@pytest.mark.parametrize(
    "kiosk", ["480x320", "800x480", "1024x600", "720x1280", "1920x1080", "320x480"], indirect=True
)
def test_every_button_has_its_place_on_every_panel(kiosk):
    screen = ready(kiosk)
    names = [*LABELS, "clear", "delete", "restore", "files", "back"]
    places = [screen.target(name) for name in names]
    # The smallest panel upright: a canvas to draw on matters more than the last millimetre.
    least = (0.85 if kiosk.surface.get_size() == (320, 480) else 0.95) * screen.cell
    corner = [round(v) for v in screen.to_window(0, 0)]
    side = round(screen.to_window(1, 0)[0]) - corner[0]
    for number, place in enumerate(places):
        assert screen.area.contains(place)
        assert min(place.width, place.height) >= least
        assert not any(place.overlaps(other) for other in places[:number])
        assert not place.overlaps(type(place)(*corner, side, side))
    assert side >= 0.5 * min(kiosk.surface.get_size())


def test_nothing_is_sent_to_the_screen_when_nothing_changed(kiosk, monkeypatch):
    ready(kiosk)
    sent = []
    monkeypatch.setattr(pygame.display, "update", sent.append)
    for _ in range(3):
        kiosk.step(0.001)
    assert sent == []
