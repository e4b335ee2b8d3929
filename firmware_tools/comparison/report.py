"""The comparison's table, and where it stands in a Markdown file."""

from __future__ import annotations

import re
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from device.bench.report import figure
from device.errors import InklingError
from device.files import atomic_write

BEGIN, END = "<!-- comparison -->", "<!-- comparison ends -->"
"""What stands between them is made by the command."""

Values = Mapping[str, Mapping[str, Sequence[float]]]
"""By what was measured, and by who: a value for each round. Ours comes first."""

MEASURES = {
    "shown": ("start to anything on the screen", "s"),
    "picture": ("start to the finished picture", "s"),
    "answer": ("start to the first answer", "s"),
    "picture_work": ("processor time to the finished picture", "s"),
    "answer_work": ("processor time to the first answer", "s"),
    "memory": ("memory", "MB"),
    "idle": ("processor, nobody there", "% of a core"),
    "wakeups": ("wake-ups, nobody there", "per s"),
    "drawing": ("processor, somebody draws", "% of a core"),
    "reading": ("a reading", "ms"),
    "published": ("a reading, all with GubboIT's network", "ms"),
}
"""What is measured: in words, and its unit. Of all of it, less is better."""


def table(names: Sequence[str], values: Values) -> str:
    """A Markdown table: medians of the rounds, and from what to what they went.

    Args:
        names: the columns.
        values: what was measured; who has no value has a dash.
    """
    lines = [f"| | {' | '.join(names)} |", "| --- " * (len(names) + 1) + "|"]
    for key, (words, unit) in MEASURES.items():
        found = values.get(key, {})
        cells = [_cell(found[name]) if name in found else "–" for name in names]
        lines.append(f"| {words}, {unit} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(rounds: Sequence[float]) -> str:
    middle, least, most = (figure(f(rounds)) for f in (statistics.median, min, max))
    return middle if least == most else f"{middle} ({least}–{most})"


def verdict(names: Sequence[str], values: Values) -> str:
    """Where the first of ``names`` is ahead of all others by its median, and where it is not."""
    ours, *others = names
    behind = []
    for key, (words, _) in MEASURES.items():
        middles = {name: statistics.median(rounds) for name, rounds in values.get(key, {}).items()}
        faster = [n for n in others if n in middles and middles[n] < middles.get(ours, 0)]
        if faster:
            behind.append(f"{words} ({', '.join(faster)})")
    if not behind:
        return f"{ours} is ahead on every line."
    return f"{ours} is **not** ahead in: {'; '.join(behind)}. It is ahead on every other line."


def enter(path: Path, text: str) -> None:
    """Put ``text`` between the marks of a Markdown file.

    Raises:
        InklingError: the file cannot be read or written, or has no such marks.
    """
    try:
        before = path.read_text(encoding="utf-8")
        pattern = re.escape(BEGIN) + ".*?" + re.escape(END)
        made = f"{BEGIN}\n\n{text}\n\n{END}"
        after, count = re.subn(pattern, lambda _: made, before, flags=re.DOTALL)
        if not count:
            raise InklingError(f"{path}: it has no place for the comparison ({BEGIN} ... {END})")
        atomic_write(path, after.encode())
    except (OSError, UnicodeDecodeError) as error:
        raise InklingError(f"{path}: the report cannot be entered: {error}") from error
