"""Picture files as grey pixels: PNG, JPEG and BMP, read by SDL_image (no display needed)."""

from __future__ import annotations

import contextlib
import io
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pygame
from numpy.typing import NDArray

from device.errors import ImageError
from device.raster import Pixels

MAX_PIXELS = 70_000_000
"""A larger picture is refused before it is unpacked into memory; 8,000x8,000 is not."""

MAX_BYTES = 4 * MAX_PIXELS + (1 << 20)
"""A longer file holds more than a picture of that size, however it is packed."""

READABLE = ("PNG", "JPEG", "BMP")

_BAND = 256
_LARGE = 1024


def read_image(path: Path) -> Pixels:
    """A picture file as grey pixels, uint8 (height, width); transparent parts are white.

    Pictures whose longer side is over 1,024 pixels are averaged down as they are read.

    Raises:
        ImageError: no such file, not a picture, cut short, or over 70 million pixels.
    """
    try:
        with path.open("rb") as file:
            return read_picture(file, str(path))
    except OSError as error:
        raise ImageError(f"{path}: cannot be read: {error.strerror}") from error


def read_picture(file: BinaryIO, name: str, head: bytes = b"") -> Pixels:
    """As :func:`read_image`, for an open file of which ``head`` has been read already."""
    content = head + file.read(MAX_BYTES)
    if len(content) >= MAX_BYTES:
        raise ImageError(f"{name}: more than {MAX_BYTES:,} bytes are too many to be a drawing")
    return decode(content, name)


def decode(content: bytes, name: str) -> Pixels:
    """As :func:`read_image`, for a file's bytes; ``name`` is for the error's text."""
    size = declared_size(content)
    if size is None:
        kinds = ", ".join(READABLE)
        raise ImageError(f"{name}: not a picture that can be read ({kinds})")
    if size[0] * size[1] > MAX_PIXELS:
        raise ImageError(f"{name}: {size[0]}x{size[1]} pixels are too many to be a drawing")
    if content[:2] == b"\xff\xd8" and not _jpeg_ends(content):
        # The decoder would fill what is missing with grey and say nothing.
        raise ImageError(f"{name}: the picture is damaged: it breaks off before its end")
    if content[:2] == b"\xff\xd8" and _jpeg_frame(content)[2:] == (4,):
        # The decoder takes the fourth ink for transparency.
        raise ImageError(f"{name}: a CMYK picture; save it in RGB or grey")
    try:
        with _silent():
            surface = pygame.image.load(io.BytesIO(content))
    except (pygame.error, ValueError, MemoryError) as error:
        reason = " ".join(str(error).split())
        raise ImageError(f"{name}: the picture is damaged: {reason}") from error
    return _grey(surface)


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Keep the picture libraries from writing to stderr: our one line says it all."""
    try:
        kept = os.dup(2)
    except OSError:  # stderr is closed: nothing to keep them from
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)


def _grey(surface: pygame.Surface) -> Pixels:
    width, height = surface.get_size()
    block = max(1, max(width, height) // _LARGE)
    band_height = _BAND * block
    areas = [
        pygame.Rect(0, top, width, min(band_height, height - top))
        for top in range(0, height, band_height)
    ]
    paper = 255
    if surface.get_masks()[3] and _light_on_nothing(surface, areas):
        paper = 0
    return np.concatenate(
        [_averaged(_band(surface.subsurface(area), paper), block) for area in areas]
    )


def _greys(part: pygame.Surface) -> NDArray[np.uint32]:
    colours = pygame.surfarray.array3d(part).astype(np.uint32)
    weights = np.array([299, 587, 114], np.uint32)
    return ((colours @ weights + np.uint32(500)) // np.uint32(1000)).astype(np.uint32)


def _light_on_nothing(surface: pygame.Surface, areas: list[pygame.Rect]) -> bool:
    """Is this light ink on transparent paper, which would vanish on white?"""
    visible = light = 0
    for area in areas:
        part = surface.subsurface(area)
        seen = pygame.surfarray.array_alpha(part) > 127
        visible += int(np.count_nonzero(seen))
        light += int(np.count_nonzero(_greys(part)[seen] > 160))
    width, height = surface.get_size()
    return 0 < visible < 0.5 * width * height and light >= 0.95 * visible


def _band(part: pygame.Surface, paper: int) -> Pixels:
    grey = _greys(part)
    if part.get_masks()[3]:
        alpha = pygame.surfarray.array_alpha(part).astype(np.uint32)
        grey = ((grey * alpha + paper * (255 - alpha) + 127) // 255).astype(np.uint32)
    return np.ascontiguousarray(grey.T.astype(np.uint8))


def _averaged(grey: Pixels, block: int) -> Pixels:
    if block == 1:
        return grey
    height, width = max(1, grey.shape[0] // block), max(1, grey.shape[1] // block)
    kept = grey[: height * block, : width * block].astype(np.float32)
    rows = kept.shape[0] // height
    columns = kept.shape[1] // width
    means: NDArray[np.float32] = kept.reshape(height, rows, width, columns).mean(axis=(1, 3))
    return np.rint(means).astype(np.uint8)


def declared_size(content: bytes) -> tuple[int, int] | None:
    """Width and height that a PNG, BMP or JPEG says it has; None for anything else."""
    try:
        if content[:8] == b"\x89PNG\r\n\x1a\n":
            width, height = struct.unpack(">II", content[16:24])
        elif content[:2] == b"BM":
            width, height = struct.unpack("<ii", content[18:26])
        elif content[:2] == b"\xff\xd8":
            frame = _jpeg_frame(content)
            return (frame[0], frame[1]) if frame else None
        else:
            return None
    except struct.error:
        return None
    return abs(width), abs(height)


def _jpeg_segments(content: bytes) -> Iterator[tuple[int, int]]:
    """Marker and place of each segment, up to the first scan (SOS, 0xDA)."""
    place = 2
    while place + 4 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        yield marker, place
        if marker == 0xDA:
            return
        place += 2 + int(struct.unpack(">H", content[place + 2 : place + 4])[0])


def _jpeg_frame(content: bytes) -> tuple[int, ...]:
    """Width, height and number of colours from the start-of-frame segment (markers SOF0-SOF15 but
    for DHT, JPG and DAC); empty where there is none."""
    for marker, place in _jpeg_segments(content):
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width, colours = struct.unpack(">HHB", content[place + 5 : place + 10])
            return width, height, colours
    return ()


def _jpeg_ends(content: bytes) -> bool:
    """Does an end marker follow the scan? (A thumbnail before it has one of its own.)"""
    for marker, place in _jpeg_segments(content):
        if marker == 0xDA:
            return content.find(b"\xff\xd9", place) >= 0
    return False
