"""systemd, udev and sysusers understand what is in systemd/; services are closed up."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from device.cli import main
from firmware_tools.install import RESTART_LIMIT
from firmware_tools.layout import NAMES, SERVICES, SHARE
from firmware_tools.layout import UNITS as UNITS_THERE

UNITS = Path(__file__).resolve().parent.parent / "systemd"
KIOSKS = ("inkling.service", "inkling-headless.service")
EXPOSURE = {
    "inkling.service": 2.5,
    "inkling-headless.service": 1.5,
    "inkling-out-of-order.service": 2.5,
}
"""The most that `systemd-analyze security` may say of each."""

MAY_STAY_OPEN = {"RootDirectory=/RootImage="}
"""A folder of its own would have to hold a whole system; nobody expects it."""


def text(name):
    return (UNITS / name).read_text(encoding="utf-8")


def settings(name):
    """The unit's lines that set something."""
    return [line for line in text(name).splitlines() if re.match(r"[A-Za-z]+=", line)]


@pytest.fixture
def analyze():
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not installed: units are not checked here")

    def run(*words):
        return subprocess.run(
            [tool, *words], capture_output=True, text=True, timeout=60, check=False
        )

    return run


@pytest.fixture
def units(tmp_path):
    """The units with a program that is there; systemd refuses one that is not."""
    folder = tmp_path / "units"
    shutil.copytree(UNITS, folder)
    for name in SERVICES:
        unit = folder / name
        changed = unit.read_text().replace("/opt/inkling/current/bin/inkling", "/bin/true")
        unit.write_text(re.sub("Documentation=file:.*", "", changed))
    return folder


def test_every_unit_is_installed_and_every_installed_file_is_there():
    here = {path.relative_to(UNITS) for path in UNITS.rglob("*") if path.is_file()}
    installed = {
        path.relative_to(SHARE / "systemd") for path in NAMES.values() if path.is_relative_to(SHARE)
    }
    assert here == installed
    assert set(SERVICES) == set(EXPOSURE)


@pytest.mark.parametrize("name", SERVICES)
def test_systemd_understands_every_unit(name, units, analyze):
    done = analyze("verify", "--man=no", "--recursive-errors=no", str(units / name))
    assert name not in done.stderr
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_closed_as_far_as_it_goes(name, units, analyze):
    limit = str(int(EXPOSURE[name] * 10))
    done = analyze("security", "--offline=true", f"--threshold={limit}", str(units / name))
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd-analyze cannot check units that do not run")
    assert done.returncode == 0, done.stdout
    assert "Overall exposure level" in done.stdout


@pytest.mark.parametrize("name", KIOSKS)
def test_what_stays_open_is_explained(name, units, analyze):
    done = analyze("security", "--offline=true", "--no-pager", str(units / name))
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd-analyze cannot check units that do not run")
    found = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("✗")}
    assert "PrivateDevices=" in found
    comments = " ".join(re.findall(r"^# (.*)$", text(name), re.MULTILINE))
    for key in found - MAY_STAY_OPEN - {"DeviceAllow="}:
        assert key.removeprefix("RestrictAddressFamilies=~") in comments


@pytest.mark.parametrize("name", KIOSKS)
def test_a_kiosk_is_watched_started_again_and_at_last_out_of_order(name):
    lines = settings(name)
    for line in (
        "Type=notify",
        "Restart=on-failure",
        "OnFailure=inkling-out-of-order.service",
        "StartLimitBurst=5",
    ):
        assert line in lines
    # Without it, systemd 254 and later are out of order after the first failure.
    assert settings("restart.conf") == ["RestartMode=direct"]
    assert UNITS_THERE / f"{name}.d/restart.conf" in NAMES
    assert any(line.startswith("WatchdogSec=") for line in lines)


@pytest.mark.parametrize("name", KIOSKS)
def test_the_threads_of_a_kiosk_share_one_heap(name):
    """With one for each, memory grew by up to 4 MB in the soak of the virtual Pi."""
    assert "Environment=MALLOC_ARENA_MAX=1" in settings(name)


@pytest.mark.parametrize("name", KIOSKS)
def test_five_starts_that_hang_reach_the_start_limit(name):
    seconds = {
        key: int(value)
        for key, _, value in (line.partition("=") for line in settings(name))
        if key.endswith("Sec") or key.startswith("StartLimit")
    }
    each = seconds["TimeoutStartSec"] + seconds["TimeoutStopSec"] + seconds["RestartSec"]
    assert seconds["StartLimitBurst"] * each < seconds["StartLimitIntervalSec"]
    assert each < RESTART_LIMIT


def test_never_do_two_services_hold_the_screen_and_the_pins():
    kiosk, headless = (" ".join(settings(name)) for name in KIOSKS)
    for other in ("inkling-headless.service", "inkling-out-of-order.service", "getty@tty1.service"):
        assert re.search(rf"Conflicts=[^=]*{re.escape(other)}", kiosk)
    for other in ("inkling.service", "inkling-out-of-order.service"):
        assert re.search(rf"Conflicts=[^=]*{re.escape(other)}", headless)


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_runs_a_command_that_there_is(name, capsys):
    (start,) = (line for line in settings(name) if line.startswith("ExecStart="))
    program, command = start.removeprefix("ExecStart=").split()
    assert program == "/opt/inkling/current/bin/inkling"
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_use_the_devices_it_needs_and_no_others(name):
    allowed = {
        line.removeprefix("DeviceAllow=") for line in settings(name) if "DeviceAllow" in line
    }
    assert "DevicePolicy=closed" in settings(name)
    assert {"char-input r", "char-gpiochip rw"} <= allowed
    assert ("char-drm rw" in allowed) == (name != "inkling-headless.service")


def test_the_user_is_in_the_groups_of_the_devices():
    groups = re.findall(r"^m inkling (\w+)$", text("sysusers.conf"), re.MULTILINE)
    assert sorted(groups) == ["gpio", "input", "plugdev", "render", "video"]


def test_sysusers_makes_the_user(tmp_path):
    tool = shutil.which("systemd-sysusers")
    if tool is None:
        pytest.skip("systemd-sysusers is not installed")
    (tmp_path / "etc").mkdir()
    done = subprocess.run(
        [tool, f"--root={tmp_path}", str(UNITS / "sysusers.conf")],
        capture_output=True,
        text=True,
        check=False,
    )
    if "not permitted" in done.stderr.lower() or "permission denied" in done.stderr.lower():
        pytest.skip("systemd-sysusers needs root here")
    assert done.returncode == 0, done.stderr
    assert "inkling" in (tmp_path / "etc/passwd").read_text()
    for group in ("video", "gpio"):
        assert re.search(rf"^{group}:.*\binkling\b", (tmp_path / "etc/group").read_text(), re.M)


def test_udev_knows_the_coral_the_backlight_and_the_screen():
    rules = [line for line in text("udev.rules").splitlines() if line[:1] not in ("", "#")]
    for vendor, product in (("1a6e", "089a"), ("18d1", "9302")):
        (rule,) = (line for line in rules if f'=="{vendor}"' in line)
        assert f'=="{product}"' in rule
        assert 'GROUP="plugdev"' in rule
    assert any('"backlight"' in rule and "chgrp video" in rule for rule in rules)
    assert any('"drm"' in rule and 'TAG+="systemd"' in rule for rule in rules)
    for rule in rules:
        for part in rule.split(", "):
            assert re.fullmatch(r'[A-Z]+(\{\w+\})?(==|=|\+=)"[^"]*"', part), part
