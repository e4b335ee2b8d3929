"""Calibration folded into a two-headed network, so that 0.9 means nine in ten.

Temperature scaling (Guo et al. 2017) for the digits: the logits are divided by one number. Platt
scaling (Platt 1999) for the gate: the difference of its logits is scaled and shifted, so that 0.5
is where digits and non-digits are equally likely. Both are chosen on validation drawings and
disappear into the weights of the head's last layer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware_tools.inputs import scaled
from firmware_tools.two_heads import with_logits
from firmware_tools.validation import Validation

Floats = NDArray[np.float64]

DOODLES = "quickdraw"
"""The validation set of non-digits that the gate is calibrated on: what people draw on a kiosk
that is no digit is seldom a letter, and doodles are the harder ones. Letters pass less often than
the gate says."""

TEMPERATURES = np.exp(np.linspace(np.log(0.3), np.log(3.0), 93))


def calibrated(model: Any, held: Validation) -> Any:
    """The same network, each head calibrated on ``held``.

    Every set of digits weighs the same, and digits as much as doodles (:data:`DOODLES`).
    """
    logits = with_logits(model)
    digit_rows, gate_rows = [], []
    for part in held:
        digit, gate = logits.predict(scaled(part.inputs), batch_size=1024, verbose=0)
        if part.targets is not None or part.name == DOODLES:
            difference = (gate[:, 1] - gate[:, 0]).astype(np.float64)
            gate_rows.append((difference, part.targets is not None))
        if part.targets is not None:
            digit_rows.append((digit.astype(np.float64), part.targets))
    temperature = best_temperature(digit_rows)
    layer = model.get_layer("digit_logits")
    layer.set_weights([weight / temperature for weight in layer.get_weights()])
    scale, shift = platt(gate_rows)
    layer = model.get_layer("gate_logits")
    kernel, bias = layer.get_weights()
    layer.set_weights([kernel * scale, bias * scale + np.array([-shift / 2, shift / 2])])
    return model


def best_temperature(rows: list[tuple[Floats, NDArray[np.int64]]]) -> float:
    """The temperature with the least mean cross entropy over several sets of (logits, class)."""
    losses = [
        np.mean([_cross_entropy(logits / temperature, truth) for logits, truth in rows])
        for temperature in TEMPERATURES
    ]
    return float(TEMPERATURES[int(np.argmin(losses))])


def platt(rows: list[tuple[Floats, bool]], steps: int = 50) -> tuple[float, float]:
    """Scale and shift of logit differences, by logistic regression (Newton's method).

    Args:
        rows: per set, the differences (n,) of yes over no, and whether the set is of digits.
    """
    kinds = [sum(is_digit == kind for _, is_digit in rows) for kind in (False, True)]
    values = np.concatenate([difference for difference, _ in rows])
    truth = np.concatenate([np.full(len(d), float(is_digit)) for d, is_digit in rows])
    weight = np.concatenate([np.full(len(d), 1 / (len(d) * kinds[kind])) for d, kind in rows])
    features = np.column_stack([values, np.ones_like(values)])
    answer = np.array([1.0, 0.0])
    for _ in range(steps):
        yes = 1 / (1 + np.exp(-np.clip(features @ answer, -40, 40)))
        gradient = features.T @ (weight * (yes - truth))
        curvature = (features * (weight * yes * (1 - yes))[:, None]).T @ features
        # A little of the identity keeps perfectly separable sets from running away.
        step = np.linalg.solve(curvature + 1e-4 * np.eye(2), gradient + 1e-4 * (answer - [1, 0]))
        answer = answer - step
        if np.abs(step).max() < 1e-9:
            break
    return float(answer[0]), float(answer[1])


def _cross_entropy(logits: Floats, truth: NDArray[np.int64]) -> float:
    top = logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(logits - top).sum(axis=1)) + top[:, 0]
    return float(np.mean(log_sum - logits[np.arange(len(truth)), truth]))
