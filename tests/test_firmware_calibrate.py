"""Calibration finds the numbers that make probabilities true."""

import numpy as np
import pytest

from firmware_tools.calibrate import best_temperature, platt


def drawn(rng, logits):
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return np.array([rng.choice(len(share), p=share) for share in shares])


def test_the_temperature_of_overconfident_logits_is_found():
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 2, (4000, 10))
    truth = drawn(rng, honest)
    assert best_temperature([(honest, truth)]) == pytest.approx(1.0, abs=0.08)
    assert best_temperature([(honest * 2, truth)]) == pytest.approx(2.0, abs=0.16)


def test_a_shifted_and_stretched_gate_is_put_right():
    rng = np.random.default_rng(1)
    digits = rng.normal(2.0, 2.0, 20_000)
    others = rng.normal(-2.0, 2.0, 20_000)
    # For two normal distributions of the same width the true log odds are a straight line: x.
    scale, shift = platt([(digits, True), (others, False)])
    assert (scale, shift) == (pytest.approx(1.0, abs=0.05), pytest.approx(0.0, abs=0.05))
    scale, shift = platt([((digits - 3) / 2, True), ((others - 3) / 2, False)])
    assert (scale, shift) == (pytest.approx(2.0, abs=0.1), pytest.approx(3.0, abs=0.1))


def test_large_sets_do_not_outvote_small_ones():
    rng = np.random.default_rng(2)
    digits, others = rng.normal(2.0, 2.0, 30_000), rng.normal(-2.0, 2.0, 3_000)
    _, shift = platt([(digits, True), (others, False)])
    assert shift == pytest.approx(0.0, abs=0.1)


def test_sets_that_never_overlap_give_finite_numbers():
    scale, shift = platt([(np.full(100, 5.0), True), (np.full(100, -5.0), False)])
    assert np.isfinite([scale, shift]).all()
    assert scale > 0
