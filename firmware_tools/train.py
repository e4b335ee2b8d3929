"""``train``: from a recipe and a folder of data sets to a float32 Keras model.

Writes ``WORK/NAME/model.keras`` and, last of all, ``WORK/NAME/train.json``, which says how the
model came about: where it lies, the training is complete.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from device.files import atomic_write, replacing
from firmware_tools import data, keras_fit, quickset, recipe
from firmware_tools.inputs import from_images, scaled
from firmware_tools.progress import say
from firmware_tools.recipe import Job, Recipe, Trained

WORK = Path("work")
"""Where trainings go unless told otherwise; git ignores it."""

PRECISIONS = ("auto", "float32", "bfloat16")


def add_common(parser: argparse.ArgumentParser) -> None:
    """The arguments that every command about data and models shares."""
    parser.add_argument("--data", type=Path, metavar="DIR", help="the folder of data sets")
    parser.add_argument(
        "--work", "--out", type=Path, metavar="DIR", help="where results go (work, or work/quick)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of all randomness (0)")
    parser.add_argument(
        "--quick", action="store_true", help="a smoke run on a tiny set drawn by code"
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``train``."""
    parser.add_argument("recipe", metavar="RECIPE", help=f"all, or {', '.join(recipe.NAMES)}")
    add_common(parser)
    add_training(parser)


def add_training(parser: argparse.ArgumentParser) -> None:
    """The arguments that only training needs."""
    parser.add_argument("--epochs", type=_positive, metavar="N", help="instead of the recipe's")
    parser.add_argument("--precision", choices=PRECISIONS, default="auto")
    parser.add_argument("--force", action="store_true", help="train anew what is trained already")


def run(args: argparse.Namespace) -> int:
    """Train one recipe, or all of them in the order in which they need each other."""
    names = recipe.NAMES if args.recipe == "all" else (args.recipe,)
    recipes = [recipe.by_name(name) for name in names]
    # Said at once, and not after minutes of reading data.
    recipe.load_tensorflow()
    folder, work = folders(args)
    for chosen in recipes:
        epochs = args.epochs or (1 if args.quick else chosen.epochs)
        precision = args.precision
        if precision == "auto":
            precision = keras_fit.best_precision()
        job = Job(chosen, folder, work, args.seed, epochs, args.quick, precision)
        if args.force or not is_trained(job):
            train(job)
        else:
            say(f"{chosen.name} is trained already ({job.folder}); --force trains it anew")
    return 0


def folders(args: argparse.Namespace) -> tuple[Path, Path]:
    """The data folder and the work folder that the common arguments mean.

    A quick run draws its own data into its work folder.
    """
    work: Path = args.work or (WORK / "quick" if args.quick else WORK)
    if args.quick:
        return quickset.write(work / "data", args.seed), work
    return data.data_folder(args.data), work


def is_trained(job: Job) -> bool:
    """Whether the result of this very job lies in its folder already."""
    try:
        record = json.loads((job.folder / "train.json").read_text())
    except (OSError, ValueError):
        return False
    wanted = {
        "recipe": job.recipe.name,
        "seed": job.seed,
        "epochs": job.epochs,
        "quick": job.quick,
    }
    present = (job.folder / "model.keras").is_file()
    return (
        present
        and isinstance(record, dict)
        and all(record.get(key) == value for key, value in wanted.items())
    )


def train(job: Job) -> Trained:
    """Do a job and write what comes of it.

    Raises:
        InklingError: data is missing or damaged, TensorFlow is not installed, the network went
            to NaN, or a file cannot be written; nothing half-written is left behind.
    """
    tensorflow = recipe.load_tensorflow()
    say(f"training {job.recipe.name}: {job.epochs} epochs, seed {job.seed}, {job.precision}")
    started = time.monotonic()
    trained = (job.recipe.fit or keras_fit.fit)(job)
    seconds = time.monotonic() - started
    keras_fit.check_finite(trained.model, job.recipe.name)
    accuracy = float_accuracy(job.recipe, trained.model, job.data)
    record = {
        "recipe": job.recipe.name,
        "pipeline": job.recipe.pipeline,
        "seed": job.seed,
        "epochs": job.epochs,
        "quick": job.quick,
        "precision": trained.precision or job.precision,
        "counts": trained.counts,
        "parameters": int(trained.model.count_params()),
        "seconds": round(seconds, 1),
        "accuracy": accuracy,
        "published": job.recipe.published,
        "tensorflow": tensorflow.__version__,
        "history": trained.history,
    }
    with replacing(job.folder / "model.keras") as temporary:
        trained.model.save(temporary)
    atomic_write(job.folder / "train.json", json.dumps(record, indent=1).encode())
    keras_fit.Checkpoint(job).clear()
    say(summary(record, job.folder))
    return trained


def float_accuracy(chosen: Recipe, model: Any, folder: Path) -> dict[str, float]:
    """Percent right on MNIST's test file, to report only; empty without a digit head or the file.

    Nothing is chosen by this figure.
    """
    if "digit" not in chosen.heads:
        return {}
    try:
        test = data.load_images(folder, "mnist-test")
    except data.DataError:
        return {}
    answers = model.predict(
        scaled(from_images(test.images, chosen.pipeline, test.name)), batch_size=512, verbose=0
    )
    if isinstance(answers, list | tuple):
        answers = answers[chosen.heads.index("digit")]
    right = np.argmax(answers, axis=1) == test.digits()
    return {"mnist-test": round(100 * float(right.mean()), 3)}


def summary(record: dict[str, Any], folder: Path) -> str:
    """One line on a finished training, for the person who waited."""
    parts = [f"{record['recipe']}: {record['parameters']:,} parameters"]
    parts += [f"{value:.2f} % on {name}" for name, value in record["accuracy"].items()]
    if record["published"] is not None:
        parts.append(f"published {record['published']:g} %")
    parts.append(f"{record['seconds']:.0f} s, in {folder}")
    return ", ".join(parts)


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value
