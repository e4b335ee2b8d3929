"""The file of labelled drawings: it only ever grows, so that nothing can spoil what it holds.

Each line is one drawing, ``{"number", "label", "time", "strokes"}`` (with ``"image"`` instead of
the strokes where only a picture is known), or takes one back: ``{"delete": number}``,
``{"restore": number}``.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from device import json_form
from device.errors import InklingError, SamplesError
from device.files import sync
from device.ink import MAX_TIME, Ink
from device.lines import MAX_LINE, read_lines, value_of
from device.normalise import PIPELINES
from device.raster import Pixels

NOT_A_DIGIT = "none"
"""The label of a drawing that is no digit."""

LABELS = (*"0123456789", NOT_A_DIGIT)
"""What a drawing can be said to be."""

_MAX_NUMBER = 10**15

_CHUNK = 1 << 18
"""Bytes that are written at a time."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One labelled drawing.

    Attributes:
        number: its own among those of its folder, from 1.
        label: one of :data:`LABELS`.
        ink: the drawing as it was drawn; None when only a picture of it is known.
        when: it was added, seconds since 1970 by the device's clock, which may be wrong.
        image: the picture where there is no ink, uint8 (28, 28), 255 ink on 0 paper.
    """

    number: int
    label: str
    ink: Ink | None
    when: float
    image: Pixels | None = None

    @property
    def pixels(self) -> Pixels:
        """The drawing as drawn on the canvas, uint8 (28, 28), 255 ink on 0 paper."""
        if self.image is not None:
            return self.image
        return PIPELINES["canvas"].from_ink(self.ink or Ink())


def sample_of(value: Any) -> Sample:
    """The drawing that one line of the file says.

    Raises:
        InklingError: it says none.
    """
    if not isinstance(value, dict):
        raise SamplesError('expected an object with "label" and "strokes" or "image"')
    number: Any = value.get("number")
    label: Any = value.get("label")
    when: Any = value.get("time")
    if type(number) is not int or not 0 < number < _MAX_NUMBER:
        raise SamplesError("a drawing's number must be a whole number from 1")
    if label not in LABELS:
        shown = repr(label[:20]) if isinstance(label, str) else f"with a {type(label).__name__}"
        raise SamplesError(f'labelled {shown}; expected "0" to "9" or "{NOT_A_DIGIT}"')
    if type(when) not in (int, float) or not -MAX_TIME < when < MAX_TIME:
        raise SamplesError("a drawing's time must be in seconds since 1970")
    label = LABELS[LABELS.index(label)]  # one text for all drawings, not one each
    if "strokes" not in value:
        return Sample(number, label, None, float(when), json_form.image_of(value))
    ink = Ink.from_json(value)
    if ink.is_blank:
        raise SamplesError("nothing is drawn")
    return Sample(number, label, ink, float(when))


def line_of(value: dict[str, Any]) -> bytes:
    """One line of JSON, with its end."""
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


class Place(NamedTuple):
    """Where in the file the line of a drawing begins (bytes), and its label."""

    offset: int
    label: str


@dataclass
class Index:
    """What a file holds, without the drawings themselves.

    ``alive`` and ``deleted`` are by number, ``deleted`` in the order of deletion; ``damaged``
    counts the lines that make no sense; ``last`` is the highest number; behind ``end`` (bytes)
    goes what is added, after a line feed where the last line is ``unended``.
    """

    alive: dict[int, Place] = field(default_factory=dict)
    deleted: dict[int, Place] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LABELS, 0))
    damaged: int = 0
    last: int = 0
    end: int = 0
    unended: bool = False

    def take(self, value: Any, offset: int) -> None:
        """Apply one line of the file.

        Raises:
            InklingError: it is no such line; nothing was changed.
        """
        if isinstance(value, dict) and "delete" in value:
            self.counts[_move(value["delete"], self.alive, self.deleted).label] -= 1
        elif isinstance(value, dict) and "restore" in value:
            self.counts[_move(value["restore"], self.deleted, self.alive).label] += 1
        else:
            sample = sample_of(value)
            if sample.number in self.alive or sample.number in self.deleted:
                raise SamplesError("there is another drawing of this number")
            self.alive[sample.number] = Place(offset, sample.label)
            self.counts[sample.label] += 1
            self.last = max(self.last, sample.number)


def _move(number: Any, source: dict[int, Place], target: dict[int, Place]) -> Place:
    if type(number) is not int or number not in source:
        raise SamplesError("there is no such drawing to delete or restore")
    target[number] = place = source.pop(number)
    return place


class SampleFile:
    """The file itself: many may read it, one may write.

    Nothing is made before something is appended; from then on until :meth:`close` nobody else
    may append. Threads may share it: looking does not wait for one that writes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = threading.RLock()
        """To be held by a thread from looking to appending, where the one depends on the other."""
        self._index: Index | None = None
        self._stamp: tuple[int, ...] = ()
        self._handle: int | None = None  # open for writing and locked

    def close(self) -> None:
        """Let others write; what is used after this opens the file anew."""
        with self.lock:
            handle, self._handle, self._index = self._handle, None, None
            if handle is not None:
                os.close(handle)

    def current(self) -> Index:
        """What the file holds now; the writer knows without looking.

        Raises:
            SamplesError: the file is there, but cannot be read.
        """
        if self._handle is not None and (index := self._index) is not None:
            return index
        with self.lock:
            if self._handle is not None and self._index is not None:
                return self._index
            try:
                stat = self.path.stat()
            except FileNotFoundError:
                return Index()
            except OSError as error:
                raise unreadable(self.path, error) from error
            stamp = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns)
            if self._index is None or stamp != self._stamp:
                self._index, self._stamp = _scanned(self.path), stamp
            return self._index

    def opened(self) -> Index:
        """As :meth:`current`, with the file open for writing and nobody else writing to it.

        Raises:
            SamplesError: it cannot be written, or somebody else is writing.
        """
        with self.lock:
            if self._index is not None and self._still_there():
                return self._index
            self.close()
            with _clear_errors(self.path):
                _make(self.path.parent)
                handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    sync(self.path.parent)
                    index = _scanned(self.path)
                    # A line that the power cut short was never acknowledged.
                    os.ftruncate(handle, index.end)
                except BaseException:
                    os.close(handle)
                    raise
            self._index, self._handle = index, handle
            return index

    def append(self, values: Iterable[dict[str, Any]]) -> None:
        """Add lines and wait until the disk has them: all of them or none.

        Raises:
            SamplesError: as :meth:`opened`, or the disk is full; the file is as it was.
            InklingError: a value is no such line, or what ``values`` raises.
        """
        with self.lock:
            index = self.opened()
            handle, start = self._handle, index.end
            assert handle is not None
            chunk = bytearray(b"\n" if index.unended else b"")
            try:
                with _clear_errors(self.path):
                    for value in values:
                        index.take(value, index.end + len(chunk))
                        chunk += line_of(value)
                        if len(chunk) >= _CHUNK:
                            index.end += _written(handle, chunk, index.end)
                            chunk.clear()
                    index.end += _written(handle, chunk, index.end)
                    os.fsync(handle)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.ftruncate(handle, start)
                self.close()
                raise
            index.unended = False

    def read(self, places: Iterable[tuple[int, Place]]) -> Iterator[Sample]:
        """The drawings (number, place) of an index, from the disk, one at a time.

        Raises:
            SamplesError: the file cannot be read.
        """
        with opened_to_read(self.path) as file:
            for number, place in places:
                file.seek(place.offset)
                # Somebody may have put another file there meanwhile.
                with contextlib.suppress(InklingError):
                    sample = sample_of(value_of(file.readline(MAX_LINE)))
                    if sample.number == number:
                        yield sample

    def _still_there(self) -> bool:
        """Is the open file the one that everybody finds under its name?"""
        try:
            return self._handle is not None and os.path.samestat(
                os.fstat(self._handle), self.path.stat()
            )
        except OSError:
            return False


def _scanned(path: Path) -> Index:
    index, torn = Index(), False
    with opened_to_read(path) as file:
        for line in read_lines(file):
            start = file.tell() - len(line)
            index.damaged += torn  # a line of endless length, with others behind it
            index.end, torn = start, not line.endswith(b"\n")
            if not line.strip():
                continue
            try:
                index.take(value_of(line), start)
            except InklingError:
                index.damaged += not torn
            else:
                index.unended, torn = torn, False
        if not torn:
            index.end = file.tell()
    return index


@contextlib.contextmanager
def opened_to_read(path: Path) -> Iterator[BinaryIO]:
    """A file to read bytes from.

    Raises:
        SamplesError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> SamplesError:
    """The one line about a file that cannot be read."""
    return SamplesError(f"{path}: cannot be read: {error.strerror or error}")


@contextlib.contextmanager
def _clear_errors(path: Path) -> Iterator[None]:
    """What can go wrong when writing, in one line each."""
    try:
        yield
    except BlockingIOError as error:
        raise SamplesError(
            f"{path}: another program is adding drawings (the kiosk's Teach screen?); "
            "leave that and try again"
        ) from error
    except OSError as error:
        raise SamplesError(
            f"{path}: cannot be written: {error.strerror or error}; what was there is whole"
        ) from error


def _make(folder: Path) -> None:
    """A folder and those above it, so that a power cut does not take them away again."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for place in missing:
        sync(place.parent)


def _written(handle: int, content: bytearray, offset: int) -> int:
    """Write all of it, in however many pieces the system takes it; returns how much that was."""
    done = 0
    while done < len(content):
        done += os.pwrite(handle, bytes(content[done:]), offset + done)
    return done
