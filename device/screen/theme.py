"""Colours, sizes and type: everything that decides how Inkling looks, in one place.

Contrast of every text on its ground is at least AA (4.5 : 1; tested). Red and green also differ in
lightness, and a verdict never comes without its word and its shape.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path

import pygame

from device import language
from device.language import N_
from device.reading import Verdict

log = logging.getLogger(__name__)

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
    Verdict.ACCEPTED: N_("ACCEPTED"),
    Verdict.SEVERAL: N_("MORE THAN ONE SYMBOL"),
    Verdict.REJECTED: N_("REJECTED"),
}
"""The verdict in words; English, see :func:`device.language.tr`."""

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

Face = tuple[Path, Path | None]
"""The files of a regular and of a bold face; without a bold file, the regular one is thickened."""

FONTS = Path("/usr/share/fonts")
"""Where the system keeps its fonts."""

_DEJAVU = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
_NOTO = ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf")
_NOTO_CJK = ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc")

_LATIN = (
    ("truetype/dejavu", *_DEJAVU),
    ("dejavu-sans-fonts", *_DEJAVU),
    ("TTF", *_DEJAVU),
    ("truetype/noto", *_NOTO),
    ("noto", *_NOTO),
)
_MICRO_HEI = ("truetype/wqy", "wqy-microhei.ttc")
_IPA = ("opentype/ipaexfont-gothic", "ipaexg.ttf")
# The first face in these collections has the Japanese forms of the signs.
_CJK = (("opentype/noto", *_NOTO_CJK), ("noto-cjk", *_NOTO_CJK))
_PREFERRED: dict[str, tuple[tuple[str, ...], ...]] = {
    "ja": (*_CJK, _IPA, _MICRO_HEI),
    "zh": (_MICRO_HEI, *_CJK),
}
"""A folder, its regular and, if there is one, its bold face, by language, the best first; languages
that are not here take ``_LATIN``. All have Latin letters and tabular figures: a line is in one."""


@lru_cache(maxsize=len(language.LANGUAGES))
def face_of(code: str) -> Face | None:
    """The face that a language is shown in; None where none that is installed has all its letters.

    pygame.font must be initialised.
    """
    for folder, *names in _PREFERRED.get(code, _LATIN):
        files = [FONTS / folder / name for name in names]
        if all(map(Path.is_file, files)) and _has(files[0], language.letters(code)):
            return files[0], files[1] if len(files) > 1 else None
    # Named by its file: asked for as None, pygame makes its own face a third smaller.
    own = Path(pygame.__file__).with_name(pygame.font.get_default_font())
    return (own, own) if _has(own, language.letters(code)) else None


def can_show(code: str) -> bool:
    """Whether a language can be offered: a face with all its letters is installed.

    pygame.font must be initialised.
    """
    return face_of(code) is not None


def speak(code: str) -> None:
    """Use a language from now on; English, and a line in the log, where no font has its letters.

    pygame.font must be initialised. What was made in another language is drawn anew by whoever
    made it, after :func:`device.screen.shapes.forget`.
    """
    if not can_show(code):
        name = language.LANGUAGES[code]
        log.warning("no font for %s (%s): English is shown; see docs/configuration.md", code, name)
        code = language.SOURCE
    language.use(code)


def font(size: int, bold: bool = False, words: str = "") -> pygame.font.Font:
    """The face of the language in use at ``size`` pixels; pygame.font must be initialised.

    Args:
        size: not below ``SMALLEST``.
        bold: the bold face.
        words: what it is for. A figure alone is in the Latin face, whose bold is a face of its own;
            letters that only another language's face has, such as that language's name, are in
            that one.
    """
    regular, heavy = _face_for(words, language.current())
    return _opened(heavy or regular if bold else regular, max(SMALLEST, size), bold and not heavy)


@lru_cache(maxsize=128)
def _face_for(words: str, code: str) -> Face:
    code = language.SOURCE if words.isdecimal() else code
    # One after the other: finding the faces of all languages takes a while.
    faces = filter(None, map(face_of, (code, *language.LANGUAGES)))
    own = next(faces)
    if words.isascii() or _has(own[0], frozenset(words)):
        return own
    return next((face for face in faces if _has(face[0], frozenset(words))), own)


def _has(file: Path, letters: frozenset[str]) -> bool:
    """Whether a face draws each letter as something else than what it has not."""
    face = _opened(file, 16, False)
    missing = _shape(face, "\uffff")
    return all(_shape(face, letter) != missing for letter in letters if not letter.isspace())


def _shape(face: pygame.font.Font, letter: str) -> tuple[tuple[int, int], bytes]:
    made = face.render(letter, False, TEXT, GROUND)
    return made.get_size(), pygame.image.tobytes(made, "RGB")


# Few: each takes 0.2 MB, and is opened faster than a word is written with it.
@lru_cache(maxsize=2)
def _opened(file: Path, size: int, thickened: bool) -> pygame.font.Font:
    face = pygame.font.Font(file, size)
    face.bold = thickened
    return face


def forget_fonts() -> None:
    """Fonts do not outlive ``pygame.font.quit()``."""
    for cache in (face_of, _face_for, _opened):
        cache.cache_clear()


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
