"""The system that Inkling is installed on: Debian for 64-bit ARM, without anything of Inkling's.

No program of the kernel's package runs (under emulation, making its initial RAM disk alone takes
ten minutes): kernel and modules are unpacked, and a RAM disk of one shell script mounts the root.
The image is written by mke2fs, so that no loop device is needed.
"""

from __future__ import annotations

import gzip
import hashlib
import lzma
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from virtual_pi.debs import MIRROR, Archive
from virtual_pi.host import cache, must_be_root, provide, runs_arm64, step, tell

SIZE = "3G"
"""Of the root file system; the file on the host is as large as what is in it."""

SYSTEM = (
    "systemd-sysv", "udev", "dbus", "kmod", "iproute2", "openssh-server", "procps", "e2fsprogs",
    "ca-certificates",
)  # fmt: skip
"""What every Raspberry Pi has, and how this one is reached."""

NEEDED = (
    "make", "python3-venv", "fonts-dejavu-core",
    "libgl1", "libgl1-mesa-dri", "libegl1", "libgles2", "libgbm1",
)  # fmt: skip
"""What docs/install.md has one install before Inkling."""

FIRST_MODULES = ("virtio_pci", "virtio_blk", "sdhci-iproc", "bcm2835", "ext4")
"""The kernel's modules without which there is no root."""

MODULES = (
    *FIRST_MODULES, "virtio_net", "virtio_input", "virtio-gpu", "virtio-rng", "evdev", "uinput",
    "hid-multitouch", "usbhid", "dwc2", "overlay", "autofs4", "binfmt_misc", "vfat", "nls_ascii",
    "bcm2835_wdt",
)  # fmt: skip

INIT = """\
#!/bin/sh
# Mounts what root= says, as ro or rw says, and goes on there.
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
while read module; do insmod "/lib/modules/$module"; done </lib/modules/order
mode=rw
for word in $(cat /proc/cmdline); do
    case $word in root=*) root=${word#root=} ;; ro | rw) mode=$word ;; esac
done
tries=0
while [ $tries -lt 600 ]; do
    case $root in LABEL=*) device=$(findfs "$root" 2>/dev/null) ;; *) device=$root ;; esac
    [ ! -b "$device" ] || break
    usleep 50000; tries=$((tries + 1))
done
mount -t ext4 -o "$mode" "$device" /root
mount --move /dev /root/dev; mount --move /proc /root/proc; mount --move /sys /root/sys
exec switch_root /root /sbin/init
"""

NETWORK = "[Match]\\nName=en* usb*\\n[Network]\\nDHCP=yes\\n"

APPLETS = ("sh", "mount", "insmod", "switch_root", "usleep", "cat", "findfs")


@dataclass(frozen=True)
class Suite:
    """A Debian release."""

    name: str


BOOKWORM, TRIXIE = Suite("bookworm"), Suite("trixie")
SUITES = {suite.name: suite for suite in (BOOKWORM, TRIXIE)}


@dataclass(frozen=True)
class Image:
    """A system that boots: all three are files on this machine."""

    disk: Path
    kernel: Path
    initrd: Path
    folder: Path


def fingerprint(suite: Suite) -> str:
    """What the image of a suite is made of, as a short name; the image's folder has it."""
    here = Path(__file__)
    text = "\n".join(path.read_text() for path in (here, here.with_name("debs.py")))
    return hashlib.sha256(f"{suite} {text}".encode()).hexdigest()[:12]


def key() -> Path:
    """The ssh key that opens every virtual Pi."""
    path = cache() / "key"
    if not path.exists():
        tell("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "virtual-pi", "-f", path)
    return path


def image(suite: Suite = BOOKWORM) -> Image:
    """The image of a suite, from the cache or made now.

    Raises:
        VirtualPiError: it cannot be made.
    """
    folder = cache() / f"{suite.name}-{fingerprint(suite)}"
    made = Image(folder / "root.img", folder / "vmlinuz", folder / "initrd", folder)
    if made.disk.exists():
        print(f"          the image of {suite.name} is in {folder}")
        return made
    must_be_root(f"the image of {suite.name}, which is not yet made,")
    provide()
    with scratch(folder) as fresh:
        version = kernel(suite, fresh / "kernel")
        with step(f"Debian {suite.name} for arm64 by mmdebstrap"):
            root_tree(suite, fresh / "root")
        with step("modules, initial RAM disk and image"):
            pack(fresh, version)
    return made


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A folder to make something in; only what is whole gets its name, and the rest is removed."""
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    fresh.chmod(0o755)
    try:
        yield fresh
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def kernel(suite: Suite, into: Path) -> str:
    """Unpack kernel and busybox; the kernel's version."""
    with step(f"kernel of {suite.name}"):
        archive = Archive(suite.name, "arm64")
        archive.update()
        package = archive.kernel()
        archive.unpack(package, "busybox-static", into=into)
        version = package.removeprefix("linux-image-")
        tree = _modules_of(into, version)
        tell("depmod", "-b", tree, version)
    return version


def _modules_of(tree: Path, version: str) -> Path:
    """Where /lib/modules is: since trixie below /usr. depmod and modprobe look for it in /lib."""
    if not (tree / "lib/modules" / version).exists():
        (tree / "lib").symlink_to("usr/lib")
    return tree


def root_tree(
    suite: Suite, root: Path, extra: Iterable[str] = (), more_hooks: Iterable[str] = ()
) -> None:
    """Debian's packages, installed and set up for this machine, in a folder.

    Args:
        extra: more packages.
        more_hooks: shell commands at the end; the folder is their ``$1``.
    """
    hooks = (
        'echo "root:root" | chroot "$1" chpasswd',
        'echo virtual-pi >"$1/etc/hostname"',
        'printf "LABEL=root / ext4 defaults 0 1\\n" >"$1/etc/fstab"',
        f"printf '{NETWORK}' >\"$1/etc/systemd/network/10.network\"",
        # No terminal for a person is awaited in a box.
        'chroot "$1" systemctl enable systemd-networkd serial-getty@ttyAMA0.service',
        'chroot "$1" systemctl mask systemd-networkd-wait-online.service',
        'install -d -m 700 "$1/root/.ssh"',
        f'install -m 600 "{key()}.pub" "$1/root/.ssh/authorized_keys"',
        # pam asks for it.
        'touch "$1/etc/default/locale"',
        # The journal outlives the power: it says what happened before.
        'mkdir -p "$1/var/log/journal"',
    )
    without = ("doc", "man", "locale", "info")
    with runs_arm64():
        tell(
            # Its mounts are nobody else's, and gone with it, however it ends.
            "unshare", "--mount", "--propagation", "private", "--",
            "mmdebstrap", "--mode=root", "--variant=minbase", "--architectures=arm64",
            "--components=main", '--aptopt=Apt::Install-Recommends "false"',
            "--dpkgopt=force-unsafe-io",
            *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in without),
            f"--include={','.join((*SYSTEM, *NEEDED, *extra))}",
            *(f"--customize-hook={hook}" for hook in (*hooks, *more_hooks)),
            suite.name, root, MIRROR,
            environment={"TMPDIR": str(root.parent)},
        )  # fmt: skip


def pack(folder: Path, version: str) -> None:
    """In ``folder``, ``kernel`` and ``root`` become ``vmlinuz``, ``initrd`` and ``root.img``."""
    kernel, root = folder / "kernel", folder / "root"
    copy_modules(kernel, version, root)
    (folder / "initrd").write_bytes(initrd(kernel, version, FIRST_MODULES))
    shutil.copyfile(kernel / f"boot/vmlinuz-{version}", folder / "vmlinuz")
    for name in ("bcm2837-rpi-3-b.dtb", "bcm2711-rpi-4-b.dtb"):
        found = next(kernel.glob(f"usr/lib/linux-image-*/broadcom/{name}"))
        shutil.copyfile(found, folder / name)
    partial = folder / "root.img.part"
    with partial.open("wb") as file:
        file.truncate(_bytes(SIZE))
    tell("mke2fs", "-q", "-t", "ext4", "-F", "-L", "root", "-d", root, partial)
    partial.rename(folder / "root.img")
    for tree in (kernel, root):
        shutil.rmtree(tree)


def modules(tree: Path, version: str, names: Iterable[str]) -> list[Path]:
    """Files of these modules and of all they need, in the order in which they are loaded; what the
    kernel has built in has none."""
    files: dict[Path, None] = {}
    for name in names:
        said = tell("modprobe", "-d", tree, "-S", version, "--show-depends", name)
        found = re.findall(r"^insmod (\S+)", said, flags=re.MULTILINE)
        files.update(dict.fromkeys(map(Path, found)))
    return list(files)


def copy_modules(tree: Path, version: str, root: Path, names: Iterable[str] = MODULES) -> None:
    """Put the modules that a Pi in a box needs into a root."""
    home = Path("lib/modules") / version
    (root / home).mkdir(parents=True)
    for path in (tree / home).glob("modules.*"):
        if path.name.startswith(("modules.builtin", "modules.order")):
            shutil.copyfile(path, root / home / path.name)
    for path in modules(tree, version, names):
        to = root / home / path.relative_to(tree / home)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, to)
    tell("depmod", "-b", root, version)


def initrd(tree: Path, version: str, names: Iterable[str]) -> bytes:
    """The RAM disk that mounts the root."""
    with tempfile.TemporaryDirectory() as name:
        folder, archive = Path(name) / "tree", Path(name) / "archive"
        for part in ("bin", "proc", "sys", "dev", "root", "lib/modules"):
            (folder / part).mkdir(parents=True)
        shutil.copy(next(tree.glob("**/bin/busybox")), folder / "bin/busybox")
        for applet in APPLETS:
            (folder / "bin" / applet).symlink_to("busybox")
        order = [
            _plain_copy(path, folder / "lib/modules") for path in modules(tree, version, names)
        ]
        (folder / "lib/modules/order").write_text("".join(f"{line}\n" for line in order))
        (folder / "init").write_text(INIT)
        (folder / "init").chmod(0o755)
        inside = sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
        options = ("-o", "-H", "newc", "--quiet", "-R", "0:0", "-O", archive)
        tell("cpio", *options, cwd=folder, data="".join(f"{line}\n" for line in inside).encode())
        return gzip.compress(archive.read_bytes(), 1)


def _plain_copy(module: Path, folder: Path) -> str:
    """Copy a module as the kernel reads it; its name."""
    if module.suffix != ".xz":
        shutil.copyfile(module, folder / module.name)
        return module.name
    (folder / module.stem).write_bytes(lzma.decompress(module.read_bytes()))
    return module.stem


def _bytes(size: str) -> int:
    """``"3G"`` in bytes."""
    return int(size[:-1]) * {"M": 1 << 20, "G": 1 << 30}[size[-1]]
