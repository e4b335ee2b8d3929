"""Shapes that are computed small and drawn out are what they would be if computed whole."""

import numpy as np
import pygame
import pytest

from device.screen import canvas, shapes, theme
from device.screen.area import Area

GROUND, FILL, BORDER = theme.GROUND, theme.BAR, theme.FRAME


def whole(width, height, radius, thickness):
    """A box with a border, every pixel computed."""
    outer = shapes.rounded(width, height, radius)
    picture = shapes.painted(shapes.plain(width, height, GROUND), BORDER, outer)
    inner = shapes.rounded(width, height, radius - thickness, thickness)
    return shapes.painted(picture, FILL, inner)


@pytest.mark.parametrize("thickness", [0, 1, 1.5, 3])
@pytest.mark.parametrize("radius", [0, 0.4, 3, 8.3, 40, 200])
@pytest.mark.parametrize("size", [(1, 1), (2, 90), (61, 24), (90, 91), (200, 7)])
def test_a_box_is_its_corners_drawn_out(size, radius, thickness):
    width, height = size
    surface = pygame.Surface((width + 5, height + 7), depth=32)
    made = shapes.box(surface, Area(3, 4, *size), radius, FILL, GROUND, BORDER, thickness)
    assert made == (3, 4, *size)
    found = pygame.surfarray.array3d(surface).swapaxes(0, 1).astype(int)
    wanted = np.zeros_like(found)
    wanted[4 : 4 + height, 3 : 3 + width] = whole(*size, radius, thickness)
    # Where a corner is no whole pixel, its last bit may round otherwise.
    assert abs(found - wanted).max() <= 1


@pytest.mark.parametrize("size", [(0, 9), (9, 0), (0, 0)])
def test_a_box_of_no_size_is_nothing(size):
    surface = pygame.Surface((20, 20), depth=32)
    assert shapes.box(surface, Area(3, 4, *size), 2, FILL, GROUND).size == (0, 0)
    assert not pygame.surfarray.array3d(surface).any()


@pytest.mark.parametrize("size", [(60, 61), (450, 450), (301, 98)])
@pytest.mark.parametrize(("thickness", "radius"), [(1, 1), (4, 12), (7, 30)])
def test_the_empty_canvas_is_its_corners_drawn_out(size, thickness, radius):
    width, height = size
    picture, inside = canvas._framed(width, height, thickness, radius, theme.PAPER)
    outer = shapes.rounded(width, height, radius)
    inner = shapes.rounded(width, height, radius - thickness, thickness)
    wanted = shapes.painted(shapes.plain(width, height, GROUND), theme.FRAME, outer)
    assert (picture[:, :] == shapes.painted(wanted, theme.PAPER, inner)).all()
    assert (inside[:, :] == np.rint(inner * 255)).all()
    rows, columns = slice(height - 40, height - 3), slice(2, 40)
    assert (inside[rows, columns] == inside[:, :][rows, columns]).all()


def test_the_least_picture_is_never_larger_than_what_it_is_drawn_out_to():
    assert shapes.corners(5, 900, 20) == (5, 43)
    small = np.arange(9, dtype=np.uint8).reshape(3, 3)
    assert shapes.Stretched(small, 3, 3)[:, :].tolist() == small.tolist()
    assert shapes.Stretched(small, 5, 4)[:, :].tolist() == [
        [0, 1, 1, 1, 2],
        [3, 4, 4, 4, 5],
        [3, 4, 4, 4, 5],
        [6, 7, 7, 7, 8],
    ]
