"""The translations are whole, and the catalogues say what the sources say."""

import gettext
import io
import re
import sys
from pathlib import Path

import pytest

from device import language
from device.errors import InklingError
from firmware_tools import catalogues, cli

ARGUMENTS = ["catalogues"]


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A device of one file, with catalogues of its own."""
    monkeypatch.setattr(language, "FOLDER", tmp_path / "locale")
    folder = tmp_path / "device"
    folder.mkdir()
    collected = catalogues.collected
    monkeypatch.setattr(catalogues, "collected", lambda: collected(folder))
    (folder / "a.py").write_text('print(tr("Clear"), N_("Undo"), other("Menu"), tr(name))\n')
    return folder


def translate(code: str, text: str, into: str) -> None:
    path = language.catalogue_file(code).with_suffix(".po")
    before, after = (f'msgid "{text}"\nmsgstr "{words}"' for words in ("", into))
    content = path.read_text()
    assert before in content
    path.write_text(content.replace(before, after))


def test_the_template_is_up_to_date() -> None:
    path = language.FOLDER / catalogues.TEMPLATE
    written = catalogues.read_po(io.BytesIO(path.read_bytes()))
    now = catalogues.collected()
    assert set(catalogues.texts(written)) == set(catalogues.texts(now)), "run `make texts`"


@pytest.mark.parametrize("code", catalogues.CODES)
def test_nothing_is_left_in_english(code: str) -> None:
    catalogue = catalogues.updated(code, catalogues.collected())
    assert list(catalogues.untranslated(catalogue)) == [], "translate, then run `make texts`"


@pytest.mark.parametrize("code", catalogues.CODES)
def test_what_is_compiled_is_what_was_translated(code: str) -> None:
    written = {m.id: m.string for m in catalogues.translations(code) if m.id and m.string}
    with language.catalogue_file(code).open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert {text: compiled.gettext(text) for text in written} == written, "run `make texts`"


@pytest.mark.parametrize("code", catalogues.CODES)
def test_translations_keep_what_is_filled_in(code: str) -> None:
    """{reason} stays {reason}: a place that nobody fills would be an error in front of people."""
    for message in catalogues.translations(code):
        if message.id and message.string:
            places = sorted(re.findall(r"{\w*}", str(message.id)))
            assert sorted(re.findall(r"{\w*}", str(message.string))) == places, message.id


def test_marked_texts_are_collected_and_no_others(sources: Path) -> None:
    assert catalogues.texts(catalogues.collected()) == {
        "Clear": ["device/a.py"],
        "Undo": ["device/a.py"],
    }


def test_what_has_no_translation_is_listed(
    sources: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(ARGUMENTS) == 1
    translate("de", "Clear", "Löschen")
    assert cli.main(ARGUMENTS) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[-3:] == [
        "no translation into de, es, fr, ja, zh: 'Undo'",
        "no translation into es, fr, ja, zh: 'Clear'",
        "2 texts in 5 languages, 2 to be translated",
    ]


def test_translations_are_compiled_for_the_device(sources: Path) -> None:
    cli.main(ARGUMENTS)
    translate("de", "Clear", "Löschen")
    cli.main(ARGUMENTS)
    translations, texts = language.read_catalogue(language.catalogue_file("de").read_bytes())
    assert translations.gettext("Clear") == "Löschen"
    assert translations.gettext("Undo") == "Undo"
    assert "Löschen" in texts


def test_a_text_that_comes_back_finds_its_translation_again(sources: Path) -> None:
    cli.main(ARGUMENTS)
    translate("de", "Clear", "Löschen")
    source = (sources / "a.py").read_text()
    (sources / "a.py").write_text("")
    assert cli.main(ARGUMENTS) == 0
    assert catalogues.texts(catalogues.translations("de")) == {}
    (sources / "a.py").write_text(source)
    cli.main(ARGUMENTS)
    assert catalogues.translations("de")["Clear"].string == "Löschen"


def test_tidying_forgets_what_is_gone(sources: Path) -> None:
    cli.main(ARGUMENTS)
    translate("de", "Clear", "Löschen")
    (sources / "a.py").write_text('tr("Undo")')
    cli.main([*ARGUMENTS, "--tidy"])
    assert "Löschen" not in language.catalogue_file("de").with_suffix(".po").read_text()


def test_a_second_run_changes_nothing(sources: Path) -> None:
    cli.main(ARGUMENTS)
    before = {path: path.read_bytes() for path in language.FOLDER.rglob("inkling.*")}
    cli.main(ARGUMENTS)
    assert {path: path.read_bytes() for path in before} == before
    assert len(before) == 1 + 2 * len(catalogues.CODES)


def test_a_file_that_is_no_catalogue_is_one_clear_line(sources: Path) -> None:
    path = language.catalogue_file("de").with_suffix(".po")
    path.parent.mkdir(parents=True)
    path.write_bytes('msgid "Clear"\nmsgstr "Löschen"\n'.encode("latin-1"))
    with pytest.raises(InklingError, match=r"inkling\.po: not a catalogue"):
        catalogues.translations("de")


def test_without_babel_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "firmware_tools.catalogues")
    monkeypatch.setitem(sys.modules, "babel.messages.catalog", None)
    assert cli.main(["catalogues"]) == 1
    said = capsys.readouterr().err
    assert said == ("firmware_tools catalogues: this needs Babel: pip install 'inkling[dev]'\n")
