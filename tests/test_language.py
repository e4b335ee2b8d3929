"""Six languages, changed while Inkling runs."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device import language
from device.language import LANGUAGES, N_, tr
from device.settings import SETTINGS

CODES = [code for code in LANGUAGES if code != language.SOURCE]


@pytest.fixture(autouse=True)
def english():
    yield
    language.use("en")


@pytest.fixture
def fresh():
    language._catalogue.cache_clear()
    language.letters.cache_clear()
    yield
    language._catalogue.cache_clear()
    language.letters.cache_clear()


def test_english_is_what_stands_in_the_source():
    assert language.current() == "en"
    assert tr("Clear") == "Clear"


def test_the_language_changes_at_once():
    said = []
    for code in LANGUAGES:
        language.use(code)
        assert language.current() == code
        said.append(tr("ACCEPTED"))
    assert said[:2] == ["ACCEPTED", "ANGENOMMEN"]
    assert len(set(said)) == len(LANGUAGES)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_text_without_translation_is_shown_in_english(code):
    language.use(code)
    assert tr("a text that nobody has translated") == "a text that nobody has translated"


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_text_is_no_text_in_every_language(code):
    language.use(code)
    assert tr("") == ""


def test_a_mark_leaves_the_text_as_it_is():
    assert N_("Undo") == "Undo"


def test_a_language_that_inkling_does_not_speak_is_refused():
    language.use("fr")
    with pytest.raises(KeyError):
        language.use("tlh")
    assert language.current() == "fr"


def test_every_language_can_be_chosen_by_the_name_it_gives_itself():
    assert SETTINGS["screen.language"].choices == LANGUAGES
    assert LANGUAGES["ja"] == "日本語"


@pytest.mark.parametrize("code", CODES)
def test_the_letters_of_a_language_are_those_of_its_translations(code):
    language.use(code)
    letters = language.letters(code)
    for text in ("ACCEPTED", "nothing drawn yet", "MORE THAN ONE SYMBOL", LANGUAGES[code]):
        assert set(tr(text)) - {" "} <= letters
    assert not any(letter.isspace() for letter in letters)


def test_english_needs_no_letters_beyond_ascii():
    assert all(letter.isascii() for letter in language.letters("en"))


def test_a_missing_catalogue_means_english_and_a_line_in_the_log(
    fresh, monkeypatch, tmp_path, caplog
):
    monkeypatch.setattr(language, "FOLDER", tmp_path)
    language.use("de")
    assert tr("Clear") == "Clear"
    assert language.letters("de") >= set("Deutsch")
    assert "reinstall Inkling. English is shown" in caplog.text


@pytest.mark.parametrize("code", CODES)
@given(damage=st.data())
def test_damage_is_told_in_the_ways_that_are_expected(code, damage):
    content = bytearray(language.catalogue_file(code).read_bytes())
    place = damage.draw(st.integers(0, len(content) - 1))
    if damage.draw(st.booleans()):
        del content[place:]
    else:
        content[place] ^= damage.draw(st.integers(1, 255))
    try:
        translations, texts = language.read_catalogue(bytes(content))
    except (OSError, ValueError, LookupError, struct.error):
        return  # what is not understood is not used
    assert isinstance(translations.gettext("Clear") + texts, str)
