"""Mending: what a network answers stays, and its int8 form answers so too."""

from types import SimpleNamespace

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow", reason="TensorFlow (the train extra) is not installed")

from firmware_tools import convert, finetune, mend, perunit, prove  # noqa: E402
from firmware_tools.inputs import scaled  # noqa: E402
from firmware_tools.operators import read_graph  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

UNIT = 5


@pytest.fixture(scope="module")
def spoiled():
    """A small network that knows ten patterns, with a dead unit before its batch norm."""
    tf.keras.utils.set_random_seed(3)
    rng = np.random.default_rng(3)
    patterns = rng.integers(0, 256, (10, 28, 28))
    labels = rng.integers(0, 10, 1500)
    noise = rng.integers(0, 256, (1500, 28, 28))
    pictures = (0.5 * patterns[labels] + 0.5 * noise).astype(np.uint8)
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            tf.keras.Input((28, 28, 1)),
            layers.Conv2D(4, 3, strides=2, activation="relu", name="conv"),
            layers.BatchNormalization(name="norm_conv"),
            layers.MaxPooling2D(2, name="pool"),
            layers.Flatten(name="flatten"),
            layers.Dense(24, activation="relu", name="hidden"),
            layers.BatchNormalization(name="norm"),
            layers.Dropout(0.1, name="dropout"),
            layers.Dense(16, activation="relu", name="second"),
            layers.Dense(10, activation="softmax", name="digit"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(scaled(pictures), labels, epochs=12, batch_size=32, verbose=0)
    _kill(model.get_layer("hidden"), model.get_layer("norm"), model.get_layer("second"))
    return SimpleNamespace(model=model, pictures=pictures, labels=labels)


def _kill(hidden, norm, second):
    """A unit that hardly varies, in front of large weights: harmless in float, fatal in int8."""
    kernel, bias = hidden.get_weights()
    kernel[:, UNIT], bias[UNIT] = kernel[:, UNIT] * 1e-7, 0.5
    hidden.set_weights([kernel, bias])
    gamma, beta, mean, variance = norm.get_weights()
    gamma[UNIT], mean[UNIT], variance[UNIT] = 1.0, 0.5, 0.0
    norm.set_weights([gamma, beta, mean, variance])
    kernel, bias = second.get_weights()
    kernel[UNIT] = 40.0 * np.sign(kernel[UNIT])
    beta = norm.get_weights()[1][UNIT]
    second.set_weights([kernel, bias - beta * kernel[UNIT]])


def proof_of(spoiled, model):
    inputs = spoiled.pictures[500:]
    content = convert.to_int8(model, scaled(spoiled.pictures[:100]))
    wanted = convert.answers_of(spoiled.model, scaled(inputs))
    proof = prove.prove(content, wanted, inputs, {"digit": spoiled.labels[500:]})
    return content, proof


def mended(spoiled):
    samples = scaled(spoiled.pictures[:300])
    copy = mend.editable(spoiled.model)
    findings = mend.repair(copy, samples)
    copy = mend.fold(copy)
    findings += mend.equalise(copy, samples)
    mend.correct_biases(copy, samples)
    return copy, findings


def test_a_dead_unit_ruins_the_plain_conversion_and_the_layer_is_named(spoiled):
    content, proof = proof_of(spoiled, spoiled.model)
    assert not proof.holds
    assert proof.comparisons["digit"].of_int8 < proof.comparisons["digit"].of_float - 5
    found = prove.diagnose(spoiled.model, content, spoiled.pictures)
    assert "second" in found.layer
    assert f"unit {UNIT} of 24" in found.reason


def test_mending_finds_the_unit_and_brings_the_accuracy_back(spoiled):
    model, findings = mended(spoiled)
    assert any(one.layer == "norm" and f"unit {UNIT};" in one.text for one in findings)
    _, proof = proof_of(spoiled, model)
    one = proof.comparisons["digit"]
    assert one.of_float - one.of_int8 <= prove.LOSS


def test_folding_and_evening_out_leave_the_float_answers_as_they_were(spoiled):
    inputs = scaled(spoiled.pictures[:200])
    model = mend.fold(mend.editable(spoiled.model))
    mend.equalise(model, inputs)
    before = convert.answers_of(spoiled.model, inputs)["digit"]
    after = convert.answers_of(model, inputs)["digit"]
    np.testing.assert_allclose(after, before, atol=1e-3)


def test_fine_tuning_teaches_a_rounded_network_to_answer_as_before(spoiled, monkeypatch):
    monkeypatch.setattr(finetune, "EPOCHS", 2)
    model, _ = mended(spoiled)
    _, proof = proof_of(
        spoiled, finetune.fine_tuned(model, spoiled.model, scaled(spoiled.pictures[:300]))
    )
    assert proof.comparisons["digit"].agreement > 99


def test_folding_removes_every_batch_norm_that_has_a_neighbour(spoiled):
    folded = mend.fold(mend.editable(spoiled.model))
    kinds = {type(layer).__name__ for layer in folded.layers}
    assert "BatchNormalization" not in kinds


def test_dense_layers_can_have_a_scale_for_each_unit(spoiled):
    copy = perunit.scaled_per_unit(spoiled.model)
    inputs = scaled(spoiled.pictures[:50])
    before = convert.answers_of(spoiled.model, inputs)["digit"]
    np.testing.assert_allclose(convert.answers_of(copy, inputs)["digit"], before, atol=1e-5)
    graph = read_graph(convert.to_int8(copy, inputs))
    weights = [graph.tensors[step.inputs[1]] for step in graph.operators if step.name == "CONV_2D"]
    assert [len(tensor.scales) for tensor in weights] == [4, 24, 16, 10]


def test_a_batch_norm_before_a_padded_convolution_stays():
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            tf.keras.Input((28, 28, 1)),
            layers.Conv2D(2, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Conv2D(2, 3, padding="same"),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    folded = mend.fold(mend.editable(model))
    assert any(type(layer).__name__ == "BatchNormalization" for layer in folded.layers)


def test_two_heads_on_one_trunk_are_evened_out_together():
    inputs = tf.keras.Input((28, 28, 1))
    trunk = tf.keras.layers.Dense(8, activation="relu")(tf.keras.layers.Flatten()(inputs))
    heads = [tf.keras.layers.Dense(size, activation="softmax")(trunk) for size in (10, 2)]
    model = tf.keras.Model(inputs, heads)
    copy = mend.editable(model)
    pictures = np.random.default_rng(0).random((50, 28, 28, 1), np.float32)
    mend.equalise(copy, pictures)
    for role, before in convert.answers_of(model, pictures).items():
        np.testing.assert_allclose(convert.answers_of(copy, pictures)[role], before, atol=1e-5)


def test_bias_correction_takes_off_the_mean_error_of_rounded_weights(spoiled):
    samples = scaled(spoiled.pictures[:300])
    plain = mend.fold(mend.editable(spoiled.model))
    corrected = mend.editable(plain)
    mend.correct_biases(corrected, samples)
    hidden = plain.get_layer("hidden")
    read = mend.activations(plain, [hidden.input], samples)[0]
    kernel, bias = hidden.get_weights()
    wanted = read @ kernel + bias

    def mean_error(bias):
        given = read @ mend.rounded(hidden, kernel) + bias
        return np.abs((given - wanted).mean(axis=0)).max()

    assert mean_error(corrected.get_layer("hidden").get_weights()[1]) < mean_error(bias) / 100
