"""Where a conversion loses accuracy: float and int8 side by side, layer by layer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware_tools.operators import Graph, Operator, read_graph
from firmware_tools.recipe import load_tensorflow

Floats = NDArray[np.float32]

CROWDED = 16
"""Weights that get fewer steps than this (of 127) are rounded coarsely."""


@dataclass(frozen=True)
class LayerError:
    """How far one layer's int8 output is from its float output.

    ``error`` is the root mean square of the difference as a part of the output's deviation;
    ``before`` is the largest error of what the layer reads; ``reason`` is in words.
    """

    layer: str
    error: float
    before: float
    reason: str

    @property
    def added(self) -> float:
        """How much of the error is this layer's own, if errors add up as noise does."""
        return float(np.sqrt(max(self.error**2 - self.before**2, 0)))

    def __str__(self) -> str:
        return (
            f"{self.layer} loses most: its output is off by {self.error:.1%} of its deviation "
            f"({self.before:.1%} before it); {self.reason}"
        )


def worst(found: list[LayerError]) -> LayerError:
    """The layer that adds most error of its own."""
    return max(found, key=lambda one: one.added)


def compare(int8: bytes, float32: bytes, names: Iterable[str], inputs: Floats) -> list[LayerError]:
    """Every layer's error, in the order of computing.

    Args:
        int8: the quantised model; ``float32`` the same model converted without quantising.
        names: names of the Keras layers, to say them as their author does.
        inputs: float32 (n, 28, 28, 1) in 0..1; a hundred are enough.
    """
    quantised, plain = read_graph(int8), read_graph(float32)
    steps, exact = _computing(quantised), _computing(plain)
    passed = _overwritten(quantised)
    pairs = [
        pair
        for pair in _matched(quantised, steps, plain, exact)
        if pair[0].outputs[0] not in passed
    ]
    values = _values(int8, [step.outputs[0] for step, _ in pairs], inputs)
    wanted = _values(float32, [step.outputs[0] for _, step in pairs], inputs)
    errors: dict[int, float] = {}
    found = []
    for (step, _), value, true in zip(pairs, values, wanted, strict=True):
        deviation = max(float(true.std()), 1e-9)
        error = float(np.sqrt(np.mean((value - true) ** 2))) / deviation
        read = {passed.get(number, number) for number in step.inputs}
        before = max((errors.get(number, 0.0) for number in read), default=0.0)
        errors[step.outputs[0]] = error
        name = _layer_name(quantised.tensors[step.outputs[0]].name, names) or step.name
        found.append(LayerError(name, error, before, _reason(quantised, step, value)))
    return found


def _computing(graph: Graph) -> list[Operator]:
    return [step for step in graph.operators if step.name not in ("QUANTIZE", "DEQUANTIZE")]


def _overwritten(graph: Graph) -> dict[int, int]:
    """Outputs that cannot be looked at, and what the operators that made them read.

    The runtime lets element-wise operators write their result over what they read, also when it
    is asked to keep every tensor: a batch normalisation is seen as one with the layer before it.
    """
    element_wise = [step for step in graph.operators if step.name in ("ADD", "MUL", "SUB")]
    lost = {number for step in element_wise for number in step.inputs}
    found: dict[int, int] = {}
    for step in graph.operators:
        if step.outputs[0] in lost:
            found[step.outputs[0]] = found.get(step.inputs[0], step.inputs[0])
    return found


def _matched(
    quantised: Graph, steps: list[Operator], plain: Graph, exact: list[Operator]
) -> list[tuple[Operator, Operator]]:
    """Operators of both graphs that compute the same: by order, else by their output's name."""
    if [step.name for step in steps] == [step.name for step in exact]:
        return list(zip(steps, exact, strict=True))
    by_name = {plain.tensors[step.outputs[0]].name: step for step in exact}
    return [
        (step, by_name[name])
        for step in steps
        if (name := quantised.tensors[step.outputs[0]].name) in by_name
    ]


def _values(content: bytes, numbers: list[int], inputs: Floats) -> list[Floats]:
    """Tensors of a .tflite model for these inputs, as real numbers."""
    tf = load_tensorflow()
    interpreter = tf.lite.Interpreter(
        model_content=content,
        experimental_preserve_all_tensors=True,
        # A delegate would keep what lies between its operators to itself.
        experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    interpreter.allocate_tensors()
    door = interpreter.get_input_details()[0]
    kept: list[list[Floats]] = [[] for _ in numbers]
    scales = {one["index"]: one["quantization"] for one in interpreter.get_tensor_details()}
    for one in inputs:
        interpreter.set_tensor(door["index"], _as_tensor(one[None], door))
        interpreter.invoke()
        for values, number in zip(kept, numbers, strict=True):
            scale, zero = scales[number]
            found = interpreter.get_tensor(number)
            real = (found.astype(np.float32) - zero) * scale if scale else found
            values.append(real.astype(np.float32))
    return [np.concatenate(values) for values in kept]


def _as_tensor(values: Floats, door: dict[str, Any]) -> NDArray[Any]:
    scale, zero = door["quantization"]
    if not scale:
        return values
    limits = np.iinfo(door["dtype"])
    steps: NDArray[Any] = np.clip(np.rint(values / scale) + zero, limits.min, limits.max)
    return steps.astype(door["dtype"])


def _layer_name(tensor: str, names: Iterable[str]) -> str:
    """The Keras layers that were fused into what a tensor is named after."""
    known = set(names)
    parts = [part for path in tensor.split(";") for part in path.split("/")]
    return " + ".join(dict.fromkeys(part for part in parts if part in known))


def _reason(graph: Graph, step: Operator, value: Floats) -> str:
    """Which range is too wide for its 255 steps."""
    weights = [tensor for tensor in graph.inputs_of(step) if tensor.constant]
    if weights and weights[0].dtype == "int8":
        tensor = weights[0]
        steps = np.abs(np.frombuffer(tensor.content, np.int8).astype(int)).reshape(tensor.shape)
        # Convolutions and dense layers have one column (the last axis) for each unit they read.
        largest = steps.reshape(-1, steps.shape[-1]).max(axis=0)
        middle = float(np.median(largest))
        if middle < CROWDED:
            shared = "each channel's weights share" if tensor.per_channel else "all weights share"
            return (
                f"{shared} a scale that unit {int(largest.argmax())} of {len(largest)} sets; the "
                f"middle unit's weights get {middle:.0f} of 127 steps"
            )
    output = graph.tensors[step.outputs[0]]
    scale = output.scales[0] if output.scales else 1.0
    low, high = float(value.min()), float(value.max())
    typical = float(np.median(np.abs(value - np.median(value)))) / scale
    if typical < 2:
        return (
            f"its output runs from {low:.3g} to {high:.3g}, but half of it lies within "
            f"{max(typical, 0):.1f} steps of the middle"
        )
    return f"its output runs from {low:.3g} to {high:.3g} in steps of {scale:.2g}"
