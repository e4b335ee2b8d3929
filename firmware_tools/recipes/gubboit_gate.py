"""GubboIT "digit or not": the digit network taught to answer another question."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from firmware_tools import data, inputs
from firmware_tools.recipe import Job, Recipe, RecipeError, load_keras
from firmware_tools.recipes import gubboit

DIGIT_INKS = ("unipen-digits", "pendigits")
OTHER_INKS = ("unipen-upper", "unipen-lower", "unipen-symbols", "quickdraw", "omniglot")
PIPELINE = "gubboit"


def build() -> Any:
    """The Keras model: 28x28 in; not a digit, digit out."""
    return gubboit.network(2, "gate")


def begin(model: Any, job: Job) -> None:
    """Take over what the trained ``gubboit`` knows; only the last two dense layers learn on.

    Raises:
        RecipeError: ``gubboit`` has not been trained yet.
    """
    path = job.work / gubboit.RECIPE.name / "model.keras"
    if not path.is_file():
        raise RecipeError(f"{job.recipe.name} builds on gubboit: no {path}; train gubboit first")
    teacher = load_keras().models.load_model(path, compile=False)
    for layer, taught in zip(model.layers[:-1], teacher.layers[:-1], strict=True):
        layer.set_weights(taught.get_weights())
    dense = [layer for layer in model.layers if hasattr(layer, "units")]
    for layer in model.layers:
        layer.trainable = layer in dense[-2:]


def examples(folder: Path, seed: int) -> inputs.Examples:
    """Digits (1) and letters, signs, doodles (0) of the training writers."""
    made, targets, counts = [], [], {}
    pictures = data.load_images(folder, "mnist-train")
    made.append(inputs.from_images(pictures.images, PIPELINE, pictures.name))
    targets.append(np.ones(len(pictures), np.int64))
    counts[pictures.name] = len(pictures)
    for name in (*DIGIT_INKS, *OTHER_INKS):
        inks = [row.ink for row in data.load_inks(folder, name) if row.split == "train"]
        made.append(inputs.from_inks(inks, PIPELINE, name))
        targets.append(np.full(len(inks), int(name in DIGIT_INKS), np.int64))
        counts[name] = len(inks)
    return inputs.held_out(np.concatenate(made), np.concatenate(targets), counts, 0.02, seed)


RECIPE = Recipe(
    name="gubboit-gate",
    title="GubboIT digit or not",
    description="GubboIT's network, its last two layers taught to tell digits from the rest",
    origin='GubboIT "digit or not", transfer learning',
    pipeline=PIPELINE,
    trained_on=("mnist-train", *DIGIT_INKS, *OTHER_INKS),
    epochs=6,
    build=build,
    batch=128,
    optimizer=lambda: load_keras().optimizers.Adam(),
    begin=begin,
    examples=examples,
    gate="gubboit-gate",
    heads=("gate",),
    deviations=(
        "Its about 1,500 symbols drawn in the app are not published: digits of MNIST and pen "
        "digits stand against letters, signs and doodles instead. The number of epochs (6) is "
        "our choice, as are the dropout rates, the optimiser and the batch."
    ),
)
