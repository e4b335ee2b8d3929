"""The house: imports point down, the core is pure, files stay short."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DEVICE = ROOT / "device"
CORE_FLOORS = 2
"""Up to this floor only numpy and the standard library are imported."""

LONGEST_FILE = 400

FLOORS = {
    "device": 0,
    "device.arguments": 0.1,
    "device.errors": 0.1,
    "device.curve": 1.1,
    "device.files": 1.1,
    "device.lines": 1.1,
    "device.lock": 1.1,
    "device.signals": 1.1,
    "device.start": 1.1,
    "device.ink": 1.2,
    "device.language": 1.1,
    "device.settings": 1.2,
    "device.config": 1.3,
    "device.history": 1.3,
    "device.session": 1.3,
    "device.crash": 1.4,
    "device.desk": 1.4,
    "device.raster": 2.1,
    "device.nearest": 2.1,
    "device.pixels": 2.2,
    "device.normalise": 2.3,
    "device.symbols": 2.3,
    "device.accumulation": 2.4,
    "device.reading": 2.3,
    "device.steps": 2.4,
    "device.json_form": 2.4,
    "device.tflite": 3.1,
    "device.images": 3.1,
    "device.coral": 3.15,
    "device.accelerator": 3.2,
    "device.library": 3.3,
    "device.golden": 3.4,
    "device.recognizer": 3.4,
    "device.worker": 3.5,
    "device.turn": 3.5,
    "device.why": 3.5,
    "device.parts": 3.5,
    "device.outputs": 4,
    "device.lights": 4.1,
    "device.backlight": 4,
    "device.pointers": 4,
    "device.buttons": 4.2,
    "device.ink_socket": 4,
    "device.keeper": 4,
    "device.sample_file": 4,
    "device.samples": 4.1,
    "device.exchange": 4.2,
    "device.service": 4,
    "device.screen": 5,
    "device.background": 5.1,
    "device.idle": 5.1,
    "device.kiosk": 6,
    "device.headless": 6.2,
    "device.out_of_order": 6,
    "device.demo": 6.1,
    "device.stage": 6.2,
    "device.gallery": 6.3,
    "device.bench": 6.3,
    "device.finding": 6.1,
    "device.doctor_machine": 6.2,
    "device.doctor_devices": 6.3,
    "device.doctor_touch": 6.4,
    "device.doctor": 6.5,
    "device.read": 6.1,
    "device.samples_cli": 6.1,
    "device.cli": 7,
    "device.__main__": 8,
}
"""Where each module lives. Whole numbers are the floors of docs/architecture.md; behind the point
is the stair within one: a module also imports from lower stairs of its own floor. The rooms of
device.screen share one floor and may use each other, and so do those of device.bench."""

SOURCES = sorted(DEVICE.rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """The entry of the floor table that a module belongs to."""
    for room in ("device.screen", "device.bench"):
        if module.startswith(f"{room}."):
            return room
    return module


def imports_of(path: Path) -> set[str]:
    """Every module that a file imports, at its top or inside a function."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                is_module = (ROOT / f"{full.replace('.', '/')}.py").exists()
                is_package = (ROOT / full.replace(".", "/") / "__init__.py").exists()
                found.add(full if is_module or is_package else str(node.module))
    return found


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_every_module_has_its_floor(path: Path) -> None:
    assert room_of(name_of(path)) in FLOORS, "give it a floor in the table above and in docs/"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_point_to_lower_floors(path: Path) -> None:
    module = name_of(path)
    for imported in imports_of(path):
        if imported.split(".")[0] != "device" or room_of(imported) == room_of(module):
            continue
        assert FLOORS[room_of(imported)] < FLOORS[room_of(module)], f"{module} imports {imported}"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_the_device_never_needs_the_workshop(path: Path) -> None:
    tops = {imported.split(".")[0] for imported in imports_of(path)}
    assert not tops & {"firmware_tools", "tensorflow", "tf_keras", "keras", "scipy", "PIL", "tests"}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_the_core_imports_numpy_and_the_standard_library_only(path: Path) -> None:
    if int(FLOORS.get(room_of(name_of(path)), 9)) > CORE_FLOORS:
        return
    tops = {imported.split(".")[0] for imported in imports_of(path)}
    assert tops <= {"device", "numpy", *sys.stdlib_module_names}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_files_are_short_enough_to_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


def test_there_is_no_circle() -> None:
    """Rooms of the screen may use each other, but not in a circle."""
    graph = {
        name_of(path): {i for i in imports_of(path) if i.startswith("device.screen.")}
        for path in SOURCES
        if name_of(path).startswith("device.screen.")
    }
    done: set[str] = set()
    while len(done) < len(graph):
        ready = {module for module, needs in graph.items() if needs & graph.keys() <= done}
        assert ready - done, f"a circle among {sorted(graph.keys() - done)}"
        done |= ready
