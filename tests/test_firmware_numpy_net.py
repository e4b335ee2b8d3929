"""Our own backpropagation learns, and is carried over unchanged."""

import copy
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware_tools import numpy_net, quickset, recipe
from firmware_tools.numpy_net import NumpyNet, sigmoid
from firmware_tools.recipe import Job
from firmware_tools.recipes import scratch_mlp

# Keras 2.15 itself is deprecated here and there; that is not what is tested.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

needs_tensorflow = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None,
    reason="training needs TensorFlow",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return quickset.write(tmp_path_factory.mktemp("data"), each=7)


def _job(name: str, folder: Path, work: Path, epochs: int = 2) -> Job:
    return Job(recipe.by_name(name), folder, work, 1, epochs, True, "float32")


def _weights(net: Any) -> list[Any]:
    return [*net.get_weights()]


def _cost(net: NumpyNet, inputs: np.ndarray, targets: np.ndarray) -> float:  # type: ignore[type-arg]
    answers = net.activations(inputs)[-1]
    if net.cost == "quadratic":
        return float(((answers - targets) ** 2).sum() / 2)
    return float(-(targets * np.log(answers) + (1 - targets) * np.log(1 - answers)).sum())


def _double(net: NumpyNet) -> NumpyNet:
    return NumpyNet(
        [w.astype(np.float64) for w in net.weights],  # type: ignore[misc]
        [b.astype(np.float64) for b in net.biases],  # type: ignore[misc]
        net.cost,
    )


@pytest.mark.parametrize("modern", [False, True])
@pytest.mark.parametrize("batch", [1, 6])
def test_the_gradient_is_the_slope_of_the_cost(modern: bool, batch: int) -> None:
    rng = np.random.default_rng(1)
    net = _double(NumpyNet.random((5, 4, 3, 2), rng, modern))
    inputs, targets = rng.random((batch, 5)), rng.random((batch, 2))
    gradients = net.gradients(inputs, targets)  # type: ignore[arg-type]
    step = 1e-6
    for kind, group in enumerate(("weights", "biases")):
        for layer in range(3):
            for place in np.ndindex(getattr(net, group)[layer].shape):
                costs = []
                for sign in (1, -1):
                    moved = copy.deepcopy(net)
                    getattr(moved, group)[layer][place] += sign * step
                    costs.append(_cost(moved, inputs, targets))
                slope = (costs[0] - costs[1]) / (2 * step)
                assert gradients[kind][layer][place] == pytest.approx(slope, abs=1e-7)


def test_it_learns_what_no_single_layer_can() -> None:
    net = NumpyNet.random((2, 8, 2), np.random.default_rng(0))
    inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    classes = np.array([0, 1, 1, 0])
    for _ in range(3000):
        net.learn(inputs, np.eye(2, dtype=np.float32)[classes], 3.0)
    assert net.right(inputs, classes) == 1.0


def test_a_sigmoid_never_overflows() -> None:
    values = np.array([-1e30, -100, 0, 100, 1e30], np.float32)
    assert sigmoid(values).tolist() == pytest.approx([0, 0, 0.5, 1, 1])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_keras_computes_the_same() -> None:
    pytest.importorskip("tensorflow", reason="the Keras model needs TensorFlow")
    rng = np.random.default_rng(2)
    net = NumpyNet.random((784, 30, 10), rng, modern=True)
    images = rng.random((20, 28, 28, 1), np.float32)
    ours = net.activations(images.reshape(20, 784))[-1]
    assert np.abs(net.to_keras("net").predict(images, verbose=0) - ours).max() < 1e-5


class PowerCut(Exception):
    pass


@needs_tensorflow
def test_numpy_training_goes_on_where_it_stopped_as_if_it_had_not(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _job("scratch-mlp", folder, tmp_path / "whole", 3)
    expected = _weights(scratch_mlp.fit(whole).model)
    cut = _job("scratch-mlp", folder, tmp_path / "cut", 3)
    save = numpy_net._save

    def saved_twice(*args: Any) -> None:
        save(*args)
        if len(args[-1]) == 2:
            raise PowerCut

    monkeypatch.setattr(numpy_net, "_save", saved_twice)
    with pytest.raises(PowerCut):
        scratch_mlp.fit(cut)
    monkeypatch.setattr(numpy_net, "_save", save)
    trained = scratch_mlp.fit(cut)
    assert len(trained.history) == 3
    for first, second in zip(expected, _weights(trained.model), strict=True):
        assert np.array_equal(first, second)


@needs_tensorflow
def test_the_same_seed_teaches_the_same_network(folder: Path, tmp_path: Path) -> None:
    made = []
    for place in ("a", "b"):
        job = _job("scratch-mlp", folder, tmp_path / place)
        made.append(_weights(scratch_mlp.fit(job).model))
    for first, second in zip(*made, strict=True):
        assert np.array_equal(first, second)
