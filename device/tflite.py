"""One TFLite interpreter behind one call: quantise in, invoke, dequantise out.

The only module that knows the runtime. LiteRT (``ai_edge_litert``) is used where it is installed,
tflite-runtime otherwise; both have the same ``Interpreter``.
"""

from __future__ import annotations

import ctypes
import importlib
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from device.errors import ModelError
from device.normalise import SIDE
from device.raster import Pixels

THREADS = 1
"""More threads slow a network this small, and on aarch64 the result can depend on their number."""

PACKAGES = {"LiteRT": "ai_edge_litert", "tflite-runtime": "tflite_runtime"}
"""The package of each runtime, the one that is used where both are installed first."""

CPU = "CPU"
"""What runs a network that has no delegate."""

ROLES = {10: "digit", 2: "gate"}
"""What an output means is known by its width: ten digits, or not-a-digit and digit."""


@dataclass(frozen=True)
class TensorInfo:
    """Name, shape, dtype (numpy's name) and quantisation of an input or output tensor."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    scale: float
    zero_point: int

    @property
    def role(self) -> str | None:
        """``"digit"``, ``"gate"``, or None for any other tensor."""
        return ROLES.get(self.shape[-1]) if len(self.shape) == 2 else None


class Compiled(NamedTuple):
    """A model's file as compiled for the Edge TPU, and the checksum that it must have."""

    path: Path
    sha256: str


@lru_cache(maxsize=1)
def runtime() -> tuple[str, Any]:
    """Name and ``Interpreter`` class of the runtime in use.

    Raises:
        ModelError: none is installed.
    """
    for found in runtimes():
        return found
    raise ModelError(
        "no TFLite runtime is installed: pip install ai-edge-litert (or tflite-runtime)"
    )


def runtimes() -> Iterator[tuple[str, Any]]:
    """Name and ``Interpreter`` class of each runtime that is installed, imported when it is its
    turn."""
    for name, package in PACKAGES.items():
        try:
            module = importlib.import_module(f"{package}.interpreter")
        except ImportError:
            continue
        yield name, module.Interpreter


def load_edge_tpu(library: str) -> Any:
    """The Edge TPU as a delegate for :class:`Network`, through its library.

    Losing the Edge TPU's plug ends the process that has called this: see
    :mod:`device.accelerator`.

    Raises:
        OSError: there is no such library.
        ValueError: there is no device, or it may not be opened.
    """
    ctypes.CDLL(library)  # the runtime, where this fails, complains a second time
    _, interpreter_class = runtime()
    return importlib.import_module(interpreter_class.__module__).load_delegate(library)


def quantise(values: NDArray[np.floating[Any]], info: TensorInfo) -> NDArray[np.integer[Any]]:
    """Real values as the tensor's integers: round(value / scale) + zero point, saturated."""
    limits = np.iinfo(info.dtype)
    steps = np.rint(values.astype(np.float64) / info.scale) + info.zero_point
    return np.clip(steps, limits.min, limits.max).astype(info.dtype)


def dequantise(steps: NDArray[np.integer[Any]], info: TensorInfo) -> NDArray[np.float32]:
    """The tensor's integers as real values: (step - zero point) * scale.

    Widened before it subtracts: an int8 difference can need nine bits.
    """
    return ((steps.astype(np.int32) - info.zero_point) * info.scale).astype(np.float32)


class Network:
    """An int8 model, loaded and ready.

    Args:
        content: the .tflite file's bytes, whole: tflite-runtime does not look before it reads, and
            a damaged file ends the process. :class:`device.library.Library` checks before.
        threads: for the runtime's kernels.
        delegate: what is to take over the parts of the graph that it can; None for nothing.

    Attributes:
        input, outputs: the tensors.
        accelerator: what has run the network last, as :attr:`device.reading.Reading.accelerator`.

    Raises:
        ModelError: not a model, or not one that takes 28x28 int8 or uint8 pixels and answers
            with a digit (10), a gate (2) or both.
    """

    def __init__(self, content: bytes, threads: int = THREADS, delegate: Any = None) -> None:
        if content[4:8] != b"TFL3":
            raise ModelError("this is not a TFLite model")
        _, interpreter_class = runtime()
        delegates = None if delegate is None else [delegate]
        try:
            with warnings.catch_warnings():
                # LiteRT announces its own next name at every start.
                warnings.simplefilter("ignore")
                self._interpreter = interpreter_class(
                    model_content=content, num_threads=threads, experimental_delegates=delegates
                )
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError, SystemError) as error:
            raise ModelError(f"the TFLite runtime refuses this model: {_line(error)}") from error
        inputs = self._interpreter.get_input_details()
        outputs = self._interpreter.get_output_details()
        self.input = _info(inputs[0])
        self.outputs = tuple(_info(details) for details in outputs)
        _check_tensors(len(inputs), self.input, self.outputs)
        self.accelerator = CPU
        self._input_index = inputs[0]["index"]
        self._output_index = tuple(details["index"] for details in outputs)
        # Every grey has one integer: a table quantises a picture in one step.
        self._table = quantise(np.arange(256) / 255.0, self.input)
        # A latest-wins worker and a self-test may meet here; the interpreter takes one at a time.
        self._lock = threading.Lock()

    def run(self, model_inputs: Pixels) -> dict[str, NDArray[np.float32]]:
        """Answers for one model input (28, 28) or several (n, 28, 28), uint8.

        Several are invoked one by one: an interpreter resized to take 36 at once answers the same
        hardly faster (``inkling bench model``), but takes up to 170 ms to make and warm up.

        Returns:
            dequantised outputs by role: ``"digit"`` float32 (n, 10), ``"gate"`` float32 (n, 2)
            whose second column is "is a digit".
        """
        return {
            info.role or info.name: dequantise(steps, info)
            for info, steps in zip(self.outputs, self.run_raw(model_inputs), strict=True)
        }

    def run_raw(self, model_inputs: Pixels) -> list[NDArray[np.integer[Any]]]:
        """As :meth:`run`, but the integers themselves, in the order of :attr:`outputs`."""
        return self.invoke(self._table[model_inputs.reshape(-1, SIDE, SIDE)])

    def invoke(self, steps: NDArray[np.integer[Any]]) -> list[NDArray[np.integer[Any]]]:
        """As :meth:`run_raw`, for quantised model inputs (n, 28, 28) of the input's dtype."""
        results = [np.empty((len(steps), info.shape[-1]), info.dtype) for info in self.outputs]
        with self._lock:
            for row, one in enumerate(steps):
                self._interpreter.set_tensor(self._input_index, one.reshape(self.input.shape))
                self._interpreter.invoke()
                for result, index in zip(results, self._output_index, strict=True):
                    result[row] = self._interpreter.get_tensor(index)[0]
        return results


def _info(details: dict[str, Any]) -> TensorInfo:
    scale, zero_point = details["quantization"]
    shape = tuple(int(side) for side in details["shape"])
    return TensorInfo(
        details["name"], shape, np.dtype(details["dtype"]).name, float(scale), int(zero_point)
    )


def _check_tensors(count: int, given: TensorInfo, outputs: tuple[TensorInfo, ...]) -> None:
    if count != 1 or given.shape != (1, SIDE, SIDE, 1):
        raise ModelError(f"the model's input must be one 1x{SIDE}x{SIDE}x1 tensor")
    roles = [info.role for info in outputs]
    if None in roles or len(set(roles)) != len(roles):
        raise ModelError("the model must answer with 10 digits, 2 gate values, or one of each")
    for info in (given, *outputs):
        if info.dtype not in ("int8", "uint8") or info.scale <= 0:
            raise ModelError(
                f"tensor {info.name} is {info.dtype}; quantise the model to int8 first "
                "(python -m firmware_tools quantise)"
            )


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
