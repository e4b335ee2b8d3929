"""The theme: readable colours, and figures that do not jump."""

import numpy as np
import pygame
import pytest

from device import language
from device.language import LANGUAGES
from device.reading import Verdict
from device.screen import shapes, theme

AA = 4.5


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        (theme.TEXT, theme.GROUND),
        (theme.TEXT, theme.CARD),
        (theme.TEXT, theme.PAPER),
        (theme.MUTED, theme.GROUND),
        (theme.MUTED, theme.CARD),
        (theme.MUTED, theme.PAPER),
        (theme.SEVERAL, theme.GROUND),
        (theme.GROUND, theme.ACCEPT),
        (theme.GROUND, theme.SEVERAL),
        (theme.GROUND, theme.REJECT),
        (theme.GROUND, theme.BAR),
    ],
)
def test_words_can_be_read_on_their_ground(text, ground):
    assert theme.contrast(text, ground) >= AA


def test_black_on_white_is_the_strongest_contrast():
    assert theme.contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)


def test_every_verdict_has_a_word_a_shape_and_a_colour_of_its_own():
    said = [v for v in Verdict if v is not Verdict.BLANK]
    for table in (theme.WORDS, theme.SHAPES, theme.ACCENTS):
        assert len({table[verdict] for verdict in said}) == len(said)
    # Who cannot tell red from green sees that one is lighter.
    assert theme.contrast(theme.ACCEPT, theme.REJECT) > 1.3


@pytest.fixture
def fonts():
    pygame.font.init()
    theme.forget_fonts()
    shapes.forget()
    yield
    language.use("en")
    theme.forget_fonts()
    shapes.forget()
    pygame.font.quit()


@pytest.fixture
def bare(fonts, monkeypatch, tmp_path):
    """A system that has no fonts."""
    monkeypatch.setattr(theme, "FONTS", tmp_path)


def speak(code):
    if not theme.can_show(code):
        pytest.skip(f"no font for {code} is installed")
    language.use(code)


@pytest.mark.parametrize("code", LANGUAGES)
def test_figures_are_all_as_wide_as_each_other(fonts, code):
    speak(code)
    for bold in (False, True):
        face = theme.font(40, bold)
        assert len({face.size(figure)[0] for figure in "0123456789"}) == 1


def test_pygames_own_face_has_figures_of_one_width_too(bare):
    face = theme.font(40)
    assert len({face.size(figure)[0] for figure in "0123456789"}) == 1


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_letter_of_a_language_is_in_its_face(fonts, code):
    speak(code)
    nothing = _drawn("\uffff")
    assert [letter for letter in language.letters(code) if _drawn(letter) == nothing] == []


def _drawn(letter):
    made = theme.font(24).render(letter, False, "white", "black")
    return made.get_size(), pygame.image.tobytes(made, "RGB")


def test_without_fonts_latin_languages_are_offered_and_others_are_not(bare):
    offered = [code for code in LANGUAGES if theme.can_show(code)]
    assert offered == ["en", "de", "es", "fr"]


def test_a_language_that_cannot_be_shown_is_replaced_by_english_and_that_is_logged(bare, caplog):
    theme.speak("ja")
    assert language.current() == "en"
    assert theme.font(20).size("English")[0] > 0
    assert "no font for ja" in caplog.text
    theme.speak("de")
    assert language.current() == "de"


def test_a_face_changes_with_the_language(fonts):
    before = theme.font(20).size("Inkling")
    speak("zh")
    assert theme.font(20).size("Inkling") != before


@pytest.mark.parametrize("code", ["ja", "zh"])
def test_the_name_of_a_language_can_be_read_in_a_list_in_english(fonts, code):
    speak(code)
    own = _drawn_in(theme.font(24), LANGUAGES[code])
    language.use("en")
    assert _drawn_in(theme.font(24, words=LANGUAGES[code]), LANGUAGES[code]) == own
    assert _drawn_in(theme.font(24), LANGUAGES[code]) != own


def _drawn_in(face, words):
    return pygame.image.tobytes(face.render(words, False, "white", "black"), "RGB")


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_figure_alone_looks_the_same_in_every_language(fonts, code):
    english = _drawn_in(theme.font(150, True, "8"), "8")
    speak(code)
    assert _drawn_in(theme.font(150, True, "8"), "8") == english


@pytest.mark.parametrize("code", LANGUAGES)
def test_bold_is_bolder(fonts, code):
    speak(code)
    regular, bold = (theme.font(40, heavy).render("8", True, "white", "black") for heavy in (0, 1))
    assert _light(bold) > 1.1 * _light(regular)


def _light(surface):
    return int(pygame.surfarray.array3d(surface).sum(dtype=np.int64))


@pytest.mark.parametrize("size", [11, 18, 40, 60])
@pytest.mark.parametrize(("code", "words"), [("fr", "ÉÀÙ"), ("de", "ÄÖÜ"), ("zh", "清除警識")])
def test_accents_and_ideographs_are_not_cut(fonts, code, words, size):
    speak(code)
    made = shapes.text(words, size, theme.TEXT, theme.GROUND, False)
    whole = theme.font(size).render(words, True, theme.TEXT, theme.GROUND)
    assert _height(made) >= _height(whole) - 1


def _height(surface):
    """How many rows what is drawn takes, from the first to the last."""
    rows = pygame.surfarray.array3d(surface).max(axis=(0, 2)) > theme.GROUND[2] + 40
    return int(np.ptp(np.flatnonzero(rows))) + 1


def test_capitals_rise_no_more_than_round_letters(fonts):
    assert shapes.rise("OCG80", 40, False) == shapes.overshoot(40)
    assert shapes.rise("É", 40, False) > shapes.overshoot(40)
