"""What a picture of the screen says: which screen it is, the verdict, the digit.

A person reads the word and the large digit; here the colour of the verdict's band is read, and
which of the ten bars has it. Places and colours are the product's own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image as Pictures

from device.reading import Verdict
from device.screen import theme
from device.screen.area import Area
from device.screen.layout import Layout, arrange

Picture = Pictures.Image


@dataclass(frozen=True)
class Seen:
    """What the main screen says; ``digit`` where a verdict other than blank is shown."""

    verdict: Verdict
    digit: int | None = None

    def __str__(self) -> str:
        return self.verdict.value + ("" if self.digit is None else f" {self.digit}")


def layout_of(picture: Picture) -> Layout:
    """Where everything is on the main screen of a picture's size."""
    return arrange(*picture.size)


def read(picture: Picture) -> Seen | None:
    """What the main screen says; None where something else is shown."""
    layout = layout_of(picture)
    if not is_main(picture):
        return None
    for verdict in (Verdict.ACCEPTED, Verdict.SEVERAL, Verdict.REJECTED):
        accent = theme.ACCENTS[verdict]
        if share(picture, layout.verdict, accent) > 0.3:
            bars = [share(picture, bar, accent) for bar in layout.bars]
            return Seen(verdict, max(range(10), key=lambda digit: bars[digit]))
    return Seen(Verdict.BLANK)


def is_main(picture: Picture) -> bool:
    """Whether it is the main screen: the canvas in its red frame, and its ground around it."""
    layout = layout_of(picture)
    canvas = layout.canvas
    side = Area(canvas.x, canvas.y + canvas.height // 4, layout.thickness, canvas.height // 2)
    top = Area(canvas.x + canvas.width // 4, canvas.y, canvas.width // 2, layout.thickness)
    around = Area(0, 0, picture.width, layout.canvas.y // 2)
    return (
        share(picture, side, theme.FRAME) > 0.9
        and share(picture, top, theme.FRAME) > 0.9
        and share(picture, around, theme.GROUND) > 0.9
    )


def is_out_of_order(picture: Picture) -> bool:
    """Whether it is the sign that stands in for a kiosk that has failed."""
    everything = Area(0, 0, *picture.size)
    sign = share(picture, everything, theme.REJECT)
    return 0.01 < sign < 0.5 < share(picture, everything, theme.GROUND)


def share(picture: Picture, area: Area, colour: theme.Colour, apart: int = 12) -> float:
    """How much of a part of the picture is this colour, or nearly so."""
    box = (area.x, area.y, area.right, area.bottom)
    found = np.asarray(picture.crop(box), np.int16)
    near = (np.abs(found - np.array(colour, np.int16)) <= apart).all(axis=2)
    return float(near.mean()) if near.size else 0.0
