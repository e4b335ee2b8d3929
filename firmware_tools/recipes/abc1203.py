"""abc1203/digit-recognizer: the Kaggle entry that looks at the whole canvas."""

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
            layers.Conv2D(32, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.2),
            layers.Flatten(),
            layers.Dense(100, activation="relu"),
            layers.BatchNormalization(),
            layers.Dense(100, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.2),
            layers.Dense(10, activation="softmax", dtype="float32", name="digit"),
        ],
        name="abc1203",
    )


RECIPE = Recipe(
    name="abc1203",
    title="abc1203",
    description="Convolutions and batch norm on the whole canvas: draw large and in the middle",
    origin="abc1203/digit-recognizer",
    pipeline="canvas",
    trained_on=("mnist-train",),
    epochs=30,
    build=build,
    batch=32,
    optimizer=lambda: load_keras().optimizers.SGD(0.01, momentum=0.9),
    published=99.907,
    published_on="Kaggle's MNIST test set",
    published_sets=("mnist-train", "mnist-test"),
    deviations=(
        "The convolutions are not padded: that is not published. "
        "Kaggle drew its test pictures from all 70,000 of MNIST: a network that has learned from "
        "MNIST's training file has seen most of them, and the published figure is to be compared "
        "with the one over both files."
    ),
)
