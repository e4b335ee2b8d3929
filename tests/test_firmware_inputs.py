"""What a model learns from is what the device would show it."""

from pathlib import Path

import numpy as np
import pytest

from device import pixels
from device.normalise import PIPELINES
from firmware_tools import data, inputs, quickset, recipe


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return quickset.write(tmp_path_factory.mktemp("data"), each=7)


@pytest.mark.parametrize("name", PIPELINES)
def test_training_and_device_share_one_preprocessing(folder: Path, name: str) -> None:
    images = data.load_images(folder, "hwd1000").images[:5]
    made = inputs.from_images(images, name)
    for image, model_input in zip(images, made, strict=True):
        device = PIPELINES[name].from_pixels(pixels.clean(image))
        assert np.array_equal(model_input, device)


def test_model_inputs_become_numbers_from_zero_to_one() -> None:
    real = inputs.scaled(np.array([[[0, 255]]], np.uint8))
    assert real.dtype == np.float32
    assert real.shape == (1, 1, 2, 1)
    assert real.ravel().tolist() == [0.0, 1.0]


def test_a_hold_out_is_the_same_for_the_same_seed_and_never_learned_from(folder: Path) -> None:
    toy = recipe.by_name("toy-mlp")
    first, again = (inputs.examples_of(toy, folder, seed=5) for _ in range(2))
    other = inputs.examples_of(toy, folder, seed=6)
    assert len(first.held_inputs) == 7
    assert len(first.inputs) == 63
    assert np.array_equal(first.held_inputs, again.held_inputs)
    assert not np.array_equal(first.held_inputs, other.held_inputs)


def test_without_a_hold_out_the_order_of_the_file_is_kept(folder: Path) -> None:
    examples = inputs.examples_of(recipe.by_name("gubboit"), folder)
    assert np.array_equal(examples.targets, data.load_images(folder, "mnist-train").digits())
    assert len(examples.held_inputs) == 0
    assert examples.counts == {"mnist-train": 210}


def test_the_gate_learns_digits_against_the_rest_of_the_training_writers(folder: Path) -> None:
    examples = inputs.examples_of(recipe.by_name("gubboit-gate"), folder)
    digits = examples.counts["mnist-train"] + 2 * examples.counts["pendigits"]
    every = np.concatenate([examples.targets, examples.held_targets])
    assert every.sum() == digits
    assert len(every) == sum(examples.counts.values())
    assert examples.counts["pendigits"] == 60


def test_no_drawings_make_no_inputs() -> None:
    assert inputs.from_inks([], "mnist").shape == (0, 28, 28)
