"""Microseconds per inference, measured so that models can be compared with each other.

All models run in one process and take turns (A B C A B C ...), so that whatever else the machine
does meets them all alike. Times differ from machine to machine; their ratio much less.
"""

from __future__ import annotations

import importlib.metadata
import platform
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.library import Library
from device.tflite import PACKAGES, THREADS, Network, quantise, runtime
from firmware_tools import metrics
from firmware_tools.metrics import Floats

REFERENCE = "gubboit"
"""The published model that all are compared with."""

TURNS = 200
"""How often each model has its turn."""

CALLS = 4
"""Timed inferences in a turn, after one that only warms the caches."""


def measure(library: Library, model_input: NDArray[np.uint8], seed: int) -> dict[str, Any]:
    """Median time of one inference of each model, and how it compares with the reference.

    Args:
        library: the models; all of them are measured.
        model_input: uint8 (28, 28).
        seed: of the bootstrap.

    Returns:
        ``{NAME: {"microseconds", "interval", "call", "bytes", "ratio", "ratio_interval"}}``:
        the interpreter's invocation alone; ``call`` with quantising and dequantising around it;
        the ratio is this model's invocation over the reference's, median over turns, where that
        model is there.
    """
    networks = {name: library.open(name) for name in library.names}
    invocations = {
        name: _invocation(library.folder / library.entry(name).file, network, model_input)
        for name, network in networks.items()
    }
    alone = {name: np.zeros(TURNS) for name in networks}
    calls = {name: np.zeros(TURNS) for name in networks}
    for turn in range(TURNS):
        for name, network in networks.items():
            alone[name][turn] = _microseconds(invocations[name])
            calls[name][turn] = _microseconds(partial(network.run, model_input))
    base = alone.get(REFERENCE)
    return {
        name: {
            "microseconds": float(np.median(taken)),
            "interval": median_interval(taken, seed),
            "call": float(np.median(calls[name])),
            "bytes": library.entry(name).bytes,
            **({} if base is None else _ratio(taken / base, seed)),
        }
        for name, taken in alone.items()
    }


def _invocation(
    path: Path, network: Network, model_input: NDArray[np.uint8]
) -> Callable[[], object]:
    """A call that does nothing but run the model, on an input that is there already."""
    _, interpreter_class = runtime()
    with warnings.catch_warnings():
        # LiteRT announces its own next name at every start.
        warnings.simplefilter("ignore")
        interpreter = interpreter_class(model_content=path.read_bytes(), num_threads=THREADS)
    interpreter.allocate_tensors()
    given = quantise(model_input.reshape(network.input.shape) / 255, network.input)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], given)
    invoke: Callable[[], object] = interpreter.invoke
    return invoke


def _microseconds(call: Callable[[], object]) -> float:
    call()
    started = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - started) / CALLS * 1e6


def _ratio(ratios: Floats, seed: int) -> dict[str, Any]:
    return {"ratio": float(np.median(ratios)), "ratio_interval": median_interval(ratios, seed)}


def median_interval(values: Floats, seed: int, rounds: int = metrics.ROUNDS) -> metrics.Interval:
    """The 95 % bootstrap interval of a median."""
    rng = np.random.default_rng(seed)
    chosen = rng.integers(0, len(values), (rounds, len(values)))
    return metrics.interval(np.median(values[chosen], axis=1))


def circumstances() -> dict[str, Any]:
    """Where speed was measured: runtime and version, threads, processor, Python."""
    name, _ = runtime()
    return {
        "runtime": name,
        "runtime_version": importlib.metadata.version(PACKAGES[name]),
        "threads": THREADS,
        "machine": platform.machine(),
        "processor": processor(),
        "python": platform.python_version(),
        "system": platform.system(),
    }


def processor(path: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's own name for itself; empty where it does not say."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    pairs = [line.partition(":") for line in lines]
    said = {key.strip().lower(): value.strip() for key, _, value in reversed(pairs)}
    # On a PC "model" is a number; on a Raspberry Pi it is the board.
    return said.get("model name") or said.get("model", "")
