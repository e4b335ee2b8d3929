"""Colours, sizes and type: everything that decides how Inkling looks, in one place.

Contrast of every text on its ground is at least AA (4.5 : 1; tested). Red and green also differ in
lightness, and a verdict never comes without its word and its shape.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pygame

from device.reading import Verdict

Colour = tuple[int, int, int]
"""Red, green, blue, 0-255."""

GROUND: Colour = (0x0F, 0x12, 0x18)
CARD: Colour = (0x18, 0x1D, 0x26)
LINE: Colour = (0x2C, 0x34, 0x42)
TEXT: Colour = (0xEC, 0xEF, 0xF4)
MUTED: Colour = (0x8B, 0x94, 0xA4)
PAPER: Colour = (0x09, 0x0B, 0x0F)
INK: Colour = (0xF5, 0xF7, 0xFA)
FRAME: Colour = (0xE5, 0x48, 0x4D)
ACCEPT: Colour = (0x30, 0xD1, 0x80)
SEVERAL: Colour = (0xFF, 0xBE, 0x46)
REJECT: Colour = (0xFF, 0x5C, 0x60)
BAR: Colour = (0x5C, 0x7C, 0xFA)

ACCENTS: dict[Verdict, Colour] = {
    Verdict.BLANK: MUTED,
    Verdict.ACCEPTED: ACCEPT,
    Verdict.SEVERAL: SEVERAL,
    Verdict.REJECTED: REJECT,
}
"""The one accent of each state."""

WORDS: dict[Verdict, str] = {
    Verdict.BLANK: "",
    Verdict.ACCEPTED: "ACCEPTED",
    Verdict.SEVERAL: "MORE THAN ONE SYMBOL",
    Verdict.REJECTED: "REJECTED",
}
"""The verdict in words."""

SHAPES: dict[Verdict, str] = {
    Verdict.ACCEPTED: "check",
    Verdict.SEVERAL: "dots",
    Verdict.REJECTED: "cross",
}
"""The verdict as a shape, see :func:`device.screen.shapes.icon`."""

LIGHTS: tuple[tuple[str, Verdict], ...] = (
    ("accept", Verdict.ACCEPTED),
    ("several", Verdict.SEVERAL),
    ("reject", Verdict.REJECTED),
)
"""The lights from left to right: name, and the verdict that they show."""

SMALLEST = 10
"""No text is smaller than this, pixels: on a 3.5-inch panel, 1.5 mm."""

_FONT_FOLDERS = (
    Path("/usr/share/fonts/truetype/dejavu"),
    Path("/usr/share/fonts/dejavu-sans-fonts"),
    Path("/usr/share/fonts/TTF"),
    Path("/usr/share/fonts/truetype/noto"),
    Path("/usr/share/fonts/noto"),
)
_FONT_FILES = (
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
)


@lru_cache(maxsize=1)
def font_files() -> tuple[Path | None, Path | None]:
    """The regular and the bold face: DejaVu Sans (as Raspberry Pi OS has it), Noto Sans, or None
    for the face that comes with pygame. All of them have tabular figures."""
    for names in _FONT_FILES:
        for folder in _FONT_FOLDERS:
            regular, bold = (folder / name for name in names)
            if regular.is_file() and bold.is_file():
                return regular, bold
    return None, None


@lru_cache(maxsize=128)
def font(size: int, bold: bool = False) -> pygame.font.Font:
    """The face at ``size`` pixels; pygame.font must be initialised."""
    # Named by its file: asked for as None, pygame makes its own face a third smaller.
    file = font_files()[bold] or Path(pygame.__file__).with_name(pygame.font.get_default_font())
    return pygame.font.Font(file, max(SMALLEST, size))


def forget_fonts() -> None:
    """Fonts do not outlive ``pygame.font.quit()``."""
    font.cache_clear()


def mixed(ground: Colour, colour: Colour, share: float) -> Colour:
    """``colour`` laid over ``ground`` with this opacity (0..1)."""
    r, g, b = (round(a + (c - a) * share) for a, c in zip(ground, colour, strict=True))
    return r, g, b


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio 1..21 of two colours, as WCAG 2.2 defines it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (value / 255 for value in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
