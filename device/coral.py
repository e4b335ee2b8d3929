"""A process that holds the Edge TPU (Coral), and the pipes to it; what the buses say of one.

Losing its plug ends the process that holds it: so it is a process of its own, ``python -m
device.coral``, which :mod:`device.accelerator` starts, asks, and starts again.

A message is four bytes, its length (little endian), and so many bytes. The process's first one is
JSON, ``{"problem": null, "refused": {}}``: why there is no Edge TPU, and by its number each model
that cannot be used and why. Then each question is a model's number (one byte) and its 784 quantised
pixels, and the answer is the bytes of the model's outputs, one after the other.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import select
import signal
import struct
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from device.errors import ModelError
from device.normalise import SIDE
from device.tflite import Compiled, Network, load_edge_tpu

LIBRARY = "libedgetpu.so.1"
"""What drives an Edge TPU."""

USB_IDS = frozenset({("1a6e", "089a"), ("18d1", "9302")})
"""Vendor and product of the USB model: as it is plugged in, and once it has been used."""

_LENGTH = struct.Struct("<I")

_ended: list[subprocess.Popen[bytes]] = []
"""Processes that were killed and are not gone yet."""


@dataclass(frozen=True)
class Coral:
    """An Edge TPU that is plugged in: ``"USB"`` or ``"PCIe"``, and its device file."""

    kind: str
    node: Path


def corals(root: Path = Path("/")) -> list[Coral]:
    """The Edge TPUs that this machine has, by what the kernel says of its buses."""
    found = []
    for device in sorted((root / "sys/bus/usb/devices").glob("*")):
        try:
            ids = tuple((device / name).read_text().strip() for name in ("idVendor", "idProduct"))
            place = [int((device / name).read_text()) for name in ("busnum", "devnum")]
        except (OSError, ValueError):
            continue
        if ids in USB_IDS:
            node = root / "dev/bus/usb/{:03d}/{:03d}".format(*place)
            found.append(Coral("USB", node))
    return found + [Coral("PCIe", node) for node in sorted((root / "dev").glob("apex_*"))]


class Holder:
    """The process that holds the Edge TPU.

    Args:
        library: drives it.
        models: what it can run, by their numbers.

    Attributes:
        end: ends the process, if it has not ended yet, without waiting for one that the kernel
            holds fast.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(self, library: str, models: Sequence[Compiled]) -> None:
        files = [(str(model.path), model.sha256) for model in models]
        # A fresh interpreter, which finds this package where this process has found it.
        package = str(Path(__file__).resolve().parent.parent)
        paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "device.coral", library, json.dumps(files)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            # ctrl-C is for the kiosk, which then ends this.
            process_group=0,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._questions, self._answers = self._process.stdin, self._process.stdout
        # Also when it is forgotten, and at the end of this process.
        self.end = weakref.finalize(self, _end, self._process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def gone(self) -> bool:
        return self._process.poll() is not None

    def send(self, body: bytes) -> None:
        """Ask; a question fits into the pipe, so that this does not wait.

        Raises:
            EOFError: the process has ended.
            OSError: the pipe is broken.
        """
        try:
            self._questions.write(_LENGTH.pack(len(body)) + body)
        except BrokenPipeError as error:
            raise EOFError(self._how()) from error

    def receive(self, seconds: float) -> bytes:
        """The next answer.

        Raises:
            TimeoutError: it does not come in this time.
            EOFError: the process has ended.
            OSError: the pipe is broken.
        """
        end = time.monotonic() + seconds
        (length,) = _LENGTH.unpack(self._take(_LENGTH.size, end))
        return self._take(length, end)

    def _take(self, size: int, end: float) -> bytes:
        taken = b""
        ready = select.poll()
        ready.register(self._answers, select.POLLIN)
        while len(taken) < size:
            if not ready.poll(max(0.0, end - time.monotonic()) * 1000):
                raise TimeoutError("it does not answer in time")
            part = self._answers.read(size - len(taken))
            if not part:
                raise EOFError(self._how())
            taken += part
        return taken

    def _how(self) -> str:
        try:
            status = self._process.wait(0.1)
        except subprocess.TimeoutExpired:
            return "its process has closed its pipes"
        how = signal.Signals(-status).name if status < 0 else f"status {status}"
        return f"its process has ended ({how})"


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(0.1)
    _ended[:] = [other for other in (*_ended, process) if other.poll() is None]


def _serve(library: str, models: list[tuple[str, str]]) -> None:
    """What the process does: answer until nobody asks any more."""
    # What libraries print is for the log, not for the pipe.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # systemd tells both processes to stop; this one stops when the other has.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    networks: dict[int, Network] = {}
    refused: dict[int, str] = {}
    problem: str | None = None
    try:
        delegate = load_edge_tpu(library)
    except OSError:
        problem = f"its library {library} cannot be loaded: install it (see docs/hardware.md)"
    except ValueError:
        problem = "its library finds no device that this user may open"
    else:
        for number, (path, sha256) in enumerate(models):
            try:
                networks[number] = _opened(Path(path), sha256, delegate)
            except ModelError as error:
                refused[number] = str(error)
    _write(answers, json.dumps({"problem": problem, "refused": refused}).encode())
    for question in _messages(sys.stdin.fileno()):
        network = networks[question[0]]
        pixels = np.frombuffer(question, network.input.dtype, offset=1)
        outputs = network.invoke(pixels.reshape(1, SIDE, SIDE))
        _write(answers, b"".join(output.tobytes() for output in outputs))


def _opened(path: Path, sha256: str, delegate: Any) -> Network:
    """A compiled model, warmed up.

    Raises:
        ModelError: it is missing, changed, or none that the Edge TPU runs.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror})") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ModelError(f"{path}: it is damaged or was changed; reinstall Inkling")
    network = Network(content, delegate=delegate)
    network.run_raw(np.zeros((SIDE, SIDE), np.uint8))
    return network


def _messages(pipe: int) -> Iterator[bytes]:
    """Each message, until the other end is closed."""
    with os.fdopen(pipe, "rb", closefd=False) as file:
        while len(head := file.read(_LENGTH.size)) == _LENGTH.size:
            (length,) = _LENGTH.unpack(head)
            yield file.read(length)


def _write(file: Any, body: bytes) -> None:
    with contextlib.suppress(BrokenPipeError):
        file.write(_LENGTH.pack(len(body)) + body)


if __name__ == "__main__":
    _serve(sys.argv[1], json.loads(sys.argv[2]))
