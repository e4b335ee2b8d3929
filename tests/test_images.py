"""Picture files: read, or refused in one clear line."""

import struct

import numpy as np
import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device import images
from device.errors import ImageError


def saved(grey, suffix, path):
    surface = pygame.surfarray.make_surface(np.repeat(grey.T[..., None], 3, axis=2))
    file = path / f"picture{suffix}"
    pygame.image.save(surface, file)
    return file


@pytest.fixture
def ramp():
    return np.arange(28 * 28, dtype=np.uint32).reshape(28, 28).astype(np.uint8)


@pytest.mark.parametrize("suffix", [".png", ".bmp"])
def test_lossless_pictures_come_back_to_the_bit(tmp_path, ramp, suffix):
    assert np.array_equal(images.read_image(saved(ramp, suffix, tmp_path)), ramp)


def test_a_jpeg_comes_back_nearly(tmp_path):
    grey = np.repeat(np.linspace(0, 255, 40), 30).reshape(40, 30).astype(np.uint8)
    read = images.read_image(saved(grey, ".jpg", tmp_path))
    assert read.shape == grey.shape
    assert np.abs(read.astype(int) - grey).mean() < 4


def test_transparent_paper_is_white(tmp_path):
    surface = pygame.Surface((10, 10), pygame.SRCALPHA)
    surface.fill((0, 0, 0, 255), (2, 2, 3, 3))
    pygame.image.save(surface, tmp_path / "alpha.png")
    read = images.read_image(tmp_path / "alpha.png")
    assert read[0, 0] == 255
    assert read[3, 3] == 0


def test_a_large_picture_is_averaged_down(tmp_path):
    grey = np.zeros((2600, 2000), np.uint8)
    grey[1300:] = 200
    read = images.read_image(saved(grey, ".png", tmp_path))
    assert max(read.shape) <= 1300
    assert read[0, 0] == 0
    assert read[-1, -1] == 200


def test_a_picture_that_claims_to_be_huge_is_refused_unread(tmp_path, ramp):
    content = bytearray(saved(ramp, ".png", tmp_path).read_bytes())
    content[16:24] = struct.pack(">II", 60_000, 60_000)
    with pytest.raises(ImageError, match="60000x60000 pixels are too many"):
        images.decode(bytes(content), "bomb.png")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp"])
def test_sizes_are_known_before_unpacking(tmp_path, suffix):
    file = saved(np.zeros((30, 50), np.uint8), suffix, tmp_path)
    assert images.declared_size(file.read_bytes()) == (50, 30)


@pytest.mark.parametrize("suffix", [".png", ".bmp"])
def test_a_picture_cut_short_is_damaged(tmp_path, ramp, suffix):
    content = saved(ramp, suffix, tmp_path).read_bytes()
    with pytest.raises(ImageError):
        images.decode(content[: len(content) // 2], "cut")


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"BM", b"\xff\xd8\xff"])
def test_what_is_no_picture_is_said_to_be_none(content):
    with pytest.raises(ImageError, match="not a picture"):
        images.decode(content, "notes.txt")


def test_a_cmyk_jpeg_is_refused_rather_than_misread(tmp_path, ramp):
    content = bytearray(saved(ramp, ".jpg", tmp_path).read_bytes())
    frame = content.index(b"\xff\xc0")
    content[frame + 9] = 4
    with pytest.raises(ImageError, match="a CMYK picture; save it in RGB or grey"):
        images.decode(bytes(content), "print.jpg")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ImageError, match=r"gone\.png: cannot be read"):
        images.read_image(tmp_path / "gone.png")


HEADS = [b"\x89PNG\r\n\x1a\n", b"BM", b"\xff\xd8\xff\xe0", b""]


@given(st.sampled_from(HEADS), st.binary(max_size=200))
def test_random_bytes_never_give_another_error(head, content):
    try:
        images.decode(head + content, "random")
    except ImageError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("share", [0.4, 0.7, 0.99])
def test_a_jpeg_cut_short_is_damaged_even_with_padding(tmp_path, share):
    grey = np.random.default_rng(0).integers(0, 255, (90, 90)).astype(np.uint8)
    content = saved(grey, ".jpg", tmp_path).read_bytes()
    cut = content[: int(share * len(content))]
    for padding in (b"", bytes(500)):
        with pytest.raises(ImageError, match="breaks off before its end"):
            images.decode(cut + padding, "cut.jpg")
    assert images.decode(content + bytes(500), "whole.jpg").shape == (90, 90)


def test_white_ink_on_transparent_paper_is_seen(tmp_path):
    surface = pygame.Surface((10, 10), pygame.SRCALPHA)
    surface.fill((255, 255, 255, 255), (2, 2, 3, 3))
    pygame.image.save(surface, tmp_path / "alpha.png")
    read = images.read_image(tmp_path / "alpha.png")
    assert read[0, 0] == 0
    assert read[3, 3] == 255


def test_8000_by_8000_is_not_too_many_and_twice_that_is(ramp, tmp_path):
    assert 8000 * 8000 <= images.MAX_PIXELS < 2 * 8000 * 8000


def test_the_picture_library_keeps_its_remarks_to_itself(tmp_path, ramp, capfd):
    content = bytearray(saved(ramp, ".png", tmp_path).read_bytes())
    content[45] ^= 255
    with pytest.raises(ImageError):
        images.decode(bytes(content), "damaged.png")
    assert capfd.readouterr().err == ""
