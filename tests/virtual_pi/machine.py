"""A virtual Pi that is switched on, looked at, touched and unplugged."""

from __future__ import annotations

import contextlib
import io
import re
import socket
import subprocess
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PIL import Image as Pictures

from virtual_pi import board, recipe
from virtual_pi.emulator import ROOM_FOR_TOUCH, Box, Emulator
from virtual_pi.host import VirtualPiError
from virtual_pi.qmp import Qmp, QmpError

SLOW = 900.0
"""Seconds of the machine within which whatever is awaited has come."""

VERY_SLOW = 3600.0
"""The same for a command that installs something."""


class Machine:
    """One virtual Pi; use it as a context manager: it is switched off at the end.

    Args:
        emulator: the QEMU.
        image: what it boots.
        disk: its card, a qcow2 overlay; what is written stays in it.
        run: a folder for sockets, logs and pictures.
        box: how it is built.
        user: who comes in over ssh.
    """

    def __init__(
        self,
        emulator: Emulator,
        image: recipe.Image,
        disk: Path,
        run: Path,
        box: Box | None = None,
        user: str = "root",
    ) -> None:
        self.emulator, self.image, self.disk, self.run = emulator, image, disk, run
        self.box, self.user = box or Box(), user
        self._process: subprocess.Popen[bytes] | None = None
        self._qmp: Qmp | None = None
        self._port = 0
        run.mkdir(parents=True, exist_ok=True)

    # Power.

    def on(self) -> None:
        """Switch it on; it then boots."""
        if self._process is not None:
            raise VirtualPiError("it is on already")
        self._port = free_port()
        for name in ("qmp", "ssh"):
            (self.run / name).unlink(missing_ok=True)
        words = self.box.command(self.emulator, self.image, self.disk, self.run, self._port)
        log = (self.run / "qemu.log").open("wb")
        # It ends with whoever has started it, however that ends.
        guard = ["setpriv", "--pdeathsig", "KILL"]
        with log:
            self._process = subprocess.Popen(
                [*guard, *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.emulator.whole_environment,
            )  # fmt: skip
        try:
            self._qmp = Qmp(self.run / "qmp")
        except QmpError as error:
            said = (self.run / "qemu.log").read_text(errors="replace").strip()
            self.cut()
            raise VirtualPiError(f"QEMU does not start: {said}") from error

    def cut(self) -> None:
        """Pull the plug. May be called when it is off."""
        self.pull()
        if self._process is not None:
            self._process.wait()
        self._gone()

    def pull(self) -> None:
        """Pull the plug, on any thread; who uses the machine meanwhile is told that it is off."""
        if self._process is not None:
            self._process.kill()

    def off(self) -> None:
        """Shut it down, as a person would.

        Raises:
            VirtualPiError: it does not end.
        """
        self.ssh("systemctl poweroff", must=False)
        process = self._process
        try:
            if process is not None:
                process.wait(SLOW)
        except subprocess.TimeoutExpired as error:
            self.cut()
            raise VirtualPiError("it does not shut down") from error
        self._gone()

    def _gone(self) -> None:
        if self._qmp is not None:
            self._qmp.close()
        self._process = self._qmp = None

    @property
    def is_on(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def __enter__(self) -> Machine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cut()

    # From outside.

    @property
    def qmp(self) -> Qmp:
        """
        Raises:
            VirtualPiError: it is off.
        """
        if self._qmp is None:
            raise VirtualPiError("it is off")
        return self._qmp

    def picture(self, name: str = "now") -> Pictures.Image:
        """What is on the screen; kept as NAME.png beside the logs."""
        path = self.run / f"{name}.png"
        self.qmp.picture(path)
        with Pictures.open(path) as picture:
            return picture.convert("RGB")

    def lines(self) -> dict[int, bool]:
        """The GPIO lines that are outputs, and whether each is high."""
        return board.outputs(self.qmp)

    def lit(self) -> str:
        """Which lights are on."""
        return board.Pins().lit(self.lines())

    def plug_in_touch(self) -> None:
        """Plug a touch panel into the running machine."""
        self.qmp.ask("device_add", driver="virtio-multitouch-pci", id="late", bus=ROOM_FOR_TOUCH)

    # Inside, over ssh.

    def ssh(self, command: str, must: bool = True, data: bytes = b"") -> str:
        """Run a shell command inside; what it printed, both streams.

        Raises:
            VirtualPiError: it failed, or the machine does not answer.
        """
        try:
            done = subprocess.run(
                [*self.ssh_words(), command], input=data, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, timeout=VERY_SLOW,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise VirtualPiError(f"`{command}` inside does not end") from error
        said = done.stdout.decode(errors="replace")
        if done.returncode != 0 and must:
            raise VirtualPiError(
                f"`{command}` inside ended with {done.returncode}:\n{said[-4000:]}"
            )
        return said.strip()

    def ssh_words(self) -> list[str]:
        """The command that opens a shell inside. One connection serves all: its handshake is slow
        on an emulated processor."""
        options = {
            "BatchMode": "yes", "StrictHostKeyChecking": "no", "UserKnownHostsFile": "/dev/null",
            "ConnectTimeout": "20", "LogLevel": "ERROR", "ControlMaster": "auto",
            "ControlPath": str(self.run / "ssh"), "ControlPersist": "60",
        }  # fmt: skip
        flags = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
        return [
            "setpriv", "--pdeathsig", "KILL",
            "ssh", "-i", str(recipe.key()), "-p", str(self._port), *flags,
            f"{self.user}@127.0.0.1",
        ]  # fmt: skip

    def reachable(self) -> None:
        """Wait until ssh answers.

        Raises:
            VirtualPiError: it does not.
        """
        self.until(lambda: self.ssh("echo here", must=False) == "here", "ssh answers", 1.0)

    def put(self, content: bytes, path: str) -> None:
        """Write a file inside."""
        self.ssh(f"mkdir -p $(dirname {path}); cat >{path}", data=content)

    def fetch(self, path: str) -> bytes:
        """Read a file inside.

        Raises:
            VirtualPiError: it cannot be read.
        """
        done = subprocess.run([*self.ssh_words(), f"cat {path}"], capture_output=True)
        if done.returncode != 0:
            raise VirtualPiError(f"{path} inside: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout

    def take_folder(self, folder: Path, to: str) -> None:
        """Copy what is in a folder of this machine into a new folder inside."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            for path in sorted(folder.iterdir()):
                archive.add(path, path.name)
        self.ssh(f"mkdir -p {to} && tar -x -C {to} --no-same-owner", data=buffer.getvalue())

    # Waiting.

    def until(
        self, came: Callable[[], object], what: str, pause: float = 0.2, limit: float = SLOW
    ) -> float:
        """Wait until something has come; how many seconds that took.

        The limit is one of the machine's time: as long as others keep it from a processor of this
        host, nothing can come.

        Raises:
            VirtualPiError: it does not come, or the machine has gone off meanwhile.
        """
        start, since = time.monotonic(), self._time()
        while not came():
            if not self.is_on:
                raise VirtualPiError(
                    f"the machine went off; awaited: {what}\n{self.serial()[-2000:]}"
                )
            if self._time() - since > limit:
                raise VirtualPiError(f"after {limit:.0f} seconds still awaited: {what}")
            time.sleep(pause)
        return time.monotonic() - start

    def spend(self, seconds: float) -> None:
        """Let so many seconds of the machine's time pass; fewer if it goes off."""
        since = self._time()
        while self.is_on and self._time() - since < seconds:
            time.sleep(0.05)

    def _time(self) -> float:
        """A clock that stands still while others keep the machine from this host's processors."""
        process = self._process
        return time.monotonic() - (0.0 if process is None else held_up(process.pid))

    def serial(self) -> str:
        """What kernel and systemd have said on the serial line since it was switched on."""
        path = self.run / "serial.log"
        return path.read_text(errors="replace") if path.exists() else ""

    # What systemd knows.

    def unit(self, *names: str, unit: str = "inkling") -> dict[str, str]:
        """Properties of a unit."""
        said = self.ssh(f"systemctl show {unit} {' '.join(f'-p {name}' for name in names)}")
        return dict(re.findall(r"^(\w+)=(.*)$", said, flags=re.MULTILINE))

    def active(self, unit: str = "inkling") -> None:
        """Wait until a unit is active.

        Raises:
            VirtualPiError: it is not within some minutes; with its log.
        """
        waiting = f"for i in $(seq 240); do systemctl -q is-active {unit} && exit; sleep 1; done"
        said = self.ssh(f"{waiting}; journalctl -b -u {unit} -o cat | tail -40; exit 1", must=False)
        if self.unit("ActiveState", unit=unit).get("ActiveState") != "active":
            raise VirtualPiError(f"{unit} does not come up:\n{said}")


def held_up(pid: int, proc: Path = Path("/proc")) -> float:
    """Seconds that a process has waited for a processor: of its threads, the one that waited most;
    0 where the kernel does not count them."""
    waited = [0]
    for path in proc.glob(f"{pid}/task/*/schedstat"):
        # A thread may have ended meanwhile.
        with contextlib.suppress(OSError):
            waited.append(int(path.read_text().split()[1]))
    return max(waited) / 1e9


def free_port() -> int:
    """A TCP port of this machine that nobody uses."""
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        port: int = made.getsockname()[1]
        return port
