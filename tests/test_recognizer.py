"""From ink to a reading, and a worker that keeps up with the finger."""

import shutil
import threading

import numpy as np
import pytest

from device import raster
from device.errors import ModelError
from device.ink import Ink
from device.library import Library, shipped_folder
from device.reading import Reading, Verdict
from device.recognizer import Recognizer, Worker, sturdy
from tests import drawings


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer(Library())


@pytest.mark.parametrize("digit", range(10))
def test_each_drawn_digit_is_read_and_accepted(recognizer, digit):
    reading = recognizer.read(drawings.digit(digit))
    assert (reading.verdict, reading.digit) == (Verdict.ACCEPTED, digit)
    assert abs(sum(reading.probabilities) - 1) < 1e-9


@pytest.mark.parametrize("digit", range(10))
def test_a_picture_of_the_drawing_is_read_the_same(recognizer, digit):
    picture = raster.draw(drawings.digit(digit), 300, 0.05)
    for grey in (picture, 255 - picture):
        reading = recognizer.read_pixels(grey)
        assert (reading.verdict, reading.digit) == (Verdict.ACCEPTED, digit)


def test_size_and_place_do_not_matter(recognizer):
    ink = drawings.digit(5)
    small = ink.scaled(0.15).moved(0.3, -0.35)
    assert recognizer.read(small).probabilities == recognizer.read(ink).probabilities


def test_a_doodle_is_rejected_and_still_has_a_best_guess(recognizer):
    reading = recognizer.read(drawings.doodle())
    assert reading.verdict is Verdict.REJECTED
    assert reading.digit in range(10)


def test_twelve_is_several(recognizer):
    reading = recognizer.read(drawings.twelve())
    assert (reading.verdict, reading.symbols) == (Verdict.SEVERAL, 2)


def test_a_blank_canvas_says_nothing(recognizer):
    for reading in (recognizer.read(Ink()), recognizer.read_pixels(np.zeros((9, 9), np.uint8))):
        assert (reading.verdict, reading.digit, reading.symbols) == (Verdict.BLANK, None, 0)


def test_the_threshold_decides():
    strict = Recognizer(Library(), threshold=1.0)
    assert strict.read(drawings.doodle()).verdict is Verdict.REJECTED
    lax = Recognizer(Library(), threshold=0.0)
    assert lax.read(drawings.doodle()).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("name", Library().digit_models)
def test_every_model_answers_both_questions(name):
    recognizer = Recognizer(Library(), name)
    reading = recognizer.read(drawings.digit(3))
    assert reading.model == name
    assert 0 <= reading.gate <= 1
    assert reading.model_input.shape == (28, 28)


def test_an_unknown_model_is_a_clear_error():
    with pytest.raises(ModelError, match="unknown model"):
        Recognizer(Library(), "nobody")


class SlowRecognizer:
    """Reads only when told to, and notes what it was asked."""

    def __init__(self):
        self.asked = []
        self.begun = threading.Semaphore(0)
        self.go = threading.Semaphore(0)

    def read(self, ink):
        self.asked.append(ink)
        self.begun.release()
        assert self.go.acquire(timeout=10)
        if ink == "broken":
            raise RuntimeError("this drawing breaks it")
        return Reading.blank(str(ink))


@pytest.fixture
def slow():
    recognizer = SlowRecognizer()
    results, errors = [], []
    done = threading.Semaphore(0)

    def deliver(reading, ticket):
        results.append((reading.model, ticket))
        done.release()

    def failed(error, ticket):
        errors.append((str(error), ticket))
        done.release()

    worker = Worker(recognizer, deliver, failed)
    yield recognizer, worker, results, errors, done
    for _ in range(10):
        recognizer.go.release()
    worker.close()
    assert not worker.alive


def test_the_latest_ink_wins(slow):
    recognizer, worker, results, _, done = slow
    worker.submit("first", 1)
    assert recognizer.begun.acquire(timeout=10)
    for ticket in range(2, 50):
        worker.submit(f"ink {ticket}", ticket)
    recognizer.go.release(2)
    assert done.acquire(timeout=10)
    assert done.acquire(timeout=10)
    assert results == [("first", 1), ("ink 49", 49)]


def test_a_failed_reading_does_not_stop_the_worker(slow):
    recognizer, worker, results, errors, done = slow
    recognizer.go.release(2)
    worker.submit("broken", 1)
    assert done.acquire(timeout=10)
    worker.submit("whole", 2)
    assert done.acquire(timeout=10)
    assert errors == [("this drawing breaks it", 1)]
    assert results == [("whole", 2)]


def test_closing_twice_is_harmless(slow):
    recognizer, worker, *_ = slow
    recognizer.go.release()
    worker.close()
    worker.close()


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(shipped_folder(), tmp_path / "models")
    return tmp_path / "models"


def test_a_whole_library_needs_no_substitute():
    recognizer, notice = sturdy(Library(), "gubboit", 0.5)
    assert (recognizer.model, notice) == ("gubboit", None)


def test_a_damaged_model_is_replaced_and_said_so(folder, caplog):
    (folder / "inkling.tflite").write_bytes(b"TFL3 damaged")
    recognizer, notice = sturdy(Library(folder), "inkling", 0.5)
    assert recognizer.model != "inkling"
    assert recognizer.read(drawings.digit(3)).digit == 3
    assert notice == f"a model is damaged: reading with {recognizer.model}"
    assert caplog.text.count("is damaged or was changed") == 1


def test_a_damaged_gate_is_replaced_and_the_model_kept(folder):
    (folder / "gubboit-gate.tflite").unlink()
    recognizer, notice = sturdy(Library(folder), "gubboit", 0.5)
    assert recognizer.model == "gubboit"
    assert "with inkling as gate" in notice


def test_without_any_whole_model_the_first_problem_is_told(folder):
    for file in folder.glob("*.tflite"):
        file.unlink()
    with pytest.raises(ModelError, match="model 'inkling' cannot be read"):
        sturdy(Library(folder), "inkling", 0.5)


def test_a_gate_alone_cannot_be_chosen():
    with pytest.raises(ModelError, match="only tells whether a drawing is a digit"):
        Recognizer(Library(), "gubboit-gate")
