"""What came of a trial, and the page that it is entered in."""

from __future__ import annotations

import contextlib
import logging
import platform
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from device.errors import InklingError
from device.files import atomic_write
from firmware_tools.tables import table

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"


@dataclass(frozen=True)
class Finding:
    """One kind of fault: what was done, how often, what came of it, and whether that is as
    promised."""

    what: str
    times: int
    outcome: str
    good: bool = True


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """While this lasts, what the product logs of thousands of faults is not shown."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def counted(outcomes: Counter[str]) -> str:
    """``190 × so, 10 × otherwise``; nothing else where it is always so."""
    if len(outcomes) == 1:
        return f"each time {next(iter(outcomes))}"
    return ", ".join(f"{count:,} × {name}" for name, count in outcomes.most_common())


def as_table(findings: Iterable[Finding]) -> str:
    """For the page."""
    rows = [
        [("" if one.good else "**not as promised:** ") + one.what, f"{one.times:,}", one.outcome]
        for one in findings
    ]
    return table(["what was done", "times", "what came of it"], rows)


def enter(part: str, findings: Iterable[Finding], options: str, path: Path = PAGE) -> None:
    """Put the findings of one part into the page, in the place of those before.

    Args:
        options: what was asked for beside the part.

    Raises:
        InklingError: the page has no place for them.
    """
    page = path.read_text(encoding="utf-8")
    begin, end = f"<!-- reliability {part} -->", "<!-- end -->"
    machine = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    command = f"python -m firmware_tools reliability {part} {options} --write"
    made = f"*Made by `{command}`; {machine}.*"
    block = f"{begin}\n\n{as_table(findings)}\n\n{made}\n\n{end}"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(page):
        raise InklingError(f"{path}: there is no {begin} to put the findings behind")
    atomic_write(path, pattern.sub(lambda _: block, page).encode())
