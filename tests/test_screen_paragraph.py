"""Words on several lines: nothing is lost, and nothing is too wide."""

import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.screen import theme
from device.screen.area import Area
from device.screen.paragraph import fitted, height, paragraph, wrapped


@pytest.fixture(autouse=True, scope="module")
def fonts():
    pygame.display.init()
    pygame.display.set_mode((300, 200))
    pygame.font.init()
    yield
    theme.forget_fonts()
    pygame.display.quit()


texts = st.lists(st.text("abcdeW-.", min_size=1, max_size=9), min_size=1, max_size=12).map(" ".join)


@given(text=texts, width=st.integers(60, 400))
def test_lines_have_every_word_and_break_before_they_are_too_wide(text, width):
    lines = wrapped(text, width, 15)
    assert " ".join(lines).split() == text.split()
    face = theme.font(15)
    for line in lines:
        assert face.size(line)[0] <= width or " " not in line


def test_signs_without_spaces_break_between_any_two_but_not_before_a_full_stop():
    lines = wrapped("モデルが見るもの。数字を書いてください。", 90, 15)
    assert len(lines) > 1
    assert "".join(lines) == "モデルが見るもの。数字を書いてください。"
    assert not any(line.startswith("。") for line in lines)


def test_a_long_path_breaks_behind_a_slash():
    lines = wrapped("/var/lib/inkling/exchange/samples.jsonl", 150, 15)
    assert len(lines) > 1
    assert all(line.endswith("/") for line in lines[:-1])


@given(text=texts, width=st.integers(80, 280), tall=st.integers(14, 160))
def test_what_fits_somehow_is_not_shortened_and_stays_in_its_area(text, width, tall):
    lines, size = fitted(text, Area(0, 0, width, tall), 20)
    assert " ".join(lines).split() == text.split()
    assert len(lines) == 1 or height(len(lines), size) <= tall or size == theme.SMALLEST


@pytest.mark.parametrize("align", ["left", "centre", "right"])
@pytest.mark.parametrize("top", [True, False])
def test_nothing_is_written_outside_the_area(align, top):
    surface = pygame.display.get_surface()
    surface.fill((0, 0, 255))
    area = Area(40, 30, 180, 110)
    text = "Two blocks of two 3x3 convolutions, a dense layer of 512"
    colours = (255, 255, 255), (0, 0, 0)
    paragraph(surface, area, text, 20, *colours, align=align, top=top)
    outside = surface.copy()
    outside.fill((0, 0, 255), area)
    assert pygame.transform.average_color(outside)[:3] == (0, 0, 255)
    assert pygame.transform.average_color(surface.subsurface(area))[:3] != (0, 0, 255)
