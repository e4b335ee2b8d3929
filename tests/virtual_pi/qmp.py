"""What QEMU's monitor is asked: QMP, JSON objects on a Unix socket, one a line."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import time
from pathlib import Path
from typing import Any

from virtual_pi.host import VirtualPiError

WIDEST = 0x7FFF
"""An absolute axis of QEMU's runs from 0 to this."""

PATIENCE = 600.0
"""Seconds that the monitor may take for an answer."""


class QmpError(VirtualPiError):
    """QEMU refuses what it is asked, or is gone."""


class Qmp:
    """A connection to a running QEMU.

    Args:
        path: the monitor's socket; waited for a moment, since QEMU makes it when it starts.
    """

    def __init__(self, path: Path, patience: float = 10.0) -> None:
        end = time.monotonic() + patience
        while True:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(PATIENCE)
            try:
                self._socket.connect(str(path))
                break
            except OSError as error:
                self._socket.close()
                if time.monotonic() > end:
                    raise QmpError(f"{path}: QEMU does not listen ({error.strerror})") from error
                time.sleep(0.05)
        self._file = self._socket.makefile("rw", encoding="utf-8")
        self._answer()
        self.ask("qmp_capabilities")

    def ask(self, command: str, **arguments: Any) -> Any:
        """Execute a command; its answer.

        Raises:
            QmpError: QEMU refuses, or is gone.
        """
        value = {"execute": command, **({"arguments": arguments} if arguments else {})}
        try:
            self._file.write(json.dumps(value) + "\n")
            self._file.flush()
        except OSError as error:
            raise QmpError(f"{command}: QEMU is gone ({error})") from error
        while "return" not in (answer := self._answer()):
            if "error" in answer:
                raise QmpError(f"{command}: {answer['error'].get('desc', answer['error'])}")
        return answer["return"]

    def _answer(self) -> dict[str, Any]:
        try:
            line = self._file.readline()
            answer = json.loads(line)
        except (OSError, ValueError) as error:
            raise QmpError(f"QEMU is gone, or says what cannot be read ({error})") from error
        if not isinstance(answer, dict):
            raise QmpError(f"QEMU says {line!r}")
        return answer

    def picture(self, path: Path) -> None:
        """What the display shows, as a PNG file.

        Raises:
            QmpError: there is no picture yet.
        """
        self.ask("screendump", filename=str(path), format="png")

    def words(self, address: int, count: int, width: int = 8) -> list[int]:
        """Memory of the machine, as the processor would read it: ``count`` numbers of ``width``
        bytes each from a physical address on."""
        letter = {1: "b", 2: "h", 4: "w", 8: "g"}[width]
        line = f"xp /{count}x{letter} {address:#x}"
        said = self.ask("human-monitor-command", **{"command-line": line})
        found = [int(word, 16) for word in re.findall(r"(?<!\S)0x([0-9a-fA-F]+)", said)]
        if len(found) != count:
            raise QmpError(f"{line}: {said.strip()}")
        return found

    def touch(self, kind: str, x: float = 0.0, y: float = 0.0, slot: int = 0) -> None:
        """A finger on the touch panel.

        Args:
            kind: ``"down"``, ``"move"`` or ``"up"``.
            x, y: shares of the panel's width and height.
            slot: which finger, from 0.
        """
        self.ask("input-send-event", events=touch_events(kind, x, y, slot))

    def close(self) -> None:
        """Hang up. May be called again."""
        # What could not be sent any more is not missed.
        with contextlib.suppress(OSError):
            self._file.close()
        self._socket.close()


def touch_events(kind: str, x: float, y: float, slot: int) -> list[dict[str, Any]]:
    """A finger's doings as QEMU's multitouch wants to have them."""

    def contact(step: str, **more: Any) -> dict[str, Any]:
        data = {"type": step, "slot": slot, "tracking-id": slot + 1, "axis": "x", "value": 0}
        return {"type": "mtt", "data": data | more}

    def button(down: bool) -> dict[str, Any]:
        return {"type": "btn", "data": {"button": "touch", "down": down}}

    if kind == "up":
        # Only this number ends a contact.
        return [contact("end", **{"tracking-id": -1}), button(False)]
    moves = [
        contact("data", axis=axis, value=min(WIDEST, max(0, round(share * WIDEST))))
        for axis, share in (("x", x), ("y", y))
    ]
    return [contact("begin"), *moves, button(True)] if kind == "down" else moves
