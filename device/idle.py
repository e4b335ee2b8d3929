"""Whether anybody is there: what time does to a kiosk that nobody touches, and what wakes it."""

from __future__ import annotations

import math

from device.backlight import Backlight
from device.config import KioskConfig
from device.screen.touch import Contact


class Idle:
    """Counts the time since the last touch, and keeps back the touch that wakes.

    Args:
        now: seconds, on the clock of every later call.
        backlight: goes off with the picture; None where it is not Inkling's to switch.

    Attributes:
        left: so long without a touch that the visitor has left.
        dark: so long that nothing is shown any more.
    """

    def __init__(self, now: float, backlight: Backlight | None = None) -> None:
        self.left = self.dark = False
        self._since = now
        self._backlight = backlight
        self._waking: set[int] = set()
        self._light(on=True)

    def look(self, now: float, config: KioskConfig) -> None:
        """See what time it is."""
        silent = now - self._since
        if config.idle_seconds and silent >= config.idle_seconds:
            self.left = True
        if config.blank_minutes and silent >= 60 * config.blank_minutes and not self.dark:
            self.dark = True
            self._light(on=False)

    def due(self, now: float, config: KioskConfig) -> float:
        """In how many seconds to :meth:`look` again, if nobody comes until then."""
        waits = [
            self._since + seconds - now
            for seconds, done in (
                (config.idle_seconds, self.left),
                (60 * config.blank_minutes, self.dark),
            )
            if seconds and not done
        ]
        return max(0.0, min(waits, default=math.inf))

    def leads_to(self, shown: str) -> str | None:
        """The name of the screen that belongs in the place of the one shown, if another does."""
        wanted = "dark" if self.dark else "attract" if self.left else None
        if wanted is None:
            return "main" if shown in ("attract", "dark") else None
        return wanted if wanted != shown else None

    def busy(self, now: float) -> None:
        """Something goes on that a visitor waits for: nobody has left meanwhile."""
        if not (self.left or self.dark):
            self._since = now

    def wake(self, now: float) -> None:
        """Somebody is there, at a button that is not on the screen."""
        self._since = now
        self.left = self.dark = False
        self._light(on=True)

    def takes(self, contact: Contact, now: float) -> bool:
        """Whether a contact is of the touch that wakes, which until it lifts means nothing else.

        A finger that lifts wakes nobody: it came down long ago.
        """
        finger, asleep = contact.finger, self.left or self.dark
        if contact.kind == "down":
            # The first finger begins a touch, whether or not the last one's lift was seen.
            taken = asleep or (finger != 0 and 0 in self._waking)
        else:
            taken = asleep or finger in self._waking
        self._waking.discard(finger)
        if contact.kind == "up":
            if not asleep:
                self._since = now
            return taken
        if taken:
            self._waking.add(finger)
        # Not only when it was dark: the light may have failed to come on.
        self.wake(now)
        return taken

    def close(self) -> None:
        """Leave the backlight on. May be called again."""
        self._light(on=True)

    def _light(self, *, on: bool) -> None:
        if self._backlight is None:
            return
        if on:
            self._backlight.on()
        else:
            self._backlight.off()
