"""A model card for each model: what it is, what it learned from, what it is for, where it fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from device.library import Library, ModelEntry
from device.normalise import PIPELINES
from firmware_tools import recipe
from firmware_tools.readings import DIGIT_SETS, DRAWN, OTHER_SETS
from firmware_tools.sources import SOURCES
from firmware_tools.tables import NONE, made_by, percent, table, title, with_interval

Figures = Mapping[str, Any]

INTENDED = """\
Reading one digit at a time (0 to 9) that somebody draws on Inkling's touchscreen, or a picture of
one, for exhibits, games, teaching and experiments.

Not for reading numbers of several digits, and not where a misread digit does harm: payments,
medicine, access, elections, marks. Numerals other than 0 to 9 were not measured."""

_CONFUSIONS = 5
"""Kinds of mistake that a card names."""


def recipe_of(entry: ModelEntry) -> recipe.Recipe | None:
    """The recipe of a model; None for one that was made elsewhere."""
    known = entry.recipe in recipe.NAMES or entry.recipe in recipe.VARIANTS
    return recipe.by_name(entry.recipe) if known else None


def users_of(library: Library, name: str) -> list[str]:
    """The models that ask this one whether a drawing is a digit, itself among them."""
    return [one for one in library.digit_models if library.entry(one).gate == name]


def card(library: Library, name: str, evaluation: Figures) -> str:
    """The page on one model, Markdown."""
    entry = library.entry(name)
    measured: Figures = evaluation["models"]
    parts = [f"# {entry.title} (`{name}`)", f"{entry.description}.", _facts(library, entry)]
    parts += ["## Intended use", INTENDED, "## Data", _data(entry)]
    deviations = (one := recipe_of(entry)) and one.deviations
    if deviations:
        parts += ["## Departures from the published training", deviations]
    if name in measured:
        parts += ["## Figures", _figures(measured[name])]
        parts += ["## Limits", _limits(entry, measured[name])]
    users = [one for one in users_of(library, name) if one in measured]
    if not entry.reads_digits and users:
        parts += ["## Figures", _gate_figures(users, measured)]
    parts.append("[All models compared](../models.md)")
    return "\n\n".join(parts) + "\n"


def _facts(library: Library, entry: ModelEntry) -> str:
    rows = [
        ["Origin", entry.origin],
        ["File", f"`{entry.file}`, {entry.bytes:,} bytes, int8"],
        ["SHA-256", f"`{entry.sha256}`"],
        ["Parameters", f"{entry.parameters:,}"],
        ["Input", f"28×28; `{entry.pipeline}`: {PIPELINES[entry.pipeline].description}"],
        ["Answers", " and ".join(str(role) for role in entry.roles)],
    ]
    if entry.gate != entry.name:
        rows.append(["Gate", f"`{entry.gate}` ({library.entry(entry.gate).title})"])
    chosen = recipe_of(entry)
    if chosen is not None:
        rows.append(["Recipe", f"`{chosen.name}`, seed {entry.seed}"])
        if chosen.published is not None:
            rows.append(["Published", f"{chosen.published:g} % on {chosen.published_on}"])
    return table(["", ""], rows).replace("---:", "---")


def _data(entry: ModelEntry) -> str:
    """What it learned from, with licences as stated by the sources."""
    sources = {source.name: source for source in SOURCES}
    if not entry.trained_on:
        return "What this model learned from is not recorded."
    rows = []
    for name in entry.trained_on:
        source = sources.get(name)
        if source is None:
            rows.append([name, NONE, NONE, NONE])
        else:
            rows.append([source.name, source.what, source.origin, source.licence])
    text = table(["data set", "what", "from", "licence as stated there"], rows)
    return (
        f"Learned from:\n\n{text.replace('---:', '---')}\n\n"
        "Of sets of ink, the training writers alone are used. None of the data is part of this "
        "project."
    )


def _figures(found: Figures) -> str:
    rows = []
    for name in DIGIT_SETS:
        one = found["digits"].get(name)
        if one:
            rows.append(
                [
                    title(name),
                    f"{one['count']:,}",
                    with_interval(one["accuracy"], one["accuracy_interval"]),
                    with_interval(one["macro"], one["macro_interval"]),
                    with_interval(one["false_rejects"], one["false_rejects_interval"]),
                ]
            )
    parts = [
        "Percent, with 95 % bootstrap intervals; the int8 file, read through the whole device.",
        table(["digits", "drawings", "read rightly", "macro", "not accepted"], rows),
    ]
    others = [(name, found["others"][name]) for name in OTHER_SETS if name in found["others"]]
    if others:
        parts.append(_accepted(others, found["auroc"]))
    parts.append(made_by("evaluate", "report"))
    return "\n\n".join(parts)


def _accepted(others: Sequence[tuple[str, Figures]], aurocs: Figures) -> str:
    rows = [
        [
            title(name),
            f"{one['count']:,}",
            with_interval(one["false_accepts"], one["false_accepts_interval"]),
            f"{aurocs[name]['auroc']:.4f}" if name in aurocs else NONE,
        ]
        for name, one in others
    ]
    return table(["no digits", "drawings", "accepted", "AUROC of the gate"], rows)


def _gate_figures(users: Sequence[str], measured: Figures) -> str:
    parts = []
    for user in users:
        found = measured[user]
        others = [(name, found["others"][name]) for name in OTHER_SETS if name in found["others"]]
        refused = [
            [title(name), f"{one['count']:,}", percent(one["false_rejects"])]
            for name, one in found["digits"].items()
        ]
        parts.append(f"As the gate of `{user}`, percent:")
        parts.append(table(["digits", "drawings", "not accepted"], refused))
        if others:
            parts.append(_accepted(others, found["auroc"]))
    return "\n\n".join([*parts, made_by("evaluate", "report")])


def mistakes(confusion: Sequence[Sequence[int]], most: int = _CONFUSIONS) -> list[str]:
    """The most frequent mistakes of a confusion matrix, such as ``1 as 7 (12)``."""
    counts = np.array(confusion)
    np.fill_diagonal(counts, 0)
    order = np.argsort(-counts, axis=None, kind="stable")[:most]
    pairs = [(int(place) // 10, int(place) % 10) for place in order]
    return [
        f"{row} as {column} ({counts[row, column]})" for row, column in pairs if counts[row, column]
    ]


def _limits(entry: ModelEntry, found: Figures) -> str:
    """Where it fails, as measured."""
    lines = []
    drawn = found["digits"].get(DRAWN)
    if drawn:
        worst = min(drawn["recalls"], key=lambda digit: drawn["recalls"][digit])
        lines.append(
            f"Of pen digits, {worst} is read least well: {percent(drawn['recalls'][worst], 1)} %."
        )
        wrong = mistakes(drawn["confusion"])
        if wrong:
            lines.append(f"Its most frequent mistakes there: {', '.join(wrong)}.")
    curves = found["robustness"]
    if curves:
        lines += _falls(curves)
    others = found["others"]
    if others:
        shares = [
            f"{percent(others[name]['false_accepts'], 1)} % of {title(name).lower()}"
            for name in OTHER_SETS
            if name in others
        ]
        lines.append(f"At the threshold used here it accepts {', '.join(shares)}.")
    trained = [name for name in entry.trained_on if name in found["digits"]]
    if trained:
        lines.append(
            f"It learned from part of {', '.join(map(title, trained))}: its figures there say "
            "little about drawings that are new to it."
        )
    return "\n".join(f"- {line}" for line in lines) or "None of its limits were measured."


def at(curve: Figures, value: float) -> float:
    """The accuracy of a curve at one of its values, 0..1."""
    return float(curve["accuracy"][curve["values"].index(value)])


def _falls(curves: Figures) -> list[str]:
    turn, size, shift = curves["rotation"], curves["scale"], curves["shift"]
    pen, rate = curves["pen"], curves["sampling"]
    return [
        f"Turned by 30° it reads {percent(at(turn, -30), 1)} % (left) and "
        f"{percent(at(turn, 30), 1)} % (right); by 45°, {percent(at(turn, -45), 1)} % and "
        f"{percent(at(turn, 45), 1)} %; upright, {percent(at(turn, 0), 1)} %.",
        f"Drawn over 20 % of the canvas it reads {percent(at(size, 20), 1)} %; over 80 %, "
        f"{percent(at(size, 80), 1)} %.",
        f"Drawn small and moved towards a corner it reads {percent(at(shift, 0.3), 1)} %; the same "
        f"in the middle, {percent(at(shift, 0.0), 1)} %.",
        f"From pictures: {percent(at(pen, 0.01), 1)} % with the finest pen, "
        f"{percent(at(pen, 0.15), 1)} % with the widest.",
        f"At 30 points a second it reads {percent(at(rate, 30), 1)} %; at 15, "
        f"{percent(at(rate, 15), 1)} %.",
    ]
