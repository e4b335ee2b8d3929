"""The tiny set drawn by code stands in for all the real ones."""

from pathlib import Path

import numpy as np

from device.normalise import PIPELINES
from firmware_tools import data, inputs, quickset


def test_the_same_seed_draws_the_same_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        quickset.write(tmp_path / name, seed=3, each=3)
    quickset.write(tmp_path / "c", seed=4, each=3)
    file = "pendigits.jsonl.gz"
    assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    assert (tmp_path / "a" / file).read_bytes() != (tmp_path / "c" / file).read_bytes()


def test_every_label_is_there_equally_often(tmp_path: Path) -> None:
    images = data.load_images(quickset.write(tmp_path, each=6), "mnist-train")
    assert np.bincount(images.digits()).tolist() == [18] * 10


def test_every_pipeline_makes_something_of_every_drawing() -> None:
    rng = np.random.default_rng(0)
    templates = (*quickset.DIGITS.values(), *quickset.OTHERS.values())
    inks = [quickset.drawing(template, rng) for template in templates]
    for name in PIPELINES:
        made = inputs.from_inks(inks, name)
        assert made.shape == (len(inks), 28, 28)
        assert (made.std(axis=(1, 2)) > 20).all()
