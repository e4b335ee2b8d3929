"""Choosing the model: what each card says, and whose answer is then shown."""

import shutil

import pytest
from drawings import digit
from kiosks import Clock, colours, drag, settings, until

from device.demo import Visitor
from device.kiosk import Kiosk
from device.library import Library, shipped_folder
from device.recognizer import Recognizer
from device.screen import theme

DAMAGED = "flask-cnn"


def made(lights, size="800x480", library=None):
    library = library or Library()
    return Kiosk(settings(size), Recognizer(library), lights, library=library, clock=Clock())


@pytest.fixture
def kiosk(lights):
    kiosk = made(lights)
    yield kiosk
    kiosk.close()


@pytest.fixture
def damaged(tmp_path):
    """The shipped models, one of them with a byte that is not its own."""
    folder = tmp_path / "models"
    shutil.copytree(shipped_folder(), folder)
    file = folder / Library(folder).entry(DAMAGED).file
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    return Library(folder)


def show(kiosk):
    kiosk.go("models")
    kiosk.step(0.001)
    return kiosk.screen


def measured(kiosk):
    screen = kiosk.screen
    until(kiosk, lambda: all(map(screen.speed, kiosk.library.digit_models)))


def test_the_speed_of_every_model_on_this_device_is_measured(kiosk):
    screen = show(kiosk)
    assert screen.speed("inkling") is None
    measured(kiosk)
    for name in kiosk.library.digit_models:
        assert 0 < screen.speed(name).microseconds < 1e6


def test_a_speed_that_comes_is_shown(kiosk):
    screen = show(kiosk)
    card = kiosk.surface.subsurface(screen.target("inkling"))
    before = card.copy().get_view("2").raw
    measured(kiosk)
    kiosk.step(0.001)
    assert card.copy().get_view("2").raw != before


def test_a_tap_chooses_the_model_that_reads_the_drawing_from_now_on(kiosk, visitor):
    visitor.draw(digit(4))
    assert visitor.wait()
    assert kiosk.reading.model == "inkling"
    show(kiosk)
    visitor.tap("gubboit")
    assert kiosk.screen.name == "main"
    assert visitor.wait()
    assert (kiosk.reading.model, kiosk.reading.digit) == ("gubboit", 4)


def test_a_model_can_be_chosen_before_anything_is_drawn(kiosk, visitor):
    show(kiosk)
    visitor.tap("digito")
    assert kiosk.reading.model == "digito"
    visitor.draw(digit(7))
    assert visitor.wait()
    assert kiosk.reading.model == "digito"


def test_the_next_visitor_finds_the_configured_model(kiosk, visitor):
    show(kiosk)
    visitor.tap("gubboit")
    kiosk.desk.forget()
    assert kiosk.desk.model == "inkling"


def test_the_chosen_model_is_marked_in_colour(kiosk, visitor):
    show(kiosk)
    visitor.tap("gubboit")
    screen = show(kiosk)
    assert theme.BAR in colours(kiosk, screen.target("gubboit"))
    assert theme.BAR not in colours(kiosk, screen.target("inkling"))


def test_a_damaged_model_is_shown_so_and_cannot_be_chosen(lights, damaged):
    kiosk = made(lights, "720x1280", damaged)
    visitor = Visitor(kiosk)
    try:
        screen = show(kiosk)
        measured(kiosk)
        assert screen.speed(DAMAGED).microseconds is None
        assert screen.speed("scratch-mlp").microseconds is not None
        x, y = screen.target("inkling").centre
        drag(kiosk, (x, y), (x, y - 1000))
        assert any(r > 200 > 110 > g for r, g, _ in colours(kiosk, screen.target(DAMAGED)))
        visitor.tap(DAMAGED)
        assert (kiosk.screen.name, kiosk.desk.model) == ("models", "inkling")
    finally:
        kiosk.close()


def test_what_has_no_room_is_dragged_into_view(lights):
    kiosk = made(lights, "480x320")
    visitor = Visitor(kiosk)
    try:
        screen = show(kiosk)
        with pytest.raises(KeyError):
            screen.target("scratch-mlp")
        for _ in range(20):
            x, y = screen.body.centre
            drag(kiosk, (x, y), (x, y - 100))
        assert kiosk.screen is screen, "a finger that drags chooses nothing"
        visitor.tap("scratch-mlp")
        assert kiosk.desk.model == "scratch-mlp"
        # It is in view when one comes back.
        assert show(kiosk).target("scratch-mlp").height > 40
    finally:
        kiosk.close()
