"""Other hands, other pens, other panels: every drawing in many variants, for training `inkling`.

Ink is distorted as ink (rotation, slant, tremor, few samples, another pen) and then goes through
the device's own pipeline; images are distorted and fitted again as the device would fit them. All
randomness comes from the generator handed in, so a seed makes a training set.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from device import normalise, raster
from device import pixels as px
from device.ink import Ink, Stroke
from device.raster import Pixels

Rng = np.random.Generator

TURNED = 0.3
"""Share of the variants that are turned by any angle up to the greatest; the others lean a little,
as hands do."""


def vary(ink: Ink, rng: Rng, turn: float = 35.0) -> Ink:
    """One other way in which a hand could have drawn the same.

    Args:
        ink: fitted to the canvas.
        turn: greatest rotation, degrees; most variants stay within a few (:data:`TURNED`).
    """
    strokes = [stroke.xy for stroke in ink.strokes]
    if rng.random() < 0.5:
        strokes = _sampled(strokes, rng)
    if rng.random() < 0.5:
        strokes = _warped(strokes, rng)
    if rng.random() < 0.3:
        strokes = _trembled(strokes, rng)
    if rng.random() < 0.15:
        grid = rng.uniform(24, 200)
        strokes = [np.rint(xy * grid) / grid for xy in strokes]
    if rng.random() < 0.05:
        strokes = _hooked(strokes, rng)
    matrix = _affine(rng, turn)
    return Ink(tuple(Stroke.of((xy - 0.5) @ matrix.T + 0.5) for xy in strokes))


def _affine(rng: Rng, turn: float) -> NDArray[np.float64]:
    turned = rng.random() < TURNED
    spread = rng.uniform(-turn, turn) if turned else rng.normal(0, min(8.0, turn))
    angle = math.radians(spread)
    slant = np.clip(rng.normal(0, 0.16), -0.45, 0.45)
    stretch = math.exp(float(np.clip(rng.normal(0, 0.16), -0.45, 0.45)))
    c, s = math.cos(angle), math.sin(angle)
    return (
        np.array([[c, -s], [s, c]])
        @ np.array([[1, slant], [0, 1]])
        @ np.diag([stretch, 1 / stretch])
    )


def _sampled(strokes: list[NDArray[np.float64]], rng: Rng) -> list[NDArray[np.float64]]:
    """As a slow panel reports it: fewer samples, the last one always there."""
    total = sum(len(xy) for xy in strokes)
    share = rng.uniform(7, 30) / max(total, 1)
    if share >= 1:
        return strokes
    out = []
    for xy in strokes:
        count = max(2, round(len(xy) * share))
        if count >= len(xy):
            out.append(xy)
            continue
        places = np.linspace(0, len(xy) - 1, count)
        places[1:-1] += rng.uniform(-0.3, 0.3, count - 2) * (len(xy) - 1) / (count - 1)
        out.append(xy[np.rint(places).astype(int)])
    return out


def _warped(strokes: list[NDArray[np.float64]], rng: Rng) -> list[NDArray[np.float64]]:
    """Bent by a few slow waves across the canvas: another hand's proportions."""
    size = rng.uniform(0.01, 0.035)
    waves = rng.normal(0, 1, (3, 2)) * 5.0
    phases = rng.uniform(0, 2 * np.pi, (3, 2))
    push = rng.normal(0, size, (3, 2))
    return [
        xy + sum(np.sin(xy @ waves[i] + phases[i, 0])[:, None] * push[i] for i in range(len(waves)))
        for xy in strokes
    ]


def _trembled(strokes: list[NDArray[np.float64]], rng: Rng) -> list[NDArray[np.float64]]:
    size = rng.uniform(0.002, 0.012)
    return [xy + rng.normal(0, size, xy.shape) for xy in strokes]


def _hooked(strokes: list[NDArray[np.float64]], rng: Rng) -> list[NDArray[np.float64]]:
    """A little hook where the pen came down or left."""
    hook = rng.normal(0, 0.05, 2)
    first, last = strokes[0], strokes[-1]
    if rng.random() < 0.5:
        return [np.vstack([first[:1] + hook, first]), *strokes[1:]]
    return [*strokes[:-1], np.vstack([last, last[-1:] + hook])]


def render(ink: Ink, rng: Rng) -> Pixels:
    """A model input (28x28 uint8) of varied ink: mostly with the device's pen, straight from the
    lines; sometimes with another pen, or through a small picture as web forms send it."""
    kind = rng.random()
    if kind < 0.12:
        size = rng.uniform(0.4, 0.9)
        place = rng.uniform(-1, 1, 2) * (0.95 - size) / 2
        small = ink.fitted().scaled(size / 0.8).moved(*place)
        picture = raster.draw(small, normalise.SIDE, rng.uniform(1.0, 3.2) / normalise.SIDE)
        return normalise.mnist_from_pixels(px.clean(picture))
    paths = normalise.paths_of(ink)
    if kind < 0.65:
        pen = normalise.MODEL_PEN * rng.uniform(0.95, 1.05)
    else:
        pen = normalise.MODEL_PEN * math.exp(rng.uniform(-0.6, 0.6))
    return normalise.mnist_from_paths(paths, pen)


def vary_images(
    images: NDArray[np.uint8], rng: Rng, turn: float = 35.0, bend: float = 0.9
) -> NDArray[np.uint8]:
    """Model inputs (n, 28, 28) rotated, slanted, stretched, bent and made bolder or finer, then
    fitted and centred again as the pipeline would.

    Args:
        turn: greatest rotation, degrees.
        bend: greatest strength of the elastic distortion, pixels.
    """
    parts = [_vary_chunk(images[i : i + 512], rng, turn, bend) for i in range(0, len(images), 512)]
    return np.concatenate(parts) if parts else images


def _vary_chunk(images: NDArray[np.uint8], rng: Rng, turn: float, bend: float) -> NDArray[np.uint8]:
    count, side = len(images), normalise.SIDE
    matrices = np.stack([_affine(rng, turn) for _ in range(count)])
    grid = np.stack(np.meshgrid(*(np.arange(side) + 0.5,) * 2), -1).reshape(-1, 2) - side / 2
    forward = np.einsum("nij,pj->npi", matrices, grid)
    ink = images.reshape(count, -1).astype(np.float32)
    # Where the ink comes to lie decides the fit, as for a fresh drawing.
    masked = np.where((ink > 40)[..., None], forward, np.nan)
    low, high = np.nanmin(masked, axis=1), np.nanmax(masked, axis=1)
    scale = (normalise.FIT - 1) / np.maximum((high - low).max(axis=1), 4.0)
    mass = np.einsum("np,npi->ni", ink, forward) / np.maximum(ink.sum(1), 1)[:, None]
    offset = np.clip(
        0.5,
        -side / 2 + 0.5 - (low - mass) * scale[:, None],
        side / 2 - 0.5 - (high - mass) * scale[:, None],
    )
    inverse = np.linalg.inv(matrices)
    source = (grid[None] - offset[:, None]) / scale[:, None, None] + mass[:, None]
    source = np.einsum("nij,npj->npi", inverse, source) + side / 2 - 0.5
    source += _elastic(count, rng, bend)
    out = _bilinear(images.astype(np.float32), source)
    bold = rng.normal(0, 1, count)[:, None, None]
    wide = np.maximum.reduce(
        [out, *(np.roll(out, shift, axis) for shift in (-1, 1) for axis in (1, 2))]
    )
    thin = np.minimum.reduce(
        [out, *(np.roll(out, shift, axis) for shift in (-1, 1) for axis in (1, 2))]
    )
    amount = np.clip(np.abs(bold) - 0.5, 0, 1) * np.where(bold > 0, 0.7, 0.4)
    out = np.where(bold > 0, out + amount * (wide - out), out + amount * (thin - out))
    out *= 255 / np.maximum(out.max(axis=(1, 2), keepdims=True), 64)
    return np.rint(np.clip(out, 0, 255)).astype(np.uint8)


def _elastic(count: int, rng: Rng, bend: float) -> NDArray[np.float64]:
    """Smooth displacements, pixels, (count, 784, 2): Simard et al. 2003, from a coarse grid."""
    coarse = rng.normal(0, 1, (count, 5, 5, 2)) * rng.uniform(0.0, bend, (count, 1, 1, 1))
    places = np.linspace(0, 3.999, normalise.SIDE)
    low = places.astype(int)
    part = places - low
    weights = np.zeros((normalise.SIDE, 5))
    weights[np.arange(normalise.SIDE), low] = 1 - part
    weights[np.arange(normalise.SIDE), low + 1] = part
    field = np.einsum("yi,nijc,xj->nyxc", weights, coarse, weights, optimize=True)
    return field.reshape(count, -1, 2)


def _bilinear(images: NDArray[np.float32], where: NDArray[np.float64]) -> NDArray[np.float32]:
    """Values of (n, 28, 28) at (n, 784, 2) places x, y in pixel-index units; 0 outside."""
    count, side, _ = images.shape
    padded = np.pad(images, ((0, 0), (1, 2), (1, 2))).reshape(count, -1)
    wide = side + 3
    place = np.clip(where + 1, 0, side + 1)
    corner = place.astype(np.intp)
    fx, fy = np.moveaxis((place - corner).astype(np.float32), -1, 0)
    index = corner[..., 1] * wide + corner[..., 0]

    def at(step: int) -> NDArray[np.float32]:
        return np.take_along_axis(padded, index + step, axis=1)

    top = at(0) * (1 - fx) + at(1) * fx
    bottom = at(wide) * (1 - fx) + at(wide + 1) * fx
    return (top * (1 - fy) + bottom * fy).reshape(count, side, side)
