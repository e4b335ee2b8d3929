"""The drawing on the canvas, and everything that a visitor can do to it.

No pixels and no hardware: fingers and buttons become calls here, each of which makes a new
:class:`~device.ink.Ink` that can be undone, and whoever shows or reads the drawing looks at
:attr:`Desk.ink`.
"""

from __future__ import annotations

import math

from device.config import Config
from device.history import History
from device.ink import Ink, Stroke

STEP = 0.05
"""How far an arrow moves the drawing, canvas units."""

ZOOM = 1.15
"""How much larger a zoom makes the drawing."""

TURN = 10.0
"""How far a rotation turns the drawing, degrees."""

SMALLEST, LARGEST = 0.02, 8.0
"""A drawing is zoomed between these extents, canvas units: it can always be found again."""

ERASER = 4.0
"""How many times as wide as the pen the eraser is."""

Pair = tuple[tuple[float, float], tuple[float, float]]


class Desk:
    """One drawing in the making, with its tools and its options.

    Attributes:
        eraser: the finger erases instead of drawing.
        inverse: dark ink on light paper, instead of light ink on dark.
        normalised: the model gets the drawing fitted and centred, and the gate is asked.
        live: read while the finger moves; otherwise when asked to.
        model: name of the model that reads.
        version: grows with every change of what is on the canvas, or of who reads it.
    """

    def __init__(self, model: str, pen_width: float, *, inverse: bool = False) -> None:
        self.pen_width = pen_width
        self._first = (model, True, True, inverse)
        self.model, self.normalised, self.live, self.inverse = self._first
        self.eraser = False
        self.version = 0
        self._history = History()
        self._drawing: Ink | None = None
        self._changed: Ink | None = None

    @property
    def ink(self) -> Ink:
        """Everything on the canvas: the stroke under the finger, and what a tool is doing."""
        if self._changed is not None:
            return self._changed
        return self._history.ink if self._drawing is None else self._drawing

    @property
    def growing(self) -> bool:
        """Whether :attr:`ink` goes on under the finger."""
        return self._drawing is not None and self._changed is None

    @property
    def can_undo(self) -> bool:
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        return self._history.can_redo

    def drawing(self, stroke: Stroke | None) -> None:
        """The stroke under the finger, as far as it has come; None when there is none."""
        self._drawing = None if stroke is None else self._history.ink.with_stroke(stroke)
        self.version += 1

    def drawn(self, stroke: Stroke) -> None:
        """A stroke is finished."""
        self._drawing = None
        self._commit(self._history.ink.with_stroke(stroke))

    def erase(self, x: float, y: float) -> None:
        """Rub out what lies under the eraser (canvas units); one step of undo until
        :meth:`settle`."""
        erased = self.ink.erased(x, y, ERASER * self.pen_width / 2)
        if erased != self.ink:
            self.preview(erased)

    def preview(self, ink: Ink) -> None:
        """Show other ink for now; :meth:`settle` keeps it, as one step of undo."""
        self._changed = ink
        self.version += 1

    def settle(self) -> None:
        """Keep what a tool has made of the drawing."""
        if self._changed is not None:
            changed, self._changed = self._changed, None
            self._commit(changed)

    def move(self, dx: float, dy: float) -> None:
        """Move the drawing, canvas units; it cannot leave the canvas altogether."""
        bounds = self.ink.bounds
        if bounds is not None:
            cx, cy = bounds.centre
            self._commit(
                self.ink.moved(min(max(dx, -cx), 1 - cx), min(max(dy, -cy), 1 - cy)),
            )

    def zoom(self, factor: float) -> None:
        """Make the drawing larger or smaller about its own middle."""
        bounds = self.ink.bounds
        if bounds is not None:
            extent = max(bounds.width, bounds.height)
            if extent > 0 and SMALLEST <= extent * factor <= LARGEST:
                self._commit(self.ink.scaled(factor, bounds.centre))

    def turn(self, degrees: float) -> None:
        """Rotate the drawing clockwise about its own middle."""
        bounds = self.ink.bounds
        if bounds is not None:
            self._commit(self.ink.rotated(math.radians(degrees), bounds.centre))

    def fit(self) -> None:
        """Normalise the drawing: as large as the canvas allows, in its middle."""
        self._commit(self.ink.fitted())

    def clear(self) -> None:
        """Empty the canvas; can be undone."""
        self._drawing = self._changed = None
        self._commit(Ink())

    def undo(self) -> None:
        """Take the last change back."""
        self._drawing = self._changed = None
        self._history.undo()
        self.version += 1

    def redo(self) -> None:
        """Make again what was taken back."""
        self._drawing = self._changed = None
        self._history.redo()
        self.version += 1

    def replace(self, ink: Ink) -> None:
        """Put other ink on the canvas; can be undone."""
        self._drawing = self._changed = None
        self._commit(ink)

    def read_with(self, model: str) -> None:
        """Another model reads, until the next visitor comes."""
        self.model = model
        self.version += 1

    def choose(self, model: str, config: Config) -> None:
        """The options from now on, for the next visitor too: this model, and else as configured."""
        self.pen_width = config.screen.pen_width
        self._first = (model, config.model.normalised, config.model.live, config.screen.inverse)
        self.model, self.normalised, self.live, self.inverse = self._first

    def forget(self) -> None:
        """An empty canvas for the next visitor, and every option as it was in the beginning:
        nothing of the last visitor can be brought back."""
        self._history = History()
        self.model, self.normalised, self.live, self.inverse = self._first
        self._drawing = self._changed = None
        self.eraser = False
        self.version += 1

    def _commit(self, ink: Ink) -> None:
        self._changed = None
        self._history.commit(ink)
        self.version += 1


def between(start: Ink, end: Ink, share: float) -> Ink:
    """On the way from a drawing to the same drawing elsewhere: ``share`` 0 is the start, 1 the
    end; strokes and samples are those of both."""
    return Ink(
        tuple(
            a.with_xy(a.xy + (b.xy - a.xy) * share)
            for a, b in zip(start.strokes, end.strokes, strict=True)
        )
    )


def carried(ink: Ink, before: Pair, after: Pair) -> Ink:
    """A drawing moved, zoomed and turned as two fingers on it have moved, canvas units.

    Two fingers on one spot say nothing about size and angle: then it is moved only.
    """
    (ax, ay), (bx, by) = before
    (cx, cy), (dx, dy) = after
    old, new = complex(bx - ax, by - ay), complex(dx - cx, dy - cy)
    middle = (ax + bx) / 2, (ay + by) / 2
    moved = (cx + dx) / 2 - middle[0], (cy + dy) / 2 - middle[1]
    if abs(old) > 1e-6 and abs(new) > 1e-6:
        bounds = ink.bounds
        extent = max(bounds.width, bounds.height) if bounds is not None else 0.0
        factor = abs(new) / abs(old)
        if extent > 0:
            factor = min(max(factor, SMALLEST / extent), LARGEST / extent)
            ink = ink.scaled(factor, middle)
        ink = ink.rotated(math.atan2((new / old).imag, (new / old).real), middle)
    return ink.moved(*moved)
