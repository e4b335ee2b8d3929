"""The models' self-test: does this machine answer as the one that proved the model?

Each model ships with golden inputs and the int8 answers to them. Kernels differ between
processors and runtimes by at most one quantisation step; the decision must be the same.
"""

from __future__ import annotations

import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.errors import ModelError
from device.library import Library

Steps = NDArray[np.integer[Any]]

STEP = 1
"""How far (int8 steps) an answer may lie from the golden one."""


def self_test(library: Library, name: str) -> None:
    """Open a model and compare its answers with its golden ones.

    A model without golden answers passes once it opens and runs.

    Raises:
        ModelError: it cannot be opened, or answers otherwise here; the text says how.
    """
    entry, network = library.entry(name), library.open(name)
    if entry.golden is None:
        network.run_raw(np.zeros((28, 28), np.uint8))
        return
    path = library.folder / entry.golden
    try:
        with path.open("rb") as file, np.load(file) as stored:
            golden = {key: stored[key] for key in ("inputs", *(role or "" for role in entry.roles))}
        answers = network.run_raw(golden["inputs"])
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path}: the golden answers cannot be read; reinstall Inkling") from error
    for role, found in zip(entry.roles, answers, strict=True):
        expected = golden[role or ""]
        if expected.shape != found.shape:
            raise ModelError(f"{path}: the golden answers are not this model's; reinstall Inkling")
        apart = np.abs(found.astype(np.int32) - expected.astype(np.int32))
        if apart.max(initial=0) > STEP:
            raise ModelError(
                f"{name}: its {role} answers here are up to {apart.max()} steps from the proven "
                "ones; this runtime or processor computes otherwise"
            )
        if not np.array_equal(_decisions(found, expected), np.argmax(expected, axis=1)):
            raise ModelError(f"{name}: its {role} decisions here are not the proven ones")


def _decisions(found: Steps, expected: Steps) -> NDArray[np.intp]:
    """The best answers; where the golden best is as good as the best here, that one (a tie)."""
    rows, best = np.arange(len(found)), np.argmax(expected, axis=1)
    tie = found[rows, best] == found.max(axis=1)
    return np.where(tie, best, np.argmax(found, axis=1))
