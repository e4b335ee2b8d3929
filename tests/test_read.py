"""`inkling read`: the Unix tool and its interface."""

import io
import json
import os
import sys
import threading

import numpy as np
import pygame
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device import raster
from device.cli import main
from device.library import Library
from device.read import drawings_from_files, drawings_from_lines, write_readings
from device.recognizer import Recognizer
from tests import drawings

KEYS = ["source", "verdict", "digit", "probabilities", "gate", "symbols", "model", "milliseconds"]


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer(Library())


def read_lines(recognizer, text, **options):
    out = io.StringIO()
    content = text if isinstance(text, bytes) else text.encode()
    status = write_readings(
        drawings_from_lines(io.BytesIO(content), "ink"), recognizer, out, **options
    )
    return status, [json.loads(line) for line in out.getvalue().splitlines()]


def line_of(ink, factor=1.0, **keys):
    strokes = [(stroke.xy * factor).tolist() for stroke in ink.strokes]
    return json.dumps({"strokes": strokes, **keys})


def png(path, grey):
    pygame.image.save(pygame.surfarray.make_surface(np.repeat(grey.T[..., None], 3, 2)), path)
    return path


def test_one_object_a_drawing_in_order_with_exactly_the_promised_keys(recognizer):
    text = "\n".join(line_of(drawings.digit(n), label=str(n)) for n in (3, 1, 4))
    status, answers = read_lines(recognizer, text)
    assert status == 0
    assert [list(answer) for answer in answers] == [KEYS] * 3
    assert [answer["digit"] for answer in answers] == [3, 1, 4]
    assert [answer["source"] for answer in answers] == ["ink:1", "ink:2", "ink:3"]
    for answer in answers:
        assert answer["verdict"] == "accepted"
        assert abs(sum(answer["probabilities"]) - 1) < 1e-6
        assert 0.5 <= answer["gate"] <= 1


@pytest.mark.parametrize("factor", [1e-6, 1.0, 300.0, 1e6])
def test_any_units_will_do(recognizer, factor):
    _, (answer,) = read_lines(recognizer, line_of(drawings.digit(7), factor))
    assert (answer["verdict"], answer["digit"]) == ("accepted", 7)


def test_every_verdict_can_be_had(recognizer):
    text = "\n".join(
        [
            line_of(drawings.doodle()),
            line_of(drawings.twelve()),
            '{"strokes": []}',
            '{"strokes":[[]]}',
        ]
    )
    _, answers = read_lines(recognizer, text)
    assert [a["verdict"] for a in answers] == ["rejected", "several", "blank", "blank"]
    assert [a["digit"] is None for a in answers] == [False, False, True, True]


@pytest.mark.parametrize(
    "bad",
    [
        "hello",
        "7",
        "null",
        "[]",
        '{"stroke": []}',
        '{"strokes": [[["a", 1]]]}',
        '{"strokes": [[[NaN, 1]]]}',
        '{"strokes": [[[1e300, 1], [0, 0]]]}',
        '{"strokes": [[[1, 2, 3, 4]]]}',
        '{"strokes": [[[true, 2]]]}',
        "[" * 100_000,
        '{"strokes": [[[1' + "0" * 5000 + ", 1]]]}",
    ],
)
def test_a_bad_drawing_is_an_error_in_its_place(recognizer, bad):
    good = line_of(drawings.digit(2))
    status, answers = read_lines(recognizer, f"{good}\n{bad}\n\n{good}\n")
    assert status == 1
    assert [list(answer) for answer in answers] == [KEYS, ["source", "error"], KEYS]
    assert answers[1]["source"] == "ink:2"
    assert "\n" not in answers[1]["error"]


def test_bytes_that_are_no_text_are_an_error(recognizer):
    status, answers = read_lines(recognizer, b'\xff\xfe{"strokes"\n')
    assert status == 1
    assert "error" in answers[0]


@settings(max_examples=50)
@given(st.binary(max_size=200))
def test_random_bytes_never_stop_it(recognizer, content):
    read_lines(recognizer, content)


def test_a_hundred_thousand_points_are_read(recognizer):
    rng = np.random.default_rng(0)
    scribble = np.cumsum(rng.normal(0, 1, (100_000, 2)), axis=0).round(3).tolist()
    status, (answer,) = read_lines(recognizer, json.dumps({"strokes": [scribble]}))
    assert status == 0
    assert answer["verdict"] == "rejected"


def test_pictures_and_the_json_form_are_told_apart(tmp_path, recognizer):
    ink = drawings.digit(6)
    picture = png(tmp_path / "six.png", 255 - raster.draw(ink, 200, 0.06))
    small = raster.draw(ink, 28, 0.08)
    array = tmp_path / "set.json"
    array.write_text(json.dumps([{"image": (255 - small).ravel().tolist(), "label": "6"}] * 2))
    unnamed = tmp_path / "set-without-suffix"
    unnamed.write_text(array.read_text())
    out = io.StringIO()
    files = [picture, array, unnamed]
    assert write_readings(drawings_from_files(files), recognizer, out) == 0
    answers = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [a["source"] for a in answers] == [
        str(picture), *(f"{f}:{n}" for f in (array, unnamed) for n in (1, 2))
    ]  # fmt: skip
    assert {a["digit"] for a in answers} == {6}


def test_bad_pictures_get_their_line(tmp_path, recognizer):
    cut = tmp_path / "cut.png"
    whole = png(tmp_path / "whole.png", raster.draw(drawings.digit(1), 100, 0.1))
    cut.write_bytes(whole.read_bytes()[:100])
    empty = tmp_path / "empty.png"
    empty.touch()
    dot = png(tmp_path / "dot.png", np.zeros((1, 1), np.uint8))
    out = io.StringIO()
    files = [cut, empty, tmp_path / "gone.png", tmp_path, dot, whole]
    assert write_readings(drawings_from_files(files), recognizer, out) == 1
    answers = [json.loads(line) for line in out.getvalue().splitlines()]
    assert ["error" in answer for answer in answers] == [True] * 4 + [False] * 2
    assert answers[4]["verdict"] == "blank"
    assert answers[5]["digit"] == 1


def test_the_table_is_for_people(recognizer):
    out = io.StringIO()
    lines = io.BytesIO(line_of(drawings.digit(9)).encode())
    write_readings(drawings_from_lines(lines, "ink"), recognizer, out, table=True)
    head, row = out.getvalue().splitlines()
    assert head.split()[:2] == ["verdict", "digit"]
    assert row.split()[:2] == ["accepted", "9"]


def test_the_command_reads_standard_input(monkeypatch, capsys):
    stdin = io.TextIOWrapper(io.BytesIO(line_of(drawings.digit(8)).encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert main(["read", "--strokes", "-"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["source"], answer["digit"]) == ("-:1", 8)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'{"strokes": "\xff"}', "not UTF-8 text"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"strokes": [[[1' + b"0" * 5000 + b", 1]]]}", "too many digits"),
        (b'{"strokes" []}', "not a JSON object: expecting"),
    ],
)
def test_what_is_wrong_is_said_in_our_words(recognizer, line, expected):
    _, (answer,) = read_lines(recognizer, line)
    assert expected in answer["error"]


def test_a_byte_order_mark_is_no_part_of_the_ink(recognizer):
    status, _ = read_lines(recognizer, b"\xef\xbb\xbf" + line_of(drawings.digit(2)).encode())
    assert status == 0


def test_an_error_in_an_array_names_the_file_once(tmp_path, recognizer):
    array = tmp_path / "set.json"
    array.write_text("[7]")
    out = io.StringIO()
    write_readings(drawings_from_files([array]), recognizer, out)
    answer = json.loads(out.getvalue())
    assert answer["source"] == f"{array}:1"
    assert "set.json" not in answer["error"]


def test_a_new_line_in_a_name_splits_no_row(tmp_path, recognizer):
    picture = png(tmp_path / "a\nb.png", 255 - raster.draw(drawings.digit(6), 200, 0.06))
    out = io.StringIO()
    write_readings(drawings_from_files([picture]), recognizer, out, table=True)
    assert len(out.getvalue().splitlines()) == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_a_picture_too(tmp_path, recognizer):
    picture = png(tmp_path / "six.png", 255 - raster.draw(drawings.digit(6), 200, 0.06))
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(picture.read_bytes()), daemon=True)
    writer.start()
    ((_, read),) = drawings_from_files([pipe])
    assert read.shape == (200, 200)


def test_a_dash_is_a_picture_from_standard_input(tmp_path, monkeypatch, capsys):
    picture = png(tmp_path / "six.png", 255 - raster.draw(drawings.digit(6), 200, 0.06))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(picture.read_bytes())))
    assert main(["read", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["digit"] == 6


def test_closed_standard_input_is_one_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["read", "--strokes", "-"]) == 1
    assert "standard input is closed" in capsys.readouterr().err
