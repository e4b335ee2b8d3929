"""``inkling samples``: how many labelled drawings there are; taking them out and in."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from device.errors import SamplesError
from device.samples import NOT_A_DIGIT, Progress, Samples

LINES = ".jsonl"
"""Files of this suffix hold ink as JSON lines, those of :data:`ARRAY` the published form."""

ARRAY = ".json"


def run(args: argparse.Namespace, folder: Path) -> int:
    """Do what ``action``, ``file`` and ``all`` of the command line say; returns the exit status.

    Raises:
        SamplesError: it cannot be done.
    """
    with Samples(folder) as samples:
        if args.action is None:
            _show(samples)
            return 0
        if args.file is None:
            raise SamplesError(f"name a file: inkling samples {args.action} FILE")
        if args.file.suffix.lower() not in (LINES, ARRAY):
            raise SamplesError(
                f"{args.file}: end the name in {LINES} (strokes) or {ARRAY} (pictures, the "
                "published form), so that it is clear which is meant"
            )
        lines = args.file.suffix.lower() == LINES
        progress = _shown if sys.stderr is not None and sys.stderr.isatty() else None
        if args.action == "export":
            _export(samples, args.file, lines, args.all, progress)
        else:
            _import(samples, args.file, lines, progress)
    return 0


def _show(samples: Samples) -> None:
    print(f"{'label':<12} {'drawings':>8}")
    for label, count in samples.counts().items():
        print(f"{'not a digit' if label == NOT_A_DIGIT else label:<12} {count:>8,}")
    print(f"{'together':<12} {len(samples):>8,}")
    print(f"\n{samples.path}: {_size(samples.bytes())}, {_size(samples.free_bytes())} free")
    if samples.damaged:
        print(f"damaged lines, skipped: {samples.damaged:,}")


def _export(
    samples: Samples, file: Path, lines: bool, everything: bool, progress: Progress | None
) -> None:
    if lines:
        done = samples.export_lines(file, progress)
        why = "pictures without strokes: export them to a .json file"
    else:
        done = samples.export_json(file, progress, all=everything)
        why = "not digits, which the published form does not know: --all exports them too"
    print(f"{done.written:,} drawings written to {file}")
    if done.left_out:
        print(f"{done.left_out:,} left out ({why})")


def _import(samples: Samples, file: Path, lines: bool, progress: Progress | None) -> None:
    done = samples.import_lines(file, progress) if lines else samples.import_json(file, progress)
    print(f"{done.added:,} drawings added to {samples.path}")
    if done.skipped:
        print(f"{done.skipped:,} skipped; the first: {done.reason}")


def _shown(share: float) -> None:
    print(f"\r{share:4.0%}", end="\r" if share < 1 else "\r    \r", file=sys.stderr)


def _size(count: int) -> str:
    """Bytes for people: "3 bytes", "1.2 MB"."""
    size, unit = float(count), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{size:,.0f} {unit}" if unit == "bytes" or size >= 100 else f"{size:,.1f} {unit}"
