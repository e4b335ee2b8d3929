"""``inkling read``: drawings in, one JSON object a drawing out, in order, in constant memory."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

from device import images, json_form
from device.errors import InkError, InklingError
from device.ink import Ink
from device.lines import read_lines, value_of
from device.raster import Pixels
from device.reading import Reading
from device.recognizer import Recognizer

Source = str
Drawing = Ink | Pixels | InklingError

TABLE_HEAD = f"{'verdict':<9} {'digit':>5} {'sure':>6} {'a digit?':>8} {'symbols':>7}  source"


def drawings_from_files(paths: Iterable[Path]) -> Iterator[tuple[Source, Drawing]]:
    """The drawings in picture files and in files of the published JSON form.

    Each is opened once and told apart by its first bytes, so that pipes will do as well; ``-`` is
    standard input.
    """
    for path in paths:
        try:
            if str(path) == "-":
                yield from _drawings_in(standard_input(), path)
                continue
            with path.open("rb") as file:
                yield from _drawings_in(file, path)
        except OSError as error:
            yield str(path), InklingError(f"{path}: cannot be read: {error.strerror}")
        except ValueError as error:  # a path that no file can have
            yield str(path), InklingError(f"{path}: cannot be read: {error}")
        except InklingError as error:
            yield str(path), error


def _drawings_in(file: BinaryIO, path: Path) -> Iterator[tuple[Source, Drawing]]:
    head = file.read(64)
    shown = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{")
    if not shown and path.suffix.lower() != ".json":
        yield str(path), images.read_picture(file, str(path), head)
        return
    for number, item in enumerate(json_form.read_drawings(file, head), 1):
        yield f"{path}:{number}", item


def standard_input() -> BinaryIO:
    """Standard input's bytes.

    Raises:
        InklingError: it is closed.
    """
    if sys.stdin is None:
        raise InklingError("standard input is closed: there is nothing to read")
    return sys.stdin.buffer


def drawings_from_lines(file: BinaryIO, name: str) -> Iterator[tuple[Source, Drawing]]:
    """Ink from JSON lines ``{"strokes": [[[x, y], ...], ...]}`` in any units, y down.

    Each drawing is fitted to the canvas; other keys are ignored, empty lines skipped.
    """
    try:
        for number, line in enumerate(read_lines(file), 1):
            if line.strip():
                yield f"{name}:{number}", drawing_of(line)
    except OSError as error:
        raise InklingError(f"{name}: cannot be read: {error.strerror}") from error


def drawing_of(line: bytes, limits: tuple[int, int] | None = None) -> Ink | InkError:
    """The ink of one JSON line, fitted to the canvas; or the error that it is, which a drawing with
    more strokes and points than ``limits`` is too."""
    try:
        value = value_of(line)
        if limits is not None:
            _check_size(value, *limits)
        return Ink.from_json(value).fitted()
    except InkError as error:
        return error


def _check_size(value: object, most_strokes: int, most_points: int) -> None:
    strokes = value.get("strokes") if isinstance(value, dict) else None
    if not isinstance(strokes, list):
        return  # for another to refuse
    points = sum(len(stroke) for stroke in strokes if isinstance(stroke, list))
    for count, most, what in (
        (len(strokes), most_strokes, "strokes"),
        (points, most_points, "points"),
    ):
        if count > most:
            raise InkError(f"{count:,} {what} are too many; the limit is {most:,}")


def answer(recognizer: Recognizer, drawing: Drawing) -> Reading:
    """The reading of one drawing, whatever form it came in.

    Raises:
        InklingError: the drawing is an error, or cannot be read.
    """
    if isinstance(drawing, InklingError):
        raise drawing
    try:
        if isinstance(drawing, Ink):
            return recognizer.read(drawing)
        return recognizer.read_pixels(drawing)
    except MemoryError as error:
        raise InklingError("the drawing is too large for this machine's memory") from error


def write_readings(
    drawings: Iterable[tuple[Source, Drawing]],
    recognizer: Recognizer,
    out: TextIO,
    table: bool = False,
) -> int:
    """Read every drawing and write its answer at once.

    Returns:
        exit status: 0, or 1 when a drawing could not be read.
    """
    progress = _Progress()
    failed = False
    if table:
        print(TABLE_HEAD, file=out)
    for source, drawing in drawings:
        try:
            reading = answer(recognizer, drawing)
        except InklingError as error:
            failed = True
            record = error_record(source, error)
            shown = f"error: {_in_one_line(source)}: {record['error']}"
        else:
            shown = _row(_in_one_line(source), reading)
            record = reading.to_json(source)
        print(shown if table else json.dumps(record), file=out)
        progress.step(out)
    progress.end()
    return int(failed)


def error_record(source: Source, error: Exception) -> dict[str, object]:
    """What is written in the place of a reading that there is not."""
    return {"source": source, "error": _without_source(str(error), source)}


def _in_one_line(source: str) -> str:
    """A file's name may hold anything, a new line too: control characters are escaped."""
    return "".join(
        c if c.isprintable() or 0xDC80 <= ord(c) <= 0xDCFF else repr(c)[1:-1] for c in source
    )


def _without_source(text: str, source: str) -> str:
    return _in_one_line(text.removeprefix(f"{source}: "))


def _row(source: Source, reading: Reading) -> str:
    if reading.digit is None:
        return f"{reading.verdict.value:<9} {'-':>5} {'-':>6} {'-':>8} {0:>7}  {source}"
    sure = f"{reading.probabilities[reading.digit]:.0%}"
    return (
        f"{reading.verdict.value:<9} {reading.digit:>5} {sure:>6} {reading.gate:>8.0%} "
        f"{reading.symbols:>7}  {source}"
    )


class _Progress:
    """A counter on stderr, where that is a terminal and the answers go elsewhere."""

    def __init__(self) -> None:
        streams = sys.stderr is not None and sys.stdout is not None
        self._shown = streams and sys.stderr.isatty() and not sys.stdout.isatty()
        self._count = 0
        self._started = self._last = time.monotonic()

    def step(self, out: TextIO) -> None:
        self._count += 1
        now = time.monotonic()
        if now - self._last < 0.5:
            return
        self._last = now
        # What is known so far should be readable so far, also through a pipe.
        out.flush()
        if self._shown:
            rate = self._count / (now - self._started)
            print(f"\r{self._count:,} drawings, {rate:,.0f} a second", end="", file=sys.stderr)

    def end(self) -> None:
        if self._shown and self._count:
            print(f"\r{self._count:,} drawings read{' ' * 20}", file=sys.stderr)
