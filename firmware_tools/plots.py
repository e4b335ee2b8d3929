"""The plots of the model report, as small SVG files that are the same for the same figures."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from device.errors import InklingError
from device.files import atomic_write
from firmware_tools.robustness import CURVES

_STYLE: Any = {
    "svg.hashsalt": "inkling",
    "svg.fonttype": "none",
    "font.size": 9,
    "font.sans-serif": ["DejaVu Sans", "Arial"],
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "legend.frameon": False,
}

_UNSAID = ("Date", "Creator", "Format", "Type")
"""What matplotlib would say of itself in a file: it changes, and nobody asks."""

_MAIN = "#c0392b"
"""The default model's colour."""

_OTHERS = (
    *("#1f77b4", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf"),
    *("#8c564b", "#7f7f7f", "#bcbd22", "#e377c2"),
)

Figures = Mapping[str, Any]


class PlotError(InklingError):
    """Plots cannot be drawn here."""


@contextlib.contextmanager
def figure(path: Path, width: float, height: float, rows: int, columns: int) -> Iterator[Any]:
    """Axes, an array (rows, columns), that are written to ``path`` as SVG; inches."""
    try:
        import matplotlib
    except ImportError as error:
        raise PlotError(
            "matplotlib is not installed, and plots need it: pip install 'inkling[train]' "
            "(report does without: --no-plots)"
        ) from error
    matplotlib.use("Agg")
    from matplotlib import pyplot

    with matplotlib.rc_context(_STYLE):
        drawn, axes = pyplot.subplots(
            rows, columns, figsize=(width, height), squeeze=False, layout="constrained"
        )
        try:
            yield axes
            buffer = io.BytesIO()
            drawn.savefig(buffer, format="svg", metadata=dict.fromkeys(_UNSAID))
        finally:
            pyplot.close(drawn)
    # Hundredths of a point are finer than any screen; more digits only make the file larger.
    text = re.sub(
        r"\d+\.\d{3,}", lambda found: f"{float(found[0]):.2f}", buffer.getvalue().decode()
    )
    lines = (line.strip() for line in text.splitlines())
    atomic_write(path, ("\n".join(lines) + "\n").encode())


def looks(names: Sequence[str], main: str) -> dict[str, dict[str, Any]]:
    """Each model's line: the main one bold and on top."""
    rest = [name for name in names if name != main]
    found = {
        name: {"color": _OTHERS[place % len(_OTHERS)], "linewidth": 1.1, "zorder": 2}
        for place, name in enumerate(rest)
    }
    found[main] = {"color": _MAIN, "linewidth": 2.4, "zorder": 3}
    return {name: found[name] for name in names}


def robustness(models: Mapping[str, Figures], main: str, path: Path) -> None:
    """Accuracy against each kind of change, one panel a kind; the main model's interval shaded."""
    with figure(path, 10, 6, 2, 3) as axes:
        for curve, axis in zip(CURVES, axes.flat, strict=False):
            for name, look in looks([*models], main).items():
                found = models[name]["robustness"][curve.name]
                shares = 100 * np.array(found["accuracy"])
                axis.plot(found["values"], shares, label=name, **look)
                if name == main:
                    low, high = 100 * np.array(found["interval"]).T
                    axis.fill_between(found["values"], low, high, color=_MAIN, alpha=0.15, lw=0)
            if np.ptp(np.diff(curve.values)) < 1e-9:
                axis.set_xticks(curve.values)
            axis.set(title=curve.title, xlabel=curve.axis, ylabel="% read rightly", ylim=(0, 102))
        last = axes.flat[-1]
        last.axis("off")
        last.legend(*axes.flat[0].get_legend_handles_labels(), loc="center left")


def reliability(models: Mapping[str, Figures], main: str, path: Path) -> None:
    """What came true against what was stated, both heads."""
    heads = {"digit": "Digit: stated confidence", "gate": "Gate: stated probability of a digit"}
    with figure(path, 9.5, 4, 1, 2) as axes:
        for (head, label), axis in zip(heads.items(), axes.flat, strict=True):
            axis.plot([0, 100], [0, 100], color="#999999", linewidth=0.8, linestyle="--")
            for name, look in looks([*models], main).items():
                found = models[name]["calibration"].get(head)
                if found is None:
                    continue
                stated, share = 100 * np.array(found["confidence"]), 100 * np.array(found["share"])
                axis.plot(stated, share, label=name, **look)
            axis.set(xlabel=f"{label}, %", ylabel="came true, %", xlim=(0, 101), ylim=(0, 101))
        axes.flat[0].legend(loc="upper left")


def confusion(counts: Sequence[Sequence[int]], path: Path) -> None:
    """A confusion matrix: shade by share of the row, numbers as they are."""
    matrix = np.array(counts)
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    with figure(path, 5, 5, 1, 1) as axes:
        axis = axes[0, 0]
        axis.grid(False)
        # Mistakes are few: on a plain scale they could not be told from none.
        axis.pcolormesh(np.sqrt(share), cmap="Reds", vmin=0, vmax=1.4, edgecolors="#eeeeee")
        for row, column in np.argwhere(matrix > 0).tolist():
            axis.text(
                column + 0.5, row + 0.5, str(matrix[row, column]), ha="center", va="center", size=8
            )
        places = np.arange(10) + 0.5
        axis.set(xticks=places, yticks=places, xlabel="read as", ylabel="drawn")
        axis.set_xticklabels(range(10))
        axis.set_yticklabels(range(10))
        axis.invert_yaxis()
        axis.set_aspect("equal")


def curve(points: Sequence[Figures], path: Path) -> None:
    """Accuracy on drawn digits against time and size, one point a width of the network."""
    panels = {"microseconds": ("microseconds an inference", 1.0), "bytes": ("kB", 1e-3)}
    with figure(path, 9.5, 4, 1, 2) as axes:
        for (key, (label, unit)), axis in zip(panels.items(), axes.flat, strict=True):
            ordered = sorted(points, key=lambda point: float(point[key]))
            across = [point[key] * unit for point in ordered]
            for name in ("pendigits", "niemenjoki", "hwd1000", "mnist"):
                axis.plot(
                    across, [point[name] for point in ordered], marker="o", markersize=4, label=name
                )
            axis.set(xlabel=label, ylabel="% read rightly")
        axes.flat[0].legend(loc="best")
