"""``edgetpu``: check a model for the Coral Edge TPU, and compile it where the compiler is.

The check needs no compiler: it holds the graph against the operators and limits that Coral
documents (https://coral.ai/docs/edgetpu/models-intro/, "Model requirements" and "Supported
operations"). The compiler, ``edgetpu_compiler``, is Google's and runs on x86-64 Debian only. What
it compiles cannot run on the CPU any more, so a model ships as a pair, and a compiled file is
entered in the manifest only when the compiler's log shows one subgraph and nothing on the CPU.
No compiled model ships with Inkling until the real compiler has made it.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from device.errors import ModelError
from device.files import atomic_write
from firmware_tools import manifest
from firmware_tools.operators import Graph, Operator, Tensor, faults, read_graph

COMPILER = "edgetpu_compiler"

MAPPED = "Mapped to Edge TPU"
"""The status of an operator that the compiler could place."""

SECONDS = 300
"""A compiler that takes longer has hung; it gives up by itself after 180 seconds."""

SOFTMAX_LIMIT = 16_000
"""Elements that a softmax may have."""

SUPPORTED = frozenset(
    {
        *("ADD", "AVERAGE_POOL_2D", "CONCATENATION", "CONV_2D", "DEPTHWISE_CONV_2D"),
        *("EXPAND_DIMS", "FULLY_CONNECTED", "L2_NORMALIZATION", "LOGISTIC", "MAXIMUM"),
        *("MAX_POOL_2D", "MEAN", "MINIMUM", "MUL", "PACK", "PAD", "PRELU", "QUANTIZE"),
        *("REDUCE_MAX", "REDUCE_MIN", "RELU", "RELU6", "RELU_N1_TO_1", "RESHAPE"),
        *("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR", "RSQRT", "SLICE", "SOFTMAX"),
        *("SPACE_TO_DEPTH", "SPLIT", "SQUARED_DIFFERENCE", "SQUEEZE", "STRIDED_SLICE", "SUB"),
        *("SUM", "TANH", "TRANSPOSE", "TRANSPOSE_CONV"),
    }
)
"""Operators that Coral documents, of those that an int8 digit network can have."""

_LINE = re.compile(r"^([A-Z][A-Z0-9_]*|custom\S*)\s+(\d+)\s+(\S.*?)\s*$", re.MULTILINE)
_SUBGRAPHS = re.compile(r"^Number of Edge TPU subgraphs:\s*(\d+)", re.MULTILINE)
_ON_CPU = re.compile(r"^Number of operations that will run on CPU:\s*(\d+)", re.MULTILINE)
_TOTAL = re.compile(r"^Total number of operations:\s*(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Log:
    """What a compiler's log says: counts are None where it does not say."""

    subgraphs: int | None
    on_cpu: int | None
    total: int | None
    operators: tuple[tuple[str, int, str], ...]

    def complaints(self) -> list[str]:
        """Why this compilation is no good: one line each, none when everything is mapped."""
        found = []
        if self.subgraphs is None or not self.operators:
            found.append("the compiler's log names no subgraphs or operators")
        elif self.subgraphs != 1:
            found.append(f"{self.subgraphs} Edge TPU subgraphs instead of one")
        left = [(name, count, status) for name, count, status in self.operators if status != MAPPED]
        found += [f"{name} x {count} stays on the CPU: {status}" for name, count, status in left]
        if self.on_cpu and not left:
            found.append(f"{self.on_cpu} operators stay on the CPU")
        mapped = sum(count for _, count, status in self.operators if status == MAPPED)
        if not found and self.total is not None and mapped != self.total:
            found.append(f"only {mapped} of {self.total} operators are accounted for")
        return found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``edgetpu``."""
    parser.add_argument("model", type=Path, metavar="MODEL.tflite", help="an int8 model")
    parser.add_argument(
        "--compiler", metavar="PATH", help=f"the compiler ({COMPILER}, where it is installed)"
    )


def run(args: argparse.Namespace) -> int:
    """Check one model; compile it and enter the pair in the manifest where that is possible."""
    path: Path = args.model
    content = _content(path)
    found = limits(read_graph(content))
    if found:
        raise ModelError(f"{path} does not suit the Edge TPU: {'; '.join(found)}")
    print(f"{path}: every operator and shape is among those that Coral documents")
    compiler = shutil.which(args.compiler or COMPILER)
    if compiler is None:
        if args.compiler:
            raise ModelError(f"there is no compiler {args.compiler} that can be run")
        print(f"{COMPILER} is not installed (x86-64 Debian only): not compiled, manifest unchanged")
        return 0
    compiled = compile_model(path, compiler)
    name = _entry_of(path, content)
    target = path.with_name(f"{path.stem}_edgetpu.tflite")
    atomic_write(target, compiled)
    if name is None:
        print(f"wrote {target}; no manifest beside it names {path.name}, so none was changed")
        return 0
    pair = {"edgetpu_file": target.name, "edgetpu_sha256": hashlib.sha256(compiled).hexdigest()}
    manifest.update(path.parent, name, pair)
    print(f"wrote {target}, and entered it with {name} in {path.parent / manifest.FILE}")
    return 0


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror}") from error


def _entry_of(path: Path, content: bytes) -> str | None:
    """The model whose file this is, in the manifest beside it.

    Raises:
        ModelError: the manifest means another version of the file.
    """
    for name, entry in manifest.read(path.parent)["models"].items():
        if entry.get("file") == path.name:
            if entry.get("sha256") != hashlib.sha256(content).hexdigest():
                raise ModelError(f"{path} is not the file that the manifest enters as {name}")
            return str(name)
    return None


def compile_model(path: Path, compiler: str) -> bytes:
    """The model compiled for the Edge TPU.

    Raises:
        ModelError: the compiler fails, or leaves anything to the CPU.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [compiler, "-s", "-o", folder, str(path)]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=SECONDS, errors="replace"
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ModelError(f"{compiler} cannot be run: {error}") from error
        if done.returncode:
            said = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
            reason = said[-1] if said else "it says nothing"
            raise ModelError(f"{compiler} fails with status {done.returncode}: {reason}")
        complaints = read_log(done.stdout).complaints()
        if complaints:
            raise ModelError(f"{path} is not compiled whole: {'; '.join(complaints)}")
        compiled = Path(folder) / f"{path.stem}_edgetpu.tflite"
        if not compiled.is_file():
            raise ModelError(f"{compiler} reports success but wrote no {compiled.name}")
        return compiled.read_bytes()


def read_log(text: str) -> Log:
    """What ``edgetpu_compiler -s`` prints, taken apart."""

    def number(pattern: re.Pattern[str]) -> int | None:
        found = pattern.search(text)
        return int(found.group(1)) if found else None

    operators = tuple(
        (name, int(count), status) for name, count, status in _LINE.findall(text) if status
    )
    return Log(number(_SUBGRAPHS), number(_ON_CPU), number(_TOTAL), operators)


def limits(graph: Graph) -> list[str]:
    """Where a model breaks what Coral documents: one line each, none for one that suits."""
    found = faults(graph)
    for step in graph.operators:
        if step.name not in SUPPORTED:
            found.append(f"{step.name} is not an operator of the Edge TPU")
            continue
        found += [f"{step.name}: {text}" for text in _operator_limits(graph, step)]
    for tensor in graph.tensors:
        if any(size > 1 for size in tensor.shape[:-3]) and not tensor.constant:
            found.append(
                f"{tensor.name} has shape {tensor.shape}; only the innermost three dimensions may "
                "be larger than 1"
            )
    return list(dict.fromkeys(found))


def _operator_limits(graph: Graph, step: Operator) -> Iterator[str]:
    read, written = graph.inputs_of(step), graph.outputs_of(step)
    if step.name in ("MAX_POOL_2D", "AVERAGE_POOL_2D", "CONCATENATION") and step.options["fused"]:
        yield "a fused activation function is not supported"
    if step.name in ("CONV_2D", "DEPTHWISE_CONV_2D"):
        if step.options["dilation_w"] != step.options["dilation_h"]:
            yield "the dilation must be the same in both directions"
        yield from _constant_weights(read)
    if step.name == "FULLY_CONNECTED":
        if step.options["weights_format"]:
            yield "only the default format of weights is supported"
        if any(size > 1 for size in written[0].shape[:-1]):
            yield f"the output has shape {written[0].shape}; it must be one-dimensional"
        yield from _constant_weights(read)
    if step.name == "SOFTMAX":
        if any(size > 1 for size in read[0].shape[:-1]):
            yield f"the input has shape {read[0].shape}; it must be one-dimensional"
        if read[0].shape[-1] > SOFTMAX_LIMIT:
            yield f"{read[0].shape[-1]} elements; at most {SOFTMAX_LIMIT:,}"
    if step.name == "CONCATENATION":
        constants = [tensor for tensor in read if tensor.constant]
        if constants and (len(read) != 2 or not _all_zero(constants[0])):
            yield "a constant input must be all zeros, and one of two"
    if step.name in ("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN") and _reduces_batch(read):
        yield "the batch dimension cannot be reduced"
    if step.name == "MEAN" and (_depth_of_mean(read) or 0) % 4:
        yield "the number of channels that are averaged must be a multiple of 4"
    if step.name == "PAD" and _pads_batch(read):
        yield "the batch dimension cannot be padded"
    if step.name == "PRELU" and any(size > 1 for size in read[-1].shape[:-1]):
        yield "the slopes must be one-dimensional (shared_axes=[1, 2])"
    if step.name == "STRIDED_SLICE":
        if any(stride != 1 for stride in _integers(read[-1])):
            yield "all strides must be 1"
        if step.options["ellipsis_mask"] or step.options["new_axis_mask"]:
            yield "neither an ellipsis nor a new axis is supported"


def _constant_weights(read: list[Tensor]) -> Iterator[str]:
    if not all(tensor.constant for tensor in read[1:]):
        yield "weights and biases must be constants"


def _integers(tensor: Tensor) -> list[int]:
    kind = {"int32": "<i4", "int8": "i1"}.get(tensor.dtype)
    return np.frombuffer(tensor.content, kind).tolist() if kind and tensor.constant else []


def _all_zero(tensor: Tensor) -> bool:
    zero = tensor.zero_points[0] if tensor.zero_points else 0
    return all(value == zero for value in _integers(tensor))


def _reduces_batch(read: list[Tensor]) -> bool:
    return any(axis in (0, -len(read[0].shape)) for axis in _integers(read[-1]))


def _depth_of_mean(read: list[Tensor]) -> int | None:
    """How many channels a mean over channels takes; None where it is over others."""
    rank = len(read[0].shape)
    over_channels = any(axis in (rank - 1, -1) for axis in _integers(read[-1]))
    return read[0].shape[-1] if over_channels else None


def _pads_batch(read: list[Tensor]) -> bool:
    return any(_integers(read[1])[:2])
