"""Quantisation-aware fine-tuning: a network learns to answer as before with rounded numbers.

The last resort of :mod:`firmware_tools.quantise`. Weights and outputs of convolutions and dense
layers are rounded while the network runs forward, as TFLite's int8 will round them; gradients
pass as if they were not (Jacob et al. 2018, "Quantization and Training of Neural Networks for
Efficient Integer-Arithmetic-Only Inference"). The float model is the teacher, so no labels are
needed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware_tools import mend
from firmware_tools.recipe import load_tensorflow

Floats = NDArray[np.float32]

EPOCHS = 12
RATE = 2e-4
"""Adam's first step; it falls to a tenth by the last epoch."""

_BATCH = 32
_SHIFT = 1
"""Pictures are moved by up to this many pixels, so that a few hundred of them suffice."""


def fine_tuned(model: Any, teacher: Any, inputs: Floats) -> Any:
    """A copy of a Keras model that answers as ``teacher`` does when it is rounded to int8.

    Args:
        model: without batch normalisation that could be folded (:func:`mend.fold`).
        inputs: model inputs of training data, float32 (n, 28, 28, 1) in 0..1.
    """
    tf = load_tensorflow()
    rounding = _rounding_copy(model, inputs)
    steps = EPOCHS * -(-len(inputs) // _BATCH)
    optimizer = tf.keras.optimizers.Adam(
        tf.keras.optimizers.schedules.CosineDecay(RATE, steps, alpha=0.1)
    )
    # Least where the answers are the teacher's, for softmax and for sigmoid outputs alike.
    divergence = tf.keras.losses.BinaryCrossentropy()
    weights = rounding.trainable_variables

    def step(pictures: Any) -> None:
        wanted = tf.nest.flatten(teacher(pictures, training=False))
        with tf.GradientTape() as tape:
            given = tf.nest.flatten(rounding(pictures, training=False))
            loss = tf.add_n([divergence(a, b) for a, b in zip(wanted, given, strict=True)])
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))

    rng = np.random.default_rng(0)
    fast_step = tf.function(step)
    for _ in range(EPOCHS):
        order = rng.permutation(len(inputs))
        for first in range(0, len(order), _BATCH):
            moved = rng.integers(-_SHIFT, _SHIFT + 1, 2)
            pictures = np.roll(inputs[order[first : first + _BATCH]], moved, axis=(1, 2))
            fast_step(tf.constant(pictures))
    copy = mend.editable(model)
    for layer in rounding.layers:
        copy.get_layer(layer.name).set_weights(layer.get_weights())
    return copy


def _rounding_copy(model: Any, inputs: Floats) -> Any:
    """The same network, its numbers rounded on the way forward."""
    tf = load_tensorflow()
    ranges = _ranges(model, inputs)

    def copied(layer: Any) -> Any:
        fresh = layer.__class__.from_config(layer.get_config())
        if layer.name in ranges:
            _round_forward(tf, fresh, *ranges[layer.name])
        return fresh

    copy = tf.keras.models.clone_model(model, clone_function=copied)
    copy.set_weights(model.get_weights())
    return copy


def _ranges(model: Any, inputs: Floats) -> dict[str, tuple[float, float]]:
    """Lowest and highest output of each layer whose output is rounded; 0 is always among them."""
    layers = [
        layer
        for layer in model.layers
        if mend.linear_step(layer) and mend.activation(layer) != "softmax"
    ]
    if not layers:
        return {}
    values = mend.activations(model, [layer.output for layer in layers], inputs)
    return {
        layer.name: (min(0.0, float(value.min())), max(1e-6, float(value.max())))
        for layer, value in zip(layers, values, strict=True)
    }


def _round_forward(tf: Any, layer: Any, low: float, high: float) -> None:
    """Let one Keras layer compute with rounded weights and round its output."""
    convolution = type(layer).__name__ == "Conv2D"

    def call(values: Any) -> Any:
        kernel = layer.kernel
        axes = list(range(len(kernel.shape) - 1)) if convolution else None
        scale = tf.reduce_max(tf.abs(kernel), axis=axes, keepdims=True) / 127 + 1e-12
        # Variables cannot be added to in place here; gradients pass the rounding by.
        kernel = kernel + tf.stop_gradient(tf.round(kernel / scale) * scale - kernel)
        answer = layer.convolution_op(values, kernel) if convolution else values @ kernel
        answer = layer.activation(answer + layer.bias if layer.use_bias else answer)
        return tf.quantization.fake_quant_with_min_max_args(answer, low, high)

    layer.call = call
