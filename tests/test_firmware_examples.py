"""A model of one's own can be quantised with the drawings that were labelled on a kiosk."""

import json
from pathlib import Path

import numpy as np
import pytest

from device.normalise import PIPELINES
from device.samples import Samples
from firmware_tools.data import DataError
from firmware_tools.examples import of_folder
from tests.drawings import digit, doodle


def taught(folder: Path, *labels: str) -> Path:
    with Samples(folder) as samples:
        for label in labels:
            samples.add(doodle() if label == "none" else digit(int(label)), label)
    return folder


def test_labelled_drawings_are_seen_as_the_kiosk_shows_them(tmp_path: Path) -> None:
    found = of_folder(taught(tmp_path, "3", "none", "7"), "digito", ("digit",), 0, 1)
    every = np.concatenate([found.samples, found.inputs])
    wanted = [PIPELINES["digito"].from_ink(digit(value)) for value in (3, 7)]
    assert len(every) == 2
    for one in wanted:
        assert any(np.array_equal(one, made) for made in every)
    assert set(found.targets["digit"]) <= {3, 7}


def test_pictures_that_came_without_strokes_count_too(tmp_path: Path) -> None:
    image = np.zeros((28, 28), int)
    image[6:22, 13:16] = 255
    row = {"image": (255 - image).ravel().tolist(), "label": "1"}
    (tmp_path / "set.json").write_text(json.dumps([row, row]))
    with Samples(tmp_path) as samples:
        samples.import_json(tmp_path / "set.json")
    found = of_folder(tmp_path, "canvas", ("digit",), 0, 1)
    assert np.array_equal(found.samples[0], image)
    assert found.targets["digit"].tolist() == [1]


def test_a_gate_learns_from_what_was_labelled_not_a_digit(tmp_path: Path) -> None:
    folder = taught(tmp_path, "3", "none", "7", "none")
    found = of_folder(folder, "mnist", ("gate",), 0, 1)
    assert len(found.samples) + len(found.inputs) == 4
    assert set(found.targets["gate"]) == {0, 1}


@pytest.mark.parametrize(
    ("labels", "role"), [(["none"], "digit"), (["3"], "gate"), (["none"], "gate")]
)
def test_too_few_kinds_of_drawings_are_refused(
    tmp_path: Path, labels: list[str], role: str
) -> None:
    with pytest.raises(DataError, match="teach some more"):
        of_folder(taught(tmp_path, *labels), "mnist", (role,), 0, 1)
