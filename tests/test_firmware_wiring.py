"""The wiring diagram and the table of pins are those of the configuration."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from device.config import load_config, pins_of
from firmware_tools import cli, wiring

ROOT = Path(__file__).parent.parent


def test_picture_and_page_are_up_to_date() -> None:
    shown = (ROOT / wiring.PICTURE).read_text(encoding="utf-8")
    assert shown == wiring.picture(), "run `python -m firmware_tools wiring`"
    page = (ROOT / wiring.PAGE).read_text(encoding="utf-8")
    assert page == wiring.page(page), "run `python -m firmware_tools wiring`"


def test_the_header_is_that_of_the_raspberry_pi() -> None:
    assert len(wiring.HEADER) == 40
    numbers = [name for name in wiring.HEADER if name.isdigit()]
    assert sorted(map(int, numbers)) == list(range(28))
    grounds = [pin for pin, name in enumerate(wiring.HEADER, 1) if name == "GND"]
    assert grounds == [6, 9, 14, 20, 25, 30, 34, 39]
    pins = {wire.bcm: wire.pin for wire in wiring.wires()}
    assert (pins[17], pins[27], pins[22], pins[21]) == (11, 13, 15, 40)


def test_the_lights_are_on_the_default_pins_and_everything_has_its_own() -> None:
    wires = wiring.wires()
    default = dict(pins_of(load_config(system_file=Path("/nonexistent"))))
    shown = {f"lights.{wire.key}": wire.bcm for wire in wires}
    assert default.items() <= shown.items()
    assert len({wire.bcm for wire in wires}) == len(wires) == 3 + 1 + 4 + 7 + 2
    buses = {0, 1, 2, 3, 14, 15, *range(7, 12)}
    assert not buses & {wire.bcm for wire in wires}


def test_the_picture_names_everything_that_is_wired() -> None:
    picture = ElementTree.fromstring(wiring.picture())
    words = {element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")}
    for wire in wiring.wires():
        assert {wire.words, f"GPIO {wire.bcm}", str(wire.pin)} <= words


def test_the_command_writes_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "hardware.md"
    page.write_text(f"Before.\n{wiring.BEGIN}\nold\n{wiring.END}\nAfter.\n")
    monkeypatch.setattr(wiring, "PAGE", page)
    monkeypatch.setattr(wiring, "PICTURE", tmp_path / "wiring.svg")
    assert cli.main(["wiring"]) == 0
    written = page.read_text()
    assert "old" not in written and written.startswith("Before.") and written.endswith("After.\n")
    assert "| 11 | 17 | green light: a digit |" in written
    assert (tmp_path / "wiring.svg").read_text() == wiring.picture()
