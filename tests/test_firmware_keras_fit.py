"""Training with Keras is seeded, checked, and goes on where it stopped."""

import dataclasses
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware_tools import keras_fit, quickset, recipe
from firmware_tools.keras_fit import TrainingError
from firmware_tools.recipe import Job, RecipeError

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


def test_precision_follows_the_processor(tmp_path: Path) -> None:
    for flags, best in (("avx512f amx_bf16 amx_tile", "bfloat16"), ("avx2", "float32")):
        (tmp_path / "cpuinfo").write_text(f"flags : {flags}\n")
        assert keras_fit.best_precision(tmp_path / "cpuinfo") == best
    assert keras_fit.best_precision(tmp_path / "nothing") == "float32"


def test_weights_that_are_no_numbers_are_named() -> None:
    class Weight:
        name = "dense/kernel"

        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            return np.array([1.0, np.nan], dtype)

    class Model:
        weights = (Weight(),)

    with pytest.raises(TrainingError, match="dense/kernel holds NaN"):
        keras_fit.check_finite(Model(), "mine")


class PowerCut(Exception):
    pass


@needs_tensorflow
def test_keras_training_goes_on_where_it_stopped(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = _job("flask-mlp", folder, tmp_path, 3)
    save = keras_fit.Checkpoint.save

    def saved_twice(self: keras_fit.Checkpoint, model: Any, figures: dict[str, float]) -> None:
        save(self, model, figures)
        if len(self.history) == 2:
            raise PowerCut

    monkeypatch.setattr(keras_fit.Checkpoint, "save", saved_twice)
    with pytest.raises(PowerCut):
        keras_fit.fit(job)
    kept = {path.name for path in job.folder.iterdir()}
    assert kept == {"checkpoint.json", "checkpoint-2.keras"}
    epochs: list[int] = []

    def counted(self: keras_fit.Checkpoint, model: Any, figures: dict[str, float]) -> None:
        epochs.append(int(model.optimizer.iterations))
        save(self, model, figures)

    monkeypatch.setattr(keras_fit.Checkpoint, "save", counted)
    assert len(keras_fit.fit(job).history) == 3
    assert epochs == [3 * 7]


@needs_tensorflow
def test_a_damaged_checkpoint_starts_anew(folder: Path, tmp_path: Path) -> None:
    job = _job("flask-mlp", folder, tmp_path, 1)
    job.folder.mkdir()
    (job.folder / "checkpoint.json").write_text("{")
    assert len(keras_fit.fit(job).history) == 1


@needs_tensorflow
def test_the_gate_without_its_digit_network_says_what_to_train(
    folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(RecipeError, match="train gubboit first"):
        keras_fit.fit(_job("gubboit-gate", folder, tmp_path))


@needs_tensorflow
def test_training_in_bfloat16_leaves_a_float32_network(folder: Path, tmp_path: Path) -> None:
    job = dataclasses.replace(_job("flask-cnn", folder, tmp_path, 1), precision="bfloat16")
    model = keras_fit.fit(job).model
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}
    assert recipe.load_keras().mixed_precision.global_policy().name == "float32"


@needs_tensorflow
def test_the_same_seed_trains_the_same_network(folder: Path, tmp_path: Path) -> None:
    made = []
    for place in ("a", "b"):
        job = _job("flask-mlp", folder, tmp_path / place)
        made.append(_weights(keras_fit.fit(job).model))
    for first, second in zip(*made, strict=True):
        assert np.array_equal(first, second)
