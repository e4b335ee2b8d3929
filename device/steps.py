"""What the model sees, step by step: from the drawn canvas to the model input."""

from __future__ import annotations

from typing import NamedTuple

from device.ink import Ink
from device.language import N_
from device.normalise import Pipeline, canvas_paths, draw_canvas
from device.raster import Pixels


class Step(NamedTuple):
    """One step of an input pipeline.

    Attributes:
        name: what was done, one word, marked for translation.
        picture: how the drawing looks after it, uint8 (height, width) of any size.
    """

    name: str
    picture: Pixels


def steps(pipeline: Pipeline, ink: Ink) -> tuple[Step, ...]:
    """What a pipeline makes of some ink: the canvas as drawn, then each step that changed it.

    The last picture is the model input, bit for bit. Where ink is fitted as lines (the pipelines
    ``mnist`` and ``gubboit``), so it is here: those pictures are drawn from the lines, as the
    model input is, and are not made one from the other.
    """
    drawn = Step(N_("drawn"), draw_canvas(canvas_paths(ink)))
    return (drawn, *(Step(*picture) for picture in pipeline.pictures(ink)))
