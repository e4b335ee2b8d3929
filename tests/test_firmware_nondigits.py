"""What is no digit, and what only looks as if it were one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from device.ink import Ink
from firmware_tools import nondigits


def line(lean: float, count: int = 8) -> list[tuple[float, float]]:
    """A straight line through the middle, ``lean`` degrees from the upright."""
    x, y = 0.4 * math.sin(math.radians(lean)), 0.4 * math.cos(math.radians(lean))
    return [(0.5 + t * x, 0.5 - t * y) for t in np.linspace(-1, 1, count)]


@pytest.mark.parametrize("lean", [-45, -20, 0, 10, 45])
def test_an_upright_line_is_known_however_it_leans(lean: float) -> None:
    assert nondigits.is_upright_line(Ink.of([line(lean)]))


def test_a_line_in_two_strokes_is_a_line() -> None:
    points = line(5)
    assert nondigits.is_upright_line(Ink.of([points[:4], points[3:]]))


@pytest.mark.parametrize(
    "strokes",
    [
        [],
        [[(0.5, 0.5)]],
        [line(90)],
        [line(0), line(90)],
        [line(0)[:2], line(0)[-2:]],
        [[(0.3, 0.1), (0.5, 0.5), (0.3, 0.9)]],
    ],
    ids=["nothing", "a dot", "a dash", "a plus", "a broken bar", "a bend"],
)
def test_what_is_no_upright_line(strokes: list[list[tuple[float, float]]]) -> None:
    assert not nondigits.is_upright_line(Ink.of(strokes))


@pytest.mark.parametrize("maker", nondigits.SHAPES, ids=lambda maker: maker.__name__)
def test_every_shape_is_drawn_on_the_canvas_and_the_same_by_its_seed(maker) -> None:  # type: ignore[no-untyped-def]
    one, again = (maker(np.random.default_rng(3)) for _ in range(2))
    assert one and all(np.isfinite(path).all() and path.shape[1] == 2 for path in one)
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    bounds = nondigits.shape(np.random.default_rng(4)).bounds
    assert bounds is not None and max(bounds.width, bounds.height) <= 1
