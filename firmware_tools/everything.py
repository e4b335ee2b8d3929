"""``all``: train and quantise every recipe, then evaluate and report; or make one model."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from firmware_tools import recipe, train


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``all``."""
    parser.add_argument(
        "recipes",
        nargs="*",
        metavar="RECIPE",
        help="train and quantise these alone; nothing is evaluated then",
    )
    train.add_common(parser)
    parser.add_argument(
        "--models", type=Path, metavar="DIR", help="the int8 models (models, or in work/quick)"
    )


def run(args: argparse.Namespace) -> int:
    """Every step in its order; stops at the first that fails and returns its status.

    What is trained already is not trained again, so that an interrupted run can be repeated.
    """
    folder, work = train.folders(args)
    models = args.models or (work / "models" if args.quick else Path("models"))
    wanted = {
        "data": folder,
        "work": work,
        "models": models,
        "seed": args.seed,
        "quick": args.quick,
    }
    for name in args.recipes:
        recipe.by_name(name)
    for name in args.recipes or recipe.NAMES:
        status = _step("train", [name], wanted)
        status = status or _step("quantise", [name, "--out", str(models)], wanted)
        if status:
            return status
    if args.recipes:
        return 0
    return _step("evaluate", [], wanted) or _step("report", [], wanted)


def _step(command: str, words: list[str], wanted: dict[str, object]) -> int:
    """Run another command with those of the common settings that it knows."""
    module = importlib.import_module(f"firmware_tools.{command}")
    parser = argparse.ArgumentParser(prog=f"python -m firmware_tools {command}")
    module.add_arguments(parser)
    args = parser.parse_args(words)
    for name, value in wanted.items():
        if hasattr(args, name):
            setattr(args, name, value)
    status: int = module.run(args)
    return status
