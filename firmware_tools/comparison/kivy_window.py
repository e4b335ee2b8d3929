"""An empty window of Kivy: run by the toolkits' environment, as a program."""

from kivy.config import Config

for key, value in {"width": 800, "height": 480, "borderless": 1}.items():
    Config.set("graphics", key, value)
Config.set("graphics", "position", "custom")
Config.set("graphics", "left", 0)
Config.set("graphics", "top", 0)

from kivy.app import App  # noqa: E402 - the window is made as soon as this is imported
from kivy.core.window import Window  # noqa: E402
from kivy.uix.widget import Widget  # noqa: E402

Window.clearcolor = (0xE5 / 255, 0x48 / 255, 0x4D / 255, 1)


class Empty(App):  # type: ignore[misc]
    """A window and nothing in it."""

    def build(self) -> Widget:
        """An empty widget."""
        return Widget()


Empty().run()
