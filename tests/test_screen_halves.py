"""A page's body, shared out between a square and the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.screen.area import Area
from device.screen.halves import square_and_rest

sizes = st.integers(200, 1920)


@given(sizes, sizes, st.integers(4, 30), st.floats(0.2, 0.6))
def test_square_and_rest_share_the_body_and_do_not_touch(width, height, gap, share):
    body = Area(7, 90, width, height)
    square, rest = square_and_rest(body, gap, share)
    assert square.width == square.height > 0
    assert body.contains(square)
    assert body.contains(rest)
    assert not square.overlaps(rest)


@given(sizes, sizes, st.floats(0.2, 0.6))
def test_the_rest_has_its_share(width, height, share):
    _, rest = square_and_rest(Area(0, 0, width, height), 10, share)
    length = (rest.width, width) if width >= height else (rest.height, height)
    assert length[0] >= share * length[1] - 1


@pytest.mark.parametrize(("body", "beside"), [((800, 400), True), ((700, 1100), False)])
def test_the_rest_is_beside_the_square_or_under_it(body, beside):
    square, rest = square_and_rest(Area(0, 0, *body), 10, 0.4)
    assert (rest.x >= square.right) is beside
    assert (rest.y >= square.bottom) is not beside
