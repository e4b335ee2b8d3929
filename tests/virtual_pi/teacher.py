"""Somebody who teaches a virtual Pi: draws, says what it is, and sees that it is kept."""

from __future__ import annotations

from types import SimpleNamespace

from PIL import Image as Pictures

from device.ink import Ink
from device.screen import theme
from device.screen.area import Area
from virtual_pi import looks, places
from virtual_pi.finger import Finger
from virtual_pi.host import VirtualPiError
from virtual_pi.visit import REST, Visit

LIT = 0.005
"""So much of a label is in the text's colour once there is something to be labelled. What the
canvas shows is no sign of that: a hint moves on an empty one."""

PATIENCE = 40.0
"""Seconds until something is given up; before the kiosk takes the visitor for gone."""


class Teacher:
    """On the Teach screen of a visited machine.

    Attributes:
        tried: labels that were tapped, in their order.
        kept: of these, how many the screen has counted as kept.
    """

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        size = visit.machine.box.size or (1024, 600)
        self._places = places.teach_screen(size)
        page = SimpleNamespace(size=size, paper=self._places[places.CANVAS])
        self._finger = Finger(visit.machine.qmp, page)  # type: ignore[arg-type]
        self.tried: list[str] = []
        self.kept = 0

    def enter(self) -> None:
        """From the main screen to Teach.

        Raises:
            VirtualPiError: it does not come.
        """
        machine = self.visit.machine
        self._tap("menu")
        machine.until(lambda: self.visit.seen() is None, "the menu")
        self._tap("teach")
        machine.until(lambda: self._shows_canvas(machine.picture("teach")), "the Teach screen")
        last = b""

        def has_counted() -> bool:
            """What there is already has been read from the disk and is shown."""
            nonlocal last
            last, shown = _part(machine.picture("teach"), self._places["0"]), last
            return last == shown

        machine.until(has_counted, "the counts on the Teach screen", 3 * REST)

    def teach(self, ink: Ink, label: str) -> None:
        """Draw, say what it is, and wait until the screen counts it.

        Raises:
            VirtualPiError: it does not.
        """
        machine = self.visit.machine
        button = self._places[label]
        before = self.shows(label)

        def lit() -> bool:
            return looks.share(machine.picture("teach"), button, theme.TEXT) > LIT

        self._finger.draw(ink)
        machine.until(lit, "the drawing", limit=PATIENCE)
        self.tried.append(label)
        self._tap(label)
        last = before

        def counted() -> bool:
            """There is nothing to be labelled, and the label is another for good, not while it is
            pressed."""
            nonlocal last
            picture = machine.picture("teach")
            last, shown = _part(picture, button), last
            idle = looks.share(picture, button, theme.TEXT) < LIT and self._shows_canvas(picture)
            return idle and last == shown != before

        try:
            machine.until(counted, f"a drawing more of {label}", REST, PATIENCE)
        except VirtualPiError:
            if machine.is_on:
                self.visit.keep(f"instead-of-a-drawing-more-of-{label}")
            raise
        self.kept += 1

    def shows(self, label: str) -> bytes:
        """What a label and its count look like now."""
        return _part(self.visit.machine.picture("teach"), self._places[label])

    def _tap(self, name: str) -> None:
        self._finger.tap(*self._places[name].centre)

    def _shows_canvas(self, picture: Pictures.Image) -> bool:
        return looks.share(picture, self._places[places.CANVAS], theme.PAPER) > 0.9


def _part(picture: Pictures.Image, area: Area) -> bytes:
    return picture.crop((area.x, area.y, area.right, area.bottom)).tobytes()
