"""The proof that an int8 model answers as its float model does; without it none is written.

Checked are the graph (:mod:`firmware_tools.operators`), the accuracy on pictures the conversion
has not seen, and the agreement of the two models' answers. Where accuracy is lost,
:mod:`firmware_tools.layers` says in which layer.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.tflite import Network
from firmware_tools import convert, layers
from firmware_tools.inputs import scaled
from firmware_tools.operators import ROLES, Graph, faults, read_graph
from firmware_tools.progress import bar

LOSS = 0.1
"""Percentage points of accuracy that int8 may lose."""

AGREEMENT = 99.8
"""Percent of all pictures for which the top answer must be the same.

Where the float model's two best answers are closer to each other than one step of the int8
output, no int8 model can tell them apart, and either of the two will do.
"""

GOLDEN = 64
"""Pictures kept with their answers, for the device's self-test."""

_CLEAR = 3
"""Golden answers are ahead of the second by this many steps: platforms differ by one."""

_LOOKED_AT = 128
"""Pictures for the comparison layer by layer."""

Classes = Mapping[str, NDArray[np.int64]]
"""By role, the right class of each picture; -1 where a picture has none."""


@dataclass(frozen=True)
class Comparison:
    """Float against int8 for one role: percent right, percent alike, over ``count`` pictures.

    ``agreement`` is of the top answers as they are; ``within_step`` takes either of two answers
    that the output's step cannot tell apart.
    """

    of_float: float
    of_int8: float
    agreement: float
    within_step: float
    count: int


@dataclass(frozen=True)
class Proof:
    """What was found out; ``complaints`` has one line for each reason to refuse the model."""

    comparisons: Mapping[str, Comparison]
    complaints: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.complaints

    def __str__(self) -> str:
        return "; ".join(
            f"{role}: float {one.of_float:.2f} %, int8 {one.of_int8:.2f} %, "
            f"{one.agreement:.2f} % alike ({one.within_step:.2f} % within a step) on {one.count:,}"
            for role, one in self.comparisons.items()
        )


def prove(
    content: bytes,
    wanted: Mapping[str, NDArray[np.float32]],
    inputs: NDArray[np.uint8],
    targets: Classes,
    own: int | None = None,
) -> Proof:
    """Hold an int8 model against what its float model answers.

    Accuracy must not be lost on drawings of validation; of a few thousand that the model learned
    from, a handful would be a tenth of a point. Agreement is asked for on the kind that it learned
    from: on others even a float model is often torn between two answers.

    Args:
        content: the .tflite file.
        wanted: the float model's answers by role, from :func:`convert.answers_of`.
        inputs: model inputs uint8 (n, 28, 28) that were not used for the conversion.
        targets: the right classes, by role.
        own: so many of them, the first, are of the kind that the model learned from; None for all.

    Raises:
        ModelError: the file cannot be read at all.
    """
    graph = read_graph(content)
    complaints = faults(graph) + _shared_scales(graph)
    if complaints:
        return Proof({}, tuple(complaints))
    given = _run(content, inputs)
    split = len(inputs) if own is None else own
    steps = {
        ROLES[graph.tensors[number].shape[-1]]: graph.tensors[number].scales[0]
        for number in graph.outputs
    }
    compared: dict[str, Comparison] = {}
    for role in wanted:
        parts = {role: slice(split), f"{role}, unseen": slice(split, None)}
        found = {
            name: _compared(given[role][part], wanted[role][part], targets[role][part], steps[role])
            for name, part in parts.items()
        }
        found = {name: one for name, one in found.items() if one.count}
        compared |= found
        complaints += _complaints(found)
    return Proof(compared, tuple(complaints))


def _complaints(found: Mapping[str, Comparison]) -> list[str]:
    """What is wrong in the answers of one role: to drawings of the kind that was learned from,
    first, and to those of validation, last, where there are both."""
    complaints = []
    name, last = list(found.items())[-1]
    if last.of_float - last.of_int8 > LOSS + 1e-9:
        complaints.append(
            f"{name}: int8 loses {last.of_float - last.of_int8:.2f} points "
            f"({last.of_float:.2f} % to {last.of_int8:.2f} %); {LOSS} are allowed"
        )
    name, first = next(iter(found.items()))
    if first.within_step < AGREEMENT - 1e-9:
        complaints.append(
            f"{name}: only {first.within_step:.3f} % of the top answers are the float model's; "
            f"{AGREEMENT} % are needed"
        )
    return complaints


def _run(content: bytes, inputs: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    network = Network(content)
    rows = [network.run(one) for one in bar(inputs, "int8", len(inputs), "picture")]
    return {role: np.concatenate([row[role] for row in rows]) for role in rows[0]}


def _shared_scales(graph: Graph) -> list[str]:
    """Convolutions whose weights have one scale for all channels."""
    wide = [
        step
        for step in graph.operators
        if step.name == "CONV_2D" and graph.tensors[step.inputs[1]].shape[0] > 1
    ]
    if any(not graph.tensors[step.inputs[1]].per_channel for step in wide):
        return ["a convolution's weights share one scale; expected one for each channel"]
    return []


def _compared(
    given: NDArray[np.float32],
    wanted: NDArray[np.float32],
    right: NDArray[np.int64],
    step: float,
) -> Comparison:
    has = right >= 0
    given, wanted, right = given[has], wanted[has], right[has]
    mine, theirs = given.argmax(axis=1), wanted.argmax(axis=1)
    order = np.argsort(-wanted, axis=1, kind="stable")
    rows = np.arange(len(right))
    close = wanted[rows, order[:, 0]] - wanted[rows, order[:, 1]] < step
    percent = 100 / max(len(right), 1)
    return Comparison(
        of_float=percent * int((theirs == right).sum()),
        of_int8=percent * int((mine == right).sum()),
        agreement=percent * int((mine == theirs).sum()),
        within_step=percent * int(((mine == theirs) | (close & (mine == order[:, 1]))).sum()),
        count=len(right),
    )


def diagnose(model: Any, content: bytes, inputs: NDArray[np.uint8]) -> layers.LayerError:
    """The layer of a Keras model that loses most in its int8 form."""
    names = [layer.name for layer in model.layers]
    shown = scaled(inputs[:_LOOKED_AT])
    return layers.worst(layers.compare(content, convert.to_float(model), names, shown))


def _clearest(answers: list[NDArray[np.integer[Any]]]) -> NDArray[np.intp]:
    """Rows to keep as golden: for each answer in turn the clearest there is.

    Behind a softmax one step more or less inside becomes many steps where the answer is in doubt,
    and hardly one where it is clear. Platforms differ by such a step.
    """
    lead = np.full(len(answers[0]), np.inf)
    for steps in answers:
        ordered = np.sort(steps.astype(int), axis=1)
        lead = np.minimum(lead, ordered[:, -1] - ordered[:, -2])
    best = np.argmax(answers[0], axis=1)
    by_lead = np.argsort(-lead, kind="stable")
    place = np.empty(len(lead), np.intp)
    for answer in np.unique(best):
        rows = by_lead[best[by_lead] == answer]
        place[rows] = np.arange(len(rows))
    turn = np.lexsort((-lead, place))
    return turn[lead[turn] >= _CLEAR][:GOLDEN]


def golden(
    content: bytes, wanted: Mapping[str, NDArray[np.float32]], inputs: NDArray[np.uint8]
) -> bytes:
    """Pictures and answers for the device's self-test, as the bytes of an npz file.

    Its arrays are ``inputs`` uint8 (n, 28, 28) and for each role, ``digit`` or ``gate``, the raw
    integers that the model answers and ``ROLE_float``, what the float model answers.
    """
    network = Network(content)
    raw = dict(zip((info.role for info in network.outputs), network.run_raw(inputs), strict=True))
    chosen = _clearest(list(raw.values()))
    arrays: dict[str, Any] = {"inputs": inputs[chosen]}
    for role, steps in raw.items():
        arrays[str(role)] = steps[chosen]
        arrays[f"{role}_float"] = wanted[str(role)][chosen].astype(np.float32)
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()
