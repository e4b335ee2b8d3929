"""`inkling doctor` finds what is wrong and says what to do."""

import shutil
from dataclasses import replace

import pytest

from device.config import load_config
from device.doctor import Finding, Level, examine
from device.library import Library, shipped_folder


@pytest.fixture
def config(tmp_path):
    return load_config(system_file=tmp_path / "none")


def report(config, folder=None):
    return {finding.what: finding for finding in examine(config, lambda: Library(folder))}


def test_a_sound_installation_has_nothing_broken(config):
    found = report(config)
    assert {"system", "runtime", "models", "reading", "display", "touch", "lights"} <= set(found)
    assert not [finding for finding in found.values() if finding.level is Level.BROKEN]
    assert "reads a drawn 1 as 1" in found["reading"].detail


def test_a_missing_models_folder_is_broken_and_the_rest_is_still_checked(config, tmp_path):
    found = report(config, tmp_path)
    assert found["models"].level is Level.BROKEN
    assert "display" in found


def test_a_damaged_model_is_named_with_advice(config, tmp_path):
    shutil.copytree(shipped_folder(), tmp_path / "models")
    (tmp_path / "models/gubboit.tflite").write_bytes(b"")
    found = report(config, tmp_path / "models")
    assert found["model"].level is Level.BROKEN
    assert "gubboit" in found["model"].detail
    assert "→" in str(found["model"])


def test_lights_on_mock_pins_are_missing_not_broken(config):
    assert report(config)["lights"].level is Level.MISSING


def test_a_damaged_gate_is_advised_on_once_and_rightly(config, tmp_path):
    shutil.copytree(shipped_folder(), tmp_path / "models")
    (tmp_path / "models/gubboit-gate.tflite").write_bytes(b"")
    chosen = replace(config, model=replace(config.model, name="gubboit"))
    found = report(chosen, tmp_path / "models")
    assert "gubboit-gate" in found["model"].detail
    assert "the model named above" in found["reading"].detail
    assert "reinstall" in found["reading"].advice


def test_a_plain_terminal_gets_plain_marks():
    finding = Finding(Level.BROKEN, "touch", "none", "check its cable")
    finding.shown("ascii").encode("ascii")
    assert "✗" in finding.shown("utf-8")
