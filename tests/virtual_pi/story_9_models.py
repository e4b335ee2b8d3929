"""The shipped models on the Pi's processor, under both runtimes: the decisions are x86-64's."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from device.library import Library
from firmware_tools import data
from virtual_pi import models
from virtual_pi.host import step
from virtual_pi.recipe import BOOKWORM, Suite
from virtual_pi.visit import Visit


def test_the_decisions_are_those_of_x86_64_but_for_ties(
    pi: Visit, suite: Suite, pictures: Path, tmp_path: Path
) -> None:
    if suite != BOOKWORM:
        pytest.skip("both runtimes are to be had for Python 3.11 alone")
    try:
        with step("model inputs from the data sets"):
            given = models.model_inputs(data.data_folder())
    except data.DataError as error:
        pytest.skip(f"no data sets: {error}")
    inputs = tmp_path / "inputs.npz"
    np.savez_compressed(inputs, **given)
    found = {}
    for runtime in models.RUNTIMES:
        with step(f"{runtime}, here"):
            here = models.answers_here(inputs, runtime)
        with step(f"{runtime}, on the virtual Pi"):
            there = models.answers_there(pi.machine, inputs, runtime, tmp_path)
        for output in here:
            found[output, runtime] = models.compare(there[output], here[output])
    said = models.page(found, Library())
    print(said)
    (pictures / "processors.md").write_text(said)
    rows = {f"{output} {runtime}": asdict(one) for (output, runtime), one in found.items()}
    (pictures / "models.json").write_text(json.dumps(rows, indent=1))
    assert not [key for key, one in found.items() if one.unlike > one.ties], said
