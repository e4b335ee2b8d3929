"""Subject ``model``: what the networks cost, by size, by threads, and many readings at once."""

from __future__ import annotations

import contextlib
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from device.bench.measure import Bench, Row, interleaved, measured, ratio
from device.normalise import SIDE
from device.raster import Pixels
from device.session import digits
from device.tflite import Network, runtime, runtimes
from device.turn import ANGLES

REFERENCE = "gubboit"
"""The published model that the others are compared with, where it is there."""

FLOAT = ", float"
"""What is added to a runtime's name for the model's float form."""

THREADS = (1, 2, 4)

CALLS = 1_000
"""So many calls must leave the memory as it was."""


def rows(bench: Bench) -> Iterator[Row]:
    """Every model there is; then threads, batches and memory with the one that reads."""
    seen = bench.recognizer.pipeline.from_ink(digits()[3].ink)
    yield from _models(bench, seen)
    name = bench.recognizer.model
    for kind, interpreter_class in runtimes():
        yield from _threads_and_batches(bench, name, _content(bench, name), kind, interpreter_class)
    yield _memory(name, bench.library.open(name), seen)


def _models(bench: Bench, seen: Pixels) -> Iterator[Row]:
    """A call as the product makes it; what of it is the runtime's, by each that there is; and what
    the model's float form would take instead."""
    library = bench.library
    works: dict[str, Callable[[], object]] = {
        f"{name}, a call": partial(library.open(name).run, seen) for name in library.names
    }
    forms = _forms(bench)
    for kind, interpreter_class in runtimes():
        for (name, form), content in forms.items():
            works[f"{name}, {kind}{form}"] = _invocation(interpreter_class, content)
    taken = interleaved(works, bench.turns, calls=4)
    usual, _ = runtime()
    for name in library.names:
        yield measured(name, "a call", taken[f"{name}, a call"], "µs")
        for work, seconds in taken.items():
            model, _, kind = work.partition(", ")
            if model == name and kind != "a call":
                yield measured(name, f"{kind} alone", seconds, "µs")
        alone = taken[f"{name}, {usual}"]
        if f"{name}, {usual}{FLOAT}" in taken:
            yield ratio(name, "float, of int8", taken[f"{name}, {usual}{FLOAT}"], alone)
        if REFERENCE in library.names:
            yield ratio(name, f"of {REFERENCE}", alone, taken[f"{REFERENCE}, {usual}"])
        multiplications = library.entry(name).multiplications
        if multiplications:
            millions = multiplications / 1e6
            yield Row(name, "multiply-adds", "million", (millions,))
            yield measured(name, "a million", [seconds / millions for seconds in alone], "µs")


def _forms(bench: Bench) -> dict[tuple[str, str], bytes]:
    """The file of every model as it is shipped and, where it is at hand, in float."""
    found = {(name, ""): _content(bench, name) for name in bench.library.names}
    if bench.floats is not None:
        for name in bench.library.names:
            with contextlib.suppress(FileNotFoundError):
                found[name, FLOAT] = (bench.floats / f"{name}.tflite").read_bytes()
    return found


def _content(bench: Bench, name: str) -> bytes:
    return (bench.library.folder / bench.library.entry(name).file).read_bytes()


def _threads_and_batches(
    bench: Bench, name: str, content: bytes, kind: str, interpreter_class: Any
) -> Iterator[Row]:
    """One input, and those of a full turn at once, by an interpreter made for so many; on one
    thread and on more."""
    batch = len(ANGLES)
    one = _invocation(interpreter_class, content)
    works: dict[str, Callable[[], object]] = {"one by one": lambda: [one() for _ in range(batch)]}
    for threads in THREADS:
        works[f"1, {threads}"] = _invocation(interpreter_class, content, 1, threads)
        works[f"{batch}, {threads}"] = _invocation(interpreter_class, content, batch, threads)
    taken = interleaved(works, bench.turns // 3)
    for threads in THREADS:
        where = "1 thread" if threads == 1 else f"{threads} threads"
        at_once = taken[f"{batch}, {threads}"]
        yield measured(f"{name}, {kind}, an input", where, taken[f"1, {threads}"], "µs")
        yield measured(f"{name}, {kind}, {batch} inputs at once", where, at_once, "µs")
        faster = f"{name}, {kind}, faster than one by one"
        yield ratio(faster, where, taken["one by one"], at_once)


def _invocation(
    interpreter_class: Any, content: bytes, count: int = 1, threads: int = 1
) -> Callable[[], object]:
    """A call that does nothing but run a model, on ``count`` inputs at once that are there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # LiteRT announces its own next name at every start
        interpreter = interpreter_class(model_content=content, num_threads=threads)
    given = interpreter.get_input_details()[0]
    shape = [count, SIDE, SIDE, 1]
    interpreter.resize_tensor_input(given["index"], shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(given["index"], np.zeros(shape, given["dtype"]))
    invoke: Callable[[], object] = interpreter.invoke
    return invoke


def _memory(name: str, network: Network, seen: Pixels) -> Row:
    """What :data:`CALLS` calls leave behind of Python's and numpy's memory."""
    network.run(seen)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(CALLS):
            network.run(seen)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return Row(f"{name}: memory kept", f"by {CALLS:,} calls", "kB", ((after - before) / 1e3,))
