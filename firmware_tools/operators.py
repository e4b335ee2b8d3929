"""What is inside a .tflite file: operators with versions, tensors with dtype, shape and scales.

Read without TensorFlow, so that a model can be checked where it runs. The schema is TFLite's
(tensorflow/lite/schema/schema.fbs, version 3).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from device.errors import ModelError
from device.normalise import SIDE
from firmware_tools.flatbuffer import FlatbufferError, Table

MODEL_INPUT_SHAPE = (1, SIDE, SIDE, 1)
"""Batch, height, width, channels of the model input."""

ROLES = {10: "digit", 2: "gate"}
"""The role of an output by its last dimension."""

HIGHEST_VERSIONS = {
    # Every code and version was offered to tflite-runtime 2.14.0 itself; these are the highest
    # that its resolver took. Operators that no int8 digit network has are left out.
    0: ("ADD", 5),
    1: ("AVERAGE_POOL_2D", 3),
    2: ("CONCATENATION", 4),
    3: ("CONV_2D", 7),
    4: ("DEPTHWISE_CONV_2D", 7),
    5: ("DEPTH_TO_SPACE", 2),
    6: ("DEQUANTIZE", 5),
    9: ("FULLY_CONNECTED", 10),
    11: ("L2_NORMALIZATION", 2),
    14: ("LOGISTIC", 3),
    17: ("MAX_POOL_2D", 3),
    18: ("MUL", 7),
    19: ("RELU", 3),
    20: ("RELU_N1_TO_1", 1),
    21: ("RELU6", 3),
    22: ("RESHAPE", 1),
    23: ("RESIZE_BILINEAR", 4),
    25: ("SOFTMAX", 3),
    26: ("SPACE_TO_DEPTH", 2),
    28: ("TANH", 3),
    34: ("PAD", 4),
    36: ("GATHER", 6),
    39: ("TRANSPOSE", 6),
    40: ("MEAN", 3),
    41: ("SUB", 5),
    42: ("DIV", 2),
    43: ("SQUEEZE", 2),
    45: ("STRIDED_SLICE", 8),
    49: ("SPLIT", 4),
    50: ("LOG_SOFTMAX", 2),
    53: ("CAST", 5),
    54: ("PRELU", 1),
    55: ("MAXIMUM", 4),
    56: ("ARG_MAX", 3),
    57: ("MINIMUM", 4),
    59: ("NEG", 1),
    60: ("PADV2", 4),
    65: ("SLICE", 6),
    67: ("TRANSPOSE_CONV", 4),
    70: ("EXPAND_DIMS", 1),
    74: ("SUM", 2),
    76: ("RSQRT", 2),
    82: ("REDUCE_MAX", 3),
    83: ("PACK", 4),
    88: ("UNPACK", 4),
    89: ("REDUCE_MIN", 3),
    97: ("RESIZE_NEAREST_NEIGHBOR", 4),
    98: ("LEAKY_RELU", 2),
    99: ("SQUARED_DIFFERENCE", 2),
    100: ("MIRROR_PAD", 3),
    101: ("ABS", 5),
    102: ("SPLIT_V", 2),
    114: ("QUANTIZE", 3),
    117: ("HARD_SWISH", 1),
    126: ("BATCH_MATMUL", 4),
}
"""Operator code: its name and the highest version that tflite-runtime 2.14 accepts."""

_OTHERS = {
    # Names of some that are met in models, but that no int8 digit network should have.
    8: "FLOOR",
    47: "EXP",
    66: "SIN",
    73: "LOG",
    75: "SQRT",
    78: "POW",
    92: "SQUARE",
    108: "COS",
    111: "ELU",
    150: "GELU",
}

_DTYPES = {
    # The schema's number of each type; the others (text, complex numbers) no digit network has.
    0: "float32",
    1: "float16",
    2: "int32",
    3: "uint8",
    4: "int64",
    6: "bool",
    7: "int16",
    9: "int8",
    10: "float64",
    17: "int4",
}

_CUSTOM = 32

_OPTIONS: Mapping[str, Mapping[str, tuple[int, str, int]]] = {
    # Name: field number in the schema, its struct code, its default.
    "CONV_2D": {"dilation_w": (4, "<i", 1), "dilation_h": (5, "<i", 1)},
    "DEPTHWISE_CONV_2D": {"dilation_w": (5, "<i", 1), "dilation_h": (6, "<i", 1)},
    "FULLY_CONNECTED": {"fused": (0, "<b", 0), "weights_format": (1, "<b", 0)},
    "MAX_POOL_2D": {"fused": (5, "<b", 0)},
    "AVERAGE_POOL_2D": {"fused": (5, "<b", 0)},
    "CONCATENATION": {"axis": (0, "<i", 0), "fused": (1, "<b", 0)},
    "PACK": {"axis": (1, "<i", 0)},
    "STRIDED_SLICE": {"ellipsis_mask": (2, "<i", 0), "new_axis_mask": (3, "<i", 0)},
}


@dataclass(frozen=True, slots=True)
class Tensor:
    """One array of the graph.

    Attributes:
        shape: as stored; ``signature`` has -1 where the size is left open.
        dtype: numpy's name of it.
        scales: one number per tensor, one a channel along ``axis``, or none (not quantised).
        content: the bytes of a constant; empty for what is computed.
    """

    name: str
    shape: tuple[int, ...]
    signature: tuple[int, ...]
    dtype: str
    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    axis: int
    content: bytes

    @property
    def per_channel(self) -> bool:
        return len(self.scales) > 1

    @property
    def constant(self) -> bool:
        return bool(self.content)

    @property
    def static(self) -> bool:
        return all(size > 0 for size in self.signature or self.shape)


@dataclass(frozen=True, slots=True)
class Operator:
    """One step of the graph; inputs and outputs are numbers of tensors, -1 for one left out."""

    name: str
    version: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Graph:
    """The whole model; inputs and outputs are numbers of tensors."""

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    subgraphs: int

    def inputs_of(self, operator: Operator) -> list[Tensor]:
        """The tensors that an operator reads, without those left out."""
        return [self.tensors[number] for number in operator.inputs if number >= 0]

    def outputs_of(self, operator: Operator) -> list[Tensor]:
        """The tensors that an operator writes."""
        return [self.tensors[number] for number in operator.outputs]


def read_graph(content: bytes) -> Graph:
    """The graph in a .tflite file.

    Raises:
        ModelError: the bytes are not a TFLite model, or are damaged.
    """
    if content[4:8] != b"TFL3":
        raise ModelError("this is not a TFLite model (no TFL3 mark); expected a .tflite file")
    try:
        return _graph(Table.root(content))
    except FlatbufferError as error:
        raise ModelError(f"the TFLite model is damaged: {error}") from error
    except IndexError as error:
        raise ModelError("the TFLite model is damaged: it names parts that are missing") from error


def _graph(model: Table) -> Graph:
    codes = [_code(table) for table in model.tables(1)]
    subgraphs = model.tables(2)
    if not subgraphs:
        raise FlatbufferError("it has no graph")
    buffers = model.tables(4)
    tensors = tuple(_tensor(table, buffers) for table in subgraphs[0].tables(0))
    operators = tuple(_operator(table, codes) for table in subgraphs[0].tables(3))
    inputs, outputs = (tuple(subgraphs[0].vector(field, "<i4").tolist()) for field in (1, 2))
    named = [*inputs, *outputs, *(n for step in operators for n in (*step.inputs, *step.outputs))]
    computed = {*inputs, *outputs, *(n for step in operators for n in step.outputs)}
    if any(not -1 <= number < len(tensors) for number in named) or -1 in computed:
        raise FlatbufferError("an operator names a tensor that is not there")
    return Graph(tensors, operators, inputs, outputs, len(subgraphs))


def _code(table: Table) -> tuple[str, int]:
    """Name and version; codes above 127 have a field of their own, added later."""
    code = max(table.number(0, "<b"), table.number(3, "<i"))
    if code == _CUSTOM:
        return f"custom operator {table.text(1)}", table.number(2, "<i", 1)
    name, _ = HIGHEST_VERSIONS.get(code, (_OTHERS.get(code, f"operator {code}"), 0))
    return name, table.number(2, "<i", 1)


def _operator(table: Table, codes: list[tuple[str, int]]) -> Operator:
    name, version = codes[table.number(0, "<I")]
    options = table.table(4)
    fields = _OPTIONS.get(name, {})
    return Operator(
        name,
        version,
        tuple(table.vector(1, "<i4").tolist()),
        tuple(table.vector(2, "<i4").tolist()),
        {
            option: options.number(*place) if options else place[2]
            for option, place in fields.items()
        },
    )


def _tensor(table: Table, buffers: list[Table]) -> Tensor:
    kind = table.number(1, "<b")
    quantised = table.table(4)
    buffer = table.number(2, "<I")
    return Tensor(
        name=table.text(3),
        shape=tuple(table.vector(0, "<i4").tolist()),
        signature=tuple(table.vector(7, "<i4").tolist()),
        dtype=_DTYPES.get(kind, f"type {kind}"),
        scales=tuple(quantised.vector(2, "<f4").tolist()) if quantised else (),
        zero_points=tuple(quantised.vector(3, "<i8").tolist()) if quantised else (),
        axis=quantised.number(6, "<i") if quantised else 0,
        content=buffers[buffer].content(0) if buffer else b"",
    )


def multiplications(graph: Graph) -> int:
    """How often one reading multiplies and adds in convolutions and dense layers: nearly all that a
    digit network does."""
    total = 0
    for step in graph.operators:
        made = math.prod(graph.tensors[step.outputs[0]].shape)
        if step.name in ("CONV_2D", "FULLY_CONNECTED"):
            total += made * math.prod(graph.tensors[step.inputs[1]].shape[1:])
        elif step.name == "DEPTHWISE_CONV_2D":
            total += made * math.prod(graph.tensors[step.inputs[1]].shape[1:3])
    return total


def faults(graph: Graph) -> list[str]:
    """Why the device would not run a model as it should: one line each, none for a good one.

    A good model has one graph, one input (1, 28, 28, 1) and one output a role, all int8 or uint8;
    inside only int8 and int32, fixed shapes, and operators that tflite-runtime 2.14 knows.
    """
    found = []
    if graph.subgraphs != 1:
        found.append(f"{graph.subgraphs} graphs instead of one")
    found += _door_faults(graph)
    highest = dict(HIGHEST_VERSIONS.values())
    for name, version in sorted({(step.name, step.version) for step in graph.operators}):
        if name not in highest:
            found.append(f"{name} is not among the operators that Inkling's runtimes run as int8")
        elif version > highest[name]:
            found.append(
                f"{name} is version {version}; tflite-runtime 2.14 runs up to {highest[name]}: "
                "convert with TensorFlow 2.15"
            )
    return found + list(_inner_faults(graph))


def _door_faults(graph: Graph) -> Iterator[str]:
    shapes = [graph.tensors[number].shape for number in graph.inputs]
    if shapes != [MODEL_INPUT_SHAPE]:
        yield f"the input is {_shown(shapes)}; expected {MODEL_INPUT_SHAPE}"
    outputs = [graph.tensors[number] for number in graph.outputs]
    roles = [ROLES.get(tensor.shape[-1] if tensor.shape else 0) for tensor in outputs]
    if not roles or None in roles or len(set(roles)) != len(roles):
        yield (
            f"the outputs are {_shown([tensor.shape for tensor in outputs])}; "
            "expected (1, 10) for the digit, (1, 2) for the gate, or both"
        )
    for number in (*graph.inputs, *graph.outputs):
        tensor = graph.tensors[number]
        if tensor.dtype not in ("int8", "uint8"):
            yield f"{tensor.name} is {tensor.dtype}; inputs and outputs must be int8 or uint8"
        elif len(tensor.scales) != 1 or len(tensor.zero_points) != 1:
            yield f"{tensor.name} has no scale and zero point of its own"


def _inner_faults(graph: Graph) -> Iterator[str]:
    doors = {*graph.inputs, *graph.outputs}
    inner = [tensor for number, tensor in enumerate(graph.tensors) if number not in doors]
    wrong = [tensor for tensor in inner if tensor.dtype not in ("int8", "int32")]
    if wrong:
        kinds = " and ".join(sorted({tensor.dtype for tensor in wrong}))
        yield (
            f"{len(wrong)} tensors inside are {kinds}, the first is {wrong[0].name}; "
            "only int8 and int32 may be inside"
        )
    opened = [tensor for tensor in graph.tensors if not tensor.static]
    if opened:
        shape = opened[0].signature or opened[0].shape
        yield f"{len(opened)} tensors have open shapes, {opened[0].name} first: {shape}"


def _shown(shapes: list[tuple[int, ...]]) -> str:
    return " and ".join(map(str, shapes)) or "missing"
