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

import numpy as np
import pygame
from numpy.typing import NDArray

from device import raster
from device.curve import smooth
from device.ink import Ink
from device.screen import hint, shapes, theme
from device.screen.layout import Layout


class Canvas:
    """The red frame and the ink in it, drawn on ``screen``.

    Args:
        screen: the display's surface.
        layout: where the canvas is.
        pen_width: canvas units.
    """

    def __init__(self, screen: pygame.Surface, layout: Layout, pen_width: float) -> None:
        self._screen = screen
        self._area = layout.canvas
        self._offset = layout.thickness
        self._side = layout.paper.width
        self._radius = pen_width * self._side / 2
        self._step = raster.step(self._radius)
        self._ground, inside = _framed(layout)
        self._inside = inside.astype(np.uint16)
        self._final = np.zeros((self._side, self._side), np.uint8)
        self._samples: list[tuple[float, float]] = []
        self._drawn_to = 0
        self._tail: pygame.Rect | None = None
        self._pending = False
        self._dirty: list[pygame.Rect] = []
        self._hint = hint.picture(layout)
        self._hinting = False
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
        self._final = raster.draw(ink, self._side, 2 * self._radius / self._side)
        self._repaint()
        self._hinting = hinting and ink.is_blank
        if self._hinting:
            width, height = self._hint.get_size()
            centre_x, centre_y = self._area.centre
            self._screen.blit(self._hint, (centre_x - width // 2, centre_y - height // 2))

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
        rows, columns = slice(window.top, window.bottom), slice(window.left, window.right)
        inset = self._offset
        ground = self._ground[inset:, inset:][rows, columns].astype(np.int32)
        cover = (grey.astype(np.uint16) * self._inside[rows, columns] // 255)[:, :, None]
        ink = np.array(theme.INK, np.int32)
        picture = (ground + ((ink - ground) * cover + 127) // 255).astype(np.uint8)
        place = window.move(self._area.x + inset, self._area.y + inset)
        pygame.surfarray.blit_array(self._screen.subsurface(place), picture.swapaxes(0, 1))
        self._dirty.append(place)

    def _repaint(self) -> None:
        self._hinting = False
        whole = pygame.Rect(self._area)
        pygame.surfarray.blit_array(self._screen.subsurface(whole), self._ground.swapaxes(0, 1))
        if self._final.any():
            self._blit(pygame.Rect(0, 0, self._side, self._side), self._final)
        self._dirty.append(whole)


def _framed(layout: Layout) -> tuple[shapes.Picture, NDArray[np.uint8]]:
    """The empty canvas, uint8 (h, w, 3), and where on the paper ink may be seen, 0..255."""
    area, thickness = layout.canvas, layout.thickness
    width, height = area.width, area.height
    picture = shapes.plain(width, height, theme.GROUND)
    outer = shapes.rounded(width, height, layout.radius)
    inner = shapes.rounded(width, height, layout.radius - thickness, thickness)
    picture = shapes.painted(picture, theme.FRAME, outer)
    picture = shapes.painted(picture, theme.PAPER, inner)
    paper = inner[thickness : height - thickness, thickness : width - thickness]
    return picture, np.rint(paper * 255).astype(np.uint8)
