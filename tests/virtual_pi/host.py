"""The machine that emulates: what it must have, and what is taken back at the end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

BINFMT = Path("/proc/sys/fs/binfmt_misc")
ARM64 = "qemu-aarch64"
"""The name under which the kernel knows who runs programs for 64-bit ARM."""

PACKAGES = {
    "qemu-system-aarch64": "qemu-system-arm",
    "qemu-img": "qemu-utils",
    "qemu-aarch64-static": "qemu-user-static",
    "mmdebstrap": "mmdebstrap",
    "arch-test": "arch-test",
    "modprobe": "kmod",
    "depmod": "kmod",
    "cpio": "cpio",
    "fdtput": "device-tree-compiler",
    "dtc": "device-tree-compiler",
    "mke2fs": "e2fsprogs",
    "ssh": "openssh-client",
    "setpriv": "util-linux",
    "unshare": "util-linux",
}
"""Programs, and the Debian package that has each."""

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class VirtualPiError(Exception):
    """Something about the virtual Pi does not work; the text says what, for a person."""


def cache() -> Path:
    """The folder in which everything lies that can be made again."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "inkling-virtual-pi"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    print(f"        … {what}", file=sys.stderr, flush=True)
    start = time.monotonic()
    yield
    print(f"{time.monotonic() - start:7.1f} s {what}", file=sys.stderr, flush=True)


def tell(
    *command: str | Path,
    cwd: Path | None = None,
    environment: dict[str, str] | None = None,
    data: bytes = b"",
) -> str:
    """Run a command; what it printed.

    Raises:
        VirtualPiError: it is not there or it failed; with the end of what it said.
    """
    words = [str(word) for word in command]
    search = {"PATH": f"{os.environ.get('PATH', '')}:{PATH}"}
    try:
        done = subprocess.run(
            words,
            cwd=cwd,
            env=os.environ | search | (environment or {}),
            input=data,
            capture_output=True,
        )
    except OSError as error:
        raise VirtualPiError(f"{words[0]}: {error.strerror}") from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise VirtualPiError(f"`{' '.join(words)[:200]}` failed:\n{said[-3000:]}")
    return done.stdout.decode(errors="replace")


def missing(programs: Sequence[str] | None = None) -> list[str]:
    """The Debian packages without which some of these programs, or of all in PACKAGES, are not
    there."""
    search = f"{os.environ.get('PATH', '')}:{PATH}"
    return sorted(
        {PACKAGES[name] for name in programs or PACKAGES if shutil.which(name, path=search) is None}
    )


def provide() -> None:
    """Install what is missing, or name it.

    Raises:
        VirtualPiError: it is missing, and cannot be installed from here.
    """
    wanted = missing()
    if not wanted:
        return
    words = f"sudo apt-get install --no-install-recommends {' '.join(wanted)}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise VirtualPiError(f"the virtual Pi needs some packages: {words}")
    with step(words.removeprefix("sudo ")):
        tell("apt-get", "update", "-qq")
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        options = ("-y", "-qq", "--no-install-recommends")
        tell("apt-get", "install", *options, *wanted, environment=quiet)


@contextmanager
def runs_arm64(binfmt: Path = BINFMT) -> Iterator[None]:
    """The kernel runs programs for 64-bit ARM meanwhile, and afterwards as it did before.

    Raises:
        VirtualPiError: it cannot be taught; this needs root.
    """
    mounted = os.path.ismount(binfmt)
    if not mounted:
        tell("mount", "-t", "binfmt_misc", "binfmt_misc", binfmt)
    entry = binfmt / ARM64
    known = entry.exists()
    try:
        if not known:
            line = Path(f"/usr/lib/binfmt.d/{ARM64}.conf").read_bytes()
            try:
                (binfmt / "register").write_bytes(line)
            except OSError as error:
                raise VirtualPiError(f"{binfmt}: {error.strerror}: run this as root") from error
        yield
    finally:
        if not known and entry.exists():
            entry.write_text("-1")
        if not mounted:
            tell("umount", binfmt)


@contextmanager
def orderly_end() -> Iterator[None]:
    """SIGTERM and SIGHUP unwind everything, as Ctrl-C does; pytest knows no other way."""

    def leave(_: int, __: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def must_be_root(why: str) -> None:
    """
    Raises:
        VirtualPiError: this is not root.
    """
    if os.geteuid() != 0:
        raise VirtualPiError(f"{why} needs root: sudo make virtual-pi")
