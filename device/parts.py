"""Several symbols in one drawing, each read on its own: 2 0 2 6."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from device.ink import Ink, Stroke
from device.normalise import paths_of
from device.reading import Reading, Verdict, decide
from device.recognizer import Recognizer
from device.symbols import symbol_of_each

UNREAD = "?"
"""Stands for a symbol that is no digit."""


class Part(NamedTuple):
    """One symbol of a drawing: its strokes, and what they read alone."""

    ink: Ink
    reading: Reading


def split(ink: Ink) -> list[Ink]:
    """The symbols of some ink, from left to right: as many as :mod:`device.symbols` counts.

    Every stroke (but for empty ones) is in exactly one of them.
    """
    strokes = [stroke for stroke in ink.strokes if len(stroke)]
    found: dict[int, list[Stroke]] = {}
    for stroke, number in zip(strokes, symbol_of_each(paths_of(ink)), strict=True):
        found.setdefault(number, []).append(stroke)
    return [Ink(tuple(found[number])) for number in sorted(found)]


def read_parts(recognizer: Recognizer, ink: Ink) -> list[Part]:
    """The symbols of some ink, from left to right, each read on its own, in one batch."""
    inks = split(ink)
    readings = (_as_one(one, recognizer.threshold) for one in recognizer.read_many(inks))
    return [Part(*part) for part in zip(inks, readings, strict=True)]


def _as_one(reading: Reading, threshold: float) -> Reading:
    """A reading of what is one symbol among others, even if alone it would be counted anew."""
    verdict = decide(False, 1, reading.gate, threshold)
    return replace(reading, verdict=verdict, symbols=1)


def number(parts: Iterable[Part]) -> str:
    """The number that the symbols read, ``"2026"``; ``"?"`` in the place of what is no digit."""
    return "".join(
        str(part.reading.digit) if part.reading.verdict is Verdict.ACCEPTED else UNREAD
        for part in parts
    )
