"""The figures of one model: what its answers to each data set amount to, as plain values."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from firmware_tools import metrics
from firmware_tools.inputs import scaled
from firmware_tools.metrics import Bools, Floats
from firmware_tools.readings import DRAWN, Answers, DrawingSet

CALIBRATION_SETS = (DRAWN, "niemenjoki", "hwd1000")
"""The sets of digits that calibration is measured on: hands that `inkling` did not learn from."""

ALL = "all"
"""All sets of drawings that are no digits, taken together."""

Figures = dict[str, Any]
"""Shares are 0..1; an interval is its two ends."""


def of_digits(one: DrawingSet, answers: Answers, seed: int) -> Figures:
    """What a model makes of digits: how many it reads rightly, and how many it accepts.

    The accuracy is that of the digit itself, whether or not the drawing was accepted; a drawing
    that was not accepted is a false reject, be it the gate's or the symbol count's doing.
    """
    truth = one.truth if one.truth is not None else np.zeros(0, np.int64)
    right = answers.digit == truth
    several = answers.symbols > 1
    refused = ~answers.accepted
    hands = one.writers
    return {
        "count": len(one),
        "writers": 0 if one.writers is None else len(np.unique(one.writers)),
        "accuracy": float(right.mean()),
        "accuracy_interval": metrics.mean_interval(right, hands, seed=seed),
        "macro": metrics.macro(right, truth),
        "macro_interval": metrics.macro_interval(right, truth, hands, seed=seed),
        "recalls": metrics.recalls(right, truth),
        "confusion": metrics.confusion(truth, answers.digit).tolist(),
        "false_rejects": float(refused.mean()),
        "false_rejects_interval": metrics.mean_interval(refused, hands, seed=seed),
        "several": float(several.mean()),
        "accuracy_accepted": float(right[answers.accepted].mean()) if not refused.all() else None,
    }


def of_others(one: DrawingSet, answers: Answers, seed: int) -> Figures:
    """What a model makes of drawings that are no digits: how many it accepts all the same."""
    return {
        "count": len(one),
        "writers": 0 if one.writers is None else len(np.unique(one.writers)),
        "false_accepts": float(answers.accepted.mean()),
        "false_accepts_interval": metrics.mean_interval(answers.accepted, one.writers, seed=seed),
        "several": float((answers.symbols > 1).mean()),
    }


def aurocs(
    digits: Sequence[DrawingSet],
    others: Sequence[DrawingSet],
    answers: Mapping[str, Answers],
    seed: int,
) -> Figures:
    """The gate's AUROC: drawn digits against each set of others, and against all of them.

    Only single symbols count, since the gate has no say about the rest. A set without any is
    left out.
    """
    none = np.zeros(0)
    drawn = [_single(answers[one.name]) for one in digits if one.name == DRAWN]
    yes = np.concatenate([*drawn, none])
    pools = {one.name: _single(answers[one.name]) for one in others}
    pools[ALL] = np.concatenate([*pools.values(), none])
    found = {}
    for name, no in pools.items():
        if len(yes) and len(no):
            scores, is_digit = np.concatenate([yes, no]), np.arange(len(yes) + len(no)) < len(yes)
            found[name] = {
                "auroc": metrics.auroc(scores, is_digit),
                "interval": metrics.auroc_interval(scores, is_digit, seed=seed),
            }
    return found


def _single(answers: Answers) -> Floats:
    return answers.gate[answers.symbols == 1]


def calibrations(
    digits: Sequence[DrawingSet], others: Sequence[DrawingSet], answers: Mapping[str, Answers]
) -> Figures:
    """How far both heads can be taken at their word, on drawings of people not learned from.

    Every set weighs the same; of the gate's, digits and others weigh half each, and only single
    symbols count.
    """
    drawn = [one for one in digits if one.name in CALIBRATION_SETS]
    if not drawn:
        return {}
    rows = [
        (answers[one.name].probabilities.max(axis=1), answers[one.name].digit == one.truth, 1.0)
        for one in drawn
    ]
    found = {"digit": asdict(_calibration(rows))}
    if others:
        gates = [(_single(answers[one.name]), True, 1 / len(drawn)) for one in drawn]
        gates += [(_single(answers[one.name]), False, 1 / len(others)) for one in others]
        found["gate"] = asdict(
            _calibration([(gate, np.full(len(gate), is_so), part) for gate, is_so, part in gates])
        )
    return found


def _calibration(rows: Sequence[tuple[Floats, Bools, float]]) -> metrics.Calibration:
    """Of (confidence, truth, weight of the whole set)."""
    used = [row for row in rows if len(row[0])]
    return metrics.calibration(
        np.concatenate([confidence for confidence, _, _ in used]),
        np.concatenate([true for _, true, _ in used]),
        np.concatenate([np.full(len(c), part / len(c)) for c, _, part in used]),
    )


def of_float(path: Path, digits: Sequence[DrawingSet], answers: Mapping[str, Answers]) -> Figures:
    """What the float model says of the very same model inputs, where it and TensorFlow are there.

    Of each set of digits: its accuracy, and how often both give the same digit.
    """
    if not path.is_file() or importlib.util.find_spec("tensorflow") is None:
        return {}
    from firmware_tools import convert

    model = convert.load(path)
    found = {}
    for one in digits:
        given = answers[one.name]
        wanted = convert.answers_of(model, scaled(given.seen))["digit"].argmax(axis=1)
        found[one.name] = {
            "accuracy": float((wanted == one.truth).mean()),
            "agreement": float((wanted == given.digit).mean()),
        }
    return found
