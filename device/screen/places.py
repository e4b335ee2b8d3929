"""Where the large parts of a screen stand: canvas, panel and tools, for any size and any finger.

Landscape has the square canvas on the left with the tools around it; portrait has it on top, the
tools in rows under it. Where a finger would have no room, the tools are not beside the canvas.
Nothing here knows pygame.
"""

from __future__ import annotations

import math

from device.screen.area import Area

COLUMN = 0.30
"""The column gets at least this share of a landscape screen's width ..."""

ROW = 0.40
"""... or of a portrait screen's height; the canvas is smaller then, and still square."""

UPRIGHT = 1.25
"""A screen is laid out as portrait when it is this many times as high as it is wide: below that,
the column has no room under the canvas."""

WIDEST = 1.25
"""The column is at most this many times as wide as the canvas."""

FINGER = 9.0
"""Side of a button that a finger finds, millimetres."""

STRIP = ("eraser", "undo", "redo", "fit", "turn", "inverse", "normalised", "live", "menu")
"""The tools in the strip beside the canvas (under it, on a portrait screen), in their order ..."""

MOVES = ("left", "right", "up", "down", "smaller", "larger", "turn_left", "turn_right")
"""... and those in the row under the canvas."""

TOOLS = (*STRIP, *MOVES)


def finger(width: int, height: int, inches: float = 0.0) -> int:
    """Side (pixels) of a button that a finger finds, on a panel of this diagonal; 0 inches: 7, or
    3.5 for the small panels that sit on the header."""
    inches = inches or (3.5 if width * height <= 480 * 320 else 7.0)
    wanted = FINGER * math.hypot(width, height) / (inches * 25.4)
    shorter = min(width, height)
    return math.ceil(min(max(wanted, 34, 0.06 * shorter), 0.19 * shorter))


def two_parts(width: int, height: int, least: int = 0) -> tuple[Area, Area]:
    """Canvas and panel, as large as they can be.

    Args:
        least: width (pixels) that a column beside the canvas gets if that leaves enough canvas.
    """
    margin = max(8, round(min(width, height) / 30))
    # Nearly square screens need more room beside the canvas.
    squareness = min(width, height) / max(width, height)
    share = max(0.0, squareness - 0.7) * 0.3
    if height < UPRIGHT * width:
        column = max(
            round((COLUMN + share) * width), width - height - margin, min(least, round(0.4 * width))
        )
        side = min(height - 2 * margin, width - 3 * margin - column)
        column = min(width - 3 * margin - side, round(side * WIDEST))
        left = (width - side - column - margin) // 2
        canvas = Area(left, (height - side) // 2, side, side)
        return canvas, Area(canvas.right + margin, margin, column, height - 2 * margin)
    row = max(round((ROW + share) * height), height - width - margin)
    side = min(width - 2 * margin, height - 3 * margin - row)
    row = min(height - 3 * margin - side, round(side * WIDEST))
    top = (height - side - row - margin) // 2
    canvas = Area((width - side) // 2, top, side, side)
    return canvas, Area(margin, canvas.bottom + margin, width - 2 * margin, row)


Roomy = tuple[Area, Area, dict[str, Area]]

LEAST_CANVAS = 0.6
"""Tools stay beside the canvas as long as it keeps this share of the screen's shorter side."""


def landscape(width: int, height: int, cell: int) -> Roomy | None:
    """A strip left of the canvas and a row under it; None where a finger has no room for them."""
    margin, gap = _margin(width, height), _gap(cell)
    side = height - 2 * margin - gap - cell
    column = width - 3 * margin - cell - gap - side
    if column < COLUMN * width:
        side -= math.ceil(COLUMN * width) - column
        column = width - 3 * margin - cell - gap - side
    column = min(column, round(side * WIDEST))
    pitch = (height - 2 * margin + gap) / len(STRIP)
    across = (side + gap) / len(MOVES)
    if side < LEAST_CANVAS * height or min(pitch, across) < cell:
        return None
    left = (width - (cell + gap + side + margin + column)) // 2
    canvas = Area(left + cell + gap, margin, side, side)
    panel = Area(canvas.right + margin, margin, column, height - 2 * margin)
    strip = Area(left, margin, cell, height - 2 * margin)
    below = height - margin - cell
    row = Area(canvas.x, below, side, cell)
    # A narrow screen has air above and below its canvas.
    canvas = canvas._replace(y=margin + (below - gap - margin - side) // 2)
    return canvas, panel, _cells(STRIP, strip, gap) | _cells(MOVES, row, gap)


def portrait(width: int, height: int, cell: int) -> Roomy | None:
    """Two rows under the canvas; None where a finger has no room for them."""
    margin, gap = _margin(width, height), _gap(cell)
    least = round(ROW * height * 0.75)
    side = min(width - 2 * margin, height - 3 * margin - 2 * (cell + gap) - least)
    rows = width - 2 * margin
    if side < LEAST_CANVAS * width or (rows + gap) / len(STRIP) < cell:
        return None
    canvas = Area((width - side) // 2, margin, side, side)
    one = Area(margin, canvas.bottom + gap, rows, cell)
    two = one._replace(y=one.bottom + gap)
    top = two.bottom + margin
    panel = Area(margin, top, rows, min(height - margin - top, round(rows * WIDEST)))
    return canvas, panel, _cells(STRIP, one, gap) | _cells(MOVES, two, gap)


def _margin(width: int, height: int) -> int:
    return max(6, round(min(width, height) / 48))


def _gap(cell: int) -> int:
    return max(3, cell // 11)


def _cells(names: tuple[str, ...], area: Area, gap: int) -> dict[str, Area]:
    """Cells of one size along the longer side of an area."""
    upright = area.height > area.width
    length = area.height if upright else area.width
    pitch = (length + gap) / len(names)
    cells = {}
    for number, name in enumerate(names):
        start, end = round(number * pitch), round((number + 1) * pitch) - gap
        cells[name] = (
            Area(area.x, area.y + start, area.width, end - start)
            if upright
            else Area(area.x + start, area.y, end - start, area.height)
        )
    return cells


def pages(names: tuple[str, ...], area: Area, cell: int) -> list[tuple[str, ...]]:
    """The names in as few pages as the area has room for, each with one cell to spare."""
    room = max(1, len(grid(area, len(names) + 1, cell)) - 1)
    count = math.ceil(len(names) / room)
    each = math.ceil(len(names) / count)
    return [names[i : i + each] for i in range(0, len(names), each)]


def grid(area: Area, count: int, cell: int) -> list[Area]:
    """``count`` cells in rows, as large as the area allows and at least ``cell`` pixels wide and
    high; those that find no room are left out."""
    gap = _gap(cell)
    best = max(
        range(1, max(1, (area.width + gap) // (cell + gap)) + 1),
        key=lambda columns: _cell_size(area, columns, count, gap),
    )
    rows = min(math.ceil(count / best), max(1, (area.height + gap) // (cell + gap)))
    width = (area.width + gap) // best - gap
    height = (area.height + gap) // rows - gap
    return [
        Area(area.x + i % best * (width + gap), area.y + i // best * (height + gap), width, height)
        for i in range(min(count, rows * best))
    ]


def _cell_size(area: Area, columns: int, count: int, gap: int) -> int:
    rows = math.ceil(count / columns)
    return min((area.width + gap) // columns, (area.height + gap) // rows)
