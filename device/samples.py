"""Labelled drawings, for teaching: kept safe against power cuts, exchanged as JSON.

Two forms come in and go out: ink as JSON lines ``{"label", "strokes"}``, and pictures in the
published JSON form (:mod:`device.json_form`).
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Self

from device import json_form
from device.errors import FileError, ImageError, InkError, InklingError, SamplesError
from device.files import replacing
from device.ink import Ink
from device.lines import read_lines, value_of
from device.sample_file import (
    LABELS,
    NOT_A_DIGIT,
    Sample,
    SampleFile,
    line_of,
    opened_to_read,
    sample_of,
    unreadable,
)

__all__ = ["FILE", "LABELS", "NOT_A_DIGIT", "ExportResult", "ImportResult", "Sample", "Samples"]

FILE = "samples.jsonl"
"""What the file is called, in whichever folder."""

Progress = Callable[[float], object]
"""Told the share that is done, 0 to 1, after each drawing."""

_CANVASES = 10
"""Strokes that reach further than so many canvases are not in canvas units."""


class ImportResult(NamedTuple):
    """How many drawings were added, how many entries were not, and why the first of these."""

    added: int
    skipped: int
    reason: str


class ExportResult(NamedTuple):
    """How many drawings were written, and how many have no place in the form."""

    written: int
    left_out: int


class Samples:
    """The labelled drawings of one folder.

    Nothing is made before the first drawing is added, and no drawing is held in memory. Once it
    has written, it alone may write until :meth:`close` (or the end of the ``with``); reading is
    free to everybody. Threads may share it: reading does not wait for a write, but the first
    look at a long file takes its time (about 0.1 ms a drawing on a desktop).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = SampleFile(folder / FILE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let others write; what is used after this opens the file anew."""
        self._file.close()

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    def add(self, ink: Ink, label: str) -> Sample:
        """Keep one more drawing; when this returns, it is on the disk.

        Raises:
            SamplesError: no such label, nothing is drawn, the folder cannot be written, the disk
                is full, or somebody else is writing; what was there stays whole.
            InkError: the drawing holds what no hand could draw.
        """
        value = {"number": 1, "label": label, "time": _now(), **ink.to_json()}
        sample_of(value)
        with self._file.lock:
            value["number"] = self._file.opened().last + 1
            self._file.append([value])
        return sample_of(value)

    def delete_last(self) -> Sample | None:
        """Take the newest drawing back; None when there is none.

        Raises:
            SamplesError: as :meth:`add`.
        """
        with self._file.lock:
            if not self._file.current().alive or not (alive := self._file.opened().alive):
                return None
            number = max(alive)
            found = list(self._file.read([(number, alive[number])]))
            self._file.append([{"delete": number}])
            return found[0] if found else None

    def restore(self) -> Sample | None:
        """Bring back what was deleted latest, also before a restart; None when nothing is left.

        Raises:
            SamplesError: as :meth:`add`.
        """
        with self._file.lock:
            if not self._file.current().deleted or not (deleted := self._file.opened().deleted):
                return None
            number = next(reversed(deleted))
            found = list(self._file.read([(number, deleted[number])]))
            self._file.append([{"restore": number}])
            return found[0] if found else None

    @property
    def can_restore(self) -> bool:
        """Was anything deleted that :meth:`restore` could bring back?"""
        return bool(self._file.current().deleted)

    def counts(self) -> dict[str, int]:
        """How many drawings there are of each of :data:`LABELS`.

        Raises:
            SamplesError: the file is there, but cannot be read.
        """
        return dict(self._file.current().counts)

    def __len__(self) -> int:
        return len(self._file.current().alive)

    @property
    def damaged(self) -> int:
        """How many lines of the file make no sense; they are skipped."""
        return self._file.current().damaged

    def __iter__(self) -> Iterator[Sample]:
        """Every drawing, oldest first, read from the disk one at a time.

        Raises:
            SamplesError: the file cannot be read.
        """
        places = sorted(self._file.current().alive.items())
        return self._file.read(places) if places else iter(())

    def bytes(self) -> int:
        """Size of the file, 0 where there is none yet.

        Raises:
            SamplesError: its folder cannot be read.
        """
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise unreadable(self.path, error) from error

    def free_bytes(self) -> int:
        """Room that is left on the disk of the folder, whether it has been made or not.

        Raises:
            SamplesError: the folder cannot be read.
        """
        places = (self.folder, *self.folder.absolute().parents)
        try:
            return shutil.disk_usage(next(place for place in places if place.exists())).free
        except OSError as error:
            raise unreadable(self.folder, error) from error

    def export_json(
        self, path: Path, progress: Progress | None = None, *, all: bool = False
    ) -> ExportResult:
        """Write the published JSON form: every drawing as drawn, 28x28, dark on white.

        Args:
            path: what is there is replaced once the new file is whole.
            progress: told how far it is.
            all: with the drawings that are no digits, labelled "none"; the published form has no
                place for them.

        Raises:
            SamplesError: it cannot be written, or these drawings cannot be read.
        """

        def text(sample: Sample) -> str:
            if sample.label == NOT_A_DIGIT and not all:
                return ""
            return json_form.text_of(sample.pixels, sample.label)

        return self._export(path, ("[", ",", "]"), text, progress)

    def export_lines(self, path: Path, progress: Progress | None = None) -> ExportResult:
        """Write ink as JSON lines ``{"label", "strokes"}``; pictures without strokes stay out.

        Raises:
            SamplesError: it cannot be written, or these drawings cannot be read.
        """

        def text(sample: Sample) -> str:
            if sample.ink is None:
                return ""
            return line_of({"label": sample.label, **sample.ink.to_json()}).decode()

        return self._export(path, ("", "", ""), text, progress)

    def import_json(self, path: Path, progress: Progress | None = None) -> ImportResult:
        """Add the drawings of a file in the published JSON form, all or (on an error) none.

        They have no strokes and stay the pictures they are; what is no drawing is skipped.

        Raises:
            SamplesError: no such file, no JSON array, it breaks off, or as :meth:`add`.
        """
        return self._import(path, json_form.items, progress)

    def import_lines(self, path: Path, progress: Progress | None = None) -> ImportResult:
        """Add the drawings of JSON lines ``{"label", "strokes"}``, all or (on an error) none.

        Strokes in canvas units stay as they are; in other units (pixels, say) they are fitted to
        the canvas. What is no drawing is skipped.

        Raises:
            SamplesError: no such file, or as :meth:`add`.
        """
        return self._import(path, _values, progress)

    def _export(
        self,
        path: Path,
        frame: tuple[str, str, str],
        text: Callable[[Sample], str],
        progress: Progress | None,
    ) -> ExportResult:
        """Write the texts that are not empty, with what comes before, between and after them."""
        self._not_itself(path)
        total, written, left_out = len(self), 0, 0
        before, between, after = frame
        try:
            with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
                file.write(before)
                for number, sample in enumerate(self, 1):
                    if made := text(sample):
                        file.write(between + made if written else made)
                        written += 1
                    else:
                        left_out += 1
                    if progress is not None:
                        progress(min(1.0, number / total))
                file.write(after)
        except FileError as error:
            raise SamplesError(str(error)) from error
        return ExportResult(written, left_out)

    def _import(
        self,
        path: Path,
        values: Callable[[BinaryIO], Iterator[Any]],
        progress: Progress | None,
    ) -> ImportResult:
        self._not_itself(path)
        added, skipped, reason = 0, 0, ""

        def entries() -> Iterator[dict[str, Any]]:
            nonlocal added, skipped, reason
            try:
                for position, value in enumerate(values(file), 1):
                    try:
                        entry = _entry(value, index.last + 1, when)
                    except InklingError as error:
                        skipped += 1
                        reason = reason or f"drawing {position}: {error}"
                    else:
                        added += 1
                        yield entry
                    if progress is not None:
                        progress(min(1.0, file.tell() / size))
            except ImageError as error:
                raise SamplesError(f"{path}: {error}; nothing was imported") from error
            except OSError as error:
                raise unreadable(path, error) from error

        with self._file.lock, opened_to_read(path) as file:
            size = max(1, path.stat().st_size)
            index, when = self._file.opened(), _now()
            self._file.append(entries())
        return ImportResult(added, skipped, reason)

    def _not_itself(self, path: Path) -> None:
        with contextlib.suppress(OSError):  # what is not there, or not to be read, is another
            if path.samefile(self.path):
                raise SamplesError(f"{path} holds these drawings themselves: name another file")


def _now() -> float:
    return round(time.time(), 3)


def _entry(value: Any, number: int, when: float) -> dict[str, Any]:
    """The line for a drawing that comes from elsewhere.

    Raises:
        InklingError: it is none.
    """
    if isinstance(value, InklingError):
        raise value
    if not isinstance(value, dict):
        raise SamplesError('expected an object with "label" and "strokes" or "image"')
    sample = sample_of({**value, "number": number, "time": when})
    head = {"number": number, "label": sample.label, "time": when}
    if sample.ink is None:
        return {**head, "image": value["image"]}
    bounds = sample.ink.bounds
    foreign = bounds is not None and max(map(abs, bounds)) > _CANVASES
    return {**head, **(sample.ink.fitted() if foreign else sample.ink).to_json()}


def _values(file: BinaryIO) -> Iterator[Any]:
    """What each line of JSON says, or the error that it is."""
    for line in read_lines(file):
        if line.strip():
            try:
                yield value_of(line)
            except InkError as error:
                yield error
