"""The figures are right, on cases that one can work out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_tools import metrics


def ints(*values: int) -> metrics.Ints:
    return np.array(values, np.int64)


def bools(*values: int) -> metrics.Bools:
    return np.array(values, np.bool_)


def test_a_confusion_matrix_has_the_truth_in_rows() -> None:
    found = metrics.confusion(ints(0, 0, 1, 2), ints(0, 1, 1, 2), classes=3)
    assert found.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]


def test_a_drawing_in_which_nothing_was_seen_is_in_no_column() -> None:
    assert metrics.confusion(ints(4, 4), ints(-1, 4)).sum() == 1


def test_macro_accuracy_gives_a_rare_digit_the_same_weight() -> None:
    right, truth = bools(1, 1, 1, 1, 0, 1), ints(0, 0, 0, 0, 7, 7)
    assert right.mean() == pytest.approx(5 / 6)
    assert metrics.recalls(right, truth) == {0: 1.0, 7: 0.5}
    assert metrics.macro(right, truth) == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("scores", "positive", "area"),
    [
        ([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], 1.0),
        ([0.1, 0.2, 0.8, 0.9], [1, 1, 0, 0], 0.0),
        ([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], 0.75),
        ([0.5, 0.5, 0.5, 0.5], [0, 1, 0, 1], 0.5),
        # Pairs: 0.5 against 0.5 a half, against 0.2 one; 0.9 against both one: 3.5 of 4.
        ([0.5, 0.2, 0.5, 0.9], [0, 0, 1, 1], 0.875),
    ],
)
def test_auroc_counts_pairs_and_ties_as_half(
    scores: list[float], positive: list[int], area: float
) -> None:
    assert metrics.auroc(np.array(scores), bools(*positive)) == pytest.approx(area)


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=40))
def test_auroc_is_the_share_of_pairs_in_order(rows: list[tuple[int, bool]]) -> None:
    scores, positive = np.array([r[0] for r in rows], float), np.array([r[1] for r in rows])
    yes, no = scores[positive], scores[~positive]
    if not len(yes) or not len(no):
        assert np.isnan(metrics.auroc(scores, positive))
        return
    wins = (yes[:, None] > no).mean() + (yes[:, None] == no).mean() / 2
    assert metrics.auroc(scores, positive) == pytest.approx(wins)


def test_the_interval_of_an_auroc_holds_it_and_shrinks_with_more_drawings() -> None:
    rng = np.random.default_rng(1)
    widths = []
    for count in (40, 1000):
        positive = np.arange(2 * count) < count
        scores = np.round(rng.normal(positive * 1.0, 1), 1)
        low, high = metrics.auroc_interval(scores, positive, rounds=500)
        assert low < metrics.auroc(scores, positive) < high
        widths.append(high - low)
    assert widths[1] < widths[0] / 3


def test_without_positives_an_auroc_has_no_interval() -> None:
    assert np.isnan(metrics.auroc_interval(np.array([0.1, 0.2]), bools(0, 0))).all()


def test_calibration_error_by_hand() -> None:
    # Bin 0.8-0.9: stated 0.85, half true: off by 0.35, weight a half. Bin 0.5-0.6: stated 0.55,
    # all true: off by 0.45, weight a half.
    confidence, true = np.array([0.85, 0.85, 0.55, 0.55]), bools(1, 0, 1, 1)
    found = metrics.calibration(confidence, true, bins=10)
    assert found.error == pytest.approx(0.5 * 0.35 + 0.5 * 0.45)
    assert found.confidence == pytest.approx((0.55, 0.85))
    assert found.share == pytest.approx((1.0, 0.5))
    assert found.weight == pytest.approx((0.5, 0.5))


def test_nine_in_ten_is_what_nine_tenths_says() -> None:
    found = metrics.calibration(np.full(10, 0.9), np.arange(10) > 0)
    assert found.error == pytest.approx(0.0)


def test_a_bin_is_closed_above_and_zero_belongs_to_the_first() -> None:
    found = metrics.calibration(np.array([0.0, 0.5, 1.0]), bools(0, 1, 1), bins=2)
    assert found.confidence == pytest.approx((0.25, 1.0))
    assert found.share == pytest.approx((0.5, 1.0))


def test_weights_say_how_much_a_set_matters() -> None:
    confidence, true = np.array([0.9, 0.9, 0.9, 0.1]), bools(1, 1, 1, 1)
    found = metrics.calibration(confidence, true, np.array([1.0, 1.0, 1.0, 3.0]))
    assert found.error == pytest.approx(0.5 * 0.1 + 0.5 * 0.9)


def test_the_interval_of_a_share_is_about_what_theory_says() -> None:
    values = np.arange(1000) < 900
    low, high = metrics.mean_interval(values)
    deviation = 1.96 * (0.9 * 0.1 / 1000) ** 0.5
    assert low == pytest.approx(0.9 - deviation, abs=0.002)
    assert high == pytest.approx(0.9 + deviation, abs=0.002)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.arange(50) % 3 == 0
    assert metrics.mean_interval(values, seed=5) == metrics.mean_interval(values, seed=5)
    assert metrics.mean_interval(values, seed=5) != metrics.mean_interval(values, seed=6)


def test_what_never_fails_has_no_spread() -> None:
    assert metrics.mean_interval(np.ones(20, np.bool_)) == (1.0, 1.0)


def test_a_few_hands_make_a_wider_interval_than_as_many_drawings() -> None:
    # Ten hands of a hundred drawings each; one of them is never read rightly.
    writers = np.repeat([f"hand {number}" for number in range(10)], 100)
    values = writers != "hand 3"
    alone, together = metrics.mean_interval(values), metrics.mean_interval(values, writers)
    assert together[1] - together[0] > 3 * (alone[1] - alone[0])
    assert together[0] <= 0.75
    assert together[1] == 1.0


def test_a_macro_interval_holds_the_macro_accuracy() -> None:
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 10, 800)
    right = rng.random(800) < np.where(truth == 1, 0.6, 0.95)
    low, high = metrics.macro_interval(right, truth)
    assert low < metrics.macro(right, truth) < high
    assert high - low < 0.06


def test_a_digit_that_only_one_hand_drew_may_be_missing_from_a_resample() -> None:
    truth, right = ints(0, 0, 0, 5), bools(1, 1, 1, 0)
    low, high = metrics.macro_interval(right, truth, np.array(["a", "b", "c", "d"]))
    assert 0.0 <= low < high == 1.0
