"""What people draw on a kiosk that is no digit, made by rule: scribbles, faces, shapes, and digits
spoiled so that they no longer are one. Hard negatives for training the gate."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from device import normalise
from device.ink import DOT, Ink, Stroke
from firmware_tools.synth import Rng

Path = NDArray[np.float64]


def _arc(cx: float, cy: float, rx: float, ry: float, start: float, end: float) -> Path:
    """Part of an ellipse, angles in degrees, 0 to the right, clockwise as seen."""
    angles = np.radians(np.linspace(start, end, max(6, int(abs(end - start) / 15))))
    return np.column_stack([cx + rx * np.cos(angles), cy + ry * np.sin(angles)])


def _line(*corners: tuple[float, float]) -> Path:
    """A polyline with a few samples on each side, as a finger leaves them."""
    points = np.array(corners, float)
    steps = [np.linspace(a, b, 6)[:-1] for a, b in pairwise(points)]
    return np.concatenate([*steps, points[-1:]])


def _face(rng: Rng) -> list[Path]:
    mouth = rng.choice([-1, 1]) * rng.uniform(0.05, 0.15)
    parts = [
        _arc(0.5, 0.5, rng.uniform(0.3, 0.42), rng.uniform(0.33, 0.42), -90, 270),
        _arc(0.36, 0.4, 0.03, 0.03, 0, 360),
        _arc(0.64, 0.4, 0.03, 0.03, 0, 360),
        np.column_stack(
            [np.linspace(0.33, 0.67, 8), 0.65 + mouth * np.sin(np.linspace(0, 3.14, 8))]
        ),
    ]
    if rng.random() < 0.3:
        parts.append(_line((0.5, 0.45), (0.47, 0.56), (0.52, 0.57)))
    return parts


def _star(rng: Rng) -> list[Path]:
    tips = int(rng.integers(5, 7))
    turn = np.arange(tips + 1) * (2 if tips == 5 else 1) * 2 * np.pi / tips - np.pi / 2
    if tips == 5:
        return [_line(*zip(0.5 + 0.4 * np.cos(turn), 0.5 + 0.4 * np.sin(turn), strict=True))]
    return [
        _line((0.5, 0.5), (0.5 + 0.4 * math.cos(a), 0.5 + 0.4 * math.sin(a))) for a in turn[:-1]
    ]


def _heart(_rng: Rng) -> list[Path]:
    t = np.linspace(0, 2 * np.pi, 30)
    x = 16 * np.sin(t) ** 3
    y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    return [np.column_stack([0.5 + x / 42, 0.5 + y / 42])]


def _house(rng: Rng) -> list[Path]:
    roof = rng.uniform(0.1, 0.3)
    parts = [
        _line((0.2, 0.9), (0.2, 0.45), (0.8, 0.45), (0.8, 0.9), (0.2, 0.9)),
        _line((0.15, 0.45), (0.5, roof), (0.85, 0.45)),
    ]
    if rng.random() < 0.6:
        parts.append(_line((0.42, 0.9), (0.42, 0.65), (0.58, 0.65), (0.58, 0.9)))
    return parts


def _arrow(rng: Rng) -> list[Path]:
    size = rng.uniform(0.12, 0.3)
    return [
        _line((0.1, 0.5), (0.9, 0.5)),
        _line((0.9 - size, 0.5 - size), (0.9, 0.5), (0.9 - size, 0.5 + size)),
    ]


def _plus_or_cross(rng: Rng) -> list[Path]:
    if rng.random() < 0.5:
        return [_line((0.5, 0.1), (0.5, 0.9)), _line((0.1, 0.5), (0.9, 0.5))]
    return [_line((0.15, 0.1), (0.85, 0.9)), _line((0.85, 0.1), (0.15, 0.9))]


def _triangle(rng: Rng) -> list[Path]:
    top = rng.uniform(0.2, 0.8)
    return [_line((top, 0.1), (0.9, 0.85), (0.1, 0.85), (top, 0.1))]


def _spiral(rng: Rng) -> list[Path]:
    t = np.linspace(0, rng.uniform(2.2, 5) * 2 * np.pi, 80)
    r = 0.42 * t / t[-1]
    way = rng.choice([-1, 1])
    return [np.column_stack([0.5 + r * np.cos(way * t), 0.5 + r * np.sin(t)])]


def _scribble(rng: Rng) -> list[Path]:
    count = int(rng.integers(6, 40))
    return [rng.uniform(0.1, 0.9, (count, 2))]


def _wander(rng: Rng) -> list[Path]:
    parts = []
    for _ in range(int(rng.integers(1, 5))):
        heading = np.cumsum(rng.normal(0, rng.uniform(0.2, 0.9), int(rng.integers(15, 60))))
        path = np.cumsum(np.column_stack([np.cos(heading), np.sin(heading)]) * 0.05, axis=0)
        parts.append(path - path.mean(axis=0) + rng.uniform(0.35, 0.65, 2))
    return parts


def _zigzag(rng: Rng) -> list[Path]:
    turns = int(rng.integers(6, 14))
    x = np.linspace(0.1, 0.9, turns)
    y = 0.5 + np.where(np.arange(turns) % 2, 1, -1) * rng.uniform(0.1, 0.4)
    path = _line(*zip(x, y, strict=True))
    return [path if rng.random() < 0.6 else path[:, ::-1]]


def _wave(rng: Rng) -> list[Path]:
    t = np.linspace(0, 1, 60)
    y = 0.5 + rng.uniform(0.08, 0.25) * np.sin(t * rng.uniform(2, 6) * 2 * np.pi)
    return [np.column_stack([0.1 + 0.8 * t, y])]


def _dash(rng: Rng) -> list[Path]:
    tilt = rng.uniform(-0.08, 0.08)
    return [
        _line((0.1, 0.5 + shift - tilt), (0.9, 0.5 + shift + tilt))
        for shift in rng.choice([0.0, 0.2, -0.2], int(rng.integers(1, 3)), replace=False)
    ]


def _tap(rng: Rng) -> list[Path]:
    spots = rng.uniform(0.1, 0.9, (int(rng.integers(1, 6)), 1, 2))
    return [spot + rng.normal(0, 0.004, (int(rng.integers(1, 4)), 2)) for spot in spots]


def _rings(rng: Rng) -> list[Path]:
    sizes = np.linspace(0.15, 0.42, int(rng.integers(2, 5)))
    return [_arc(0.5, 0.5, r, r, 0, 360) for r in sizes]


def _sun(rng: Rng) -> list[Path]:
    rays = int(rng.integers(5, 12))
    parts = [_arc(0.5, 0.5, 0.2, 0.2, 0, 360)]
    for a in np.arange(rays) * 2 * np.pi / rays:
        c, s = math.cos(a), math.sin(a)
        parts.append(_line((0.5 + 0.25 * c, 0.5 + 0.25 * s), (0.5 + 0.42 * c, 0.5 + 0.42 * s)))
    return parts


def _flower(rng: Rng) -> list[Path]:
    petals = int(rng.integers(4, 8))
    t = np.linspace(0, 2 * np.pi, 120)
    r = 0.25 + 0.12 * np.cos(petals * t)
    parts = [np.column_stack([0.5 + r * np.cos(t), 0.4 + r * np.sin(t)])]
    if rng.random() < 0.6:
        parts.append(_line((0.5, 0.6), (0.5, 0.95)))
    return parts


def _stick_figure(rng: Rng) -> list[Path]:
    arms = rng.uniform(0.35, 0.55)
    return [
        _arc(0.5, 0.2, 0.1, 0.1, 0, 360),
        _line((0.5, 0.3), (0.5, 0.65)),
        _line((0.25, arms), (0.5, 0.42), (0.75, arms)),
        _line((0.3, 0.92), (0.5, 0.65), (0.7, 0.92)),
    ]


def _hooked_cross(rng: Rng) -> list[Path]:
    """Drawn on public screens, and never to be accepted as anything."""
    way = rng.choice([-1, 1])
    one = np.array([[0.1, 0.1], [0.1, 0.5], [0.9, 0.5], [0.9, 0.9]])
    two = np.array([[0.9, 0.1], [0.5, 0.1], [0.5, 0.9], [0.1, 0.9]])
    return [_line(*(((p - 0.5) * (way, 1) + 0.5).tolist() for p in path)) for path in (one, two)]


def _crossed_circle(rng: Rng) -> list[Path]:
    parts = [_arc(0.5, 0.5, 0.4, 0.4, 0, 360)]
    for a in rng.uniform(0, np.pi) + np.arange(int(rng.integers(1, 4))) * np.pi / 3:
        c, s = 0.4 * math.cos(a), 0.4 * math.sin(a)
        parts.append(_line((0.5 - c, 0.5 - s), (0.5 + c, 0.5 + s)))
    return parts if len(parts) > 2 else [*parts, _line((0.1, 0.5), (0.9, 0.5))]


def _lattice(rng: Rng) -> list[Path]:
    places = np.linspace(0.3, 0.7, int(rng.integers(2, 4)))
    return [_line((x, 0.1), (x, 0.9)) for x in places] + [_line((0.1, y), (0.9, y)) for y in places]


def _lying_eight(rng: Rng) -> list[Path]:
    t = np.linspace(0, 2 * np.pi, 40)
    return [np.column_stack([0.5 + 0.4 * np.cos(t), 0.5 + rng.uniform(0.1, 0.2) * np.sin(2 * t)])]


def _hourglass(rng: Rng) -> list[Path]:
    """Two triangles tip to tip, standing or lying (a bow tie): corners where an 8 is round."""
    wide, waist = rng.uniform(0.15, 0.4), rng.uniform(0.0, 0.06)
    left, right, low, high = 0.5 - wide, 0.5 + wide, 0.1, 0.9
    if waist < 0.03:
        path = _line((left, low), (right, low), (left, high), (right, high), (left, low))
    else:
        sides = [(left, low), (right, low), (0.5 + waist, 0.5), (right, high)]
        path = _line(*sides, (left, high), (0.5 - waist, 0.5), (left, low))
    return [path if rng.random() < 0.7 else path[:, ::-1]]


def _crossed_box(rng: Rng) -> list[Path]:
    box = _line((0.15, 0.15), (0.85, 0.15), (0.85, 0.85), (0.15, 0.85), (0.15, 0.15))
    inside = _line((0.15, 0.15), (0.85, 0.85))
    return [box, inside, _line((0.85, 0.15), (0.15, 0.85))][: int(rng.integers(2, 4))]


SHAPES: tuple[Callable[[Rng], list[Path]], ...] = (
    _face, _star, _heart, _house, _arrow, _plus_or_cross, _triangle, _spiral, _scribble, _wander,
    _zigzag, _wave, _dash, _tap, _rings, _sun, _flower, _stick_figure, _hooked_cross,
    _crossed_circle, _lattice, _lying_eight, _hourglass, _crossed_box,
)  # fmt: skip


LINE_WIDTH = 0.15
"""A drawing that is narrower than this share of its length, ..."""

LINE_GAP = 0.2
"""... has no gap longer than this share of it, ..."""

LINE_LEAN = 50.0
"""... and leans from the upright by less than this (degrees) is a straight line."""


def is_upright_line(ink: Ink) -> bool:
    """Whether some ink is one straight line, more or less upright: a 1 to every reader, also where
    it was meant as a match, or was left of a letter whose other strokes are missing."""
    paths = normalise.paths_of(ink)
    if not paths:
        return False
    points = np.concatenate(paths)
    points = points - points.mean(axis=0)
    across, along = np.linalg.eigh(points.T @ points)[1].T
    places = np.sort(points @ along)
    length = places[-1] - places[0]
    if length < DOT or np.ptp(points @ across) > LINE_WIDTH * length:
        return False
    lean = math.degrees(math.atan2(abs(along[0]), abs(along[1])))
    return bool(np.diff(places).max() <= LINE_GAP * length and lean < LINE_LEAN)


def shape(rng: Rng) -> Ink:
    """A scribble, face, figure or sign, fitted to the canvas."""
    return Ink.of(SHAPES[int(rng.integers(len(SHAPES)))](rng)).fitted()


def in_a_row(digits: list[Ink], rng: Rng) -> Ink:
    """Two or more digits so close that they touch or overlap: no longer one digit."""
    strokes: list[Stroke] = []
    right = 0.0
    for ink in digits:
        part = ink.fitted().scaled(rng.uniform(0.75, 1.0))
        bounds = part.bounds
        if bounds is None:
            continue
        gap = rng.uniform(-0.12, 0.15)
        moved = part.moved(right + gap - bounds.left, rng.normal(0, 0.04))
        strokes.extend(moved.strokes)
        right = right + gap + max(bounds.width, 0.08)
    return Ink(tuple(strokes)).fitted()


def stacked(digits: list[Ink], rng: Rng) -> Ink:
    """Digits one above the other, touching or nearly."""
    return _transposed(in_a_row([_transposed(ink) for ink in digits], rng))


def _transposed(ink: Ink) -> Ink:
    return Ink(tuple(stroke.with_xy(stroke.xy[:, ::-1]) for stroke in ink.strokes))


def overlaid(inks: list[Ink], rng: Rng) -> Ink:
    """Drawings on top of each other, as when a canvas is not cleared."""
    strokes: list[Stroke] = []
    for ink in inks:
        part = ink.fitted().scaled(rng.uniform(0.6, 1.0))
        strokes.extend(part.moved(*rng.uniform(-0.12, 0.12, 2)).strokes)
    return Ink(tuple(strokes)).fitted()


HALVES = "238"
"""Digits of which half is no other digit (half a 0, 4, 7 or 9 may well be a 1)."""


def half(ink: Ink, rng: Rng) -> Ink:
    """The first or last part of a digit that is broken off in the middle."""
    keep = max(3, round(ink.point_count * rng.uniform(0.3, 0.48)))
    strokes = [stroke.samples for stroke in ink.strokes]
    if rng.random() < 0.5:
        strokes = [samples[::-1] for samples in reversed(strokes)]
    out = []
    for samples in strokes:
        out.append(samples[:keep])
        keep -= len(samples)
        if keep <= 0:
            break
    return Ink.of(out).fitted()


def crossed_out(ink: Ink, rng: Rng) -> Ink:
    """A digit that somebody has struck through or scribbled over."""
    extra = _scribble(rng) if rng.random() < 0.6 else _plus_or_cross(rng)
    return Ink.of([*(stroke.samples for stroke in ink.strokes), *extra]).fitted()
