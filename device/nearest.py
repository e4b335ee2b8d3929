"""Which piece of line is nearest, everywhere around lines that grow: a grid on the canvas.

Where lines come to lie in a picture changes with each point that makes a drawing larger. Which
piece of them is nearest to a place on the canvas does not. So each node of a grid knows the piece
that is nearest to it, as in vector distance transforms (Danielsson 1980), and of the pieces that
the four nodes around a pixel know one is nearest to the pixel, too, or as near but for some
hundredths of a pixel. A new piece is told to the nodes around it and a picture asks the nodes
around its pixels, however many pieces there are.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from device.curve import Rows

Whole = NDArray[np.intp]
"""Numbers of nodes or of pieces."""

FINE = 3
"""Nodes to a pixel, at least. When pixels have become twice as large, every second is given up."""

_CHUNK = 256
"""Pieces that are told at once."""

_AROUND = [(x, y) for y in (-1, 0, 1) for x in (-1, 0, 1) if x or y]


class Nearest:
    """The pieces of lines (canvas units) by nearness.

    Args:
        extent: how many pixels the lines are wide or high at most.
        reach: up to how far from a line pixels are of interest, pixels.
    """

    def __init__(self, extent: float, reach: float) -> None:
        self._reach = reach
        # A pixel within reach lies between four nodes of which none is farther away than this.
        self._told = 2 * FINE * reach + math.sqrt(2)
        # Nodes lie on a torus, so that lines may grow to all sides.
        self._side = math.ceil(2 * FINE * extent + 2 * self._told) + 4
        self._step = 0.0
        self._count = 0
        self._pieces = np.empty((_CHUNK, 5))
        self._low, self._high = np.full(2, np.inf), np.full(2, -np.inf)

    def _clear(self) -> None:
        self._piece = np.full((self._side, self._side), -1, np.int32)
        self._squared = np.full((self._side, self._side), np.inf)

    def resize(self, pixel: float) -> None:
        """Say how large a pixel is (canvas units) before the first line, and before a line or a
        question for which it is larger than it was."""
        step = 2.0 ** math.floor(math.log2(pixel / FINE))
        if not self._step:
            self._step, self._filled = step, self._told
            self._clear()
        while self._step < step:
            self._make_coarse()
        needed = min(self._told, self._reach * pixel / self._step + math.sqrt(2))
        while self._filled < needed:
            self._spread()

    def add(self, line: Rows) -> None:
        """Take in a line (n, 2), n > 1, with points about a pixel apart at most."""
        along = np.diff(line, axis=0)
        squares = np.maximum((along * along).sum(axis=1), 1e-18)
        if self._count + len(along) > len(self._pieces):
            self._make_room(len(along))
        first, self._count = self._count, self._count + len(along)
        self._pieces[first : self._count] = np.column_stack([line[:-1], along, 1 / squares])
        self._low = np.minimum(self._low, line.min(axis=0))
        self._high = np.maximum(self._high, line.max(axis=0))
        for start in range(first, self._count, _CHUNK):
            self._tell_around(np.arange(start, min(start + _CHUNK, self._count)))

    def _make_room(self, more: int) -> None:
        """Forget the pieces that no node knows: there are no more than nodes of the others."""
        known = self._piece >= 0
        kept, self._piece[known] = np.unique(self._piece[known], return_inverse=True)
        pieces = np.empty((_CHUNK + 2 * (len(kept) + more), 5))
        pieces[: len(kept)] = self._pieces[kept]
        self._pieces, self._count = pieces, len(kept)

    def squared(self, x: Rows, y: Rows) -> Rows:
        """The squared distances of pixels to the nearest line.

        Args:
            x, y: middles of the columns (w) and of the rows (h) of a picture, canvas units.

        Returns:
            float64 (h, w), canvas units squared: infinite, or something out of reach, where no
            line is within reach.
        """
        found = np.full((len(y), len(x)), np.inf)
        if not self._count:
            return found
        left, top = (np.floor(middles / self._step).astype(np.intp) for middles in (x, y))
        low, high = self._span()
        inside = ((top >= low[1]) & (top < high[1]))[:, None] & (left >= low[0]) & (left < high[0])
        corners = [self._piece[self._at(left + dx, top + dy)] for dy in (0, 1) for dx in (0, 1)]
        rows, columns = np.nonzero(inside & (np.maximum.reduce(corners) >= 0))
        candidates = np.array([corner[rows, columns] for corner in corners])
        squared = self._squared_to(np.maximum(candidates, 0), x[columns], y[rows])
        found[rows, columns] = np.where(candidates >= 0, squared, np.inf).min(axis=0)
        return found

    def _squared_to(self, pieces: Whole, x: Rows, y: Rows) -> Rows:
        """Squared distances of places to pieces."""
        start_x, start_y, along_x, along_y, rate = np.moveaxis(self._pieces[pieces], -1, 0)
        dx, dy = x - start_x, y - start_y
        t = np.clip((dx * along_x + dy * along_y) * rate, 0.0, 1.0)
        squared: Rows = (dx - t * along_x) ** 2 + (dy - t * along_y) ** 2
        return squared

    def _span(self) -> tuple[Whole, Whole]:
        """The first and the last nodes (x, y) that may know a piece."""
        low = np.floor(self._low / self._step - self._told).astype(np.intp)
        return low, np.ceil(self._high / self._step + self._told).astype(np.intp)

    def _at(self, columns: Whole, rows: Whole) -> tuple[Whole, Whole]:
        """Where these nodes are kept."""
        return (rows % self._side)[:, None], columns % self._side

    def _tell_around(self, pieces: Whole) -> None:
        """Tell the nodes around pieces of them."""
        starts, along = np.split(self._pieces[pieces, :4] / self._step, 2, axis=1)
        low = np.floor(np.minimum(starts, starts + along) - self._told).astype(np.intp)
        high = np.ceil(np.maximum(starts, starts + along) + self._told).astype(np.intp)
        width, height = (high - low).max(axis=0) + 1
        columns, rows = low[:, :1] + np.arange(width), low[:, 1:] + np.arange(height)
        told = np.broadcast_to(pieces[:, None, None], (len(pieces), height, width))
        squared = self._squared_to(
            told, (columns * self._step)[:, None, :], (rows * self._step)[:, :, None]
        )
        nodes = (rows % self._side)[:, :, None] * self._side + (columns % self._side)[:, None, :]
        near = squared <= (self._told * self._step) ** 2
        self._tell(nodes[near], told[near], squared[near])

    def _tell(self, nodes: Whole, pieces: Whole, squared: Rows) -> None:
        known = self._squared.reshape(-1)
        nearer = np.flatnonzero(squared < known[nodes])
        # A node that is told of several takes the last: the nearest.
        nearer = nearer[np.argsort(-squared[nearer])]
        known[nodes[nearer]] = squared[nearer]
        self._piece.reshape(-1)[nodes[nearer]] = pieces[nearer]

    def _make_coarse(self) -> None:
        """Give up every second node."""
        # Each piece must be known to one that stays, or nobody could tell of it any more.
        while self._filled < 4:
            self._spread()
        if self._count:
            low, high = self._span()
            columns, rows = (
                np.arange(-(-a // 2), b // 2 + 1) for a, b in zip(low, high, strict=True)
            )
            before = self._at(2 * columns, 2 * rows)
            piece, squared = self._piece[before], self._squared[before]
            self._clear()
            after = self._at(columns, rows)
            self._piece[after], self._squared[after] = piece, squared
        self._step *= 2
        self._filled /= 2

    def _spread(self) -> None:
        """Nodes farther away have to know of a piece, since pixels have become larger: what a node
        knows it tells its neighbours (one step of a distance transform)."""
        if self._count:
            low, high = self._span()
            columns, rows = (np.arange(a, b + 1) for a, b in zip(low, high, strict=True))
            here = self._at(columns, rows)
            lacking = self._squared[here] > (self._filled * self._step) ** 2
            for dx, dy in _AROUND:
                told = self._piece[self._at(columns - dx, rows - dy)]
                r, c = np.nonzero(lacking & (told >= 0) & (told != self._piece[here]))
                squared = self._squared_to(
                    told[r, c], columns[c] * self._step, rows[r] * self._step
                )
                nodes = (rows[r] % self._side) * self._side + columns[c] % self._side
                self._tell(nodes, told[r, c], squared)
        self._filled += 1
