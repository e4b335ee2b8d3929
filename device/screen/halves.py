"""How a page's body is shared out between a square and what stands beside it, or under it where
the body is higher than wide. Nothing here knows pygame."""

from __future__ import annotations

from device.screen.area import Area


def square_and_rest(body: Area, gap: int, share: float) -> tuple[Area, Area]:
    """A square, and all the rest beside or under it, which has at least ``share`` (0..1) of the
    body's length."""
    if body.width >= body.height:
        side = min(body.height, body.width - gap - round(body.width * share))
        square = Area(body.x, body.y + (body.height - side) // 2, side, side)
        left = square.right + gap
        return square, Area(left, square.y, body.right - left, side)
    side = min(body.width, body.height - gap - round(body.height * share))
    square = Area(body.x + (body.width - side) // 2, body.y, side, side)
    top = square.bottom + gap
    return square, Area(body.x, top, body.width, body.bottom - top)
