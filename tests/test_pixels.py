"""The shared pixel tools: clean, crop, resize, label, thicken."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from device import pixels as px
from device.library import Library
from device.raster import Pixels, draw
from device.reading import Verdict
from device.recognizer import Recognizer
from tests import drawings

shapes = st.tuples(st.integers(1, 12), st.integers(1, 12))
masks = hnp.arrays(np.bool_, shapes)
pictures = hnp.arrays(np.uint8, shapes)


def drawn(size: int = 120, pen: float = 0.07) -> Pixels:
    return draw(drawings.digit(3), size, pen)


def photographed(light: float, ink: float, noise: float = 0.0, shade: float = 0.0) -> Pixels:
    """A drawing as a camera sees it: grey paper, grey ink, noise, light that falls off."""
    picture = drawn().astype(float) / 255
    grey = light + (ink - light) * picture
    grey += shade * np.linspace(-0.5, 0.5, 120)
    grey += np.random.default_rng(0).normal(0, noise, grey.shape)
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)


def flood_fill(mask: np.ndarray) -> list[set[tuple[int, int]]]:
    """The connected parts of a mask, found the slow way."""
    left = set(zip(*np.nonzero(mask), strict=True))
    parts = []
    while left:
        part, edge = set(), [left.pop()]
        while edge:
            row, column = edge.pop()
            part.add((row, column))
            near = {(row + i, column + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            left -= near
            edge.extend(near)
        parts.append(part)
    return parts


@given(masks)
def test_parts_are_those_a_flood_fill_finds(mask: np.ndarray) -> None:
    numbers, count = px.label(mask)
    assert numbers.dtype == np.int32
    assert numbers.shape == mask.shape
    assert np.array_equal(numbers > 0, mask)
    found = [set(zip(*np.nonzero(numbers == n), strict=True)) for n in range(1, count + 1)]
    assert sorted(map(sorted, found)) == sorted(map(sorted, flood_fill(mask)))


def test_a_spiral_is_one_part_and_a_chessboard_too() -> None:
    spiral = np.ones((9, 9), bool)
    spiral[1, 0:8] = spiral[1:8, 7] = spiral[7, 1:8] = spiral[3:8, 1] = spiral[3, 1:6] = False
    assert px.label(spiral)[1] == len(flood_fill(spiral))
    assert px.label(np.indices((8, 8)).sum(axis=0) % 2 == 0)[1] == 1
    assert px.label(np.zeros((3, 3), bool))[1] == 0


@pytest.mark.parametrize(
    "grey",
    [
        drawn(),
        255 - drawn(),
        photographed(light=200, ink=40),
        photographed(light=60, ink=220),
        photographed(light=230, ink=180),
        photographed(light=180, ink=30, noise=6),
        photographed(light=180, ink=30, shade=60),
        photographed(light=140, ink=40, noise=4, shade=30),
    ],
    ids=[
        "white on black",
        "black on white",
        "grey paper",
        "chalk",
        "pencil",
        "noise",
        "uneven light",
        "noise and uneven light",
    ],
)
def test_whatever_it_was_drawn_with_becomes_ink_on_paper(grey: Pixels) -> None:
    cleaned = px.clean(grey)
    assert cleaned.dtype == np.uint8
    truth = drawn()
    assert cleaned[truth == 255].mean() > 200
    assert cleaned[truth == 0].mean() < 25
    assert np.mean((cleaned > 127) != (truth > 127)) < 0.01


@given(st.integers(0, 255), shapes)
def test_one_colour_is_blank(level: int, shape: tuple[int, int]) -> None:
    cleaned = px.clean(np.full(shape, level, np.uint8))
    assert cleaned.shape == shape
    assert not cleaned.any()


def test_faint_noise_alone_is_blank() -> None:
    noise = np.random.default_rng(0).integers(120, 135, (50, 50)).astype(np.uint8)
    assert not px.clean(noise).any()


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 0)])
def test_a_picture_without_pixels_is_blank(shape: tuple[int, int]) -> None:
    assert not px.clean(np.zeros(shape, np.uint8)).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (1, 3000), (3000, 2), (1, 2_000_000)])
def test_a_strip_of_pixels_is_a_picture_too(shape: tuple[int, int]) -> None:
    grey = np.zeros(shape, np.uint8)
    grey.flat[: grey.size // 3] = 255
    cleaned = px.clean(grey)
    assert max(cleaned.shape) <= px.WORKING_SIDE
    assert cleaned.any() == (grey.size > 3)


@given(hnp.arrays(np.uint8, st.tuples(st.integers(0, 40), st.integers(0, 40))))
def test_any_picture_can_be_cleaned(grey: Pixels) -> None:
    cleaned = px.clean(grey)
    assert cleaned.dtype == np.uint8
    assert cleaned.ndim == 2
    assert cleaned.size
    assert not cleaned.any() or cleaned.max() > 240


def test_large_pictures_are_shrunk_and_keep_their_proportions() -> None:
    grey = np.zeros((600, 1200), np.uint8)
    grey[100:500, 300:340] = 255
    cleaned = px.clean(grey)
    assert cleaned.shape == (140, 280)
    box = px.ink_box(cleaned > 127)
    assert box is not None
    assert box.height == pytest.approx(400 * 280 / 1200, abs=1.5)


def test_a_clean_picture_passes_through_to_the_bit() -> None:
    assert np.array_equal(px.clean(drawn()), drawn())


def test_full_contrast_is_left_alone_and_faint_ink_is_restored() -> None:
    assert px.stretched(drawn()) is not None
    assert np.array_equal(px.stretched(drawn()), drawn())
    assert px.stretched(drawn() // 3).max() == 255
    assert not px.stretched(np.zeros((4, 4), np.uint8)).any()


def test_otsu_separates_two_greys() -> None:
    grey = np.array([[10, 12, 11, 200, 205, 198]], np.uint8)
    assert 12 <= px.otsu(grey) < 198
    assert px.otsu(np.zeros((3, 3), np.uint8)) == 0


@given(hnp.arrays(np.uint8, shapes, elements=st.sampled_from([0, 0, 0, 1, 255])))
def test_the_box_holds_all_ink_and_no_more(pixels: Pixels) -> None:
    box = px.ink_box(pixels)
    if box is None:
        assert not pixels.any()
        return
    inside = px.crop(pixels, box)
    assert inside.shape == (box.height, box.width)
    assert inside.sum() == pixels.sum()
    for edge in (inside[0], inside[-1], inside[:, 0], inside[:, -1]):
        assert edge.any()


@given(pictures)
def test_the_same_size_comes_back_to_the_bit(pixels: Pixels) -> None:
    assert np.array_equal(px.resize(pixels, *pixels.shape), pixels)


@given(st.integers(0, 255), shapes, shapes)
def test_an_even_grey_stays_that_grey_at_any_size(
    level: int, shape: tuple[int, int], target: tuple[int, int]
) -> None:
    made = px.resize(np.full(shape, level, np.uint8), *target)
    assert made.shape == target
    assert (made == level).all()


@pytest.mark.parametrize("size", [20, 33, 60, 119, 240, 500])
def test_resizing_keeps_the_mean_grey(size: int) -> None:
    picture = np.pad(drawn(), 20)
    assert px.resize(picture, size, size).mean() == pytest.approx(picture.mean(), rel=0.02)


@given(pictures, shapes)
def test_resizing_is_the_same_for_rows_and_columns(pixels: Pixels, target: tuple[int, int]) -> None:
    turned = px.resize(pixels.T, target[1], target[0]).T
    difference = turned.astype(int) - px.resize(pixels, *target)
    assert abs(difference).max() <= 1


def test_weights_of_photos_are_not_kept_in_memory() -> None:
    before = px._kept_triangle.cache_info().currsize
    for side in range(3000, 3005):
        px.resize(np.zeros((side, 10), np.uint8), 28, 10)
    assert px._kept_triangle.cache_info().currsize <= before + 1


@given(shapes, st.integers(1, 30))
def test_fitting_makes_the_longer_side_as_asked(shape: tuple[int, int], side: int) -> None:
    made = px.fit(np.zeros(shape, np.uint8), side)
    assert max(made.shape) == side
    assert min(made.shape) >= 1


@given(st.integers(-40, 40), st.integers(-40, 40))
def test_what_is_placed_stays_on_the_paper(top: int, left: int) -> None:
    picture = np.full((5, 3), 7, np.uint8)
    out = px.placed(picture, top, left, 12)
    assert out.shape == (12, 12)
    assert out.sum() == picture.sum()


@given(shapes)
def test_squaring_puts_the_drawing_in_the_middle(shape: tuple[int, int]) -> None:
    out = px.squared(np.ones(shape, np.uint8))
    assert out.shape == (max(shape),) * 2
    rows, columns = np.nonzero(out)
    for side, low, high in ((0, rows.min(), rows.max()), (1, columns.min(), columns.max())):
        assert abs(low - (out.shape[side] - 1 - high)) <= 1
    assert out.sum() == shape[0] * shape[1]


@pytest.mark.parametrize("pen", [0.03, 0.06, 0.1])
def test_the_width_of_the_pen_is_seen(pen: float) -> None:
    assert px.pen_width(drawn(200, pen)) == pytest.approx(200 * pen, rel=0.15)


def test_paper_has_no_pen() -> None:
    assert px.pen_width(np.zeros((9, 9), np.uint8)) == 0.0


@given(pictures, st.integers(0, 3))
def test_thickening_is_the_maximum_over_a_disc(pixels: Pixels, radius: int) -> None:
    made = px.thickened(pixels, radius)
    height, width = pixels.shape
    assert made.shape == (height + 2 * radius, width + 2 * radius)
    expected = np.zeros_like(made)
    for row in range(made.shape[0]):
        for column in range(made.shape[1]):
            i, j = np.indices(pixels.shape) + radius
            near = (i - row) ** 2 + (j - column) ** 2 <= radius * radius
            expected[row, column] = pixels[near].max(initial=0)
    assert np.array_equal(made, expected)


def test_specks_go_and_the_drawing_with_its_soft_edges_stays() -> None:
    picture = drawn()
    dirty = picture.copy()
    dirty[2:4, 2:4] = dirty[110, 5] = 255
    assert np.array_equal(px.without_specks(dirty), picture)
    assert np.array_equal(px.without_specks(picture), picture)


def test_a_dot_that_belongs_is_no_speck() -> None:
    letter = draw(drawings.broken_digits()["i"], 120, 0.06)
    assert np.array_equal(px.without_specks(letter), letter)


def in_half_shadow(light: np.ndarray) -> None:
    light[:, 300:] *= 0.6


def in_a_dark_frame(light: np.ndarray) -> None:
    light[:18] = light[-18:] = light[:, :18] = light[:, -18:] = 35


def on_a_dark_table(light: np.ndarray) -> None:
    light[:, :48] = 40


def on_ruled_paper(light: np.ndarray) -> None:
    for row in range(20, 600, 50):
        light[row : row + 3] -= 70


def in_falling_light(light: np.ndarray) -> None:
    light *= np.linspace(1, 0.45, 600)


@pytest.mark.parametrize(
    "spoil",
    [in_half_shadow, in_a_dark_frame, on_a_dark_table, on_ruled_paper, in_falling_light],
)
@pytest.mark.parametrize("pen", [0.05, 0.08])
def test_a_photo_is_read_whatever_lies_around_the_ink(
    spoil: Callable[[np.ndarray], None], pen: float
) -> None:
    recognizer = Recognizer(Library())
    right = 0
    for digit in range(10):
        photo = 205 - 155 * (draw(drawings.digit(digit), 600, pen) / 255)
        spoil(photo)
        photo += np.random.default_rng(digit).normal(0, 3, photo.shape)
        reading = recognizer.read_pixels(np.clip(np.rint(photo), 0, 255).astype(np.uint8))
        right += reading.digit == digit and reading.verdict is Verdict.ACCEPTED
    assert right >= 8


@pytest.mark.parametrize("side", [28, 57, 120, 280])
@pytest.mark.parametrize("pen", [0.03, 0.1, 0.3])
def test_a_drawing_on_even_paper_never_counts_as_a_photo(side: int, pen: float) -> None:
    for digit in range(10):
        picture = draw(drawings.digit(digit), side, pen)
        assert px._from_uneven_paper(picture) is None
        assert px._from_uneven_paper(255 - picture) is None
