"""The Pi's own numbers for the models: the same model inputs on x86-64 and on emulated aarch64,
under both runtimes, and how far the answers are apart.

Kernels for int8 are written for each processor, and may differ in the last step. What counts is the
decision: which digit, and whether it is one (at a threshold of one half, as it ships).
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.library import Library
from device.normalise import PIPELINES
from firmware_tools import data
from firmware_tools.inputs import from_images, from_inks
from firmware_tools.package import DEBIANS
from firmware_tools.wheels import Target, collect
from virtual_pi import product
from virtual_pi.host import cache, step, tell
from virtual_pi.machine import Machine
from virtual_pi.recipe import BOOKWORM

RUNTIMES = {"tflite-runtime": "tflite-runtime", "LiteRT": "ai-edge-litert"}
"""Their names, and the distributions that they come in."""

PROCESSORS = {"x86-64": "x86_64", "aarch64": "aarch64"}
SETS = ("pendigits", "hwd1000", "unipen-lower")
"""Drawn digits with a pen, by hand on a screen, and what is no digit."""

MOST = 500
"""Drawings of each set: the first ones of its validation part."""

COMMAND = "make virtual-pi-all ARGS='-k decisions'"

INTRODUCTION = f"""\
# The models on a Raspberry Pi's processor

A runtime has int8 kernels of its own for every processor, and they may differ in a last step. So
each model was given the same model inputs on x86-64 and on an emulated 64-bit ARM (Cortex-A72), by
the same runtime with one thread, and the answers were compared, step by step.

Drawings: the first {MOST} of the validation parts of Pen digits and of Small letters, and the first
{MOST} of HWD 1000. *Other decisions*: another digit has the highest answer, or the gate is on the
other side of one half. *Ties*: of these, where both answers are equally good on one of the sides.
*Apart*: how many of the 256 steps of an answer, at most. *Same*: percent of drawings with exactly
the same answers.

| model | output | runtime | drawings | other decisions | ties | apart | same |
| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |"""

Steps = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Difference:
    """One output of one model, there against here.

    Attributes:
        count: how many model inputs.
        unlike: how many decisions differ.
        ties: of those, how many are between answers that are equally good on one of the sides.
        apart: steps between two answers at most.
        same: share of model inputs with exactly the same answers.
    """

    count: int
    unlike: int
    ties: int
    apart: int
    same: float


def compare(there: Steps, here: Steps) -> Difference:
    """Answers of the same model to the same inputs, int8 (n, classes)."""
    apart = np.abs(there.astype(np.int32) - here.astype(np.int32))
    first, second = there.argmax(axis=1), here.argmax(axis=1)
    rows = np.arange(len(there))
    unlike = first != second
    tie = (there[rows, second] == there.max(axis=1)) | (here[rows, first] == here.max(axis=1))
    return Difference(
        len(there), int(unlike.sum()), int((unlike & tie).sum()), int(apart.max(initial=0)),
        float((apart.max(axis=1, initial=0) == 0).mean()),
    )  # fmt: skip


def model_inputs(folder: Path, most: int = MOST) -> dict[str, NDArray[np.uint8]]:
    """Model inputs for every pipeline, uint8 (n, 28, 28), from the data sets in ``folder``.

    Raises:
        DataError: a set is missing.
    """
    found = {}
    for pipeline in PIPELINES:
        parts = []
        for name in SETS:
            if name in data.IMAGE_SETS:
                parts.append(from_images(data.load_images(folder, name).images[:most], pipeline))
            else:
                rows = [row for row in data.load_inks(folder, name) if row.split == "validation"]
                parts.append(from_inks([row.ink for row in rows[:most]], pipeline))
        found[pipeline] = np.concatenate(parts)
    return found


def runtime_folder(runtime: str, processor: str) -> Path:
    """A folder with a runtime and its numpy, unpacked, for Python 3.11."""
    debian = DEBIANS[BOOKWORM.name]
    folder = cache() / f"{RUNTIMES[runtime]}-{processor}"
    if not folder.exists():
        with step(f"{runtime} for {processor}"), tempfile.TemporaryDirectory(dir=cache()) as name:
            here = Path(name)
            limits = (product.ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
            target = Target(debian.python, PROCESSORS[processor], debian.glibc)
            wanted = [RUNTIMES[runtime], "numpy"]
            collect(target, wanted, limits, here / "wheels")
            unpacked = here / "unpacked"
            unpacked.mkdir()
            for wheel in sorted((here / "wheels").glob("*.whl")):
                tell(sys.executable, "-m", "zipfile", "-e", wheel, unpacked)
            unpacked.rename(folder)
    return folder


def answers_here(inputs: Path, runtime: str) -> dict[str, Steps]:
    """The answers of this machine."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "answers.npz"
        script = Path(__file__).with_name("answers.py")
        places = f"{runtime_folder(runtime, 'x86-64')}{os.pathsep}{product.ROOT}"
        tell(
            "python3.11", "-S", "-P", script, inputs, path, runtime,
            environment={"PYTHONPATH": places},
        )  # fmt: skip
        return _loaded(path)


def answers_there(machine: Machine, inputs: Path, runtime: str, keep: Path) -> dict[str, Steps]:
    """The answers of a virtual Pi on which Inkling is installed."""
    folder = f"/root/{RUNTIMES[runtime]}"
    machine.take_folder(runtime_folder(runtime, "aarch64"), folder)
    machine.put(inputs.read_bytes(), "/root/inputs.npz")
    machine.put(Path(__file__).with_name("answers.py").read_bytes(), "/root/answers.py")
    packages = "$(dirname $(find /opt/inkling/current/lib -type d -name device))"
    machine.ssh(
        f"PYTHONPATH={folder}:{packages} python3 -S -P /root/answers.py"
        f" /root/inputs.npz /root/answers.npz {runtime}"
    )
    path = keep / f"answers-{RUNTIMES[runtime]}.npz"
    path.write_bytes(machine.fetch("/root/answers.npz"))
    return _loaded(path)


def page(found: Mapping[tuple[str, str], Difference], library: Library) -> str:
    """``docs/models/processors.md``; keys are the output (``inkling/digit``) and the runtime."""
    lines = [INTRODUCTION]
    for (output, runtime), one in found.items():
        name, _, role = output.partition("/")
        lines.append(
            f"| {name} | {role} | {runtime} | {one.count:,} | {one.unlike} | {one.ties} |"
            f" {one.apart} | {100 * one.same:.1f} |"
        )
    files = [f"`{name}` {library.entry(name).sha256[:12]}" for name in library.names]
    lines += ["", f"Files, by the first digits of their SHA-256: {', '.join(files)}.", ""]
    lines += [f"*Made by `{COMMAND}`, which writes this page beside its pictures.*"]
    return "\n".join(lines) + "\n"


def _loaded(path: Path) -> dict[str, Steps]:
    with np.load(path) as file:
        return {name: file[name] for name in file.files}
