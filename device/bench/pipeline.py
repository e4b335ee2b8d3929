"""Subject ``pipeline``: from ink to the model input and the count of symbols, without the model."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import partial
from itertools import accumulate, cycle

import numpy as np
from numpy.typing import NDArray

from device.accumulation import AT_ONCE
from device.bench.measure import WARM_UP, Bench, Row, interleaved, measured
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

ENLARGED = "the same, of ink that each point makes larger"
"""The same, where all of it comes to lie elsewhere in the model input with each point."""

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
        taken = interleaved(_parts(bench.recognizer, ink), turns)
        for what, drawing in ((GROWN, ink), (ENLARGED, spiral(length))):
            taken |= interleaved({what: _followed(bench.recognizer, drawing, turns)}, turns)
        for what, seconds in taken.items():
            yield measured(what, f"{length:,} points", seconds)


def _reader(recognizer: Recognizer, anew: bool) -> Callable[[Ink], object]:
    """``anew``: nothing of any ink is known; else it grows from call to call."""

    def read(ink: Ink) -> object:
        if anew:
            recognizer.forget()
        # New ink: it does not know its bounds yet.
        look = recognizer.look_at(Ink(ink.strokes), growing=not anew)
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


def _followed(recognizer: Recognizer, ink: Ink, turns: int) -> Callable[[], object]:
    """Reads ink that grows by its last points, one after the other, and was read while it grew so
    far."""
    read = _reader(recognizer, anew=False)
    last = versions(ink, WARM_UP + turns)
    recognizer.forget()
    step = AT_ONCE // 4  # or what was there before it was followed would never be caught up with
    for count in range(step, last[0].point_count, step):
        read(begun(ink, count))
    return _in_turn(last, read)


def versions(ink: Ink, number: int) -> list[Ink]:
    """Some ink as it grows to what it is: the last so many, or all there are."""
    points = ink.point_count
    return [begun(ink, count) for count in range(max(1, points - number + 1), points + 1)]


def begun(ink: Ink, count: int) -> Ink:
    """Some ink when it had so many points, at least one."""
    ends = list(accumulate(map(len, ink.strokes)))
    whole = bisect_left(ends, count)
    last = ink.strokes[whole]
    points = count - (ends[whole] - len(last))
    return Ink((*ink.strokes[:whole], Stroke.of(last.samples[:points])))


def scribble(length: int) -> Ink:
    """Ink of so many points: loops all over the canvas, strokes of a hundred points; after the
    first loop nothing lies further out."""
    radius = 0.38 - 0.3 * (np.arange(length) % 997) / 997
    return Ink(tuple(map(Stroke.of, np.split(_round(radius), range(100, length, 100)))))


def spiral(length: int) -> Ink:
    """Ink of so many points: one line round and round, each point of it further out."""
    return Ink((Stroke.of(_round(0.02 + 0.4 * np.arange(length) / length)),))


def _round(radius: NDArray[np.float64]) -> NDArray[np.float64]:
    """Samples (n, 3) around the middle of the canvas at these distances."""
    t = np.arange(len(radius)) * 0.11
    return np.column_stack([0.5 + radius * np.cos(t), 0.5 + radius * np.sin(t), t])
