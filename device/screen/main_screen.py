"""The main screen: the canvas and the column beside it, redrawn only where something changed."""

from __future__ import annotations

from dataclasses import dataclass, field

import pygame

from device.ink import Ink
from device.reading import Reading
from device.screen import panels, theme
from device.screen.canvas import Canvas
from device.screen.layout import arrange


@dataclass(frozen=True)
class View:
    """What the column is to show."""

    reading: Reading
    threshold: float
    lights: dict[str, bool] = field(default_factory=dict)
    inked: bool = False
    pressed: str | None = None
    notice: str | None = None

    @property
    def status(self) -> tuple[str, ...]:
        """What reads, on what, and how fast."""
        parts = [self.reading.model, "int8", self.reading.accelerator]
        if self.reading.milliseconds > 0:
            parts.append(f"{self.reading.milliseconds:.1f} ms")
        return tuple(parts)


class MainScreen:
    """Draws on the display's surface; the caller shows what :meth:`take_dirty` returns.

    Args:
        surface: the display's.
        pen_width: canvas units.
    """

    def __init__(self, surface: pygame.Surface, pen_width: float) -> None:
        self._surface = surface
        self.layout = arrange(*surface.get_size())
        surface.fill(theme.GROUND)
        self.canvas = Canvas(surface, self.layout, pen_width)
        self.canvas.show(Ink(), hinting=True)
        self._shown: dict[str, object] = {}
        self._dirty = [surface.get_rect()]

    def target(self, x: float, y: float) -> str | None:
        """What is at a point of the window: ``"canvas"``, ``"predict"``, ``"clear"`` or None."""
        for name in ("canvas", "predict", "clear"):
            area = self.layout.paper if name == "canvas" else getattr(self.layout, name)
            if area.holds(x, y):
                return name
        return None

    def to_ink(self, x: float, y: float) -> tuple[float, float]:
        """Window pixels in canvas units."""
        paper = self.layout.paper
        return (x - paper.x) / paper.width, (y - paper.y) / paper.width

    def to_window(self, x: float, y: float) -> tuple[float, float]:
        """Canvas units in window pixels."""
        paper = self.layout.paper
        return paper.x + x * paper.width, paper.y + y * paper.width

    def show(self, view: View) -> None:
        """Redraw those parts of the column whose content has changed."""
        surface, layout, reading = self._surface, self.layout, view.reading
        lights = tuple(sorted(view.lights.items()))
        if self._changed("header", (view.status, lights, view.notice)):
            panels.header(surface, layout, view.status, view.lights, view.notice)
            self._dirty.append(pygame.Rect(layout.header))
        # A reading is a new object each time: comparing it is comparing what it is.
        if self._changed("answer", (id(reading.model_input), reading, view.threshold)):
            panels.answer(surface, layout, reading, view.threshold)
            panels.chart(surface, layout, reading)
            self._dirty += [pygame.Rect(layout.answer), pygame.Rect(layout.chart)]
        if self._changed("buttons", (view.inked, view.pressed)):
            panels.buttons(surface, layout, view.inked, view.pressed)
            self._dirty += [pygame.Rect(layout.predict), pygame.Rect(layout.clear)]

    def take_dirty(self) -> list[pygame.Rect]:
        """What has changed on the surface since the last call; empty when nothing has."""
        dirty, self._dirty = self._dirty + self.canvas.take_dirty(), []
        return dirty

    def _changed(self, part: str, content: object) -> bool:
        if self._shown.get(part) == content:
            return False
        self._shown[part] = content
        return True
