"""The nearest piece of lines that grow, asked of a grid: as near as any piece is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.nearest import Nearest

EXTENT, REACH = 17.6, 1.7
MIDDLES = np.arange(28) + 0.5


def walk(seed: int, steps: int, step: float = 0.5) -> np.ndarray:
    """A winding line, (steps + 1, 2)."""
    rng = np.random.default_rng(seed)
    heading = np.cumsum(rng.normal(0, 0.5, steps))
    along = step * np.column_stack([np.cos(heading), np.sin(heading)])
    return np.concatenate([np.zeros((1, 2)), np.cumsum(along, axis=0)])


def pixel_of(line: np.ndarray) -> float:
    """A pixel that this line is ``EXTENT`` pixels wide or high with."""
    return max(float(np.ptp(line, axis=0).max()) / EXTENT, 0.1)


def really(line: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Distances (h, w) to the nearest piece, all of them looked at."""
    places = np.stack(np.meshgrid(x, y), axis=-1)[:, :, None]
    start, along = line[:-1], np.diff(line, axis=0)
    t = ((places - start) * along).sum(-1) / np.maximum((along * along).sum(-1), 1e-300)
    nearest = start + np.clip(t, 0, 1)[..., None] * along
    return np.sqrt(((places - nearest) ** 2).sum(-1)).min(axis=-1)


def grown(line: np.ndarray, at_once: int) -> tuple[Nearest, float]:
    """The line told piece by piece, and how large a pixel is in the end."""
    nearest, pixel = Nearest(EXTENT, REACH), 0.0
    for first in range(0, len(line) - 1, at_once):
        part = line[first : first + at_once + 1]
        pixel = max(pixel, pixel_of(line[: first + at_once + 1]))
        nearest.resize(pixel)
        nearest.add(part)
    return nearest, pixel


def errors(nearest: Nearest, line: np.ndarray, pixel: float, shift: float = 0.0) -> np.ndarray:
    """By how much pixels (28, 28) are covered too little, 0..1; a pixel that is at least a pixel
    nearer than ``REACH`` is covered whole."""
    x, y = line.min(axis=0)[:, None] + (MIDDLES - 5 + shift) * pixel
    found, true = np.sqrt(nearest.squared(x, y)) / pixel, really(line, x, y) / pixel
    assert (found >= true - 1e-9).all()
    return np.clip(REACH - true, 0, 1) - np.clip(REACH - found, 0, 1)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10**6),
    steps=st.integers(1, 600),
    at_once=st.integers(1, 40),
    shift=st.floats(0, 1),
)
def test_distances_are_those_to_the_nearest_piece(
    seed: int, steps: int, at_once: int, shift: float
) -> None:
    line = walk(seed, steps)
    nearest, pixel = grown(line, at_once)
    wrong = errors(nearest, line, pixel, shift)
    assert wrong.max() < 0.15
    assert wrong.mean() < 0.001


def test_a_line_that_runs_outwards_for_long_is_known_all_along() -> None:
    t = np.arange(4000) * 0.11
    line = np.column_stack([t * np.cos(t), t * np.sin(t)])[5:]
    nearest, pixel = grown(line, 1)
    assert errors(nearest, line, pixel).max() < 0.05


@pytest.mark.parametrize("steps", [1, 60])
@pytest.mark.parametrize("far", [60, 6000])
def test_a_drawing_that_becomes_far_larger_at_once_keeps_its_small_parts(
    steps: int, far: float
) -> None:
    small, large = walk(3, steps, 0.01), np.linspace([far / 3, 0], [far, far / 2], 40)
    pixel = pixel_of(np.concatenate([small, large]))
    nearest = Nearest(EXTENT, REACH)
    nearest.resize(pixel_of(small))
    nearest.add(small)
    nearest.resize(pixel)
    assert errors(nearest, small, pixel).max() < 0.05
    nearest.add(large)
    assert np.sqrt(nearest.squared(*np.zeros((2, 1)))) < 0.01


def test_where_no_line_is_near_no_distance_within_reach_is_told() -> None:
    nearest = Nearest(EXTENT, REACH)
    nearest.resize(1.0)
    assert np.isinf(nearest.squared(MIDDLES, MIDDLES)).all()
    nearest.add(np.array([[2.0, 3.0], [2.5, 3.0]]))
    far = nearest.squared(MIDDLES[8:] * 1000, MIDDLES[8:] - 2000)
    assert (far > REACH**2).all()


@pytest.mark.parametrize("shift", [(-3.3e5, 1.7e5), (0.0, 1e6)])
def test_it_does_not_matter_where_on_the_canvas(shift: tuple[float, float]) -> None:
    line = walk(5, 300) + shift
    nearest, pixel = grown(line, 7)
    assert errors(nearest, line, pixel).max() < 0.05


def test_pieces_that_no_node_knows_are_forgotten() -> None:
    t = np.arange(6000) * 0.11
    line = 0.8 * np.column_stack([np.cos(t), np.sin(t)]) + np.cos(t / 97)[:, None]
    nearest, pixel = grown(line, 50)
    assert len(nearest._pieces) < 5000
    assert errors(nearest, line, pixel).max() < 0.05


def test_a_piece_asks_no_more_nodes_the_more_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    t = np.arange(3001) * 0.11
    line = 8 * np.column_stack([np.cos(t), np.sin(t)])
    asked = []
    squared_to = Nearest._squared_to
    monkeypatch.setattr(
        Nearest,
        "_squared_to",
        lambda self, pieces, x, y: asked.append(pieces.size) or squared_to(self, pieces, x, y),
    )

    def cost(known: int) -> int:
        nearest = Nearest(EXTENT, REACH)
        nearest.resize(1.0)
        nearest.add(line[:known])
        asked.clear()
        nearest.add(line[known - 1 : known + 1])
        nearest.squared(*(MIDDLES - 14 + np.zeros((2, 1))))
        return sum(asked)

    assert cost(3000) < 1.1 * cost(300)
