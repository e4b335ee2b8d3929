"""Training with Keras: seeded, resumable after each epoch, in bfloat16 where that is fast.

The network that comes out is plain float32, whatever it was trained in.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np

from device.files import atomic_write, replacing
from firmware_tools.inputs import examples_of, scaled
from firmware_tools.recipe import Job, Recipe, RecipeError, Trained, load_keras, load_tensorflow

POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}
"""Keras's names for the precisions that a training can run in."""


class TrainingError(RecipeError):
    """A training that cannot go on, or whose result is no good."""


def best_precision(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """ "bfloat16" where the processor multiplies it in hardware (AMX), else "float32".

    On such a processor a convolutional network trains four to five times faster.
    """
    try:
        return "bfloat16" if "amx_bf16" in cpuinfo.read_text() else "float32"
    except OSError:
        return "float32"


def fit(job: Job) -> Trained:
    """Train a recipe as it says, from where an interrupted training of the same job stopped.

    Raises:
        DataError: a data set is missing or damaged.
        TrainingError: the network went to NaN.
        FileError: a checkpoint cannot be written.
    """
    examples = examples_of(job.recipe, job.data, job.seed)
    load_tensorflow().config.experimental.enable_op_determinism()
    keras = load_keras()
    keras.mixed_precision.set_global_policy(POLICIES[job.precision])
    try:
        checkpoint = Checkpoint(job)
        model = checkpoint.resumed() or _fresh(job)
        # Another stream of random numbers for the rest of a resumed training than for its start.
        keras.utils.set_random_seed(job.seed + len(checkpoint.history))
        held = None
        if len(examples.held_inputs):
            held = (scaled(examples.held_inputs), examples.held_targets)
        model.fit(
            scaled(examples.inputs),
            examples.targets,
            batch_size=job.recipe.batch,
            epochs=job.epochs,
            initial_epoch=len(checkpoint.history),
            validation_data=held,
            callbacks=_callbacks(job.recipe, model, checkpoint),
            verbose=1 if sys.stderr.isatty() else 2,
        )
    finally:
        keras.mixed_precision.set_global_policy("float32")
    return Trained(as_float32(job.recipe, model), checkpoint.history, examples.counts)


def as_float32(recipe: Recipe, model: Any) -> Any:
    """The same weights in a network that computes in float32 throughout."""
    load_keras().mixed_precision.set_global_policy("float32")
    plain = recipe.build()
    plain.set_weights(model.get_weights())
    return plain


def check_finite(model: Any, name: str) -> None:
    """Refuse a network with weights that are no numbers.

    Raises:
        TrainingError: naming the weight.
    """
    for weight in model.weights:
        if not np.isfinite(np.asarray(weight, np.float32)).all():
            raise TrainingError(
                f"{name}: {weight.name} holds NaN or infinity; "
                "train it anew, with another --seed or a lower learning rate"
            )


def _fresh(job: Job) -> Any:
    keras = load_keras()
    keras.utils.set_random_seed(job.seed)
    recipe = job.recipe
    model = recipe.build()
    if recipe.begin is not None:
        recipe.begin(model, job)
    if recipe.optimizer is None:
        raise TrainingError(f"the recipe {recipe.name} names no optimiser")
    # Without compiling to XLA: on a CPU that costs minutes and gains nothing.
    model.compile(recipe.optimizer(), loss=recipe.loss, metrics=["accuracy"], jit_compile=False)
    return model


class Checkpoint:
    """The state of an interrupted training: network, optimiser, history; written each epoch.

    A checkpoint of another job (other seed, data or precision) is not used. ``history`` has one
    mapping of figures an epoch done.
    """

    def __init__(self, job: Job) -> None:
        self.folder = job.folder
        self.history: list[dict[str, float]] = []
        self._job = {
            "recipe": job.recipe.name,
            "pipeline": job.recipe.pipeline,
            "seed": job.seed,
            "quick": job.quick,
            "precision": job.precision,
            "data": str(job.data.resolve()),
        }

    @property
    def _state(self) -> Path:
        return self.folder / "checkpoint.json"

    def resumed(self) -> Any:
        """The network as it was when training stopped, or None; fills ``history``."""
        try:
            state = json.loads(self._state.read_text())
            if state["job"] != self._job:
                return None
            model = load_keras().models.load_model(self.folder / state["model"])
            self.history = state["history"]
        except (OSError, ValueError, KeyError, TypeError):
            # No checkpoint, or a damaged one: training starts anew, which is always right.
            return None
        return model

    def save(self, model: Any, figures: dict[str, float]) -> None:
        """Add an epoch and write everything; an older state stays valid until this one is.

        Raises:
            FileError: it cannot be written.
        """
        self.history.append(figures)
        path = self.folder / f"checkpoint-{len(self.history)}.keras"
        with replacing(path) as temporary:
            model.save(temporary)
        state = {"job": self._job, "model": path.name, "history": self.history}
        atomic_write(self._state, json.dumps(state).encode())
        for other in self.folder.glob("checkpoint-*.keras"):
            if other != path:
                other.unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove the checkpoint, once the finished network is written."""
        for path in (self._state, *self.folder.glob("checkpoint-*.keras")):
            path.unlink(missing_ok=True)


def _callbacks(recipe: Recipe, model: Any, checkpoint: Checkpoint) -> list[Any]:
    """What happens at the end of each epoch: check, write, change the learning rate."""
    callbacks = load_keras().callbacks

    def epoch_end(epoch: int, logs: dict[str, Any]) -> None:
        figures = {name: float(value) for name, value in logs.items()}
        if not all(math.isfinite(value) for value in figures.values()):
            raise TrainingError(
                f"{recipe.name}: the loss is no number after epoch {epoch + 1}; "
                "try another --seed or a lower learning rate"
            )
        check_finite(model, recipe.name)
        checkpoint.save(model, figures)

    made = [callbacks.LambdaCallback(on_epoch_end=epoch_end)]
    if recipe.schedule is not None:
        made.insert(0, callbacks.LearningRateScheduler(recipe.schedule))
    return made
