"""The published JSON form: read and written as it is, or refused in one clear line."""

import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from device import json_form
from device.errors import ImageError


def json_text(count):
    return json.dumps([{"image": [255] * 783 + [n], "label": "3"} for n in range(count)])


def read_json(text):
    return list(json_form.read_drawings(io.BytesIO(text.encode())))


def test_the_published_json_form_is_ink_on_white_paper():
    drawings = read_json(json_text(40))
    assert len(drawings) == 40
    assert drawings[5][27, 27] == 250
    assert not drawings[5][:27].any()


def test_an_empty_array_has_no_drawings():
    assert read_json(" [ ] ") == []


@pytest.mark.parametrize(
    "item",
    ['{"image": [1, 2]}', '{"label": "3"}', "7", "null", json.dumps({"image": [256] * 784})],
)
def test_a_bad_drawing_is_an_error_in_its_place(item):
    good = json_text(1)[1:-1]
    first, bad, last = read_json(f"[{good}, {item}, {good}]")
    assert first.shape == last.shape == (28, 28)
    assert isinstance(bad, ImageError)
    assert "expected" in str(bad) or "greys" in str(bad)


NO_ARRAYS = {
    "": "expected a JSON array",
    "{}": "for strokes use --strokes",
    "hello": "expected a JSON array",
    "[": "breaks off",
    "[1": "breaks off",
    '[{"image": [': "breaks off",
    "[" * 100_000: "nested too deeply",
    "[1] garbage": "more text follows",
    "[1 2]": "a comma or ] expected",
    "[1,,2]": "expecting value",
    "[1,]": "expecting value",
    "[" + "9" * 5000 + "]": "too many digits",
}


@pytest.mark.parametrize("text", NO_ARRAYS)
def test_what_is_no_array_is_said_to_be_none(text):
    with pytest.raises(ImageError) as caught:
        read_json(text)
    assert NO_ARRAYS[text] in str(caught.value)


def test_json_that_is_not_utf_8_is_said_so():
    with pytest.raises(ImageError, match="not UTF-8"):
        list(json_form.read_drawings(io.BytesIO(b'["\xff"]')))


@given(arrays(np.uint8, (28, 28)), st.sampled_from("0123456789"))
def test_what_is_written_is_read_again_to_the_bit(image, label):
    text = json_form.text_of(image, label)
    assert np.array_equal(read_json(f"[{text}]")[0], image)
    assert json.loads(text)["label"] == label
    assert " " not in text
