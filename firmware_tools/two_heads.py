"""Training of the two-headed networks: teachers from labels, the student from its teachers.

Both heads learn in one pass. The digit head learns from digits alone; the gate from everything.
What comes out are the averaged weights (Polyak & Juditsky 1992), in float32.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.files import replacing
from firmware_tools.keras_fit import POLICIES, TrainingError
from firmware_tools.progress import say
from firmware_tools.recipe import load_keras, load_tensorflow
from firmware_tools.shards import NOT_A_DIGIT, Shard

BATCH = 256
AVERAGE = 0.9985
"""Share of the averaged weights that a step keeps."""

SMOOTHING = 0.02
"""Label smoothing (Szegedy et al. 2016) where no teacher softens the labels."""

TEMPERATURE = 2.0
"""At which teacher and student are compared (Hinton, Vinyals & Dean 2015)."""


NUDGES = (
    ((0, 0),) * 4 + ((0, 1), (1, 0), (-1, 0), (0, -1)) * 2 + ((1, 1), (1, -1), (-1, 1), (-1, -1))
)
"""Rows and columns by which each sixteenth of a batch is shifted, where a course is nudged: every
drawing is centred, and without this a network learns the rounding of its centre by heart."""


@dataclass(frozen=True)
class Course:
    """How long and how fast: ``epochs`` shards are read; ``rate`` is where the cosine starts;
    ``nudged`` shifts pictures by a pixel (:data:`NUDGES`)."""

    epochs: int
    rate: float = 2e-3
    warm_up: int = 300
    weight_decay: float = 2e-4
    nudged: bool = False


class Learner:
    """One network in training, with its optimiser and its averaged weights.

    Args:
        model: digit softmax (10) first, gate softmax (2) second, made from layers called
            ``digit_logits`` and ``gate_logits``.
        steps: optimiser steps in all, for the learning rate.
    """

    def __init__(self, model: Any, course: Course, steps: int) -> None:
        tf = self._tf = load_tensorflow()
        keras = load_keras()
        self.model = model
        self._nudged = course.nudged
        self.averaged = [tf.Variable(weight, trainable=False) for weight in model.weights]
        rate = keras.optimizers.schedules.CosineDecay(
            0.0, max(1, steps - course.warm_up), 0.01, None, course.rate, course.warm_up
        )
        self._optimizer = keras.optimizers.AdamW(rate, weight_decay=course.weight_decay)
        self._optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        self._optimizer.build(model.trainable_variables)
        self._student = with_logits(model)
        self._step = tf.function(self._one_step)

    def epoch(self, shard: Shard, rng: np.random.Generator) -> float:
        """One pass over a shard, learning from its labels, and from its answers where it has
        some; returns the mean loss."""
        tf = self._tf
        given = [tf.constant(shard.inputs), tf.constant(shard.labels.astype(np.int32))]
        if shard.answers is not None:
            given.append(tf.constant(shard.answers))
        order = tf.constant(rng.permutation(len(shard)))
        total, count = 0.0, len(shard) // BATCH
        for start in range(0, count * BATCH, BATCH):
            chosen = order[start : start + BATCH]
            total += float(self._step(*(tf.gather(array, chosen) for array in given)))
        return total / max(count, 1)

    def finished(self, build: Any) -> Any:
        """A fresh float32 network from ``build`` with the averaged weights."""
        load_keras().mixed_precision.set_global_policy("float32")
        model = build()
        model.set_weights([variable.numpy() for variable in self.averaged])
        return model

    def _one_step(self, inputs: Any, labels: Any, answers: Any = None) -> Any:
        tf = self._tf
        images = tf.cast(inputs, tf.float32)[..., None] / 255.0
        # Faint and strong ink alike.
        images *= tf.random.uniform([tf.shape(images)[0], 1, 1, 1], 0.75, 1.0)
        if self._nudged:
            part = BATCH // len(NUDGES)
            images = tf.concat(
                [
                    tf.roll(images[i * part : (i + 1) * part], shift, (1, 2))
                    for i, shift in enumerate(NUDGES)
                ],
                axis=0,
            )
        with tf.GradientTape() as tape:
            loss = self._loss(images, labels, answers)
        variables = self.model.trainable_variables
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, variables), 5.0)
        self._optimizer.apply_gradients(zip(gradients, variables, strict=True))
        step = tf.cast(self._optimizer.iterations, tf.float32)
        keep = tf.minimum(AVERAGE, (1.0 + step) / (10.0 + step))
        for average, weight in zip(self.averaged, self.model.weights, strict=True):
            average.assign(keep * average + (1.0 - keep) * tf.cast(weight, average.dtype))
        return loss

    def _loss(self, images: Any, labels: Any, answers: Any) -> Any:
        tf = self._tf
        digit, gate = (tf.cast(x, tf.float32) for x in self._student(images, training=True))
        is_digit = tf.cast(labels < NOT_A_DIGIT, tf.float32)
        soft = 1.0 - SMOOTHING
        digit_target = tf.one_hot(labels, 10) * soft + SMOOTHING / 10
        gate_target = tf.one_hot(tf.cast(is_digit, tf.int32), 2) * soft + SMOOTHING / 2
        cross = tf.nn.softmax_cross_entropy_with_logits
        digit_loss = cross(digit_target, digit)
        gate_loss = cross(gate_target, gate)
        if answers is not None:
            answers = tf.cast(answers, tf.float32)
            digit_loss = 0.3 * digit_loss + _distance(tf, answers[:, :10], digit)
            gate_loss = 0.3 * gate_loss + _distance(tf, answers[:, 10:], gate)
        digit_mean = tf.reduce_sum(digit_loss * is_digit) / (tf.reduce_sum(is_digit) + 1.0)
        return digit_mean + tf.reduce_mean(gate_loss)


def taught(shard: Shard, teachers: Sequence[Any], specialists: Sequence[Any] = ()) -> Shard:
    """The shard with the softened answers of its teachers, whose mean is learnt from; of a scanned
    digit, the specialists' word counts as much as that of the others."""
    answers = _answers(shard.inputs, teachers)
    if specialists:
        mean = len(teachers) * answers[shard.scanned, :10]
        mean += len(specialists) * _answers(shard.inputs[shard.scanned], specialists)[:, :10]
        answers[shard.scanned, :10] = mean / (len(teachers) + len(specialists))
    return replace(shard, answers=answers.astype(np.float16))


def _answers(inputs: NDArray[np.uint8], teachers: Sequence[Any]) -> NDArray[np.float32]:
    """Mean probabilities (n, 12) of digits, no and yes, at the temperature of learning."""
    tf = load_tensorflow()
    networks = [with_logits(teacher) for teacher in teachers]

    def ask(images: Any) -> Any:
        images = tf.cast(images, tf.float32)[..., None] / 255.0
        asked = [network(images, training=False) for network in networks]
        soft = [[tf.nn.softmax(head / TEMPERATURE) for head in heads] for heads in asked]
        return tf.add_n([tf.concat(heads, axis=1) for heads in soft]) / len(networks)

    answers = tf.function(ask)
    parts = [answers(inputs[i : i + 1024]).numpy() for i in range(0, len(inputs), 1024)]
    return np.concatenate(parts) if parts else np.zeros((0, 12), np.float32)


def _distance(tf: Any, target: Any, student: Any) -> Any:
    """Cross entropy between softened answers, scaled so that its gradient keeps its size."""
    return TEMPERATURE**2 * tf.nn.softmax_cross_entropy_with_logits(target, student / TEMPERATURE)


def with_logits(model: Any) -> Any:
    """The network up to its logits: digit first, gate second."""
    outputs = [model.get_layer(name).output for name in ("digit_logits", "gate_logits")]
    return load_keras().Model(model.inputs, outputs)


def learn(
    build: Any,
    shards: Sequence[Any],
    course: Course,
    seed: int,
    precision: str,
    name: str = "network",
    watch: Any = None,
) -> tuple[Any, list[dict[str, float]]]:
    """Train a network over shards (callables that give a :class:`Shard`), one an epoch.

    The same seed, shards and precision give the same network on the same processor.

    Returns:
        the float32 network with averaged weights, and a mapping of figures an epoch.

    Raises:
        TrainingError: the loss is no number.
    """
    keras = load_keras()
    load_tensorflow().config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(seed)
    keras.mixed_precision.set_global_policy(POLICIES[precision])
    try:
        first = shards[0]()
        steps = len(first) // BATCH * course.epochs
        model = build()
        learner = Learner(model, course, steps)
        history = []
        rng = np.random.default_rng(seed)
        for epoch in range(course.epochs):
            loss = learner.epoch(shards[epoch % len(shards)](), rng)
            if not np.isfinite(loss):
                raise TrainingError(
                    f"{name}: the loss is no number after epoch {epoch + 1}; "
                    "try another --seed or a lower learning rate"
                )
            figures = {"loss": loss}
            if watch is not None and (epoch % 4 == 3 or epoch == course.epochs - 1):
                figures |= watch(learner.finished(build))
                keras.mixed_precision.set_global_policy(POLICIES[precision])
            history.append(figures)
            shown = ", ".join(f"{key} {value:.4g}" for key, value in figures.items())
            say(f"{name}: epoch {epoch + 1}/{course.epochs}: {shown}")
        return learner.finished(build), history
    finally:
        keras.mixed_precision.set_global_policy("float32")


def kept(path: Path, make: Any) -> tuple[Any, list[dict[str, float]]]:
    """The network at ``path`` and its history, or, where there is none yet, those that ``make``
    returns, written there: an interrupted training goes on with the next network."""
    record = path.with_suffix(".json")
    if not path.exists():
        model, history = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(record) as temporary:
            temporary.write_text(json.dumps(history))
        with replacing(path) as temporary:
            model.save(temporary)
    model = load_keras().models.load_model(path, compile=False)
    return model, json.loads(record.read_text())


def mean(models: Sequence[Any], build: Any) -> Any:
    """A fresh network from ``build`` with the mean of these networks' weights."""
    model = build()
    weights = zip(*(one.get_weights() for one in models), strict=True)
    model.set_weights([sum(same) / len(models) for same in weights])
    return model
