"""What the manifest promises is what `inkling read` does: needs the MNIST files, else skipped."""

import io
import json

import pygame
import pytest

from device.library import Library
from device.read import drawings_from_files, write_readings
from device.recognizer import Recognizer
from device.tflite import runtime
from firmware_tools.data import DataError, data_folder, load_images


def test_reading_mnist_as_pictures_gives_the_accuracy_of_the_manifest(tmp_path):
    try:
        mnist = load_images(data_folder(), "mnist-test")
    except DataError as missing:
        pytest.skip(str(missing))
    files = []
    for number, image in enumerate(mnist.images):
        surface = pygame.Surface((28, 28))
        pygame.surfarray.blit_array(surface, image.T[..., None].repeat(3, axis=2))
        files.append(tmp_path / f"{number}.png")
        pygame.image.save(surface, files[-1])
    out = io.StringIO()
    library = Library()
    assert write_readings(drawings_from_files(files), Recognizer(library), out) == 0
    answers = [json.loads(line)["digit"] for line in out.getvalue().splitlines()]
    right = sum(a == d for a, d in zip(answers, mnist.digits().tolist(), strict=True))
    score = library.entry(library.default).accuracy["mnist-test"]
    assert len(answers) == score.count
    # The manifest is written with tflite-runtime; LiteRT's kernels decide a tie or two otherwise.
    ties = 0 if runtime()[0] == "tflite-runtime" else 3
    assert abs(right - round(score.int8 * score.count / 100)) <= ties
