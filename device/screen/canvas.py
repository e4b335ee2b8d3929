"""The drawing area: ink appears in the frame of the touch that made it.

Only what is new is rasterised, once a frame and in a small window around it, so that a frame costs
the same however much is on the canvas already, and hardly more for many samples than for one.
The curve between two samples depends on the one before and the one after them: it is final once
the latter is known. The last piece is drawn provisionally and replaced in the next frame. What
stands there when the pen lifts is, pixel for pixel, what :func:`device.raster.draw` makes of the
ink.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import pygame
from numpy.typing import NDArray

from device import raster
from device.curve import smooth
from device.ink import Bounds, Ink
from device.screen import hint, shapes, theme, widgets
from device.screen.area import Area
from device.screen.layout import Layout
from device.screen.theme import Colour


class Canvas:
    """The red frame and the ink in it, drawn on ``screen``.

    Args:
        screen: the display's surface.
        layout: where the canvas is.
        pen_width: canvas units.
        inverse: dark ink on light paper.

    Attributes:
        marked: parts of the drawing are marked.
    """

    def __init__(
        self, screen: pygame.Surface, layout: Layout, pen_width: float, inverse: bool = False
    ) -> None:
        self._screen = screen
        self._layout = layout
        self._area = layout.canvas
        self._offset = layout.thickness
        self._side = layout.paper.width
        self._radius = pen_width * self._side / 2
        self._step = raster.step(self._radius)
        self._final = np.zeros((self._side, self._side), np.uint8)
        self._samples: list[tuple[float, float]] = []
        self._drawn_to = 0
        self._tail: pygame.Rect | None = None
        self._pending = False
        self._dirty: list[pygame.Rect] = []
        self._hinting = self.marked = False
        self.invert(inverse)

    def invert(self, inverse: bool) -> None:
        """Dark ink on light paper, or light ink on dark; everything is drawn anew."""
        self._paper, self._ink = (theme.INK, theme.PAPER) if inverse else (theme.PAPER, theme.INK)
        layout = self._layout
        self._ground, self._inside = _framed(
            *layout.canvas[2:], layout.thickness, layout.radius, self._paper
        )
        self._palette = _blended(np.array(self._paper), self._ink, np.arange(256)[:, None])
        self._hint: pygame.Surface | None = None
        self._repaint()

    def take_dirty(self) -> list[pygame.Rect]:
        """Finish the frame; returns what has changed on the screen since the last call."""
        if self._pending:
            self._settle()
            known = len(self._samples)
            self._show_tail(self._curve(max(0, known - 2), known - 1))
            self._pending = False
        dirty, self._dirty = self._dirty, []
        return dirty

    @property
    def pixels(self) -> raster.Pixels:
        """The finished ink as grey pixels, uint8 (side, side); a copy."""
        return self._final.copy()

    def begin(self) -> None:
        """The pen touches down: a new stroke."""
        self.end()
        if self._hinting:
            self._repaint()

    def add(self, x: float, y: float) -> None:
        """The stroke goes on to (x, y), canvas units; on the screen with the next
        :meth:`take_dirty`."""
        if self._samples and self._samples[-1] == (x, y):
            return
        self._samples.append((x, y))
        self._pending = True

    def end(self) -> None:
        """The pen lifts: what was provisional is final."""
        if self._samples:
            self._commit(self._curve(self._drawn_to, len(self._samples) - 1))
            self._remove_tail()
        self._forget_stroke()

    def show(self, ink: Ink, hinting: bool = False) -> None:
        """Draw other ink from scratch; ``hinting`` says how to begin where there is none."""
        self._forget_stroke()
        if ink.is_blank:
            self._final = np.zeros_like(self._final)
        else:
            self._final = raster.draw(ink, self._side, 2 * self._radius / self._side)
        self._repaint()
        self._hinting = hinting and ink.is_blank
        if self._hinting:
            self._hint = self._hint or hint.picture(self._layout, self._paper)
            width, height = self._hint.get_size()
            centre_x, centre_y = self._area.centre
            self._screen.blit(self._hint, (centre_x - width // 2, centre_y - height // 2))

    def outline(self, bounds: Bounds | None) -> None:
        """A box around the drawing, until it changes."""
        if bounds is not None:
            self._box(bounds, theme.BAR)

    def mark(self, bounds: Bounds, text: str) -> None:
        """A box around a part of the drawing with a word above it, until :meth:`unmark`, or until
        other ink is shown."""
        dark = self._paper == theme.PAPER
        colour = theme.SEVERAL if dark else theme.mixed(theme.SEVERAL, theme.GROUND, 0.5)
        box = self._box(bounds, colour)
        self.marked = True
        if not box.width or not box.height:
            return
        size = max(14, self._side // 16)
        height, width = round(size * 1.2), shapes.width(text, size, True) + size // 2
        paper = pygame.Rect(self._area).inflate(-2 * self._offset, -2 * self._offset)
        left = max(paper.left, min(box.left, paper.right - width))
        # Where there is no room above the box, it is below, or at last within.
        places = (box.top - height, box.bottom, min(box.top, paper.bottom - height))
        top = next(y for y in places if paper.top <= y <= paper.bottom - height)
        tag = Area(left, top, width, height)
        pygame.draw.rect(self._screen, colour, tag)
        ink = theme.GROUND if dark else theme.INK
        widgets.words(self._screen, tag, text, size, ink, colour, bold=True, align="centre")
        self._dirty.append(pygame.Rect(tag))

    def unmark(self) -> None:
        """Take all marks away; a stroke that is being drawn goes on."""
        if self.marked:
            self._repaint()
            self._pending = bool(self._samples)

    def _box(self, bounds: Bounds, colour: Colour) -> pygame.Rect:
        reach = self._radius / self._side
        left, top = bounds.left - reach, bounds.top - reach
        width, height = bounds.width + 2 * reach, bounds.height + 2 * reach
        box = pygame.Rect(*(round(v * self._side) for v in (left, top, width, height)))
        box = box.move(self._area.x + self._offset, self._area.y + self._offset)
        box = box.clip(pygame.Rect(self._area).inflate(-2 * self._offset, -2 * self._offset))
        pygame.draw.rect(self._screen, colour, box, max(2, self._side // 200))
        self._dirty.append(box)
        return box

    def _forget_stroke(self) -> None:
        self._samples.clear()
        self._drawn_to = 0
        self._tail = None
        self._pending = False

    def _settle(self) -> None:
        """Commit what will not change with what comes: all of the curve but its last piece."""
        final = len(self._samples) - 2
        if final <= self._drawn_to:
            return
        self._commit(self._curve(self._drawn_to, final))
        # What comes depends on one sample before it.
        del self._samples[: final - 1]
        self._drawn_to = 1

    def _curve(self, first: int, last: int) -> NDArray[np.float64]:
        """Points (n, 2), canvas pixels, of the curve from one sample to another, by number."""
        spacing = self._step / self._side
        xy = np.array(self._samples, np.float64)
        if len(xy) < 2:
            return xy * self._side
        counts = [
            max(1, math.ceil(math.dist(a, b) / spacing))
            for a, b in zip(self._samples[:-1], self._samples[1:], strict=True)
        ]
        start, length = sum(counts[:first]), sum(counts[first:last])
        return smooth(xy, spacing)[start : start + length + 1] * self._side

    def _window(self, path: NDArray[np.float64]) -> pygame.Rect:
        reach = self._radius + 1
        left, top = np.floor(path.min(axis=0) - reach).astype(int).tolist()
        right, bottom = np.ceil(path.max(axis=0) + reach).astype(int).tolist()
        window = pygame.Rect(left, top, right - left, bottom - top)
        return window.clip(pygame.Rect(0, 0, self._side, self._side))

    def _drawn(self, path: NDArray[np.float64], window: pygame.Rect) -> raster.Pixels:
        return raster.draw_paths(
            [path - (window.x, window.y)], (window.height, window.width), self._radius
        )

    def _commit(self, path: NDArray[np.float64]) -> None:
        window = self._window(path)
        if window.width and window.height:
            part = self._final[window.top : window.bottom, window.left : window.right]
            np.maximum(part, self._drawn(path, window), out=part)
            self._blit(window, part)

    def _show_tail(self, path: NDArray[np.float64]) -> None:
        self._remove_tail()
        window = self._window(path)
        if not window.width or not window.height:
            return
        part = self._final[window.top : window.bottom, window.left : window.right]
        self._blit(window, np.maximum(part, self._drawn(path, window)))
        self._tail = window

    def _remove_tail(self) -> None:
        if self._tail is not None:
            old, self._tail = self._tail, None
            self._blit(old, self._final[old.top : old.bottom, old.left : old.right])

    def _blit(self, window: pygame.Rect, grey: raster.Pixels) -> None:
        """Ink in a window of the paper onto the screen; the frame's round corners stay on top."""
        onto = window.move(self._offset, self._offset)
        rows, columns = slice(onto.top, onto.bottom), slice(onto.left, onto.right)
        inside = self._inside[rows, columns]
        place = onto.move(self._area.x, self._area.y)
        self._dirty.append(place)
        if inside.min() == 255:
            # As indices into the shades between paper and ink, nothing has to be blended.
            picture = pygame.Surface(window.size, depth=8)
            picture.set_palette(self._palette)
            pygame.surfarray.blit_array(picture, grey.swapaxes(0, 1))
            self._screen.blit(picture, place)
            return
        cover = (grey.astype(np.uint16) * inside // 255)[:, :, None]
        made = _blended(self._ground[rows, columns], self._ink, cover)
        pygame.surfarray.blit_array(self._screen.subsurface(place), made.swapaxes(0, 1))

    def _repaint(self) -> None:
        self._hinting = self.marked = False
        whole = pygame.Rect(self._area)
        ground = self._ground[:, :].swapaxes(0, 1)
        pygame.surfarray.blit_array(self._screen.subsurface(whole), ground)
        inked = self._final > 0
        rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
        if len(rows):
            (top, bottom), (left, right) = rows[[0, -1]].tolist(), columns[[0, -1]].tolist()
            window = pygame.Rect(left, top, right + 1 - left, bottom + 1 - top)
            self._blit(window, self._final[top : bottom + 1, left : right + 1])
        self._dirty.append(whole)


def _blended(ground: NDArray[Any], colour: Colour, cover: NDArray[Any]) -> NDArray[np.uint8]:
    """A colour laid over a ground by cover, 0..255, that has an axis of one for the colours."""
    below = ground.astype(np.int32)
    return (below + ((np.array(colour, np.int32) - below) * cover + 127) // 255).astype(np.uint8)


@lru_cache(maxsize=4)
def _framed(
    width: int, height: int, thickness: int, radius: int, paper_colour: Colour
) -> tuple[shapes.Stretched, shapes.Stretched]:
    """The empty canvas, uint8 (h, w, 3), and where on it ink may be seen, 0..255."""
    size = shapes.corners(width, height, radius + thickness)
    inner = shapes.rounded(*size, radius - thickness, thickness)
    picture = shapes.painted(
        shapes.plain(*size, theme.GROUND), theme.FRAME, shapes.rounded(*size, radius)
    )
    picture = shapes.painted(picture, paper_colour, inner)
    inside = np.rint(inner * 255).astype(np.uint8)
    return shapes.Stretched(picture, width, height), shapes.Stretched(inside, width, height)
