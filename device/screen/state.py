"""What a screen is: a state of the kiosk, with enter, handle, tick, draw and leave.

The kiosk shows one screen at a time and gives it every contact. A screen draws on the host's
surface and returns what has changed; it never waits, and asks the host for whatever takes time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import pygame

from device.desk import Desk
from device.reading import Reading
from device.screen import theme
from device.screen.area import Area
from device.screen.touch import Contact

if TYPE_CHECKING:
    from device.config import Config
    from device.library import Library
    from device.lock import PinLock
    from device.recognizer import Readers
    from device.samples import Samples


class Host(Protocol):
    """What the kiosk does for its screens. Everything here is called on the main thread.

    Attributes:
        surface: what is drawn on, upright whatever way the panel is mounted.
        config: the configuration in force.
        desk: the drawing and its tools.
        library: the models there are.
        samples: the labelled drawings.
        lock: counts wrong PINs.
        can_quit: there is a desktop to go back to.
        reading: of the drawing, or of nothing.
        notice: what went wrong last, one line; None when nothing did.
        settled: no reading of the drawing is awaited.
    """

    @property
    def surface(self) -> pygame.Surface: ...
    @property
    def config(self) -> Config: ...
    @property
    def desk(self) -> Desk: ...
    @property
    def library(self) -> Library: ...
    @property
    def samples(self) -> Samples: ...
    @property
    def lock(self) -> PinLock: ...
    @property
    def can_quit(self) -> bool: ...
    @property
    def reading(self) -> Reading: ...
    @property
    def notice(self) -> str | None: ...
    @property
    def settled(self) -> bool: ...

    def go(self, name: str) -> None:
        """Show another screen after this event; the one that is left can be come back to."""

    def back(self) -> None:
        """Show the screen that was there before this one; at last the main screen."""

    def predict(self) -> None:
        """Read the drawing (again)."""

    def clear(self) -> None:
        """Empty the canvas; can be undone."""

    def ask(
        self,
        task: Callable[[Readers], Iterator[Any]],
        deliver: Callable[[Any], None],
        failed: Callable[[str], None] | None = None,
    ) -> None:
        """Work in the background, see :meth:`device.worker.Worker.ask`; ``deliver`` is called on
        the main thread with each thing the task yields, as long as this screen is shown.
        ``failed`` gets one line; without it the notice shows it."""

    def drop(self) -> None:
        """Forget the work in the background."""

    def change(self, values: Mapping[str, Any]) -> None:
        """Settings by their dotted key, in force from now on and kept for the next start."""

    def speak(self, code: str) -> None:
        """Another language, until this visitor has left."""

    def lights(self) -> dict[str, bool]:
        """Which lights are on, by name."""

    def now(self) -> float:
        """Seconds, ever growing."""

    def stop(self) -> None:
        """End the kiosk."""


class Screen:
    """A state of the kiosk. Subclasses override what they need.

    Attributes:
        name: by which :meth:`Host.go` finds it.
        passing: once it is left, it is not come back to.
    """

    name = ""
    passing = False

    def __init__(self, host: Host) -> None:
        self.host = host
        self._dirty: list[pygame.Rect] = []

    @property
    def area(self) -> Area:
        """The whole screen."""
        return Area(0, 0, *self.host.surface.get_size())

    def enter(self) -> None:
        """Draw everything anew: the screen comes up, or its size or language has changed."""
        self.host.surface.fill(theme.GROUND)
        self.touch_up(self.area)

    def handle(self, contact: Contact) -> None:
        """A finger did something."""

    def tick(self, now: float) -> float | None:
        """Go on with what moves; returns when (on the host's clock) to be called next, None when
        nothing moves."""

    def draw(self) -> list[pygame.Rect]:
        """Bring the surface up to date; returns what has changed since the last call, which is
        nothing while nothing changes."""
        dirty, self._dirty = self._dirty, []
        return dirty

    def lift(self) -> None:
        """The fingers are gone: what they have done so far stays, and the screen too."""

    def renew(self) -> None:
        """The screen stays, but its size or its language has changed."""
        self.lift()
        self.enter()

    def clear(self) -> None:
        """Empty the canvas that is shown; can be undone."""
        self.host.clear()

    def leave(self) -> None:
        """The screen goes away: stop what it has started."""
        self.lift()
        self.host.drop()

    def target(self, name: str) -> Area:
        """Where a button is, by its name.

        Raises:
            KeyError: it is not on the screen now.
        """
        raise KeyError(name)

    def to_window(self, x: float, y: float) -> tuple[float, float]:  # noqa: ARG002
        """Canvas units in pixels of the screen.

        Raises:
            LookupError: this screen has no canvas.
        """
        raise LookupError(f"no canvas on the {self.name} screen")

    def touch_up(self, area: Area | pygame.Rect) -> None:
        """Say that this part of the surface has changed."""
        self._dirty.append(pygame.Rect(area))
