"""The command line of firmware_tools: ``python -m firmware_tools COMMAND``.

A command is a module with ``add_arguments(parser)`` and ``run(args)``. It is imported only when
it is asked for, so that ``data`` needs neither TensorFlow nor matplotlib.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import Any

from device.errors import InklingError

COMMANDS = {
    "data": ("sources", "find the data sets, verify them, fetch the public originals"),
    "train": ("train", "train a recipe, or all of them"),
    "quantise": ("quantise", "convert to int8, and prove that nothing was lost"),
    "sizes": ("sizes", "measure inkling with fewer and more filters"),
    "evaluate": ("evaluate", "measure the shipped models on the data sets"),
    "report": ("report", "write the model report and the model cards"),
    "edgetpu": ("edgetpu", "check and compile a model for the Coral Edge TPU"),
    "catalogues": ("catalogues", "collect the device's texts and compile their translations"),
    "configuration": ("configuration", "write docs/configuration.md from the table of settings"),
    "animation": ("animation", "film the kiosk for the README"),
    "install": ("install", "install Inkling as a service of this machine, or remove it"),
    "package": ("package", "build the Debian package, for this machine or another"),
    "wiring": ("wiring", "draw docs/wiring.svg and the table of pins in docs/hardware.md"),
    "reliability": ("reliability.command", "inject faults, wear Inkling out, say what comes of it"),
    "comparison": ("comparison.command", "measure Inkling beside what people would use instead"),
    "floats": ("floats", "write the networks in float, for inkling bench model --floats"),
    "performance": ("performance", "draw the plots of docs/performance.md"),
    "all": ("everything", "train, quantise, evaluate and report, for every recipe"),
}
"""Each command's module and what it is for."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status.

    Errors meant for people are one line on stderr and status 1.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(
        prog="python -m firmware_tools", description="Make the models that the device runs."
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    try:
        for name, (_, purpose) in COMMANDS.items():
            command = commands.add_parser(name, help=purpose, description=purpose)
            if words[:1] == [name]:
                _module(name).add_arguments(command)
        args = parser.parse_args(words)
        status: int = _module(args.command).run(args)
    except InklingError as error:
        print(f"firmware_tools {words[0]}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return status


def _module(command: str) -> Any:
    return importlib.import_module(f"firmware_tools.{COMMANDS[command][0]}")
