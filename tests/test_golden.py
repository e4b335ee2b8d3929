"""The self-test notices a machine that computes otherwise."""

import shutil

import numpy as np
import pytest

from device.errors import ModelError
from device.golden import self_test
from device.library import Library, shipped_folder


@pytest.mark.parametrize("name", Library().names)
def test_every_shipped_model_answers_here_as_where_it_was_proven(name):
    self_test(Library(), name)


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(shipped_folder(), tmp_path / "models")
    return tmp_path / "models"


def rewrite(folder, change):
    path = folder / "inkling.golden.npz"
    with np.load(path) as stored:
        arrays = {key: stored[key] for key in stored}
    change(arrays)
    np.savez(path, **arrays)


def nudged(folder, steps):
    """Golden answers that are so many steps from this machine's own, which may be one from ours."""
    library = Library(folder)
    column = library.entry("inkling").roles.index("digit")

    def nudge(arrays):
        arrays["digit"] = library.open("inkling").run_raw(arrays["inputs"])[column]
        arrays["digit"][arrays["digit"] < 0] += steps

    rewrite(folder, nudge)


def test_one_step_is_allowed(folder):
    nudged(folder, 1)
    self_test(Library(folder), "inkling")


def test_two_steps_are_not(folder):
    nudged(folder, 2)
    with pytest.raises(ModelError, match="up to 2 steps"):
        self_test(Library(folder), "inkling")


def test_other_answers_are_noticed(folder):
    def swap(arrays):
        arrays["digit"] = arrays["digit"][:, ::-1]

    rewrite(folder, swap)
    with pytest.raises(ModelError, match="inkling: its digit answers here are up to"):
        self_test(Library(folder), "inkling")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not really", b"hello"])
def test_damaged_golden_answers_are_a_clear_error(folder, content):
    (folder / "inkling.golden.npz").write_bytes(content)
    with pytest.raises(ModelError, match="golden answers cannot be read"):
        self_test(Library(folder), "inkling")


def test_a_model_without_golden_answers_only_has_to_run(folder):
    manifest = folder / "models.toml"
    lines = manifest.read_text().splitlines()
    manifest.write_text("\n".join(line for line in lines if not line.startswith("golden")))
    self_test(Library(folder), "inkling")
