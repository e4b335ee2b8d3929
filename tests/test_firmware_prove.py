"""The proof that an int8 model answers as its float model does."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from device.errors import ModelError
from device.tflite import Network
from firmware_tools import layers, prove

MODELS = sorted(Path(__file__).parents[1].glob("models/*.tflite"))
pytestmark = pytest.mark.skipif(not MODELS, reason="no models are shipped yet")


@pytest.fixture(scope="module")
def case():
    """The smallest shipped model, pictures, and its own answers as if they were a float model's."""
    content = min(MODELS, key=lambda path: path.stat().st_size).read_bytes()
    inputs = np.random.default_rng(0).integers(0, 256, (400, 28, 28)).astype(np.uint8)
    inputs[:, :4] = inputs[:, 24:] = 0
    answers = Network(content).run(inputs)
    right = {role: one.argmax(axis=1) for role, one in answers.items()}
    return content, inputs, answers, right


def test_equal_answers_prove_a_model(case):
    content, inputs, answers, right = case
    proof = prove.prove(content, answers, inputs, right)
    assert proof.holds
    assert all(one.agreement == 100 and one.of_int8 == 100 for one in proof.comparisons.values())


def test_lost_accuracy_and_other_answers_are_two_complaints(case):
    content, inputs, answers, _ = case
    other = {role: np.roll(one, 1, axis=1) for role, one in answers.items()}
    moved = {role: one.argmax(axis=1) for role, one in other.items()}
    proof = prove.prove(content, other, inputs, moved)
    assert not proof.holds
    assert any("int8 loses 100.00 points" in line for line in proof.complaints)
    assert any("0.000 % of the top answers" in line for line in proof.complaints)


def test_pictures_without_a_class_do_not_count(case):
    content, inputs, answers, right = case
    some = {role: np.where(np.arange(400) < 100, one, -1) for role, one in right.items()}
    proof = prove.prove(content, answers, inputs, some)
    assert {one.count for one in proof.comparisons.values()} == {100}


def test_answers_that_no_step_tells_apart_may_be_either(case):
    content, inputs, answers, right = case
    nearly = {}
    for role, one in answers.items():
        first, second = np.argsort(-one, axis=1, kind="stable")[:, :2].T
        rows = np.arange(len(one))
        nearly[role] = one.copy()
        nearly[role][rows, second] = one[rows, first] + 0.001
    proof = prove.prove(content, nearly, inputs, right)
    assert all(one.within_step == 100 > one.agreement for one in proof.comparisons.values())
    assert not any("top answers" in line for line in proof.complaints)


def test_on_unseen_drawings_accuracy_counts_and_agreement_does_not(case):
    content, inputs, answers, right = case
    unsure = {role: one.copy() for role, one in answers.items()}
    for one in unsure.values():
        one[300:] = np.roll(one[300:], 1, axis=1)
    neither = {role: np.full(400, -2) for role in right}
    for role, one in neither.items():
        one[:300] = right[role][:300]
        # A class that both miss: other answers, the same accuracy.
        one[300:] = 99
    proof = prove.prove(content, unsure, inputs, neither, own=300)
    assert proof.holds
    assert all(proof.comparisons[f"{role}, unseen"].agreement == 0 for role in right)


def test_accuracy_that_is_lost_on_unseen_drawings_alone_is_a_complaint(case):
    content, inputs, answers, right = case
    better = {role: one.copy() for role, one in answers.items()}
    classes = {role: one.copy() for role, one in right.items()}
    for role, one in better.items():
        one[300:] = np.roll(one[300:], 1, axis=1)
        classes[role][300:] = one[300:].argmax(axis=1)
    proof = prove.prove(content, better, inputs, classes, own=300)
    assert len(proof.complaints) == len(right)
    assert all("unseen: int8 loses 100.00 points" in line for line in proof.complaints)


def test_a_damaged_file_proves_nothing(case):
    with pytest.raises(ModelError):
        prove.prove(b"no model", case[2], case[1], case[3])


def test_golden_answers_are_clear_and_reproduced_within_one_step(case):
    content, inputs, answers, _ = case
    golden = np.load(io.BytesIO(prove.golden(content, answers, inputs)))
    assert golden["inputs"].dtype == np.uint8
    assert golden["inputs"].shape[1:] == (28, 28)
    assert len(golden["inputs"]) <= prove.GOLDEN
    network = Network(content)
    for info, steps in zip(network.outputs, network.run_raw(golden["inputs"]), strict=True):
        kept = golden[info.role]
        assert kept.dtype == np.int8
        assert np.abs(kept.astype(int) - steps).max(initial=0) <= 1
        ordered = np.sort(kept.astype(int), axis=1)
        assert (ordered[:, -1] - ordered[:, -2] >= 3).all()
        assert golden[f"{info.role}_float"].shape == kept.shape


def test_the_layer_that_adds_most_error_is_the_worst():
    first = layers.LayerError("first", 0.05, 0.0, "")
    second = replace(first, layer="second", error=0.6, before=0.05)
    third = replace(first, layer="third", error=0.61, before=0.6)
    assert layers.worst([first, second, third]).layer == "second"
    assert "off by 60.0% of its deviation (5.0% before it)" in str(second)
