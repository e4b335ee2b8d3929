"""Every model's answer to the same drawing, side by side."""

import shutil

import numpy as np
import pytest
from drawings import digit, doodle, twelve
from kiosks import Clock, colours, settings, until

from device.demo import Visitor
from device.kiosk import Kiosk
from device.library import Library, shipped_folder
from device.reading import Verdict
from device.recognizer import Recognizer
from device.screen import theme

MODELS = Library().digit_models


@pytest.fixture(params=["800x480"])
def kiosk(request, lights):
    library = Library()
    kiosk = Kiosk(
        settings(request.param), Recognizer(library), lights, library=library, clock=Clock()
    )
    yield kiosk
    kiosk.close()


def compared(kiosk, ink):
    visitor = Visitor(kiosk)
    visitor.draw(ink)
    visitor.wait()
    kiosk.go("compare")
    kiosk.step(0.001)
    until(kiosk, lambda: all(map(kiosk.screen.answer, kiosk.library.digit_models)))
    kiosk.step(0.001)
    return kiosk.screen


def test_every_model_says_what_it_would_say_alone_and_what_it_saw(kiosk):
    screen = compared(kiosk, digit(4))
    for name in MODELS:
        alone = Recognizer(Library(), name).read(kiosk.desk.ink)
        said = screen.answer(name).reading
        assert (said.digit, said.verdict) == (alone.digit, alone.verdict)
        assert said.probabilities == alone.probabilities
        assert np.array_equal(said.model_input, alone.model_input)


def test_cards_are_empty_until_their_answer_comes(kiosk):
    Visitor(kiosk).draw(digit(4))
    kiosk.go("compare")
    kiosk._switch()
    kiosk._show()
    screen = kiosk.screen
    assert not any(map(screen.answer, MODELS))
    before = colours(kiosk, screen.target("inkling"))
    until(kiosk, lambda: all(map(screen.answer, MODELS)))
    kiosk.step(0.001)
    assert before < colours(kiosk, screen.target("inkling"))


@pytest.mark.parametrize(
    ("ink", "verdict"),
    [(digit(3), Verdict.ACCEPTED), (doodle(), Verdict.REJECTED), (twelve(), Verdict.SEVERAL)],
)
@pytest.mark.parametrize("kiosk", ["480x320", "720x1280"], indirect=True)
def test_the_verdict_is_there_in_its_colour(kiosk, ink, verdict):
    screen = compared(kiosk, ink)
    assert screen.answer("inkling").reading.verdict is verdict
    assert theme.ACCENTS[verdict] in colours(kiosk, screen.target("inkling"))


def test_without_normalising_every_model_gets_the_canvas_as_it_is(kiosk):
    kiosk.desk.normalised = False
    screen = compared(kiosk, digit(3))
    assert not any(screen.answer(name).reading.gated for name in MODELS)


def test_a_damaged_model_does_not_keep_the_others_from_answering(lights, tmp_path):
    folder = tmp_path / "models"
    shutil.copytree(shipped_folder(), folder)
    library = Library(folder)
    (folder / library.entry("digito").file).write_bytes(b"nothing")
    kiosk = Kiosk(settings("800x480"), Recognizer(library), lights, library=library, clock=Clock())
    try:
        screen = compared(kiosk, digit(3))
        assert screen.answer("digito").reading is None
        assert any(r > 200 > 110 > g for r, g, _ in colours(kiosk, screen.target("digito")))
        assert screen.answer(MODELS[-1]).reading.digit is not None
    finally:
        kiosk.close()


def test_what_lies_outside_the_canvas_is_not_seen(kiosk):
    kiosk.desk.normalised = False
    kiosk.desk.replace(digit(3).moved(3, 3))
    kiosk.go("compare")
    kiosk.step(0.001)
    until(kiosk, lambda: all(map(kiosk.screen.answer, MODELS)))
    kiosk.step(0.001)
    assert kiosk.screen.answer("inkling").reading.verdict is Verdict.BLANK
