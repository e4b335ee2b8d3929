"""Pictures for quantising: a representative set, and others to prove the result with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from device.samples import FILE, NOT_A_DIGIT, Samples
from firmware_tools import data
from firmware_tools.inputs import Examples, from_images, from_inks, held_out
from firmware_tools.manifest import GATE_SET
from firmware_tools.prove import Classes
from firmware_tools.recipe import Recipe

PROVEN_ON = 5_000
"""Pictures of its own kind that a model is proven on."""


@dataclass(frozen=True, eq=False)
class Material:
    """Model inputs uint8 (n, 28, 28): ``samples`` to find ranges with, ``inputs`` with their
    right classes (by role, -1 for none) to prove the result with. The first ``own`` of these are
    of the kind that the model learned from."""

    samples: NDArray[np.uint8]
    inputs: NDArray[np.uint8]
    targets: Classes
    own: int


def of_recipe(recipe: Recipe, folder: Path, seed: int, samples: int) -> Material:
    """Pictures of the kind that a recipe learns from.

    The proof is on what training held out, filled up with training pictures that are not among
    the samples: whether int8 answers as float does, shows on these as well.

    Raises:
        DataError: a data set is missing or damaged.
    """
    if recipe.examples is not None:
        found = recipe.examples(folder, seed)
        return _material(found, recipe.heads, seed, samples)
    sets = [data.load_images(folder, name) for name in recipe.trained_on]
    images = np.concatenate([one.images for one in sets])
    targets = np.concatenate([one.digits() for one in sets])
    split = held_out(images, targets, {}, recipe.hold_out, seed)
    raw = _material(split, recipe.heads, seed, samples)
    return Material(
        from_images(raw.samples, recipe.pipeline),
        from_images(raw.inputs, recipe.pipeline),
        raw.targets,
        raw.own,
    )


def of_folder(
    folder: Path, pipeline: str, roles: tuple[str, ...], seed: int, samples: int
) -> Material:
    """Pictures for a model of one's own.

    Args:
        folder: data sets under their usual names, folders 0 to 9 of pictures, or a kiosk's
            labelled drawings (``samples.jsonl``).
        roles: what the model answers.

    Raises:
        DataError: no pictures there, or one that cannot be read.
    """
    if any((folder / label).is_dir() for label in data.DIGITS):
        inputs, targets = _from_pictures(folder, pipeline)
    elif (folder / FILE).is_file():
        inputs, targets = _from_samples(folder, pipeline, "gate" in roles)
    else:
        images = data.load_images(folder, "mnist-train")
        chosen = images.chosen(_some(len(images), PROVEN_ON + samples, seed))
        inputs, targets = from_images(chosen.images, pipeline), chosen.digits()
    if "gate" in roles and (targets >= 0).all():
        others = _not_digits(folder, pipeline, len(inputs), seed)
        targets = np.concatenate([targets, np.full(len(others), -1)])
        inputs = np.concatenate([inputs, others])
    if roles == ("gate",):
        targets = (targets >= 0).astype(np.int64)
    if len(inputs) < 2 * samples:
        samples = max(1, len(inputs) // 2)
    return _material(held_out(inputs, targets, {}, 0, seed), roles, seed, samples)


def _material(found: Examples, roles: tuple[str, ...], seed: int, samples: int) -> Material:
    held = _some(len(found.held_inputs), PROVEN_ON, seed)
    # What training held out comes first; where that is little, its other pictures fill up.
    order = _some(len(found.inputs), samples + PROVEN_ON - len(held), seed)
    inputs = np.concatenate([found.held_inputs[held], found.inputs[order[samples:]]])
    targets = np.concatenate([found.held_targets[held], found.targets[order[samples:]]])
    return Material(found.inputs[order[:samples]], inputs, classes(targets, roles), len(inputs))


def with_sets(
    material: Material, sets: Mapping[str, tuple[NDArray[np.uint8], NDArray[np.int64]]]
) -> Material:
    """The same, to be proven on more: drawings by people whose hands the model has not seen.

    Args:
        sets: inputs and classes by name, from :func:`firmware_tools.manifest.measured_sets`.
            MNIST's test file among them is left out: nothing is decided by it.
    """
    inputs = [material.inputs]
    targets = {role: [right] for role, right in material.targets.items()}
    for name, (more, right) in sets.items():
        if name == "mnist-test":
            continue
        inputs.append(more)
        answers = "gate" if name == GATE_SET else "digit"
        for role, rows in targets.items():
            rows.append(right if role == answers else np.full(len(right), -1))
    joined = {role: np.concatenate(rows) for role, rows in targets.items()}
    return Material(material.samples, np.concatenate(inputs), joined, material.own)


def classes(targets: NDArray[np.int64], roles: tuple[str, ...]) -> Classes:
    """A recipe's targets by role. A gate alone is taught 0 and 1; a model that also reads digits
    is taught 0-9 and anything else for what is no digit."""
    if roles == ("gate",):
        return {"gate": targets}
    digit = (targets >= 0) & (targets <= 9)
    found = {"digit": np.where(digit, targets, -1)}
    if "gate" in roles:
        found["gate"] = digit.astype(np.int64)
    return found


def _some(total: int, count: int, seed: int) -> NDArray[np.int64]:
    return np.random.default_rng(seed).permutation(total)[:count]


def _from_pictures(folder: Path, pipeline: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Pictures in folders named after the digit they show."""
    from device.images import read_image

    made, labels = [], []
    for label in data.DIGITS:
        paths = sorted(path for path in (folder / label).glob("*") if path.is_file())
        for path in paths:
            made.append(from_images(read_image(path)[None], pipeline))
            labels.append(int(label))
    if not made:
        raise data.DataError(f"the folders 0 to 9 in {folder} hold no pictures")
    return np.concatenate(made), np.array(labels, np.int64)


def _from_samples(
    folder: Path, pipeline: str, gate: bool
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """A kiosk's labelled drawings; with ``gate`` also those that are no digits, their class -1."""
    found = [one for one in Samples(folder) if gate or one.label != NOT_A_DIGIT]
    labels = {one.label for one in found}
    if not labels - {NOT_A_DIGIT} or (gate and NOT_A_DIGIT not in labels):
        wanted = "digits and drawings that are none" if gate else "digits"
        raise data.DataError(f"{folder / FILE} must hold {wanted}; teach some more")
    drawn = [one for one in found if one.ink is not None]
    pictures = [one for one in found if one.ink is None]
    made = [from_inks([one.ink for one in drawn if one.ink is not None], pipeline)]
    if pictures:
        made.append(from_images(np.stack([one.pixels for one in pictures]), pipeline))
    targets = [-1 if one.label == NOT_A_DIGIT else int(one.label) for one in (*drawn, *pictures)]
    return np.concatenate(made), np.array(targets, np.int64)


def _not_digits(folder: Path, pipeline: str, count: int, seed: int) -> NDArray[np.uint8]:
    """Letters, signs and doodles of the training writers, at most ``count``."""
    inks = []
    for name in sorted(data.NOT_DIGITS & set(data.INK_SETS)):
        inks += [row.ink for row in data.load_inks(folder, name) if row.split == "train"]
    return from_inks([inks[number] for number in _some(len(inks), count, seed)], pipeline)
