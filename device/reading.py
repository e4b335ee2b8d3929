"""What the recogniser says about one drawing, and the one decision that it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from device.raster import Pixels

DIGITS = 10


class Verdict(Enum):
    """Does it count? Every screen, light and machine answers with one of these."""

    BLANK = "blank"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SEVERAL = "several"


def decide(blank: bool, symbols: int, gate: float, threshold: float) -> Verdict:
    """The decision, and the only place where its rules stand.

    Args:
        blank: nothing was drawn.
        symbols: how many separate symbols there are.
        gate: probability (0..1) that the drawing is a digit.
        threshold: the gate's cut-off; a gate at the threshold is accepted.
    """
    if blank:
        return Verdict.BLANK
    if symbols > 1:
        return Verdict.SEVERAL
    return Verdict.ACCEPTED if gate >= threshold else Verdict.REJECTED


@dataclass(frozen=True)
class Reading:
    """Everything the recogniser says about one drawing.

    Attributes:
        verdict: the decision.
        digit: the best guess 0-9, also when it does not count; None when blank.
        probabilities: ten floats, one a digit, that sum to 1 (a tenth each when blank).
        gate: probability that the drawing is a digit (0.0 when blank, 1.0 when not asked).
        symbols: how many separate symbols were counted.
        model: name of the model that answered.
        milliseconds: time from drawing to answer.
        model_input: what the model saw, uint8 (28, 28).
        accelerator: what ran the model, ``"CPU"`` or ``"Edge TPU"``.
        gated: whether the gate was asked.
    """

    verdict: Verdict
    digit: int | None
    probabilities: tuple[float, ...]
    gate: float
    symbols: int
    model: str
    milliseconds: float = 0.0
    model_input: Pixels = field(
        default_factory=lambda: np.zeros((28, 28), np.uint8), repr=False, compare=False
    )
    accelerator: str = "CPU"
    gated: bool = True

    @classmethod
    def blank(cls, model: str, accelerator: str = "CPU") -> Reading:
        """The reading of an empty canvas."""
        return cls(
            Verdict.BLANK, None, (1 / DIGITS,) * DIGITS, 0.0, 0, model, accelerator=accelerator
        )

    @property
    def status(self) -> str:
        """In a word or two: ``accepted 3``."""
        if self.verdict is Verdict.ACCEPTED:
            return f"{self.verdict.value} {self.digit}"
        return self.verdict.value

    def to_json(self, source: str | int) -> dict[str, object]:
        """The form in which ``inkling read`` writes it; later versions only add keys.

        ``"gated"`` is there only where it is false.
        """
        written: dict[str, object] = {
            "source": source,
            "verdict": self.verdict.value,
            "digit": self.digit,
            "probabilities": [round(p, 9) for p in self.probabilities],
            "gate": round(self.gate, 9),
            "symbols": self.symbols,
            "model": self.model,
            "milliseconds": round(self.milliseconds, 3),
        }
        return written if self.gated else {**written, "gated": False}


def as_probabilities(scores: NDArray[np.float32]) -> tuple[float, ...]:
    """Ten dequantised scores (softmax outputs) as floats whose sum is 1 (within rounding).

    Quantised softmax outputs sum to 1 only within their step; the rest is shared out evenly over
    them by scaling. Scores that are all zero become a tenth each.
    """
    values = np.maximum(scores.astype(np.float64), 0.0)
    total = float(values.sum())
    if total <= 0:
        return (1 / DIGITS,) * DIGITS
    return tuple((values / total).tolist())
