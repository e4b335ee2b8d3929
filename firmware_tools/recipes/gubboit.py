"""GubboIT Digit: the network that tells the ten digits apart."""

from __future__ import annotations

from typing import Any

from firmware_tools.recipe import Recipe, load_keras


def network(outputs: int, name: str) -> Any:
    """GubboIT's network with a softmax of that many outputs.

    The last softmax computes in float32 whatever the training precision is.
    """
    keras = load_keras()
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(512, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(outputs, activation="softmax", dtype="float32", name=name),
        ],
        name="gubboit",
    )


def build() -> Any:
    """The Keras model, 594,922 parameters: 28x28 in, ten digits out."""
    return network(10, "digit")


RECIPE = Recipe(
    name="gubboit",
    title="GubboIT Digit",
    description="Two blocks of two 3x3 convolutions, a dense layer of 512: strong and large",
    origin="GubboIT Digit, digits 0-9",
    pipeline="gubboit",
    trained_on=("mnist-train",),
    epochs=15,
    build=build,
    batch=128,
    optimizer=lambda: load_keras().optimizers.Adam(),
    published=99.4,
    published_on="MNIST",
    gate="gubboit-gate",
    deviations=(
        "The dropout rates (0.5 and 0.5), the optimiser (Adam at 0.001) and the batch (128) are "
        "our choice: they are not published. Trained on MNIST's pictures as its own cropping "
        "and centring of the box makes them."
    ),
)
