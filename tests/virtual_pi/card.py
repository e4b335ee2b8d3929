"""A card for a Raspberry Pi 3 or 4: the same recipe, Debian's own kernel and the Pi's firmware.

Three partitions: what the firmware reads (FAT), the system (ext4, mounted read-only) and the data
(ext4, the only thing that is written). They are made as files and put side by side, without a loop
device.
"""

from __future__ import annotations

import secrets
import shutil
from dataclasses import replace
from pathlib import Path

from firmware_tools import package
from virtual_pi import host, recipe
from virtual_pi.debs import Archive
from virtual_pi.host import must_be_root, provide, step, tell
from virtual_pi.recipe import Image, Suite

MIB = 1 << 20
FIRST = 4 * MIB
FIRMWARE, SYSTEM, DATA = 192 * MIB, 3072 * MIB, 256 * MIB
"""Bytes of the partitions."""

ROOT_DEVICE = "LABEL=inkling-root"
KEEPER = "keeper"
"""Who may log in, over ssh or on the serial line, and use sudo."""

EXTRA = ("sudo", "systemd-timesyncd")

MODULES = (
    *recipe.MODULES, "vc4", "v3d", "raspberrypi-cpufreq", "bcm2835_thermal",
    "hid-generic", "hid-multitouch", "edt-ft5x06", "goodix_ts", "gpio-raspberrypi-exp",
    "pwm-bcm2835", "i2c-bcm2835", "spi-bcm2835", "bcm2711_thermal", "genet", "lan78xx", "smsc95xx",
    "pcie-brcmstb", "reset-raspberrypi", "xhci-pci", "panel-raspberrypi-touchscreen",
    "rpi-panel-attiny-regulator", "raspberrypi-power", "clk-raspberrypi", "nls_cp437",
)  # fmt: skip
"""What a Raspberry Pi 3 or 4 with a screen needs; what is built into Debian's kernel has no
have one name for, is not copied."""

CONFIG = """\
# Read by the firmware: start Debian's kernel, with Debian's description of the board.
arm_64bit=1
enable_uart=1
upstream_kernel=1
kernel=vmlinuz
initramfs initrd followkernel
"""

CMDLINE = f"console=ttyS1,115200 console=tty1 root={ROOT_DEVICE} ro quiet fsck.repair=yes\n"

FSTAB = f"""\
# The system is read-only; `sudo mount -o remount,rw /` until the next start, to change something.
{ROOT_DEVICE} / ext4 ro,noatime 0 1
LABEL=FIRMWARE /boot/firmware vfat ro,noatime,nofail 0 2
LABEL=inkling-data /var/lib/inkling ext4 noatime,nofail,x-systemd.device-timeout=10 0 2
tmpfs /tmp tmpfs mode=1777,nosuid,nodev 0 0
tmpfs /var/tmp tmpfs mode=1777,nosuid,nodev 0 0
tmpfs /var/log tmpfs mode=755,nosuid,nodev 0 0
tmpfs /var/lib/systemd tmpfs mode=755,nosuid,nodev 0 0
"""


def make(suite: Suite, source: Path, out: Path, key: Path | None = None) -> Path:
    """Make the card's image; its path. What the keeper's password is, is printed.

    Args:
        source: the sources of the Inkling that is on it.
        out: the folder that it goes to.
        key: a public ssh key that lets the keeper in.

    Raises:
        VirtualPiError, InklingError: it cannot be made.
    """
    must_be_root("a card's image")
    host.PACKAGES.update(sfdisk="fdisk", mcopy="mtools", **{"mkfs.vfat": "dosfstools"})
    provide()
    out.mkdir(parents=True, exist_ok=True)
    final = out.resolve() / f"inkling-{suite.name}-arm64.img"
    with recipe.scratch(out.resolve() / f".{final.stem}") as fresh:
        version = recipe.kernel(suite, fresh / "kernel")
        with step("the Pi's firmware"):
            firmware = Archive(suite.name, "arm64", "non-free-firmware")
            firmware.update()
            firmware.unpack("raspi-firmware", into=fresh / "firmware")
        with step("Inkling's package"):
            deb = package.build(source, fresh / "deb", suite.name, "arm64")
        password = secrets.token_hex(5)
        with step(f"Debian {suite.name} with Inkling, by mmdebstrap"):
            recipe.root_tree(suite, fresh / "root", EXTRA, hooks(deb, password, key))
        with step("partitions"):
            shutil.move(_card(fresh, version), final)
        shutil.rmtree(fresh)
        fresh.mkdir()
    (final.parent / f".{final.stem}").rmdir()
    print(f"login: {KEEPER}, password: {password}")
    return final


def hooks(deb: Path, password: str, key: Path | None) -> list[str]:
    """What mmdebstrap does at the end, with Inkling's package as a person would install it."""
    home = f'"$1/home/{KEEPER}/.ssh"'
    made = [
        f'cp {deb} "$1/root/inkling.deb"',
        'chroot "$1" dpkg -i /root/inkling.deb',
        'rm "$1/root/inkling.deb"',
        f'chroot "$1" useradd -m -s /bin/bash -G sudo,inkling {KEEPER}',
        f'echo "{KEEPER}:{password}" | chroot "$1" chpasswd',
        'chroot "$1" passwd -q -l root',
        'rm -r "$1/root/.ssh" "$1/var/log/journal"',
        'echo inkling >"$1/etc/hostname"',
        'echo "127.0.1.1 inkling" >>"$1/etc/hosts"',
        # What is mounted here: a read-only system makes no folders.
        'mkdir -p "$1/boot/firmware" "$1/var/lib/inkling"',
        f"cat >\"$1/etc/fstab\" <<'END'\n{FSTAB}END",
        'chroot "$1" systemctl mask apt-daily.timer apt-daily-upgrade.timer',
        # A machine of its own from the first start on.
        'echo uninitialized >"$1/etc/machine-id"',
        'chroot "$1" systemctl enable serial-getty@ttyS1.service',
    ]
    if key is not None:
        made += [
            f"install -d -m 700 {home}",
            f'install -m 600 {key.resolve()} "$1/home/{KEEPER}/.ssh/authorized_keys"',
            f'chroot "$1" chown -R {KEEPER}: /home/{KEEPER}/.ssh',
        ]
    return made


def _card(folder: Path, version: str) -> Path:
    """The three partitions in one file."""
    kernel, root = folder / "kernel", folder / "root"
    recipe.copy_modules(kernel, version, root, MODULES)
    image = folder / "card.img"
    with image.open("wb") as file:
        file.truncate(FIRST + FIRMWARE + SYSTEM + DATA)
    parts = (("c", FIRMWARE), ("83", SYSTEM), ("83", DATA))
    script = f"label: dos\nstart={FIRST // 512}, "
    script += "\n".join(f"size={size // 512}, type={kind}" for kind, size in parts)
    tell("sfdisk", "-q", image, data=script.encode())
    start = FIRST
    for made, size in (
        (_firmware(folder, version), FIRMWARE),
        (_filesystem(folder / "system.img", SYSTEM, "inkling-root", root), SYSTEM),
        (_data(folder, root), DATA),
    ):
        tell(
            "dd", f"if={made}", f"of={image}", "bs=1M", f"seek={start // MIB}",
            "conv=notrunc,sparse", "status=none",
        )  # fmt: skip
        made.unlink()
        start += size
    return image


def _firmware(folder: Path, version: str) -> Path:
    """What the Pi's own firmware looks for."""
    kernel, image = folder / "kernel", folder / "firmware.img"
    files = folder / "boot"
    files.mkdir()
    for path in (folder / "firmware/usr/lib/raspi-firmware").iterdir():
        shutil.copyfile(path, files / path.name)
    for path in kernel.glob("usr/lib/linux-image-*/broadcom/bcm27*.dtb"):
        shutil.copyfile(path, files / path.name)
    shutil.copyfile(kernel / f"boot/vmlinuz-{version}", files / "vmlinuz")
    (files / "initrd").write_bytes(recipe.initrd(kernel, version, recipe.FIRST_MODULES))
    (files / "config.txt").write_text(CONFIG)
    (files / "cmdline.txt").write_text(CMDLINE)
    with image.open("wb") as file:
        file.truncate(FIRMWARE)
    tell("mkfs.vfat", "-n", "FIRMWARE", image)
    tell("mcopy", "-i", image, *sorted(files.iterdir()), "::")
    return image


def _data(folder: Path, root: Path) -> Path:
    """An empty partition that belongs to Inkling's user."""
    accounts = (root / "etc/passwd").read_text().splitlines()
    fields = next(line.split(":") for line in accounts if line.startswith("inkling:"))
    empty = folder / "empty"
    empty.mkdir()
    owner = ("-E", f"root_owner={fields[2]}:{fields[3]}")
    return _filesystem(folder / "data.img", DATA, "inkling-data", empty, owner)


def _filesystem(
    image: Path, size: int, label: str, tree: Path, options: tuple[str, ...] = ()
) -> Path:
    with image.open("wb") as file:
        file.truncate(size)
    tell("mke2fs", "-q", "-t", "ext4", "-F", "-L", label, *options, "-d", tree, image)
    return image


def boots(card: Path, image: Image, folder: Path) -> Image:
    """What of a card QEMU needs in files of their own, since it has no Pi's firmware."""
    for name in ("vmlinuz", "initrd"):
        tell("mcopy", "-n", "-o", "-i", f"{card}@@{FIRST}", f"::{name}", folder / name)
    return replace(image, disk=card, kernel=folder / "vmlinuz", initrd=folder / "initrd")
