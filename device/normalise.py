"""From ink or pixels to the model input: one function per published pipeline.

The model input is a 28x28 uint8 array. Which pipeline a model wants is written in its manifest
entry; training, evaluation and the device call these same functions, so that what a model saw
when it learned is what it sees on the kiosk.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from device import pixels as px
from device import raster
from device.curve import Rows as Path
from device.curve import Smooth, box_of, smooth_all
from device.ink import DOT, Ink
from device.language import N_
from device.raster import Draw, Fit, Pixels, draw_paths

SIDE = 28
"""Width and height of the model input, pixels."""

FIT = 20
"""The box that a normalised drawing fills, pixels: MNIST's."""

MODEL_PEN = 2.4
"""Width of the pen (pixels of the model input) with which ink is drawn for a model."""

MASS_CENTRE = 14.5
"""Where the centre of mass comes to lie, pixels. In MNIST's own images it lies in 14..15."""

MASS_STEPS = 8
"""Steps to a pixel in which the centre of mass moves: it lies within a 16th of a pixel. (The
shipped ``inkling`` learned before it did, see docs/performance.md.)"""

CANVAS_PEN = 2.0 / SIDE
"""Pen width (canvas units) where a published pipeline starts from the drawn canvas."""

CANVAS_SIDE = 280
"""Side (pixels) of the canvas from which those pipelines start, as the published apps use."""


def paths_of(ink: Ink, smooth: Smooth = smooth_all) -> list[Path]:
    """The smooth centre lines of some ink, in canvas units, with points a pixel of the box apart:
    the one form that model input and symbol counting are both made from."""
    if (bounds := ink.bounds) is None:
        return []
    return ink.smoothed(max(bounds.width, bounds.height, DOT) / FIT, smooth)


def canvas_paths(ink: Ink, smooth: Smooth = smooth_all) -> list[Path]:
    """The smooth centre lines (canvas units) that the drawn canvas is made from."""
    return ink.smoothed(raster.step(CANVAS_PEN * CANVAS_SIDE / 2) / CANVAS_SIDE, smooth)


def draw_canvas(paths: list[Path], draw: Draw = draw_paths) -> Pixels:
    """The drawn canvas from which published pipelines start, uint8 (280, 280): 255 is ink.

    Args:
        paths: as from :func:`canvas_paths`; what lies outside the canvas is cut off.
    """
    whole = Fit(scale=CANVAS_SIDE)
    return draw(paths, (CANVAS_SIDE, CANVAS_SIDE), CANVAS_PEN * CANVAS_SIDE / 2, whole)


def fit_of(paths: list[Path], pen: float = MODEL_PEN, by_mass: bool = True) -> Fit:
    """The fit that brings lines, at least one, into a 20x20 box centred in 28x28; the arguments
    are those of :func:`mnist_from_paths`."""
    every = np.concatenate(paths)
    low, high = box_of(every)
    # Measured in pixels, where what is too short to be squared is a dot.
    pixels = (every - low) * scale_of(low, high, pen)
    return centred(low, high, pen, _centroid(pixels, paths) if by_mass else None)


def scale_of(low: Path, high: Path, pen: float = MODEL_PEN) -> float:
    """By how much lines in this box (from x, y to x, y) become 20 pixels large with their pen."""
    return (FIT - pen) / max(float((high - low).max()), DOT)


def centred(low: Path, high: Path, pen: float = MODEL_PEN, mass: Path | None = None) -> Fit:
    """The fit of lines in this box, centred by their ``mass`` (its place in the box, x, y, pixels
    of the model input), or by the box."""
    scale = scale_of(low, high, pen)
    size = (high - low) * scale
    if mass is None:
        return Fit.at(low, scale, (SIDE - size) / 2)
    # In steps: what grows without becoming larger lies still from point to point.
    mass = np.rint(mass * MASS_STEPS) / MASS_STEPS
    # A long thin tail could leave the picture: the line stays inside it.
    return Fit.at(low, scale, np.clip(MASS_CENTRE - mass, pen / 2, SIDE - pen / 2 - size))


def mnist_from_paths(
    paths: list[Path], pen: float = MODEL_PEN, by_mass: bool = True, draw: Draw = draw_paths
) -> Pixels:
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
    return _drawn(paths, fit_of(paths, pen, by_mass), pen, draw=draw)


def _drawn(
    paths: list[Path], fit: Fit, pen: float, margin: int = 0, draw: Draw = draw_paths
) -> Pixels:
    """Lines at a fit, without ``margin`` pixels of the model input on every side."""
    side = SIDE - 2 * margin
    shift = np.array(fit.shift) - margin
    return draw(paths, (side, side), pen / 2, Fit.at(fit.corner, fit.scale, shift))


def _centroid(every: Path, paths: list[Path]) -> Path:
    """Centre of mass of lines of constant width, given as ``every`` point and one by one; the
    middle of their box when they have no length."""
    dx, dy = (every[1:] - every[:-1]).T
    lengths = np.sqrt(dx * dx + dy * dy)
    lengths[np.cumsum([len(path) for path in paths[:-1]], dtype=np.intp) - 1] = 0
    if not lengths.any():
        return every.max(axis=0) / 2
    x, y = (every[1:] + every[:-1]).T / 2
    return np.array([(lengths * x).sum(), (lengths * y).sum()]) / lengths.sum()


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


def _gubboit_pixels(cleaned: Pixels) -> Pixels:
    """GubboIT Digit: cropped, proportions kept, margin 28 of 200, the box in the middle."""
    small = _fitted(cleaned)
    if small is None:
        return np.zeros((SIDE, SIDE), np.uint8)
    height, width = small.shape
    return px.placed(small, (SIDE - height) // 2, (SIDE - width) // 2, SIDE)


class Held(NamedTuple):
    """A drawing held where it lies, so that parts of it can be drawn there.

    Without its tail a 9 would be fitted anew, larger and elsewhere; held, it is not.

    Attributes:
        pen_radius: half the pen's width, canvas units.
        draw: makes the model input of some of the drawing's lines.
    """

    pen_radius: float
    draw: Callable[[list[Path]], Pixels]


class Pipeline(ABC):
    """How a drawing becomes the model input, uint8 (28, 28)."""

    name: str
    description: str

    @property
    def paper(self) -> int:
        """The grey of paper in the model input: 0, or 255 where ink is dark on light."""
        return 0

    @property
    def as_drawn(self) -> Pipeline:
        """This pipeline with normalising off: the whole canvas made 28x28, in its polarity."""
        return _AS_DRAWN[self.paper]

    def from_ink(
        self,
        ink: Ink,
        paths: list[Path] | None = None,
        smooth: Smooth = smooth_all,
        draw: Draw = draw_paths,
    ) -> Pixels:
        """The model input of some ink; ``paths`` are its :func:`paths_of` where they are at hand,
        so that nothing is smoothed twice."""
        known = paths if self.trace is paths_of else None
        return self.from_paths(self.trace(ink, smooth) if known is None else known, draw)

    @staticmethod
    @abstractmethod
    def trace(ink: Ink, smooth: Smooth = smooth_all) -> list[Path]:
        """The centre lines (canvas units) that the model input of some ink is made from."""

    @abstractmethod
    def from_paths(self, paths: list[Path], draw: Draw = draw_paths) -> Pixels:
        """The model input of the lines of :meth:`trace`."""

    @abstractmethod
    def from_pixels(self, cleaned: Pixels) -> Pixels:
        """The model input of a picture that :func:`device.pixels.clean` has made 255 ink on 0
        paper."""

    @abstractmethod
    def held(self, paths: list[Path]) -> Held:
        """The drawing of all these lines, at least one, held where it lies."""

    @abstractmethod
    def pictures(self, ink: Ink) -> Iterator[tuple[str, Pixels]]:
        """What becomes of the drawn canvas, step by step, each by its name; the last picture is
        the model input. A step that changes nothing is left out."""


@dataclass(frozen=True)
class LinePipeline(Pipeline):
    """A pipeline for which ink is fitted and centred as lines, before there is a pixel.

    ``by_mass`` centres the mass of the lines, otherwise their box; ``picture`` is what it does to
    a cleaned picture.
    """

    name: str
    description: str
    by_mass: bool
    picture: Callable[[Pixels], Pixels]

    trace = staticmethod(paths_of)

    def from_paths(self, paths: list[Path], draw: Draw = draw_paths) -> Pixels:
        return mnist_from_paths(paths, by_mass=self.by_mass, draw=draw)

    def from_pixels(self, cleaned: Pixels) -> Pixels:
        return self.picture(cleaned)

    def held(self, paths: list[Path]) -> Held:
        fit = fit_of(paths, by_mass=self.by_mass)
        return Held(MODEL_PEN / 2 / fit.scale, lambda some: _drawn(some, fit, MODEL_PEN))

    def pictures(self, ink: Ink) -> Iterator[tuple[str, Pixels]]:
        paths = paths_of(ink)
        if paths:
            box = fit_of(paths, by_mass=False)
            yield N_("fitted"), _drawn(paths, box, MODEL_PEN, margin=(SIDE - FIT) // 2)
        yield N_("centred"), self.from_paths(paths)


class Stage(NamedTuple):
    """One step on pixels: ``make(picture, whole)`` treats a picture as the whole drawing's
    picture (at the same step) asks for, so that part of a drawing stays where it was."""

    name: str
    make: Callable[[Pixels, Pixels], Pixels]


def _binarised(picture: Pixels, whole: Pixels) -> Pixels:
    return np.where(picture > px.otsu(whole), 255, 0).astype(np.uint8)


def _cropped(picture: Pixels, whole: Pixels) -> Pixels:
    box = px.ink_box(whole)
    return picture if box is None else px.crop(picture, box)


def _resized(name: str, side: int) -> Stage:
    return Stage(name, lambda picture, _: px.resize(picture, side, side))


def _padded(margin: int) -> Stage:
    return Stage(N_("padded"), lambda picture, _: np.pad(picture, margin))


_BINARISED = Stage(N_("binarised"), _binarised)
_CROPPED = Stage(N_("cropped"), _cropped)
_SQUARED = Stage(N_("squared"), lambda picture, _: px.squared(picture))
_INVERTED = Stage(N_("inverted"), lambda picture, _: np.invert(picture))
_BORDERED = (_padded(3), _INVERTED)
_WHOLE = (_SQUARED, _resized(N_("resized"), SIDE))


@dataclass(frozen=True)
class CanvasPipeline(Pipeline):
    """A published pipeline that starts from the pixels of the drawn canvas."""

    name: str
    description: str
    stages: tuple[Stage, ...]

    trace = staticmethod(canvas_paths)

    @property
    def paper(self) -> int:
        return 255 if _INVERTED in self.stages else 0

    def from_paths(self, paths: list[Path], draw: Draw = draw_paths) -> Pixels:
        return self.from_pixels(draw_canvas(paths, draw))

    def from_pixels(self, cleaned: Pixels) -> Pixels:
        for stage in self.stages:
            cleaned = stage.make(cleaned, cleaned)
        return cleaned

    def held(self, paths: list[Path]) -> Held:
        wholes = [draw_canvas(paths)]
        for stage in self.stages:
            wholes.append(stage.make(wholes[-1], wholes[-1]))

        def draw(some: list[Path]) -> Pixels:
            picture = draw_canvas(some)
            for stage, whole in zip(self.stages, wholes, strict=False):
                picture = stage.make(picture, whole)
            return picture

        return Held(CANVAS_PEN / 2, draw)

    def pictures(self, ink: Ink) -> Iterator[tuple[str, Pixels]]:
        picture = draw_canvas(canvas_paths(ink))
        for stage in self.stages:
            before, picture = picture, stage.make(picture, picture)
            if not np.array_equal(picture, before):
                yield stage.name, picture


PIPELINES: dict[str, Pipeline] = {
    pipeline.name: pipeline
    for pipeline in (
        LinePipeline(
            "mnist",
            "fit 20x20 keeping proportions, centre by mass in 28x28, as MNIST was made",
            by_mass=True,
            picture=mnist_from_pixels,
        ),
        LinePipeline(
            "gubboit",
            "fit keeping proportions with a margin of 4 in 28, centre the box",
            by_mass=False,
            picture=_gubboit_pixels,
        ),
        CanvasPipeline(
            "digito",
            "Otsu to black and white, crop, stretch to 22x22, pad 3, dark on light",
            (_BINARISED, _CROPPED, _resized(N_("stretched"), SIDE - 6), *_BORDERED),
        ),
        CanvasPipeline(
            "digito-keep",
            "as digito, but the crop keeps its proportions",
            (_BINARISED, _CROPPED, _SQUARED, _resized(N_("resized"), SIDE - 6), *_BORDERED),
        ),
        CanvasPipeline("canvas", "the whole canvas made 28x28, nothing centred", _WHOLE),
        CanvasPipeline(
            "flask",
            "bilinear to 28x28, strip blank rows and columns, stretch to 20x20, pad 4",
            (*_WHOLE, _CROPPED, _resized(N_("stretched"), FIT), _padded((SIDE - FIT) // 2)),
        ),
    )
}
"""Every input pipeline by the name that a manifest gives it."""

_AS_DRAWN = {
    0: PIPELINES["canvas"],
    255: CanvasPipeline("canvas", "the whole canvas made 28x28, inverted", (*_WHOLE, _INVERTED)),
}
