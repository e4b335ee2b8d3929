"""Ours: one small network, two heads. Which digit, and is it a digit at all, from one pass.

Learns from every training drawing in many variants (:mod:`firmware_tools.synth`), from made-up
non-digits (:mod:`firmware_tools.nondigits`), from a larger teacher, and, how scanned digits are
read, from three specialists too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware_tools import shards, synth, two_heads
from firmware_tools.calibrate import calibrated
from firmware_tools.inputs import Examples, from_inks, scaled
from firmware_tools.progress import bar
from firmware_tools.recipe import Job, Recipe, Trained, load_keras
from firmware_tools.validation import PIPELINE, Part, Validation, validation

WIDTHS = (24, 48, 64, 96, 96)
"""Channels of the student's convolutions; chosen by accuracy against microseconds and bytes."""

TEACHER_WIDTHS = (32, 32, 64, 64, 128, 128)
TEACHERS = 1
TEACHER_EPOCHS = 6
SPECIALISTS = 3
"""Networks like the student that know MNIST alone: on scans, where it has little to spare for
anything else, one such network is as good as a teacher of everything."""

SPECIALIST_EPOCHS = 8
QUICK_MADE_UP = 500
SHARDS = 8
"""Shards that are made; training goes round them."""

RESTART_EPOCHS = 6
"""From where the student ended it learns on, fast again and then slower; what is shipped has the
mean of both ends' weights (stochastic weight averaging, Izmailov et al. 2018)."""


def _convolution(x: Any, filters: int, stride: int = 1, padding: str = "same") -> Any:
    layers = load_keras().layers
    x = layers.Conv2D(filters, 3, strides=stride, padding=padding, use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization()(x))


def _two_heads(given: Any, x: Any, name: str) -> Any:
    """Softmaxes of ten digits and of no / yes, computed in float32 whatever the rest is."""
    keras = load_keras()
    layers = keras.layers
    digit = layers.Dense(10, name="digit_logits", dtype="float32")(x)
    gate = layers.Dense(24, activation="relu")(x)
    gate = layers.Dense(2, name="gate_logits", dtype="float32")(gate)
    softmax = partial(layers.Softmax, dtype="float32")
    return keras.Model(given, [softmax(name="digit")(digit), softmax(name="gate")(gate)], name=name)


def build(widths: Sequence[int] = WIDTHS) -> Any:
    """The Keras model: 28x28 in (0..1), digit (10) and gate (2) out."""
    keras = load_keras()
    given = x = keras.Input((28, 28, 1))
    x = _convolution(x, widths[0], stride=2)
    x = _convolution(x, widths[1])
    x = keras.layers.MaxPooling2D(2)(x)
    x = _convolution(x, widths[2])
    x = _convolution(x, widths[3], padding="valid")
    x = _convolution(x, widths[4], padding="valid")
    return _two_heads(given, keras.layers.Flatten()(x), "inkling")


def build_teacher(widths: Sequence[int] = TEACHER_WIDTHS) -> Any:
    """A network six times as expensive, to learn from."""
    keras = load_keras()
    layers = keras.layers
    given = x = keras.Input((28, 28, 1))
    for index in (0, 2):
        x = _convolution(x, widths[index], padding="valid" if index == 0 else "same")
        x = _convolution(x, widths[index + 1])
        x = layers.MaxPooling2D(2)(x)
        x = layers.Dropout(0.15)(x)
    x = _convolution(x, widths[4])
    x = _convolution(x, widths[5], padding="valid")
    x = layers.Dropout(0.3)(layers.Flatten()(x))
    x = layers.Dense(192, use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    return _two_heads(given, layers.Dropout(0.3)(x), "teacher")


def fit(job: Job) -> Trained:
    """Shards, teachers, specialists, their answers, student, calibration; what is there is not
    made again."""
    numbers = range(1 if job.quick else SHARDS)
    made_up = QUICK_MADE_UP if job.quick else shards.MADE_UP
    made = shards.make_all(job.data, job.work, job.seed, numbers, made_up)
    for _ in bar(made, "shards", len(numbers)):
        pass
    given = [
        partial(shards.load, shards.shard_path(job.work, job.seed, number)) for number in numbers
    ]
    look = partial(watch, held := validation(job.data))
    teachers = [
        two_heads.kept(
            job.folder / f"{job.seed}-teacher-{number}.keras",
            partial(
                two_heads.learn,
                build_teacher,
                # Each begins elsewhere, and sees the shards in another order.
                [*given[number:], *given[:number]],
                two_heads.Course(1 if job.quick else TEACHER_EPOCHS, nudged=True),
                job.seed + 100 + number,
                job.precision,
                name=f"teacher {number + 1}",
                watch=look,
            ),
        )[0]
        for number in range(1 if job.quick else TEACHERS)
    ]
    scans = [partial(_scans, shard) for shard in given]
    specialists = [
        two_heads.kept(
            job.folder / f"{job.seed}-specialist-{number}.keras",
            partial(
                two_heads.learn,
                build,
                [*scans[number:], *scans[:number]],
                two_heads.Course(1 if job.quick else SPECIALIST_EPOCHS, 3e-3, nudged=True),
                job.seed + 200 + number,
                job.precision,
                name=f"specialist {number + 1}",
            ),
        )[0]
        for number in range(1 if job.quick else SPECIALISTS)
    ]
    lessons = [job.folder / f"{job.seed}-lesson-{number:03}.npz" for number in numbers]
    for path, shard in bar(zip(lessons, given, strict=True), "lessons", len(lessons)):
        if not path.exists():
            shards.save(path, two_heads.taught(shard(), teachers, specialists))
    given = [partial(shards.load, path) for path in lessons]
    first, history = two_heads.kept(
        job.folder / f"{job.seed}-student.keras",
        partial(_student, given, build, two_heads.Course(job.epochs, 3e-3, nudged=True), job, held),
    )
    again = two_heads.Course(1 if job.quick else RESTART_EPOCHS, 1e-3, nudged=True)
    second, more = two_heads.kept(
        job.folder / f"{job.seed}-restart.keras",
        partial(_student, given, partial(two_heads.mean, [first], build), again, job, held),
    )
    model = calibrated(two_heads.mean([first, second], build), held)
    return Trained(model, history + more, _counts(job.data))


def _student(
    lessons: Sequence[Callable[[], shards.Shard]],
    begin: Callable[[], Any],
    course: two_heads.Course,
    job: Job,
    held: Validation,
) -> tuple[Any, list[dict[str, float]]]:
    """A student taught for a while, and calibrated; with the figures of each epoch."""
    look = partial(watch, held)
    model, history = two_heads.learn(
        begin, lessons, course, job.seed, job.precision, name="inkling", watch=look
    )
    return calibrated(model, held), history


def _scans(shard: Callable[[], shards.Shard]) -> shards.Shard:
    return shard().scans()


def examples(folder: Path, seed: int) -> Examples:
    """A small set of each training source to find int8 ranges with, half of it varied; held out
    are the validation drawings. Targets are 0-9, or :data:`shards.NOT_A_DIGIT`.

    Raises:
        DataError: a data set is missing or damaged.
    """
    data, rng = shards.sources(folder), np.random.default_rng(seed)
    rows = [data.digits[i] for i in rng.permutation(len(data.digits))[:2000]]
    others = [*data.others, *data.doodles]
    others = [others[i] for i in rng.permutation(len(others))[:1500]]
    drawn = [*(row.ink for row in rows), *others]
    inks = [synth.vary(ink, rng) if rng.random() < 0.5 else ink for ink in drawn]
    chosen = rng.permutation(len(data.mnist))[:1500]
    images = synth.vary_images(data.mnist.inputs[chosen], rng)
    labels = [int(row.label) for row in rows] + [shards.NOT_A_DIGIT] * len(others)
    held = [part for part in validation(folder) if len(part.inputs)]
    return Examples(
        np.concatenate([from_inks(inks, PIPELINE), images]),
        np.array([*labels, *data.mnist.labels[chosen]], np.int64),
        np.concatenate([part.inputs for part in held]),
        np.concatenate([_targets(part) for part in held]),
        {},
    )


def _targets(part: Part) -> NDArray[np.int64]:
    if part.targets is not None:
        return part.targets.astype(np.int64)
    return np.full(len(part.inputs), shards.NOT_A_DIGIT, np.int64)


def watch(held: Validation, model: Any) -> dict[str, float]:
    """Accuracy (percent) per set of digits, and accepted shares per set of non-digits."""
    figures = {}
    for part in held:
        digit, gate = model.predict(scaled(part.inputs), batch_size=1024, verbose=0)
        accepted = 100 * float(np.mean(gate[:, 1] >= 0.5))
        if part.targets is not None:
            right = np.argmax(digit, axis=1) == part.targets
            figures[part.name] = 100 * float(np.mean(right))
            figures[f"{part.name} rejected"] = 100 - accepted
        else:
            figures[f"{part.name} accepted"] = accepted
    return figures


def _counts(folder: Path) -> dict[str, int]:
    data = shards.sources(folder)
    return {
        "mnist-train": len(data.mnist),
        "unipen-digits and pendigits": len(data.digits),
        "unipen letters and signs": len(data.others),
        "quickdraw and omniglot": len(data.doodles),
        "quickdraw-bitmaps": len(data.doodle_images),
        "made-up non-digits (a shard)": shards.MADE_UP,
    }


RECIPE = Recipe(
    name="inkling",
    title="Inkling",
    description="Five small convolutions, two heads: digit and digit-or-not from one pass",
    origin="Inkling",
    pipeline="mnist",
    trained_on=(
        "mnist-train",
        "unipen-digits",
        "pendigits",
        "unipen-upper",
        "unipen-lower",
        "unipen-symbols",
        "quickdraw",
        "quickdraw-bitmaps",
        "omniglot",
    ),
    epochs=24,
    build=build,
    batch=two_heads.BATCH,
    fit=fit,
    examples=examples,
    heads=("digit", "gate"),
)
