"""Somebody in front of a virtual Pi: draws, looks at screen and lights, keeps pictures."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image as Pictures

from device.ink import Ink
from device.reading import Verdict
from device.screen.layout import arrange
from virtual_pi import looks
from virtual_pi.finger import Finger
from virtual_pi.host import VirtualPiError
from virtual_pi.looks import Seen
from virtual_pi.machine import Machine
from virtual_pi.qmp import QmpError

PATIENCE = 60.0
"""Seconds that an answer may take on an emulated processor."""

REST = 0.6
"""Seconds for which a picture must not change to be an answer."""

LIGHTS = {
    Verdict.BLANK: "none",
    Verdict.ACCEPTED: "accept",
    Verdict.SEVERAL: "several",
    Verdict.REJECTED: "reject",
}
"""The light that belongs to what the screen says."""


class Visit:
    """A visitor and a machine.

    Args:
        machine: the one that is visited.
        pictures: where pictures are kept.
        name: what their names begin with.
        rotation: how far the picture is turned on the panel, clockwise.
        lit: whether the lights are on real lines, and looked at.
    """

    def __init__(
        self, machine: Machine, pictures: Path, name: str, rotation: int = 0, lit: bool = True
    ) -> None:
        self.machine, self.pictures, self.name = machine, pictures, name
        self.rotation, self.lit = rotation, lit
        self.way: list[Path] = []
        """Pictures of a power-on that was recorded, each another than the one before."""

    @property
    def finger(self) -> Finger:
        size = self.machine.box.size or (1024, 600)
        turned = size[::-1] if self.rotation % 180 else size
        return Finger(self.machine.qmp, arrange(*turned), self.rotation)

    def look(self) -> Pictures.Image:
        """The screen, upright as a person sees it."""
        return self.machine.picture().rotate(self.rotation, expand=True)

    def keep(self, what: str) -> Pictures.Image:
        """Keep a picture of the screen."""
        picture = self.look()
        picture.save(self.pictures / f"{self.name}-{what}.png")
        return picture

    def power_on(self, unit: str = "inkling", record: bool = False) -> None:
        """Switch the machine on, and wait until a unit says that it is ready.

        Args:
            unit: the one.
            record: whether pictures are kept of what the screen shows meanwhile.

        Raises:
            VirtualPiError: it does not come.
        """
        self.machine.on()
        if unit == "inkling":
            self.way.clear()
            start = time.monotonic()

            def shows_inkling() -> bool:
                picture = self._look()
                if picture is None:
                    return False
                if record:
                    self._keep_on_the_way(picture, time.monotonic() - start)
                return looks.is_main(picture)

            self.machine.until(shows_inkling, "the first picture", 0.5)
        self.machine.reachable()
        self.machine.active(unit)

    def until(self, wanted: Callable[[Seen | None], bool], what: str, limit: float = 300.0) -> Seen:
        """Wait until the screen says something; what it says.

        Raises:
            VirtualPiError: it does not; what it shows instead is kept as a picture.
        """
        seen: list[Seen | None] = [None]

        def shown() -> bool:
            seen[0] = self.seen()
            return wanted(seen[0])

        try:
            self.machine.until(shown, what, 0.5, limit)
        except VirtualPiError:
            if self.machine.is_on:
                self.keep(f"instead of {what}".replace(" ", "-"))
            raise
        assert seen[0] is not None
        return seen[0]

    def seen(self) -> Seen | None:
        """What the screen says now; None where it is something else, or there is no picture yet."""
        picture = self._look()
        return None if picture is None else looks.read(picture)

    def _look(self) -> Pictures.Image | None:
        try:
            return self.look()
        except QmpError:
            return None

    def _keep_on_the_way(self, picture: Pictures.Image, seconds: float) -> None:
        if self.way:
            with Pictures.open(self.way[-1]) as last:
                if last.tobytes() == picture.tobytes():
                    return
        path = self.pictures / f"{self.name}-on-{len(self.way):02}-after-{seconds:05.1f}s.png"
        picture.save(path)
        self.way.append(path)

    def draw(self, ink: Ink, wanted: Seen) -> None:
        """Clear, draw, and wait for the screen and the lights to say what they should.

        Raises:
            VirtualPiError: they do not.
        """
        self.clear()
        self.finger.draw(ink)
        self.expect(wanted)

    def clear(self) -> None:
        """Tap Clear, and wait until the screen is blank and all lights are off."""
        self.finger.clear()
        self.expect(Seen(Verdict.BLANK))

    def expect(self, wanted: Seen) -> None:
        """Wait for screen and lights; of a verdict without a digit, any digit will do.

        Raises:
            VirtualPiError: they do not say so.
        """

        before = b""

        def rests() -> bool:
            """An answer to part of a drawing may be on the screen for a moment."""
            nonlocal before
            picture = self._look()
            seen = None if picture is None else looks.read(picture)
            if picture is None or seen is None or seen.verdict is not wanted.verdict:
                return False
            if wanted.digit not in (None, seen.digit):
                return False
            # On an empty canvas something moves.
            shown = picture.tobytes() if seen.verdict is not Verdict.BLANK else b"blank"
            before, last = shown, before
            return before == last

        try:
            self.machine.until(rests, str(wanted), REST, PATIENCE)
        except VirtualPiError:
            if self.machine.is_on:
                self.keep(f"instead of {wanted}".replace(" ", "-"))
            raise
        if not self.lit:
            return
        light = LIGHTS[wanted.verdict]
        self.machine.until(
            lambda: self.machine.lit() == light, f"the light for {wanted}", 0.1, PATIENCE
        )
