"""Subject ``pipeline``: from ink to the model input and the count of symbols, without the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle

import numpy as np

from device.bench.measure import Bench, Row, interleaved, measured
from device.ink import Ink, Stroke
from device.normalise import PIPELINES, paths_of
from device.reading import decide
from device.recognizer import Recognizer
from device.session import digits
from device.symbols import count_paths

LENGTHS = (10, 100, 1_000, 10_000, 100_000)
"""Points of the scribbles that are measured."""

MANY = 10_000
"""From so many points on a tenth of the turns is enough."""


WHOLE = "ink to model input, counted, decided"
"""A reading without its model, of ink that is read for the first time."""

GROWN = "the same, of ink with a point more than before"
"""The same of ink that is read while it is drawn."""

SAMPLES = 60
"""So many points are added to a scribble, one by one."""

_PLAIN = PIPELINES["mnist"]


def rows(bench: Bench) -> Iterator[Row]:
    """What an ordinary digit costs, what every pipeline does, and how it grows with the ink."""
    inks = [drawing.ink for drawing in digits()]
    several = [ink for ink in inks if len(ink.strokes) > 1]
    for where, some in (("a digit", inks), ("a digit of two strokes", several)):
        taken = interleaved(
            {WHOLE: _in_turn(some, _reader(bench.recognizer, anew=True))}, bench.turns
        )
        yield measured(WHOLE, where, taken[WHOLE])
    makers = {name: _in_turn(inks, pipeline.from_ink) for name, pipeline in PIPELINES.items()}
    for name, seconds in interleaved(makers, bench.turns).items():
        yield measured("model input of a digit", name, seconds)
    for length in LENGTHS:
        ink = scribble(length)
        turns = bench.turns // 10 if length >= MANY else bench.turns
        grown = interleaved(
            {GROWN: _in_turn(_versions(ink), _reader(bench.recognizer, anew=False))}, turns
        )
        for what, seconds in (interleaved(_parts(bench.recognizer, ink), turns) | grown).items():
            yield measured(what, f"{length:,} points", seconds)


def _reader(recognizer: Recognizer, anew: bool) -> Callable[[Ink], object]:
    """``anew``: nothing of any ink is known."""

    def read(ink: Ink) -> object:
        if anew:
            recognizer.forget()
        look = recognizer.look_at(Ink(ink.strokes))  # new ink: it does not know its bounds yet
        return decide(look is None, look.symbols if look else 0, 1.0, recognizer.threshold)

    return read


def _in_turn(inks: list[Ink], work: Callable[[Ink], object]) -> Callable[[], object]:
    turns = cycle(inks)
    return lambda: work(next(turns))


def _parts(recognizer: Recognizer, ink: Ink) -> dict[str, Callable[[], object]]:
    """A reading without its model, and what it is made of."""
    paths = paths_of(ink)
    return {
        WHOLE: partial(_reader(recognizer, anew=True), ink),
        "of it: smoothed": lambda: paths_of(Ink(ink.strokes)),
        "of it: made the model input": lambda: _PLAIN.from_paths(paths),
        "of it: symbols counted": lambda: count_paths(paths),
    }


def _versions(ink: Ink) -> list[Ink]:
    """Some ink as it grows to what it is by its last points, one after the other."""
    *whole, last = ink.strokes
    some = range(max(1, len(last) - SAMPLES), len(last) + 1)
    return [Ink((*whole, Stroke.of(last.samples[:count]))) for count in some]


def scribble(length: int) -> Ink:
    """Ink of so many points: loops all over the canvas, strokes of a hundred points; after the
    first loop nothing lies further out."""
    t = np.arange(length) * 0.11
    radius = 0.38 - 0.3 * (np.arange(length) % 997) / 997
    xy = np.column_stack([0.5 + radius * np.cos(t), 0.5 + radius * np.sin(t), t])
    return Ink(tuple(Stroke.of(part) for part in np.split(xy, range(100, length, 100))))
