"""Picture files as grey pixels: PNG, JPEG and BMP, read by pygame's SDL_image (no display needed).

Also the published JSON form of drawn digits (niemenjoki): an array of
``{"image": [784 integers, 255 = white paper], "label": "3"}``, read one drawing at a time.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pygame
from numpy.typing import NDArray

from device.errors import ImageError
from device.normalise import SIDE
from device.raster import Pixels

MAX_PIXELS = 100_000_000
"""A larger picture is refused before it is unpacked into memory."""

READABLE = ("PNG", "JPEG", "BMP")

_BAND = 256
_LARGE = 1024


def read_image(path: Path) -> Pixels:
    """A picture file as grey pixels, uint8 (height, width); transparent parts are white.

    Pictures whose longer side is over 1,024 pixels are averaged down as they are read.

    Raises:
        ImageError: no such file, not a picture, cut short, or over 100 million pixels.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ImageError(f"{path}: cannot be read: {error.strerror}") from error
    return decode(content, str(path))


def decode(content: bytes, name: str) -> Pixels:
    """As :func:`read_image`, for a file's bytes; ``name`` is for the error's text."""
    size = declared_size(content)
    if size is None:
        kinds = ", ".join(READABLE)
        raise ImageError(f"{name}: not a picture that can be read ({kinds})")
    if size[0] * size[1] > MAX_PIXELS:
        raise ImageError(f"{name}: {size[0]}x{size[1]} pixels are too many to be a drawing")
    try:
        surface = pygame.image.load(io.BytesIO(content))
    except (pygame.error, ValueError, MemoryError) as error:
        raise ImageError(f"{name}: the picture is damaged: {error}") from error
    return _grey(surface)


def _grey(surface: pygame.Surface) -> Pixels:
    width, height = surface.get_size()
    block = max(1, max(width, height) // _LARGE)
    band_height = _BAND * block
    bands = []
    for top in range(0, height, band_height):
        area = pygame.Rect(0, top, width, min(band_height, height - top))
        bands.append(_averaged(_band(surface.subsurface(area)), block))
    return np.concatenate(bands)


def _band(part: pygame.Surface) -> Pixels:
    colours = pygame.surfarray.array3d(part).astype(np.uint32)
    grey = (colours @ np.array([299, 587, 114], np.uint32) + 500) // 1000
    if part.get_masks()[3]:
        alpha = pygame.surfarray.array_alpha(part).astype(np.uint32)
        grey = (grey * alpha + 255 * (255 - alpha) + 127) // 255
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
            return _jpeg_size(content)
        else:
            return None
    except struct.error:
        return None
    return abs(width), abs(height)


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """From the start-of-frame segment: markers SOF0-SOF15 but for DHT, JPG and DAC."""
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width, height
        place += 2 + int(struct.unpack(">H", content[place + 2 : place + 4])[0])
    return None


_CHUNK = 1 << 16
_LONGEST = 1 << 20


def read_json_drawings(file: TextIO, name: str) -> Iterator[Pixels | ImageError]:
    """The drawings of a JSON array in the published form, one at a time, ink 255 on 0.

    A drawing that is not 784 integers from 0 to 255 comes as the error it is, in its place.

    Raises:
        ImageError: the text is no JSON array, or breaks off.
    """
    for number, value in enumerate(_array_items(file, name)):
        try:
            yield json_image(value)
        except ImageError as error:
            yield ImageError(f"{name}: drawing {number}: {error}")


def json_image(value: Any) -> Pixels:
    """One drawing of the published form as model-sized pixels, ink 255 on 0.

    Raises:
        ImageError: it is not that form.
    """
    image = value.get("image") if isinstance(value, dict) else None
    if not isinstance(image, list) or len(image) != SIDE * SIDE:
        raise ImageError(f'expected {{"image": [{SIDE * SIDE} integers from 0 to 255]}}')
    if any(type(grey) is not int or not 0 <= grey <= 255 for grey in image):
        raise ImageError("its greys must be integers from 0 to 255")
    return np.subtract(255, np.array(image, np.uint8), dtype=np.uint8).reshape(SIDE, SIDE)


def _array_items(file: TextIO, name: str) -> Iterator[Any]:
    """The items of a JSON array, without ever holding the whole of it."""
    decoder = json.JSONDecoder()
    text, opened, ended = "", False, False
    while True:
        text = text.lstrip(" \t\r\n,") if opened else text.lstrip("\ufeff \t\r\n")
        if text and not opened:
            if text[0] != "[":
                raise ImageError(f'{name}: expected a JSON array of {{"image": [...]}} objects')
            text, opened = text[1:], True
            continue
        if text.startswith("]"):
            return
        if text:
            try:
                item, end = decoder.raw_decode(text)
            except RecursionError as error:
                raise ImageError(f"{name}: the JSON text is nested too deeply") from error
            except ValueError as error:
                if ended or len(text) > _LONGEST:
                    raise ImageError(f"{name}: the JSON text is damaged: {error}") from error
            else:
                if end < len(text) or ended:
                    yield item
                    text = text[end:]
                    continue
        if ended:
            raise ImageError(f"{name}: the JSON text breaks off before its end")
        try:
            chunk = file.read(_CHUNK)
        except (OSError, UnicodeDecodeError) as error:
            raise ImageError(f"{name}: cannot be read: {error}") from error
        ended = not chunk
        text += chunk
