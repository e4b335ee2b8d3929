"""``sizes``: `inkling` with fewer and more filters, by which its size was chosen.

Every width is trained alike and briefly, without a teacher: the curve compares sizes, it is not
what the shipped model scores. Accuracy is that of the int8 file; times are taken in turns in one
process. The result goes to ``WORK/curve.json``, which ``report`` draws.
"""

from __future__ import annotations

import argparse
import json
import time
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.files import atomic_write
from device.tflite import Network
from firmware_tools import convert, keras_fit, shards, train, two_heads
from firmware_tools.data import load_images
from firmware_tools.inputs import from_images, scaled
from firmware_tools.progress import say
from firmware_tools.recipe import RecipeError
from firmware_tools.recipes import inkling
from firmware_tools.validation import PIPELINE, Validation, validation

WIDTHS = (
    (8, 16, 24, 32, 32),
    (12, 24, 32, 48, 48),
    (16, 32, 48, 64, 64),
    inkling.WIDTHS,
)
"""Channels of the five convolutions, from small to large."""

TURNS = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``sizes``."""
    train.add_common(parser)
    parser.add_argument("--epochs", type=int, default=3, metavar="N", help="of each width (3)")


def run(args: argparse.Namespace) -> int:
    """Train, convert and measure every width.

    Raises:
        RecipeError: the shards that training `inkling` makes are not there.
    """
    folder, work = train.folders(args)
    paths = sorted((work / "shards").glob(f"{args.seed}-*.npz"))
    if not paths:
        raise RecipeError(f"no shards of seed {args.seed} in {work}: train inkling first")
    held = validation(folder)
    mnist = load_images(folder, "mnist-test")
    tests = {part.name: (part.inputs, part.targets) for part in held if part.targets is not None}
    tests["mnist"] = (from_images(mnist.images, PIPELINE), mnist.digits())
    given = [partial(shards.load, path) for path in paths]
    samples = scaled(given[0]().inputs[:800])
    points, networks = [], []
    for widths in WIDTHS:
        name = "-".join(map(str, widths))
        build = partial(inkling.build, widths)
        model, _ = two_heads.learn(
            build,
            given,
            two_heads.Course(args.epochs, 3e-3),
            args.seed,
            keras_fit.best_precision(),
            name=name,
        )
        content = convert.to_int8(model, samples)
        network = Network(content)
        networks.append(network)
        points.append(
            {
                "name": name,
                "widths": widths,
                "parameters": int(model.count_params()),
                "bytes": len(content),
                **{key: _right(network, *test) for key, test in tests.items()},
                **_accepted(network, held),
            }
        )
        say(json.dumps(points[-1]))
    for point, microseconds in zip(points, times(networks), strict=True):
        point["microseconds"] = microseconds
    atomic_write(work / "curve.json", (json.dumps({"points": points}, indent=1) + "\n").encode())
    say(f"wrote {work / 'curve.json'}")
    return 0


def _right(network: Network, inputs: NDArray[np.uint8], targets: Any) -> float:
    """Percent right of the int8 file."""
    return 100 * float(np.mean(np.argmax(network.run(inputs)["digit"], axis=1) == targets))


def _accepted(network: Network, held: Validation) -> dict[str, float]:
    """Percent of each set of non-digits that the gate lets through."""
    return {
        f"{part.name} accepted": 100
        * float(np.mean(np.argmax(network.run(part.inputs)["gate"], axis=1)))
        for part in held
        if part.targets is None
    }


def times(networks: list[Network]) -> list[float]:
    """Median microseconds a call of each network, the networks taking turns."""
    blank = np.zeros((28, 28), np.uint8)
    taken = np.zeros((TURNS, len(networks)))
    for turn in taken:
        for place, network in enumerate(networks):
            started = time.perf_counter()
            network.run_raw(blank)
            turn[place] = (time.perf_counter() - started) * 1e6
    return [round(float(value), 1) for value in np.median(taken[10:], axis=0)]
