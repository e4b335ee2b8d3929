"""A finger on the panel of a virtual Pi: it draws ink in the time that a hand takes."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Protocol

from device.ink import Ink, Stroke
from device.screen.layout import Layout
from device.screen.touch import on_panel

HERTZ = 30.0
"""How often the official 7-inch panel reports a touch, about."""

BETWEEN = 0.12
"""Seconds between two strokes of one drawing."""

TAP = 0.12
"""Seconds that a finger rests on what it taps."""

Place = tuple[float, float]


class Panel(Protocol):
    """What takes touches: :class:`virtual_pi.qmp.Qmp`."""

    def touch(self, kind: str, x: float = 0.0, y: float = 0.0, slot: int = 0) -> None: ...


def reports(stroke: Stroke, hertz: float = HERTZ) -> list[Place]:
    """Where the panel sees the finger, a report after the other: first and last point, and between
    them the places at which it is when the panel looks."""
    points = list(stroke)
    if not points:
        return []
    found = [(points[0].x, points[0].y)]
    moment, end = points[0].t + 1 / hertz, points[-1].t
    index = 1
    while moment < end:
        while points[index].t < moment:
            index += 1
        before, after = points[index - 1], points[index]
        part = (moment - before.t) / max(1e-9, after.t - before.t)
        found.append(
            (before.x + part * (after.x - before.x), before.y + part * (after.y - before.y))
        )
        moment += 1 / hertz
    return [*found, (points[-1].x, points[-1].y)]


class Finger:
    """One finger.

    Args:
        panel: what it touches.
        layout: of the main screen there, as a person sees it.
        rotation: how far the picture is turned on the panel, clockwise.
        hertz: how often the panel reports; 0 for as fast as it takes them.
    """

    def __init__(
        self, panel: Panel, layout: Layout, rotation: int = 0, hertz: float = HERTZ
    ) -> None:
        self._panel, self._layout = panel, layout
        self._rotation, self._hertz = rotation, hertz

    def draw(self, ink: Ink) -> None:
        """Draw ink on the canvas, stroke after stroke."""
        paper = self._layout.paper
        for number, stroke in enumerate(ink.strokes):
            if number:
                self._rest(BETWEEN)
            places = reports(stroke, self._hertz or HERTZ)
            self.trace((paper.x + x * paper.width, paper.y + y * paper.width) for x, y in places)

    def trace(self, places: Iterable[Place]) -> None:
        """One stroke through pixels of the screen."""
        last = (0.0, 0.0)
        for number, last in enumerate(places):
            self._touch("move" if number else "down", *last)
            if self._hertz:
                time.sleep(1 / self._hertz)
        self._touch("up", *last)

    def tap(self, x: float, y: float) -> None:
        """Tap a pixel of the screen."""
        self._touch("down", x, y)
        self._rest(TAP)
        self._touch("up", x, y)

    def clear(self) -> None:
        """Tap Clear."""
        self.tap(*self._layout.clear.centre)

    def _touch(self, kind: str, x: float, y: float) -> None:
        width, height = self._layout.size
        self._panel.touch(kind, *on_panel(x / width, y / height, self._rotation))

    def _rest(self, seconds: float) -> None:
        if self._hertz:
            time.sleep(seconds)
