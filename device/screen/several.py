"""Several symbols on the main screen: each gets an outline with its own digit above it, and the
answer is the number that they read from left to right."""

from __future__ import annotations

from collections.abc import Iterator

from device.parts import Part, number, read_parts
from device.reading import Reading, Verdict
from device.recognizer import Readers
from device.screen.canvas import Canvas
from device.screen.state import Host


class Several:
    """Follows the drawing; asks for the symbols once a reading has found more than one.

    Attributes:
        number: what they read together, ``"2026"``; empty while there are not several, or while
            it is not known.
    """

    def __init__(self, host: Host, canvas: Canvas) -> None:
        self._host = host
        self._canvas = canvas
        self._version = host.desk.version
        self._reading: Reading | None = None
        self._parts: list[Part] = []
        self.number = ""

    def follow(self, finger_down: bool) -> None:
        """Once a frame, after the canvas shows the drawing: what was said of another drawing goes
        at once. While a finger is on the canvas nothing new is asked for: it is still drawing."""
        host = self._host
        if self._version != host.desk.version:
            self._version = host.desk.version
            self._forget()
        settled = host.settled and not finger_down
        if settled and host.reading is not self._reading:
            self._forget()
            self._reading = host.reading
            if host.reading.verdict is Verdict.SEVERAL:
                self._ask()
        if self._parts and not self._canvas.marked:
            for part in self._parts:
                if part.ink.bounds is not None:
                    self._canvas.mark(part.ink.bounds, number([part]))

    def _forget(self) -> None:
        if self._reading is not None and self._reading.verdict is Verdict.SEVERAL:
            self._host.drop()
        self._reading = None
        self._parts = []
        self.number = ""
        self._canvas.unmark()

    def _ask(self) -> None:
        ink, model = self._host.desk.ink, self._host.desk.model

        def task(readers: Readers) -> Iterator[list[Part]]:
            yield read_parts(readers.get(model), ink)

        self._host.ask(task, self._came)

    def _came(self, parts: list[Part]) -> None:
        self._parts = parts
        self.number = number(parts)
