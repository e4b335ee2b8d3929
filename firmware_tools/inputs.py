"""Training examples as a model sees them: through the device's own input pipelines.

Training, quantising and evaluation all come here for model inputs, and this module asks
:mod:`device.normalise`, so that what a model learned from is what the kiosk will show it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from device import pixels
from device.ink import Ink
from device.normalise import PIPELINES, SIDE
from firmware_tools import data
from firmware_tools.progress import bar
from firmware_tools.recipe import Recipe


@dataclass(frozen=True, eq=False)
class Examples:
    """Model inputs uint8 (n, 28, 28) and their classes int64 (n,), to learn from and held out.

    ``counts`` says how many of those to learn from came from which data set.
    """

    inputs: NDArray[np.uint8]
    targets: NDArray[np.int64]
    held_inputs: NDArray[np.uint8]
    held_targets: NDArray[np.int64]
    counts: dict[str, int]


def from_images(images: NDArray[np.uint8], pipeline: str, what: str = "") -> NDArray[np.uint8]:
    """Pictures, uint8 (n, height, width), as model inputs uint8 (n, 28, 28)."""
    made = PIPELINES[pipeline].from_pixels
    rows = bar(images, what or f"{pipeline} input", len(images), "picture")
    return _stacked([made(pixels.clean(image)) for image in rows])


def from_inks(inks: Sequence[Ink], pipeline: str, what: str = "") -> NDArray[np.uint8]:
    """Drawings as model inputs uint8 (n, 28, 28)."""
    made = PIPELINES[pipeline].from_ink
    rows = bar(inks, what or f"{pipeline} input", len(inks), "drawing")
    return _stacked([made(ink) for ink in rows])


def scaled(inputs: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Model inputs as the real numbers that a network computes with: 0..1, (n, 28, 28, 1)."""
    return inputs.astype(np.float32)[..., None] / np.float32(255)


def examples_of(recipe: Recipe, folder: Path, seed: int = 0) -> Examples:
    """Everything that a recipe learns from, and what it holds out.

    Raises:
        DataError: a data set is missing or damaged.
    """
    if recipe.examples is not None:
        return recipe.examples(folder, seed)
    sets = [data.load_images(folder, name) for name in recipe.trained_on]
    inputs = np.concatenate(
        [from_images(images.images, recipe.pipeline, images.name) for images in sets]
    )
    targets = np.concatenate([images.digits() for images in sets])
    counts = {images.name: len(images) for images in sets}
    return held_out(inputs, targets, counts, recipe.hold_out, seed)


def held_out(
    inputs: NDArray[np.uint8],
    targets: NDArray[np.int64],
    counts: dict[str, int],
    part: float,
    seed: int,
) -> Examples:
    """Split off a random ``part`` (0..1), the same one for the same seed."""
    order = np.random.default_rng(seed).permutation(len(inputs))
    held, kept = np.split(order, [round(part * len(inputs))])
    if part == 0:
        kept = np.arange(len(inputs))
    return Examples(inputs[kept], targets[kept], inputs[held], targets[held], counts)


def _stacked(rows: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    return np.stack(rows) if rows else np.zeros((0, SIDE, SIDE), np.uint8)
