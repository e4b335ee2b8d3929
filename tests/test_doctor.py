"""`inkling doctor` finds what is wrong and says what to do, on machines made of a few files."""

import fcntl
import io
import json
import os
import shutil
import struct
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from device import accelerator, doctor, doctor_devices, doctor_machine, doctor_touch
from device.config import changed, load_config
from device.crash import record
from device.errors import ConfigError, ModelError
from device.finding import Finding, Level, Patient, kept_in, said_by
from device.library import Library, shipped_folder
from device.screen import theme

GOOD, WARNING, BROKEN = Level.GOOD, Level.WARNING, Level.BROKEN


@pytest.fixture
def config(tmp_path):
    return load_config(system_file=tmp_path / "none")


class Machine:
    """Files under a folder, the commands that there are, and what a user may not open."""

    def __init__(self, root, config):
        self.root = root
        self.config = config
        self.commands = {}
        self.closed = set()
        self.free = 10e9
        self.time = time.time()
        self.library = Library
        self.environment = {}

    def write(self, **files):
        for path, content in files.items():
            self.file(path.replace("__", "/"), content)
        return self

    def file(self, path, content=""):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
        return target

    @property
    def patient(self):
        return Patient(
            self.config,
            self.library,
            root=self.root,
            environment=self.environment,
            said_by=lambda command: self.commands.get(command[0]),
            may=lambda path, mode: path.name not in self.closed,
            disk=lambda path: SimpleNamespace(f_bavail=self.free / 4096, f_frsize=4096),
            now=lambda: self.time,
        )

    def found(self, check):
        return list(check(self.patient))

    def one(self, check):
        (finding,) = self.found(check)
        return finding


@pytest.fixture
def machine(tmp_path, config):
    return Machine(tmp_path / "root", config)


# The whole check-up.


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


# The machine.


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


def unit(name, active, load="loaded", result="success", restarts=0):
    return (
        f"Id={name}.service\nLoadState={load}\nActiveState={active}\nSubState=running\n"
        f"Result={result}\nNRestarts={restarts}\n"
    )


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


# The screen.


@pytest.fixture
def screen(machine):
    machine.file("dev/dri/card0")
    machine.file("sys/class/drm/card0-HDMI-A-1/status", "connected\n")
    machine.file("sys/class/drm/card0-DSI-1/status", "disconnected\n")
    for name in ("libGL.so.1", "libEGL.so.1", "libGLESv2.so.2"):
        machine.file(f"usr/lib/aarch64-linux-gnu/{name}")
    return machine


def display(machine, *drivers):
    return list(doctor_devices.console(machine.patient, list(drivers), "no desktop"))


def test_a_console_with_all_that_it_needs_is_good(screen):
    (finding,) = display(screen, "x11", "KMSDRM")
    assert (finding.level, finding.detail) == (GOOD, "card0, HDMI-A-1, through KMSDRM")


def test_an_sdl_that_cannot_draw_on_a_console_is_told_from_a_missing_permission(screen):
    (finding,) = display(screen, "x11", "dummy")
    assert finding.level is BROKEN
    assert "x11, dummy" in finding.detail and "pygame-ce" in finding.advice
    screen.closed.add("card0")
    (finding,) = display(screen, "KMSDRM")
    assert finding.level is BROKEN
    assert "no permission" in finding.detail and "video,render" in finding.advice


def test_a_screen_that_is_held_by_somebody_else_is_told_with_who_it_is(screen, monkeypatch):
    monkeypatch.setattr(doctor_devices, "is_free", lambda card: False)
    (finding,) = display(screen, "KMSDRM")
    assert (finding.level, finding.detail) == (BROKEN, "card0: held by somebody else")
    screen.file("proc/77/comm", "labwc\n")
    (screen.root / "proc/77/fd").mkdir()
    (screen.root / "proc/77/fd/5").symlink_to("/dev/dri/card0")
    (finding,) = display(screen, "KMSDRM")
    assert finding.detail == "card0: held by somebody else (labwc)"
    screen.commands["systemctl"] = unit("inkling", "active")
    (finding,) = display(screen, "KMSDRM")
    assert (finding.level, finding.detail) == (GOOD, "card0: in use by the service")


def test_a_card_without_a_panel_or_no_card_at_all_is_told(screen):
    screen.file("sys/class/drm/card0-HDMI-A-1/status", "disconnected\n")
    assert "no panel" in display(screen, "KMSDRM")[0].detail
    (screen.root / "dev/dri/card0").unlink()
    (finding,) = display(screen, "KMSDRM")
    assert (finding.level, finding.detail) == (WARNING, "no desktop")


def test_libraries_without_which_the_screen_stays_black_are_looked_for(screen):
    (screen.root / "usr/lib/aarch64-linux-gnu/libGL.so.1").unlink()
    good, graphics = display(screen, "KMSDRM")
    assert (good.level, graphics.level) == (GOOD, WARNING)
    assert graphics.advice == "sudo apt install libgl1"


def test_the_master_of_a_card_is_told_by_the_kernels_answer(tmp_path, monkeypatch):
    card = tmp_path / "card0"
    assert not doctor_devices.is_free(card)
    card.touch()
    refused, unknown = PermissionError(13, "not the master"), OSError(22, "no such client")
    for error, free in ((refused, False), (unknown, True)):

        def ioctl(*_, error=error):
            raise error

        monkeypatch.setattr(fcntl, "ioctl", ioctl)
        assert doctor_devices.is_free(card) is free


def test_sdl_says_what_it_was_compiled_with():
    assert {"dummy", "offscreen"} <= set(doctor_devices.sdl_drivers())


def test_a_language_without_a_font_is_shown_in_english(machine, monkeypatch, tmp_path):
    assert machine.one(doctor_devices.fonts).level is GOOD
    machine.config = changed(machine.config, {"screen.language": "ja"})
    monkeypatch.setattr(theme, "FONTS", tmp_path)
    theme.forget_fonts()
    finding = machine.one(doctor_devices.fonts)
    theme.forget_fonts()
    assert finding.level is WARNING
    assert "日本語" in finding.detail


# Touch.

WORD = 8 * struct.calcsize("l")


def bitmap(*bits):
    """As sysfs shows it: hexadecimal words, the highest first."""
    number = sum(1 << bit for bit in bits)
    words = []
    while number or not words:
        words.insert(0, f"{number & ((1 << WORD) - 1):x}")
        number >>= WORD
    return " ".join(words)


def input_device(machine, number, name, axes, keys, events=b""):
    folder = f"sys/class/input/event{number}/device"
    machine.file(f"{folder}/name", f"{name}\n")
    machine.file(f"{folder}/capabilities/abs", bitmap(*axes))
    machine.file(f"{folder}/capabilities/key", bitmap(*keys))
    machine.file(f"dev/input/event{number}", events)


def test_touch_panels_are_told_from_other_input_devices(machine):
    assert machine.one(doctor_devices.touch).level is WARNING
    input_device(machine, 0, "keyboard", [], [30, 31])
    input_device(machine, 1, "Goodix", [0, 1, 47, 53, 54], [330])
    input_device(machine, 2, "ADS7846", [0, 1, 24], [330])
    input_device(machine, 3, "joystick", [0, 1], [288])
    found = machine.found(doctor_devices.touch)
    assert [finding.detail.split(";")[0] for finding in found] == [
        "Goodix (multitouch)",
        "ADS7846 (one finger)",
    ]
    machine.closed.add("event1")
    closed, _ = machine.found(doctor_devices.touch)
    assert (closed.level, "-aG input" in closed.advice) == (BROKEN, True)


def reports(hertz, count, start=1000.0):
    """What a panel sends while a finger moves."""
    events = b""
    for number in range(count):
        seconds, rest = divmod(start + number / hertz, 1)
        for kind, code, value in ((3, 53, number), (3, 54, number), (0, 0, 0)):
            events += struct.pack("llHHi", int(seconds), int(rest * 1e6), kind, code, value)
    return events


@pytest.mark.parametrize(("hertz", "level"), [(100, GOOD), (25, GOOD), (10, WARNING)])
def test_the_rate_of_a_panel_is_measured(machine, hertz, level):
    events = reports(hertz, 40) + reports(hertz, 40, 1060.0)
    input_device(machine, 0, "Goodix", [53], [330], events)
    finding = machine.one(doctor_touch.measure)
    assert (finding.level, finding.detail) == (level, f"Goodix: 80 reports, {hertz} a second")


def test_a_panel_that_nobody_touches_is_listened_to_for_a_while(machine):
    input_device(machine, 0, "Goodix", [53], [330])
    node = machine.root / "dev/input/event0"
    node.unlink()
    os.mkfifo(node)
    writer = os.open(node, os.O_RDWR)
    try:
        (silent,) = doctor_touch.measure(machine.patient, 0.05)
        os.write(writer, reports(50, 3)[:-5])
        (cut,) = doctor_touch.measure(machine.patient, 0.05)
    finally:
        os.close(writer)
    assert (silent.level, silent.detail) == (WARNING, "Goodix: no report came")
    assert cut.detail == "Goodix: 2 reports, 50 a second"


def test_a_panel_that_may_not_be_read_or_is_gone_is_told(machine):
    input_device(machine, 0, "Goodix", [53], [330])
    (machine.root / "dev/input/event0").unlink()
    assert "cannot be opened" in machine.one(doctor_touch.measure).detail
    machine.closed.add("event0")
    assert "no permission" in machine.one(doctor_touch.measure).detail


# GPIO and Coral.


def test_lights_on_mock_pins_are_worth_a_look_and_not_broken(machine):
    finding = machine.one(doctor_devices.gpio)
    assert finding.level is WARNING
    assert "no GPIO chip" in finding.detail
    machine.config = changed(machine.config, {"lights.enabled": False})
    assert machine.one(doctor_devices.gpio).level is GOOD


def test_a_gpio_chip_that_may_not_be_used_is_told_with_its_group(machine):
    machine.file("dev/gpiochip0")
    machine.closed.add("gpiochip0")
    assert "-aG gpio" in machine.one(doctor_devices.gpio).advice


@pytest.fixture
def coral(machine):
    for key, value in {
        "idVendor": "1a6e",
        "idProduct": "089a",
        "busnum": "1",
        "devnum": "4",
    }.items():
        machine.file(f"sys/bus/usb/devices/1-1/{key}", f"{value}\n")
    machine.file("dev/bus/usb/001/004")
    machine.file("usr/lib/aarch64-linux-gnu/libedgetpu.so.1")
    return machine


def test_without_a_coral_nothing_is_missed_unless_it_was_asked_for(machine):
    for choice, level in (("cpu", GOOD), ("auto", GOOD), ("edgetpu", WARNING)):
        machine.config = changed(machine.config, {"model.accelerator": choice})
        assert machine.one(doctor_devices.coral).level is level


def test_what_a_coral_lacks_is_told_one_thing_after_the_other(coral):
    no_model = coral.one(doctor_devices.coral)
    (coral.root / "usr/lib/aarch64-linux-gnu/libedgetpu.so.1").unlink()
    no_library = coral.one(doctor_devices.coral)
    coral.closed.add("004")
    closed = coral.one(doctor_devices.coral)
    assert [one.level for one in (no_model, no_library, closed)] == [WARNING] * 3
    assert "no model here is compiled" in no_model.detail
    assert "libedgetpu.so.1 is not installed" in no_library.detail
    assert "no permission" in closed.detail and "plugdev" in closed.advice


def test_a_coral_that_cannot_be_opened_says_why(coral, monkeypatch, tmp_path):
    folder = tmp_path / "models"
    shutil.copytree(shipped_folder(), folder)
    manifest = folder / "models.toml"
    entry = '[models.inkling]\nedgetpu_file = "inkling.tflite"\nedgetpu_sha256 = ""\n'
    manifest.write_text(manifest.read_text().replace("[models.inkling]\n", entry))
    coral.library = lambda: Library(folder)
    coral.file("usr/lib/libnowhere.so.1")
    patient = replace(coral.patient, edge_tpu_library="libnowhere.so.1")
    for module in (accelerator, doctor_devices):
        monkeypatch.setattr(module, "START_SECONDS", 60.0)
    (finding,) = doctor_devices.coral(patient)
    assert finding.level is WARNING
    assert "libnowhere.so.1 cannot be loaded" in finding.detail
