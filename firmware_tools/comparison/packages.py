"""The public packages of the others, in a cache of the comparison's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from firmware_tools.comparison.processes import ComparisonError
from firmware_tools.progress import say

TFJS = ("@tensorflow/tfjs@4.22.0", "@tensorflow/tfjs-backend-wasm@4.22.0")
SCRIPTS = (
    "tf.min.js",
    "tf-backend-wasm.min.js",
    "tfjs-backend-wasm.wasm",
    "tfjs-backend-wasm-simd.wasm",
    "tfjs-backend-wasm-threaded-simd.wasm",
)
"""What a page needs of them."""

QT = ("PySide6-Essentials==6.12.0",)
KIVY = ("Kivy==2.3.1",)
SERVER = ("Flask==3.1.3", "pillow==13.0.0", "tensorflow-cpu==2.15.1")


def cache() -> Path:
    """The folder, made if it is not there."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(home) / "inkling" / "comparison"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def environment(name: str, requirements: Sequence[str]) -> Path:
    """The Python of an environment that has the requirements.

    Raises:
        ComparisonError: they cannot be installed.
    """
    folder = cache() / f"{name}-{sys.version_info[0]}.{sys.version_info[1]}"
    python, done = folder / "bin" / "python", folder / "requirements.txt"
    wanted = "\n".join(requirements)
    if not done.exists() or done.read_text(encoding="utf-8") != wanted:
        say(f"installing {', '.join(requirements)} ...")
        shutil.rmtree(folder, ignore_errors=True)
        run([sys.executable, "-m", "venv", str(folder)], cache())
        run([str(python), "-m", "pip", "install", "--quiet", *requirements], cache())
        done.write_text(wanted, encoding="utf-8")
    return python


def scripts() -> Path:
    """The folder with TensorFlow.js.

    Raises:
        ComparisonError: there is no npm, or it cannot fetch the packages.
    """
    folder = cache() / "tfjs"
    if not all((folder / name).exists() for name in SCRIPTS):
        folder.mkdir(exist_ok=True)
        say(f"fetching {', '.join(TFJS)} ...")
        run(["npm", "pack", "--silent", *TFJS], folder)
        for archive in folder.glob("*.tgz"):
            with tarfile.open(archive) as packed:
                for name in SCRIPTS:
                    _unpack(packed, f"package/dist/{name}", folder / name)
            archive.unlink()
    return folder


def chromium() -> str:
    """The browser's program.

    Raises:
        ComparisonError: there is none.
    """
    for name in ("chromium", "chromium-browser"):
        found = shutil.which(name)
        if found is not None:
            return found
    raise ComparisonError("Chromium is not installed: apt install chromium")


def version(command: Sequence[str]) -> str:
    """What a program says of itself in its first line; empty when it says nothing."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return next(iter(done.stdout.splitlines()), "").strip()


def _unpack(packed: tarfile.TarFile, name: str, path: Path) -> None:
    if name in packed.getnames():
        content = packed.extractfile(name)
        if content is not None:
            path.write_bytes(content.read())


def run(command: Sequence[str], folder: Path, more: Mapping[str, str] | None = None) -> None:
    """Run a program in a folder, with ``more`` in its environment.

    Raises:
        ComparisonError: it is not there, or it fails; with its last line.
    """
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **(more or {})},
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise ComparisonError(f"{command[0]} is not installed ({error.strerror})") from error
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise ComparisonError(f"{' '.join(command)}: {lines[-1] if lines else 'failed'}")
