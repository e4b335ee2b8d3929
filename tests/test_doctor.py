"""`inkling doctor` looks at everything, says what to do, and never stops half-way."""

import io
import json
import shutil

import pytest

from device import doctor, doctor_machine
from device.config import changed, load_config
from device.errors import ConfigError
from device.finding import Finding, Level, Patient, said_by
from device.library import Library, shipped_folder

GOOD, WARNING, BROKEN = Level.GOOD, Level.WARNING, Level.BROKEN


@pytest.fixture
def config(tmp_path):
    return load_config(system_file=tmp_path / "none")


def report(config, folder=None):
    patient = Patient(config, lambda: Library(folder))
    return {finding.what: finding for finding in doctor.examine(patient)}


def test_a_sound_installation_has_nothing_broken(config):
    found = report(config)
    assert {name for name, _ in doctor.CHECKS} - {"user"} <= set(found)
    assert not [finding for finding in found.values() if finding.level is BROKEN]
    assert "reads a drawn 1 as 1" in found["reading"].detail


def test_a_missing_models_folder_is_broken_and_the_rest_is_still_checked(config, tmp_path):
    found = report(config, tmp_path)
    assert found["models"].level is BROKEN
    assert "display" in found


def test_a_damaged_model_is_named_with_advice(config, tmp_path):
    shutil.copytree(shipped_folder(), tmp_path / "models")
    (tmp_path / "models/gubboit.tflite").write_bytes(b"")
    found = report(config, tmp_path / "models")
    assert found["model"].level is BROKEN
    assert "gubboit" in found["model"].detail
    assert "→" in str(found["model"])


def test_a_damaged_gate_is_advised_on_once_and_rightly(config, tmp_path):
    shutil.copytree(shipped_folder(), tmp_path / "models")
    (tmp_path / "models/gubboit-gate.tflite").write_bytes(b"")
    found = report(changed(config, {"model.name": "gubboit"}), tmp_path / "models")
    assert "gubboit-gate" in found["model"].detail
    assert "the model named above" in found["reading"].detail
    assert "reinstall" in found["reading"].advice


def test_a_check_that_fails_does_not_stop_the_next_one(machine):
    def failing(_):
        raise ZeroDivisionError("by zero")
        yield

    checks = (("first", failing), ("system", doctor_machine.system))
    first, system = doctor.examine(machine.patient, checks)
    assert (first.level, system.level) == (BROKEN, GOOD)
    assert "ZeroDivisionError: by zero" in first.detail


def test_a_plain_terminal_gets_plain_marks():
    finding = Finding(BROKEN, "touch", "none", "check its cable")
    finding.shown("ascii").encode("ascii")
    assert "✗" in finding.shown("utf-8")


def ran(config, checks, **how):
    out = io.StringIO()
    status = doctor.run(lambda: config, Library, checks, out=out, **how)
    return status, out.getvalue()


def checks_of(*levels):
    def check(_):
        for level in levels:
            yield Finding(level, "thing", "how it is", "what to do")

    return (("thing", check),)


@pytest.mark.parametrize(
    ("levels", "status"), [((GOOD,), 0), ((GOOD, WARNING), 0), ((BROKEN, GOOD), 1), ((), 0)]
)
def test_the_exit_status_says_whether_something_is_broken(config, levels, status):
    for as_json in (False, True):
        assert ran(config, checks_of(*levels), as_json=as_json)[0] == status


def test_json_has_everything_that_people_are_told(config):
    _, text = ran(config, checks_of(GOOD, WARNING, BROKEN), as_json=True)
    told = json.loads(text)
    assert told["broken"] is True
    assert [(one["level"], one["advice"]) for one in told["findings"]] == [
        ("good", ""),
        ("warning", "what to do"),
        ("broken", "what to do"),
    ]


def test_a_configuration_that_cannot_be_read_is_a_finding_and_the_rest_is_examined():
    def damaged():
        raise ConfigError("/etc/inkling/inkling.toml: not valid TOML")

    out = io.StringIO()
    assert doctor.run(damaged, Library, checks_of(GOOD), out=out) == 1
    assert "not valid TOML" in out.getvalue()
    assert "thing" in out.getvalue()


def test_the_self_test_is_of_runtime_and_models_alone(config):
    status, text = ran(config, doctor.SELF_TEST, as_json=True)
    assert status == 0
    whats = [one["what"] for one in json.loads(text)["findings"]]
    assert whats == ["runtime", "models", "reading"]


def test_a_command_that_is_not_there_or_fails_says_nothing():
    assert said_by(["inkling-has-no-such-command"]) is None
    assert said_by(["false"]) is None
    assert said_by(["echo", "yes"]) == "yes\n"
