"""The decision, and the form in which a reading leaves the program."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from device.reading import Reading, Verdict, as_probabilities, decide


@pytest.mark.parametrize(
    ("blank", "symbols", "gate", "verdict"),
    [
        (True, 0, 0.0, Verdict.BLANK),
        (True, 1, 1.0, Verdict.BLANK),
        (True, 2, 1.0, Verdict.BLANK),
        (False, 2, 0.0, Verdict.SEVERAL),
        (False, 2, 1.0, Verdict.SEVERAL),
        (False, 9, 0.6, Verdict.SEVERAL),
        (False, 1, 0.0, Verdict.REJECTED),
        (False, 1, 0.5999, Verdict.REJECTED),
        (False, 1, math.nan, Verdict.REJECTED),
        (False, 1, 0.6, Verdict.ACCEPTED),
        (False, 1, 1.0, Verdict.ACCEPTED),
        (False, 0, 1.0, Verdict.ACCEPTED),
        (False, 0, 0.0, Verdict.REJECTED),
    ],
)
def test_the_decision(blank: bool, symbols: int, gate: float, verdict: Verdict) -> None:
    assert decide(blank, symbols, gate, threshold=0.6) is verdict


@given(st.booleans(), st.integers(0, 99), st.floats(0, 1), st.floats(0, 1))
def test_what_is_blank_or_several_does_not_depend_on_the_gate(
    blank: bool, symbols: int, gate: float, threshold: float
) -> None:
    verdict = decide(blank, symbols, gate, threshold)
    assert (verdict is Verdict.BLANK) == blank
    assert (verdict is Verdict.SEVERAL) == (not blank and symbols > 1)
    assert (verdict is Verdict.ACCEPTED) == (not blank and symbols <= 1 and gate >= threshold)


def test_a_threshold_of_nothing_accepts_everything() -> None:
    assert decide(False, 1, 0.0, 0.0) is Verdict.ACCEPTED


def test_the_written_form_has_exactly_the_keys_of_the_interface() -> None:
    reading = Reading(Verdict.ACCEPTED, 3, (0.1,) * 10, 0.123456789123, 1, "inkling", 1.23456)
    written = reading.to_json("drawing.png")
    assert list(written) == [
        "source",
        "verdict",
        "digit",
        "probabilities",
        "gate",
        "symbols",
        "model",
        "milliseconds",
    ]
    assert json.loads(json.dumps(written)) == {
        "source": "drawing.png",
        "verdict": "accepted",
        "digit": 3,
        "probabilities": [0.1] * 10,
        "gate": 0.123456789,
        "symbols": 1,
        "model": "inkling",
        "milliseconds": 1.235,
    }


def test_a_reading_without_the_gate_says_so() -> None:
    reading = Reading(Verdict.ACCEPTED, 3, (0.1,) * 10, 1.0, 1, "inkling", gated=False)
    written = reading.to_json(1)
    assert written.pop("gated") is False
    assert written == Reading(Verdict.ACCEPTED, 3, (0.1,) * 10, 1.0, 1, "inkling").to_json(1)


def test_verdicts_are_written_as_the_words_of_the_interface() -> None:
    assert [verdict.value for verdict in Verdict] == ["blank", "accepted", "rejected", "several"]


def test_a_blank_reading_has_no_digit() -> None:
    blank = Reading.blank("inkling", "Edge TPU")
    assert blank.verdict is Verdict.BLANK
    assert blank.digit is None
    assert blank.gate == 0.0
    assert blank.symbols == 0
    assert blank.accelerator == "Edge TPU"
    assert sum(blank.probabilities) == pytest.approx(1)
    assert blank.model_input.shape == (28, 28)
    assert blank.model_input.dtype == np.uint8
    assert blank.to_json(1)["digit"] is None


def test_readings_are_compared_by_what_they_say() -> None:
    one = Reading(Verdict.REJECTED, 3, (0.1,) * 10, 0.2, 1, "inkling")
    other = Reading(
        Verdict.REJECTED, 3, (0.1,) * 10, 0.2, 1, "inkling", model_input=np.ones((28, 28), np.uint8)
    )
    assert one == other
    assert "array" not in repr(one)


@given(hnp.arrays(np.float32, 10, elements=st.floats(-1, 1, width=32)))
def test_probabilities_are_ten_that_sum_to_one(scores: np.ndarray) -> None:
    made = as_probabilities(scores)
    assert len(made) == 10
    assert all(type(p) is float and 0 <= p <= 1 for p in made)
    assert sum(made) == pytest.approx(1, abs=1e-12)
    if scores.max() > 0:
        assert made[int(scores.argmax())] == max(made)


def test_scores_that_are_all_nothing_become_a_tenth_each() -> None:
    assert as_probabilities(np.zeros(10, np.float32)) == (0.1,) * 10


@given(st.lists(st.integers(0, 256), min_size=10, max_size=10))
def test_quantised_scores_keep_their_order(levels: list[int]) -> None:
    made = as_probabilities(np.array(levels, np.float32) / 256)
    assert all(made[i] <= made[j] for i in range(10) for j in range(10) if levels[i] < levels[j])


def test_the_status_is_the_verdict_and_the_digit_that_counts() -> None:
    accepted = Reading(Verdict.ACCEPTED, 3, (0.1,) * 10, 0.9, 1, "inkling")
    assert accepted.status == "accepted 3"
    assert Reading(Verdict.REJECTED, 3, (0.1,) * 10, 0.1, 1, "inkling").status == "rejected"
    assert Reading.blank("inkling").status == "blank"
