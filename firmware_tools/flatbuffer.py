"""A reader of flatbuffers, enough for TFLite's schema; every step is checked against the bounds.

A flatbuffer is a tree of tables. A table begins with the distance back to its vtable, which says
where in the table each field lies; strings, vectors and other tables are stored elsewhere, and
the field holds the distance to them (https://flatbuffers.dev, "Internals").
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray


class FlatbufferError(ValueError):
    """Bytes that point outside themselves."""


class Table:
    """One table of a flatbuffer. Fields are numbered from 0, in the order of the schema."""

    def __init__(self, content: bytes, position: int) -> None:
        self._content = content
        self._position = position
        self._vtable = position - self._number("<i", position)
        self._fields = (self._number("<H", self._vtable) - 4) // 2

    @classmethod
    def root(cls, content: bytes) -> Table:
        """The table that a file begins with.

        Raises:
            FlatbufferError: the bytes are no flatbuffer.
        """
        return cls(content, int(cls._read("<I", content, 0)))

    def number(self, field: int, kind: str, default: int = 0) -> int:
        """A scalar; ``kind`` is its :mod:`struct` code, ``<i`` say. A missing one has a default."""
        place = self._place(field)
        return int(self._number(kind, place)) if place else default

    def table(self, field: int) -> Table | None:
        """The table that a field points to; None when it is missing."""
        place = self._place(field)
        return Table(self._content, self._follow(place)) if place else None

    def tables(self, field: int) -> list[Table]:
        """A vector of tables."""
        places = self._vector(field, np.dtype("<u4"))
        start = self._start(field)
        return [
            Table(self._content, start + 4 * number + int(distance))
            for number, distance in enumerate(places)
        ]

    def vector(self, field: int, dtype: str) -> NDArray[Any]:
        """A vector of numbers, copied; empty when it is missing."""
        return self._vector(field, np.dtype(dtype)).copy()

    def content(self, field: int) -> bytes:
        """A vector of bytes, or a string's."""
        return self._vector(field, np.dtype("u1")).tobytes()

    def text(self, field: int) -> str:
        """A string; bytes that are not UTF-8 are shown as such."""
        return self.content(field).decode("utf-8", errors="backslashreplace")

    def _place(self, field: int) -> int:
        if field >= self._fields:
            return 0
        distance = int(self._number("<H", self._vtable + 4 + 2 * field))
        return self._position + distance if distance else 0

    def _follow(self, place: int) -> int:
        return place + int(self._number("<I", place))

    def _start(self, field: int) -> int:
        place = self._place(field)
        return self._follow(place) + 4 if place else 0

    def _vector(self, field: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        start = self._start(field)
        if not start:
            return np.zeros(0, dtype)
        count = int(self._number("<I", start - 4))
        if start + count * dtype.itemsize > len(self._content):
            raise FlatbufferError("a vector ends outside the file")
        return np.frombuffer(self._content, dtype, count, start)

    def _number(self, kind: str, place: int) -> Any:
        return self._read(kind, self._content, place)

    @staticmethod
    def _read(kind: str, content: bytes, place: int) -> Any:
        # struct would take a negative place as counted from the end.
        if place < 0 or place + struct.calcsize(kind) > len(content):
            raise FlatbufferError("a field lies outside the file")
        return struct.unpack_from(kind, content, place)[0]
