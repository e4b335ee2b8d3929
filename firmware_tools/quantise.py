"""``quantise``: from a float Keras model to an int8 .tflite file, with proof.

Works on a recipe that was trained, and on anybody's own Keras model. What cannot be proven is
mended (:mod:`firmware_tools.mend`, :mod:`firmware_tools.finetune`) and tried again; what cannot
be mended is refused, and nothing is written.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.errors import ModelError
from device.files import atomic_write
from device.normalise import PIPELINES
from device.tflite import Network
from firmware_tools import convert, data, finetune, manifest, mend, perunit, prove, recipe, train
from firmware_tools.examples import Material, of_folder, of_recipe, with_sets
from firmware_tools.inputs import scaled
from firmware_tools.operators import ROLES
from firmware_tools.progress import say

MODELS = Path("models")
"""Where int8 models go unless told otherwise."""

SAMPLES = 2000
"""Size of the representative set: with 800, the scales still depended on which they were."""


@dataclass(frozen=True)
class Subject:
    """What is to be quantised: the float model, its data, and what the manifest will say.

    ``sets`` are the data sets whose accuracies go into the manifest.
    """

    name: str
    model: Any
    material: Material
    sets: dict[str, manifest.Measured]
    facts: manifest.Entry


def _roles(model: Any) -> tuple[str, ...]:
    return tuple(ROLES[output.shape[-1]] for output in model.outputs)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``quantise``."""
    parser.add_argument(
        "source", metavar="RECIPE|MODEL", help="a trained recipe, or a .keras, .h5 or SavedModel"
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="the folder of data sets; for your own model also one with folders 0 to 9 of "
        "pictures, or with a kiosk's samples.jsonl",
    )
    parser.add_argument("--pipeline", choices=sorted(PIPELINES), help="for a model of your own")
    parser.add_argument("--out", type=Path, default=MODELS, metavar="DIR", help="(models)")
    parser.add_argument("--work", type=Path, default=train.WORK, metavar="DIR", help="(work)")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of samples (0)")
    parser.add_argument("--name", help="of the model in the manifest (the recipe's or the file's)")
    parser.add_argument(
        "--samples", type=int, default=SAMPLES, metavar="N", help=f"representative ({SAMPLES})"
    )


def run(args: argparse.Namespace) -> int:
    """Quantise one model, prove it, and enter it in the manifest."""
    if not 10 <= args.samples <= 100_000:
        raise ModelError(f"--samples {args.samples}: choose from 10 to 100,000")
    recipe.load_tensorflow().keras.utils.set_random_seed(args.seed)
    folder = data.data_folder(args.data)
    if _is_recipe(args.source):
        subject = _recipe_subject(recipe.by_name(args.source), folder, args)
    else:
        subject = _own_subject(Path(args.source), folder, args)
    content, notes = quantised(subject)
    write(subject, content, notes, args.out)
    return 0


def _is_recipe(source: str) -> bool:
    return source in recipe.NAMES or source in recipe.VARIANTS


def _name(given: str | None, usual: str) -> str:
    name = given or usual
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", name):
        raise ModelError(f"--name {name!r}: use letters, digits, - and _ (64 at most)")
    return name


def _recipe_subject(chosen: recipe.Recipe, folder: Path, args: argparse.Namespace) -> Subject:
    path = args.work / chosen.name / "model.keras"
    if not path.is_file():
        raise ModelError(
            f"{chosen.name} has not been trained: no {path}; "
            f"run python -m firmware_tools train {chosen.name} first"
        )
    model = convert.load(path)
    facts: manifest.Entry = {
        "title": chosen.title,
        "description": chosen.description,
        "origin": chosen.origin,
        "pipeline": chosen.pipeline,
        "gate": chosen.gate,
        "recipe": chosen.name,
        "seed": _training_seed(path.parent / "train.json"),
        "trained_on": list(chosen.trained_on),
        "parameters": int(model.count_params()),
    }
    if chosen.published is not None:
        facts["published"] = float(chosen.published)
    name = _name(args.name, chosen.name)
    material = of_recipe(chosen, folder, args.seed, args.samples)
    sets = manifest.measured_sets(folder, chosen.pipeline, _roles(model))
    return Subject(name, model, with_sets(material, sets), sets, facts)


def _training_seed(record: Path) -> int:
    try:
        return int(json.loads(record.read_text())["seed"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def _own_subject(path: Path, folder: Path, args: argparse.Namespace) -> Subject:
    if not path.exists():
        # Not a path, so perhaps a recipe misspelt: its error names the nearest.
        recipe.by_name(args.source)
    if args.pipeline is None:
        raise ModelError(
            "a model of your own needs --pipeline: how its training pictures were made; "
            f"one of {', '.join(PIPELINES)}"
        )
    model = convert.load(path)
    name = _name(args.name, re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-") or "own")
    roles = _roles(model)
    facts: manifest.Entry = {
        "title": name,
        "description": f"Made from {path.name}",
        "origin": path.name,
        "pipeline": args.pipeline,
        "gate": name if "gate" in roles else manifest.DEFAULT,
        "recipe": "",
        "seed": args.seed,
        "trained_on": [],
        "parameters": int(model.count_params()),
    }
    material = of_folder(folder, args.pipeline, roles, args.seed, args.samples)
    sets = manifest.measured_sets(folder, args.pipeline, roles)
    return Subject(name, model, with_sets(material, sets), sets, facts)


def quantised(subject: Subject) -> tuple[bytes, list[str]]:
    """The proven int8 file, and lines on what had to be mended for it.

    Raises:
        ModelError: no way was found to an int8 model that answers as the float one.
    """
    material = subject.material
    inputs = scaled(material.samples)
    wanted = convert.answers_of(subject.model, scaled(material.inputs))
    notes: list[str] = []
    complaint = ""
    for title, made in _attempts(subject.model, inputs):
        model, findings = made()
        notes += findings
        content = convert.to_int8(model, inputs)
        proof = prove.prove(content, wanted, material.inputs, material.targets, material.own)
        say(f"{subject.name}, {title}: {str(proof) or 'refused'}")
        for line in (*findings, *proof.complaints):
            say(f"  {line}")
        if proof.holds:
            return content, notes
        if not proof.comparisons:
            raise ModelError(f"{subject.name} is refused: {proof.complaints[0]}")
        complaint = f"{proof.complaints[0]}. {prove.diagnose(model, content, material.samples)}"
        notes.append(f"{title}: {complaint}")
        say(f"  {complaint}")
    raise ModelError(f"{subject.name} is refused: {complaint}")


def _attempts(
    model: Any, inputs: NDArray[np.float32]
) -> Iterator[tuple[str, Callable[[], tuple[Any, list[str]]]]]:
    """Ways to int8, the plainest first: what each is, and a call for its model and findings."""
    yield "plain", lambda: (model, [])
    base = model
    if any(type(layer).__name__ == "BatchNormalization" for layer in model.layers):
        base, findings = _evened_out(model, inputs)
        yield "batch norm repaired, weights evened out", lambda: (base, findings)
    yield "biases corrected", lambda: (_corrected(base, inputs), [])
    yield "a scale for each dense unit", lambda: (perunit.scaled_per_unit(base), [])
    yield "fine-tuned", lambda: (finetune.fine_tuned(base, model, inputs), [])


def _evened_out(model: Any, inputs: NDArray[np.float32]) -> tuple[Any, list[str]]:
    copy = _copied(model)
    findings = mend.repair(copy, inputs)
    copy = mend.fold(copy)
    findings += mend.equalise(copy, inputs)
    return copy, [str(one) for one in findings]


def _corrected(model: Any, inputs: NDArray[np.float32]) -> Any:
    copy = _copied(model)
    mend.correct_biases(copy, inputs)
    return copy


def _copied(model: Any) -> Any:
    try:
        return mend.editable(model)
    except Exception as error:  # a layer of the user's own that Keras cannot copy
        reason = convert.first_line(error)
        raise ModelError(
            f"this model cannot be mended, its layers do not copy: {reason}"
        ) from error


def write(subject: Subject, content: bytes, notes: list[str], out: Path) -> manifest.Entry:
    """Write the .tflite file, the golden answers, and last the manifest entry.

    Raises:
        FileError: a file cannot be written; the manifest then stays as it was.
    """
    network = Network(content)
    accuracy = {}
    for name, (inputs, right) in subject.sets.items():
        role = "gate" if name == manifest.GATE_SET else "digit"
        wanted = convert.answers_of(subject.model, scaled(inputs))[role]
        accuracy[name] = manifest.score(wanted, network.run(inputs)[role], right)
        say(f"  {name}: float {accuracy[name]['float']} %, int8 {accuracy[name]['int8']} %")
    kept = subject.material.inputs[: 32 * prove.GOLDEN]
    golden = prove.golden(content, convert.answers_of(subject.model, scaled(kept)), kept)
    entry = {
        **subject.facts,
        **manifest.file_facts(content),
        "file": f"{subject.name}.tflite",
        "golden": f"{subject.name}.golden.npz",
        "accuracy": accuracy,
    }
    atomic_write(out / entry["file"], content)
    atomic_write(out / entry["golden"], golden)
    manifest.update(out, subject.name, entry, whole=True)
    say(f"wrote {out / entry['file']} ({len(content):,} bytes)" + ("; mended" if notes else ""))
    return entry
