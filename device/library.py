"""The models folder: what the manifest promises, checked before it is believed.

``models/models.toml`` says of each model what it is, which input pipeline it wants and what it
scored. A file whose checksum or tensors are not the manifest's is refused.
"""

from __future__ import annotations

import difflib
import hashlib
import logging
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from device.errors import ModelError
from device.language import tr
from device.normalise import PIPELINES
from device.tflite import Compiled, Network, TensorInfo

if TYPE_CHECKING:
    from device.accelerator import EdgeTpu

log = logging.getLogger(__name__)

FORMAT = 1
"""Version of the manifest's form that this program reads."""


@dataclass(frozen=True)
class Score:
    """Accuracy on one data set, percent, of the float model and the int8 file, over ``count``."""

    float_model: float
    int8: float
    count: int


@dataclass(frozen=True)
class ModelEntry:
    """What the manifest says of one model; see ``models/models.toml``."""

    name: str
    title: str
    description: str
    origin: str
    file: str
    sha256: str
    bytes: int
    pipeline: str
    gate: str
    recipe: str
    seed: int
    parameters: int
    multiplications: int | None
    trained_on: tuple[str, ...]
    published: float | None
    golden: str | None
    edgetpu_file: str | None
    edgetpu_sha256: str | None
    input: TensorInfo
    outputs: tuple[TensorInfo, ...]
    accuracy: dict[str, Score]

    @property
    def roles(self) -> tuple[str | None, ...]:
        return tuple(output.role for output in self.outputs)

    @property
    def reads_digits(self) -> bool:
        """False for a model that answers nothing but "is it a digit?"."""
        return "digit" in self.roles


class Library:
    """The models that are there to choose from.

    Args:
        folder: where the manifest and the files lie; None for the ones that ship with Inkling.

    Attributes:
        folder: as given, or found.
        edge_tpu: what runs the models that are compiled for it; None, as at first, for the CPU
            alone. See :meth:`accelerate`.

    Raises:
        ModelError: no manifest, or one that cannot be read.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder if folder is not None else shipped_folder()
        self.edge_tpu: EdgeTpu | None = None
        self._trouble: str | None = None
        manifest = self.folder / "models.toml"
        try:
            text = manifest.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise ModelError(
                f"{manifest}: the model manifest cannot be read ({_reason(error)}); "
                "reinstall Inkling, or name the folder that holds it"
            ) from error
        try:
            content = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            reason = " ".join(str(error).split())
            raise ModelError(f"{manifest}: not a manifest: {reason}") from error
        except ValueError as error:  # Python reads no integer of thousands of digits
            raise ModelError(f"{manifest}: not a manifest: a number has too many digits") from error
        if type(content.get("format")) is not int or content["format"] != FORMAT:
            raise ModelError(f"{manifest}: format = {FORMAT} expected")
        tables = content.get("models")
        if not isinstance(tables, dict) or not tables:
            raise ModelError(f"{manifest}: it names no models")
        self._entries = {name: _entry(manifest, name, table) for name, table in tables.items()}
        for entry in self._entries.values():
            if entry.gate not in self._entries or "gate" not in self._entries[entry.gate].roles:
                raise ModelError(
                    f"{manifest}: models.{_key(entry.name)}: gate = {entry.gate!r} "
                    "names no model with a gate"
                )
        self.default = str(content.get("default", next(iter(self._entries))))
        try:
            self.entry(self.default)
        except ModelError as error:
            raise ModelError(f"{manifest}: default: {error}") from error

    @property
    def names(self) -> tuple[str, ...]:
        """Every model in the manifest, in its order."""
        return tuple(self._entries)

    @property
    def digit_models(self) -> tuple[str, ...]:
        """The models one can choose: those that read digits."""
        return tuple(entry.name for entry in self._entries.values() if entry.reads_digits)

    @property
    def gates(self) -> tuple[str, ...]:
        """The models that can tell whether a drawing is a digit."""
        return tuple(entry.name for entry in self._entries.values() if "gate" in entry.roles)

    def entry(self, name: str) -> ModelEntry:
        """What the manifest says of a model.

        Raises:
            ModelError: no model of that name; names the nearest.
        """
        if name not in self._entries:
            near = difflib.get_close_matches(name, self._entries, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(self.names)}"
            raise ModelError(f"unknown model {name!r}; {hint}")
        return self._entries[name]

    @property
    def compiled(self) -> dict[str, Compiled]:
        """The models that come with a file for the Edge TPU, and that file."""
        return {
            entry.name: Compiled(self.folder / entry.edgetpu_file, entry.edgetpu_sha256)
            for entry in self._entries.values()
            if entry.edgetpu_file is not None and entry.edgetpu_sha256 is not None
        }

    @property
    def trouble(self) -> str | None:
        """What is amiss with the accelerator that was chosen, for a notice; None for nothing."""
        found = self._trouble if self.edge_tpu is None else self.edge_tpu.trouble
        return None if found is None else tr(found)

    def accelerate(self, choice: str) -> None:
        """Have models run as the setting ``model.accelerator`` says: to be called before any is
        opened."""
        if choice == "cpu":
            return
        if self.compiled:
            # Not before it may be needed: it takes time to import, and few machines have one.
            from device.accelerator import EdgeTpu

            self.edge_tpu = EdgeTpu(self.compiled, auto=choice == "auto")
        elif choice == "edgetpu":
            from device.accelerator import NOT_COMPILED

            log.warning("%s (python -m firmware_tools edgetpu compiles one)", NOT_COMPILED)
            self._trouble = NOT_COMPILED

    def open(self, name: str) -> Network:
        """The model, loaded, after its file has been compared with the manifest.

        Raises:
            ModelError: the file is missing, changed, or its tensors are not as promised.
        """
        entry = self.entry(name)
        path = self.folder / entry.file
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ModelError(f"{path}: model {name!r} cannot be read ({_reason(error)})") from error
        if hashlib.sha256(content).hexdigest() != entry.sha256:
            raise ModelError(
                f"{path}: model {name!r} is damaged or was changed (its SHA-256 is not the "
                "manifest's); reinstall Inkling"
            )
        try:
            if self.edge_tpu is not None and name in self.compiled:
                from device.accelerator import PairedNetwork

                network: Network = PairedNetwork(content, name, self.edge_tpu)
            else:
                network = Network(content)
        except ModelError as error:
            raise ModelError(f"{path}: {error}") from error
        promised = (entry.input, *entry.outputs)
        found = (network.input, *network.outputs)
        if len(promised) != len(found) or not all(map(_same_tensor, promised, found)):
            raise ModelError(f"{path}: model {name!r}: its tensors are not the manifest's")
        return network


def shipped_folder() -> Path:
    """Where the models that ship with Inkling are."""
    return Path(str(resources.files("models")))


def _same_tensor(promised: TensorInfo, found: TensorInfo) -> bool:
    return (
        promised.shape == found.shape
        and promised.dtype == found.dtype
        and promised.zero_point == found.zero_point
        # The manifest writes seven significant digits of a float32.
        and abs(promised.scale - found.scale) <= 1e-6 * found.scale
    )


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8 text"
    return getattr(error, "strerror", None) or type(error).__name__


def _entry(manifest: Path, name: str, table: Any) -> ModelEntry:
    try:
        entry = ModelEntry(
            name=name,
            title=_text(table["title"]),
            description=_text(table["description"]),
            origin=_text(table["origin"]),
            file=_text(table["file"]),
            sha256=_text(table["sha256"]),
            bytes=_count(table["bytes"]),
            pipeline=_text(table["pipeline"]),
            gate=_text(table["gate"]),
            recipe=_text(table["recipe"]),
            seed=_count(table["seed"]),
            parameters=_count(table["parameters"]),
            multiplications=(
                _count(table["multiplications"]) if "multiplications" in table else None
            ),
            trained_on=tuple(_text(item) for item in table["trained_on"]),
            published=float(table["published"]) if "published" in table else None,
            golden=_text(table["golden"]) if "golden" in table else None,
            edgetpu_file=_text(table["edgetpu_file"]) if "edgetpu_file" in table else None,
            edgetpu_sha256=_text(table["edgetpu_sha256"]) if "edgetpu_file" in table else None,
            input=_tensor(table["input"]),
            outputs=tuple(_tensor(output) for output in table["outputs"]),
            accuracy={
                data: Score(float(score["float"]), float(score["int8"]), _count(score["count"]))
                for data, score in table.get("accuracy", {}).items()
            },
        )
        for output, tensor in zip(table["outputs"], entry.outputs, strict=True):
            if tensor.role is None or _text(output["role"]) != tensor.role:
                raise ValueError(
                    f"an output of shape {list(tensor.shape)} cannot have the role "
                    f"{output['role']!r}"
                )
    except KeyError as error:
        raise ModelError(f"{manifest}: models.{_key(name)}: {error.args[0]} is missing") from error
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ModelError(f"{manifest}: models.{_key(name)}: {error}") from error
    if entry.pipeline not in PIPELINES:
        raise ModelError(
            f"{manifest}: models.{_key(name)}: unknown pipeline {entry.pipeline!r}; "
            f"there are: {', '.join(PIPELINES)}"
        )
    for file in (entry.file, entry.golden, entry.edgetpu_file):
        if file is not None and not _is_plain_name(file):
            raise ModelError(f"{manifest}: models.{_key(name)}: {file!r} must be a plain file name")
    return entry


def _is_plain_name(file: str) -> bool:
    return file.isprintable() and file not in ("", ".", "..") and Path(file).name == file


def _key(name: str) -> str:
    """A key as it can be shown in one line."""
    return name if name.isprintable() and name else repr(name)


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise TypeError(f"{value!r} is not a whole number from 0 up")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value


def _tensor(table: Any) -> TensorInfo:
    return TensorInfo(
        _text(table.get("role", "input")),
        tuple(int(side) for side in table["shape"]),
        _text(table["dtype"]),
        float(table["scale"]),
        int(table["zero_point"]),
    )
