"""Figures as people read them: percent, intervals, and tables in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from firmware_tools.metrics import Interval

NONE = "–"
"""Stands where there is no figure."""

TITLES = {
    "mnist-test": "MNIST test",
    "pendigits-validation": "Pen digits",
    "niemenjoki": "Mouse digits",
    "hwd1000": "HWD 1000",
    "unipen-upper-validation": "Capital letters",
    "unipen-lower-validation": "Small letters",
    "quickdraw-validation": "Doodles",
    "all": "All of these",
}
"""What the data sets are called in tables."""


def title(name: str) -> str:
    """A data set's name for people."""
    return TITLES.get(name, name)


def percent(share: float | None, digits: int = 2) -> str:
    """A share (0..1) as percent, without the sign; a dash for None."""
    return NONE if share is None else f"{100 * share:.{digits}f}"


def with_interval(share: float | None, ends: Interval | None, digits: int = 2) -> str:
    """A share and its interval: ``99.12 (98.90–99.31)``."""
    if share is None or ends is None:
        return percent(share, digits)
    low, high = ends
    return f"{percent(share, digits)} ({percent(low, digits)}–{percent(high, digits)})"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table: the first column to the left, the others to the right."""
    marks = ["---", *["---:"] * (len(head) - 1)]
    lines = [_line(head), _line(marks), *map(_line, rows)]
    return "\n".join(lines)


def made_by(*commands: str) -> str:
    """The line under a table or a plot that says what made it."""
    shown = ", then ".join(f"`python -m firmware_tools {command}`" for command in commands)
    return f"*Made by {shown}.*"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
