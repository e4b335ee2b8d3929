"""``inkling doctor``: what works on this machine, what does not, and what to do about it."""

from __future__ import annotations

import importlib
import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from device.config import Config
from device.errors import InklingError
from device.golden import self_test
from device.library import Library
from device.recognizer import Recognizer
from device.tflite import runtime


class Level(Enum):
    """How well a thing is: good, missing but not needed, or broken."""

    GOOD = "✓"
    MISSING = "!"
    BROKEN = "✗"


PLAIN = {"✓": "ok", "!": "! ", "✗": "X ", "→": "->"}
"""The marks for a terminal that has no others."""


@dataclass(frozen=True)
class Finding:
    """One line of the report; ``advice`` says what to do where something is not well."""

    level: Level
    what: str
    detail: str
    advice: str = ""

    def __str__(self) -> str:
        return self.shown("utf-8")

    def shown(self, encoding: str) -> str:
        """The line as a terminal of this encoding can show it."""
        mark, arrow = self.level.value, "→"
        try:
            "".join(PLAIN).encode(encoding)
        except (UnicodeEncodeError, LookupError):
            mark, arrow = PLAIN[mark], PLAIN[arrow]
        wanted = self.advice and self.level is not Level.GOOD
        advice = f"\n      {arrow} {self.advice}" if wanted else ""
        return f"  {mark} {self.what:<10} {self.detail}{advice}"


def examine(config: Config, library: Callable[[], Library]) -> Iterator[Finding]:
    """Every check in turn; a check that fails does not stop the next one."""
    yield Finding(Level.GOOD, "system", f"{platform.machine()}, Python {platform.python_version()}")
    yield _runtime()
    yield from _models(config, library)
    yield _display()
    yield _touch()
    yield _lights(config)


def _runtime() -> Finding:
    try:
        name, _ = runtime()
    except InklingError as error:
        return Finding(Level.BROKEN, "runtime", str(error), "pip install inkling brings one")
    package = "ai_edge_litert" if name == "LiteRT" else "tflite_runtime"
    version = getattr(importlib.import_module(package), "__version__", "")
    return Finding(Level.GOOD, "runtime", f"{name} {version}".strip())


def _models(config: Config, library: Callable[[], Library]) -> Iterator[Finding]:
    try:
        found = library()
    except InklingError as error:
        yield Finding(Level.BROKEN, "models", str(error))
        return
    broken = []
    for name in found.names:
        try:
            self_test(found, name)
        except InklingError as error:
            broken.append(str(error))
            yield Finding(
                Level.BROKEN, "model", str(error), "reinstall Inkling, or choose another model"
            )
    try:
        reading = _test_reading(Recognizer(found, config.model.name, config.model.threshold))
    except InklingError as error:
        detail, advice = str(error), "set model.name to one of `inkling models`"
        if detail in broken:
            detail = f"{config.model.name} cannot read without the model named above"
            advice = "reinstall Inkling, or set model.name to a model that is whole"
        yield Finding(Level.BROKEN, "reading", detail, advice)
        return
    if not broken:
        count = len(found.names)
        yield Finding(Level.GOOD, "models", f"{count} in {found.folder}, self-test passed")
    yield reading


def _test_reading(recognizer: Recognizer) -> Finding:
    """Build an interpreter and run it: an import alone can succeed where a reading fails."""
    from device.ink import Ink

    one = Ink.of([[(0.5, 0.2), (0.49, 0.4), (0.5, 0.6), (0.5, 0.8)]])
    reading = recognizer.read(one)
    detail = f"{reading.model} reads a drawn 1 as {reading.digit} in {reading.milliseconds:.1f} ms"
    level = Level.GOOD if reading.digit == 1 else Level.BROKEN
    return Finding(level, "reading", detail, "the model is not what it should be")


def _display() -> Finding:
    from device.screen.display import has_display

    present, reason = has_display()
    advice = (
        "on a console, add the user to the groups video, render and input and see that no desktop "
        "holds the screen; `inkling demo` works without any"
    )
    return Finding(Level.GOOD if present else Level.MISSING, "display", reason, advice)


def _touch() -> Finding:
    """Touch panels are the input devices whose absolute axes include a multitouch position."""
    panels = []
    for device in sorted(Path("/sys/class/input").glob("event*")):
        try:
            axes = (device / "device/capabilities/abs").read_text().split()
            name = (device / "device/name").read_text().strip()
        except OSError:
            continue
        if int("".join(f"{int(word, 16):016x}" for word in axes), 16) >> 53 & 1:
            readable = os.access(f"/dev/input/{device.name}", os.R_OK)
            panels.append((name, readable))
    if not panels:
        return Finding(
            Level.MISSING, "touch", "no touch panel found", "check its cable; a mouse draws as well"
        )
    closed = [name for name, readable in panels if not readable]
    if closed:
        advice = "add the user to the group input: sudo usermod -aG input $USER"
        return Finding(Level.BROKEN, "touch", f"no permission to read {closed[0]}", advice)
    return Finding(Level.GOOD, "touch", ", ".join(name for name, _ in panels))


def _lights(config: Config) -> Finding:
    from device.lights import NAMES, open_factory

    if not config.lights.enabled:
        return Finding(Level.GOOD, "lights", "switched off in the configuration")
    factory, name, reason = open_factory()
    factory.close()
    pins = ", ".join(
        f"{light} GPIO {getattr(config.lights, light)}"
        for light in NAMES
        if getattr(config.lights, light) >= 0
    )
    if reason is None:
        return Finding(Level.GOOD, "lights", f"{name}: {pins}")
    advice = "on a Pi: install lgpio and add the user to the group gpio"
    return Finding(Level.MISSING, "lights", f"shown on screen only: {reason}", advice)
