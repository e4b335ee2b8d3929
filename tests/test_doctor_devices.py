"""The doctor on screen, fonts, GPIO and Coral."""

import fcntl
import shutil
from dataclasses import replace

import pytest
from machines import unit

from device import accelerator, doctor_devices
from device.config import changed
from device.finding import Level
from device.library import Library, shipped_folder
from device.screen import theme

GOOD, WARNING, BROKEN = Level.GOOD, Level.WARNING, Level.BROKEN


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
