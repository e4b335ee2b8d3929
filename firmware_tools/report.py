"""``report``: the page on all models, its plots, and a card for each, from an evaluation.

Nothing is measured here. What the evaluation does not hold, or holds of another file than the
shipped one, is left out, and that is said.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from device.files import atomic_write
from device.library import Library
from firmware_tools import cards, pages, plots, train
from firmware_tools.evaluate import EvaluationError, is_current, read_evaluation
from firmware_tools.progress import say

DOCS = Path("docs")

FOLDER = "models"
"""Plots and cards lie in this folder beside the page."""

Figures = Mapping[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``report``."""
    parser.add_argument("--models", type=Path, metavar="DIR", help="(the shipped ones)")
    parser.add_argument("--work", type=Path, metavar="DIR", help="where the evaluation is (work)")
    parser.add_argument("--evaluation", type=Path, metavar="FILE", help="(WORK/evaluation.json)")
    parser.add_argument("--docs", type=Path, metavar="DIR", help="where pages go (docs)")
    parser.add_argument("--no-plots", action="store_true", help="leave the plots as they are")
    parser.add_argument("--quick", action="store_true", help="of a quick run, into WORK/docs")


def run(args: argparse.Namespace) -> int:
    """Write ``models.md``, the plots and the cards."""
    work: Path = args.work or (train.WORK / "quick" if args.quick else train.WORK)
    docs: Path = args.docs or (work / "docs" if args.quick else DOCS)
    path: Path = args.evaluation or work / "evaluation.json"
    library = Library(args.models)
    evaluation = usable(read_evaluation(path), library, path)
    curve = read_curve(work / "curve.json")
    if not args.no_plots:
        draw(evaluation, library.default, curve, docs / FOLDER)
    for name in library.names:
        page = cards.card(library, name, evaluation)
        atomic_write(docs / FOLDER / f"{name}.md", page.encode())
    atomic_write(docs / "models.md", pages.on_all(library, evaluation, curve).encode())
    say(f"wrote {docs / 'models.md'} and {docs / FOLDER}")
    return 0


def usable(evaluation: dict[str, Any], library: Library, path: Path) -> dict[str, Any]:
    """The evaluation, with the figures of the library's very files alone, in its order.

    Raises:
        EvaluationError: nothing is left, or it was not completed.
    """
    models = {}
    try:
        for name in library.digit_models:
            if is_current(evaluation["models"].get(name), library, name):
                models[name] = evaluation["models"][name]
            else:
                say(
                    f"{name}: no figures of the file that is shipped; left out "
                    f"(python -m firmware_tools evaluate {name})"
                )
        speed, circumstances = evaluation["speed"], evaluation["circumstances"]
    except (KeyError, TypeError, AttributeError) as error:
        raise EvaluationError(
            f"{path} is not complete; run python -m firmware_tools evaluate"
        ) from error
    if not models:
        raise EvaluationError(
            f"{path} holds no figures of the shipped models; "
            "run python -m firmware_tools evaluate first"
        )
    return {**evaluation, "models": models, "speed": speed, "circumstances": circumstances}


def read_curve(path: Path) -> list[dict[str, Any]]:
    """The points of the size curve, where somebody has measured one; otherwise none.

    Raises:
        EvaluationError: the file is something else.
    """
    if not path.exists():
        return []
    keys = ("name", "parameters", "bytes", "microseconds", "pendigits", "niemenjoki", "hwd1000")
    try:
        points = json.loads(path.read_text(encoding="utf-8"))["points"]
        return [{**point, **{key: point[key] for key in (*keys, "mnist")}} for point in points]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EvaluationError(f"{path} is not a size curve; remove it or measure anew") from error


def draw(evaluation: Figures, main: str, curve: Sequence[Figures], folder: Path) -> None:
    """All plots of the page."""
    models: Figures = evaluation["models"]
    shown = main if main in models else next(iter(models))
    curves = {name: found for name, found in models.items() if found["robustness"]}
    if curves:
        plots.robustness(curves, shown, folder / "robustness.svg")
    plots.reliability(models, shown, folder / "reliability.svg")
    plots.confusion(pages.drawn_confusion(models[shown]), folder / "confusion.svg")
    if curve:
        plots.curve(curve, folder / "curve.svg")
