"""The toy neural network: three sigmoid layers, taught one drawing at a time."""

from __future__ import annotations

from typing import Any

from firmware_tools import numpy_net
from firmware_tools.recipe import Job, Recipe, Trained

SIZES = (784, 300, 60, 10)


def build() -> Any:
    """The Keras model: 28x28 in, ten sigmoids out."""
    return numpy_net.keras_network(SIZES[1:], "toy_mlp")


def rate(epoch: int) -> float:
    """0.01, halved every five epochs."""
    return 0.01 * 0.5 ** (epoch // 5)


def fit(job: Job) -> Trained:
    """Plain gradient descent, one drawing at a time, in numpy."""
    return numpy_net.fit(job, SIZES, rate, modern=True)


RECIPE = Recipe(
    name="toy-mlp",
    title="Toy neural network",
    description="Three sigmoid layers taught on a mouse's drawings: a lesson more than a reader",
    origin="niemenjoki/handwritten-digit-classification (the Coding Train's network)",
    pipeline="canvas",
    trained_on=("niemenjoki",),
    epochs=60,
    build=build,
    batch=1,
    fit=fit,
    hold_out=0.1,
    published=77.0,
    published_on="a tenth of its own drawings, held out",
    deviations=(
        "Neither its cost nor how its weights begin is published: cross-entropy, and normal "
        "weights divided by the root of the number of inputs. With the quadratic cost and the "
        "same rates it stops at about 53 % of the held-out drawings."
    ),
)
