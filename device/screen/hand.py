"""Fingers on the canvas: one draws or erases, two move, pinch and turn the drawing."""

from __future__ import annotations

import math

from device.desk import ERASER, Desk, carried
from device.ink import Ink
from device.screen.area import Area
from device.screen.canvas import Canvas
from device.screen.pen import Pen
from device.screen.touch import Contact

SECOND = 0.35
"""A second finger that comes within so long (seconds) of the first means both; later, it is the
ball of a hand, and is ignored."""

Place = tuple[float, float]


class Hand:
    """Follows the fingers on one canvas and tells the desk what they do.

    Args:
        desk: whose drawing it is.
        canvas: shows ink in the frame of its touch.
        paper: the square, in pixels, that is one canvas unit wide.

    Attributes:
        shown: the desk's version that the canvas shows already.
    """

    def __init__(self, desk: Desk, canvas: Canvas, paper: Area) -> None:
        self._desk = desk
        self._canvas = canvas
        self._paper = paper
        self._pen = Pen()
        self._on_canvas = False
        self._since = 0.0
        self._places: list[Place] = [(0.0, 0.0), (0.0, 0.0)]
        self._held: tuple[Ink, Place, Place] | None = None
        self._erased_to: Place | None = None
        self.shown = -1

    def handle(self, contact: Contact) -> bool:
        """Follow a contact; False when it is not of a finger that came down on the canvas."""
        if self._is_palm(contact):
            return True
        self.shown = -1
        here = self._to_ink(contact)
        if contact.finger == 0 and contact.kind == "down":
            self._on_canvas = self._paper.holds(contact.x, contact.y)
            self._since = contact.t
        if not self._on_canvas:
            return False
        self._places[contact.finger] = here
        if contact.finger or self._held is not None:
            self._two(contact)
        elif self._desk.eraser:
            self._erase(contact, here)
        else:
            self._draw(contact, here)
        if contact.finger == 0 and contact.kind == "up":
            self._on_canvas = False
        return True

    @property
    def is_down(self) -> bool:
        """Whether a finger is on the canvas."""
        return self._on_canvas

    def lift(self) -> None:
        """The fingers are gone: what they have drawn so far stays."""
        stroke = self._pen.stroke
        self._pen.lift()
        if stroke is not None:
            self._desk.drawn(stroke)
        self._desk.settle()
        self._on_canvas = False
        self._held = self._erased_to = None

    def _to_ink(self, contact: Contact) -> Place:
        paper = self._paper
        return (contact.x - paper.x) / paper.width, (contact.y - paper.y) / paper.width

    def _draw(self, contact: Contact, here: Place) -> None:
        canvas, desk = self._canvas, self._desk
        for mark in self._pen.follow(contact.kind, *here, contact.t):
            if mark is None:
                canvas.end()
                continue
            if mark.first:
                canvas.begin()
            canvas.add(mark.x, mark.y)
        for stroke in self._pen.take_finished():
            desk.drawn(stroke)
        if self._pen.is_down:
            desk.drawing(self._pen.stroke)
        self.shown = desk.version

    def _erase(self, contact: Contact, here: Place) -> None:
        last = self._erased_to if contact.kind != "down" and self._erased_to else here
        # Discs along the way, close enough to leave nothing between them.
        step = ERASER * self._desk.pen_width / 8
        count = max(1, math.ceil(math.dist(last, here) / step))
        for number in range(1, count + 1):
            share = number / count
            self._desk.erase(*(a + (b - a) * share for a, b in zip(last, here, strict=True)))
        self._erased_to = here
        if contact.kind == "up":
            self._desk.settle()
            self._erased_to = None

    def _is_palm(self, contact: Contact) -> bool:
        """Whether this is a second finger that means nothing; what is drawn goes on unharmed."""
        if not (contact.finger and self._on_canvas and self._held is None):
            return False
        return contact.kind != "down" or contact.t - self._since >= SECOND

    def _two(self, contact: Contact) -> None:
        if self._held is None:
            self._begin_holding()
            return
        ink, first, second = self._held
        if contact.kind == "move":
            now = (self._places[0], self._places[1])
            self._desk.preview(carried(ink, (first, second), now))
        elif contact.kind == "up":
            self._desk.settle()
            self._held = None
            # The finger that is left neither draws nor erases until it has lifted.
            self._on_canvas = False

    def _begin_holding(self) -> None:
        """The stroke that the first finger had begun was no stroke."""
        self._pen.lift()
        self._canvas.end()
        self._desk.drawing(None)
        self._desk.settle()
        if not self._desk.ink.is_blank:
            self._held = (self._desk.ink, self._places[0], self._places[1])
        else:
            self._on_canvas = False
