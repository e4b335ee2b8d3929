"""The manifest ``models.toml``: what each model file is and what it scored.

Written whole and at once, in a fixed order, so that a change shows as a small difference.
:mod:`device.library` reads it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.errors import ModelError
from device.files import atomic_write
from device.library import FORMAT
from device.tflite import Network, TensorInfo
from firmware_tools import data
from firmware_tools.inputs import from_images, from_inks
from firmware_tools.operators import multiplications, read_graph
from firmware_tools.recipe import NAMES

FILE = "models.toml"

DEFAULT = "inkling"
"""The model that reads unless another is chosen."""

_HEAD = """\
# The models that Inkling can run, and what each is: made by firmware_tools, not by hand.
# python -m firmware_tools quantise RECIPE makes an entry anew; device/library.py reads them.
# Accuracies are percent right, of the float model and of the int8 file, on inputs that the
# device's own pipeline made.
"""

_KEYS = (
    *("title", "description", "origin", "file", "sha256", "bytes"),
    *("edgetpu_file", "edgetpu_sha256", "golden", "pipeline", "gate", "recipe"),
    *("seed", "trained_on", "parameters", "multiplications", "published"),
)
"""The order of an entry's plain keys."""

GATE_SET = "gate-validation"
"""Pen digits against letters, signs and doodles: the set that a gate is measured on."""

_IMAGES = ("mnist-test", "niemenjoki", "hwd1000")
_NOT_DIGITS = ("unipen-upper", "unipen-lower", "unipen-symbols", "quickdraw", "omniglot")

Entry = dict[str, Any]
Measured = tuple[NDArray[np.uint8], NDArray[np.int64]]
"""Model inputs uint8 (n, 28, 28) and their right classes."""


def read(folder: Path) -> dict[str, Any]:
    """The manifest of a folder as plain tables; an empty one where there is none yet.

    Raises:
        ModelError: it cannot be read.
    """
    path = folder / FILE
    if not path.exists():
        return {"format": FORMAT, "default": DEFAULT, "models": {}}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"{path}: cannot be read as a manifest: {reason}") from error
    if content.get("format") != FORMAT or not isinstance(content.get("models", {}), dict):
        raise ModelError(f"{path}: format = {FORMAT} and tables [models.NAME] expected")
    content.setdefault("models", {})
    return content


def update(folder: Path, name: str, changes: Mapping[str, Any], whole: bool = False) -> None:
    """Change a model's entry, or make it.

    Args:
        whole: replace the entry; otherwise other keys of it stay.

    Raises:
        ModelError: the manifest cannot be read.
        FileError: it cannot be written; it is then as it was.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        content = read(folder)
        old = {} if whole else content["models"].get(name, {})
        if name == DEFAULT and name not in content["models"]:
            content["default"] = DEFAULT
        content["models"][name] = {**old, **changes}
        atomic_write(folder / FILE, text(content).encode())


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """No other process changes this folder's manifest meanwhile."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def text(content: Mapping[str, Any]) -> str:
    """A manifest as TOML: the same tables always give the same text."""
    models: dict[str, Entry] = content["models"]
    known = {name: place for place, name in enumerate(dict.fromkeys((DEFAULT, *NAMES)))}
    order = sorted(models, key=lambda name: (known.get(name, len(known)), name))
    default = content.get("default", DEFAULT)
    if default not in models and order:
        default = order[0]
    parts = [_HEAD, f"format = {FORMAT}\ndefault = {_value(default)}\n"]
    parts += [_entry_text(name, models[name]) for name in order]
    return "\n".join(parts)


def _entry_text(name: str, entry: Entry) -> str:
    plain = {key: value for key, value in entry.items() if not isinstance(value, dict)}
    outputs = plain.pop("outputs", [])
    others = sorted(set(plain) - set(_KEYS))
    lines = [f"[models.{_key(name)}]"]
    lines += [f"{_key(key)} = {_value(plain[key])}" for key in (*_KEYS, *others) if key in plain]
    for key, table in sorted(entry.items()):
        if isinstance(table, dict) and key != "accuracy":
            lines += ["", f"[models.{_key(name)}.{_key(key)}]", *_lines(table)]
    for output in outputs:
        lines += ["", f"[[models.{_key(name)}.outputs]]", *_lines(output)]
    for dataset, score in entry.get("accuracy", {}).items():
        lines += ["", f"[models.{_key(name)}.accuracy.{_key(dataset)}]", *_lines(score)]
    return "\n".join(lines) + "\n"


def _lines(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in table.items()]


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _value(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # Nine digits hold a float32 exactly; TOML wants a point or an exponent in a float.
        shown = f"{value:.9g}"
        return shown if any(mark in shown for mark in ".en") else f"{shown}.0"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(int(value))


def tensor_table(info: TensorInfo, role: str | None = None) -> dict[str, Any]:
    """An input or output as the manifest holds it."""
    table: dict[str, Any] = {} if role is None else {"role": role}
    return table | {
        "shape": list(info.shape),
        "dtype": info.dtype,
        "scale": info.scale,
        "zero_point": info.zero_point,
    }


def file_facts(content: bytes) -> Entry:
    """The keys of an entry that follow from the .tflite file alone."""
    network = Network(content)
    return {
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "multiplications": multiplications(read_graph(content)),
        "input": tensor_table(network.input),
        "outputs": [tensor_table(info, str(info.role)) for info in network.outputs],
    }


def measured_sets(folder: Path, pipeline: str, roles: tuple[str, ...]) -> dict[str, Measured]:
    """The data sets that accuracies are measured on, through the device's own pipeline.

    A digit model is measured on pictures and on ink of writers it has not seen; a gate on
    :data:`GATE_SET`. Sets that are not in the folder are left out.
    """
    found: dict[str, Measured] = {}
    digits = _inks(folder, "pendigits", pipeline)
    if "digit" in roles:
        for name in _IMAGES:
            with contextlib.suppress(data.DataError):
                images = data.load_images(folder, name)
                found[name] = from_images(images.images, pipeline, name), images.digits()
        if digits is not None:
            found["pendigits-validation"] = digits
    if "gate" in roles and digits is not None:
        others = [_inks(folder, name, pipeline) for name in _NOT_DIGITS]
        made = [digits[0], *(one[0] for one in others if one is not None)]
        right = np.arange(sum(map(len, made))) < len(digits[0])
        found[GATE_SET] = np.concatenate(made), right.astype(np.int64)
    return found


def _inks(folder: Path, name: str, pipeline: str) -> Measured | None:
    """The validation part of a set of ink; the classes are 0 where the labels are no digits."""
    try:
        rows = [row for row in data.load_inks(folder, name) if row.split == "validation"]
    except data.DataError:
        return None
    if not rows:
        return None
    labels = [int(row.label) if row.label in data.DIGITS else 0 for row in rows]
    made = from_inks([row.ink for row in rows], pipeline, f"{name}-validation")
    return made, np.array(labels, np.int64)


def score(
    wanted: NDArray[np.float32], given: NDArray[np.float32], right: NDArray[np.int64]
) -> dict[str, Any]:
    """An accuracy table: percent right of the float model and of the int8 file."""
    return {
        "float": round(100 * float((wanted.argmax(axis=1) == right).mean()), 3),
        "int8": round(100 * float((given.argmax(axis=1) == right).mean()), 3),
        "count": len(right),
    }
