"""The name plate and the GPIO chip: QEMU's machine dressed as a Raspberry Pi 4.

Debian's kernel has a driver for a chip that is two registers in memory. They lie where the kernel
keeps off, and are read from outside, through the monitor: what is seen there is what the product's
pin factory has written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from virtual_pi.host import tell

MODEL = "Raspberry Pi 4 Model B Rev 1.5"
REVISION = "b03115"
"""Of a Raspberry Pi 4B with 2 GB, rev 1.5; gpiozero takes the header's pins from it."""

REGISTERS = 0x9FF00000
"""Two words of 64 bits: which lines are outputs, and their levels."""

NOTHING_ELSE = 0x1000
"""As much memory as the kernel's pages need it to be."""

FIRST_LINES = 28
"""The lines of the header, GPIO 0 to 27."""

BCM2837_GPIO = 0x3F200000
"""The Raspberry Pi 3's own GPIO block: three bits of function for each line from here on, and the
levels of lines 0 to 31 at 0x34."""


class Memory(Protocol):
    """Who reads the machine's memory: :class:`virtual_pi.qmp.Qmp`."""

    def words(self, address: int, count: int, width: int = 8) -> list[int]: ...


def outputs(memory: Memory) -> dict[int, bool]:
    """The lines that are outputs, and whether each is high."""
    direction, level = memory.words(REGISTERS, 2)
    return {line: bool(level >> line & 1) for line in range(FIRST_LINES) if direction >> line & 1}


def bcm_outputs(memory: Memory) -> dict[int, bool]:
    """The same on a Raspberry Pi 3, from its real registers."""
    functions = memory.words(BCM2837_GPIO, 3, 4)
    (level,) = memory.words(BCM2837_GPIO + 0x34, 1, 4)
    return {
        line: bool(level >> line & 1)
        for line in range(FIRST_LINES)
        if functions[line // 10] >> line % 10 * 3 & 7 == 1
    }


@dataclass(frozen=True)
class Pins:
    """The three lights on their lines."""

    accept: int = 17
    several: int = 27
    reject: int = 22

    def lit(self, lines: Mapping[int, bool]) -> str:
        """The lights that are on, their names with + between; ``"none"``, or ``"no lights"`` when
        not all of them are driven."""
        named = {"accept": self.accept, "several": self.several, "reject": self.reject}
        if not set(named.values()) <= lines.keys():
            return "no lights"
        return "+".join(name for name, line in named.items() if lines[line]) or "none"


REVISION_3 = "a02082"
"""Of a Raspberry Pi 3B."""


def dress_3(blob: Path) -> None:
    """Add to a Raspberry Pi 3's own device tree what its firmware would."""
    tell("fdtput", "-p", "-t", "x", blob, "/system", "linux,revision", REVISION_3)


def dress(blob: Path, gpio: bool = True) -> None:
    """Change the device tree of QEMU's machine, as it wrote it, into a Raspberry Pi's.

    Args:
        gpio: whether it has a GPIO chip.
    """

    def put(kind: str, node: str, name: str, *values: str) -> None:
        tell("fdtput", "-p", "-t", kind, blob, node, name, *values)

    put("s", "/", "model", MODEL)
    put("s", "/", "compatible", "linux,dummy-virt", "raspberrypi,4-model-b", "brcm,bcm2711")
    put("x", "/system", "linux,revision", REVISION)
    # Its own chip, and the power button on it, would be the first.
    put("s", "/pl061@9030000", "status", "disabled")
    put("s", "/gpio-keys", "status", "disabled")
    if not gpio:
        return
    base = f"{REGISTERS:x}"
    home = f"/reserved-memory/gpio@{base}"
    put("x", "/reserved-memory", "#address-cells", "2")
    put("x", "/reserved-memory", "#size-cells", "2")
    tell("fdtput", "-p", blob, "/reserved-memory", "ranges")
    put("x", home, "reg", "0", base, "0", f"{NOTHING_ELSE:x}")
    tell("fdtput", blob, home, "no-map")
    chip = f"/gpio@{base}"
    put("s", chip, "compatible", "brcm,bcm6345-gpio")
    put("x", chip, "reg", "0", base, "0", "8", "0", f"{REGISTERS + 8:x}", "0", "8")
    put("s", chip, "reg-names", "dirout", "dat")
    tell("fdtput", blob, chip, "gpio-controller")
    put("x", chip, "#gpio-cells", "2")
