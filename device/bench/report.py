"""The tables of a machine in a Markdown file: each machine has a part of its own, between marks,
that is made anew while all else stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from device.bench.measure import Row
from device.errors import InklingError
from device.files import atomic_write


def figure(value: float) -> str:
    """A number with three digits that count."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.{2 if abs(value) < 10 else 1}f}" if abs(value) >= 1 else f"{value:.3g}"


def check(path: Path) -> None:
    """Refuse a report that could not be written, before an hour is spent on it.

    Raises:
        InklingError: its folder is not there, or it is no text.
    """
    if not path.parent.is_dir():
        raise InklingError(f"{path}: the report cannot be written: no such folder")
    _content(path)


def write(
    path: Path, board: str, machine: Mapping[str, str], found: Mapping[str, Sequence[Row]]
) -> None:
    """Put the tables of one machine into a Markdown file, in place of those it had there.

    Args:
        path: the file; made if it is not there. A machine that is new to it comes last.
        board: what the machine is called.
        machine: what it is, in words.
        found: the rows of each subject.

    Raises:
        InklingError: the file cannot be read or written.
    """
    board = " ".join(board.split()).replace("--", "-")
    begin, end = f"<!-- bench: {board} -->", f"<!-- bench ends: {board} -->"
    parts = [f"### {board}", ", ".join(machine.values()) + ".", *_sections(found)]
    made = "\n\n".join((begin, *parts, end))
    text = _content(path)
    pattern = re.escape(begin) + ".*?" + re.escape(end)
    if re.search(pattern, text, re.DOTALL):
        text = re.sub(pattern, lambda _: made, text, flags=re.DOTALL)
    else:
        text = f"{text.rstrip()}\n\n{made}\n".lstrip()
    try:
        atomic_write(path, text.encode())
    except OSError as error:
        raise InklingError(
            f"{path}: the report cannot be written: {error.strerror or error}"
        ) from error


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise InklingError(f"{path}: the report cannot be read: {error}") from error


def _sections(found: Mapping[str, Sequence[Row]]) -> Iterable[str]:
    for subject, rows in found.items():
        yield f"#### {subject}"
        yield from tables(rows)


def tables(rows: Sequence[Row]) -> Iterable[str]:
    """Markdown tables of rows: what was measured goes down, where goes across; what was measured
    in the same places shares a table. A cell has median / 99th percentile."""
    whats: dict[str, dict[str, Row]] = {}
    for row in rows:
        whats.setdefault(row.what, {})[row.where] = row
    groups: dict[tuple[str, ...], list[str]] = {}
    for what, places in whats.items():
        groups.setdefault(tuple(places), []).append(what)
    for wheres, together in groups.items():
        lines = [f"| median / 99 % | {' | '.join(wheres)} |", "| --- " * (len(wheres) + 1) + "|"]
        for what in together:
            cells = " | ".join(_cell(whats[what][where]) for where in wheres)
            lines.append(f"| {what} | {cells} |")
        yield "\n".join(lines)


def _cell(row: Row) -> str:
    """One number where there is but one, where both look alike, and for ratios: of those the 99th
    percentile only tells of the machine."""
    middle, worst = figure(row.median), figure(row.p99)
    both = middle if middle == worst or row.unit == "×" else f"{middle} / {worst}"
    return f"{both} {row.unit}".strip()
