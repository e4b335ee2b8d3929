"""JSON lines in files that anybody may have written: of any length, of any bytes."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from device.errors import InkError

MAX_LINE = 32 * 1024 * 1024
"""A longer line of JSON is refused: no hand draws that much."""


def read_lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file as they stand, in bounded memory; a byte order mark is left out.

    Of a line of more than :data:`MAX_LINE` bytes only so many are given, and :func:`value_of`
    refuses them; the rest is skipped.

    Raises:
        OSError: the file cannot be read.
    """
    line = file.readline(MAX_LINE)
    whole = line.removeprefix(codecs.BOM_UTF8)
    while line:
        yield whole
        while line and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE)
        whole = line = file.readline(MAX_LINE)


def value_of(line: bytes) -> Any:
    """What one line of JSON says.

    Raises:
        InkError: it is too long, not UTF-8, or not JSON.
    """
    if len(line) == MAX_LINE and not line.endswith(b"\n"):
        raise InkError(f"a line of more than {MAX_LINE:,} bytes is no drawing")
    try:
        return json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InkError("not UTF-8 text") from error
    except json.JSONDecodeError as error:
        problem = error.msg[:1].lower() + error.msg[1:]
        raise InkError(f"not a JSON object: {problem} (column {error.colno})") from error
    except ValueError as error:  # Python reads no integer of thousands of digits
        raise InkError("not a drawing: a number has too many digits") from error
    except RecursionError as error:
        raise InkError("not a drawing: it is nested too deeply") from error
