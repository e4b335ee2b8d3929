"""``python -m firmware_tools comparison``: Inkling beside what people would use instead."""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from device.bench.machine import machine
from device.files import atomic_write
from firmware_tools.comparison import report
from firmware_tools.comparison.candidates import OURS, Candidate, candidates
from firmware_tools.comparison.desktop import Desktop, desktop
from firmware_tools.comparison.measure import Turn, turn
from firmware_tools.comparison.processes import ComparisonError
from firmware_tools.progress import say

_WARM_UP = 1.0
"""Seconds of idling in the round that does not count: it fills the machine's caches."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``comparison``."""
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="turns of each (3)")
    parser.add_argument(
        "--idle", type=float, default=60.0, metavar="SECONDS", help="left alone for so long (60)"
    )
    parser.add_argument("--readings", type=int, default=200, metavar="N", help="timed (200)")
    parser.add_argument("--only", nargs="+", metavar="NAME", default=(), help="some beside Inkling")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every value, for programs")
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="enter the table here (docs/performance.md)"
    )


def run(args: argparse.Namespace) -> int:
    """Take turns, print the table; returns the exit status.

    Raises:
        InklingError: there is no screen in memory to be had, Inkling itself does not run, or the
            report cannot be written.
    """
    with (
        tempfile.TemporaryDirectory(prefix="inkling-comparison-") as folder,
        desktop() as screen,
        candidates(Path(folder), screen, args.only) as (found, missing),
    ):
        turns = _rounds(found, missing, screen, args)
        about = [one.about for one in found if one.name in turns]
    names, values = list(turns), _values(turns)
    text = "\n\n".join(
        [
            report.table(names, values),
            report.verdict(names, values),
            f"Rounds: {args.rounds}; medians (least–most). {'; '.join(about)}. "
            f"Machine: {', '.join(machine().values())}.",
            *(f"Not measured: {name} ({reason})." for name, reason in missing.items()),
        ]
    )
    print(text)
    if args.json is not None:
        said = {"machine": machine(), "about": about, "missing": missing, "values": values}
        atomic_write(args.json, json.dumps(said, indent=1).encode())
    if args.report is not None:
        report.enter(args.report, text)
    return 0


def _rounds(
    found: Sequence[Candidate],
    missing: dict[str, str],
    screen: Desktop,
    args: argparse.Namespace,
) -> dict[str, list[Turn]]:
    """A turn of each in every round; who fails once is out, and goes to ``missing``."""
    turns: dict[str, list[Turn]] = {one.name: [] for one in found}
    for number in range(args.rounds + 1):
        for one in found:
            if one.name in missing:
                continue
            say(f"round {number} of {args.rounds}: {one.name}")
            idle, count = (args.idle, args.readings) if number else (_WARM_UP, 1)
            try:
                made = turn(one, screen, idle, count)
            except ComparisonError as error:
                if one.name == OURS:
                    raise
                missing[one.name] = "; ".join(filter(None, (str(error), one.needs)))
                turns.pop(one.name)
                say(f"{one.name} is left out: {missing[one.name]}")
                continue
            if number:
                turns[one.name].append(made)
                say("   " + ", ".join(f"{key} {value:.3g}" for key, value in made.values.items()))
    return turns


def _values(turns: Mapping[str, Sequence[Turn]]) -> dict[str, dict[str, list[float]]]:
    """By what was measured, and by who: a value for each round. Of readings their median, in
    milliseconds."""
    values: dict[str, dict[str, list[float]]] = {}
    for name, rounds in turns.items():
        for one in rounds:
            for key, value in one.values.items():
                values.setdefault(key, {}).setdefault(name, []).append(value)
            for key, readings in one.readings.items():
                value = 1000 * statistics.median(readings.seconds)
                values.setdefault(key, {}).setdefault(name, []).append(value)
    return values
