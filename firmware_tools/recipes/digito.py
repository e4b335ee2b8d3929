"""Digito: large convolution kernels on a stretched, black and white digit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from firmware_tools.recipe import Recipe, load_keras


def build() -> Any:
    """The Keras model: 28x28 in, ten digits out."""
    keras = load_keras()
    layers = keras.layers
    model = keras.Sequential([keras.Input((28, 28, 1)), layers.BatchNormalization()], name="digito")
    for filters, size in ((32, 4), (64, 9), (64, 9)):
        model.add(layers.Conv2D(filters, size))
        model.add(layers.BatchNormalization())
        model.add(layers.ReLU())
    model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(500, activation="relu"))
    model.add(layers.Dropout(0.4))
    model.add(layers.Dense(10, activation="softmax", dtype="float32", name="digit"))
    return model


RECIPE = Recipe(
    name="digito",
    title="Digito",
    description="Batch norm and 9x9 convolutions; looks at strokes in black and white, stretched",
    origin="Digito",
    pipeline="digito",
    trained_on=("mnist-train",),
    epochs=10,
    build=build,
    batch=64,
    optimizer=lambda: load_keras().optimizers.SGD(0.01),
    deviations=(
        "The learning rate (0.01) and convolutions without padding are our choice: neither is "
        "published."
    ),
)

VARIANTS = (
    replace(
        RECIPE,
        name="digito-keep",
        title="Digito, proportions kept",
        description="Digito as its author's variant: the crop keeps its proportions",
        pipeline="digito-keep",
    ),
)
