"""The moving picture of the README."""

import numpy as np
import pytest
from fakes import Templates
from kiosks import settings

from device.errors import InklingError
from firmware_tools import animation

image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")


def test_a_drawing_grows_under_a_finger_and_its_answer_stays(monkeypatch):
    monkeypatch.setattr(animation, "SHOWN", ("3",))
    pictures = list(animation.filmed(settings("800x480"), Templates()))
    seconds = len(pictures) / animation.RATE
    assert animation.DRAWS + animation.RESTS < seconds < animation.DRAWS + animation.RESTS + 1
    assert {picture.shape for picture in pictures} == {(384, 640, 3)}
    canvas = [picture[10:330, 60:370] for picture in pictures]
    inked = [int((picture > 240).all(axis=2).sum()) for picture in canvas]
    drawing = inked[: round(animation.DRAWS * animation.RATE)]
    assert drawing == sorted(drawing)
    assert inked[-1] < drawing[-1]


def test_the_pictures_are_written_as_an_animation_that_repeats(tmp_path):
    pictures = [np.full((20, 30, 3), shade, np.uint8) for shade in (0, 120, 240)]
    for name in ("new/x.webp", "x.gif"):
        animation.write(pictures, tmp_path / name)
        with image.open(tmp_path / name) as made:
            assert (made.n_frames, made.size, made.info["loop"]) == (3, (30, 20), 0)


def test_a_file_that_is_too_large_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr(animation, "LARGEST", 10)
    with pytest.raises(InklingError, match="are more than 10"):
        animation.write([np.zeros((20, 30, 3), np.uint8)], tmp_path / "x.webp")
    assert list(tmp_path.iterdir()) == []
