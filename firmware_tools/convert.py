"""Keras to TFLite: load, check, and convert to full-integer int8.

TensorFlow is imported inside the functions, so that the module costs nothing where it is missing.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.errors import ModelError
from firmware_tools.operators import MODEL_INPUT_SHAPE, ROLES
from firmware_tools.recipe import load_tensorflow

Floats = NDArray[np.float32]

_FLATTENED = MODEL_INPUT_SHAPE[1] * MODEL_INPUT_SHAPE[2]


def load(path: Path) -> Any:
    """A Keras model from a .keras or .h5 file or a SavedModel folder, ready to be converted.

    A model that takes (28, 28) or (784) is given the device's (28, 28, 1); outputs that are no
    probabilities get a softmax.

    Raises:
        ModelError: nothing there, not a model, wrong shapes, or weights that are not numbers.
        RecipeError: TensorFlow is not installed.
    """
    if not path.exists():
        raise ModelError(f"there is no model {path}; give a recipe's name or a Keras model's path")
    return fitted(_loaded(path), str(path))


def _loaded(path: Path) -> Any:
    tf = load_tensorflow()
    with quiet():
        try:
            model = tf.keras.models.load_model(path, compile=False)
        except Exception as error:  # Keras raises whatever its layers and its file readers raise
            raise ModelError(f"cannot load {path} as a Keras model: {first_line(error)}") from error
        if hasattr(model, "layers"):
            return model
        if not getattr(model, "signatures", None):
            raise ModelError(f"{path} is a SavedModel without a signature to call")
        return _from_signature(model, path)


def _from_signature(loaded: Any, path: Path) -> Any:
    """A SavedModel that Keras did not write, as one Keras layer."""
    tf = load_tensorflow()
    call = loaded.signatures["serving_default"]
    given = list(call.structured_input_signature[1].items())
    if len(given) != 1:
        raise ModelError(f"{path} takes {len(given)} inputs; expected one")
    (name, spec), names = given[0], sorted(call.structured_outputs)
    shape = tuple(spec.shape[1:])
    inputs = tf.keras.Input(shape)
    outputs = [
        tf.keras.layers.Lambda(lambda x, key=key: call(**{name: x})[key], name=f"answer_{number}")(
            inputs
        )
        for number, key in enumerate(names)
    ]
    model = tf.keras.Model(inputs, outputs)
    model.loaded = loaded  # its variables live as long as it does
    return model


def fitted(model: Any, what: str) -> Any:
    """The model with the device's input shape and probabilities as its outputs.

    Args:
        what: the model's name for messages.

    Raises:
        ModelError: wrong shapes, or weights that are not finite.
    """
    tf = load_tensorflow()
    for weights in model.weights:
        if not np.isfinite(weights.numpy()).all():
            raise ModelError(f"{what}: the weights {weights.name} are not all finite numbers")
    if len(model.inputs) != 1:
        raise ModelError(f"{what} takes {len(model.inputs)} inputs; expected one picture")
    side = MODEL_INPUT_SHAPE[1:]
    shape = tuple(model.inputs[0].shape[1:])
    if shape not in (side, side[:2], (_FLATTENED,)):
        raise ModelError(f"{what} takes pictures of shape {shape}; expected (28, 28, 1)")
    widths = [tuple(output.shape[1:]) for output in model.outputs]
    roles = [ROLES.get(width[0]) if len(width) == 1 else None for width in widths]
    if None in roles or len(set(roles)) != len(roles):
        raise ModelError(
            f"{what} answers with shapes {', '.join(map(str, widths))}; "
            "expected (10) for the digit, (2) for the gate, or both"
        )
    logits = [not _probabilities(answer) for answer in _try_out(model, shape, what)]
    if shape == side and not any(logits):
        return model
    inputs = tf.keras.Input(side)
    reshaped = inputs if shape == side else tf.keras.layers.Reshape(shape)(inputs)
    answers = model(reshaped)
    answers = list(answers) if isinstance(answers, list | tuple) else [answers]
    outputs = [
        tf.keras.layers.Softmax()(answer) if logit else answer
        for answer, logit in zip(answers, logits, strict=True)
    ]
    return tf.keras.Model(inputs, outputs)


def _try_out(model: Any, shape: tuple[int, ...], what: str) -> list[Floats]:
    noise = np.random.default_rng(0).random((16, *shape), np.float32)
    try:
        answers = model.predict(noise, verbose=0)
    except Exception as error:  # a user's layers may raise anything
        raise ModelError(f"{what} cannot be run: {first_line(error)}") from error
    found = list(answers) if isinstance(answers, list | tuple) else [answers]
    if not all(np.isfinite(answer).all() for answer in found):
        raise ModelError(f"{what} answers with numbers that are not finite")
    return found


def _probabilities(answer: Floats) -> bool:
    return bool(answer.min() >= 0 and answer.max() <= 1)


def answers_of(model: Any, inputs: Floats) -> dict[str, Floats]:
    """What a Keras model answers, by role: ``"digit"`` (n, 10) and ``"gate"`` (n, 2)."""
    found = model.predict(inputs, batch_size=256, verbose=0)
    found = found if isinstance(found, list | tuple) else [found]
    return {ROLES[answer.shape[-1]]: answer for answer in found}


def to_int8(model: Any, inputs: Floats) -> bytes:
    """The model as a full-integer int8 .tflite file, batch of one, int8 in and out.

    Args:
        inputs: the representative set, float32 (n, 28, 28, 1) in 0..1; ranges come from it.

    Raises:
        ModelError: a layer that TFLite has no int8 operator for.
    """
    tf = load_tensorflow()
    converter = _converter(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    shown = whole_range(inputs)
    converter.representative_dataset = lambda: ([one[None]] for one in shown)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    return _converted(converter)


def to_float(model: Any) -> bytes:
    """The model as a float32 .tflite file, to compare the int8 one with, layer by layer."""
    return _converted(_converter(model))


def whole_range(inputs: Floats) -> Floats:
    """The same inputs, one pixel of the last at 0 and one at 1 where none is.

    The input's scale becomes 1 / 255 and every grey one step.
    """
    shown = inputs.copy()
    last = shown[-1].reshape(-1)
    if shown.max() < 1:
        last[last.argmax()] = 1
    if shown.min() > 0:
        last[last.argmin()] = 0
    return shown


def _converter(model: Any) -> Any:
    tf = load_tensorflow()

    # A batch of one in the signature: all shapes inside become fixed.
    call = tf.function(lambda picture: model(picture, training=False))
    signature = tf.TensorSpec(MODEL_INPUT_SHAPE, tf.float32)
    with quiet():
        concrete = call.get_concrete_function(signature)
        return tf.lite.TFLiteConverter.from_concrete_functions([concrete], model)


def _converted(converter: Any) -> bytes:
    try:
        with quiet():
            content: bytes = converter.convert()
    except Exception as error:  # the converter raises RuntimeError, ValueError and its own kinds
        lacking = sorted(set(re.findall(r"'?tf\.(\w+)'? op", str(error))))
        reason = f"it uses tf.{', tf.'.join(lacking)}" if lacking else first_line(error)
        raise ModelError(f"this model has no int8 form in TFLite: {reason}") from error
    return content


def first_line(error: Exception) -> str:
    """The first line of an error's text, short enough to read."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:200]


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what TensorFlow's C++ parts print on stderr to themselves.

    They write past Python, so the descriptor itself is turned aside for a while.
    """
    kept = os.dup(2)
    try:
        with tempfile.TemporaryFile() as aside:
            os.dup2(aside.fileno(), 2)
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
