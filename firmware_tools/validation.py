"""What `inkling` is chosen and calibrated by: drawings of people it does not learn from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from device import normalise, symbols
from firmware_tools import nondigits
from firmware_tools.data import load_images, load_inks
from firmware_tools.inputs import from_images, from_inks

PIPELINE = "mnist"


@dataclass(frozen=True, eq=False)
class Part:
    """Model inputs uint8 (n, 28, 28) of one set; ``targets`` int64 (n,) where they are digits."""

    name: str
    inputs: NDArray[np.uint8]
    targets: NDArray[np.int64] | None = None


Validation = tuple[Part, ...]


def validation(folder: Path) -> Validation:
    """The validation splits, and the two drawn sets that are used for nothing else.

    Raises:
        DataError: a set is missing or damaged.
    """
    rows = [row for row in load_inks(folder, "pendigits") if row.split == "validation"]
    parts = [
        Part(
            "pendigits",
            from_inks([row.ink for row in rows], PIPELINE),
            np.array([int(row.label) for row in rows]),
        )
    ]
    for name in ("niemenjoki", "hwd1000"):
        images = load_images(folder, name)
        parts.append(Part(name, from_images(images.images, PIPELINE), images.digits()))
    for name in ("unipen-upper", "unipen-lower", "quickdraw"):
        inks = [row.ink for row in load_inks(folder, name) if row.split == "validation"]
        # What the device calls several symbols never gets as far as the gate.
        inks = [ink for ink in inks if symbols.count_paths(normalise.paths_of(ink)) == 1]
        # Nothing can be learned from what nobody could tell from a 1; the evaluation counts it.
        inks = [ink for ink in inks if not nondigits.is_upright_line(ink)]
        parts.append(Part(name, from_inks(inks, PIPELINE)))
    return tuple(parts)
