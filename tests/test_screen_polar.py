"""The plot by angle: how sure, of what, and whether it counts."""

import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.reading import Reading, Verdict
from device.screen import theme
from device.screen.area import Area
from device.screen.polar import TRACK, Polar
from device.turn import ANGLES


@pytest.fixture(autouse=True)
def fonts():
    pygame.font.init()
    yield
    theme.forget_fonts()
    pygame.font.quit()


def reading(sure, verdict=Verdict.ACCEPTED, digit=3):
    rest = (1 - sure) / 9
    probabilities = tuple(sure if i == digit else rest for i in range(10))
    return Reading(verdict, digit, probabilities, 0.9, 1, "fake")


def plotted(*bars, size=(300, 240)):
    surface = pygame.Surface(size)
    plot = Polar(surface, Area(0, 0, *size), 10)
    plot.draw()
    for number, one in bars:
        plot.add(number, one)
    return plot, surface


def along(plot, surface, angle):
    """The colours along the middle of a bar, from the inside out."""
    x, y = plot.area.centre
    direction = pygame.Vector2(0, -1).rotate(angle)
    length = min(plot.area.width, plot.area.height) // 2
    points = [(x + direction.x * i, y + direction.y * i) for i in range(length)]
    return [tuple(surface.get_at((int(a), int(b))))[:3] for a, b in points]


@pytest.mark.parametrize("number", [0, 9, 13, 18, 27, 31])
def test_a_bar_is_as_long_as_the_answer_is_probable(number):
    lengths = []
    for sure in (0.2, 0.5, 1.0):
        plot, surface = plotted((number, reading(sure)))
        lengths.append(along(plot, surface, ANGLES[number]).count(theme.ACCEPT))
    assert lengths[0] < lengths[1] < lengths[2]
    assert lengths[1] == pytest.approx(lengths[2] / 2, abs=3)


def test_each_reading_is_where_its_angle_is():
    plot, surface = plotted((9, reading(1.0)))
    assert theme.ACCEPT in along(plot, surface, 90)
    for angle in (0, 80, 100, 180, 270):
        assert theme.ACCEPT not in along(plot, surface, angle)


def test_what_does_not_count_is_an_outline():
    plot, surface = plotted((0, reading(1.0, Verdict.REJECTED)))
    colours = along(plot, surface, 0)
    assert colours.count(theme.REJECT) < 8
    assert theme.mixed(TRACK, theme.REJECT, 0.3) in colours


def test_nothing_seen_has_no_bar():
    empty, before = plotted()
    plot, surface = plotted((0, Reading.blank("fake")))
    bar = [c for c in along(plot, surface, 0) if c == TRACK]
    assert bar == [c for c in along(empty, before, 0) if c == TRACK]


def test_everything_stays_on_the_card():
    surface = pygame.Surface((400, 300))
    surface.fill((1, 2, 3))
    card = Area(60, 20, 300, 240)
    plot = Polar(surface, card, 10)
    plot.draw()
    for number in range(36):
        plot.add(number, reading(1.0, digit=8))
        plot.point(number * 10.0)
    outside = surface.copy()
    outside.fill((1, 2, 3), card)
    assert set(pygame.image.tobytes(outside, "RGB")) == {1, 2, 3}
    assert card.contains(plot.middle)


def test_the_dot_leaves_nothing_behind():
    _, before = plotted()
    plot, surface = plotted()
    for angle in range(0, 360, 7):
        plot.point(angle)
    assert pygame.image.tobytes(surface, "RGB") != pygame.image.tobytes(before, "RGB")
    plot.point(None)
    assert pygame.image.tobytes(surface, "RGB") == pygame.image.tobytes(before, "RGB")


@given(st.floats(0, 359.9), st.floats(60, 118))
def test_a_finger_on_the_plot_says_an_angle(angle, distance):
    plot = Polar(pygame.Surface((300, 240)), Area(0, 0, 300, 240), 10)
    direction = pygame.Vector2(0, -1).rotate(angle)
    found = plot.angle_at(150 + direction.x * distance, 120 + direction.y * distance)
    assert found is not None
    assert abs((found - angle + 180) % 360 - 180) < 0.01


def test_the_middle_and_what_is_outside_say_none():
    plot = Polar(pygame.Surface((300, 240)), Area(0, 0, 300, 240), 10)
    assert plot.angle_at(152, 121) is None
    assert plot.angle_at(310, 120) is None
