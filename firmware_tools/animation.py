"""``animation``: digits being drawn and read on the real kiosk, as the README's moving picture."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pygame
from numpy.typing import NDArray

from device.config import Config, load_config
from device.demo import post_finger
from device.errors import InklingError
from device.files import replacing
from device.gallery import drawing
from device.library import Library
from device.recognizer import Recognizer
from device.screen import theme
from device.stage import STEP, Stage, stage
from firmware_tools.progress import say

SHOWN = ("3", "7", "a cat")
"""The drawings of the bundled session that are drawn one after the other."""

SIZE = "800x480"
WIDTH = 640
"""Of the pictures: the kiosk's own are made smaller."""

RATE = 12
"""Pictures a second."""

DRAWS = 1.3
"""Seconds that a drawing takes ..."""

RESTS = 1.4
"""... and that its answer is looked at."""

LARGEST = 400_000
"""Bytes that a page may ask its readers to wait for."""

QUALITY = 70

Picture = NDArray[np.uint8]
"""uint8 (height, width, 3)."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the animation goes."""
    parser.add_argument("file", nargs="?", type=Path, default=Path("docs/inkling.webp"))


def run(args: argparse.Namespace) -> int:
    """Film the kiosk and write the animation.

    Raises:
        InklingError: Pillow is not installed, or the file would be too large or cannot be written.
    """
    config = load_config(None, {"screen": {"size": SIZE}}, Path("/nonexistent"))
    write(list(filmed(config, Recognizer(Library()))), args.file)
    return 0


def filmed(config: Config, recognizer: Recognizer) -> Iterator[Picture]:
    """The kiosk's screen, :data:`RATE` times a second, while a finger draws on it."""
    with stage(config, recognizer) as made:
        for name in SHOWN:
            yield from _drawn(made, name)
            yield from [_picture(made)] * round(RATE * RESTS)
            made.tap("clear")
            made.settle(0.1)
            yield from [_picture(made)] * (RATE // 4)


def _drawn(made: Stage, name: str) -> Iterator[Picture]:
    """One drawing, its reading with it: each picture shows the finger where it is."""
    strokes = drawing(name).strokes
    length = sum(map(len, strokes))
    each = length / (RATE * DRAWS * max(1, len(strokes)) ** 0.5)
    passed, due = 0, 0.0
    for stroke in strokes:
        last = len(stroke) - 1
        for number, point in enumerate(stroke):
            place = made.kiosk.screen.to_window(point.x, point.y)
            post_finger(made.kiosk, pygame.FINGERMOTION if number else pygame.FINGERDOWN, *place)
            passed += 1
            if passed >= due:
                due += each
                made.kiosk.step(STEP)
                made.wait()
                yield _picture(made, place)
            if number == last:
                post_finger(made.kiosk, pygame.FINGERUP, *place)
                made.kiosk.step(STEP)
    made.settle(0.1)


def _picture(made: Stage, finger: tuple[float, float] | None = None) -> Picture:
    """The screen, made smaller, with a fingertip on it."""
    surface = made.kiosk.surface
    width, height = surface.get_size()
    size = WIDTH, round(height * WIDTH / width)
    smaller = pygame.transform.smoothscale(surface, size)
    picture = pygame.surfarray.array3d(smaller).swapaxes(0, 1)
    if finger is None:
        return picture.copy()
    x, y = (value * WIDTH / width for value in finger)
    across, down = np.arange(size[0]) + 0.5 - x, np.arange(size[1]) + 0.5 - y
    distance = np.hypot(across[None, :], down[:, None])
    cover = np.clip(WIDTH / 36 - distance, 0, 1)[:, :, None] * 0.55
    return np.rint(picture + (np.array(theme.BAR) - picture) * cover).astype(np.uint8)


def write(pictures: list[Picture], path: Path) -> None:
    """Write pictures as an animation that repeats, in the form that the file's name asks for.

    Raises:
        InklingError: Pillow is not installed, or the file would be larger than :data:`LARGEST` or
            cannot be written.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise InklingError("this needs Pillow: pip install -e '.[dev]'") from error
    frames = [Image.fromarray(picture) for picture in pictures]
    more: dict[str, Any] = {"quality": QUALITY, "method": 6} if path.suffix == ".webp" else {}
    with replacing(path) as temporary:
        frames[0].save(
            temporary,
            save_all=True,
            append_images=frames[1:],
            duration=round(1000 / RATE),
            loop=0,
            **more,
        )
        size = temporary.stat().st_size
        if size > LARGEST:
            raise InklingError(f"{path}: {size:,} bytes are more than {LARGEST:,}: show less")
    say(f"{path}: {len(pictures)} pictures, {size / 1000:.0f} KB")
