"""Dark: nothing to see, while nobody is there to see it."""

from __future__ import annotations

from device.screen.state import Screen

BLACK = (0, 0, 0)


class DarkScreen(Screen):
    """A black picture, for panels whose backlight cannot be switched."""

    name = "dark"

    def enter(self) -> None:
        self.host.surface.fill(BLACK)
        self.touch_up(self.area)
