"""Training writes a whole model and its record, or nothing."""

import dataclasses
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware_tools import cli, quickset, recipe, train
from firmware_tools.keras_fit import TrainingError
from firmware_tools.recipe import Job

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


def test_a_machine_without_tensorflow_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    assert cli.main(["train", "flask-mlp", "--quick", "--out", str(tmp_path)]) == 1
    assert "pip install 'inkling[train]'" in capsys.readouterr().err
    assert not (tmp_path / "flask-mlp").exists()


@needs_tensorflow
@pytest.mark.parametrize("name", ["scratch-mlp", "flask-mlp"])
def test_a_quick_training_leaves_a_model_and_its_record(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", name, "--quick", "--out", str(tmp_path), "--precision", "float32"]
    assert cli.main(words) == 0
    files = {path.name for path in (tmp_path / name).iterdir()}
    assert files == {"model.keras", "train.json"}
    record = json.loads((tmp_path / name / "train.json").read_text())
    assert record["counts"] == {"mnist-train": 900}
    assert record["accuracy"]["mnist-test"] > 50
    assert len(record["history"]) == record["epochs"] == 1
    assert cli.main(words) == 0
    assert "trained already" in capsys.readouterr().err


@needs_tensorflow
def test_the_gate_changes_only_its_last_two_dense_layers(folder: Path, tmp_path: Path) -> None:
    digits = train.train(_job("gubboit", folder, tmp_path, 1)).model
    gate = train.train(_job("gubboit-gate", folder, tmp_path, 1)).model
    changed = [
        not np.array_equal(taught, own)
        for taught, own in zip(_weights(digits)[:-2], _weights(gate)[:-2], strict=True)
    ]
    assert changed == [False] * 8 + [True] * 2


@needs_tensorflow
def test_a_training_that_goes_to_nan_leaves_no_model(folder: Path, tmp_path: Path) -> None:
    def wild() -> Any:
        return recipe.load_keras().optimizers.SGD(1e30)

    job = _job("flask-mlp", folder, tmp_path)
    job = dataclasses.replace(job, recipe=dataclasses.replace(job.recipe, optimizer=wild))
    with pytest.raises(TrainingError):
        train.train(job)
    assert not list(tmp_path.rglob("*.keras"))
