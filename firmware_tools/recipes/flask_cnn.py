"""The Flask site's "CNN": two convolutions with much dropout."""

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
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax", dtype="float32", name="digit"),
        ],
        name="flask_cnn",
    )


RECIPE = Recipe(
    name="flask-cnn",
    title="Flask site, CNN",
    description="Two convolutions with dropout: small, and good on centred digits",
    origin='cullena20/DigitRecognizerWebsite, "CNN"',
    pipeline="flask",
    trained_on=("mnist-train",),
    epochs=10,
    build=build,
    batch=128,
    optimizer=lambda: load_keras().optimizers.Adam(),
    published=99.2,
    published_on="MNIST",
    deviations="Trained on pictures that went through the site's own stretching, not plain ones.",
)
