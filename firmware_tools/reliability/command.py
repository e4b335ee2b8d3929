"""``python -m firmware_tools reliability``: injects faults, wears Inkling out, and says what came
of it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import NamedTuple

from firmware_tools.progress import say
from firmware_tools.reliability import damage, devices, findings, kills, mounts, soak
from firmware_tools.reliability.findings import Finding


class Part(NamedTuple):
    """A kind of fault: its trials, how often (in full, and quickly), and what it is."""

    run: Callable[[int, int], Iterator[Finding]]
    times: int
    quick: int
    purpose: str


PARTS = {
    "kills": Part(kills.kills, 200, 4, "kill -9 at random moments"),
    "ends": Part(kills.ends, 1, 1, "every way to end at every stage"),
    "damage": Part(damage.damage, 1000, 20, "files that are damaged"),
    "devices": Part(devices.devices, 1000, 20, "devices that refuse or are gone"),
    "disks": Part(mounts.disks, 5, 1, "full and read-only disks; needs root"),
    "soak": Part(soak.soak, 100_000, 300, "readings and touches in great number"),
}
"""By name, in the order of docs/reliability.md."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``reliability``."""
    shown = "; ".join(f"{name}: {part.purpose}" for name, part in PARTS.items())
    parser.add_argument(
        "parts", nargs="*", metavar="PART", choices=[*PARTS, []], help=f"all, or some: {shown}"
    )
    parser.add_argument("--seed", type=int, default=1, help="what is done, and when (1)")
    parser.add_argument("--times", type=int, metavar="N", help="how often, instead of in full")
    parser.add_argument("--quick", action="store_true", help="a few of each")
    parser.add_argument("--write", action="store_true", help="enter it in docs/reliability.md")


def run(args: argparse.Namespace) -> int:
    """Do the parts asked for, print what came of them; returns the exit status.

    Raises:
        InklingError: a promise is not kept; the text says which.
    """
    good = True
    for name in args.parts or PARTS:
        part = PARTS[name]
        say(f"== {name}: {part.purpose}")
        times = args.times or (part.quick if args.quick else part.times)
        found = []
        for finding in part.run(args.seed, times):
            say(f"   {finding.what} ({finding.times:,}): {finding.outcome}")
            found.append(finding)
        print(f"{findings.as_table(found)}\n", flush=True)
        good = good and all(finding.good for finding in found)
        if args.write:
            less = "" if times == part.times else f" --times {times}"
            findings.enter(name, found, f"--seed {args.seed}{less}")
    return 0 if good else 1
