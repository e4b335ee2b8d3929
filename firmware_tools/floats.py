"""Write every recipe's network in float: what int8 is measured against by ``inkling bench model``.

The weights are as a training finds them, at random: how long a network takes does not hang on them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from device.files import atomic_write
from firmware_tools import convert, recipe
from firmware_tools.progress import bar, say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("folder", type=Path, help="where NAME.tflite goes, one a recipe")


def run(args: argparse.Namespace) -> int:
    """Build and convert each network, without quantising it.

    Raises:
        RecipeError: TensorFlow is not installed.
        FileError: the folder cannot be written.
    """
    tensorflow = recipe.load_tensorflow()
    tensorflow.get_logger().setLevel("ERROR")  # each network is tried out once, which it finds odd
    tensorflow.keras.utils.set_random_seed(0)
    args.folder.mkdir(parents=True, exist_ok=True)
    for name in bar(recipe.NAMES, "float networks", unit="network"):
        model = convert.fitted(recipe.by_name(name).build(), name)
        atomic_write(args.folder / f"{name}.tflite", convert.to_float(model))
    say(f"{args.folder}: {len(recipe.NAMES)} networks")
    return 0
