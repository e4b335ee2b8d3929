"""``inkling doctor --touch``: how often the touch panels report, while somebody draws on them."""

from __future__ import annotations

import contextlib
import os
import select
import statistics
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from device.doctor_devices import panels, touch
from device.finding import Finding, Level, Patient

SECONDS = 5.0
"""How long is listened for."""

PAUSE = 0.2
"""Two reports that are further apart (seconds) are two touches."""

SLOW = 20.0
"""Reports a second below which fast strokes lose their corners."""

_EVENT = struct.Struct("llHHi")
"""Linux's ``struct input_event``: seconds, microseconds, type, code, value."""

_REPORT = (0, 0)
"""EV_SYN, SYN_REPORT: everything that belongs to one moment has been said."""


@dataclass
class _Heard:
    """What one panel has reported: the times of its reports, seconds."""

    name: str
    times: list[float] = field(default_factory=list)
    rest: bytes = b""

    def take(self, content: bytes) -> None:
        """Events as they are read from the device file, whole or not."""
        content = self.rest + content
        whole = len(content) - len(content) % _EVENT.size
        self.rest = content[whole:]
        for seconds, fraction, kind, code, _ in _EVENT.iter_unpack(content[:whole]):
            if (kind, code) == _REPORT:
                self.times.append(seconds + fraction / 1e6)

    def finding(self) -> Finding:
        """How often it reports."""
        apart = [b - a for a, b in zip(self.times, self.times[1:], strict=False) if b - a < PAUSE]
        if not self.times:
            advice = "was it touched? If so: sudo apt install evtest, and see what evtest says"
            return Finding(Level.WARNING, "touch", f"{self.name}: no report came", advice)
        middle = statistics.median(apart) if apart else 0.0
        if middle <= 0:
            detail = f"{self.name}: {len(self.times)} reports"
            return Finding(Level.WARNING, "touch", detail, "draw a long line, for its rate")
        detail = f"{self.name}: {len(self.times)} reports, {1 / middle:.0f} a second"
        level = Level.WARNING if 1 / middle < SLOW else Level.GOOD
        return Finding(level, "touch", detail, "that is little: fast strokes lose their corners")


def measure(patient: Patient, seconds: float = SECONDS) -> Iterator[Finding]:
    """Listen to every panel that may be read; those that may not, or are not there, are said."""
    yield from (finding for finding in touch(patient) if finding.level is not Level.GOOD)
    with contextlib.ExitStack() as opened:
        heard: dict[int, _Heard] = {}
        ready = select.poll()
        for name, _, node in panels(patient):
            if not patient.may(node, os.R_OK):
                continue
            handle = _open(node)
            if handle is None:
                yield Finding(Level.BROKEN, "touch", f"{name}: {node} cannot be opened")
                continue
            opened.callback(os.close, handle)
            heard[handle] = _Heard(name)
            ready.register(handle, select.POLLIN)
        end = time.monotonic() + seconds
        listening = set(heard)
        while listening and (left := end - time.monotonic()) > 0:
            for handle, _ in ready.poll(left * 1000):
                try:
                    content = os.read(handle, 64 * _EVENT.size)
                except OSError:  # it has been unplugged
                    content = b""
                if content:
                    heard[handle].take(content)
                else:
                    ready.unregister(handle)
                    listening.discard(handle)
        for one in heard.values():
            yield one.finding()


def _open(node: Path) -> int | None:
    try:
        return os.open(node, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
