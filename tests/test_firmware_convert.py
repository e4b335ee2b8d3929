"""Keras models and SavedModels, whoever wrote them, on their way to int8."""

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow", reason="TensorFlow (the train extra) is not installed")

from device.errors import ModelError  # noqa: E402
from firmware_tools import convert  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Plain(tf.Module):
    """A network that Keras had no hand in: two layers of a plain TensorFlow module."""

    def __init__(self):
        rng = np.random.default_rng(1)
        self.first = tf.Variable(rng.normal(0, 0.1, (784, 16)).astype(np.float32))
        self.second = tf.Variable(rng.normal(0, 0.3, (16, 10)).astype(np.float32))

    @tf.function(input_signature=[tf.TensorSpec((None, 28, 28, 1), tf.float32)])
    def __call__(self, images):
        hidden = tf.nn.relu(tf.reshape(images, (-1, 784)) @ self.first)
        return {"scores": hidden @ self.second}


def test_a_savedmodel_of_plain_tensorflow_becomes_int8_with_the_same_answers(tmp_path):
    plain = Plain()
    signatures = {"serving_default": plain.__call__.get_concrete_function()}
    tf.saved_model.save(plain, str(tmp_path / "plain"), signatures)
    model = convert.load(tmp_path / "plain")
    images = np.random.default_rng(2).random((64, 28, 28, 1), np.float32)
    expected = tf.nn.softmax(plain(images)["scores"]).numpy()
    np.testing.assert_allclose(model.predict(images, verbose=0), expected, atol=1e-5)
    content = convert.to_int8(model, images)
    interpreter = tf.lite.Interpreter(model_content=content)
    assert interpreter.get_input_details()[0]["dtype"] in (np.int8, np.uint8)
    assert interpreter.get_output_details()[0]["shape"].tolist() == [1, 10]


def test_a_savedmodel_without_a_signature_is_refused_in_one_line(tmp_path):
    module = tf.Module()
    module.weights = tf.Variable([1.0])
    tf.saved_model.save(module, str(tmp_path / "empty"))
    with pytest.raises(ModelError, match="without a signature"):
        convert.load(tmp_path / "empty")
