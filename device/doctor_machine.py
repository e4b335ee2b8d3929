"""What ``inkling doctor`` asks of the machine: power, heat, storage, clock, service, crashes."""

from __future__ import annotations

import os
import platform
import time
from calendar import timegm
from collections.abc import Iterator
from pathlib import Path

from device.crash import crashes
from device.errors import InklingError
from device.finding import STATE, Finding, Level, Patient

HOT = 80.0
"""Degrees Celsius from which a Raspberry Pi slows down."""

LITTLE = 100_000_000
"""Bytes; so much room lasts for a while."""

NOTHING = 5_000_000
"""Bytes; with less, the next drawing may not be kept."""

FIRST_YEAR = 2025
"""No Inkling of this form is older: a clock that says so has lost its time."""

RECENT = 7 * 86_400
"""Seconds for which a crash is worth a look."""

UNITS = ("inkling.service", "inkling-headless.service", "inkling-out-of-order.service")

_THROTTLED = {
    0: "the supply voltage is too low",
    1: "the processor is held back",
    2: "the processor is slowed down",
    3: "the processor is at its soft temperature limit",
}
"""The bits of the firmware's ``get_throttled``; 16 higher they mean: since the start."""


def system(_: Patient) -> Iterator[Finding]:
    """Processor and Python, for whoever is asked for help."""
    yield Finding(Level.GOOD, "system", f"{platform.machine()}, Python {platform.python_version()}")


def user(patient: Patient) -> Iterator[Finding]:
    """Who looks: root may do what the service may not, and would not notice."""
    if patient.uid == 0 and (patient.root / STATE).is_dir():
        detail = "root may open everything: what the service may not is not seen"
        yield Finding(Level.WARNING, "user", detail, "sudo -u inkling inkling doctor")


def power(patient: Patient) -> Iterator[Finding]:
    """What a Raspberry Pi's firmware says of its supply."""
    told = [
        patient.text(path) for path in patient.glob("sys/devices/platform/soc*/*/get_throttled")
    ]
    said = told[0] if told else patient.said_by(["vcgencmd", "get_throttled"])
    try:
        bits = int((said or "").split("=")[-1], 16)
    except ValueError:
        yield Finding(Level.GOOD, "power", "this machine does not say how its supply is")
        return
    now = [text for bit, text in _THROTTLED.items() if bits >> bit & 1]
    before = [text for bit, text in _THROTTLED.items() if bits >> (bit + 16) & 1]
    advice = "use the official supply and a short cable; see that air reaches the processor"
    if now:
        level = Level.BROKEN if bits & 1 else Level.WARNING
        yield Finding(level, "power", "; ".join(now), advice)
    elif before:
        yield Finding(Level.WARNING, "power", f"since the start: {'; '.join(before)}", advice)
    else:
        yield Finding(Level.GOOD, "power", "never too low, never slowed down")


def temperature(patient: Patient) -> Iterator[Finding]:
    """The hottest of the sensors."""
    degrees = []
    for path in patient.glob("sys/class/thermal/thermal_zone*/temp"):
        text = patient.text(path) or ""
        if text.lstrip("-").isdecimal():
            degrees.append(int(text) / 1000)
    if not degrees:
        yield Finding(Level.GOOD, "temperature", "no sensor")
        return
    hottest = max(degrees)
    level = Level.WARNING if hottest >= HOT else Level.GOOD
    advice = f"from {HOT:.0f} °C on it slows down: give it air or a heat sink"
    yield Finding(level, "temperature", f"{hottest:.0f} °C", advice)


def storage(patient: Patient) -> Iterator[Finding]:
    """Whether what is to be kept can be kept: settings, labelled drawings, crashes."""
    try:
        folder = patient.state()
    except InklingError as error:
        yield Finding(Level.BROKEN, "storage", str(error))
        return
    # Not Path.exists: what this user may not even look for is not there for him.
    there = next(path for path in (folder, *folder.parents) if os.path.exists(path))  # noqa: PTH110
    if not there.is_dir():
        advice = "nothing can be kept: remove that file, or name another place"
        yield Finding(Level.BROKEN, "storage", f"{there} is no folder", advice)
        return
    kind, options = _mount(patient, there)
    disk = patient.disk(there)
    free = disk.f_bavail * disk.f_frsize
    detail = f"{folder}: {_bytes(free)} free on {kind}, {','.join(options) or 'flags unknown'}"
    if "ro" in options:
        advice = "mount it for writing (see docs/operate.md); settings and drawings are not kept"
        yield Finding(Level.BROKEN, "storage", detail, advice)
    elif not patient.may(there, os.W_OK):
        advice = (
            "look as the service or as root (sudo inkling doctor), or give this user the folder"
        )
        yield Finding(Level.WARNING, "storage", f"{folder} cannot be written by this user", advice)
    elif free < NOTHING:
        yield Finding(Level.BROKEN, "storage", detail, "make room: nothing more can be kept")
    elif free < LITTLE:
        yield Finding(Level.WARNING, "storage", detail, "make room before it is full")
    elif kind in ("overlay", "tmpfs"):
        advice = "it is in memory: give the state a partition of its own (docs/operate.md)"
        yield Finding(Level.WARNING, "storage", detail, advice)
    else:
        yield Finding(Level.GOOD, "storage", detail)
    for path in patient.glob("sys/fs/ext4/*/errors_count"):
        count = patient.text(path) or "0"
        if count != "0":
            detail = f"{path.parent.name}: the file system has counted {count} errors"
            advice = "have it checked at the next start (fsck), and the card replaced"
            yield Finding(Level.WARNING, "storage", detail, advice)


def _mount(patient: Patient, folder: Path) -> tuple[str, list[str]]:
    """Kind and options of the file system that a folder is on."""
    inside = Path("/") / folder.relative_to(patient.root) if patient.root != Path("/") else folder
    best, found = -1, ("an unknown file system", list[str]())
    for line in (patient.text("proc/self/mounts") or "").splitlines():
        _, point, kind, options, *_ = [*line.split(), "", "", "", ""]
        place = Path(point.replace("\\040", " "))
        if inside.is_relative_to(place) and len(place.parts) >= best:
            best, found = len(place.parts), (kind, options.split(","))
    kind, options_list = found
    wanted = ("rw", "ro", "noatime", "sync")
    return kind, [option for option in options_list if option in wanted]


def _bytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def clock(patient: Patient) -> Iterator[Finding]:
    """A Raspberry Pi without a network does not know the time; nothing but records suffers."""
    now = patient.now()
    shown = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(now))
    advice = "times in the log and with labelled drawings are wrong: give it a network or a clock"
    if time.gmtime(now).tm_year < FIRST_YEAR:
        yield Finding(Level.WARNING, "clock", f"it says {shown}", advice)
        return
    synchronised = (patient.root / "run/systemd/timesync/synchronized").exists()
    if not synchronised:
        said = patient.said_by(["timedatectl", "show", "-p", "NTPSynchronized", "--value"])
        synchronised = (said or "").strip() == "yes"
    if synchronised:
        yield Finding(Level.GOOD, "clock", f"{shown}, synchronised")
    else:
        yield Finding(Level.WARNING, "clock", f"{shown}, not synchronised", advice)


def units(patient: Patient) -> dict[str, dict[str, str]]:
    """What systemd says of Inkling's units that are installed."""
    wanted = "Id,LoadState,ActiveState,SubState,Result,NRestarts"
    said = patient.said_by(["systemctl", "show", "-p", wanted, *UNITS]) or ""
    found = {}
    for block in said.split("\n\n"):
        facts = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if facts.get("LoadState") == "loaded":
            found[facts.get("Id", "")] = facts
    return found


def service(patient: Patient) -> Iterator[Finding]:
    """Whether systemd runs Inkling, and how that goes."""
    installed = units(patient)
    if not installed:
        yield Finding(Level.GOOD, "service", "not installed as a service")
        return
    for name, facts in installed.items():
        state, result = facts.get("ActiveState", ""), facts.get("Result", "")
        restarts = facts.get("NRestarts", "0")
        advice = f"journalctl -u {name} -e; then sudo systemctl restart {name}"
        if name.endswith("out-of-order.service"):
            if state == "active":
                detail = f"{name} is shown: Inkling has failed too often"
                yield Finding(Level.BROKEN, "service", detail, advice.replace("-out-of-order", ""))
        elif state == "failed":
            detail = f"{name} has failed ({result}), restarted {restarts} times"
            yield Finding(Level.BROKEN, "service", detail, advice)
        elif state in ("active", "activating", "reloading"):
            level = Level.WARNING if restarts not in ("", "0") else Level.GOOD
            detail = f"{name} {facts.get('SubState', state)}, restarted {restarts or 0} times"
            yield Finding(level, "service", detail, advice.split(";")[0])
        elif not any(other.get("ActiveState") == "active" for other in installed.values()):
            yield Finding(
                Level.WARNING,
                "service",
                f"{name} is installed and not running",
                f"sudo systemctl enable --now {name}",
            )


def crash(patient: Patient) -> Iterator[Finding]:
    """The last fatal error."""
    try:
        kept = crashes(patient.state())
    except InklingError as error:
        yield Finding(Level.WARNING, "last crash", str(error))
        return
    if not kept:
        yield Finding(Level.GOOD, "last crash", "none is kept")
        return
    last = kept[-1]
    detail = f"{last.time}, version {last.version}: {last.error}"
    if last.notes:
        detail += f" ({last.notes})"
    recent = patient.now() - _seconds(last.time) < RECENT
    advice = "inkling doctor --crashes prints all that is kept"
    yield Finding(Level.WARNING if recent else Level.GOOD, "last crash", detail, advice)


def _seconds(moment: str) -> float:
    """ISO 8601 in universal time as seconds since 1970; what is none is long ago."""
    try:
        return float(timegm(time.strptime(moment, "%Y-%m-%dT%H:%M:%SZ")))
    except ValueError:
        return 0.0
