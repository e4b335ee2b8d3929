"""From ink to a reading, by any model, with normalising on or off, one or many."""

import math
import shutil
import time
from dataclasses import replace

import numpy as np
import pytest

from device import curve, normalise, raster, symbols
from device.bench import pipeline
from device.errors import ModelError
from device.ink import Ink, Stroke
from device.library import Library, shipped_folder
from device.reading import Verdict
from device.recognizer import Readers, Recognizer, sturdy
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


def said(reading):
    """A reading without the time it took."""
    return replace(reading, milliseconds=0.0)


INKS = [drawings.digit(3), Ink(), drawings.twelve(), drawings.doodle(), drawings.digit(8)]


@pytest.mark.parametrize("normalised", [True, False])
@pytest.mark.parametrize("name", ["inkling", "gubboit", "digito", "flask-cnn"])
def test_many_are_read_as_each_alone(name, normalised):
    recognizer = Recognizer(Library(), name)
    together = recognizer.read_many(INKS, normalised)
    alone = [recognizer.read(ink, normalised) for ink in INKS]
    assert list(map(said, together)) == list(map(said, alone))
    for one, other in zip(together, alone, strict=True):
        assert np.array_equal(one.model_input, other.model_input)
    assert [reading.verdict is Verdict.BLANK for reading in together] == [
        ink.is_blank for ink in INKS
    ]


def test_none_at_all_are_no_readings(recognizer):
    assert recognizer.read_many([]) == []


def test_a_batch_shares_its_time_evenly(recognizer):
    first, blank, *others = recognizer.read_many(INKS)
    assert first.milliseconds > 0
    assert blank.milliseconds == 0
    assert {reading.milliseconds for reading in others} == {first.milliseconds}


@pytest.mark.parametrize(("name", "lines"), [("inkling", 1), ("gubboit", 1), ("digito", 2)])
def test_ink_is_smoothed_once_for_symbols_model_and_gate(name, lines, monkeypatch):
    """A pipeline that starts from the drawn canvas needs the lines closer than the rest do."""
    recognizer = Recognizer(Library(), name)
    spacings = []

    def smoothed(ink, spacing, _):
        spacings.append(spacing)
        return [curve.smooth(stroke.xy, spacing) for stroke in ink.strokes]

    monkeypatch.setattr(Ink, "smoothed", smoothed)
    recognizer.read(drawings.digit(3))
    assert len(spacings) == len(set(spacings)) == lines


@pytest.mark.parametrize("name", ["inkling", "gubboit", "abc1203", "digito"])
def test_what_is_read_while_it_grows_is_seen_as_if_it_were_new(name, monkeypatch):
    monkeypatch.setattr(raster, "_FEW", 0)
    library = Library()
    reader = Recognizer(library, name)
    several = drawings.twelve().strokes + drawings.digit(8).scaled(1.2).strokes
    for count in range(1, len(several) + 1):
        *before, last = several[:count]
        for points in range(1, len(last) + 1, 3):
            ink = Ink((*before, Stroke(last.samples[:points])))
            grown, fresh = reader.look_at(ink), Recognizer(library, name).look_at(ink)
            assert np.array_equal(grown.seen, fresh.seen)
            assert grown.symbols == fresh.symbols


@pytest.mark.parametrize("name", ["inkling", "gubboit", "digito"])
def test_much_ink_that_grows_is_read_without_being_looked_at_again(name, monkeypatch):
    """And once it is finished, as all ink is."""
    library = Library()
    reader = Recognizer(library, name)
    *before, last = pipeline.scribble(1200).strokes
    versions = [Ink((*before, Stroke(last.samples[:count]))) for count in range(80, 101)]
    fresh = Recognizer(library, name).look_at(versions[-1])
    for ink in versions[:-1]:
        reader.look_at(ink, growing=True)
    with monkeypatch.context() as patch:
        if isinstance(reader.pipeline, normalise.LinePipeline):
            patch.setattr(reader, "_smooth", lambda *_: pytest.fail("all of it is looked at"))
        patch.setattr(symbols, "count_paths", lambda *_: pytest.fail("all of it is looked at"))
        grown = reader.look_at(versions[-1], growing=True)
    for seen, anew in ((grown.seen, fresh.seen), (grown.gate_seen, fresh.gate_seen)):
        assert abs(seen.astype(int) - anew).max() < 64
    assert grown.symbols == fresh.symbols
    finished = reader.look_at(versions[-1])
    assert np.array_equal(finished.seen, fresh.seen)
    assert np.array_equal(finished.gate_seen, fresh.gate_seen)


def test_an_ordinary_drawing_that_grows_is_seen_as_if_it_were_new():
    reader = Recognizer(Library())
    (stroke,) = drawings.digit(3).strokes
    for count in range(1, len(stroke) + 1):
        ink = Ink((Stroke(stroke.samples[:count]),))
        assert np.array_equal(reader.look_at(ink, growing=True).seen, reader.look_at(ink).seen)


def test_once_nobody_draws_nothing_of_the_ink_is_kept():
    readers = Readers(Library(), "inkling", 0.5)
    recognizer, _ = readers.first()
    ink = pipeline.scribble(1000)
    before = recognizer.read(ink)
    recognizer.read(ink, growing=True)
    assert recognizer._smooth._kept and recognizer._draw._kept and recognizer._accumulation._lines
    readers.forget()
    assert not recognizer._smooth._kept and not recognizer._draw._kept
    assert not recognizer._accumulation._lines
    assert recognizer.read(ink).probabilities == before.probabilities


def test_a_small_drawing_lets_go_of_a_large_one():
    recognizer = Recognizer(Library())
    recognizer.read(pipeline.scribble(1000))
    for value in range(5):
        recognizer.read(drawings.digit(value))
    assert (28, 28) not in [shape for shape, _ in recognizer._draw._kept]
    assert sum(len(kept.lines) for kept in recognizer._smooth._kept.values()) < 10


@pytest.mark.parametrize("name", ["inkling", "gubboit", "abc1203", "digito"])
def test_with_normalising_off_the_model_gets_the_canvas_as_it_is(name):
    recognizer = Recognizer(Library(), name)
    ink = drawings.digit(7).scaled(0.5).moved(0.2, 0.1)
    reading = recognizer.read(ink, normalised=False)
    canvas = normalise.PIPELINES["canvas"].from_ink(ink)
    expected = 255 - canvas if name == "digito" else canvas
    assert np.array_equal(reading.model_input, expected)


def test_with_normalising_off_the_gate_is_not_asked(recognizer):
    doodle = recognizer.read(drawings.doodle(), normalised=False)
    assert (doodle.verdict, doodle.gate, doodle.gated) == (Verdict.ACCEPTED, 1.0, False)
    assert recognizer.read(drawings.doodle()).gated


def test_with_normalising_off_several_symbols_are_still_several(recognizer):
    reading = recognizer.read(drawings.twelve(), normalised=False)
    assert (reading.verdict, reading.symbols) == (Verdict.SEVERAL, 2)


@pytest.mark.parametrize("name", ["inkling", "digito", "flask-cnn"])
@pytest.mark.parametrize("normalised", [True, False])
def test_a_model_that_looks_at_the_canvas_sees_nothing_beside_it(name, normalised):
    beside = drawings.digit(3).moved(2.0, 0.0)
    reading = Recognizer(Library(), name).read(beside, normalised)
    assert (reading.verdict is Verdict.BLANK) == (name != "inkling" or not normalised)


def test_the_model_alone_says_of_an_input_what_the_reading_says(recognizer):
    readings = recognizer.read_many([drawings.digit(value) for value in range(10)])
    rows = recognizer.probabilities(np.stack([reading.model_input for reading in readings]))
    assert [tuple(row) for row in rows.tolist()] == [one.probabilities for one in readings]
    assert recognizer.probabilities(np.zeros((0, 28, 28), np.uint8)).shape == (0, 10)


def test_the_models_speed_is_the_median_of_its_turns(recognizer, monkeypatch):
    ticks = iter([0.0, 1e-6, 10.0, 10.0 + 5e-6, 20.0, 29.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(ticks))
    assert recognizer.microseconds(turns=3) == pytest.approx(5.0)


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


def test_a_recogniser_is_opened_when_it_is_first_asked_for_and_once():
    opened = []

    class Counting(Library):
        def open(self, name):
            opened.append(name)
            return super().open(name)

    library = Counting()
    first = Recognizer(library, "gubboit")
    opened.clear()
    readers = Readers(library, first, 0.7)
    assert readers.get("gubboit") is first
    assert opened == []
    flask = readers.get("flask-mlp")
    assert (flask.model, flask.threshold) == ("flask-mlp", 0.7)
    assert opened[0] == "flask-mlp"
    opened.clear()
    assert readers.get("flask-mlp") is flask
    assert opened == []


def test_an_unknown_recogniser_names_the_nearest(recognizer):
    with pytest.raises(ModelError, match="did you mean 'gubboit'"):
        Readers(Library(), recognizer, 0.5).get("gubboid")


def test_a_damaged_model_is_refused_and_the_others_are_given(folder, recognizer):
    (folder / "flask-cnn.tflite").write_bytes(b"TFL3 damaged")
    readers = Readers(Library(folder), recognizer, 0.5)
    with pytest.raises(ModelError, match="'flask-cnn' is damaged or was changed"):
        readers.get("flask-cnn")
    assert readers.get("toy-mlp").model == "toy-mlp"


def test_a_model_whose_gate_is_damaged_is_given_with_another(folder, recognizer):
    (folder / "gubboit-gate.tflite").unlink()
    gubboit = Readers(Library(folder), recognizer, 0.5).get("gubboit")
    assert gubboit.read(drawings.doodle()).verdict is Verdict.REJECTED


@pytest.mark.parametrize("lean", [-35, -20, -5, 0, 5, 20, 35])
def test_a_plain_bar_is_a_one_however_it_leans(recognizer, lean):
    turned = Ink.of([[(0.5, 0.15 + 0.05 * i) for i in range(15)]]).rotated(math.radians(lean))
    reading = recognizer.read(turned)
    assert (reading.verdict, reading.digit) == (Verdict.ACCEPTED, 1)


def test_a_lying_bar_is_no_digit(recognizer):
    reading = recognizer.read(Ink.of([[(0.15 + 0.05 * i, 0.5) for i in range(15)]]))
    assert reading.verdict is Verdict.REJECTED
