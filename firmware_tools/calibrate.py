"""Temperatures folded into a two-headed network, so that 0.9 means nine in ten.

Temperature scaling (Guo et al. 2017): each head's logits are divided by one number, chosen on
validation drawings; it disappears into the weights of the head's last layer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware_tools.inputs import scaled
from firmware_tools.two_heads import with_logits
from firmware_tools.validation import Validation

TEMPERATURES = np.exp(np.linspace(np.log(0.3), np.log(3.0), 93))


def calibrated(model: Any, held: Validation) -> Any:
    """The same network, each head calibrated on ``held``; every set weighs the same.

    The answers keep their order and the gate its verdict at 0.5.
    """
    logits = with_logits(model)
    digit_rows, gate_rows = [], []
    for part in held:
        digit, gate = logits.predict(scaled(part.inputs), batch_size=1024, verbose=0)
        truth = np.full(len(gate), int(part.targets is not None))
        gate_rows.append((gate, truth))
        if part.targets is not None:
            digit_rows.append((digit, part.targets))
    for name, rows in (("digit_logits", digit_rows), ("gate_logits", gate_rows)):
        temperature = best_temperature(rows)
        layer = model.get_layer(name)
        layer.set_weights([weight / temperature for weight in layer.get_weights()])
    return model


def best_temperature(rows: list[tuple[NDArray[np.float32], NDArray[np.int64]]]) -> float:
    """The temperature with the least mean cross entropy over several sets of (logits, class)."""
    losses = [
        np.mean([_cross_entropy(logits / temperature, truth) for logits, truth in rows])
        for temperature in TEMPERATURES
    ]
    return float(TEMPERATURES[int(np.argmin(losses))])


def _cross_entropy(logits: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    wide = logits.astype(np.float64)
    top = wide.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(wide - top).sum(axis=1)) + top[:, 0]
    return float(np.mean(log_sum - wide[np.arange(len(truth)), truth]))
