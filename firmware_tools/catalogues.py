"""``catalogues``: collect the device's texts, update the translations, compile them.

``locale/inkling.pot`` has the texts, ``CODE/LC_MESSAGES/inkling.po`` what translators write,
``inkling.mo`` what the device reads. Translations of texts that are gone stay in the .po as
comments and come back with their text.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from device import __version__, language
from device.errors import InklingError
from device.files import atomic_write
from firmware_tools.progress import say

try:
    from babel.messages.catalog import Catalog
    from babel.messages.extract import extract_from_dir
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import PoFileError, read_po, write_po
except ImportError as error:
    raise InklingError("this needs Babel: pip install 'inkling[dev]'") from error

DEVICE = Path(language.__file__).parent
TEMPLATE = f"{language.DOMAIN}.pot"
CODES = tuple(code for code in language.LANGUAGES if code != language.SOURCE)
"""The languages that have catalogues."""

_MARKS = ("tr", "N_")
_ABOUT: dict[str, Any] = {
    "project": "Inkling",
    "version": __version__,
    "header_comment": "# Inkling's texts: made by `python -m firmware_tools catalogues`.",
    "msgid_bugs_address": "see README.md",
    "last_translator": "Inkling",
    "language_team": "Inkling",
    "fuzzy": False,
}
"""The headers of every catalogue."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``catalogues``."""
    parser.add_argument(
        "--tidy", action="store_true", help="forget the translations of texts that are gone"
    )


def run(args: argparse.Namespace) -> int:
    """Write every catalogue; the status is 1 while a translation is missing, and that is said."""
    template = collected()
    _keep_date(template, language.FOLDER / TEMPLATE)
    atomic_write(language.FOLDER / TEMPLATE, _as_po(template))
    lacking: dict[str, list[str]] = {}
    for code in CODES:
        catalogue = updated(code, template)
        if args.tidy:
            catalogue.obsolete.clear()
        compiled = language.catalogue_file(code)
        atomic_write(compiled.with_suffix(".po"), _as_po(catalogue))
        buffer = io.BytesIO()
        write_mo(buffer, catalogue)
        atomic_write(compiled, buffer.getvalue())
        for text in untranslated(catalogue):
            lacking.setdefault(text, []).append(code)
    for text, codes in lacking.items():
        say(f"no translation into {', '.join(codes)}: {text!r}")
    say(f"{len(template)} texts in {len(CODES)} languages, {len(lacking)} to be translated")
    return int(bool(lacking))


def collected(folder: Path = DEVICE) -> Catalog:
    """Every text that the sources mark for translation, with the files that it stands in."""
    places: dict[str, set[str]] = {}
    found = extract_from_dir(folder, [("**.py", "python")], keywords=dict.fromkeys(_MARKS))
    for file, _, text, _, _ in found:
        assert isinstance(text, str), "a mark takes one text"
        places.setdefault(text, set()).add(f"{folder.name}/{file}")
    template = Catalog(**_ABOUT)
    for text in sorted(places):
        template.add(text, locations=[(file, 0) for file in sorted(places[text])])
    return template


def translations(code: str) -> Catalog:
    """What translators wrote for a language; empty where there is nothing yet.

    Raises:
        InklingError: the file is no .po.
    """
    path = language.catalogue_file(code).with_suffix(".po")
    if not path.exists():
        return Catalog(locale=code, **_ABOUT)
    try:
        return read_po(io.BytesIO(path.read_bytes()), locale=code, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as error:
        raise InklingError(f"{path}: not a catalogue: {error}") from error


def updated(code: str, template: Catalog) -> Catalog:
    """The translations of just the template's texts; those of others are set aside in it."""
    catalogue = translations(code)
    for message in catalogue.obsolete.values():
        if message.id not in catalogue:
            catalogue[message.id] = message
    # A guess from a text that looks alike would be shown to somebody before it is checked.
    catalogue.update(template, no_fuzzy_matching=True)
    return catalogue


def untranslated(catalogue: Catalog) -> Iterator[str]:
    """The texts that have no translation, or one that is marked as doubtful."""
    for message in catalogue:
        if message.id and (not message.string or message.fuzzy):
            yield str(message.id)


def texts(catalogue: Catalog) -> dict[str, list[str]]:
    """Each text of a catalogue, and the files that it stands in."""
    return {str(m.id): [file for file, _ in m.locations] for m in catalogue if m.id}


def _keep_date(template: Catalog, path: Path) -> None:
    """A template that says nothing new is not a new one."""
    if path.exists():
        before = read_po(io.BytesIO(path.read_bytes()))
        if texts(before) == texts(template):
            template.creation_date = before.creation_date


def _as_po(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=100, sort_output=True, include_lineno=False)
    return buffer.getvalue()
