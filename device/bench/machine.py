"""What the numbers were measured on."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

import numpy as np

from device import __version__
from device.errors import ModelError
from device.tflite import PACKAGES, THREADS, runtime

_GOVERNOR = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")


def machine(governor: Path = _GOVERNOR) -> dict[str, str]:
    """The machine, its system and the libraries that the time goes by, each in words."""
    return {
        "inkling": f"Inkling {__version__}",
        "machine": _model(),
        "cores": f"{len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else 1} cores",
        "governor": f"governor {_first_line(governor) or 'unknown'}",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": f"Python {platform.python_version()}",
        "numpy": f"numpy {np.__version__}",
        "pygame": f"pygame-ce {metadata.version('pygame-ce')}",
        "runtime": _runtime(),
    }


def _model() -> str:
    """A board's own name, else the processor's."""
    board = _first_line(Path("/proc/device-tree/model"))
    if board:
        return board
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    named = [
        line.partition(":")[2].strip()
        for line in text.splitlines()
        if line.startswith("model name")
    ]
    return next(iter(named), platform.processor() or platform.machine())


def _runtime() -> str:
    try:
        name, _ = runtime()
    except ModelError:
        return "no TFLite runtime"
    return f"{name} {metadata.version(PACKAGES[name])}, threads: {THREADS}"


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip("\0\n ")
    except OSError:
        return ""
