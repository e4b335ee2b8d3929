"""Tools on grey pixels that every input pipeline shares: clean, crop, resize, label, thicken.

Throughout, pixels are uint8 of shape (height, width), 255 ink on 0 paper, once :func:`clean` has
seen them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from device.raster import Pixels

WORKING_SIDE = 280
"""Pictures larger than this (longer side, pixels) are shrunk before anything looks at them."""

LARGEST_SIDE = 10_000
"""Pictures larger than this are thinned out before they are shrunk."""

SMALLEST_PHOTO = 56
"""Pictures up to this (longer side, pixels) are data, not photos: their paper is even."""

UNEVEN = 40
"""Paper whose light strays this far (greys of 255) from falling off evenly is in a shadow."""

FAINTEST = 24
"""A picture whose greys differ from its paper by less than this (of 255) is blank."""


class Box(NamedTuple):
    """Rows top..bottom and columns left..right, ends excluded."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left


def clean(grey: Pixels) -> Pixels:
    """A photo, scan or drawing as ink on paper: 255 on 0, whatever it was drawn with.

    Paper is the median grey. Which side of it the ink lies on is found by where more of the
    picture lies; the deviations on the other side measure noise and uneven light, and are taken
    off. A picture that is already clean passes through unchanged but for its contrast. On a photo
    with a shadow, a dark surrounding or ruled paper the paper is what is left when everything as
    narrow as ink is closed.

    Args:
        grey: uint8 (height, width), any polarity.

    Returns:
        uint8, the same proportions, longer side at most :data:`WORKING_SIDE`; all 0 when blank.
    """
    longest = max(grey.shape, default=0)
    if min(grey.shape, default=0) == 0:
        return np.zeros((1, 1), np.uint8)
    if longest > WORKING_SIDE:
        # Far beyond any camera, every n-th pixel will do; a strip a million long costs little.
        stride = 1 + longest // LARGEST_SIDE
        grey = grey[::stride, ::stride]
        longest = max(grey.shape)
        scale = WORKING_SIDE / longest
        grey = resize(grey, *(max(1, round(side * scale)) for side in grey.shape))
    uneven = _from_uneven_paper(grey)
    if uneven is not None:
        away = uneven
    else:
        away = grey.astype(np.float32) - np.float32(np.median(grey))
        if -away[away < 0].sum() > away[away > 0].sum():
            away = -away
    if away.max() < FAINTEST:
        return np.zeros(grey.shape, np.uint8)
    full = _full_ink(np.clip(away, 0, 255).astype(np.uint8))
    behind = -away[away < 0]
    noise = 1.5 * float(np.percentile(behind, 99)) if len(behind) > 0.02 * away.size else 0.0
    noise = min(noise, 0.6 * full)
    cleaned: Pixels = np.rint(np.clip((away - noise) / (full - noise), 0, 1) * 255).astype(np.uint8)
    return cleaned


def _from_uneven_paper(grey: Pixels) -> NDArray[np.float32] | None:
    """How far each pixel of a photo is from the paper around it, ink positive.

    None where one grey stands for all the paper: drawings and data, and evenly lit photos.
    """
    if max(grey.shape) <= SMALLEST_PHOTO or min(grey.shape) <= SMALLEST_PHOTO // 2:
        return None
    flat = (grey == np.median(grey)) | (grey == grey.min()) | (grey == grey.max())
    if flat.mean() > 0.5:
        return None
    smooth = _median_of_nine(grey.astype(np.float32))
    coarse = resize(grey, *(max(2, 7 * side // max(grey.shape)) for side in grey.shape))
    around = resize(coarse, *grey.shape)
    values, light_ink = grey.astype(np.float32), bool(((smooth - around) ** 3).mean() > 0)
    if light_ink:
        values, smooth = 255 - values, 255 - smooth
    paper = _closed(smooth, max(grey.shape) // 3)
    # A shadow dims the ink as it dims the paper; a light surface has no such simple rule.
    gain = 1 if light_ink else np.float32(np.median(paper)) / np.maximum(paper, 40)
    away: NDArray[np.float32] = (paper - values) * gain
    away -= np.median(away)
    ruled = _drop_rules(away)
    seen = np.clip(away, 0, 255).astype(np.uint8)
    framed = _drop_surroundings(away, seen > max(otsu(seen), FAINTEST))
    return away if framed or ruled or _bend(paper) > UNEVEN else None


def _bend(paper: NDArray[np.float32]) -> float:
    """How far the paper's light is from falling off evenly, in greys; the margin, where
    closing knows only one side, does not count."""
    margin = tuple(slice(side // 6, side - side // 6) for side in paper.shape)
    inner = paper[margin]
    rows, columns = np.indices(inner.shape)
    plane = np.stack([rows.ravel(), columns.ravel(), np.ones(inner.size)], axis=1)
    fitted = plane @ np.linalg.lstsq(plane, inner.ravel(), rcond=None)[0]
    low, high = np.percentile(inner.ravel() - fitted, (2, 98))
    return float(high - low)


def _drop_surroundings(away: NDArray[np.float32], ink: NDArray[np.bool_]) -> bool:
    """Take off, in place, what is dark along a whole side: a frame, the table under the sheet."""
    found = False
    for turns in range(4):
        # Rotated, each side in turn is the top; its columns' runs of ink start there.
        part, mask = np.rot90(away, turns), np.rot90(ink, turns)
        runs = np.where(mask.all(axis=0), len(mask), np.argmin(mask, axis=0))
        touching = runs[runs > 0]
        if len(touching) < 0.4 * len(runs):
            continue
        found = True
        # Where ink touches the surroundings its column's run is longer than most.
        deepest = 1.1 * float(np.percentile(touching, 90)) + 3
        depth = np.where(runs > 0, np.minimum(runs + 3, deepest), 3)
        part[np.arange(len(part))[:, None] < depth] = 0
    return found


def _drop_rules(away: NDArray[np.float32]) -> bool:
    """Take off, in place, the lines of ruled or squared paper: three or more across the sheet."""
    found = False
    for part in (away, away.T):
        level = np.percentile(part, 25, axis=1).clip(0)
        inked = np.diff((level > 0.5 * FAINTEST).astype(np.int8), prepend=0, append=0)
        starts, ends = np.flatnonzero(inked == 1), np.flatnonzero(inked == -1)
        if len(starts) >= 3 and (ends - starts).max() <= max(4, 0.03 * len(part)):
            part -= level[:, None].astype(np.float32)
            found = True
    return found


def _median_of_nine(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    padded = np.pad(grey, 1, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))
    median: NDArray[np.float32] = np.median(windows, axis=(2, 3)).astype(np.float32)
    return median


def _closed(values: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Grey closing: dark parts narrower than ``side`` take the brightness around them."""
    return -_highest(-_highest(values, side), side)


def _highest(values: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """The maximum over the square of about this side around each pixel."""
    for _ in range(2):
        reach, done = side // 2, 0
        out = values
        while done < reach:
            # Windows that overlap join into a longer one: few steps, each for all pixels.
            step = min(reach - done, done + 1)
            padded = np.pad(out, ((step, step), (0, 0)), constant_values=-np.inf)
            out = np.maximum(out, np.maximum(padded[: -2 * step], padded[2 * step :]))
            done += step
        values = out.T
    return values


def _full_ink(pixels: Pixels) -> float:
    """The grey of a pixel that the pen covers whole."""
    ink = pixels[pixels > otsu(pixels)]
    full = float(np.percentile(ink, 95)) if len(ink) else float(pixels.max())
    # Pictures that use the whole scale are left as they are, to the bit.
    return 255.0 if full > 240 else max(full, 1.0)


def stretched(pixels: Pixels) -> Pixels:
    """Contrast restored after lines were shrunk below a pixel: the darkest ink is 255 again."""
    full = _full_ink(pixels)
    return pixels if full == 255 else np.minimum(pixels * (255 / full), 255).astype(np.uint8)


def otsu(grey: Pixels) -> int:
    """The grey that best separates ink from paper (Otsu 1979): ink is what is above it."""
    counts = np.bincount(grey.ravel(), minlength=256).astype(np.float64)
    levels = np.arange(256)
    below = np.cumsum(counts)
    above = counts.sum() - below
    mass_below = np.cumsum(counts * levels)
    mass_above = mass_below[-1] - mass_below
    apart = mass_below / np.maximum(below, 1) - mass_above / np.maximum(above, 1)
    return int(np.argmax(below * above * apart * apart))


def ink_box(pixels: Pixels) -> Box | None:
    """The smallest box around everything that is not paper; None when there is nothing."""
    rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    if not len(rows):
        return None
    return Box(int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)


def crop(pixels: Pixels, box: Box) -> Pixels:
    """The part of ``pixels`` inside ``box``."""
    return pixels[box.top : box.bottom, box.left : box.right]


def resize(pixels: Pixels, height: int, width: int) -> Pixels:
    """Resampled with a triangle filter: bilinear when enlarging, anti-aliased when shrinking.

    The same size comes back unchanged, to the bit.
    """
    if pixels.shape == (height, width):
        return pixels
    rows = _weights(pixels.shape[0], height)
    columns = _weights(pixels.shape[1], width)
    resampled = np.rint(rows @ pixels.astype(np.float32) @ columns.T)
    result: Pixels = resampled.clip(0, 255).astype(np.uint8)
    return result


def _weights(source: int, target: int) -> NDArray[np.float32]:
    # Those of photos take megabytes each: not worth keeping.
    made = _kept_triangle if source <= 2 * WORKING_SIDE else _triangle
    return made(source, target)


def _triangle(source: int, target: int) -> NDArray[np.float32]:
    scale = source / target
    support = max(1.0, scale)
    centres = (np.arange(target) + 0.5) * scale
    distance = np.abs(np.arange(source) + 0.5 - centres[:, None])
    weights = np.clip(1 - distance / support, 0, None)
    result: NDArray[np.float32] = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return result


_kept_triangle = lru_cache(maxsize=64)(_triangle)


def fit(pixels: Pixels, side: int) -> Pixels:
    """Resized, proportions kept, so that the longer side is ``side``."""
    scale = side / max(pixels.shape)
    height, width = (max(1, round(length * scale)) for length in pixels.shape)
    return resize(pixels, height, width)


def placed(pixels: Pixels, top: int, left: int, side: int) -> Pixels:
    """``pixels`` on a square of paper; the corner is moved as needed to keep them inside."""
    height, width = pixels.shape
    top = min(max(top, 0), side - height)
    left = min(max(left, 0), side - width)
    out = np.zeros((side, side), np.uint8)
    out[top : top + height, left : left + width] = pixels
    return out


def squared(pixels: Pixels) -> Pixels:
    """Padded with paper to a square, the drawing in the middle."""
    height, width = pixels.shape
    if height == width:
        return pixels
    side = max(height, width)
    return placed(pixels, (side - height) // 2, (side - width) // 2, side)


def pen_width(pixels: Pixels) -> float:
    """About how wide the pen was, in pixels: twice the ink's area over its outline's length."""
    ink = pixels.astype(np.float32) / 255
    padded = np.pad(ink, 1)
    across = np.abs(np.diff(padded, axis=0)).sum() + np.abs(np.diff(padded, axis=1)).sum()
    # A staircase outline is 4/pi times as long as the line it stands for, over all directions.
    outline = float(across) * np.pi / 4
    return 2 * float(ink.sum()) / outline if outline else 0.0


def thickened(pixels: Pixels, radius: int) -> Pixels:
    """Every line ``radius`` pixels wider on each side: the maximum over a disc."""
    padded = np.pad(pixels, radius)
    height, width = padded.shape
    out = padded.copy()
    for dy in range(-radius, radius + 1):
        reach = int((radius * radius - dy * dy) ** 0.5)
        for dx in range(-reach, reach + 1):
            # Paper surrounds the drawing by the radius, so what rolls over the edge is paper.
            target = out[max(dy, 0) : height + min(dy, 0), max(dx, 0) : width + min(dx, 0)]
            moved = padded[max(-dy, 0) : height + min(-dy, 0), max(-dx, 0) : width + min(-dx, 0)]
            np.maximum(target, moved, out=target)
    return out


def label(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int32], int]:
    """Number the connected parts of a mask (8-neighbourhood), as a flood fill would.

    Runs of each row are joined to the runs they touch in the row above (union-find).

    Returns:
        int32 array of the mask's shape, 0 for background and 1..count for the parts; the count.
    """
    height, width = mask.shape
    edges = np.diff(np.pad(mask.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    parent = list(range(len(rows)))

    def root(run: int) -> int:
        while parent[run] != run:
            parent[run] = parent[parent[run]]
            run = parent[run]
        return run

    first = np.searchsorted(rows, np.arange(height + 1)).tolist()
    start_list, end_list = starts.tolist(), ends.tolist()
    for row in range(1, height):
        above, here = first[row - 1], first[row]
        while above < first[row] and here < first[row + 1]:
            if start_list[above] <= end_list[here] and start_list[here] <= end_list[above]:
                parent[root(here)] = root(above)
            if end_list[above] < end_list[here]:
                above += 1
            else:
                here += 1
    roots = np.array([root(run) for run in range(len(parent))], dtype=np.int64)
    names, numbers = np.unique(roots, return_inverse=True)
    out = np.zeros(height * (width + 1) + 1, np.int32)
    # Paint every run by adding its number at its start and taking it off after its end.
    np.add.at(out, rows * (width + 1) + starts, numbers + 1)
    np.add.at(out, rows * (width + 1) + ends, -(numbers + 1))
    painted = np.cumsum(out)[:-1].reshape(height, width + 1)[:, :width]
    return painted.astype(np.int32), len(names)


def without_specks(pixels: Pixels, smallest: float = 0.02) -> Pixels:
    """Without parts whose ink is less than ``smallest`` of the largest part's."""
    parts, count = label(pixels > 127)
    if count < 2:
        return pixels
    sizes = np.bincount(parts.ravel())[1:]
    keep = np.flatnonzero(sizes >= smallest * sizes.max()) + 1
    if len(keep) == count:
        return pixels
    # Faint edges belong to the part they touch: keep what lies within two pixels of it.
    large = np.where(np.isin(parts, keep), 255, 0).astype(np.uint8)
    near = thickened(large, 2)[2:-2, 2:-2]
    return np.where(near > 0, pixels, 0).astype(np.uint8)
