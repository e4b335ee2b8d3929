"""What the evaluation counts, as pure functions of arrays, with bootstrap intervals.

Shares are 0..1 here; they become percent where people read them. Everything random comes from a
seed, so that a figure can be made again to its last digit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Interval = tuple[float, float]
"""The ends of a 95 % bootstrap interval (Efron & Tibshirani 1993, percentile method)."""

ROUNDS = 2000
"""Resamples of a bootstrap."""

BINS = 15
"""Bins of a reliability curve, equally wide over 0..1, as in Guo et al. 2017."""

_AT_ONCE = 250
"""Resamples worked out together: little memory, few steps."""


def confusion(truth: Ints, given: Ints, classes: int = 10) -> Ints:
    """How often each class (row) was read as each class (column), int64 (classes, classes).

    Answers outside the classes (-1: nothing was read) are in no column.
    """
    answered = (given >= 0) & (given < classes)
    cells = truth[answered] * classes + given[answered]
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def recalls(right: Bools, truth: Ints) -> dict[int, float]:
    """The share read rightly of each class that is there."""
    return {int(one): float(right[truth == one].mean()) for one in np.unique(truth)}


def macro(right: Bools, truth: Ints) -> float:
    """The mean of the classes' own accuracies: rare classes weigh as much as common ones."""
    return float(np.mean(list(recalls(right, truth).values())))


def auroc(scores: Floats, positive: Bools) -> float:
    """The chance that a positive scores above a negative, ties counting half (Mann & Whitney).

    NaN when one of the two is missing.
    """
    above, below = _score_counts(scores, positive)
    return float(_auroc_of_counts(above[None], below[None])[0])


def auroc_interval(
    scores: Floats, positive: Bools, rounds: int = ROUNDS, seed: int = 0
) -> Interval:
    """The 95 % interval of :func:`auroc`, positives and negatives resampled each by themselves."""
    rng = np.random.default_rng(seed)
    above, below = _score_counts(scores, positive)
    if not above.sum() or not below.sum():
        return float("nan"), float("nan")
    # How often each score is drawn is all that matters: exact, and fast where scores are int8.
    found = [
        _auroc_of_counts(_resampled_counts(above, some, rng), _resampled_counts(below, some, rng))
        for some in _portions(rounds)
    ]
    return interval(np.concatenate(found))


def _score_counts(scores: Floats, positive: Bools) -> tuple[Ints, Ints]:
    """How often each score, in ascending order, is that of a positive and of a negative."""
    values, place = np.unique(scores, return_inverse=True)
    above = np.bincount(place[positive], minlength=len(values))
    below = np.bincount(place[~positive], minlength=len(values))
    return above, below


def _auroc_of_counts(above: Ints, below: Ints) -> Floats:
    """From (rounds, scores) counts of positives and negatives; (rounds,)."""
    lower = np.cumsum(below, axis=1) - below
    wins = (above * (lower + below / 2)).sum(axis=1)
    pairs = above.sum(axis=1) * below.sum(axis=1)
    with np.errstate(invalid="ignore"):
        areas: Floats = wins / pairs.astype(np.float64)
    return areas


@dataclass(frozen=True)
class Calibration:
    """How far stated confidence and what came true are apart.

    ``error`` is the expected calibration error, 0..1. ``confidence``, ``share`` and ``weight``
    have one value a bin that is not empty: mean confidence, share that came true, and the part
    of all weight that lies in the bin.
    """

    error: float
    confidence: tuple[float, ...]
    share: tuple[float, ...]
    weight: tuple[float, ...]


def calibration(
    confidence: Floats, true: Bools, weights: Floats | None = None, bins: int = BINS
) -> Calibration:
    """The expected calibration error and reliability curve (Naeini et al. 2015; Guo et al. 2017).

    Args:
        confidence: stated probabilities, (n,), 0..1.
        true: whether what was stated is so, (n,).
        weights: of each statement; None for equal ones.
        bins: number of bins, each open below and closed above; 0 belongs to the first.
    """
    shares = np.ones(len(confidence)) if weights is None else weights
    shares = shares / shares.sum()
    place = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    weight = np.bincount(place, shares, bins)
    stated = np.bincount(place, shares * confidence, bins)
    found = np.bincount(place, shares * true, bins)
    used = weight > 0
    return Calibration(
        error=float(np.abs(found - stated).sum()),
        confidence=tuple((stated[used] / weight[used]).tolist()),
        share=tuple((found[used] / weight[used]).tolist()),
        weight=tuple(weight[used].tolist()),
    )


def mean_interval(
    values: Bools, groups: NDArray[np.str_] | None = None, rounds: int = ROUNDS, seed: int = 0
) -> Interval:
    """The 95 % interval of the mean of ``values``.

    Args:
        groups: who made each (n,): whole groups are resampled, since the drawings of one hand
            are alike; None resamples single values.
    """
    table = np.column_stack([values, np.ones(len(values))])
    sums = _resampled_sums(table, groups, rounds, seed)
    return interval(sums[:, 0] / sums[:, 1])


def macro_interval(
    right: Bools,
    truth: Ints,
    groups: NDArray[np.str_] | None = None,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> Interval:
    """The 95 % interval of :func:`macro`; ``groups`` as for :func:`mean_interval`.

    Classes that a resample happens to leave out are left out of its mean.
    """
    member = truth[:, None] == np.unique(truth)
    table = np.concatenate([member & right[:, None], member], axis=1).astype(np.float64)
    hits, counts = np.split(_resampled_sums(table, groups, rounds, seed), 2, axis=1)
    present = counts > 0
    shares = np.where(present, hits / np.maximum(counts, 1), 0.0)
    return interval(shares.sum(axis=1) / present.sum(axis=1))


def interval(resampled: Floats) -> Interval:
    """From the 2.5th to the 97.5th percentile."""
    low, high = np.percentile(resampled, (2.5, 97.5)).tolist()
    return low, high


def _resampled_sums(
    table: Floats, groups: NDArray[np.str_] | None, rounds: int, seed: int
) -> Floats:
    """Column sums of resamples of a table's rows (or of groups of them): (rounds, columns)."""
    rng = np.random.default_rng(seed)
    if groups is None:
        # Equal rows are one kind: drawing kinds by their number is the same, and much faster.
        units, counts = np.unique(table, axis=0, return_counts=True)
    else:
        _, place = np.unique(groups, return_inverse=True)
        units = np.zeros((int(place.max()) + 1, table.shape[1]))
        np.add.at(units, place, table)
        counts = np.ones(len(units), np.int64)
    return np.concatenate(
        [_resampled_counts(counts, some, rng) @ units for some in _portions(rounds)]
    )


def _resampled_counts(counts: Ints, rounds: int, rng: np.random.Generator) -> Ints:
    """As many draws with replacement as there are, ``rounds`` times: (rounds, kinds)."""
    return rng.multinomial(counts.sum(), counts / counts.sum(), rounds)


def _portions(rounds: int) -> list[int]:
    return [min(_AT_ONCE, rounds - first) for first in range(0, rounds, _AT_ONCE)]
