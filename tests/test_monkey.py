"""A monkey at the kiosk: touches, drags, pinches and events without sense, on every screen.

INKLING_MONKEY says how many things it does (2,000 if unset), INKLING_SEED which.
"""

import ctypes
import gc
import logging
import math
import os
import random
import sys
from collections import Counter

import pygame
import pytest
from drawings import digit
from fakes import FakeRecognizer
from kiosks import finger, settings

from device import exchange
from device import kiosk as kiosk_module
from device.keeper import Keeper
from device.language import LANGUAGES
from device.reading import Verdict
from device.screen import icons, screens, shapes, theme
from device.screen.touch import STALE, on_panel
from device.stage import stage

COUNT = int(os.environ.get("INKLING_MONKEY", 2000))
SEED = int(os.environ.get("INKLING_SEED", 4))

WARM = 1000
"""After so many everything has been shown once: from then on ..."""

MOST_GROWTH = 2_000_000
"""... what it holds may grow by so much, bytes."""

BLOCK = 100
"""Bytes of one of Python's small blocks, about."""

FINGERS = 3
KEYS = (pygame.K_a, pygame.K_F1, pygame.K_RETURN, pygame.K_UP, pygame.K_PRINTSCREEN, 0)
WINDOW = (
    pygame.WINDOWSIZECHANGED, pygame.WINDOWEXPOSED, pygame.WINDOWFOCUSLOST,
    pygame.WINDOWFOCUSGAINED, pygame.WINDOWMINIMIZED, pygame.WINDOWRESTORED,
    pygame.WINDOWHIDDEN, pygame.WINDOWSHOWN,
    pygame.WINDOWENTER, pygame.WINDOWLEAVE, pygame.WINDOWMOVED,
)  # fmt: skip


class Readers:
    """One fast recogniser for all models."""

    def __init__(self, *_):
        self._made = FakeRecognizer()

    def first(self):
        return self._made, None

    def get(self, name):
        return self._made

    def forget(self):
        pass


class Monkey:
    """Does one thing after another; the same ones for the same seed.

    Attributes:
        seen: how often each screen was there.
        done: what it did last.
    """

    def __init__(self, made, seed):
        self.made = made
        self.luck = random.Random(seed)
        self.seen = Counter()
        self.done = []
        self.deeds = {
            self.tap_button: 34, self.tap_somewhere: 18, self.drag: 14, self.pinch: 8,
            self.press_long: 5, self.leave_a_finger: 3, self.lift_a_finger: 5, self.event: 5,
            self.flood: 1, self.mouse: 3, self.wait: 5, self.go_away: 1, self.go_home: 2,
        }  # fmt: skip

    def act(self):
        (deed,) = self.luck.choices(list(self.deeds), list(self.deeds.values()))
        self.done = [*self.done[-9:], f"{deed.__name__} on {self.made.kiosk.screen.name}"]
        deed()
        self.made.kiosk.step(0.001)
        self.seen[self.made.kiosk.screen.name] += 1

    def place(self):
        """Anywhere, and a little beyond the edges."""
        return self.luck.uniform(-0.05, 1.05), self.luck.uniform(-0.05, 1.05)

    def touch(self, kind, place, number=1):
        pygame.event.post(finger(kind, *place, number))

    def tap(self, place):
        self.touch(pygame.FINGERDOWN, place)
        if self.luck.random() < 0.5:
            self.made.kiosk.step(0.001)
        self.touch(pygame.FINGERUP, place)

    def tap_button(self):
        screen, kiosk = self.made.kiosk.screen, self.made.kiosk
        controls = getattr(screen, "controls", None) or getattr(screen, "_controls", None)
        if controls is None or not controls.buttons:
            return self.tap_somewhere()
        x, y = self.luck.choice(list(controls.buttons.values())).area.centre
        width, height = kiosk.surface.get_size()
        return self.tap(on_panel(x / width, y / height, kiosk.config.screen.rotation))

    def tap_somewhere(self):
        self.tap(self.place())

    def drag(self):
        number = self.luck.randint(1, FINGERS)
        (x, y), turn = self.place(), self.luck.uniform(0, 6.28)
        self.touch(pygame.FINGERDOWN, (x, y), number)
        for _ in range(self.luck.randint(1, 30)):
            turn += self.luck.gauss(0, 0.5)
            x, y = x + 0.04 * math.cos(turn), y + 0.04 * math.sin(turn)
            self.touch(pygame.FINGERMOTION, (x, y), number)
        self.touch(pygame.FINGERUP, (x, y), number)

    def pinch(self):
        fingers = (1, 2)
        for number in fingers:
            self.touch(pygame.FINGERDOWN, self.place(), number)
        for _ in range(self.luck.randint(0, 6)):
            self.touch(pygame.FINGERMOTION, self.place(), self.luck.choice(fingers))
        for number in self.luck.sample(fingers, 2):
            self.touch(pygame.FINGERUP, self.place(), number)

    def press_long(self):
        place = self.place() if self.luck.random() < 0.5 else (0.8, 0.05)
        self.touch(pygame.FINGERDOWN, place)
        for _ in range(4):
            self.made.kiosk.step(0.001)
            self.made.clock.now += 0.5
        self.touch(pygame.FINGERUP, place)

    def leave_a_finger(self):
        self.touch(pygame.FINGERDOWN, self.place(), self.luck.randint(1, FINGERS))

    def lift_a_finger(self):
        self.touch(pygame.FINGERUP, self.place(), self.luck.randint(1, FINGERS))

    def event(self):
        kind = self.luck.randrange(4)
        if kind == 0:
            pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=self.luck.choice(KEYS)))
        elif kind == 1:
            pygame.event.post(pygame.event.Event(pygame.USEREVENT + self.luck.randrange(5)))
        else:
            pygame.event.post(pygame.event.Event(self.luck.choice(WINDOW), x=640, y=360))

    def flood(self):
        self.touch(pygame.FINGERDOWN, self.place())
        for _ in range(300):
            self.touch(pygame.FINGERMOTION, self.place())

    def mouse(self):
        width, height = pygame.display.get_window_size()
        pos = self.luck.randrange(width), self.luck.randrange(height)
        common = {"pos": pos, "touch": self.luck.random() < 0.3, "buttons": (1, 0, 0)}
        button = self.luck.choice((1, 1, 1, 2, 5))
        pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, button=button, **common))
        pygame.event.post(pygame.event.Event(pygame.MOUSEMOTION, **common))
        if self.luck.random() < 0.8:
            pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONUP, button=button, **common))

    def wait(self):
        for _ in range(self.luck.randint(1, 5)):
            self.made.clock.now += self.luck.uniform(0, 1.5)
            self.made.kiosk.step(0.001)

    def go_away(self):
        self.made.clock.now += self.luck.choice((61, 200, 4000))

    def go_home(self):
        """Screens that lie behind a PIN, or behind a small button, are reached too."""
        self.made.go(self.luck.choice(list(screens.CLASSES)))


class MallInfo(ctypes.Structure):
    """glibc's ``struct mallinfo2``, see mallinfo(3)."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks",
                     "uordblks", "fordblks", "keepcost")
    )  # fmt: skip


def memory(made):
    """What is in use while the kiosk rests, bytes: what malloc gave out (pictures, fonts, arrays)
    and Python's own blocks; without what is only kept to be faster. What the process holds beyond
    that grows and shrinks with the threads that come and go."""
    for code in (*LANGUAGES, "en"):
        made.kiosk.change({"screen.language": code})
    made.begin()
    made.settle(0)
    shapes.forget()
    icons.forget()
    theme.forget_fonts()
    gc.collect()
    given = ctypes.CDLL(None).mallinfo2
    given.restype = MallInfo
    return given().uordblks + given().hblkhd + BLOCK * sys.getallocatedblocks()


def home(made):
    """Every finger lifts; then Back, or a touch that wakes, as often as it takes."""
    for number in range(1, FINGERS + 1):
        pygame.event.post(finger(pygame.FINGERUP, number=number))
    made.clock.now += STALE
    made.kiosk.step(0.001)
    for _ in range(20):
        if made.kiosk.screen.name == "main":
            return
        if made.kiosk.screen.name in ("attract", "dark"):
            pygame.event.post(finger(pygame.FINGERDOWN))
            pygame.event.post(finger(pygame.FINGERUP))
            made.kiosk.step(0.001)
        else:
            made.tap("back")
    pytest.fail(f"stuck on the {made.kiosk.screen.name} screen")


@pytest.fixture
def made(monkeypatch):
    monkeypatch.setattr(kiosk_module, "Readers", Readers)
    monkeypatch.setattr(Keeper, "keep", lambda *_: None)
    # What is taught is remembered, and every import of what was exported would double it.
    monkeypatch.setattr(exchange, "found", lambda _: {})
    config = settings("480x320", kiosk={"pin": "1", "idle_seconds": 60, "blank_minutes": 2})
    with stage(config, FakeRecognizer()) as made:
        # There is a desktop here, to which a tap leads: but the monkey stays.
        monkeypatch.setattr(made.kiosk, "stop", lambda: None)
        yield made


def test_nothing_that_a_monkey_does_stops_the_kiosk(made, caplog):
    caplog.set_level(logging.ERROR)
    monkey = Monkey(made, SEED)
    before = number = 0
    try:
        for number in range(COUNT):
            if number == WARM:
                before = memory(made)
            monkey.act()
    except BaseException:
        print(f"INKLING_SEED={SEED} INKLING_MONKEY={COUNT}: after {number}: {monkey.done}")
        raise
    assert monkey.seen.keys() == screens.CLASSES.keys()
    home(made)
    assert not [record.getMessage() for record in caplog.records if record.exc_info]
    after = memory(made)
    grown = after - before
    if grown >= MOST_GROWTH:
        # What is kept once is no leak: a leak goes on.
        for _ in range(COUNT // 2):
            monkey.act()
        home(made)
        grown = memory(made) - after
    made.kiosk.change({"model.live": True, "screen.layout": "lab", "kiosk.idle_seconds": 60})
    made.begin()
    made.draw(digit(3))
    assert made.wait(), f"seed {SEED}: the drawing is not read: {made.kiosk.notice}"
    assert made.kiosk.reading.verdict is Verdict.ACCEPTED
    assert len(made.kiosk.desk.ink.strokes) == len(digit(3).strokes)
    assert grown < MOST_GROWTH, f"seed {SEED}: {grown:,} bytes more after {COUNT:,}"
