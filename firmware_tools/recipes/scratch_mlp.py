"""The Flask site's network written from scratch: numpy backpropagation, 30 hidden units."""

from __future__ import annotations

from typing import Any

from firmware_tools import numpy_net
from firmware_tools.recipe import Job, Recipe, Trained

SIZES = (784, 30, 10)


def build() -> Any:
    """The Keras model: 28x28 in, ten sigmoids out."""
    return numpy_net.keras_network(SIZES[1:], "scratch_mlp")


def fit(job: Job) -> Trained:
    """Mini-batches of 10 at rate 3, in numpy."""
    return numpy_net.fit(job, SIZES, lambda _: 3.0, modern=False)


RECIPE = Recipe(
    name="scratch-mlp",
    title="Flask site, from scratch",
    description="30 hidden units, learned by backpropagation in numpy alone",
    origin="cullena20/DigitRecognizerWebsite, network from scratch (after M. Nielsen's book)",
    pipeline="flask",
    trained_on=("mnist-train",),
    epochs=10,
    build=build,
    batch=10,
    fit=fit,
    published=93.7,
    published_on="MNIST",
    deviations=(
        "The batch (10) is the book's: it is not published. Trained on pictures that went "
        "through the site's own stretching."
    ),
)
