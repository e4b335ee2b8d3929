"""``inkling read``: drawings in, one JSON object a drawing out, in order, in constant memory."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

from device import images
from device.errors import InkError, InklingError
from device.ink import Ink
from device.raster import Pixels
from device.reading import Reading
from device.recognizer import Recognizer

MAX_LINE = 256 * 1024 * 1024
"""A longer line of JSON is refused: no hand draws that much."""

Source = str
Drawing = Ink | Pixels | InklingError

TABLE_HEAD = f"{'verdict':<9} {'digit':>5} {'sure':>6} {'a digit?':>8} {'symbols':>7}  source"


def drawings_from_files(paths: Iterable[Path]) -> Iterator[tuple[Source, Drawing]]:
    """The drawings in picture files and in files of the published JSON form."""
    for path in paths:
        try:
            if not _is_json(path):
                yield str(path), images.read_image(path)
                continue
            with path.open(encoding="utf-8") as file:
                for number, item in enumerate(images.read_json_drawings(file, str(path)), 1):
                    yield f"{path}:{number}", item
        except OSError as error:
            yield str(path), InklingError(f"{path}: cannot be read: {error.strerror}")
        except InklingError as error:
            yield str(path), error


def _is_json(path: Path) -> bool:
    if path.suffix.lower() == ".json":
        return True
    with path.open("rb") as file:
        return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{")


def drawings_from_lines(file: BinaryIO, name: str) -> Iterator[tuple[Source, Drawing]]:
    """Ink from JSON lines ``{"strokes": [[[x, y], ...], ...]}`` in any units, y down.

    Each drawing is fitted to the canvas; other keys are ignored, empty lines skipped.
    """
    number = 0
    while line := file.readline(MAX_LINE):
        number += 1
        if not line.strip():
            continue
        source = f"{name}:{number}"
        if len(line) == MAX_LINE and not line.endswith(b"\n"):
            yield source, InkError(f"a line of more than {MAX_LINE:,} bytes is no drawing")
            while line and not line.endswith(b"\n"):
                line = file.readline(MAX_LINE)
            continue
        try:
            yield source, Ink.from_json(json.loads(line)).fitted()
        except InkError as error:
            yield source, error
        except (ValueError, RecursionError) as error:
            yield source, InkError(f"not a JSON object: {' '.join(str(error).split())}")


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
            text = _without_source(str(error), source)
            shown = f"error: {source}: {text}"
            record: dict[str, object] = {"source": source, "error": text}
        else:
            shown = _row(source, reading)
            record = reading.to_json(source)
        print(shown if table else json.dumps(record, ensure_ascii=False), file=out)
        progress.step(out)
    progress.end()
    return int(failed)


def _without_source(text: str, source: str) -> str:
    return text.removeprefix(f"{source}: ")


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
        self._shown = sys.stderr.isatty() and not sys.stdout.isatty()
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


@contextlib.contextmanager
def quiet_pipe() -> Iterator[None]:
    """A reader that goes away (``| head``) ends the command without a word."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # What Python would flush at exit has nowhere to go either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
