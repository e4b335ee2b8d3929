"""A network of sigmoid layers that learns by backpropagation, in numpy alone.

After M. Nielsen, *Neural Networks and Deep Learning*, chapters 1 and 2: quadratic cost,
mini-batches, plain gradient descent. With a batch of one it is also the Coding Train's "toy neural
network". What it learned is carried into a Keras model that computes the same.
"""

from __future__ import annotations

import io
import itertools
import json
import math
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.files import atomic_write
from device.normalise import SIDE
from firmware_tools.inputs import examples_of
from firmware_tools.keras_fit import TrainingError
from firmware_tools.progress import bar
from firmware_tools.recipe import Job, Trained, load_keras

Array = NDArray[np.float32]


@dataclass
class NumpyNet:
    """Fully connected sigmoid layers.

    ``weights`` are float32 (inputs, outputs) of each layer, ``biases`` float32 (outputs,).
    ``cost`` is "quadratic" (|answer - target|^2 / 2) or "cross-entropy".
    """

    weights: list[Array]
    biases: list[Array]
    cost: str = "quadratic"

    @classmethod
    def random(
        cls, sizes: tuple[int, ...], rng: np.random.Generator, modern: bool = False
    ) -> NumpyNet:
        """A network that knows nothing yet.

        As in the book's first chapter: normal weights of width 1, quadratic cost; or (``modern``)
        as in its third: divided by the root of the number of inputs, cross-entropy.
        """
        layers = list(itertools.pairwise(sizes))
        weights = [
            (rng.standard_normal(layer) / (math.sqrt(layer[0]) if modern else 1)).astype(np.float32)
            for layer in layers
        ]
        biases = [rng.standard_normal(outputs).astype(np.float32) for _, outputs in layers]
        return cls(weights, biases, "cross-entropy" if modern else "quadratic")

    def activations(self, inputs: Array) -> list[Array]:
        """The inputs (n, inputs) and what each layer makes of them, (n, outputs) each."""
        made = [inputs]
        for weight, bias in zip(self.weights, self.biases, strict=True):
            made.append(sigmoid(made[-1] @ weight + bias))
        return made

    def gradients(self, inputs: Array, targets: Array) -> tuple[list[Array], list[Array]]:
        """Of the cost, summed over the batch.

        Args:
            inputs: (n, inputs).
            targets: (n, outputs), 1 for the right class and 0 elsewhere.

        Returns:
            One gradient for each of ``weights`` and for each of ``biases``.
        """
        made = self.activations(inputs)
        error = made[-1] - targets
        # A sigmoid's slope and the slope of the cross-entropy cancel each other out.
        if self.cost == "quadratic":
            error = error * made[-1] * (1 - made[-1])
        to_weights: list[Array] = []
        to_biases: list[Array] = []
        for layer in reversed(range(len(self.weights))):
            # One drawing needs no sum: the plain product is far faster than a matrix product.
            columns = made[layer].T
            to_weights.insert(0, columns * error if len(error) == 1 else columns @ error)
            to_biases.insert(0, error.sum(axis=0))
            if layer:
                error = (error @ self.weights[layer].T) * made[layer] * (1 - made[layer])
        return to_weights, to_biases

    def learn(self, inputs: Array, targets: Array, rate: float) -> None:
        """One step of gradient descent on a mini-batch; the gradient is its mean."""
        step = np.float32(rate / len(inputs))
        to_weights, to_biases = self.gradients(inputs, targets)
        for values, gradients in ((self.weights, to_weights), (self.biases, to_biases)):
            for value, gradient in zip(values, gradients, strict=True):
                value -= step * gradient

    def right(self, inputs: Array, classes: NDArray[np.int64]) -> float:
        """The part (0..1) of the inputs whose largest answer is the right class."""
        if not len(inputs):
            return math.nan
        return float((self.activations(inputs)[-1].argmax(axis=1) == classes).mean())

    def to_keras(self, name: str) -> Any:
        """The same network in Keras: (28, 28, 1) in, sigmoids out."""
        model = keras_network(tuple(len(bias) for bias in self.biases), name)
        pairs = zip(self.weights, self.biases, strict=True)
        model.set_weights([array for pair in pairs for array in pair])
        return model


def sigmoid(values: Array) -> Array:
    """1 / (1 + exp(-x)), by the hyperbolic tangent, which cannot overflow."""
    half = np.float32(0.5)
    made: Array = half * np.tanh(half * values) + half
    return made


def keras_network(sizes: tuple[int, ...], name: str) -> Any:
    """Fully connected sigmoid layers of these sizes in Keras, the last one named "digit"."""
    keras = load_keras()
    model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten()], name=name)
    for size in sizes[:-1]:
        model.add(keras.layers.Dense(size, activation="sigmoid"))
    model.add(keras.layers.Dense(sizes[-1], activation="sigmoid", name="digit"))
    return model


def fit(job: Job, sizes: tuple[int, ...], rate: Callable[[int], float], modern: bool) -> Trained:
    """Train a recipe with this network; resumes after the last whole epoch.

    Args:
        job: what to train.
        sizes: units of each layer, inputs first.
        rate: learning rate of an epoch (from 0).
        modern: see :meth:`NumpyNet.random`.

    Raises:
        DataError: a data set is missing or damaged.
        TrainingError: the network went to NaN.
    """
    examples = examples_of(job.recipe, job.data, job.seed)
    flat = _flat(examples.inputs)
    held = _flat(examples.held_inputs)
    wanted = np.eye(sizes[-1], dtype=np.float32)[examples.targets]
    path = job.folder / "checkpoint.npz"
    key = json.dumps([job.recipe.name, job.seed, job.quick, sizes, len(flat), str(job.data)])
    net, history = _resumed(path, key) or (
        NumpyNet.random(sizes, np.random.default_rng(job.seed), modern),
        [],
    )
    for epoch in range(len(history), job.epochs):
        order = np.random.default_rng((job.seed, epoch)).permutation(len(flat))
        batches = np.array_split(order, max(1, round(len(order) / job.recipe.batch)))
        for batch in bar(batches, f"epoch {epoch + 1}/{job.epochs}", len(batches), "batch"):
            net.learn(flat[batch], wanted[batch], rate(epoch))
        figures = {"learning_rate": rate(epoch), "accuracy": net.right(flat, examples.targets)}
        if len(held):
            figures["val_accuracy"] = net.right(held, examples.held_targets)
        if not all(np.isfinite(array).all() for array in (*net.weights, *net.biases)):
            raise TrainingError(f"{job.recipe.name} went to NaN in epoch {epoch + 1}")
        history.append(figures)
        _save(path, key, net, history)
    path.unlink(missing_ok=True)
    model = net.to_keras(job.recipe.name.replace("-", "_"))
    return Trained(model, history, examples.counts, precision="float32")


def _flat(inputs: NDArray[np.uint8]) -> Array:
    return inputs.reshape(len(inputs), SIDE * SIDE).astype(np.float32) / np.float32(255)


def _save(path: Path, key: str, net: NumpyNet, history: list[dict[str, float]]) -> None:
    arrays = {f"weight{i}": array for i, array in enumerate(net.weights)}
    arrays |= {f"bias{i}": array for i, array in enumerate(net.biases)}
    buffer = io.BytesIO()
    np.savez(buffer, key=key, cost=net.cost, history=json.dumps(history), **arrays)
    atomic_write(path, buffer.getvalue())


def _resumed(path: Path, key: str) -> tuple[NumpyNet, list[dict[str, float]]] | None:
    """What a training of the same job left, or None when there is nothing, or it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as state:
            if str(state["key"]) != key:
                return None
            count = sum(name.startswith("weight") for name in state.files)
            weights = [state[f"weight{i}"] for i in range(count)]
            biases = [state[f"bias{i}"] for i in range(count)]
            net = NumpyNet(weights, biases, str(state["cost"]))
            return net, json.loads(str(state["history"]))
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return None
