"""The process on trial: the command that a service runs, with its pins on record and a visitor
inside.

``python -m firmware_tools.reliability.trial FOLDER [--visitor NAME] [--trap STAGE:END] -- run``.
What outlives the process lies in the folder: ``wires``, the levels of its pins as the chip would
hold them; ``journal``, what it has begun to keep and what it has kept.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import mmap
import os
import random
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gpiozero.pins.mock import MockFactory, MockPin

from device import cli, config, headless, kiosk, lights
from device.ink import Ink
from device.samples import Samples
from firmware_tools.reliability import traps, visitors

PINS = 28


class Journal:
    """Lines that are in the system's hands once they are told, also when the process is killed."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def tell(self, *words: Any) -> None:
        """Add one line."""
        os.write(self._handle, json.dumps(words).encode() + b"\n")


def wired(wires: mmap.mmap) -> type[MockPin]:
    """A mock pin whose level stays where the process has left it, as on a chip: an output keeps
    its level, a pin that is given back is pulled down."""

    class WiredPin(MockPin):  # type: ignore[misc]
        def _level(self) -> None:
            driven = self._function == "output" and self._state
            wires[int(self.info.name.removeprefix("GPIO"))] = int(driven)

        def _set_function(self, value: str) -> None:
            super()._set_function(value)
            self._level()

        def _change_state(self, value: bool) -> bool:
            changed: bool = super()._change_state(value)
            self._level()
            return changed

    return WiredPin


def crc_of(ink: Ink) -> int:
    """A number that tells one drawing from another."""
    return zlib.crc32(json.dumps(ink.to_json()).encode())


def keep_books(journal: Journal) -> None:
    """Tell the journal of everything that is kept, before and after."""

    def entered(
        owner: Any, name: str, what: Callable[..., Any], result: Callable[..., Any]
    ) -> None:
        original = getattr(owner, name)

        @functools.wraps(original)
        def noted(*args: Any) -> Any:
            # Two screens may keep something at once; the journal is in the order of the file.
            with args[0]._file.lock if owner is Samples else contextlib.nullcontext():
                journal.tell("begin", name, what(*args))
                try:
                    made = original(*args)
                except BaseException as error:
                    journal.tell("failed", name, str(error))
                    raise
                journal.tell("done", name, result(made))
            return made

        setattr(owner, name, noted)

    def number(sample: Any) -> int | None:
        return None if sample is None else sample.number

    entered(Samples, "add", lambda _, ink, label: [label, crc_of(ink)], number)
    entered(Samples, "delete_last", lambda _: None, number)
    entered(Samples, "restore", lambda _: None, number)
    entered(config, "save_settings", dict, lambda _: None)


def visited(
    step: Callable[..., None],
    make: Callable[[Any], Iterator[None]],
    tell: Callable[..., None],
) -> Callable[[Any, float], None]:
    """An application's step with a visit before it; the first time it is looked at.

    Args:
        step: the application's own.
        make: a visitor of an application.
        tell: told ``"first step"`` and which lights are on.
    """
    visits: dict[int, Iterator[None]] = {}

    @functools.wraps(step)
    def visited_step(self: Any, timeout: float) -> None:
        if id(self) not in visits:
            tell("first step", list(self._lights.states().values()))
            visits[id(self)] = make(self)
        if next(visits[id(self)], 0) is None:
            timeout = 0.002
        step(self, timeout)

    return visited_step


def main() -> int:
    """Run it as told; returns the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--visitor", default="nobody", choices=sorted(visitors.VISITORS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--trap", default="")
    parser.add_argument("command", nargs="+")
    args = parser.parse_args()
    journal = Journal(args.folder / "journal")
    with (args.folder / "wires").open("r+b") as file:
        wires = mmap.mmap(file.fileno(), PINS)
    pins = wired(wires)
    lights.open_factory = lambda: (MockFactory(pin_class=pins), "mock", "on trial")
    keep_books(journal)
    luck = random.Random(args.seed)
    visitor = visitors.VISITORS[args.visitor]
    for application in (kiosk.Kiosk, headless.Headless):
        step = visited(application.step, lambda made: visitor(made, luck), journal.tell)
        setattr(application, "step", step)  # noqa: B010 - a method
    with contextlib.ExitStack() as laid:
        if args.trap:
            stage, end = args.trap.split(":")
            where = traps.STAGES[args.command[0]][stage]
            laid.enter_context(traps.trap(where, end, lambda: wires[:], journal.tell))
        return cli.main(args.command)


if __name__ == "__main__":
    raise SystemExit(main())
