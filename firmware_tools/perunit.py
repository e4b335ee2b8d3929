"""Dense layers with one scale for each unit, as convolutions have one for each channel.

TensorFlow 2.15 gives all weights of a dense layer one int8 scale. A dense layer is a convolution
over a picture of one pixel, though, and convolutions are given a scale for each channel.
"""

from __future__ import annotations

from typing import Any

from firmware_tools import mend
from firmware_tools.recipe import load_tensorflow


def scaled_per_unit(model: Any) -> Any:
    """A copy of a Keras model that computes its dense layers as 1x1 convolutions.

    Its answers are the same; its int8 form rounds each unit's weights in steps of their own.
    """
    tf = load_tensorflow()

    def copied(layer: Any) -> Any:
        fresh = layer.__class__.from_config(layer.get_config())
        if type(layer).__name__ == "Dense" and mend.linear_step(layer):
            _as_convolution(tf, fresh)
        return fresh

    copy = tf.keras.models.clone_model(model, clone_function=copied)
    copy.set_weights(model.get_weights())
    return copy


def _as_convolution(tf: Any, layer: Any) -> None:
    def call(values: Any) -> Any:
        units_read, units = layer.kernel.shape
        pixel = tf.reshape(values, (-1, 1, 1, units_read))
        kernel = tf.reshape(layer.kernel, (1, 1, units_read, units))
        answer = tf.reshape(tf.nn.conv2d(pixel, kernel, 1, "VALID"), (-1, units))
        return layer.activation(answer + layer.bias if layer.use_bias else answer)

    layer.call = call
