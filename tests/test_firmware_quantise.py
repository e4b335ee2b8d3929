"""A Keras model of one's own becomes a model that the kiosk can run, or is refused in one line."""

import argparse

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow", reason="TensorFlow (the train extra) is not installed")

from device import files  # noqa: E402
from device.errors import InklingError  # noqa: E402
from device.library import Library  # noqa: E402
from firmware_tools import cli, data, manifest, prove, quickset  # noqa: E402
from firmware_tools.inputs import from_images, scaled  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def network(outputs, activation="softmax"):
    """A small dense network; ``outputs`` are the sizes of its heads."""
    layers = tf.keras.layers
    inputs = tf.keras.Input((28, 28, 1))
    hidden = layers.Dense(24, activation="relu")(layers.Flatten()(inputs))
    heads = [layers.Dense(size, activation=activation)(hidden) for size in outputs]
    return tf.keras.Model(inputs, heads[0] if len(heads) == 1 else heads)


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    return quickset.write(tmp_path_factory.mktemp("data"), each=20)


@pytest.fixture(scope="module")
def trained(sets):
    """A network that reads the digits drawn by code."""
    tf.keras.utils.set_random_seed(1)
    images = data.load_images(sets, "mnist-train")
    model = network([10])
    model.compile("adam", "sparse_categorical_crossentropy")
    inputs = scaled(from_images(images.images, "mnist"))
    model.fit(inputs, images.digits(), epochs=25, verbose=0)
    return model


def quantise(path, sets, out, *more):
    return cli.main(
        ["quantise", str(path), "--data", str(sets), "--out", str(out), "--samples", "100", *more]
    )


def test_ones_own_model_can_be_dropped_into_the_kiosk(trained, sets, tmp_path, capsys):
    trained.save(tmp_path / "My digits.keras")
    assert (
        quantise(tmp_path / "My digits.keras", sets, tmp_path / "out", "--pipeline", "mnist") == 0
    )
    entry = manifest.read(tmp_path / "out")["models"]["My-digits"]
    assert entry["pipeline"] == "mnist"
    assert entry["input"]["scale"] == pytest.approx(1 / 255)
    assert entry["accuracy"]["mnist-test"]["float"] > 95
    assert (tmp_path / "out" / entry["golden"]).is_file()
    # The device wants a gate as well: this one answers for itself in no manifest, so borrow it.
    manifest.update(
        tmp_path / "out",
        "inkling",
        {
            **entry,
            "gate": "inkling",
            "outputs": [{**entry["outputs"][0], "role": "gate", "shape": [1, 2]}],
        },
    )
    assert Library(tmp_path / "out").open("My-digits").outputs[0].role == "digit"


def test_two_heads_are_both_kept_and_proven(sets, tmp_path):
    tf.keras.utils.set_random_seed(2)
    model = network([10, 2])
    path = tmp_path / "two.h5"
    with pytest.warns(UserWarning, match="HDF5"):
        model.save(path)
    content, wanted, inputs = _converted(path, sets)
    right = {role: one.argmax(axis=1) for role, one in wanted.items()}
    proof = prove.prove(content, wanted, inputs, right)
    assert set(proof.comparisons) == {"digit", "gate"}


def _converted(path, sets):
    from firmware_tools import convert

    inputs = from_images(data.load_images(sets, "mnist-test").images, "mnist")
    model = convert.load(path)
    return convert.to_int8(model, scaled(inputs)), convert.answers_of(model, scaled(inputs)), inputs


def test_logits_become_probabilities_and_a_flat_input_is_reshaped(tmp_path):
    from firmware_tools import convert

    layers = tf.keras.layers
    model = tf.keras.Sequential([tf.keras.Input((784,)), layers.Dense(10)])
    model.save(tmp_path / "flat.keras")
    loaded = convert.load(tmp_path / "flat.keras")
    assert loaded.input_shape == (None, 28, 28, 1)
    answers = convert.answers_of(loaded, np.random.default_rng(0).random((5, 28, 28, 1)))
    np.testing.assert_allclose(answers["digit"].sum(axis=1), 1, atol=1e-5)


def refused(capsys, status):
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert status == 1
    assert "Traceback" not in error
    return error


def wrong_shape():
    return tf.keras.Sequential([tf.keras.Input((32, 32, 3)), tf.keras.layers.Flatten(),
                                tf.keras.layers.Dense(10)])  # fmt: skip


def wrong_output():
    return tf.keras.Sequential([tf.keras.Input((28, 28, 1)), tf.keras.layers.Flatten(),
                                tf.keras.layers.Dense(7)])  # fmt: skip


def not_numbers():
    model = network([10])
    weights = model.get_weights()
    weights[0][3, 3] = np.nan
    model.set_weights(weights)
    return model


def unsupported():
    inputs = tf.keras.Input((28, 28, 1))
    flat = tf.keras.layers.Flatten()(inputs)
    odd = tf.keras.layers.Activation("softplus")(flat)
    return tf.keras.Model(inputs, tf.keras.layers.Dense(10, activation="softmax")(odd))


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (wrong_shape, "expected (28, 28, 1)"),
        (wrong_output, "expected (10) for the digit"),
        (not_numbers, "not all finite"),
        (unsupported, "EXP is not among the operators"),
    ],
)
def test_what_cannot_be_quantised_is_refused_in_one_line(made, words, sets, tmp_path, capsys):
    made().save(tmp_path / "bad.keras")
    status = quantise(tmp_path / "bad.keras", sets, tmp_path / "out", "--pipeline", "mnist")
    assert words in refused(capsys, status)
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_no_model_and_a_recipe_that_is_none(sets, tmp_path, capsys):
    (tmp_path / "bad.keras").write_bytes(b"nothing")
    status = quantise(tmp_path / "bad.keras", sets, tmp_path, "--pipeline", "mnist")
    assert "cannot load" in refused(capsys, status)
    assert "did you mean gubboit" in refused(capsys, quantise("gubboid", sets, tmp_path))
    status = quantise("gubboit", sets, tmp_path, "--work", str(tmp_path))
    assert "has not been trained" in refused(capsys, status)


def test_a_pipeline_must_be_named_for_ones_own_model(trained, sets, tmp_path, capsys):
    trained.save(tmp_path / "mine.keras")
    assert "--pipeline" in refused(capsys, quantise(tmp_path / "mine.keras", sets, tmp_path))


def test_a_full_disk_leaves_nothing_half_written(trained, sets, tmp_path, capsys, monkeypatch):
    trained.save(tmp_path / "mine.keras")

    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.Path, "write_bytes", full)
    status = quantise(tmp_path / "mine.keras", sets, tmp_path / "out", "--pipeline", "mnist")
    assert "No space left" in refused(capsys, status)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_samples_number_that_cannot_be_is_refused():
    from firmware_tools import quantise as module

    with pytest.raises(InklingError, match="--samples 1"):
        module.run(argparse.Namespace(samples=1))
