"""Cards in rows: all of them can be reached, on any area."""

import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.screen.area import Area
from device.screen.cards import Cards
from device.screen.touch import Contact

GAP = 8


@pytest.fixture(autouse=True, scope="module")
def display():
    pygame.display.init()
    pygame.display.set_mode((900, 700))
    yield
    pygame.display.quit()


def cards_in(area, count, least=(120, 70), painted=None):
    def paint(surface, number, pressed):
        surface.fill((10 * number + 5, 200 if pressed else 100, 0))
        if painted is not None:
            painted.append(number)

    surface = pygame.display.get_surface()
    surface.fill((0, 0, 255))
    width, height = least
    return Cards(surface, area, count, (width, lambda _: height), GAP, paint)


def contact(kind, x, y, number=0):
    return Contact(kind, x, y, 0.0, number)


def tap(cards, x, y):
    cards.handle(contact("down", x, y))
    return cards.handle(contact("up", x, y))


areas = st.builds(
    Area, st.integers(0, 50), st.integers(0, 50), st.integers(150, 800), st.integers(90, 600)
)


@given(area=areas, count=st.integers(1, 20))
def test_every_card_can_be_brought_into_view_as_a_whole(area, count):
    cards = cards_in(area, count)
    for number in range(count):
        cards.reveal(number)
        place = cards.place(number)
        assert area.contains(place)
        assert place[2:] == cards.size


@given(area=areas, count=st.integers(1, 20))
def test_cards_do_not_overlap(area, count):
    cards = cards_in(area, count)
    places = []
    for number in range(count):
        try:
            places.append(cards.place(number))
        except KeyError:
            assert cards.most > 0, "out of view though there is room for all"
    for number, place in enumerate(places):
        assert area.contains(place)
        assert not any(place.overlaps(other) for other in places[:number])


def test_a_tap_is_on_the_card_under_the_finger():
    cards = cards_in(Area(10, 10, 300, 400), 6)
    for number in range(6):
        assert tap(cards, *cards.place(number).centre) == number
    assert tap(cards, 600, 300) is None


def test_a_finger_that_slides_to_another_card_taps_none():
    cards = cards_in(Area(10, 10, 400, 400), 6)
    cards.handle(contact("down", *cards.place(0).centre))
    cards.handle(contact("move", *cards.place(1).centre))
    assert cards.handle(contact("up", *cards.place(1).centre)) is None


def test_a_drag_moves_the_cards_with_the_finger_and_no_further_than_their_ends():
    area = Area(0, 0, 200, 200)
    cards = cards_in(area, 10)
    first = cards.place(1)
    cards.handle(contact("down", 50, 150))
    cards.handle(contact("move", 50, 120))
    assert cards.place(1).y == first.y - 30
    cards.handle(contact("move", 50, -9000))
    assert cards.place(9).bottom == area.bottom
    cards.handle(contact("move", 50, 9000))
    assert cards.handle(contact("up", 50, 9000)) is None
    assert cards.place(0).y == area.y


def test_a_second_finger_does_nothing():
    cards = cards_in(Area(0, 0, 200, 200), 10)
    cards.handle(contact("down", 50, 50, 1))
    cards.handle(contact("move", 50, -100, 1))
    assert cards.place(0).y == 0


def test_nothing_is_drawn_when_nothing_changed_and_only_what_changed_is_painted():
    painted = []
    cards = cards_in(Area(0, 0, 400, 400), 4, painted=painted)
    assert cards.draw() == [pygame.Rect(0, 0, 400, 400)]
    assert cards.draw() == []
    painted.clear()
    cards.renew(2)
    assert cards.draw()
    assert painted == [2]


def test_nothing_is_drawn_outside_the_area():
    area = Area(20, 30, 200, 150)
    cards = cards_in(area, 10)
    surface = pygame.display.get_surface()
    cards.handle(contact("down", 50, 150))
    cards.handle(contact("move", 50, 110))
    cards.draw()
    assert all(surface.get_at((x, y))[2] == 255 for x in (60, 130) for y in (29, 180))
    assert surface.get_at((60, 31))[2] != 255
