"""QEMU: which one, and how it is told to be a Raspberry Pi with a screen and a touch panel."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from virtual_pi import board
from virtual_pi.debs import Archive
from virtual_pi.host import VirtualPiError, cache, step, tell
from virtual_pi.recipe import Image

LEAST = (8, 1)
"""QEMU has a multitouch panel from this version on."""

MEMORY = 1536
"""MiB: as a small Raspberry Pi has, and the GPIO registers lie at the end of it."""

HARDWARE = ("-cpu", "cortex-a72", "-smp", "2", "-m", str(MEMORY))
PACE = ("-icount", "shift=0,sleep=on")
"""The clock inside counts instructions, a nanosecond each, and goes on by itself while nothing is
to do. So no time limit inside, systemd's among them, depends on how busy this machine is. By this
machine's clock, a guest that gets a tenth of a processor spends nearly all of it on its timers."""

NOTHING = ("-display", "none", "-vga", "none")
ROOM_FOR_TOUCH = "later"
"""The name of the slot that a touch panel is plugged into while the machine runs."""


@dataclass(frozen=True)
class Emulator:
    """A QEMU for 64-bit ARM; ``folder`` is where it was unpacked, None for this machine's own."""

    folder: Path | None = None

    @property
    def program(self) -> str:
        name = "qemu-system-aarch64"
        return name if self.folder is None else str(self.folder / "usr/bin" / name)

    @property
    def options(self) -> tuple[str, ...]:
        if self.folder is None:
            return ()
        return ("-L", str(self.folder / "usr/share/qemu"), "-L", "/usr/share/qemu")

    @property
    def environment(self) -> dict[str, str]:
        if self.folder is None:
            return {}
        return {"QEMU_MODULE_DIR": str(next(self.folder.glob("usr/lib/*/qemu")))}

    @property
    def whole_environment(self) -> dict[str, str]:
        """This process's environment, with what this QEMU needs beside."""
        return os.environ | self.environment


def find() -> Emulator:
    """This machine's QEMU if it is new enough, else Debian's newer one, unpacked in the cache.

    Raises:
        VirtualPiError: there is none.
    """
    if shutil.which("qemu-system-aarch64") is None:
        raise VirtualPiError("sudo apt-get install --no-install-recommends qemu-system-arm")
    said = tell("qemu-system-aarch64", "--version")
    version = re.search(r"version (\d+)\.(\d+)", said)
    if version is not None and (int(version[1]), int(version[2])) >= LEAST:
        return Emulator()
    folder = cache() / "qemu"
    if not folder.exists():
        with step("a newer QEMU from bookworm-backports"):
            archive = Archive("bookworm-backports", tell("dpkg", "--print-architecture").strip())
            archive.update()
            partial = folder.with_name(".qemu.part")
            shutil.rmtree(partial, ignore_errors=True)
            packages = ("qemu-system-arm", "qemu-system-common", "qemu-system-data")
            archive.unpack(*packages, into=partial)
            partial.rename(folder)
    return Emulator(folder)


@dataclass(frozen=True)
class Box:
    """How a virtual Pi is built.

    Attributes:
        size: of its display in pixels; None for a machine without one.
        touch: whether a touch panel is plugged in from the start.
        gpio: whether it has a GPIO chip.
        rtc: what its clock says when it is switched on, such as ``1970-01-01``; now if empty.
        words: more for the kernel's command line.
        root: the device that has the root, as the kernel calls it.
        stick: the image of a second disk, if there is one.
        restarts: whether it may start anew by itself; otherwise it goes off instead, and is missed.
    """

    size: tuple[int, int] | None = (1024, 600)
    touch: bool = True
    gpio: bool = True
    rtc: str = ""
    words: str = ""
    root: str = "/dev/vda"
    stick: Path | None = None
    restarts: bool = False

    def command(
        self, emulator: Emulator, image: Image, disk: Path, run: Path, port: int
    ) -> list[str]:
        """The command line, and the device tree that it names in ``run``."""
        tree = run / "board.dtb"
        machine = f"virt,gic-version=3,dumpdtb={tree}"
        start = (emulator.program, *emulator.options)
        silent = (*NOTHING, "-net", "none")
        tell(*start, "-M", machine, *HARDWARE, *silent, environment=emulator.environment)
        board.dress(tree, self.gpio)
        disk_options = "if=none,id=disk,format=qcow2,cache=writeback,discard=unmap"
        return [
            *start, "-M", "virt,gic-version=3", *HARDWARE, *NOTHING,
            "-accel", "tcg,tb-size=512", *PACE,
            "-kernel", str(image.kernel), "-initrd", str(image.initrd), "-dtb", str(tree),
            "-append", self.kernel_words,
            "-drive", f"{disk_options},file={disk}",
            "-device", "virtio-blk-pci,drive=disk,romfile=",
            "-netdev", f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{port}-:22",
            "-device", "virtio-net-pci,netdev=net,romfile=",
            "-device", "virtio-rng-pci",
            "-device", f"pcie-root-port,id={ROOM_FOR_TOUCH},chassis=9",
            *self._devices(),
            "-serial", f"file:{run / 'serial.log'}",
            "-qmp", f"unix:{run / 'qmp'},server=on,wait=off",
            *([] if self.restarts else ["-no-reboot"]),
        ]  # fmt: skip

    @property
    def kernel_words(self) -> str:
        # As Debian does: read-only until it is checked, then as /etc/fstab says.
        return f"console=tty1 console=ttyAMA0 root={self.root} ro quiet {self.words}".strip()

    def _devices(self) -> Sequence[str]:
        words: list[str] = []
        if self.size is not None:
            width, height = self.size
            words += ["-device", f"virtio-gpu-pci,id=display,xres={width},yres={height}"]
        if self.touch:
            words += ["-device", "virtio-multitouch-pci,id=panel"]
        if self.stick is not None:
            words += ["-drive", f"if=none,id=stick,format=raw,file={self.stick}"]
            words += ["-device", "virtio-blk-pci,drive=stick,romfile="]
        if self.rtc:
            words += ["-rtc", f"base={self.rtc}"]
        return words


class Pi3(Box):
    """QEMU's Raspberry Pi 3B: the real GPIO registers, no display, no touch panel, no network."""

    def command(
        self, emulator: Emulator, image: Image, disk: Path, run: Path, port: int
    ) -> list[str]:
        tree = run / "board.dtb"
        shutil.copyfile(image.folder / "bcm2837-rpi-3-b.dtb", tree)
        board.dress_3(tree)
        return [
            emulator.program, *emulator.options, "-M", "raspi3b", *NOTHING,
            "-accel", "tcg,tb-size=512", *PACE,
            "-kernel", str(image.kernel), "-initrd", str(image.initrd), "-dtb", str(tree),
            "-append", self.kernel_words,
            "-drive", f"if=sd,format=qcow2,cache=writeback,file={disk}",
            "-serial", f"file:{run / 'serial.log'}",
            "-qmp", f"unix:{run / 'qmp'},server=on,wait=off",
            "-no-reboot",
        ]  # fmt: skip

    @property
    def kernel_words(self) -> str:
        # Its description gives the first UART to Bluetooth: only early messages go there.
        early = "earlycon=pl011,0x3f201000 keep_bootcon"
        return f"{early} root=/dev/mmcblk0 ro {self.words}"


def overlay(base: Path, disk: Path, size: str = "") -> Path:
    """A disk that begins as ``base`` is, and leaves it as it is; of another size if given."""
    kind = "qcow2" if base.suffix == ".qcow2" else "raw"
    disk.unlink(missing_ok=True)
    words = ["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(base.resolve()), "-F", kind]
    tell(*words, disk, *([size] if size else []))
    return disk
