"""The main screen: the canvas, the tools around it, and the column that says what is read."""

from __future__ import annotations

import pygame

from device.desk import STEP, TURN, ZOOM, between
from device.ink import Ink
from device.language import tr
from device.screen import panels
from device.screen.area import NOWHERE, Area
from device.screen.canvas import Canvas
from device.screen.controls import LONG, Button, Controls, Look
from device.screen.hand import Hand
from device.screen.layout import Layout, arrange
from device.screen.places import TOOLS, grid, pages
from device.screen.several import Several
from device.screen.state import Host, Screen
from device.screen.touch import Contact

FIT_WAITS = 0.35
"""How long (seconds) the box around the drawing is shown before it is fitted ..."""

FIT_MOVES = 0.35
"""... and how long it is on its way."""

FRAME = 1 / 60
"""Between two pictures of something that moves, seconds."""

REPEATING = frozenset({"left", "right", "up", "down", "smaller", "larger"})


class MainScreen(Screen):
    """Draw, read, and every tool of the drawing.

    Attributes:
        layout: where everything is, since :meth:`enter`.
        canvas: the drawing area.
    """

    name = "main"

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.layout: Layout
        self.canvas: Canvas
        self._controls: Controls
        self._hand: Hand
        self._several: Several
        self._shown: dict[str, object] = {}
        self._version = -1
        self._pages: list[tuple[str, ...]] = []
        self._drawer = 0
        self._fitting: tuple[Ink, Ink, float] | None = None
        self._header_since: float | None = None

    def enter(self) -> None:
        super().enter()
        screen, desk = self.host.config.screen, self.host.desk
        self.layout = arrange(*self.area[2:], screen.inches, screen.layout)
        self.canvas = Canvas(self.host.surface, self.layout, desk.pen_width, desk.inverse)
        self._hand = Hand(desk, self.canvas, self.layout.paper)
        self._several = Several(self.host, self.canvas)
        self._controls = Controls(self.host.surface, self.layout.type.button, self.layout.radius)
        self._pages = pages(TOOLS, self.layout.drawer, self.layout.cell)
        self._drawer = 0
        self._fitting = self._header_since = None
        self._shown.clear()
        self._version = -1

    def lift(self) -> None:
        self._finish_fit()
        self._hand.lift()

    def to_window(self, x: float, y: float) -> tuple[float, float]:
        """Canvas units in pixels of the screen."""
        paper = self.layout.paper
        return paper.x + x * paper.width, paper.y + y * paper.width

    def target(self, name: str) -> Area:
        """Where a button is, by its name.

        Raises:
            KeyError: it is not on the screen now.
        """
        return self._controls.buttons[name].area

    def handle(self, contact: Contact) -> None:
        if contact.kind == "down":
            self._finish_fit()
            if contact.finger == 0 and self.layout.header.holds(contact.x, contact.y):
                self._header_since = contact.t
        if contact.kind == "up" and contact.finger == 0:
            self._header_since = None
        if self._hand.handle(contact):
            self._version = self._hand.shown
            return
        name = self._controls.handle(contact)
        if name is not None:
            self.act(name)

    def act(self, name: str) -> None:
        """What a button does."""
        host, desk = self.host, self.host.desk
        self._finish_fit()
        match name:
            case "predict":
                host.predict()
            case "clear":
                host.clear()
            case "more":
                # Page by page, and shut again.
                self._drawer = (self._drawer + 1) % (len(self._pages) + 1)
                self._shown.clear()
            case "eraser":
                desk.eraser = not desk.eraser
            case "undo":
                desk.undo()
            case "redo":
                desk.redo()
            case "left" | "right" | "up" | "down":
                dx, dy = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}[name]
                desk.move(dx * STEP, dy * STEP)
            case "smaller":
                desk.zoom(1 / ZOOM)
            case "larger":
                desk.zoom(ZOOM)
            case "turn_left":
                desk.turn(-TURN)
            case "turn_right":
                desk.turn(TURN)
            case "fit":
                self._start_fit()
            case "inverse":
                desk.inverse = not desk.inverse
                self.canvas.invert(desk.inverse)
                self._version = -1
            case "normalised":
                desk.normalised = not desk.normalised
                host.predict()
            case "live":
                desk.live = not desk.live
                if desk.live:
                    host.predict()
            case "turn" | "menu":
                host.go(name)

    def tick(self, now: float) -> float | None:
        due = []
        if self._fitting is not None:
            self._fit(now)
            due.append(now + FRAME)
        name, again = self._controls.repeat(now)
        if name is not None:
            self.act(name)
        if again is not None:
            due.append(again)
        if self._header_since is not None:
            if now - self._header_since >= LONG:
                self._header_since = None
                self.host.go("pin")
            else:
                due.append(self._header_since + LONG)
        return min(due, default=None)

    def draw(self) -> list[pygame.Rect]:
        if self._version != self.host.desk.version:
            self._version = self.host.desk.version
            self.canvas.show(self.host.desk.ink, hinting=True)
            self._mark_fit()
        self._several.follow(self._hand.is_down)
        self._draw_panel()
        self._controls.place(self._buttons())
        return [*super().draw(), *self.canvas.take_dirty(), *self._controls.draw()]

    def _draw_panel(self) -> None:
        host, layout, surface = self.host, self.layout, self.host.surface
        reading, lights = host.reading, host.lights()
        status = panels.status(reading)
        if self._changed("header", (status, tuple(sorted(lights.items())), host.notice)):
            panels.header(surface, layout, status, lights, host.notice)
            self.touch_up(layout.header)
        if self._drawer:
            if self._changed("drawer", self._drawer):
                panels.blank(surface, layout.drawer)
                self.touch_up(layout.drawer)
                self._controls.forget()
            return
        unread = not host.desk.live and not host.desk.ink.is_blank
        number = self._several.number
        if self._changed("answer", (id(reading.model_input), reading, unread, number)):
            if self._changed("drawer", 0):
                panels.blank(surface, layout.drawer)
                self.touch_up(layout.drawer)
                self._controls.forget()
            threshold = host.config.model.threshold
            panels.answer(surface, layout, reading, threshold, unread, number)
            self.touch_up(layout.answer)
            if layout.chart != NOWHERE:
                panels.chart(surface, layout, reading)
                self.touch_up(layout.chart)

    def _changed(self, part: str, content: object) -> bool:
        if self._shown.get(part) == content:
            return False
        self._shown[part] = content
        return True

    def _buttons(self) -> list[Button]:
        layout = self.layout
        if self._drawer:
            names = (*self._pages[self._drawer - 1], "more")
            cells = grid(layout.drawer, len(names), layout.cell)
            return [self._tool(name, area) for name, area in zip(names, cells, strict=True)]
        return [
            *(self._tool(name, area) for name, area in layout.tools.items()),
            *self._main_buttons(),
        ]

    def _main_buttons(self) -> list[Button]:
        layout, desk = self.layout, self.host.desk
        inked = not desk.ink.is_blank
        made = []
        if layout.predict != NOWHERE:
            # Green and blue, as GubboIT Digit has it: blue is without normalising.
            look: Look = ("primary" if desk.normalised else "second") if inked else "off"
            # A narrow button asks for smaller words than its height would.
            scale = min(1.0, 0.2 * layout.predict.width / layout.type.button)
            made.append(Button("predict", layout.predict, tr("Predict"), look=look, scale=scale))
        words = panels.fits(tr("Clear"), layout.clear.width, layout.type.button)
        made.append(
            Button(
                "clear",
                layout.clear,
                tr("Clear") if words else "",
                "" if words else "trash",
                "plain" if inked else "off",
            )
        )
        if layout.more != NOWHERE:
            made.append(Button("more", layout.more, icon="more"))
        return made

    def _tool(self, name: str, area: Area) -> Button:
        desk = self.host.desk
        inked = not desk.ink.is_blank
        usable = {
            "undo": desk.can_undo,
            "redo": desk.can_redo,
            **dict.fromkeys(("eraser", "inverse", "normalised", "live", "menu", "more"), True),
        }.get(name, inked)
        on = {
            "eraser": desk.eraser,
            "inverse": desk.inverse,
            "normalised": desk.normalised,
            "live": desk.live,
        }.get(name, False)
        look: Look = ("on" if on else "plain") if usable else "off"
        gap = max(1, self.layout.cell // 22)
        icon, label = ("", "360") if name == "turn" else (name, "")
        return Button(name, area, label, icon, look, name in REPEATING, area.inset(-gap))

    def _start_fit(self) -> None:
        ink = self.host.desk.ink
        if not ink.is_blank:
            self._fitting = (ink, ink.fitted(), self.host.now())
            self._mark_fit()

    def _mark_fit(self) -> None:
        if self._fitting is not None:
            self.canvas.outline(self.host.desk.ink.bounds)

    def _fit(self, now: float) -> None:
        """The drawing on its way to where normalising puts it: the box first, then the move."""
        if self._fitting is None:
            return
        start, end, since = self._fitting
        share = (now - since - FIT_WAITS) / FIT_MOVES
        if share >= 1:
            self._finish_fit()
        elif share > 0:
            eased = share * share * (3 - 2 * share)
            self.host.desk.preview(between(start, end, eased))

    def _finish_fit(self) -> None:
        if self._fitting is not None:
            _, end, _ = self._fitting
            self._fitting = None
            self.host.desk.preview(end)
            self.host.desk.settle()
