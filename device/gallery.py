"""Every screen of the kiosk, rendered without hardware: for the docs, and to be looked at.

Each scene is played on the real kiosk by a visitor who taps and draws.
"""

from __future__ import annotations

import contextlib
import random
import struct
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pygame

from device import config as configuration
from device.config import Config
from device.errors import ScreenError
from device.files import atomic_write
from device.ink import Ink
from device.library import Library
from device.recognizer import Recognizer
from device.samples import NOT_A_DIGIT
from device.screen.places import TOOLS
from device.screen.screens import CLASSES
from device.session import digits, session
from device.signals import asked_to_stop
from device.stage import Stage, stage

Play = Callable[[Stage], None]


@dataclass(frozen=True)
class Scene:
    """One picture: its name, how the kiosk comes to look so, and the settings that it needs, by
    their dotted key."""

    name: str
    play: Play
    settings: Mapping[str, Any] = field(default_factory=dict)


def drawing(name: str) -> Ink:
    """The ink of one of the bundled session's drawings."""
    return next(made.ink for made in session() if made.name == name)


def drawn(name: str, *taps: str) -> Play:
    """A drawing of the session on the main screen, then buttons."""

    def play(stage: Stage) -> None:
        stage.draw(drawing(name))
        stage.settle()
        for button in taps:
            stage.tap(button)
        stage.settle()

    return play


def shown(name: str, *taps: str, of: str = "4") -> Play:
    """Another screen, gone to with a drawing of the session; then buttons."""

    def play(stage: Stage) -> None:
        drawn(of)(stage)
        stage.go(name)
        stage.settle()
        for button in taps:
            stage.tap(button)
            stage.settle()

    return play


def _fitting(stage: Stage) -> None:
    """While the box around the drawing is shown."""
    drawn("2")(stage)
    for tool in ("smaller", "smaller", "smaller", "left", "up", "fit"):
        _tap_tool(stage, tool)
    stage.pass_time(0.1)


def _tap_tool(stage: Stage, name: str) -> None:
    """A tool of the lab; where there is no room for it beside the canvas, it is in the drawer."""
    for _ in TOOLS:
        with contextlib.suppress(KeyError):
            stage.tap(name)
            return
        stage.tap("more")


def _drawer(stage: Stage) -> None:
    drawn("4", "more")(stage)


def _turning(stage: Stage) -> None:
    drawn("4")(stage)
    stage.go("turn")
    stage.until(lambda: not stage.kiosk.background.busy)
    stage.pass_time(1.5)


def _teaching(stage: Stage) -> None:
    taught = ("7", "7"), ("4", "4"), ("1", "1"), ("7", "7"), ("a cat", NOT_A_DIGIT)
    stage.go("teach")
    _wait_for_disk(stage)
    for name, label in taught if not len(stage.kiosk.samples) else ():
        stage.draw(drawing(name))
        stage.tap(label)
        _wait_for_disk(stage)
    stage.draw(drawing("2"))
    stage.settle()


def _files(stage: Stage) -> None:
    _teaching(stage)
    stage.tap("files")
    screen: Any = stage.kiosk.screen
    stage.until(lambda: screen.controls.buttons["export"].look == "primary")


def _wait_for_disk(stage: Stage) -> None:
    screen: Any = stage.kiosk.screen
    stage.until(lambda: not screen.busy)


def _attracting(stage: Stage) -> None:
    # Which digit it begins with is a matter of luck.
    random.seed(3)
    stage.pass_time(stage.kiosk.config.kiosk.idle_seconds + 1)
    stage.until(lambda: not stage.kiosk.background.busy)
    stage.pass_time(3)


_PIN = {"kiosk.pin": "2468"}

_SPECIAL: dict[str, tuple[Scene, ...]] = {
    "main": (
        Scene("blank", lambda stage: stage.settle()),
        *(Scene(f"digit-{made.name}", drawn(made.name)) for made in digits()),
        Scene("accepted", drawn("3")),
        Scene("rejected", drawn("a cat")),
        Scene("several", drawn("1 and 2")),
        Scene("fitting", _fitting, {"screen.layout": "lab"}),
        Scene("inverse", drawn("3"), {"screen.inverse": True}),
        Scene("as-drawn", drawn("3"), {"model.normalised": False}),
        Scene("unread", drawn("3"), {"model.live": False}),
        Scene("kid", drawn("5"), {"screen.layout": "kid"}),
        Scene("small", drawn("4"), {"screen.size": "480x320"}),
        Scene("drawer", _drawer, {"screen.layout": "lab", "screen.size": "480x320"}),
        Scene("portrait", drawn("8"), {"screen.size": "720x1280"}),
    ),
    "turn": (Scene("turning", _turning), Scene("turn", shown("turn"))),
    "teach": (Scene("teach", _teaching),),
    "files": (Scene("files", _files),),
    "pin": (Scene("pin", shown("pin", "1", "2"), _PIN),),
    "settings": tuple(
        Scene(f"settings-{tab}", shown("settings", f"tab:{tab}"))
        for tab in ("model", "screen", "kiosk", "about")
    ),
    "attract": (Scene("attract", _attracting, {"kiosk.idle_seconds": 10}),),
    # There is nothing to see.
    "dark": (),
}
"""The scenes of each screen that needs more than a drawing to show what it is."""

_SPOKEN = ("de", "es", "fr", "ja", "zh")
"""The main screen and the menu are also shown in these languages."""


def scenes(language: str = "en") -> list[Scene]:
    """Every scene there is, those of each screen together; in English, some in other languages
    too."""
    made = [scene for name in CLASSES for scene in _SPECIAL.get(name, (Scene(name, shown(name)),))]
    if language == "en":
        for code in _SPOKEN:
            spoken = {"screen.language": code}
            made.append(Scene(f"accepted-{code}", drawn("3"), spoken))
            made.append(Scene(f"menu-{code}", shown("menu"), spoken))
    return made


def rendered(
    config: Config,
    recognizer: Recognizer,
    chosen: Iterable[Scene],
    library: Library | None = None,
    asked: threading.Event | None = None,
) -> Iterator[tuple[Scene, pygame.Surface]]:
    """Play scenes one after the other; each picture is there until the next is asked for.

    Ends early once ``asked`` is set.

    Raises:
        ScreenError: no display can be opened.
    """
    # Scenes that need the same settings are played on one kiosk.
    for settings, alike in groupby(chosen, key=lambda scene: dict(scene.settings)):
        changed = configuration.changed(config, settings)
        with stage(changed, recognizer, library, asked) as made:
            for scene in alike:
                made.begin()
                scene.play(made)
                if made.is_leaving:
                    return
                yield scene, made.kiosk.surface


def screenshots(
    config: Config,
    recognizer: Recognizer,
    folder: Path,
    library: Library | None = None,
    only: Iterable[str] = (),
) -> list[Path]:
    """Render every scene into ``folder`` as ``NAME.png``, and print each file's path.

    Args:
        only: the names of some scenes instead.

    Raises:
        ScreenError: there is no such scene, or a signal ended it early.
        FileError: a file cannot be written.
    """
    every = scenes(config.screen.language)
    unknown = set(only) - {scene.name for scene in every}
    if unknown:
        names = ", ".join(scene.name for scene in every)
        raise ScreenError(f"no such scene: {', '.join(sorted(unknown))}; there are: {names}")
    chosen = [scene for scene in every if not only or scene.name in only]
    paths = []
    with asked_to_stop() as asked:
        for scene, surface in rendered(config, recognizer, chosen, library, asked):
            path = folder / f"{scene.name}.png"
            save(surface, path)
            print(path, flush=True)
            paths.append(path)
    if len(paths) < len(chosen):
        raise ScreenError(f"{folder}: stopped before every screen was rendered")
    return paths


def save(surface: pygame.Surface, path: Path) -> None:
    """Write a picture of a surface as PNG, a quarter smaller than pygame makes it.

    Raises:
        FileError: it cannot be written.
    """
    atomic_write(path, png(pygame.surfarray.array3d(surface).swapaxes(0, 1)))


def png(picture: np.ndarray[Any, np.dtype[np.uint8]]) -> bytes:
    """A PNG file (W3C, "Portable Network Graphics", 3rd edition) of uint8 (height, width, 3).

    Without filters: even areas and sharp type become smaller so, unlike photos.
    """
    height, width, _ = picture.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)
    rows[:, 1:] = picture.reshape(height, -1)

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    header = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(rows.tobytes(), 9)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(kind, content)
        for kind, content in ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    )
