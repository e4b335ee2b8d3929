"""JSON lines are read one by one, whatever is in the file."""

import codecs
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device import lines
from device.errors import InkError


@given(st.lists(st.binary().map(lambda line: line.replace(b"\n", b"")), max_size=8))
def test_every_line_comes_as_it_stands(content):
    file = io.BytesIO(b"".join(line + b"\n" for line in content))
    found = list(lines.read_lines(file))
    if content:
        # A byte order mark at the very beginning belongs to no line.
        content[0] = content[0].removeprefix(codecs.BOM_UTF8)
    assert [line.removesuffix(b"\n") for line in found] == content


def test_a_byte_order_mark_belongs_to_no_line():
    assert list(lines.read_lines(io.BytesIO(b"\xef\xbb\xbf1\n2"))) == [b"1\n", b"2"]


def test_a_line_without_end_is_refused_and_the_next_one_read(monkeypatch):
    monkeypatch.setattr(lines, "MAX_LINE", 10)
    first, second = lines.read_lines(io.BytesIO(b"[" + b"1," * 30 + b"1]\n[2]\n"))
    assert len(first) == 10
    with pytest.raises(InkError, match="a line of more than 10 bytes is no drawing"):
        lines.value_of(first)
    assert lines.value_of(second) == [2]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"\xff", "not UTF-8"),
        (b"{", "not a JSON object: expecting property name"),
        (b"9" * 5000, "too many digits"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_json_is_said_to_be_none(line, problem):
    with pytest.raises(InkError, match=problem):
        lines.value_of(line)
