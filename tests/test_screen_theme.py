"""The theme: readable colours, and figures that do not jump."""

import pygame
import pytest

from device.reading import Verdict
from device.screen import theme

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


@pytest.mark.parametrize("system_fonts", [True, False])
def test_figures_are_all_as_wide_as_each_other(system_fonts, monkeypatch):
    pygame.font.init()
    theme.forget_fonts()
    if not system_fonts:
        monkeypatch.setattr(theme, "font_files", lambda: (None, None))
    try:
        for bold in (False, True):
            face = theme.font(40, bold)
            assert len({face.size(figure)[0] for figure in "0123456789"}) == 1
    finally:
        theme.forget_fonts()
        pygame.font.quit()
