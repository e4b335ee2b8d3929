"""The page that compares all models, ``models.md``, section by section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from device.library import Library
from firmware_tools import cards
from firmware_tools.figures import ALL, CALIBRATION_SETS
from firmware_tools.readings import DIGIT_SETS, DRAWN, OTHER_SETS
from firmware_tools.speed import REFERENCE
from firmware_tools.tables import NONE, made_by, percent, table, title, with_interval

Figures = Mapping[str, Any]


def drawn_confusion(found: Figures) -> list[list[int]]:
    """The confusion matrix of the sets of drawn digits together (MNIST was scanned)."""
    every = [one["confusion"] for name, one in found["digits"].items() if name in CALIBRATION_SETS]
    counts: list[list[int]] = np.sum([*every, np.zeros((10, 10), int)], axis=0).tolist()
    return counts


def on_all(library: Library, evaluation: Figures, curve: Sequence[Figures]) -> str:
    """``models.md``."""
    models: Figures = evaluation["models"]
    main = library.default if library.default in models else next(iter(models))
    parts = ["# The models", _introduction(library, evaluation)]
    parts += ["## All at a glance", _glance(library, evaluation)]
    parts += ["## Accuracy", _accuracy(models)]
    differences = _differences(library, models)
    if differences:
        parts += ["## Why figures differ from the published ones", differences]
    parts += ["## The gate", _gate(library, models)]
    parts += ["## Calibration", _calibration(models)]
    if any(found["robustness"] for found in models.values()):
        parts += ["## Robustness", _robustness(models)]
    parts += [f"## What `{main}` confuses", _confusion(models[main])]
    parts += ["## Speed and size", _speed(library, evaluation)]
    if curve:
        parts += ["## Choosing the size", _curve(curve)]
    return "\n\n".join(parts) + "\n"


def _introduction(library: Library, evaluation: Figures) -> str:
    models: Figures = evaluation["models"]
    settings = next(iter(models.values()))["settings"]
    first = next(iter(models.values()))
    sizes = [f"{title(name)} ({one['count']:,})" for name, one in first["digits"].items()]
    sizes += [f"{title(name)} ({one['count']:,})" for name, one in first["others"].items()]
    links = ", ".join(f"[{name}](models/{name}.md)" for name in library.names)
    part = ""
    if settings["limit"] is not None:
        part = (
            f" No more than {settings['limit']:,} drawings of a set were read: "
            f"`evaluate --limit {settings['limit']} --drawings {settings['drawings']}`."
        )
    return (
        "Every figure is that of the int8 file as shipped, each drawing read by itself through "
        "the whole device as `inkling read` does it: input pipeline, model, symbol count, gate "
        f"at threshold {settings['threshold']:g}, decision.\n\n"
        f"Sets, with the number of drawings: {', '.join(sizes)}.{part}\n\n"
        "Shares are percent. Intervals are 95 % bootstrap intervals "
        f"(seed {settings['seed']}); where writers are known, whole writers are resampled, since "
        f"drawings of one hand are alike. An interval without width means that not one drawing (or "
        "every one) went wrong; the true share may still differ by about 3 in the number of "
        f"drawings.\n\nModel cards: {links}. What the models answer on a Raspberry Pi's processor: "
        "[processors.md](models/processors.md).\n\n" + made_by("evaluate", "report")
    )


def float_share(library: Library, name: str, found: Figures, dataset: str) -> float | None:
    """The float model's accuracy: measured with the evaluation, or else when it was quantised."""
    if dataset in found["float"]:
        return float(found["float"][dataset]["accuracy"])
    score = library.entry(name).accuracy.get(dataset)
    counted = found["digits"].get(dataset, {}).get("count")
    # A figure over other drawings than the int8 file read would compare nothing.
    return score.float_model / 100 if score is not None and score.count == counted else None


def _glance(library: Library, evaluation: Figures) -> str:
    models, speed = evaluation["models"], evaluation["speed"]
    sets = [name for name in DIGIT_SETS if any(name in f["digits"] for f in models.values())]
    head = ["model", "parameters", "kB", "µs", f"of {REFERENCE}", "published"]
    rows = []
    for name, found in models.items():
        entry, timed = library.entry(name), speed.get(name, {})
        row = [f"[{name}](models/{name}.md)", f"{entry.parameters:,}", f"{entry.bytes / 1e3:.1f}"]
        row.append(f"{timed['microseconds']:.0f}" if timed else NONE)
        row.append(f"{timed['ratio']:.2f}" if "ratio" in timed else NONE)
        row.append(NONE if entry.published is None else f"{entry.published:g}")
        for dataset in sets:
            given = found["digits"].get(dataset, {}).get("accuracy")
            wanted = float_share(library, name, found, dataset)
            mark = "†" if dataset in entry.trained_on else ""
            row.append(f"{percent(wanted)} / {percent(given)}{mark}")
        rows.append(row)
    origins = "\n".join(
        f"- `{name}`: {library.entry(name).origin}. {library.entry(name).description}."
        for name in models
    )
    note = (
        "Accuracy as float / int8, percent. The float model saw the same model inputs. "
        "† the model learned from part of this set."
    )
    return "\n\n".join(
        [table([*head, *map(title, sets)], rows), note, made_by("evaluate", "report"), origins]
    )


def _accuracy(models: Figures) -> str:
    rows = []
    for name, found in models.items():
        for dataset, one in found["digits"].items():
            compared = found["float"].get(dataset)
            rows.append(
                [
                    name,
                    title(dataset),
                    with_interval(one["accuracy"], one["accuracy_interval"]),
                    with_interval(one["macro"], one["macro_interval"]),
                    percent(one["accuracy_accepted"]),
                    percent(compared["agreement"] if compared else None),
                ]
            )
    head = ["model", "set", "read rightly", "macro", "of those accepted", "as float"]
    note = (
        "*Macro*: the mean over the ten digits. *Of those accepted*: read rightly among the "
        "drawings that the decision accepts. *As float*: int8 and float model give the same digit."
    )
    return "\n\n".join([table(head, rows), note, made_by("evaluate", "report")])


def _differences(library: Library, models: Figures) -> str:
    lines = []
    for name, found in models.items():
        chosen = cards.recipe_of(library.entry(name))
        if chosen is None or (chosen.published is None and not chosen.deviations):
            continue
        line = f"- `{name}`: "
        if chosen.published is not None:
            measured_on = {"niemenjoki": "Mouse digits"}.get(chosen.trained_on[0], "MNIST test")
            dataset = "niemenjoki" if measured_on == "Mouse digits" else "mnist-test"
            ours = found["digits"].get(dataset, {}).get("accuracy")
            wanted = float_share(library, name, found, dataset)
            line += (
                f"published {chosen.published:g} % on {chosen.published_on}; here, on "
                f"{measured_on}, {percent(wanted)} % float and {percent(ours)} % int8. "
            )
        if over := found.get("published_sets"):
            line += (
                f"Over {' and '.join(over['sets'])} together ({over['count']:,} pictures), "
                f"{percent(over['accuracy'])} % int8. "
            )
        lines.append(line + chosen.deviations)
    return "\n".join(lines)


def _gate(library: Library, models: Figures) -> str:
    digits = [name for name in DIGIT_SETS if any(name in f["digits"] for f in models.values())]
    others = [name for name in OTHER_SETS if any(name in f["others"] for f in models.values())]
    refused, accepted = [], []
    for name, found in models.items():
        gate = library.entry(name).gate
        cells = [found["digits"].get(one) for one in digits]
        refused.append(
            [name, gate, *(with_interval(*_pair(one, "false_rejects"), 1) for one in cells)]
        )
        cells = [found["others"].get(one) for one in others]
        area = found["auroc"].get(ALL)
        shown = NONE
        if area:
            low, high = area["interval"]
            shown = f"{area['auroc']:.4f} ({low:.4f}–{high:.4f})"
        accepted.append(
            [name, gate, *(with_interval(*_pair(one, "false_accepts"), 1) for one in cells), shown]
        )
    several = next(iter(models.values()))["digits"]
    counted = ", ".join(f"{percent(one['several'])} % of {title(k)}" for k, one in several.items())
    parts = [
        "False rejects: digits that the decision does not accept, because the gate is below its "
        "threshold or because more than one symbol was counted (the symbol count is the same for "
        f"every model: {counted}).",
        table(["model", "gate", *map(title, digits)], refused),
    ]
    if others:
        parts += [
            "False accepts: drawings that are no digits and are accepted all the same. AUROC: the "
            f"gate's answers to single symbols, {title(DRAWN).lower()} against all of these; "
            "single drawings are resampled.",
            table(["model", "gate", *map(title, others), "AUROC"], accepted),
        ]
    return "\n\n".join([*parts, made_by("evaluate", "report")])


def _pair(one: Figures | None, key: str) -> tuple[Any, Any]:
    return (None, None) if one is None else (one[key], one[f"{key}_interval"])


def _calibration(models: Figures) -> str:
    rows = [
        [
            name,
            *(
                percent(found["calibration"].get(head, {}).get("error"))
                for head in ("digit", "gate")
            ),
        ]
        for name, found in models.items()
    ]
    return "\n\n".join(
        [
            "Expected calibration error, percent, 15 bins: how far stated confidence and what "
            f"came true are apart. Sets: {', '.join(map(title, CALIBRATION_SETS))}, each weighing "
            "the same; for the gate, these digits weigh as much as all drawings that are none. "
            "The calibration of `inkling` was chosen on these sets, so its figures here may be "
            "better than on drawings of yet other people.",
            table(["model", "digit", "gate"], rows),
            "![Reliability of both heads](models/reliability.svg)",
            made_by("evaluate", "report"),
        ]
    )


def _robustness(models: Figures) -> str:
    head = ["model", "as drawn", "−45°", "−30°", "+30°", "+45°", "20 % size", "moved"]
    head += ["finest pen", "widest pen", "30 Hz", "15 Hz"]
    places: list[tuple[str, float]] = [
        ("rotation", 0),
        ("rotation", -45),
        ("rotation", -30),
        ("rotation", 30),
    ]
    places += [("rotation", 45), ("scale", 20), ("shift", 0.3), ("pen", 0.01), ("pen", 0.15)]
    places += [("sampling", 30), ("sampling", 15)]
    rows = [
        [name, *(percent(cards.at(found["robustness"][c], v), 1) for c, v in places)]
        for name, found in models.items()
        if found["robustness"]
    ]
    count = next(f["robustness_count"] for f in models.values() if f["robustness"])
    return "\n\n".join(
        [
            f"The same {count:,} pen digits, changed in one way at a time. *Moved*: drawn at 40 % "
            "of the canvas, 0.3 of its side to the right and down. *Pens* are 0.01 and 0.15 of "
            "the canvas wide and read as pictures. Sampling takes every drawing to have lasted a "
            "second, and loses the end of a stroke after the panel's last tick.",
            "![Accuracy as drawings are turned, shrunk, moved, drawn otherwise, sampled less]"
            "(models/robustness.svg)",
            table(head, rows),
            made_by("evaluate", "report"),
        ]
    )


def _confusion(found: Figures) -> str:
    wrong = ", ".join(cards.mistakes(drawn_confusion(found))) or "none"
    return "\n\n".join(
        [
            f"Counts over {', '.join(map(title, CALIBRATION_SETS))} together. "
            f"Most frequent mistakes: {wrong}.",
            "![Confusion matrix](models/confusion.svg)",
            made_by("evaluate", "report"),
        ]
    )


def _speed(library: Library, evaluation: Figures) -> str:
    rows = []
    for name in library.names:
        one = evaluation["speed"].get(name)
        if one is None:
            continue
        low, high = one["interval"]
        ratio = NONE
        if "ratio" in one:
            ends = one["ratio_interval"]
            ratio = f"{one['ratio']:.3f} ({ends[0]:.3f}–{ends[1]:.3f})"
        rows.append(
            [
                name,
                f"{one['bytes']:,}",
                f"{one['microseconds']:.1f} ({low:.1f}–{high:.1f})",
                f"{one['call']:.1f}",
                ratio,
            ]
        )
    where = evaluation["circumstances"]
    return "\n\n".join(
        [
            f"Measured with {where['runtime']} {where['runtime_version']}, {where['threads']} "
            f"thread, Python {where['python']}, on {where['machine']}"
            f"{' (' + where['processor'] + ')' if where['processor'] else ''}. Other "
            "machines take other times. All models took turns in one process; medians. *Invoke* is "
            "the interpreter alone, *call* has quantising and dequantising around it.",
            table(["model", "bytes", "invoke, µs", "call, µs", f"of {REFERENCE}"], rows),
            made_by("evaluate", "report"),
        ]
    )


def _curve(points: Sequence[Figures]) -> str:
    sets = ("pendigits", "niemenjoki", "hwd1000", "mnist")
    rows = [
        [
            str(point["name"]),
            f"{point['parameters']:,}",
            f"{point['bytes']:,}",
            f"{point['microseconds']:.1f}",
            *(f"{point[name]:.2f}" for name in sets),
        ]
        for point in points
    ]
    return "\n\n".join(
        [
            "`inkling` with fewer and more filters, each trained alike and briefly without a "
            "teacher (`sizes --epochs 2 --seed 1`): the curve compares sizes, it is not what the "
            "shipped model scores.",
            "![Accuracy against time and size](models/curve.svg)",
            table(["network", "parameters", "bytes", "µs", *sets], rows),
            made_by("sizes", "report"),
        ]
    )
