"""No text is cut off, squeezed or outside the screen: every screen, in every size and language.

Whatever draws words says here where they had no room. A text may shrink, but not below
``LEAST`` of its size.
"""

from functools import partial
from pathlib import Path

import pygame
import pytest
from fakes import SomeReaders, SteadyLibrary, Templates
from kiosks import settings

from device import exchange, kiosk
from device.gallery import drawing
from device.keeper import Keeper
from device.language import LANGUAGES, tr
from device.lock import MOST_WRONG, PAUSE
from device.samples import NOT_A_DIGIT, Samples
from device.screen import hint, paragraph, screens, shapes, theme, widgets
from device.screen.area import Area
from device.stage import stage

SIZES = ("800x480", "1280x720", "1024x600", "480x320", "720x1280", "1920x1080")

LEAST = 0.62
"""A text keeps this share of the size that it was meant to have."""


class Watch:
    """Stands in for what draws words, and notes which had no room."""

    def __init__(self, patch):
        self.where = ()
        self.found = {}
        self._words, self._fitted = widgets.words, paragraph.fitted
        self._lines = widgets._lines
        patch.setattr(widgets, "words", self.words)
        patch.setattr(widgets, "_lines", self.lines)
        patch.setattr(paragraph, "fitted", self.fitted)
        patch.setattr(hint, "picture", self.hint(hint.picture))

    def note(self, text, trouble):
        """Of each text once in a size and a language."""
        *where, scene = self.where
        self.found.setdefault((*where, text), f"{trouble} ({scene})")

    def words(self, surface, area, text, size, colour, ground, **more):
        bold = more.get("bold", False)
        shown, used = shapes.fitting(text, area.width, size, bold)
        self.smaller(text, size, used)
        if shown != text:
            self.note(text, f"cut to {shown!r}, {area.width} px wide")
        elif text and shapes.cap_height(used, bold) > area.height:
            self.note(text, f"size {used} is higher than {area.height} px")
        elif text and not surface.get_rect().contains(pygame.Rect(area.x, area.centre[1], 1, 1)):
            self.note(text, f"outside the screen, at {area}")
        return self._words(surface, area, text, size, colour, ground, **more)

    def smaller(self, text, size, used):
        if used < LEAST * size and size > theme.SMALLEST:
            self.note(text, f"shrank from {size} to {used}")

    def fitted(self, text, area, size, bold=False):
        lines, used = self._fitted(text, area, size, bold)
        self.smaller(text, size, used)
        if paragraph.height(len(lines), used) > area.height and len(lines) > 1:
            self.note(text, f"{len(lines)} lines do not fit into {area.height} px")
        return lines, used

    def lines(self, text, area, width, size):
        lines, used = self._lines(text, area, width, size)
        self.smaller(text, size, used)
        return lines, used

    def hint(self, make):
        def picture(layout, *more):
            made = make(layout, *more)
            if made.get_width() > layout.paper.width:
                self.note("how to begin", f"{made.get_width()} px on {layout.paper.width}")
            return made

        return picture


@pytest.fixture
def watch(monkeypatch):
    monkeypatch.setattr(kiosk, "Readers", SomeReaders)
    monkeypatch.setattr(Keeper, "keep", lambda *_: None)
    monkeypatch.setattr(Samples, "free_bytes", lambda _: 1_234_567_890_123)
    monkeypatch.setattr(exchange, "free_bytes", lambda _: 1_234_567_890_123)
    monkeypatch.setattr(exchange, "place", lambda _: Path("/var/lib/inkling/exchange"))
    return Watch(monkeypatch)


def rest(made):
    """Everything that was asked for has come, and what moved has stopped."""
    made.until(lambda: made.kiosk.settled and not made.kiosk.background.busy)
    made.clock.now += 10
    made.kiosk.step(0.001)


def draw(made, name):
    made.begin()
    if name is not None:
        made.kiosk.desk.replace(drawing(name))
    rest(made)


def show_main(made, name, **tables):
    """The main screen with a drawing, and what comes out of its drawer."""
    keys = {
        f"{table}.{key}": value for table, keys in tables.items() for key, value in keys.items()
    }
    before = {key: made.kiosk.config.value(key) for key in keys}
    if keys:
        made.kiosk.change(keys)
    draw(made, name)
    if "more" in made.kiosk.screen._controls.buttons:
        made.tap("more")
        made.tap("more")
    if keys:
        made.kiosk.change(before)


def show_page(made, name):
    """A page, all its tabs, and all that is below."""
    draw(made, "4")
    made.go(name)
    rest(made)
    controls = getattr(made.kiosk.screen, "controls", None)
    if controls is None:
        return
    tabs = [button for button in controls.buttons if button.startswith("tab:")]
    for tab in tabs or [None]:
        if tab is not None:
            made.tap(tab)
        while (down := made.kiosk.screen.controls.buttons.get("down")) and down.look != "off":
            made.tap("down")


def show_blank(made, name):
    """A page that shows the drawing, without one."""
    draw(made, None)
    made.go(name)
    rest(made)


def show_notice(made):
    draw(made, "4")
    made.kiosk._notice = tr("reading failed: {reason}").format(reason="out of memory")
    made.kiosk.step(0.001)
    made.kiosk._notice = None


def show_wrong_pins(made):
    draw(made, None)
    made.go("pin")
    for _ in range(MOST_WRONG):
        for digit in "9999":
            made.tap(digit)
        made.clock.now += 1
        made.kiosk.step(0.001)
    made.clock.now += PAUSE
    made.kiosk.step(0.001)


def show_teaching(made):
    """What teaching says of a drawing, of one that is deleted, and of one brought back."""
    draw(made, None)
    made.go("teach")
    made.draw(drawing("1 and 2"))
    rest(made)
    for button in (NOT_A_DIGIT, "delete", "restore"):
        made.tap(button)
        made.until(lambda: not made.kiosk.screen.busy)


SHOWS = {
    "blank": lambda made: show_main(made, None),
    "accepted": lambda made: show_main(made, "3"),
    "rejected": lambda made: show_main(made, "a cat"),
    "several": lambda made: show_main(made, "1 and 2"),
    "as drawn": lambda made: show_main(made, "3", model={"normalised": False}),
    "unread": lambda made: show_main(made, "3", model={"live": False}),
    "kid": lambda made: show_main(made, "1 and 2", screen={"layout": "kid"}),
    "a notice": show_notice,
    "wrong PINs": show_wrong_pins,
    "teaching": show_teaching,
    **{name: partial(show_page, name=name) for name in screens.CLASSES.keys() - {"main", "dark"}},
    **{f"{name}, blank": partial(show_blank, name=name) for name in ("turn", "why", "steps")},
}
"""Ways to see every text that there is."""


@pytest.mark.parametrize("size", SIZES)
def test_no_text_is_cut_off_in_any_language(size, watch):
    config = settings(size, kiosk={"pin": "1234", "idle_seconds": 0})
    with stage(config, Templates(), SteadyLibrary()) as made:
        for code in filter(theme.can_show, LANGUAGES):
            made.kiosk.change({"screen.language": code})
            for name, show in SHOWS.items():
                watch.where = (size, code, name)
                show(made)
    found = sorted(f"{' '.join(where)}: {said}" for where, said in watch.found.items())
    assert not found, "\n" + "\n".join(found)


def test_a_text_without_room_is_noticed(watch):
    pygame.font.init()
    surface = pygame.Surface((300, 60))
    watch.where = ("in a size", "here")
    widgets.words(surface, Area(0, 0, 300, 60), "fits", 20, theme.TEXT, theme.GROUND)
    assert watch.found == {}
    widgets.words(surface, Area(0, 0, 20, 60), "far too long", 12, theme.TEXT, theme.GROUND)
    widgets.words(surface, Area(0, 0, 300, 4), "too high", 12, theme.TEXT, theme.GROUND)
    widgets.words(surface, Area(400, 0, 99, 60), "beside it", 12, theme.TEXT, theme.GROUND)
    widgets.words(surface, Area(0, 0, 70, 60), "smaller", 40, theme.TEXT, theme.GROUND)
    assert [text for _, text in watch.found] == ["far too long", "too high", "beside it", "smaller"]
