"""What ``inkling doctor`` asks of the devices: screen, fonts, touch, GPIO, Coral."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import importlib
import os
import re
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from device.accelerator import EDGE_TPU, START_SECONDS, EdgeTpu
from device.coral import corals
from device.doctor_machine import units
from device.errors import InklingError
from device.finding import Finding, Level, Patient
from device.golden import self_test
from device.language import LANGUAGES
from device.library import Library
from device.normalise import SIDE
from device.pointers import pointers

CONSOLE = "KMSDRM"
"""SDL's driver for a console without a desktop."""

GRAPHICS = {"libGL.so.1": "libgl1", "libEGL.so.1": "libegl1", "libGLESv2.so.2": "libgles2"}
"""Libraries that SDL draws with on a console, and their Debian packages. Without them it runs, and
the screen stays black."""

_AUTH_MAGIC = 0x40046411
"""DRM_IOCTL_AUTH_MAGIC of Linux's drm.h, which only the master may use."""


def display(patient: Patient) -> Iterator[Finding]:
    """Whether there is a screen to draw on; and if not, which of the possible reasons it is."""
    from device.screen.display import has_display

    present, reason = has_display()
    if present and CONSOLE.lower() not in reason.lower():
        yield Finding(Level.GOOD, "display", reason)
    else:
        yield from console(patient, sdl_drivers(), reason)


def console(patient: Patient, drivers: list[str], reason: str) -> Iterator[Finding]:
    """Whether a console can be drawn on; and if not, which of the links in the chain is broken.

    Args:
        drivers: the video drivers that SDL has.
        reason: why there is no display, where there is no card either.
    """
    cards = patient.glob("dev/dri/card*")
    if not cards:
        advice = (
            "on a Raspberry Pi: dtoverlay=vc4-kms-v3d in /boot/firmware/config.txt; "
            "`inkling demo` and `inkling headless` work without a screen"
        )
        yield Finding(Level.WARNING, "display", reason, advice)
        return
    if not any(driver.upper() == CONSOLE for driver in drivers):
        advice = "pip uninstall pygame; pip install --force-reinstall pygame-ce"
        detail = f"this SDL cannot draw on a console (it has {', '.join(drivers)})"
        yield Finding(Level.BROKEN, "display", detail, advice)
        return
    names = ", ".join(card.name for card in cards)
    allowed = [card for card in cards if patient.may(card, os.R_OK | os.W_OK)]
    if not allowed:
        advice = "sudo usermod -aG video,render $USER, then log in again"
        yield Finding(Level.BROKEN, "display", f"no permission to use {names}", advice)
        return
    held = {card: holders(patient, card) for card in allowed if not is_free(card)}
    if len(held) == len(allowed):
        who = ", ".join(sorted({name for names in held.values() for name in names}))
        running = any(unit["ActiveState"] == "active" for unit in units(patient).values())
        if running:
            yield Finding(Level.GOOD, "display", f"{names}: in use by the service")
            return
        advice = "stop the desktop: sudo systemctl set-default multi-user.target, and restart"
        detail = f"{names}: held by somebody else" + (f" ({who})" if who else "")
        yield Finding(Level.BROKEN, "display", detail, advice)
        return
    panels = [
        path.parent.name.split("-", 1)[1]
        for path in patient.glob("sys/class/drm/card*-*/status")
        if patient.text(path) == "connected"
    ]
    if not panels:
        detail = f"{names}: no panel is connected"
        yield Finding(Level.WARNING, "display", detail, "check its cable and its supply")
        return
    yield Finding(Level.GOOD, "display", f"{names}, {', '.join(panels)}, through {CONSOLE}")
    missing = [package for name, package in GRAPHICS.items() if not patient.has_library(name)]
    if missing:
        detail = f"{', '.join(missing)} missing: the screen may stay black"
        advice = f"sudo apt install {' '.join(missing)}"
        yield Finding(Level.WARNING, "graphics", detail, advice)


def sdl_drivers() -> list[str]:
    """The video drivers that the SDL which pygame brings was compiled with."""
    importlib.import_module("pygame")
    maps = Path("/proc/self/maps").read_text(errors="replace")
    found = re.search(r"/\S*/libSDL2-\S*", maps)
    if found is None:
        return []
    sdl = ctypes.CDLL(found.group())
    sdl.SDL_GetVideoDriver.restype = ctypes.c_char_p
    return [sdl.SDL_GetVideoDriver(place).decode() for place in range(sdl.SDL_GetNumVideoDrivers())]


def is_free(card: Path) -> bool:
    """Whether nobody else draws on a card: whoever opens one that is free is its master."""
    try:
        handle = os.open(card, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.ioctl(handle, _AUTH_MAGIC, struct.pack("I", 0))
    except OSError as error:
        # A master is told that there is no such client; anybody else, that this is not for them.
        return error.errno != errno.EACCES
    finally:
        os.close(handle)
    return True


def holders(patient: Patient, node: Path) -> set[str]:
    """The names of the processes that have a device file open, as far as this user may know."""
    found = set()
    wanted = str(Path("/") / node.relative_to(patient.root))
    for handle in patient.root.glob("proc/[0-9]*/fd/*"):
        try:
            if str(handle.readlink()) == wanted:
                found.add(patient.text(handle.parent.parent / "comm") or "?")
        except OSError:
            continue
    return found


def fonts(patient: Patient) -> Iterator[Finding]:
    """Whether the configured language can be shown."""
    import pygame

    from device.screen import theme

    code = patient.config.screen.language
    was_open = pygame.font.get_init()
    pygame.font.init()
    try:
        face = theme.face_of(code)
    finally:
        if not was_open:
            theme.forget_fonts()
            pygame.font.quit()
    if face is None:
        advice = "sudo apt install fonts-wqy-microhei (others: docs/configuration.md)"
        detail = f"none has the letters of {LANGUAGES[code]}: English is shown"
        yield Finding(Level.WARNING, "fonts", detail, advice)
    else:
        yield Finding(Level.GOOD, "fonts", f"{LANGUAGES[code]}: {face[0].name}")


def panels(patient: Patient) -> list[tuple[str, bool, Path]]:
    """The touch panels: name, whether they tell several fingers apart, and device file."""
    return [(one.name, one.several, one.node) for one in pointers(patient.root) if one.is_panel]


def touch(patient: Patient) -> Iterator[Finding]:
    """The touch panels, and whether this user may read them."""
    found = panels(patient)
    if not found:
        advice = "check its cable; a mouse draws as well"
        yield Finding(Level.WARNING, "touch", "no touch panel found", advice)
    for name, several, node in found:
        kind = "multitouch" if several else "one finger"
        if patient.may(node, os.R_OK):
            detail = f"{name} ({kind}); `inkling doctor --touch` measures it"
            yield Finding(Level.GOOD, "touch", detail)
        else:
            advice = "sudo usermod -aG input $USER, then log in again"
            yield Finding(Level.BROKEN, "touch", f"no permission to read {name}", advice)


def gpio(patient: Patient) -> Iterator[Finding]:
    """The GPIO chip, and which library drives it."""
    from device.lights import NAMES, open_factory

    lights = patient.config.lights
    if not lights.enabled:
        yield Finding(Level.GOOD, "lights", "switched off in the configuration")
        return
    chips = patient.glob("dev/gpiochip*")
    closed = [chip for chip in chips if not patient.may(chip, os.R_OK | os.W_OK)]
    if chips and len(closed) == len(chips):
        advice = "sudo usermod -aG gpio $USER, then log in again"
        detail = f"no permission to use {closed[0].name}; shown on screen only"
        yield Finding(Level.WARNING, "lights", detail, advice)
        return
    factory, name, reason = open_factory()
    factory.close()
    pins = ", ".join(
        f"{light} GPIO {getattr(lights, light)}" for light in NAMES if getattr(lights, light) >= 0
    )
    if reason is None:
        yield Finding(Level.GOOD, "lights", f"{name}: {pins}")
        return
    there = f"{', '.join(chip.name for chip in chips)}; " if chips else "no GPIO chip; "
    advice = "on a Raspberry Pi: sudo apt install python3-lgpio"
    yield Finding(Level.WARNING, "lights", f"shown on screen only: {there}{reason}", advice)


def coral(patient: Patient) -> Iterator[Finding]:
    """The Edge TPU: plugged in, allowed, driven, with a model, and answering rightly."""
    choice = patient.config.model.accelerator
    if choice == "cpu":
        yield Finding(Level.GOOD, "coral", "not asked: model.accelerator is cpu")
        return
    found = corals(patient.root)
    if not found:
        level = Level.GOOD if choice == "auto" else Level.WARNING
        yield Finding(level, "coral", "none is plugged in: the CPU reads", "plug it in")
        return
    where = ", ".join(f"{one.kind} {one.node.name}" for one in found)
    if not any(patient.may(one.node, os.R_OK | os.W_OK) for one in found):
        advice = "install the udev rule (sudo make install), add the user to plugdev, plug it anew"
        yield Finding(Level.WARNING, "coral", f"no permission to use it ({where})", advice)
        return
    if not patient.has_library(patient.edge_tpu_library):
        detail = f"{where}, but {patient.edge_tpu_library} is not installed"
        advice = "install libedgetpu1-std, see docs/hardware.md"
        yield Finding(Level.WARNING, "coral", detail, advice)
        return
    try:
        library = patient.library()
        names = list(library.compiled)
        if not names:
            advice = "python -m firmware_tools edgetpu MODEL.tflite compiles one"
            detail = f"{where}, but no model here is compiled for it"
            yield Finding(Level.WARNING, "coral", detail, advice)
            return
        tried(library, patient.edge_tpu_library)
    except InklingError as error:
        advice = "a service that runs holds it: stop that and look again; else see docs/hardware.md"
        yield Finding(Level.WARNING, "coral", f"{where}: {error}", advice)
        return
    yield Finding(Level.GOOD, "coral", f"{where}: {', '.join(names)} passed the self-test on it")


def tried(library: Library, driver: str) -> None:
    """Run every model that is compiled for it on the Edge TPU, and compare with golden answers.

    Raises:
        InklingError: it cannot be had, or answers otherwise.
    """
    library.edge_tpu = edge_tpu = EdgeTpu(library.compiled, False, driver, lambda: True)
    try:
        for name in library.compiled:
            network = library.open(name)
            if edge_tpu.is_up(name, START_SECONDS):
                self_test(library, name)
                network.run_raw(np.zeros((SIDE, SIDE), np.uint8))
            if network.accelerator != EDGE_TPU:
                raise InklingError(edge_tpu.reason or f"{name} does not run on it")
    finally:
        edge_tpu.close()
        library.edge_tpu = None
