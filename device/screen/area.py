"""Rectangles in whole pixels."""

from __future__ import annotations

from typing import NamedTuple


class Area(NamedTuple):
    """A rectangle in whole pixels, origin top left."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies inside."""
        return self.x <= x < self.right and self.y <= y < self.bottom

    def inset(self, dx: int, dy: int | None = None) -> Area:
        """Smaller by ``dx`` on the left and right, ``dy`` (``dx`` if None) above and below."""
        dy = dx if dy is None else dy
        return Area(self.x + dx, self.y + dy, self.width - 2 * dx, self.height - 2 * dy)

    def overlaps(self, other: Area) -> bool:
        """Whether the two share a pixel."""
        return (
            self.x < other.right
            and other.x < self.right
            and self.y < other.bottom
            and other.y < self.bottom
        )

    def contains(self, other: Area) -> bool:
        """Whether ``other`` lies inside as a whole."""
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.right <= self.right
            and other.bottom <= self.bottom
        )


NOWHERE = Area(0, 0, 0, 0)
"""Where things are that are not on this screen."""
