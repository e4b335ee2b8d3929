"""The language that Inkling speaks, from standard gettext catalogues, changed while it runs.

English is the source text: what has no translation is shown in English. A text that is shown where
it stands is written ``tr("...")``; one that is only defined, ``N_("...")``, and whoever shows it
calls ``tr``. ``python -m firmware_tools catalogues`` collects both.
"""

from __future__ import annotations

import gettext
import io
import logging
import string
import struct
from functools import lru_cache
from pathlib import Path

log = logging.getLogger(__name__)

DOMAIN = "inkling"
"""The name of the catalogues."""

FOLDER = Path(__file__).with_name("locale")
"""Where they are: ``CODE/LC_MESSAGES/inkling.mo``."""

SOURCE = "en"
"""The language of the source text; it has no catalogue."""

LANGUAGES = {
    SOURCE: "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "ja": "日本語",
    "zh": "中文",
}
"""Each language's code and what it calls itself."""

_in_use = SOURCE


def use(code: str) -> None:
    """Speak this language from now on.

    Raises:
        KeyError: it is none of ``LANGUAGES``.
    """
    global _in_use
    if code not in LANGUAGES:
        raise KeyError(code)
    _in_use = code


def current() -> str:
    """The code of the language in use."""
    return _in_use


def tr(text: str, code: str | None = None) -> str:
    """``text`` in a language; None for the one in use."""
    # The translation of the empty text is the catalogue's own header.
    return _catalogue(code or _in_use)[0].gettext(text) if text else ""


def N_(text: str) -> str:
    """Mark ``text`` for translation, and leave it as it is."""
    return text


def catalogue_file(code: str) -> Path:
    """Where the compiled catalogue of a language is."""
    return FOLDER / code / "LC_MESSAGES" / f"{DOMAIN}.mo"


@lru_cache(maxsize=len(LANGUAGES))
def letters(code: str) -> frozenset[str]:
    """Every visible character that texts in this language need, ASCII and its own name included."""
    texts = string.printable + LANGUAGES[code] + _catalogue(code)[1]
    return frozenset(texts) - frozenset(string.whitespace)


Catalogue = tuple[gettext.NullTranslations, str]
"""Translations, and all of their texts one after the other."""


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(code: str) -> Catalogue:
    if code == SOURCE:
        return gettext.NullTranslations(), ""
    path = catalogue_file(code)
    try:
        return read_catalogue(path.read_bytes())
    except (OSError, ValueError, LookupError, struct.error) as error:
        log.warning("%s: cannot be used (%s); reinstall Inkling. English is shown", path, error)
        return gettext.NullTranslations(), ""


def read_catalogue(content: bytes) -> Catalogue:
    """A compiled catalogue: a header (magic, revision, number of texts, where the tables of the
    originals and of the translations begin), and tables of length and place.

    The form is GNU gettext's, "The Format of GNU MO Files" in its manual.

    Raises:
        OSError, ValueError, LookupError, struct.error: it is damaged.
    """
    translations = gettext.GNUTranslations(io.BytesIO(content))
    order = "<" if content[:4] == b"\xde\x12\x04\x95" else ">"
    number, _, table = struct.unpack_from(f"{order}3I", content, 8)
    places = struct.iter_unpack(f"{order}2I", content[table : table + 8 * number])
    texts = (content[place : place + length].decode() for length, place in places)
    return translations, "".join(texts)
