"""Changes to a float Keras model that leave its answers alone and make it easy to quantise.

int8 has 255 steps. TFLite gives all weights of a dense layer one scale and all units of a layer's
output one scale, so that one unit of unusual size takes the steps from all the others. Batch
normalisation makes such units: one that hardly varied in training is multiplied by up to
1 / sqrt(epsilon), and the multiplier is folded into the next layer's weights.

Three mendings, from the mildest on: :func:`repair` switches such dead units off and keeps their
constant; :func:`fold` and :func:`equalise` share the range out between a layer and the next one
(Nagel et al. 2019, "Data-Free Quantization Through Weight Equalization and Bias Correction");
:func:`correct_biases` takes off the mean error that rounding the weights leaves (ibid.).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

DEAD = 0.01
"""A unit that varies less than this part of what the middle unit of its layer varies is dead."""

_ROUNDS = 20
"""Passes of equalising over all pairs of layers; each pass undoes less of the one before."""

_STRONGEST = 1000.0
"""No unit is scaled up or down by more than this at once."""


@dataclass(frozen=True)
class Finding:
    """One thing that was mended, in a line for a person."""

    layer: str
    text: str

    def __str__(self) -> str:
        return f"{self.layer}: {self.text}"


@dataclass(frozen=True)
class _Reader:
    """A layer with weights that reads another one's units, each ``repeats`` times (flattened)."""

    layer: Any
    repeats: int


def editable(model: Any) -> Any:
    """A copy of a Keras model whose layers belong to no other model."""
    return without(model, ())


def without(model: Any, names: Iterable[str]) -> Any:
    """A copy of a Keras model in which the layers of these names pass on what they get."""
    import tensorflow as tf

    left_out = set(names)

    def copied(layer: Any) -> Any:
        if layer.name in left_out:
            return tf.keras.layers.Activation("linear", name=layer.name)
        return layer.__class__.from_config(layer.get_config())

    copy = tf.keras.models.clone_model(model, clone_function=copied)
    for layer in model.layers:
        if layer.name not in left_out:
            copy.get_layer(layer.name).set_weights(layer.get_weights())
    return copy


def activations(model: Any, tensors: list[Any], inputs: Floats) -> list[Floats]:
    """What some tensors of a Keras model are for these inputs."""
    import tensorflow as tf

    part = tf.keras.Model(model.inputs, tensors)
    found = part.predict(inputs, batch_size=256, verbose=0)
    return [found] if len(tensors) == 1 else list(found)


def repair(model: Any, inputs: Floats) -> list[Finding]:
    """Switch off units of batch normalisations that are big multipliers of next to nothing.

    Their multiplier becomes zero and what they added on the whole goes into the offset. Changes
    ``model``, which must come from :func:`editable`.

    Args:
        inputs: model inputs 0..1 of training data, float32 (n, 28, 28, 1).
    """
    norms = [
        layer
        for layer in model.layers
        if _is(layer, "BatchNormalization") and layer.scale and layer.center
    ]
    if not norms:
        return []
    findings = []
    for layer, values in zip(
        norms, activations(model, [layer.input for layer in norms], inputs), strict=True
    ):
        units = values.reshape(-1, values.shape[-1])
        multiplier, offset = _affine(layer)
        variation = np.abs(multiplier) * units.std(axis=0)
        dead = variation < DEAD * np.median(variation)
        dead &= np.abs(multiplier) > np.median(np.abs(multiplier))
        if not dead.any():
            continue
        worst = int(np.argmax(np.where(dead, np.abs(multiplier), 0)))
        findings.append(
            Finding(
                layer.name,
                f"{int(dead.sum())} of {len(dead)} units hardly vary but are multiplied by up to "
                f"{abs(multiplier[worst]):.3g} (unit {worst}; the middle one by "
                f"{np.median(np.abs(multiplier)):.2g}); their multipliers are now 0 and their "
                "constants went into the bias",
            )
        )
        offset = np.where(dead, offset + multiplier * units.mean(axis=0), offset)
        _set_affine(layer, np.where(dead, 0, multiplier), offset)
    return findings


def fold(model: Any) -> Any:
    """A copy without the batch normalisations that can become part of a neighbour's weights.

    One right after a convolution or dense layer goes into that; one before goes forward through
    pooling and flattening. What the model answers does not change but for rounding.
    """
    folded = []
    for layer in model.layers:
        if _is(layer, "BatchNormalization") and (_fold_back(layer) or _fold_forward(layer)):
            folded.append(layer.name)
    return without(model, folded)


def equalise(model: Any, inputs: Floats) -> list[Finding]:
    """Scale units so that each uses its fair share of the steps, before and after.

    A rectified unit can be made s times as large if the next layer's weights for it are made
    s times as small. For each unit, s is chosen so that the largest of its weights (if they share
    a scale with the other units') and of its values, measured on ``inputs``, are as large a part
    of the layer's range as the next layer's weights are of theirs. Changes ``model``.
    """
    pairs = []
    for layer in model.layers:
        if linear_step(layer) and activation(layer) in ("linear", "relu"):
            readers = _readers(layer, scaling=True)
            if readers:
                pairs.append((layer, readers))
    if not pairs:
        return []
    tensors = [layer.output for layer, _ in pairs]
    ranges = [
        np.abs(values).reshape(-1, values.shape[-1]).max(axis=0)
        for values in activations(model, tensors, inputs)
    ]
    before = {layer.name: _spread(layer) for layer, _ in pairs}
    for _ in range(_ROUNDS):
        for number, (layer, readers) in enumerate(pairs):
            ranges[number] = ranges[number] * _share_out(layer, readers, ranges[number])
    findings = []
    for layer, readers in pairs:
        for name, reader in ((reader.layer.name, reader.layer) for reader in readers):
            if name in before and before[name] > 2 * _spread(reader):
                findings.append(
                    Finding(
                        name,
                        f"weights evened out with {layer.name}'s: the largest is now "
                        f"{_spread(reader):.3g} times the middle one, not {before[name]:.3g}",
                    )
                )
    return findings


def correct_biases(model: Any, inputs: Floats) -> None:
    """Take the mean error that rounding the weights to int8 causes off each bias.

    For every convolution and dense layer the error of its weights times the mean of what it reads
    is known beforehand. Changes ``model``.
    """
    steps = [layer for layer in model.layers if linear_step(layer) and layer.use_bias]
    if not steps:
        return
    read = activations(model, [layer.input for layer in steps], inputs)
    for layer, values in zip(steps, read, strict=True):
        kernel, bias = layer.get_weights()
        means = values.reshape(-1, values.shape[-1]).mean(axis=0)
        error = rounded(layer, kernel) - kernel
        summed = error.reshape(-1, *error.shape[-2:]).sum(axis=0)
        layer.set_weights([kernel, bias - means @ summed])


def rounded(layer: Any, kernel: Floats) -> Floats:
    """A layer's weights as TFLite's int8 will hold them: symmetric, 127 steps to each side.

    One scale per output channel for a convolution, one scale for all of a dense layer.
    """
    axes = tuple(range(kernel.ndim - 1)) if _is(layer, "Conv2D") else None
    scale = np.maximum(np.abs(kernel).max(axis=axes, keepdims=True) / 127, 1e-12)
    result: Floats = (np.rint(kernel / scale) * scale).astype(np.float32)
    return result


def _is(layer: Any, *kinds: str) -> bool:
    return type(layer).__name__ in kinds


def linear_step(layer: Any) -> bool:
    """Whether a layer multiplies its input with weights, in a way that is understood here."""
    if _is(layer, "Conv2D"):
        return bool(layer.groups == 1 and layer.data_format == "channels_last")
    return _is(layer, "Dense") and len(layer.input_shape) == 2


def activation(layer: Any) -> str:
    """The name of a layer's activation function."""
    return str(getattr(layer.activation, "__name__", layer.activation))


def _readers(layer: Any, scaling: bool, positive: bool = True) -> list[_Reader] | None:
    """The layers with weights that read a layer's units, whatever lies between.

    Args:
        scaling: only a factor is to be moved; otherwise an offset too, which ReLU would change
            and the padding of a convolution does not have.
        positive: all factors are above zero, so that they may move through a maximum.

    Returns:
        None where anything else reads the units, or where they are an output of the model.
    """
    found: list[_Reader] = []
    waiting = [(node.outbound_layer, 1) for node in layer.outbound_nodes]
    if not waiting:
        return None
    while waiting:
        reader, repeats = waiting.pop()
        if len(reader.inbound_nodes) != 1:
            return None
        if linear_step(reader):
            if not scaling and getattr(reader, "padding", "valid") != "valid":
                return None
            found.append(_Reader(reader, repeats))
            continue
        if not _passes(reader, scaling, positive) or not reader.outbound_nodes:
            return None
        if _is(reader, "Flatten"):
            repeats *= int(np.prod(reader.input_shape[1:-1], dtype=int))
        waiting += [(node.outbound_layer, repeats) for node in reader.outbound_nodes]
    return found


def _passes(layer: Any, scaling: bool, positive: bool) -> bool:
    """Whether factors (and offsets, unless only scaling) of units can be moved past a layer."""
    if _is(layer, "Dropout", "SpatialDropout2D", "Flatten"):
        return True
    if _is(layer, "AveragePooling2D", "GlobalAveragePooling2D"):
        return True
    if _is(layer, "MaxPooling2D", "GlobalMaxPooling2D"):
        return positive
    if _is(layer, "Activation"):
        return activation(layer) == "linear" or (scaling and activation(layer) == "relu")
    if _is(layer, "ReLU"):
        plain = layer.max_value is None and not layer.threshold
        return bool(scaling and plain)
    return False


def _affine(layer: Any) -> tuple[Floats, Floats]:
    """A batch normalisation as x * multiplier + offset, by unit."""
    weights = iter(layer.get_weights())
    gamma = next(weights) if layer.scale else np.float32(1)
    beta = next(weights) if layer.center else np.float32(0)
    mean, variance = next(weights), next(weights)
    multiplier = gamma / np.sqrt(variance + layer.epsilon)
    return multiplier, beta - mean * multiplier


def _set_affine(layer: Any, multiplier: Floats, offset: Floats) -> None:
    """Make a batch normalisation (with scale and centre) compute x * multiplier + offset."""
    mean, variance = layer.get_weights()[-2:]
    gamma = multiplier * np.sqrt(variance + layer.epsilon)
    layer.set_weights([gamma, offset + mean * multiplier, mean, variance])


def _fold_back(layer: Any) -> bool:
    before = [node.inbound_layers for node in layer.inbound_nodes]
    if len(before) != 1 or isinstance(before[0], list):
        return False
    source = before[0]
    if not linear_step(source) or activation(source) != "linear" or not source.use_bias:
        return False
    if len(source.outbound_nodes) != 1 or len(source.inbound_nodes) != 1:
        return False
    multiplier, offset = _affine(layer)
    kernel, bias = source.get_weights()
    source.set_weights([kernel * multiplier, bias * multiplier + offset])
    return True


def _fold_forward(layer: Any) -> bool:
    multiplier, offset = _affine(layer)
    readers = _readers(layer, scaling=False, positive=bool((multiplier >= 0).all()))
    if not readers or not all(reader.layer.use_bias for reader in readers):
        return False
    for reader in readers:
        kernel, bias = reader.layer.get_weights()
        added = np.tile(offset, reader.repeats) @ kernel.reshape(-1, *kernel.shape[-2:]).sum(axis=0)
        factors = np.tile(multiplier, reader.repeats)[:, None]
        reader.layer.set_weights([kernel * factors, bias + added])
    return True


def _spread(layer: Any) -> float:
    """How much larger the largest weight is than the middle input's largest weight."""
    kernel = np.abs(layer.get_weights()[0])
    largest = kernel.reshape(-1, *kernel.shape[-2:]).max(axis=(0, 2))
    return float(largest.max() / max(np.median(largest), 1e-12))


def _share_out(layer: Any, readers: list[_Reader], values: Floats) -> Floats:
    """Scale a layer's units and their readers' weights; returns the factors, by unit."""
    kernel, *bias = layer.get_weights()
    before = values / max(float(values.max()), 1e-12)
    if _is(layer, "Dense"):
        rows = np.abs(kernel).max(axis=0)
        before = np.maximum(before, rows / max(float(rows.max()), 1e-12))
    after = np.zeros_like(before)
    for reader in readers:
        columns = _columns(reader, len(before))
        after = np.maximum(after, columns / max(float(columns.max()), 1e-12))
    ratio = after / np.maximum(before, 1 / _STRONGEST)
    # A unit that nobody reads is switched off, lest its weights set the scale for the others.
    factors: Floats = np.where(after > 0, np.clip(np.sqrt(ratio), 1 / _STRONGEST, None), 0)
    layer.set_weights([kernel * factors, *(row * factors for row in bias)])
    divisors = np.where(after > 0, factors, 1)
    for reader in readers:
        other, *rest = reader.layer.get_weights()
        reader.layer.set_weights([other / np.tile(divisors, reader.repeats)[:, None], *rest])
    return factors


def _columns(reader: _Reader, units: int) -> Floats:
    """The largest weight by which a reader multiplies each unit."""
    kernel = np.abs(reader.layer.get_weights()[0])
    by_input = kernel.reshape(-1, *kernel.shape[-2:]).max(axis=(0, 2))
    largest: Floats = by_input.reshape(reader.repeats, units).max(axis=0)
    return largest
