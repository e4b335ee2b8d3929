"""What a recipe is, and how to find one by its name.

A recipe is an architecture, an input pipeline and a training procedure. Each lives in one small
file of :mod:`firmware_tools.recipes`, which is imported when somebody asks for it. TensorFlow is
imported later still, when a network is built.
"""

from __future__ import annotations

import difflib
import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from device.errors import InklingError

if TYPE_CHECKING:
    from firmware_tools.inputs import Examples

NAMES = (
    "gubboit",
    "gubboit-gate",
    "digito",
    "abc1203",
    "toy-mlp",
    "flask-mlp",
    "flask-cnn",
    "scratch-mlp",
    "inkling",
)
"""The recipes that are trained and shipped, in the order in which they need each other."""

VARIANTS = {"digito-keep": "digito"}
"""Recipes that are an option of another one, and whose file they stand in."""


class RecipeError(InklingError):
    """A recipe that does not exist or cannot be followed here."""


@dataclass(frozen=True)
class Job:
    """One training to be done: what, with which data, where to and how exactly.

    ``data`` is the folder of data sets; ``work`` holds one folder a recipe; ``precision`` is
    "float32" or "bfloat16".
    """

    recipe: Recipe
    data: Path
    work: Path
    seed: int
    epochs: int
    quick: bool
    precision: str

    @property
    def folder(self) -> Path:
        """Where this recipe's files go."""
        return self.work / self.recipe.name


@dataclass(frozen=True)
class Trained:
    """What a training leaves: a float32 Keras model, its history and how much it saw.

    ``history`` has one mapping of figures an epoch; ``counts`` says how many drawings came from
    which data set; ``precision`` what it was computed in, where that is not the job's.
    """

    model: Any
    history: list[dict[str, float]]
    counts: dict[str, int]
    precision: str = ""


@dataclass(frozen=True)
class Recipe:
    """A named architecture, input pipeline and training procedure.

    The texts are for people: ``origin`` is where the system was published, ``deviations`` is
    what we do otherwise than it did. ``published`` is its own figure in percent, ``published_on``
    what that was measured on, and ``published_sets`` the sets that those drawings were taken from,
    where they are not our test set. ``gate`` names the model that answers "is it a digit?" for this
    one; ``heads`` are the roles of the outputs, in order.

    A recipe is trained by Keras from ``batch``, ``optimizer`` (made anew for each training),
    ``loss`` and ``schedule`` (epoch from 0 to learning rate), after ``begin`` had a look at the
    fresh model. One that is trained in another way brings its own ``fit``.
    ``examples`` (data folder, seed) replaces the reading of ``trained_on``; ``hold_out`` is the
    part of it that is kept out of training to measure on.
    """

    name: str
    title: str
    description: str
    origin: str
    pipeline: str
    trained_on: tuple[str, ...]
    epochs: int
    build: Callable[[], Any]
    batch: int = 32
    optimizer: Callable[[], Any] | None = None
    loss: str = "sparse_categorical_crossentropy"
    schedule: Callable[[int], float] | None = None
    begin: Callable[[Any, Job], None] | None = None
    fit: Callable[[Job], Trained] | None = None
    examples: Callable[[Path, int], Examples] | None = None
    hold_out: float = 0.0
    published: float | None = None
    published_on: str = ""
    published_sets: tuple[str, ...] = ()
    deviations: str = ""
    gate: str = "inkling"
    heads: tuple[str, ...] = ("digit",)


def by_name(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        RecipeError: there is none; the nearest name is suggested.
    """
    if name not in NAMES and name not in VARIANTS:
        near = difflib.get_close_matches(name, (*NAMES, *VARIANTS), 1, 0.4)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(NAMES)}"
        raise RecipeError(f"no recipe is called {name!r}; {hint}")
    file = VARIANTS.get(name, name).replace("-", "_")
    module = importlib.import_module(f"firmware_tools.recipes.{file}")
    found: list[Recipe] = [module.RECIPE, *getattr(module, "VARIANTS", ())]
    return next(recipe for recipe in found if recipe.name == name)


def load_tensorflow() -> Any:
    """The tensorflow module.

    Raises:
        RecipeError: it is not installed.
    """
    # Its start-up notes (no GPU, rebuild for more speed) mean nothing to the person training.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        import tensorflow
    except ImportError as error:
        raise RecipeError(
            "TensorFlow is not installed, and training needs it: "
            "pip install 'inkling[train]' (with Python 3.11)"
        ) from error
    return tensorflow


def load_keras() -> Any:
    """Keras, as it comes with TensorFlow.

    Raises:
        RecipeError: TensorFlow is not installed.
    """
    return load_tensorflow().keras
