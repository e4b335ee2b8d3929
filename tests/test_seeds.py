"""Everything that the five published systems let a person do, each row of their lists by its name.

A sequence of touches, and what is then seen. These run off-screen here, and once more in a real
window (test_kiosk_process.py).
"""

import json
import math

import pygame
import pytest
from drawings import digit, doodle, twelve
from kiosks import Clock, colours, settings, until

from device.demo import Visitor
from device.kiosk import Kiosk
from device.library import Library
from device.reading import Verdict
from device.recognizer import Recognizer
from device.samples import LABELS, Samples
from device.screen import theme


@pytest.fixture(scope="module")
def model():
    return Recognizer(Library())


@pytest.fixture
def kiosk(model, lights, tmp_path):
    folder = {"folder": str(tmp_path / "samples")}
    kiosk = Kiosk(settings("800x480", samples=folder), model, lights, clock=Clock())
    for _ in range(20):
        # A real window is shown, exposed and given the focus first.
        kiosk.step(0.01)
    yield kiosk
    kiosk.go("main")
    kiosk.step(0.001)
    kiosk.close()


@pytest.fixture
def visitor(kiosk):
    return Visitor(kiosk)


def drew(visitor, ink):
    visitor.draw(ink)
    assert visitor.wait()
    return visitor.kiosk.reading


def goes(visitor, *buttons):
    """Through the menu to a screen."""
    for button in ("menu", *buttons):
        visitor.tap(button)
    return visitor.kiosk.screen


# GubboIT Digit


def test_gubboit_drawing_area_in_a_red_frame(kiosk):
    canvas = kiosk.screen.layout.canvas
    for edge in ((canvas.x + 1, canvas.centre[1]), (canvas.centre[0], canvas.bottom - 2)):
        assert tuple(kiosk.surface.get_at(tuple(map(round, edge))))[:3] == theme.FRAME


def test_gubboit_predict_and_clear(kiosk, visitor):
    reading = drew(visitor, digit(3))
    visitor.tap("predict")
    assert visitor.wait()
    assert kiosk.reading is not reading and kiosk.reading.digit == 3
    visitor.tap("clear")
    assert kiosk.desk.ink.is_blank and kiosk.reading.verdict is Verdict.BLANK


def test_gubboit_big_digit_accepted_or_rejected(kiosk, visitor):
    assert drew(visitor, digit(7)).digit == 7
    answer = kiosk.screen.layout.answer
    assert {theme.ACCEPT, theme.TEXT} <= colours(kiosk, answer)
    visitor.tap("clear")
    assert drew(visitor, doodle()).verdict is Verdict.REJECTED
    shown = colours(kiosk, answer)
    assert {theme.REJECT, theme.MUTED} <= shown and theme.ACCEPT not in shown


def test_gubboit_ten_probabilities_whose_sum_is_one_as_a_bar_chart(kiosk, visitor):
    reading = drew(visitor, digit(4))
    assert len(reading.probabilities) == 10
    assert sum(reading.probabilities) == pytest.approx(1)
    bars = kiosk.screen.layout.bars
    assert theme.ACCEPT in colours(kiosk, bars[4])
    assert theme.ACCEPT not in colours(kiosk, bars[1])


@pytest.mark.parametrize(
    ("ink", "colour"),
    [(digit(3), theme.ACCEPT), (doodle(), theme.REJECT), (twelve(), theme.SEVERAL)],
)
def test_gubboit_digit_or_not_bar_green_red_or_yellow(kiosk, visitor, ink, colour):
    drew(visitor, ink)
    layout = kiosk.screen.layout
    assert colour in colours(kiosk, layout.verdict)
    others = {theme.ACCEPT, theme.REJECT, theme.SEVERAL} - {colour}
    assert not others & colours(kiosk, layout.gate_bar)


@pytest.mark.parametrize(
    ("arrow", "dx", "dy"), [("left", -1, 0), ("right", 1, 0), ("up", 0, -1), ("down", 0, 1)]
)
def test_gubboit_arrows_move_the_symbol(kiosk, visitor, arrow, dx, dy):
    drew(visitor, digit(5))
    before = kiosk.desk.ink.bounds.centre
    visitor.tap(arrow)
    after = kiosk.desk.ink.bounds.centre
    moved = [round(b - a, 6) for a, b in zip(before, after, strict=True)]
    assert [math.copysign(1, m) if m else 0 for m in moved] == [dx, dy]


def test_gubboit_minus_and_plus_zoom(kiosk, visitor):
    drew(visitor, digit(5))
    before = kiosk.desk.ink.bounds.height
    visitor.tap("larger")
    assert kiosk.desk.ink.bounds.height > before
    visitor.tap("smaller")
    assert kiosk.desk.ink.bounds.height == pytest.approx(before)


def test_gubboit_rotate_by_ten_degrees(kiosk, visitor):
    drew(visitor, digit(5))
    ink = kiosk.desk.ink
    for name, angle in (("turn_right", 10), ("turn_left", -10)):
        visitor.tap(name)
        assert kiosk.desk.ink == ink.rotated(math.radians(angle), ink.bounds.centre)
        visitor.tap("undo")


def test_gubboit_360_a_full_turn_and_the_button_reads_stop(kiosk, visitor):
    drew(visitor, digit(5))
    visitor.tap("turn")
    until(kiosk, lambda: "stop" in kiosk.screen.controls.buttons)
    assert kiosk.screen.controls.buttons["stop"].label == "Stop"
    until(kiosk, lambda: kiosk.screen.readings)
    for _ in range(200):
        kiosk._clock.time += 0.05
        kiosk.step(0.001)
    assert kiosk.screen.target("again")
    assert len(kiosk.screen.readings) == 36
    assert theme.ACCEPT in colours(kiosk, kiosk.screen.body)


def test_gubboit_normalisation_on_and_off_predict_green_and_blue(kiosk, visitor):
    assert drew(visitor, digit(3)).gated
    assert theme.ACCEPT in colours(kiosk, kiosk.screen.target("predict"))
    visitor.tap("normalised")
    assert visitor.wait()
    assert theme.BAR in colours(kiosk, kiosk.screen.target("predict"))
    assert not kiosk.reading.gated


def test_gubboit_pen_and_eraser(kiosk, visitor):
    drew(visitor, digit(1))
    before = kiosk.desk.ink.point_count
    visitor.tap("eraser")
    visitor.draw(digit(1))
    assert kiosk.desk.ink.is_blank or kiosk.desk.ink.point_count < before
    visitor.tap("eraser")
    visitor.draw(digit(1))
    assert kiosk.desk.ink.point_count >= digit(1).point_count


def test_gubboit_normalize_shows_the_box_then_resizes_and_centres(kiosk, visitor):
    drew(visitor, digit(5))
    visitor.tap("smaller")
    visitor.tap("left")
    expected = kiosk.desk.ink.fitted()
    visitor.tap("fit")
    assert theme.BAR in colours(kiosk, kiosk.screen.layout.paper)
    for _ in range(20):
        kiosk._clock.time += 0.05
        kiosk.step(0.001)
    assert kiosk.desk.ink == expected


def test_gubboit_inverse_colours(kiosk, visitor):
    drew(visitor, digit(5))
    paper = kiosk.screen.layout.paper
    corner = (paper.x + 30, paper.y + 12)
    visitor.tap("inverse")
    assert tuple(kiosk.surface.get_at(corner))[:3] == theme.INK


def test_gubboit_choose_the_model(kiosk, visitor):
    drew(visitor, digit(5))
    goes(visitor, "models")
    visitor.tap("gubboit")
    assert visitor.wait()
    assert (kiosk.screen.name, kiosk.reading.model) == ("main", "gubboit")


def test_gubboit_collect_labelled_symbols_and_export_them(kiosk, visitor, tmp_path):
    goes(visitor, "teach")
    visitor.draw(doodle())
    visitor.tap("none")
    visitor.draw(digit(2))
    visitor.tap("2")
    until(kiosk, lambda: not kiosk.screen.busy)
    with Samples(tmp_path / "samples") as samples:
        assert [sample.label for sample in samples] == ["none", "2"]
        samples.export_lines(tmp_path / "out.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [line["label"] for line in lines] == ["none", "2"]


# Digito


def test_digito_recognise_as_one_draws_and_lets_go(kiosk, visitor):
    reading = drew(visitor, digit(6))
    assert (reading.digit, reading.verdict) == (6, Verdict.ACCEPTED)


def test_digito_the_preprocessing_steps_one_by_one(kiosk, visitor):
    kiosk.desk.read_with("digito")
    drew(visitor, digit(6))
    screen = goes(visitor, "steps")
    until(kiosk, lambda: len(screen.controls.buttons) > 3)
    first = pygame.image.tobytes(kiosk.surface, "RGB")
    name = next(name for name in screen.controls.buttons if name != "back")
    visitor.tap(name)
    assert pygame.image.tobytes(kiosk.surface, "RGB") != first


# abc1203


def test_abc1203_the_drawing_stays_visible_next_to_its_prediction(kiosk, visitor):
    drew(visitor, digit(8))
    layout = kiosk.screen.layout
    assert theme.INK in colours(kiosk, layout.paper)
    assert theme.TEXT in colours(kiosk, layout.answer)


# niemenjoki/handwritten-digit-classification


def test_niemenjoki_teach_label_count_and_delete_the_last(kiosk, visitor):
    screen = goes(visitor, "teach")
    for value in (3, 3, 5):
        visitor.draw(digit(value))
        visitor.tap(str(value))
    until(kiosk, lambda: not screen.busy)
    kiosk.step(0.001)
    notes = {label: screen.controls.buttons[label].note for label in LABELS}
    assert (notes["3"], notes["5"], notes["0"]) == ("2", "1", "0")
    visitor.tap("delete")
    until(kiosk, lambda: not screen.busy)
    kiosk.step(0.001)
    assert screen.controls.buttons["5"].note == "0"


def test_niemenjoki_the_set_in_exactly_its_published_form(kiosk, visitor, tmp_path):
    goes(visitor, "teach")
    visitor.draw(digit(3))
    visitor.tap("3")
    until(kiosk, lambda: not kiosk.screen.busy)
    with Samples(tmp_path / "samples") as samples:
        samples.export_json(tmp_path / "set.json")
    (drawing,) = json.loads((tmp_path / "set.json").read_text())
    assert list(drawing) == ["image", "label"] and drawing["label"] == "3"
    assert len(drawing["image"]) == 784 and set(map(type, drawing["image"])) == {int}
    assert (max(drawing["image"]), drawing["image"][0]) == (255, 255), "255 is white paper"


# cullena20/DigitRecognizerWebsite


def test_cullena20_several_models_each_with_a_description(kiosk, visitor):
    goes(visitor, "models")
    library = kiosk.library
    assert len(library.digit_models) == 8
    assert all(library.entry(name).description for name in library.digit_models)
    assert kiosk.screen.target("gubboit")


def test_cullena20_the_processed_image_beside_the_prediction(kiosk, visitor):
    reading = drew(visitor, digit(2))
    area = kiosk.screen.layout.input
    picture = pygame.surfarray.array3d(kiosk.surface.subsurface(pygame.Rect(area)))[:, :, 0].T
    times = (area.width - 2) // 28
    assert (picture[1:-1:times, 1:-1:times][:28, :28] == reading.model_input).all()
