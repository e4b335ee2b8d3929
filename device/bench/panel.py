"""A touch panel that the kernel makes up (uinput): what is written to it comes back to SDL as the
events of a real one do, through evdev."""

from __future__ import annotations

import fcntl
import struct
from pathlib import Path

NODE = Path("/dev/uinput")

NAME = b"Inkling bench panel"

MOST = 0xFFFF
"""The largest coordinate that it reports; the least is 0."""

# linux/uinput.h and linux/input-event-codes.h
_SET_EVENT, _SET_KEY, _SET_AXIS, _SET_PROPERTY = 0x40045564, 0x40045565, 0x40045567, 0x4004556E
_CREATE, _DESTROY = 0x5501, 0x5502
_SYNC, _KEY, _AXIS = 0, 1, 3
_TOUCHED = 0x14A
_X, _Y, _SLOT, _AT_X, _AT_Y, _FINGER = 0x00, 0x01, 0x2F, 0x35, 0x36, 0x39
_DIRECT = 1
_AXES = 64

_DEVICE = struct.Struct(f"80s4HI{4 * _AXES}i")
_EVENT = struct.Struct("llHHi")


class Panel:
    """A panel with one finger, there until it is closed.

    Args:
        node: the kernel's file for that.

    Raises:
        OSError: the kernel has none, or this is not its owner.
    """

    def __init__(self, node: Path = NODE) -> None:
        self._file = node.open("r+b", buffering=0)
        try:
            for kind in (_KEY, _AXIS):
                fcntl.ioctl(self._file, _SET_EVENT, kind)
            fcntl.ioctl(self._file, _SET_KEY, _TOUCHED)
            fcntl.ioctl(self._file, _SET_PROPERTY, _DIRECT)
            most = [0] * _AXES
            for axis in (_X, _Y, _SLOT, _AT_X, _AT_Y, _FINGER):
                fcntl.ioctl(self._file, _SET_AXIS, axis)
                most[axis] = 1 if axis == _SLOT else MOST
            rest = [0] * (3 * _AXES)  # least, fuzz and flat
            self._file.write(_DEVICE.pack(NAME, 6, 0, 0, 1, 0, *most, *rest))
            fcntl.ioctl(self._file, _CREATE)
        except BaseException:
            self._file.close()
            raise
        self._number = 0

    def close(self) -> None:
        """Take it away again."""
        fcntl.ioctl(self._file, _DESTROY)
        self._file.close()

    def down(self, x: float, y: float) -> None:
        """The finger comes down at shares (0..1) of the panel."""
        self._number += 1
        self._say((_AXIS, _FINGER, self._number), (_KEY, _TOUCHED, 1), *_at(x, y))

    def move(self, x: float, y: float) -> None:
        """It moves there. Where it is already, the kernel says nothing."""
        self._say(*_at(x, y))

    def up(self) -> None:
        """It lifts."""
        self._say((_AXIS, _FINGER, -1), (_KEY, _TOUCHED, 0))

    def _say(self, *events: tuple[int, int, int]) -> None:
        # The kernel sets the time itself.
        whole = (*events, (_SYNC, 0, 0))
        self._file.write(b"".join(_EVENT.pack(0, 0, *event) for event in whole))


def _at(x: float, y: float) -> tuple[tuple[int, int, int], ...]:
    across, along = (round(min(max(share, 0.0), 1.0) * MOST) for share in (x, y))
    places = (_AT_X, across), (_AT_Y, along), (_X, across), (_Y, along)
    return tuple((_AXIS, *place) for place in places)
