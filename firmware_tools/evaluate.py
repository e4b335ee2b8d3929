"""``evaluate``: every shipped int8 model on every data set, read as ``inkling read`` does it.

Writes one JSON file, which ``report`` turns into pages. A model's figures are written as soon as
they are complete, and are kept by later runs until its file or the settings change.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from device.errors import InklingError
from device.files import atomic_write
from device.library import Library
from device.recognizer import Recognizer
from firmware_tools import cards, data, figures, quickset, robustness, speed, train
from firmware_tools.figures import Figures
from firmware_tools.progress import say
from firmware_tools.readings import DRAWN, DrawingSet, load_sets, pictures, read_all

FORMAT = 1
"""Version of the JSON file's form."""

DRAWINGS = 500
"""Drawings that every point of a robustness curve is measured on."""

QUICK_LIMIT = 40
QUICK_DRAWINGS = 10


class EvaluationError(InklingError):
    """Settings that make no sense, or an evaluation that cannot be read."""


@dataclass(frozen=True)
class Settings:
    """What an evaluation is made with; figures are comparable where these are the same.

    ``limit`` is the most drawings of a set (None: all), ``drawings`` those of a robustness curve.
    """

    threshold: float = 0.5
    seed: int = 0
    limit: int | None = None
    drawings: int = DRAWINGS


@dataclass(frozen=True)
class Places:
    """The folders of the data sets, the models (None: the shipped ones) and the float models."""

    data: Path
    models: Path | None
    work: Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``evaluate``."""
    parser.add_argument("model", metavar="MODEL", nargs="*", help="all, unless some are named")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the folder of data sets")
    parser.add_argument("--models", type=Path, metavar="DIR", help="(the shipped ones)")
    parser.add_argument("--work", type=Path, metavar="DIR", help="float models and results (work)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="(WORK/evaluation.json)")
    parser.add_argument("--threshold", type=float, default=0.5, help="of the gate (0.5)")
    parser.add_argument("--seed", type=int, default=0, help="of samples and intervals (0)")
    parser.add_argument("--limit", type=int, metavar="N", help="at most N drawings of a set")
    parser.add_argument(
        "--drawings", type=int, metavar="N", help=f"of a robustness curve ({DRAWINGS})"
    )
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="models at a time (1)")
    parser.add_argument("--force", action="store_true", help="measure again what is there")
    parser.add_argument(
        "--quick", action="store_true", help="a smoke run on a tiny set drawn by code"
    )


def run(args: argparse.Namespace) -> int:
    """Measure the models, and write the figures after each."""
    settings = _settings(args)
    work: Path = args.work or (train.WORK / "quick" if args.quick else train.WORK)
    # A quick run draws its own data.
    made = quickset.write(work / "data", args.seed) if args.quick else None
    places = Places(made or data.data_folder(args.data), args.models, work)
    library = Library(places.models)
    names = chosen(library, args.model)
    out: Path = args.out or work / "evaluation.json"
    evaluation = _begun(out)
    models: dict[str, Figures] = evaluation["models"]
    waiting = [
        name
        for name in names
        if args.force or not is_current(models.get(name), library, name, settings)
    ]
    for name in sorted(set(names) - set(waiting)):
        say(f"{name} is measured already ({out}); --force measures it again")
    for name, found in _measured(waiting, places, settings, args.jobs):
        models[name] = found
        say(summary(name, found))
        _write(out, evaluation)
    say("timing all models in turns")
    model_input = _typical_input(places, settings)
    evaluation["speed"] = speed.measure(library, model_input, settings.seed)
    evaluation["circumstances"] = speed.circumstances()
    _write(out, evaluation)
    say(f"wrote {out}")
    return 0


def _settings(args: argparse.Namespace) -> Settings:
    limit = args.limit or (QUICK_LIMIT if args.quick else None)
    drawings = args.drawings or (QUICK_DRAWINGS if args.quick else DRAWINGS)
    if not 0 <= args.threshold <= 1:
        raise EvaluationError(f"--threshold {args.threshold:g}: a probability from 0 to 1")
    for option, value in (("--limit", limit or 1), ("--drawings", drawings), ("--jobs", args.jobs)):
        if value < 1:
            raise EvaluationError(f"{option} {value}: must be at least 1")
    if args.seed < 0:
        raise EvaluationError(f"--seed {args.seed}: must not be negative")
    return Settings(args.threshold, args.seed, limit, drawings)


def chosen(library: Library, names: Sequence[str]) -> tuple[str, ...]:
    """The models that those words mean; a gate alone is measured through the models that use it.

    Raises:
        ModelError: there is no such model.
    """
    if not names or "all" in names:
        return library.digit_models
    found = []
    for entry in map(library.entry, names):
        users = [one for one in library.digit_models if library.entry(one).gate == entry.name]
        found += [entry.name] if entry.reads_digits else users
    return tuple(dict.fromkeys(found))


def read_evaluation(path: Path) -> dict[str, Any]:
    """An evaluation as it was written.

    Raises:
        EvaluationError: there is none, or the file is something else.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise EvaluationError(
            f"{path}: no evaluation can be read there; make one with "
            "python -m firmware_tools evaluate"
        ) from error
    whole = isinstance(found, dict) and isinstance(found.get("models"), dict)
    if not whole or found.get("format") != FORMAT:
        raise EvaluationError(
            f"{path} is not an evaluation of format {FORMAT}; move it away, then run "
            "python -m firmware_tools evaluate"
        )
    return found


def _begun(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {"format": FORMAT, "models": {}}
    return read_evaluation(path)


def _write(path: Path, evaluation: dict[str, Any]) -> None:
    atomic_write(path, (json.dumps(evaluation, indent=1) + "\n").encode())


def is_current(
    found: Figures | None, library: Library, name: str, settings: Settings | None = None
) -> bool:
    """Whether figures are those of the library's very file, gate and (where given) settings."""
    entry = library.entry(name)
    if not isinstance(found, dict):
        return False
    return (
        found.get("sha256") == entry.sha256
        and found.get("gate_sha256") == library.entry(entry.gate).sha256
        and (settings is None or found.get("settings") == asdict(settings))
    )


def _measured(
    names: Sequence[str], places: Places, settings: Settings, jobs: int
) -> Iterator[tuple[str, Figures]]:
    """Each model's figures, in order; several at a time in processes of their own."""
    if jobs == 1 or len(names) < 2:
        yield from ((name, measure(name, places, settings)) for name in names)
        return
    # A fresh process each: what forks after an interpreter has run may hang in its threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(names)), context) as pool:
        started = [(name, pool.submit(measure, name, places, settings)) for name in names]
        yield from ((name, future.result()) for name, future in started)


@lru_cache(maxsize=1)
def _sets(folder: Path, limit: int | None, seed: int) -> tuple[DrawingSet, ...]:
    return load_sets(folder, limit, seed)


def _typical_input(places: Places, settings: Settings) -> Any:
    sets = _sets(places.data, settings.limit, settings.seed)
    reader = Recognizer(Library(places.models), threshold=settings.threshold)
    return read_all(reader, sets[0].drawings[:1]).seen[0]


def measure(name: str, places: Places, settings: Settings) -> Figures:
    """All figures of one model but its speed, as plain values for JSON.

    Raises:
        InklingError: the model or every set of digits is missing or damaged.
    """
    library = Library(places.models)
    entry = library.entry(name)
    recognizer = Recognizer(library, name, settings.threshold)
    sets = _sets(places.data, settings.limit, settings.seed)
    answers = {
        one.name: read_all(recognizer, one.drawings, f"{name}, {one.name}", len(one))
        for one in sets
    }
    digits = [one for one in sets if one.truth is not None]
    others = [one for one in sets if one.truth is None]
    found: Figures = {
        "sha256": entry.sha256,
        "gate": entry.gate,
        "gate_sha256": library.entry(entry.gate).sha256,
        "pipeline": entry.pipeline,
        "settings": asdict(settings),
        "milliseconds": float(
            np.median(np.concatenate([a.milliseconds for a in answers.values()]))
        ),
        "digits": {
            one.name: figures.of_digits(one, answers[one.name], settings.seed) for one in digits
        },
        "others": {
            one.name: figures.of_others(one, answers[one.name], settings.seed) for one in others
        },
        "auroc": figures.aurocs(digits, others, answers, settings.seed),
        "calibration": figures.calibrations(digits, others, answers),
        "robustness": {},
    }
    chosen = cards.recipe_of(entry)
    if chosen is not None and chosen.published_sets:
        found["published_sets"] = _over(recognizer, chosen.published_sets, places, settings)
    keras = places.work / (entry.recipe or name) / "model.keras"
    found["float"] = figures.of_float(keras, digits, answers)
    for one in digits:
        if one.name == DRAWN:
            subset = one.sampled(settings.drawings, settings.seed)
            found["robustness"] = robustness.measure(recognizer, subset, settings.seed)
            found["robustness_count"] = len(subset)
    return found


def _over(
    recognizer: Recognizer, names: Sequence[str], places: Places, settings: Settings
) -> Figures:
    """How many pictures of several sets, taken as one, are read rightly."""
    right = count = 0
    for name in names:
        one = pictures(places.data, name).sampled(settings.limit, settings.seed)
        answers = read_all(recognizer, one.drawings, f"{recognizer.model}, {name}", len(one))
        right += int(np.sum(answers.digit == one.truth))
        count += len(one)
    return {"sets": list(names), "count": count, "accuracy": right / count}


def summary(name: str, found: Figures) -> str:
    """One line on a model's figures, for the person who waited."""
    parts = [f"{key} {one['accuracy']:.2%}" for key, one in found["digits"].items()]
    parts += [f"{key} accepted {one['false_accepts']:.2%}" for key, one in found["others"].items()]
    return f"{name}: {', '.join(parts)}"
