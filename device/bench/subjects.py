"""Which subjects there are, and how what was measured is told: a table, JSON, or a report."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from device.bench import idle, memory, model, pipeline, report, samples, screen, start, touch
from device.bench.machine import machine
from device.bench.measure import Bench, Row, Subject
from device.bench.report import figure
from device.errors import InklingError

log = logging.getLogger(__name__)

SUBJECTS: dict[str, Subject] = {
    "model": model.rows,
    "pipeline": pipeline.rows,
    "screen": screen.rows,
    "touch": touch.rows,
    "samples": samples.rows,
    "start": start.rows,
    "memory": memory.rows,
    "idle": idle.rows,
}
"""What can be measured, by name, in the order in which ``all`` does it."""

ALL = "all"
"""Every subject, one after the other."""


def run(
    name: str,
    bench: Bench,
    out: TextIO,
    as_json: bool = False,
    written: Path | None = None,
    board: str | None = None,
) -> int:
    """Measure a subject, or :data:`ALL`, and print what came of it; returns the exit status.

    Args:
        as_json: print one object for programs, instead of a table.
        written: the Markdown file that gets this machine's tables too; only of :data:`ALL`.
        board: what the machine is called there; its own name if None.

    Raises:
        InklingError: there is no such subject, or the report cannot be written.
    """
    chosen = _chosen(name)
    if written is not None:
        if name != ALL:
            raise InklingError("a report is of everything: inkling bench all --report")
        report.check(written)
    described = machine()
    if not as_json:
        print("  ".join(described.values()), file=out)
    found = {subject: _measured(subject, bench, None if as_json else out) for subject in chosen}
    if as_json:
        subjects = {subject: [row.to_json() for row in rows] for subject, rows in found.items()}
        json.dump({"machine": described, "subjects": subjects}, out, ensure_ascii=False)
        print(file=out)
    if written is not None:
        report.write(written, board or described["machine"], described, found)
    return 0


def _chosen(name: str) -> Mapping[str, Subject]:
    if name == ALL:
        return SUBJECTS
    if name not in SUBJECTS:
        known = ", ".join((*SUBJECTS, ALL))
        raise InklingError(f"no subject {name!r} to measure; there are: {known}")
    return {name: SUBJECTS[name]}


def _measured(subject: str, bench: Bench, out: TextIO | None) -> list[Row]:
    """All rows of a subject, printed to ``out`` while they come."""
    if out is not None:
        print(f"\n{subject:<48} {'where':<18} {'median':>12} {'99 %':>12}   times", file=out)
    log.info("measuring: %s", subject)
    found = []
    for row in SUBJECTS[subject](bench):
        found.append(row)
        if out is not None:
            middle, worst = (f"{figure(value)} {row.unit}" for value in (row.median, row.p99))
            print(
                f"{row.what:<48} {row.where:<18} {middle:>12} {worst:>12}   {row.count}",
                file=out,
                flush=True,
            )
    return found
