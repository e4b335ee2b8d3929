"""What Linux knows of the devices that point: touch panels, tablets, mice."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import NamedTuple

_X, _MULTITOUCH = 0, 53
"""ABS_X and ABS_MT_POSITION_X of Linux's input-event-codes.h..."""

_LEFT_BUTTON, _TOUCHED = 272, 330
"""... and BTN_LEFT and BTN_TOUCH."""


class Pointer(NamedTuple):
    """A device that points.

    Attributes:
        name: as it calls itself.
        node: the device file.
        is_panel: it is touched, with a finger or a pen.
        several: it tells several fingers apart.
    """

    name: str
    node: Path
    is_panel: bool
    several: bool


def pointers(root: Path = Path("/")) -> list[Pointer]:
    """Every device that points.

    Args:
        root: the folder that /sys and /dev are in.
    """
    found = []
    for device in sorted((root / "sys/class/input").glob("event*")):
        axes = _bits(_text(device / "device/capabilities/abs"))
        keys = _bits(_text(device / "device/capabilities/key"))
        several = bool(axes >> _MULTITOUCH & 1)
        is_panel = several or bool(axes >> _X & 1 and keys >> _TOUCHED & 1)
        if is_panel or keys >> _LEFT_BUTTON & 1:
            name = _text(device / "device/name") or device.name
            node = root / "dev/input" / device.name
            found.append(Pointer(name, node, is_panel, several))
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _bits(words: str) -> int:
    """A bitmap as sysfs shows it: words of the size of this process's, in hexadecimal."""
    digits = 2 * struct.calcsize("l")
    try:
        return int("".join(f"{int(word, 16):0{digits}x}" for word in (words or "0").split()), 16)
    except ValueError:
        return 0
