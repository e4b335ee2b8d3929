"""The bundled session: drawings that the demo replays and the attract screen draws."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources

from device.ink import Ink


@dataclass(frozen=True)
class Drawing:
    """A drawing of the session: what it is meant to be, and its ink."""

    name: str
    ink: Ink


def session() -> list[Drawing]:
    """Ten digits, a doodle, two symbols, and nothing."""
    text = resources.files("device").joinpath("session.jsonl").read_text(encoding="utf-8")
    values = [json.loads(line) for line in text.splitlines()]
    return [Drawing(value["name"], Ink.from_json(value)) for value in values]


def digits() -> list[Drawing]:
    """The session's ten digits alone."""
    return [drawing for drawing in session() if drawing.name.isdigit()]
