"""How to begin: a fingertip that has just drawn, and two lines of words."""

from __future__ import annotations

import numpy as np
import pygame

from device import raster
from device.curve import smooth
from device.language import N_, tr
from device.screen import shapes, theme
from device.screen.layout import Layout
from device.screen.theme import Colour

_STROKE = ((0.30, 0.31), (0.37, 0.20), (0.50, 0.16), (0.62, 0.23), (0.62, 0.37), (0.51, 0.52),
           (0.38, 0.66), (0.31, 0.76), (0.45, 0.745), (0.58, 0.75), (0.71, 0.76))  # fmt: skip
"""A 2, in shares of the drawing's side; the fingertip is where it ends."""

_WORDS = ((N_("Draw a digit"), True), (N_("with your finger"), False))


def picture(layout: Layout, paper: Colour = theme.PAPER) -> pygame.Surface:
    """The hint as one opaque surface on the colour of the paper."""
    dark = paper == theme.PAPER
    strong = theme.TEXT if dark else theme.GROUND
    quiet = theme.MUTED if dark else theme.mixed(theme.GROUND, theme.MUTED, 0.5)
    lines = [(tr(text), bold, strong if bold else quiet) for text, bold in _WORDS]
    side = layout.paper.width
    drawing = round(side * 0.42)
    sizes = [shapes.fitting(words, round(side * 0.8), max(12, round(side * share)), bold)[1]
             for (words, bold, _), share in zip(lines, (0.062, 0.042), strict=True)]  # fmt: skip
    rows = [
        shapes.text(words, size, colour, paper, bold)
        for (words, bold, colour), size in zip(lines, sizes, strict=True)
    ]
    gap = round(side * 0.025)
    width = max(drawing, *(row.get_width() for row in rows))
    height = drawing + gap + sum(row.get_height() + gap for row in rows)
    surface = pygame.Surface((width, height))
    surface.fill(paper)
    surface.blit(_finger_drawing(drawing, paper, strong), ((width - drawing) // 2, 0))
    y = drawing + gap
    for row in rows:
        surface.blit(row, ((width - row.get_width()) // 2, y))
        y += row.get_height() + gap
    return surface


def _finger_drawing(side: int, paper: Colour, strong: Colour) -> pygame.Surface:
    path = smooth(np.array(_STROKE, np.float64) * side, max(1.0, side * 0.02))
    stroke = raster.draw_paths([path], (side, side), side * 0.038).astype(np.float32) / 255
    tip = path[-1]
    middle = np.arange(side) + 0.5
    distance = np.hypot(middle[None, :] - tip[0], middle[:, None] - tip[1]).astype(np.float32)

    def disc(radius: float) -> shapes.Coverage:
        return np.clip(radius * side - distance + 0.5, 0, 1).astype(np.float32)

    made = shapes.plain(side, side, paper)
    made = shapes.painted(made, theme.mixed(paper, theme.MUTED, 0.42), stroke)
    made = shapes.painted(made, theme.BAR, disc(0.17) * 0.18)
    made = shapes.painted(made, theme.BAR, disc(0.115) * 0.35)
    made = shapes.painted(made, strong, disc(0.062))
    return shapes.to_surface(made)
