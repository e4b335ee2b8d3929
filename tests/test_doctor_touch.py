"""The doctor on touch panels: which they are, and how often they report."""

import os
import struct

import pytest

from device import doctor_devices, doctor_touch
from device.finding import Level

GOOD, WARNING, BROKEN = Level.GOOD, Level.WARNING, Level.BROKEN


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
