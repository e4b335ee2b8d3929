"""From ink or pixels to the model input: one function per published pipeline.

The model input is a 28x28 uint8 array. Which pipeline a model wants is written in its manifest
entry; training, evaluation and the device call these same functions, so that what a model saw
when it learned is what it sees on the kiosk.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device import pixels as px
from device import raster
from device.ink import DOT, Ink
from device.raster import Pixels

SIDE = 28
"""Width and height of the model input, pixels."""

FIT = 20
"""The box that a normalised drawing fills, pixels: MNIST's."""

MODEL_PEN = 2.4
"""Width of the pen (pixels of the model input) with which ink is drawn for a model."""

MASS_CENTRE = 14.5
"""Where the centre of mass comes to lie, pixels. In MNIST's own images it lies in 14..15."""

CANVAS_PEN = 2.0 / SIDE
"""Pen width (canvas units) where a published pipeline starts from the drawn canvas."""

CANVAS_SIDE = 280
"""Side (pixels) of the canvas from which those pipelines start, as the published apps use."""

Path = NDArray[np.float64]


def paths_of(ink: Ink, steps: int = FIT) -> list[Path]:
    """The smooth centre lines of some ink, in canvas units, with points a ``steps``-th of its
    extent apart: the one form that model input and symbol counting are both made from."""
    bounds = ink.bounds
    if bounds is None:
        return []
    spacing = max(bounds.width, bounds.height, DOT) / steps
    return [stroke.smoothed(spacing) for stroke in ink.strokes if len(stroke)]


def mnist_from_paths(paths: list[Path], pen: float = MODEL_PEN, by_mass: bool = True) -> Pixels:
    """Centre lines (any units) drawn into a 20x20 box, proportions kept, centred in 28x28.

    Size and position of the drawing and the pen it was drawn with cannot matter: only the lines
    do. Follows MNIST's own recipe (LeCun et al. 1998): 20x20 box, centred by mass.

    Args:
        paths: arrays (n, 2) of x, y, as from :func:`paths_of`.
        pen: width of the line, pixels of the result.
        by_mass: centre the mass of the line; otherwise its box.
    """
    if not paths:
        return np.zeros((SIDE, SIDE), np.uint8)
    every = np.concatenate(paths)
    low, high = every.min(axis=0), every.max(axis=0)
    extent = float((high - low).max())
    scale = (FIT - pen) / max(extent, DOT)
    middle = _centroid(paths) if by_mass else None
    if middle is None:
        middle = (low + high) / 2
    # Centred by mass, a long thin tail could leave the picture: the line stays inside it.
    low_offset, high_offset = (low - middle) * scale, (high - middle) * scale
    centre = MASS_CENTRE if by_mass else SIDE / 2
    shift = np.clip(centre, pen / 2 - low_offset, SIDE - pen / 2 - high_offset)
    lines = ((path - middle) * scale + shift for path in paths)
    return raster.draw_paths(lines, (SIDE, SIDE), pen / 2)


def _centroid(paths: list[Path]) -> NDArray[np.float64] | None:
    """Centre of mass of lines of constant width; None when they have no length."""
    starts = np.concatenate([path[:-1] for path in paths])
    ends = np.concatenate([path[1:] for path in paths])
    lengths = np.hypot(*(ends - starts).T)
    total = lengths.sum()
    if total <= 0:
        return None
    centre: NDArray[np.float64] = lengths @ (starts + ends) / (2 * total)
    return centre


def mnist_from_pixels(cleaned: Pixels) -> Pixels:
    """A cleaned picture cropped, fitted into 20x20 and centred by mass in 28x28.

    MNIST's own images come back unchanged. Lines that would become thinner than a model has ever
    seen (a thin pen on a large picture) are thickened first.
    """
    small = _fitted(cleaned)
    if small is None:
        return np.zeros((SIDE, SIDE), np.uint8)
    weights = small.astype(np.float64)
    total = weights.sum()
    cy = float(weights.sum(axis=1) @ (np.arange(small.shape[0]) + 0.5) / total)
    cx = float(weights.sum(axis=0) @ (np.arange(small.shape[1]) + 0.5) / total)
    return px.placed(small, math.ceil(SIDE / 2 - cy), math.ceil(SIDE / 2 - cx), SIDE)


_ROOM = 4
"""Pictures are thickened at this many times the model's size, where a pixel is fine enough."""


def _fitted(cleaned: Pixels) -> Pixels | None:
    """The drawing alone, proportions kept, its longer side :data:`FIT`; None when blank."""
    large = max(cleaned.shape) > 2 * SIDE
    if large:
        cleaned = px.without_specks(cleaned)
    box = px.ink_box(cleaned)
    if box is None:
        return None
    drawing = px.crop(cleaned, box)
    if max(drawing.shape) > 2 * FIT:
        width = px.pen_width(drawing) * FIT / max(drawing.shape)
        drawing = px.stretched(px.fit(drawing, _ROOM * FIT))
        missing = round((MODEL_PEN * 0.8 - width) / 2 * _ROOM)
        if missing > 0:
            drawing = px.thickened(drawing, missing)
    small = px.fit(drawing, FIT)
    return small if small.any() else None


def _mnist_ink(ink: Ink) -> Pixels:
    return mnist_from_paths(paths_of(ink))


def _gubboit_ink(ink: Ink) -> Pixels:
    return mnist_from_paths(paths_of(ink), by_mass=False)


def _gubboit_pixels(cleaned: Pixels) -> Pixels:
    """GubboIT Digit: cropped, proportions kept, margin 28 of 200, the box in the middle."""
    small = _fitted(cleaned)
    if small is None:
        return np.zeros((SIDE, SIDE), np.uint8)
    height, width = small.shape
    return px.placed(small, (SIDE - height) // 2, (SIDE - width) // 2, SIDE)


def _digito_pixels(cleaned: Pixels) -> Pixels:
    """Digito: Otsu to black and white, crop, stretch to 22x22, pad 3; dark on light."""
    return _digito(cleaned, keep_proportions=False)


def _digito_keep_pixels(cleaned: Pixels) -> Pixels:
    """Digito as its author's variant: the crop keeps its proportions."""
    return _digito(cleaned, keep_proportions=True)


def _digito(cleaned: Pixels, keep_proportions: bool) -> Pixels:
    binary = np.where(cleaned > px.otsu(cleaned), 255, 0).astype(np.uint8)
    box = px.ink_box(binary)
    if box is None:
        return np.full((SIDE, SIDE), 255, np.uint8)
    drawing = px.crop(binary, box)
    if keep_proportions:
        drawing = px.squared(drawing)
    light: Pixels = np.pad(px.resize(drawing, SIDE - 6, SIDE - 6), 3)
    return np.invert(light)


def _canvas_pixels(cleaned: Pixels) -> Pixels:
    """abc1203 and the toy network: the whole canvas made 28x28, nothing centred."""
    return px.resize(px.squared(cleaned), SIDE, SIDE)


def _flask_pixels(cleaned: Pixels) -> Pixels:
    """cullena20's site: bilinear to 28x28, blank rows and columns stripped, 20x20, padded."""
    whole = _canvas_pixels(cleaned)
    box = px.ink_box(whole)
    if box is None:
        return whole
    return np.pad(px.resize(px.crop(whole, box), FIT, FIT), (SIDE - FIT) // 2)


@dataclass(frozen=True)
class Pipeline:
    """How a drawing becomes the model input, uint8 (28, 28).

    ``from_ink`` takes :class:`Ink`; ``from_pixels`` takes pixels that :func:`device.pixels.clean`
    has made 255 ink on 0 paper.
    """

    name: str
    description: str
    from_ink: Callable[[Ink], Pixels]
    from_pixels: Callable[[Pixels], Pixels]


def _from_canvas(name: str, description: str, made: Callable[[Pixels], Pixels]) -> Pipeline:
    """A published pipeline that starts from the pixels of the drawn canvas."""
    return Pipeline(
        name,
        description,
        lambda ink: made(raster.draw(ink, CANVAS_SIDE, CANVAS_PEN)),
        made,
    )


PIPELINES: dict[str, Pipeline] = {
    pipeline.name: pipeline
    for pipeline in (
        Pipeline(
            "mnist",
            "fit 20x20 keeping proportions, centre by mass in 28x28, as MNIST was made",
            _mnist_ink,
            mnist_from_pixels,
        ),
        Pipeline(
            "gubboit",
            "fit keeping proportions with a margin of 4 in 28, centre the box",
            _gubboit_ink,
            _gubboit_pixels,
        ),
        _from_canvas(
            "digito",
            "Otsu to black and white, crop, stretch to 22x22, pad 3, dark on light",
            _digito_pixels,
        ),
        _from_canvas(
            "digito-keep",
            "as digito, but the crop keeps its proportions",
            _digito_keep_pixels,
        ),
        _from_canvas("canvas", "the whole canvas made 28x28, nothing centred", _canvas_pixels),
        _from_canvas(
            "flask",
            "bilinear to 28x28, strip blank rows and columns, stretch to 20x20, pad 4",
            _flask_pixels,
        ),
    )
}
"""Every input pipeline by the name that a manifest gives it."""
