"""The published JSON form of drawn digits (niemenjoki), read and written one drawing at a time.

It is an array of ``{"image": [784 integers, 255 = white paper], "label": "3"}``.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np

from device.errors import ImageError
from device.normalise import SIDE
from device.raster import Pixels

_CHUNK = 1 << 16
_LONGEST = 1 << 20
_SPACE = " \t\r\n"


def read_drawings(file: BinaryIO, head: bytes = b"") -> Iterator[Pixels | ImageError]:
    """The drawings of a JSON array in the published form, one at a time, ink 255 on 0.

    A drawing that is not 784 integers from 0 to 255 comes as the error it is, in its place.

    Args:
        file: open for reading bytes.
        head: what has been read of it already.

    Raises:
        ImageError: the text is no JSON array, or breaks off; which file, the caller knows.
    """
    for value in items(file, head):
        try:
            yield image_of(value)
        except ImageError as error:
            yield error


def image_of(value: Any) -> Pixels:
    """One drawing of the published form as model-sized pixels, ink 255 on 0.

    Raises:
        ImageError: it is not that form.
    """
    image = value.get("image") if isinstance(value, dict) else None
    if not isinstance(image, list) or len(image) != SIDE * SIDE:
        raise ImageError(f'expected {{"image": [{SIDE * SIDE} integers from 0 to 255]}}')
    if any(type(grey) is not int or not 0 <= grey <= 255 for grey in image):
        raise ImageError("its greys must be integers from 0 to 255")
    return np.subtract(255, np.array(image, np.uint8), dtype=np.uint8).reshape(SIDE, SIDE)


def text_of(image: Pixels, label: str) -> str:
    """One drawing, uint8 (28, 28), 255 ink on 0, in the published form and without spaces."""
    greys = np.subtract(255, image, dtype=np.uint8).ravel().tolist()
    return json.dumps({"image": greys, "label": label}, separators=(",", ":"))


def items(file: BinaryIO, head: bytes = b"") -> Iterator[Any]:
    """The items of a JSON array as they stand, without ever holding the whole of it.

    Args:
        file: open for reading bytes.
        head: what has been read of it already.

    Raises:
        ImageError: the text is no JSON array, or breaks off; which file, the caller knows.
    """
    source = _Text(file, head)
    if source.take() != "[":
        raise ImageError(
            'expected a JSON array of {"image": [...]} objects; for strokes use --strokes'
        )
    count = 0
    if source.peek() == "]":
        source.take()
    else:
        while True:
            yield _item(source, count)
            count += 1
            mark = source.take()
            if mark == "]":
                break
            if mark != ",":
                raise _broken(count, "a comma or ] expected" if mark else "")
    if source.peek():
        raise _broken(count, "more text follows its ]")


class _Text:
    """The text of a JSON file, as much of it as is needed at a time."""

    def __init__(self, file: BinaryIO, head: bytes) -> None:
        self._file = file
        self._head = head
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self.ended = False
        self.text = ""

    def more(self) -> None:
        chunk, self._head = self._head or self._file.read(_CHUNK), b""
        self.ended = not chunk
        try:
            self.text += self._decoder.decode(chunk, final=self.ended)
        except UnicodeDecodeError as error:
            raise ImageError("the JSON text is not UTF-8") from error

    def peek(self) -> str:
        """The next character that is not white space; empty at the end."""
        self.text = self.text.lstrip(_SPACE)
        while not self.text and not self.ended:
            self.more()
            self.text = self.text.lstrip(_SPACE)
        return self.text[:1]

    def take(self) -> str:
        """As :meth:`peek`, and go past it."""
        taken = self.peek()
        self.text = self.text[1:]
        return taken


def _item(source: _Text, count: int) -> Any:
    decoder = json.JSONDecoder()
    source.peek()
    while True:
        problem = ""
        try:
            item, end = decoder.raw_decode(source.text)
        except RecursionError as error:
            raise _broken(count, "it is nested too deeply") from error
        except json.JSONDecodeError as error:
            problem = error.msg[:1].lower() + error.msg[1:]
        except ValueError as error:  # Python reads no integer of thousands of digits
            raise _broken(count, "a number has too many digits") from error
        else:
            # A number at the very end may go on in what has not been read yet.
            if end < len(source.text) or source.ended:
                source.text = source.text[end:]
                return item
        if len(source.text) > _LONGEST:
            raise _broken(count, problem)
        if source.ended:
            raise _broken(count, problem if source.text[:1] not in ("", "{", "[", '"') else "")
        source.more()


def _broken(count: int, problem: str) -> ImageError:
    after = f" after {count} drawings" if count else ""
    if not problem:
        return ImageError(f"the JSON text breaks off before its end{after}")
    return ImageError(f"the JSON text is damaged{after}: {problem}")
