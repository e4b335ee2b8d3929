"""Training sets for `inkling`, made once and kept: every drawing varied, in numbered shards.

Rendering ink costs more than training on it, so each shard is one pass over all training data with
fresh variations, written to the work folder; an epoch reads the next shard. The same seed makes
the same shards.
"""

from __future__ import annotations

import io
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from device import normalise, symbols
from device import pixels as px
from device.files import atomic_write
from device.ink import Ink
from firmware_tools import nondigits, synth
from firmware_tools.data import LabelledInk, load_images, load_inks

NOT_A_DIGIT = 10
"""The label of everything that is no digit."""

GREEK_LOOKALIKES = frozenset({"Greek/character09", "Greek/character15", "Greek/character18"})
"""Omniglot's iota, omicron and final sigma: no reader can tell them from 1, 0 and 5 or 6."""


@dataclass(frozen=True)
class Shard:
    """Model inputs uint8 (n, 28, 28) and labels uint8 (n,): 0-9, or :data:`NOT_A_DIGIT`.

    ``scanned`` bool (n,): which rows come from MNIST. ``answers`` float16 (n, 12), where teachers
    were asked: their mean probabilities of the ten digits, then of no and yes, at the temperature
    that they are learnt at.
    """

    inputs: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    scanned: NDArray[np.bool_]
    answers: NDArray[np.float16] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def scans(self) -> Shard:
        """The rows that come from MNIST, alone."""
        chosen = self.scanned
        answers = None if self.answers is None else self.answers[chosen]
        return Shard(self.inputs[chosen], self.labels[chosen], self.scanned[chosen], answers)


@dataclass(frozen=True)
class Sources:
    """Everything that `inkling` may learn from.

    What is one straight upright line and no 1 is in none of it: nobody can tell it from a 1, and a
    gate that has to guess refuses ones.
    """

    digits: tuple[LabelledInk, ...]
    others: tuple[Ink, ...]
    doodles: tuple[Ink, ...]
    mnist: Shard
    doodle_images: NDArray[np.uint8]


@lru_cache(maxsize=1)
def sources(folder: Path) -> Sources:
    """The training split of every set, as the model may see it."""
    digits = tuple(
        row
        for name in ("unipen-digits", "pendigits")
        for row in _train(folder, name)
        # A few drawings hold two digits under one label, or but one stroke of a 4.
        if symbols.count_paths(normalise.paths_of(row.ink)) == 1
        and (row.label == "1" or not nondigits.is_upright_line(row.ink))
    )
    others = tuple(
        row.ink
        for name in ("unipen-upper", "unipen-lower", "unipen-symbols")
        for row in _train(folder, name)
        if not nondigits.is_upright_line(row.ink)
    )
    doodles = tuple(
        row.ink
        for name in ("quickdraw", "omniglot")
        for row in _train(folder, name)
        if row.label not in GREEK_LOOKALIKES and not nondigits.is_upright_line(row.ink)
    )
    mnist = load_images(folder, "mnist-train")
    doodle_images = load_images(folder, "quickdraw-bitmaps").images
    return Sources(
        digits,
        others,
        doodles,
        Shard(
            _through_pipeline(mnist.images),
            mnist.digits().astype(np.uint8),
            np.ones(len(mnist.images), np.bool_),
        ),
        _through_pipeline(doodle_images),
    )


def _train(folder: Path, name: str) -> list[LabelledInk]:
    return [row for row in load_inks(folder, name) if row.split == "train"]


def _through_pipeline(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.stack([normalise.mnist_from_pixels(px.clean(image)) for image in images])


TURN = 35.0
"""Greatest rotation of a digit, degrees."""

SCAN_TURN, SCAN_BEND = 15.0, 1.5
"""Greatest rotation (degrees) and elastic distortion (pixels) of a scanned digit, as other writers
would have written it on paper; each is also seen as it is, and turned by up to :data:`TURN`."""

OTHERS_TURN = 25.0
"""Greatest rotation of a drawing that is none, degrees."""

MADE_UP = 28_000
"""Made-up non-digits in a shard."""


def build(folder: Path, seed: int, number: int, made_up: int = MADE_UP) -> Shard:
    """Shard ``number``: every source at least once, varied by the seed, and so many made-up
    non-digits."""
    data = sources(folder)
    rng = np.random.default_rng([seed, number])
    parts: list[tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.bool_]]] = []

    def add(
        inputs: list[NDArray[np.uint8]] | NDArray[np.uint8], labels: object, scanned: bool = False
    ) -> None:
        stacked = np.asarray(inputs, dtype=np.uint8).reshape(-1, normalise.SIDE, normalise.SIDE)
        all_labels = np.broadcast_to(np.asarray(labels, np.uint8), len(stacked))
        parts.append((stacked, all_labels, np.full(len(stacked), scanned)))

    for _ in range(3):
        inputs = [synth.render(synth.vary(row.ink, rng, TURN), rng) for row in data.digits]
        add(inputs, [int(row.label) for row in data.digits])
    mnist = data.mnist
    add(mnist.inputs, mnist.labels, scanned=True)
    add(synth.vary_images(mnist.inputs, rng, SCAN_TURN, SCAN_BEND), mnist.labels, scanned=True)
    add(synth.vary_images(mnist.inputs, rng, TURN), mnist.labels, scanned=True)
    add([_varied(ink, rng) for ink in data.others], NOT_A_DIGIT)
    for _ in range(4):
        add([_varied(ink, rng) for ink in data.doodles], NOT_A_DIGIT)
    add(synth.vary_images(data.doodle_images, rng, OTHERS_TURN), NOT_A_DIGIT)
    add(list(_made_up(data, rng, made_up)), NOT_A_DIGIT)
    order = rng.permutation(sum(len(inputs) for inputs, _, _ in parts))
    inputs, labels, scanned = (np.concatenate(arrays)[order] for arrays in zip(*parts, strict=True))
    return Shard(inputs, labels, scanned)


def _varied(ink: Ink, rng: synth.Rng) -> NDArray[np.uint8]:
    return synth.render(synth.vary(ink, rng, OTHERS_TURN), rng)


def _made_up(data: Sources, rng: synth.Rng, count: int) -> Iterator[NDArray[np.uint8]]:
    def digit() -> Ink:
        return data.digits[int(rng.integers(len(data.digits)))].ink

    def other() -> Ink:
        kind = data.doodles if rng.random() < 0.5 else data.others
        return kind[int(rng.integers(len(kind)))]

    def halved() -> Ink:
        while (row := data.digits[int(rng.integers(len(data.digits)))]).label not in (
            nondigits.HALVES
        ):
            pass
        return nondigits.half(row.ink, rng)

    makers: list[tuple[float, Callable[[], Ink]]] = [
        (0.42, lambda: nondigits.shape(rng)),
        (0.14, lambda: nondigits.overlaid([other(), other()], rng)),
        (0.22, lambda: nondigits.in_a_row([digit() for _ in range(int(rng.integers(2, 4)))], rng)),
        (0.07, lambda: nondigits.stacked([digit(), digit()], rng)),
        (0.08, halved),
        (0.07, lambda: nondigits.crossed_out(digit(), rng)),
    ]
    shares = np.array([share for share, _ in makers])
    for choice in rng.choice(len(makers), count, p=shares / shares.sum()):
        while nondigits.is_upright_line(made := makers[choice][1]()):
            pass
        yield _varied(made, rng)


def shard_path(work: Path, seed: int, number: int) -> Path:
    """Where a shard is kept."""
    return work / "shards" / f"{seed}-{number:03}.npz"


def make(folder: Path, work: Path, seed: int, made_up: int, number: int) -> Path:
    """Build one shard and write it, unless it is there already."""
    path = shard_path(work, seed, number)
    if not path.exists():
        save(path, build(folder, seed, number, made_up))
    return path


def make_all(
    folder: Path,
    work: Path,
    seed: int,
    numbers: Sequence[int],
    made_up: int = MADE_UP,
    processes: int = 2,
) -> Iterator[Path]:
    """Build these shards, several at a time; yields each path as it is done."""
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        yield from pool.imap_unordered(partial(make, folder, work, seed, made_up), numbers)


def save(path: Path, shard: Shard) -> None:
    """Write a shard; the folder is made.

    Raises:
        FileError: it cannot be written.
    """
    arrays: dict[str, NDArray[np.generic]] = {
        "inputs": shard.inputs,
        "labels": shard.labels,
        "scanned": shard.scanned,
    }
    if shard.answers is not None:
        arrays["answers"] = shard.answers
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(path, buffer.getvalue())


def load(path: Path) -> Shard:
    """Read a shard that :func:`save` has written."""
    with np.load(path) as arrays:
        return Shard(arrays["inputs"], arrays["labels"], arrays["scanned"], arrays.get("answers"))
