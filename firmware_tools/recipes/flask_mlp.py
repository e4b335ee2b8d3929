"""The Flask site's "Tensorflow NN": one hidden layer."""

from __future__ import annotations

from typing import Any

from firmware_tools.recipe import Recipe, load_keras


def build() -> Any:
    """The Keras model: 28x28 in, ten digits out."""
    keras = load_keras()
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax", dtype="float32", name="digit"),
        ],
        name="flask_mlp",
    )


RECIPE = Recipe(
    name="flask-mlp",
    title="Flask site, Tensorflow NN",
    description="One hidden layer of 128: the simplest network that reads digits well",
    origin='cullena20/DigitRecognizerWebsite, "Tensorflow NN"',
    pipeline="flask",
    trained_on=("mnist-train",),
    epochs=30,
    build=build,
    batch=32,
    optimizer=lambda: load_keras().optimizers.Adam(),
    published=97.7,
    published_on="MNIST",
    deviations="Trained on pictures that went through the site's own stretching, not plain ones.",
)
