"""GubboIT's network for those who run it as float: its weights from Inkling's int8 model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.errors import ModelError
from firmware_tools.operators import Tensor, read_graph

Floats = NDArray[np.float32]
Weights = dict[str, Floats]
"""By name, in the order of the network: a kernel and a bias for each layer that has them."""

_LAYERS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("conv1", "Conv2D", {"filters": 32, "kernel_size": 3, "activation": "relu"}),
    ("conv2", "Conv2D", {"filters": 32, "kernel_size": 3, "activation": "relu"}),
    ("pool1", "MaxPooling2D", {"pool_size": 2}),
    ("conv3", "Conv2D", {"filters": 64, "kernel_size": 3, "activation": "relu"}),
    ("conv4", "Conv2D", {"filters": 64, "kernel_size": 3, "activation": "relu"}),
    ("pool2", "MaxPooling2D", {"pool_size": 2}),
    ("flatten", "Flatten", {}),
    ("dense", "Dense", {"units": 512, "activation": "relu"}),
    ("digit", "Dense", {"units": 10, "activation": "softmax"}),
)
"""Name, class and configuration, as Keras and TensorFlow.js write them."""

COMPUTING = tuple(name for name, kind, _ in _LAYERS if kind in ("Conv2D", "Dense"))


def weights(content: bytes) -> Weights:
    """The weights of GubboIT's int8 model as floats.

    Args:
        content: of ``gubboit.tflite``.

    Returns:
        kernels as Keras has them: (height, width, channels, filters) and (inputs, units).

    Raises:
        ModelError: the bytes are no such model.
    """
    graph = read_graph(content)
    steps = [step for step in graph.operators if step.name in ("CONV_2D", "FULLY_CONNECTED")]
    if len(steps) != len(COMPUTING):
        raise ModelError("this is not GubboIT's network: it has other layers")
    found: Weights = {}
    for name, step in zip(COMPUTING, steps, strict=True):
        _, kernel, bias = (_floats(tensor) for tensor in graph.inputs_of(step))
        found[f"{name}/kernel"] = kernel.transpose(1, 2, 3, 0) if kernel.ndim == 4 else kernel.T
        found[f"{name}/bias"] = bias
    return found


def _floats(tensor: Tensor) -> Floats:
    """A constant, dequantised along its axis; what is computed is all zeros."""
    if not tensor.constant:
        return np.zeros(tensor.shape, np.float32)
    steps = np.frombuffer(tensor.content, np.dtype(tensor.dtype)).reshape(tensor.shape)
    across = [1] * steps.ndim
    across[tensor.axis] = -1
    scales = np.reshape(tensor.scales, across)
    zeros = np.reshape(tensor.zero_points, across)
    return ((steps.astype(np.int64) - zeros) * scales).astype(np.float32)


def write_tfjs(folder: Path, found: Weights) -> None:
    """``model.json`` and ``weights.bin``, as ``tf.loadLayersModel`` reads them."""
    layers = [
        {"class_name": kind, "config": {"name": name, **config}} for name, kind, config in _LAYERS
    ]
    layers[0]["config"]["batch_input_shape"] = [None, 28, 28, 1]  # type: ignore[index]
    topology = {"class_name": "Sequential", "config": {"name": "gubboit", "layers": layers}}
    listed = [
        {"name": name, "shape": list(values.shape), "dtype": "float32"}
        for name, values in found.items()
    ]
    model = {
        "format": "layers-model",
        "modelTopology": topology,
        "weightsManifest": [{"paths": ["weights.bin"], "weights": listed}],
    }
    (folder / "model.json").write_text(json.dumps(model), encoding="utf-8")
    content = b"".join(np.ascontiguousarray(values).tobytes() for values in found.values())
    (folder / "weights.bin").write_bytes(content)


def write_npz(path: Path, found: Weights) -> None:
    """The weights for Keras, in the order of the network."""
    np.savez(path, **{name.replace("/", "_"): values for name, values in found.items()})
