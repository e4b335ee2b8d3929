"""``wiring``: draw ``docs/wiring.svg`` and write the table of pins in ``docs/hardware.md``.

The lights are on the configuration's default pins; what is not fitted by default is on the pins of
:data:`EVERYTHING`, a configuration to copy, which the page shows too.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from device.config import Config, load_config, pins_of
from device.files import atomic_write
from firmware_tools.progress import say

PICTURE = Path("docs/wiring.svg")
PAGE = Path("docs/hardware.md")

EVERYTHING = """\
[lights]
strobe = 25
bcd = "5, 6, 13, 19"
segments = "12, 16, 20, 21, 26, 18, 4"

[buttons]
predict = 23
clear = 24
"""
"""Everything that can be fitted beside the lights, on pins that neither a serial console, nor I²C,
nor SPI needs."""

_ORDER = """
3V3 5V 2 5V 3 GND 4 14 GND 15 17 18 27 GND 22 23 3V3 24 10 GND
9 25 11 8 GND 7 0 1 5 GND 6 12 13 GND 19 16 26 20 GND 21
"""
HEADER = tuple(_ORDER.split())
"""The 40-pin header from pin 1 on: BCM numbers, power and ground. The same on every Pi with 40."""

BEGIN, END = "<!-- python -m firmware_tools wiring -->", "<!-- end -->"
"""Between these the page is written by this command."""

COLOURS = {"accept": "#1a9850", "several": "#e08214", "reject": "#d73027"}
WORDS = {
    "accept": "green light: a digit",
    "several": "amber light: several symbols",
    "reject": "red light: not a digit",
    "strobe": "strobe",
    "predict": "Predict button",
    "clear": "Clear button",
}

ROW, TOP, MIDDLE, WIDTH = 46, 60, 470, 940


class Wire(NamedTuple):
    """What one pin of the header is for."""

    key: str
    """The configuration's, without its table."""
    bcm: int
    words: str

    @property
    def pin(self) -> int:
        """Its number on the header, 1 to 40."""
        return HEADER.index(str(self.bcm)) + 1

    @property
    def parts(self) -> str:
        """What stands between the pin and ground or the machine."""
        return {
            "strobe": "1 kΩ, to the machine; 10 kΩ to ground",
            "bcd": "1 kΩ, to the machine; 10 kΩ to ground",
            "segments": "330 Ω, segment; common cathode to ground",
            "predict": "push button to ground",
            "clear": "push button to ground",
        }.get(self.key, "330 Ω, LED to ground; 10 kΩ to ground")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``wiring``: it has nothing to choose."""


def run(_: argparse.Namespace) -> int:
    """Draw the picture and write the table."""
    atomic_write(PICTURE, picture().encode())
    atomic_write(PAGE, page(PAGE.read_text(encoding="utf-8")).encode())
    say(f"wrote {PICTURE} and {PAGE}")
    return 0


def wires() -> list[Wire]:
    """What every pin is for, in the order of the configuration."""
    found, counted = [], dict.fromkeys(("bcd", "segments"), 0)
    for key, bcm in pins_of(_everything()):
        name = key.split(".")[1]
        words = WORDS.get(name, "")
        if name in counted:
            number = counted[name]
            counted[name] += 1
            words = f"digit line {1 << number}" if name == "bcd" else f"segment {'abcdefg'[number]}"
        found.append(Wire(name, bcm, words))
    return found


def _everything() -> Config:
    # Of this machine's own configuration nothing may get into the documents.
    return load_config(None, tomllib.loads(EVERYTHING), Path("/nonexistent"))


def page(before: str) -> str:
    """The page with its table and its configuration as they should be."""
    start, rest = before.split(BEGIN)
    _, end = rest.split(END)
    rows = ["| pin | GPIO (BCM) | what | parts |", "| ---: | ---: | --- | --- |"]
    rows += [f"| {w.pin} | {w.bcm} | {w.words} | {w.parts} |" for w in wires()]
    made = ["", "```toml", EVERYTHING + "```", "", *rows, ""]
    return start + BEGIN + "\n".join(made) + END + end


def picture() -> str:
    """The header with everything on it, as an SVG drawing."""
    height = TOP + 20 * ROW + 30
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="13">',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        _text(
            MIDDLE, 24, "40-pin header, seen from above; pin 1 is at the end with the card slot", 15
        ),
        f'<rect x="{MIDDLE - 62}" y="{TOP - 20}" width="124" height="{20 * ROW}" rx="6" '
        'fill="#f0f0f0" stroke="#888888"/>',
    ]
    used = {wire.pin: wire for wire in wires()}
    for pin, name in enumerate(HEADER, 1):
        side = -1 if pin % 2 else 1
        x, y = MIDDLE + 42 * side, TOP + (pin - 1) // 2 * ROW
        colour = {"GND": "#333333", "3V3": "#e08214", "5V": "#d73027"}.get(name, "#bbbbbb")
        wire = used.get(pin)
        if wire is not None:
            colour = COLOURS.get(wire.key, "#2166ac")
            lines += _branch(wire, x, y, side, colour)
        lines.append(f'<circle cx="{x}" cy="{y}" r="9" fill="{colour}" stroke="#555555"/>')
        lines.append(_text(x - 22 * side, y + 4, str(pin), 11))
        if wire is None:
            label = f"GPIO {name}" if name.isdigit() else name
            lines.append(_text(x + 24 * side, y + 4, label, 11, side, "#777777"))
    return "\n".join([*lines, "</svg>", ""])


def _branch(wire: Wire, x: int, y: int, side: int, colour: str) -> Iterator[str]:
    """The parts of one pin, outwards from the header."""

    def across(start: int, end: int) -> str:
        """A piece of the wire, so far from the pin."""
        return f'<path d="M{x + side * start} {y}H{x + side * end}" stroke="#333333"/>'

    def box(start: int, words: str) -> str:
        left = x + side * start - (0 if side > 0 else 46)
        return (
            f'<rect x="{left}" y="{y - 7}" width="46" height="14" fill="#ffffff" '
            f'stroke="#333333"/>{_text(left + 23, y + 4, words, 10)}'
        )

    yield _text(x + 24 * side, y - 6, f"GPIO {wire.bcm}", 11, side, colour)
    if wire.key in ("predict", "clear"):
        gap = x + side * 116
        yield across(9, 110) + across(140, 170) + _ground(x + side * 170, y)
        yield f'<path d="M{gap - 6 * side} {y}L{gap + 22 * side} {y - 12}" stroke="#333333"/>'
    else:
        yield across(9, 100) + box(100, "1 kΩ" if wire.key in ("strobe", "bcd") else "330 Ω")
        if wire.key != "segments":
            yield _pull_down(x + side * 79, y)
        if wire.key in COLOURS:
            tip, base = x + side * 176, x + side * 160
            yield across(146, 190) + _ground(x + side * 190, y)
            yield (
                f'<path d="M{base} {y - 8}V{y + 8}L{tip} {y}Z" fill="{colour}"/>'
                f'<path d="M{tip} {y - 8}V{y + 8}" stroke="{colour}" stroke-width="2"/>'
            )
        else:
            point = x + side * 182
            yield across(146, 180)
            yield f'<path d="M{point} {y}l{-8 * side} -5v10z" fill="#333333"/>'
    yield _text(x + side * 202, y + 4, wire.words, 13, side)


def _ground(x: int, y: int) -> str:
    return (
        f'<path d="M{x} {y}V{y + 8}M{x - 7} {y + 8}H{x + 7}M{x - 4} {y + 11}H{x + 4}'
        f'M{x - 2} {y + 14}H{x + 2}" stroke="#333333" fill="none"/>'
    )


def _pull_down(x: int, y: int) -> str:
    return (
        f'<path d="M{x} {y}V{y + 24}" stroke="#333333"/>'
        f'<rect x="{x - 15}" y="{y + 6}" width="30" height="12" fill="#ffffff" stroke="#333333"/>'
        f"{_text(x, y + 16, '10 kΩ', 9)}"
        f'<path d="M{x - 6} {y + 24}H{x + 6}M{x - 3} {y + 27}H{x + 3}" stroke="#333333"/>'
    )


def _text(x: int, y: int, words: str, size: int, side: int = 0, colour: str = "#222222") -> str:
    """Words in the middle of ``x``, or on one side of it."""
    anchor = {-1: "end", 0: "middle", 1: "start"}[side]
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}" fill="{colour}">'
        f"{escape(words)}</text>"
    )
