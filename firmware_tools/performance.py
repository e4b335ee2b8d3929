"""Draw the plots of docs/performance.md from what ``inkling bench all --json`` has measured."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from device.bench.measure import Row
from device.bench.model import FLOAT
from device.bench.pipeline import WHOLE
from device.errors import InklingError
from device.library import Library
from firmware_tools import plots
from firmware_tools.progress import say

PLOTS = Path("docs/performance")

SCREEN = "800x480"
"""The screen whose latencies are drawn."""

SETS = ("mnist-test", "pendigits-validation")
"""The data sets that the accuracies are of."""

Found = Mapping[str, Sequence[Row]]
"""The rows of each subject."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("file", type=Path, help="what `inkling bench all --json` has printed")
    parser.add_argument("--out", type=Path, default=PLOTS, metavar="DIR", help=f"({PLOTS})")


def run(args: argparse.Namespace) -> int:
    """Draw every plot for which there are figures.

    Raises:
        InklingError: the file is not what the benchmark prints.
    """
    found = read(args.file)
    args.out.mkdir(parents=True, exist_ok=True)
    for name, (subject, draw) in DRAWN.items():
        path = args.out / f"{name}.svg"
        if found.get(subject):
            draw(found[subject], path)
            say(str(path))
        else:
            say(f"{path} stays as it is: subject {subject} was not measured")
    return 0


def read(path: Path) -> Found:
    """The rows in a file of the benchmark's JSON.

    Raises:
        InklingError: it cannot be read, or is something else.
    """
    try:
        subjects: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))["subjects"]
        return {name: [_row(value) for value in rows] for name, rows in subjects.items()}
    except OSError as error:
        raise InklingError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InklingError(
            f"{path}: not a benchmark's figures; make them by inkling bench all --json"
        ) from error


def _row(value: Mapping[str, Any]) -> Row:
    values = tuple(float(one) for one in value["values"])
    if not values:
        raise ValueError("no values")
    return Row(value["what"], value["where"], value["unit"], values)


def latency(rows: Sequence[Row], path: Path) -> None:
    """How often a touch took how long: until its ink was in the picture, and the answer."""
    chosen = [row for row in rows if row.where == SCREEN and row.unit == "ms"]
    with plots.figure(path, 7, 3.2, 1, 1) as axes:
        axis = axes[0, 0]
        longest = max((row.p99 for row in chosen), default=1.0)
        for row in chosen:
            axis.hist(row.values, bins=60, range=(0, longest), histtype="step", label=row.what)
        axis.set(xlabel=f"milliseconds, screen {SCREEN}", ylabel="touches")
        axis.legend(loc="best")


def length(rows: Sequence[Row], path: Path) -> None:
    """What ink costs against how long it is, whole and in parts."""
    lines: dict[str, list[tuple[int, float]]] = {}
    for row in rows:
        number, _, unit = row.where.partition(" ")
        if unit == "points":
            lines.setdefault(row.what, []).append((int(number.replace(",", "")), row.median))
    with plots.figure(path, 7, 3.6, 1, 1) as axes:
        axis = axes[0, 0]
        for what, points in lines.items():
            width = 2.4 if what == WHOLE else 1.1
            axis.plot(*zip(*points, strict=True), marker="o", ms=4, lw=width, label=what)
        axis.set(xscale="log", yscale="log", xlabel="points of ink", ylabel="milliseconds")
        axis.legend(loc="best")


def accuracy(rows: Sequence[Row], path: Path) -> None:
    """What each model gets right against how long it takes, by the runtime that is used first."""
    library = Library()
    times: dict[str, float] = {}
    for row in rows:
        if (
            row.where.endswith(" alone")
            and FLOAT not in row.where
            and row.what in library.digit_models
        ):
            times.setdefault(row.what, row.median)
    looks = plots.looks(library.digit_models, library.default)
    with plots.figure(path, 9.5, 3.8, 1, len(SETS)) as axes:
        for name, axis in zip(SETS, axes.flat, strict=True):
            for model, taken in times.items():
                score = library.entry(model).accuracy.get(name)
                if score is not None:
                    place = taken, score.int8
                    axis.plot(*place, marker="o", color=looks[model]["color"])
                    axis.annotate(model, place, xytext=(4, 4), textcoords="offset points")
            axis.set(xscale="log", xlabel="microseconds an inference", ylabel=f"% right, {name}")
            axis.margins(x=0.2)


IDLE_AIM = 5
"""Wake-ups a second that were aimed for."""


def idle(rows: Sequence[Row], path: Path) -> None:
    """Wake-ups in each second of a minute with nobody there."""
    with plots.figure(path, 7, 3, 1, 1) as axes:
        axis = axes[0, 0]
        counted = [row for row in rows if row.unit == "per s" and row.count > 1]
        for number, row in enumerate(counted):
            # Side by side, or equal counts would hide each other.
            seconds = [second + number / 3 for second in range(row.count)]
            axis.plot(seconds, row.values, "o", markersize=3, label=row.where)
        axis.axhline(IDLE_AIM, color="0.5", linestyle="--", label="the aim")
        axis.set(xlabel="second", ylabel="wake-ups", ylim=(-0.2, None))
        axis.legend(loc="center right")


DRAWN: dict[str, tuple[str, Callable[[Sequence[Row], Path], None]]] = {
    "latency": ("touch", latency),
    "length": ("pipeline", length),
    "accuracy": ("model", accuracy),
    "idle": ("idle", idle),
}
"""Each plot: whose rows it is of, and what draws it."""
