"""What is inside a .tflite file, read without TensorFlow."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.errors import ModelError
from firmware_tools.operators import faults, multiplications, read_graph

MODELS = sorted(Path(__file__).parents[1].glob("models/*.tflite"))
pytestmark = pytest.mark.skipif(not MODELS, reason="no models are shipped yet")


def dense(content):
    return any(step.name == "FULLY_CONNECTED" for step in read_graph(content).operators)


@pytest.fixture(scope="module")
def content():
    """The smallest shipped model with a dense layer."""
    found = sorted((path.read_bytes() for path in MODELS), key=len)
    return next(filter(dense, found))


@pytest.fixture(scope="module")
def graph(content):
    return read_graph(content)


def with_tensor(graph, number, **changes):
    tensors = list(graph.tensors)
    tensors[number] = replace(tensors[number], **changes)
    return replace(graph, tensors=tuple(tensors))


def with_operator(graph, number, **changes):
    operators = list(graph.operators)
    operators[number] = replace(operators[number], **changes)
    return replace(graph, operators=tuple(operators))


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_every_shipped_model_is_one_the_device_runs(path):
    assert faults(read_graph(path.read_bytes())) == []


def test_the_multiplications_of_published_networks_are_what_their_layers_say():
    """By hand, from the layers that their authors published."""
    for name, right in {
        "flask-mlp": 784 * 128 + 128 * 10,
        "gubboit": (26 * 26 * 9 + 24 * 24 * 9 * 32) * 32
        + (10 * 10 * 9 * 32 + 8 * 8 * 9 * 64) * 64
        + 1024 * 512
        + 512 * 10,
    }.items():
        path = next((path for path in MODELS if path.stem == name), None)
        if path is not None:
            assert multiplications(read_graph(path.read_bytes())) == right, name


def test_operators_versions_and_scales_are_read(graph):
    names = [step.name for step in graph.operators]
    assert "FULLY_CONNECTED" in names or "CONV_2D" in names
    door = graph.tensors[graph.inputs[0]]
    assert door.shape == (1, 28, 28, 1)
    assert door.dtype == "int8"
    assert door.scales == (pytest.approx(1 / 255),)
    assert door.zero_points == (-128,)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_convolutions_have_a_scale_for_each_channel(path):
    graph = read_graph(path.read_bytes())
    for step in graph.operators:
        if step.name == "CONV_2D":
            weights = graph.tensors[step.inputs[1]]
            assert len(weights.scales) == weights.shape[0]


def test_an_operator_newer_than_the_runtime_is_named(graph):
    number = [step.name for step in graph.operators].index("FULLY_CONNECTED")
    (line,) = faults(with_operator(graph, number, version=12))
    assert "FULLY_CONNECTED is version 12" in line
    assert "up to 10" in line


def test_an_unknown_operator_is_named(graph):
    (line,) = faults(with_operator(graph, 0, name="custom operator edgetpu-custom-op"))
    assert "edgetpu-custom-op" in line


def test_a_float_tensor_inside_is_refused(graph):
    inner = graph.operators[0].outputs[0]
    assert "float32" in faults(with_tensor(graph, inner, dtype="float32"))[0]


def test_an_open_batch_is_refused(graph):
    (line,) = faults(with_tensor(graph, graph.inputs[0], signature=(-1, 28, 28, 1)))
    assert "open" in line


def test_another_input_shape_is_refused(graph):
    assert "(1, 32, 32, 1)" in faults(with_tensor(graph, graph.inputs[0], shape=(1, 32, 32, 1)))[0]


def test_an_output_that_is_neither_digit_nor_gate_is_refused(graph):
    assert "(1, 7)" in faults(with_tensor(graph, graph.outputs[0], shape=(1, 7)))[0]


def test_uint8_is_allowed_at_the_doors_only(graph):
    assert faults(with_tensor(graph, graph.inputs[0], dtype="uint8")) == []
    assert faults(with_tensor(graph, graph.operators[0].outputs[0], dtype="uint8")) != []


@pytest.mark.parametrize("wrong", [b"", b"x" * 100, b"\x00" * 4 + b"TFL3"])
def test_something_else_is_not_a_model(wrong):
    with pytest.raises(ModelError):
        read_graph(wrong)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damaged_models_give_one_clear_line(content, data):
    damaged = bytearray(content[: data.draw(st.integers(8, len(content)))])
    for place, value in data.draw(
        st.lists(st.tuples(st.integers(8, len(damaged) - 1), st.integers(0, 255)), max_size=40)
        if len(damaged) > 8
        else st.just([])
    ):
        damaged[place] = value
    try:
        faults(read_graph(bytes(damaged)))
    except ModelError as error:
        assert len(str(error).splitlines()) == 1
