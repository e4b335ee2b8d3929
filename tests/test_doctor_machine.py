"""The doctor on supply, heat, storage, clock, service and crashes."""

import io
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from machines import unit

from device import doctor, doctor_machine
from device.crash import record
from device.errors import ModelError
from device.finding import Level, kept_in

GOOD, WARNING, BROKEN = Level.GOOD, Level.WARNING, Level.BROKEN


@pytest.mark.parametrize(
    ("bits", "level", "words"),
    [
        ("0", GOOD, "never"),
        ("50000", WARNING, "since the start: the supply voltage is too low; the processor is slow"),
        ("50005", BROKEN, "the supply voltage is too low; the processor is slowed down"),
        ("8", WARNING, "soft temperature limit"),
    ],
)
def test_the_firmware_is_asked_about_the_supply(machine, bits, level, words):
    machine.commands["vcgencmd"] = f"throttled=0x{bits}\n"
    by_command = machine.one(doctor_machine.power)
    machine.commands.clear()
    machine.file("sys/devices/platform/soc/soc:firmware/get_throttled", f"{bits}\n")
    assert machine.one(doctor_machine.power) == by_command
    assert by_command.level is level
    assert words in by_command.detail


@pytest.mark.parametrize("said", [None, "", 'error=1 error_msg="not there"'])
def test_a_machine_that_says_nothing_of_its_supply_is_not_accused(machine, said):
    machine.commands["vcgencmd"] = said
    assert machine.one(doctor_machine.power).level is GOOD


@pytest.mark.parametrize(("hottest", "level"), [(45_600, GOOD), (79_900, GOOD), (80_000, WARNING)])
def test_the_hottest_sensor_counts(machine, hottest, level):
    machine.file("sys/class/thermal/thermal_zone0/temp", f"{hottest}\n")
    machine.file("sys/class/thermal/thermal_zone1/temp", "30000\n")
    machine.file("sys/class/thermal/thermal_zone2/temp", "")
    finding = machine.one(doctor_machine.temperature)
    assert (finding.level, finding.detail) == (level, f"{hottest / 1000:.0f} °C")


MOUNTS = """\
/dev/mmcblk0p2 / {root} ro,noatime 0 0
/dev/mmcblk0p3 /var/lib/inkling ext4 {options},noatime,data=ordered 0 0
/dev/mmcblk0p4 /var/lib/ink ext4 ro 0 0
"""


def stored(machine, options="rw", root="ext4"):
    machine.file("proc/self/mounts", MOUNTS.format(options=options, root=root))
    (machine.root / "var/lib/inkling").mkdir(parents=True)
    return machine


def test_the_storage_is_that_of_the_services_state(machine):
    finding = stored(machine).one(doctor_machine.storage)
    assert finding.level is GOOD
    assert "10.0 GB free on ext4, rw,noatime" in finding.detail


@pytest.mark.parametrize(("free", "level"), [(99e6, WARNING), (4e6, BROKEN)])
def test_a_full_disk_is_noticed_before_it_is_full(machine, free, level):
    machine.free = free
    assert stored(machine).one(doctor_machine.storage).level is level


def test_storage_that_is_mounted_read_only_is_broken(machine):
    assert stored(machine, "ro").one(doctor_machine.storage).level is BROKEN


def test_a_state_that_this_user_may_not_write_is_for_the_service_to_look_at(machine):
    machine.closed.add("inkling")
    finding = stored(machine).one(doctor_machine.storage)
    assert finding.level is WARNING
    assert "sudo inkling doctor" in finding.advice


def test_a_state_that_this_user_may_not_even_see_is_for_the_service_too(machine, monkeypatch):
    stored(machine)
    machine.closed.add("inkling")
    own = str(machine.root / "var/lib/inkling/closed/own")
    machine.environment["STATE_DIRECTORY"] = own
    monkeypatch.setenv("STATE_DIRECTORY", own)
    look = os.stat

    def closed(path, *args, **kwargs):
        if "inkling/closed" in str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return look(path, *args, **kwargs)

    monkeypatch.setattr(os, "stat", closed)
    finding = machine.one(doctor_machine.storage)
    assert finding.level is WARNING
    assert "cannot be written by this user" in finding.detail


def test_a_file_in_the_place_of_the_state_is_broken(machine, monkeypatch):
    own = str(machine.file("var/lib/inkling", ""))
    machine.environment["STATE_DIRECTORY"] = own
    monkeypatch.setenv("STATE_DIRECTORY", own)
    finding = machine.one(doctor_machine.storage)
    assert (finding.level, "is no folder" in finding.detail) == (BROKEN, True)


def test_a_state_in_memory_is_said(machine):
    machine.file("proc/self/mounts", "overlay / overlay rw 0 0\n")
    (machine.root / "var/lib/inkling").mkdir(parents=True)
    finding = machine.one(doctor_machine.storage)
    assert finding.level is WARNING
    assert "in memory" in finding.advice


def test_a_file_system_that_counts_errors_is_named(machine):
    stored(machine).file("sys/fs/ext4/mmcblk0p3/errors_count", "3\n")
    machine.file("sys/fs/ext4/mmcblk0p2/errors_count", "0\n")
    _, errors = machine.found(doctor_machine.storage)
    assert (errors.level, "mmcblk0p3" in errors.detail) == (WARNING, True)


def test_the_services_state_is_looked_at_unless_another_is_named(machine, monkeypatch, tmp_path):
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "own"))
    assert kept_in(machine.root, {}) == tmp_path / "own"
    (machine.root / "var/lib/inkling").mkdir(parents=True)
    assert kept_in(machine.root, {}) == machine.root / "var/lib/inkling"
    assert kept_in(machine.root, {"STATE_DIRECTORY": "given"}) == tmp_path / "own"


def test_a_clock_that_has_lost_its_time_is_noticed(machine):
    machine.time = 86_400.0
    finding = machine.one(doctor_machine.clock)
    assert (finding.level, "1970-01-02" in finding.detail) == (WARNING, True)


@pytest.mark.parametrize(("said", "level"), [("yes\n", GOOD), ("no\n", WARNING), (None, WARNING)])
def test_a_clock_is_asked_whether_it_is_synchronised(machine, said, level):
    machine.commands["timedatectl"] = said
    assert machine.one(doctor_machine.clock).level is level
    machine.file("run/systemd/timesync/synchronized")
    assert machine.one(doctor_machine.clock).level is GOOD


HEADLESS = unit("inkling-headless", "inactive")
SIGN = unit("inkling-out-of-order", "inactive")


@pytest.mark.parametrize(
    ("units", "levels", "words"),
    [
        ([unit("inkling", "inactive", "not-found")], [GOOD], "not installed"),
        ([unit("inkling", "active"), HEADLESS, SIGN], [GOOD], "restarted 0 times"),
        ([unit("inkling", "active", restarts=4), SIGN], [WARNING], "restarted 4 times"),
        ([unit("inkling", "failed", result="watchdog"), SIGN], [BROKEN], "failed (watchdog)"),
        ([unit("inkling", "inactive"), SIGN], [WARNING], "not running"),
        (
            [unit("inkling", "failed", result="exit-code"), unit("inkling-out-of-order", "active")],
            [BROKEN, BROKEN],
            "failed too often",
        ),
    ],
)
def test_systemd_is_asked_how_the_service_is(machine, units, levels, words):
    machine.commands["systemctl"] = "\n".join(units)
    found = machine.found(doctor_machine.service)
    assert [finding.level for finding in found] == levels
    assert words in found[-1].detail


def test_the_last_crash_is_told_while_it_is_recent(machine):
    state = machine.root / "var/lib/inkling"
    state.mkdir(parents=True)
    assert machine.one(doctor_machine.crash).level is GOOD
    error = ModelError("the model is damaged")
    error.add_note("last reading: accepted 3")
    record(state, error)
    finding = machine.one(doctor_machine.crash)
    assert finding.level is WARNING
    assert "the model is damaged (last reading: accepted 3)" in finding.detail
    assert "--crashes" in finding.advice
    machine.time += 8 * 86_400
    assert machine.one(doctor_machine.crash).level is GOOD


def test_crashes_that_this_user_may_not_read_are_for_another_to_look_at(machine, monkeypatch):
    def closed(_):
        raise PermissionError(13, "Permission denied")

    (machine.root / "var/lib/inkling").mkdir(parents=True)
    monkeypatch.setattr(Path, "iterdir", closed)
    finding = machine.one(doctor_machine.crash)
    assert (finding.level, "as root" in finding.detail) == (WARNING, True)


@pytest.mark.parametrize(("uid", "installed", "count"), [(0, True, 1), (0, False, 0), (1, True, 0)])
def test_root_is_told_that_it_sees_too_much(machine, uid, installed, count):
    if installed:
        (machine.root / "var/lib/inkling").mkdir(parents=True)
    found = list(doctor_machine.user(replace(machine.patient, uid=uid)))
    assert len(found) == count
    assert all("sudo -u inkling" in finding.advice for finding in found)


def test_all_crashes_can_be_printed(tmp_path):
    out = io.StringIO()
    assert doctor.print_crashes(tmp_path, out=out) == 0
    assert out.getvalue() == "no crash is kept\n"
    for number in range(2):
        record(tmp_path, ValueError(f"number {number}"))
    out = io.StringIO()
    doctor.print_crashes(tmp_path, out=out)
    assert "number 0" in out.getvalue() and "number 1" in out.getvalue()
    out = io.StringIO()
    doctor.print_crashes(tmp_path, True, out)
    assert [one["error"] for one in json.loads(out.getvalue())] == [
        "ValueError: number 0",
        "ValueError: number 1",
    ]
