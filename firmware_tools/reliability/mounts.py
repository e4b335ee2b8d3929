"""Disks that are full or may not be written: in a mount namespace of its own.

``python -m firmware_tools.reliability.mounts`` prints its findings as JSON; it needs root, and a
namespace that is not the system's (``unshare --mount``): :func:`disks` sees to that.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import firmware_tools
from device.samples import FILE
from firmware_tools.reliability.findings import Finding
from firmware_tools.reliability.kills import VISITORS
from firmware_tools.reliability.processes import BrokenPromise, Kept, Place, Running, place

ROOM = 256
"""Kilobytes that the small disk has."""

KERNEL = ("/proc", "/sys", "/dev")
"""Mounts that hold no files of anybody."""


def disks(seed: int, times: int) -> Iterator[Finding]:
    """Full and read-only disks, each so often.

    Raises:
        BrokenPromise: see the text.
    """
    if not possible():
        yield Finding("a full disk, a read-only root: not tried, it needs root", 0, "–")
        return
    words = ["unshare", "--mount", "--propagation", "private", sys.executable, "-m", __name__]
    root = str(Path(firmware_tools.__file__).parent.parent)
    done = subprocess.run(
        [*words, str(seed), str(times)],
        env=os.environ | {"PYTHONPATH": root},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            yield Finding(**json.loads(line))
    if done.returncode != 0:
        raise BrokenPromise(f"the trials of the disk ended with {done.returncode}")


def possible() -> bool:
    """Whether this user may mount something in a namespace of its own."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    words = ["unshare", "--mount", "--propagation", "private", "mount", "-t", "tmpfs", "t", "/mnt"]
    return subprocess.run(words, check=False, stderr=subprocess.DEVNULL).returncode == 0


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


def _full(seed: int, times: int) -> Finding:
    """A disk that fills up while drawings are kept, and has room again."""
    kept, failures = Kept(), 0
    with place() as here:
        _mount("-t", "tmpfs", "-o", f"size={ROOM}k", "inkling", str(here.state))
        for turn in range(times):
            filler = here.state / "filler"
            with here.start("run", "collector", seed + turn) as running:
                running.wait_ready()
                _fill(filler)
                _fails_to_write(running)
                seen = len(running.told("done"))
                filler.unlink()
                _writes_again(running, seen)
                failures += len(running.told("failed"))
                if running.end() != 0:
                    raise BrokenPromise(f"it does not end well: {here.log}")
            kept = here.kept(kept)
            if here.strays() or "Traceback" in here.log:
                raise BrokenPromise(f"{here.strays()} {here.log}")
            (here.state / FILE).unlink()
            kept = Kept(settings=kept.settings)
        subprocess.run(["umount", str(here.state)], check=True)
    return Finding(
        f"a disk of {ROOM} kB that fills up, and has room again, while drawings are kept",
        times,
        f"the kiosk went on each time; writes that failed with a notice {failures:,}, acknowledged "
        "ones lost 0; kept again once there was room",
    )


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1024))
        except OSError:
            return


def _fails_to_write(running: Running) -> None:
    running.wait(lambda: bool(running.told("failed")), "a failure to write")


def _writes_again(running: Running, seen: int) -> None:
    running.wait(lambda: len(running.told("done")) > seen, "another write")


def _read_only_state(seed: int, times: int) -> Finding:
    """A state folder that may not be written at the start, and later may."""
    kept = Kept()
    with place() as here:
        _mount("-t", "tmpfs", "inkling", str(here.state))
        for turn in range(times):
            _mount("-o", "remount,ro", str(here.state))
            with here.start("run", "collector", seed + turn) as running:
                running.wait_ready()
                _fails_to_write(running)
                if running.told("done"):
                    raise BrokenPromise("something was kept on a disk that may not be written")
                _mount("-o", "remount,rw", str(here.state))
                _writes_again(running, 0)
                running.end()
            kept = here.kept(kept)
            if "Traceback" in here.log:
                raise BrokenPromise(here.log)
        subprocess.run(["umount", str(here.state)], check=True)
    return Finding(
        "a state folder that may not be written at the start, and later may",
        times,
        "ready each time, with a notice for what could not be kept; kept once it could",
    )


def _read_only_root(seed: int, times: int) -> Finding:
    """Everything is read-only but one folder, which has the state."""
    kept = Kept()
    with place() as outer:
        _mount("-t", "tmpfs", "inkling", str(outer.folder))
        here = Place(outer.folder)
        try:
            _rest_is("ro", here.folder)
            for turn in range(times):
                for command, visitor in VISITORS.items():
                    with here.start(command, visitor, seed + turn) as running:
                        running.wait_ready()
                        if command == "run":
                            _writes_again(running, 20)
                        if running.end() != 0 or "Traceback" in here.log or "WARNING" in here.log:
                            raise BrokenPromise(here.log)
                    kept = here.kept(kept)
        finally:
            _rest_is("rw", here.folder)
            subprocess.run(["umount", str(here.folder)], check=True)
    return Finding(
        "everything read-only but one folder: `inkling run` and `headless`",
        2 * times,
        f"ready each time, no warning; drawings kept {kept.last:,}, lost 0",
    )


def _rest_is(how: str, folder: Path) -> None:
    """Make everything but a folder read-only (``"ro"``), or writable again (``"rw"``).

    Raises:
        BrokenPromise: it cannot be done.
    """
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    for mount in {line.split()[4] for line in lines} - {str(folder)}:
        if not mount.startswith(KERNEL):
            words = ["mount", "-o", f"remount,bind,{how}", mount]
            subprocess.run(words, check=False, stderr=subprocess.DEVNULL)
    open_ = [name for name in ("/", "/tmp", "/var/tmp", str(Path.home())) if _takes(Path(name))]
    if not _takes(folder) or (how == "ro" and open_):
        raise BrokenPromise(f"these could not be made read-only: {open_}")


def _takes(folder: Path) -> bool:
    """Whether a file can be made there."""
    path = folder / ".inkling-trial"
    try:
        path.touch()
    except OSError:
        return False
    path.unlink()
    return True


def main() -> None:
    """Run the trials and print what came of them, one a line."""
    seed, times = map(int, sys.argv[1:])
    for trial in (_full, _read_only_state, _read_only_root):
        print(json.dumps(asdict(trial(seed, times))), flush=True)


if __name__ == "__main__":
    main()
