"""One way to show how far a long task has come."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def bar(items: Iterable[T], what: str, total: int | None = None, unit: str = "it") -> Iterator[T]:
    """The same items, with a progress bar on stderr while they are used.

    Without a terminal, or without tqdm (part of the train extra), nothing is shown.
    """
    if sys.stderr.isatty():
        try:
            from tqdm import tqdm
        except ImportError:
            yield from items
            return
        yield from tqdm(items, desc=what, total=total, unit=unit, file=sys.stderr)
        return
    yield from items


def say(line: str) -> None:
    """One line of what is being done, on stderr, so that results can be piped."""
    print(line, file=sys.stderr, flush=True)
