"""The splash: there before anything that takes time, in the colours of what follows."""

import subprocess
import sys

import pygame
import pytest

from device.screen import splash, theme


@pytest.fixture(autouse=True)
def display():
    pygame.display.init()
    yield
    pygame.display.quit()


def test_its_colours_are_the_themes():
    assert (splash.GROUND, splash.INK) == (theme.GROUND, theme.INK)


@pytest.mark.parametrize(
    "size", [(320, 320), (320, 480), (480, 320), (800, 480), (1080, 1920), (1920, 1080)]
)
def test_the_name_stands_whole_in_the_middle(size):
    surface = pygame.display.set_mode(size)
    surface.fill("red")
    splash.draw(surface)
    assert surface.get_at((0, 0))[:3] == splash.GROUND
    inked = pygame.mask.from_threshold(surface, splash.INK, (40, 40, 40)).get_bounding_rects()
    drawn = inked[0].unionall(inked[1:])
    width, height = size
    assert abs(drawn.centerx - width / 2) <= width * 0.02
    assert abs(drawn.centery - height / 2) <= height * 0.03
    assert drawn.width > 0.25 * min(size)
    assert surface.get_rect().contains(drawn)


def test_the_last_letter_is_not_cut_off():
    surface = pygame.display.set_mode((800, 480))
    splash.draw(surface)
    inked = pygame.mask.from_threshold(surface, splash.INK, (40, 40, 40)).get_bounding_rects()
    drawn = inked[0].unionall(inked[1:])
    edge = drawn.right - 1
    high = [y for y in range(480) if surface.get_at((edge, y))[:3] != splash.GROUND]
    assert len(high) < drawn.height


def test_the_icon_is_ink_on_its_ground():
    made = splash.icon()
    assert made.get_size() == (32, 32)
    assert made.get_at((0, 0))[:3] == splash.GROUND
    assert min(made.get_at((16, 12))[:3]) > 230


def test_it_needs_nothing_that_takes_long_to_import():
    program = (
        "import sys; import device.cli, device.config, device.screen.display, "
        "device.screen.splash; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert "pygame" in loaded
    assert not loaded & {"numpy", "gpiozero", "ai_edge_litert", "tflite_runtime", "device.kiosk"}
