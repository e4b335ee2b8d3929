"""Which input devices point, as Linux tells it."""

import struct

import pytest

from device.pointers import pointers

WORD = 8 * struct.calcsize("l")

MULTITOUCH = {"abs": (0, 1, 47, 53, 54), "key": (330,)}
RESISTIVE = {"abs": (0, 1, 24), "key": (330,)}
MOUSE = {"abs": (), "key": (272, 273, 274)}
KEYBOARD = {"abs": (), "key": (1, 2, 28, 30)}
JOYSTICK = {"abs": (0, 1), "key": (288, 289)}


def bitmap(bits):
    """As sysfs writes it: words in hexadecimal, the highest first, without leading zeros."""
    number = sum(1 << bit for bit in bits)
    words = []
    while number or not words:
        words.append(f"{number & ((1 << WORD) - 1):x}")
        number >>= WORD
    return " ".join(reversed(words)) + "\n"


def plug(root, number, kind, name="a device"):
    """Have an input device in sysfs; its file is not made."""
    folder = root / f"sys/class/input/event{number}/device"
    (folder / "capabilities").mkdir(parents=True)
    (folder / "name").write_text(f"{name}\n")
    for which, bits in kind.items():
        (folder / "capabilities" / which).write_text(bitmap(bits))
    node = root / f"dev/input/event{number}"
    node.parent.mkdir(parents=True, exist_ok=True)
    return node


@pytest.mark.parametrize(
    ("kind", "is_panel", "several"),
    [(MULTITOUCH, True, True), (RESISTIVE, True, False), (MOUSE, False, False)],
)
def test_panels_and_mice_point(tmp_path, kind, is_panel, several):
    node = plug(tmp_path, 3, kind, "ft5x06")
    assert pointers(tmp_path) == [("ft5x06", node, is_panel, several)]


@pytest.mark.parametrize("kind", [KEYBOARD, JOYSTICK])
def test_what_is_pressed_or_held_does_not(tmp_path, kind):
    plug(tmp_path, 0, kind)
    assert pointers(tmp_path) == []


def test_a_device_that_says_nothing_of_itself_is_passed_over(tmp_path):
    (tmp_path / "sys/class/input/event1").mkdir(parents=True)
    odd = plug(tmp_path, 2, MULTITOUCH)
    (tmp_path / "sys/class/input/event2/device/capabilities/key").write_text("not a bitmap")
    assert [one.node for one in pointers(tmp_path)] == [odd]
    assert pointers(tmp_path / "nowhere") == []
