"""The runtime behind one call: exact integer arithmetic, and refusal of what is no model."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.errors import ModelError
from device.library import Library
from device.tflite import Network, TensorInfo, dequantise, quantise, runtime

SCALES = st.floats(1e-4, 4.0, allow_nan=False)
INT8 = st.integers(-128, 127)


def info(scale=1 / 255, zero_point=-128, dtype="int8"):
    return TensorInfo("t", (1, 10), dtype, scale, zero_point)


def test_a_grey_is_its_own_integer():
    greys = np.arange(256)
    assert np.array_equal(quantise(greys / 255, info()), greys - 128)


def test_what_does_not_fit_is_saturated():
    assert quantise(np.array([-9.0, 9.0]), info()).tolist() == [-128, 127]
    assert quantise(np.array([-9.0, 9.0]), info(zero_point=0, dtype="uint8")).tolist() == [0, 255]


@given(SCALES, INT8, st.lists(INT8, min_size=1, max_size=20))
def test_every_integer_survives_the_way_there_and_back(scale, zero_point, steps):
    tensor = info(scale, zero_point)
    values = (np.array(steps, np.int64) - zero_point) * scale
    assert quantise(values, tensor).tolist() == steps


@given(SCALES, INT8, INT8)
def test_dequantising_widens_before_it_subtracts(scale, zero_point, step):
    value = dequantise(np.array([step], np.int8), info(scale, zero_point))[0]
    exact = (step - zero_point) * Fraction(scale)
    assert abs(Fraction(float(value)) - exact) <= abs(exact) * Fraction(1, 10**6)


@pytest.fixture(scope="module")
def network():
    return Library().open("inkling")


def test_both_heads_answer_in_real_numbers(network):
    answers = network.run(np.zeros((28, 28), np.uint8))
    assert answers["digit"].shape == (1, 10)
    assert answers["gate"].shape == (1, 2)
    assert answers["digit"].dtype == np.float32
    assert abs(answers["digit"].sum() - 1) < 0.03


def test_several_inputs_are_answered_as_each_alone(network):
    inputs = np.random.default_rng(0).integers(0, 256, (5, 28, 28)).astype(np.uint8)
    together = network.run(inputs)
    for number, one in enumerate(inputs):
        alone = network.run(one)
        for role in ("digit", "gate"):
            assert np.array_equal(together[role][number], alone[role][0])


def test_no_inputs_have_no_answers(network):
    answers = network.run(np.zeros((0, 28, 28), np.uint8))
    assert {role: rows.shape for role, rows in answers.items()} == {
        "digit": (0, 10),
        "gate": (0, 2),
    }


def test_the_runtime_has_a_name():
    assert runtime()[0] in ("LiteRT", "tflite-runtime")


@pytest.mark.parametrize("content", [b"", b"hello", b"\x00" * 100])
def test_what_is_no_model_is_refused(content):
    with pytest.raises(ModelError, match="not a TFLite model"):
        Network(content)
