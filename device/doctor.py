"""``inkling doctor``: what works on this machine, what does not, and what to do about it."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TextIO

from device import __version__, doctor_devices, doctor_machine, doctor_touch
from device.config import Config, load_config
from device.crash import crashes
from device.errors import ConfigError, InklingError
from device.finding import Check, Finding, Level, Patient
from device.golden import self_test
from device.ink import Ink
from device.library import Library
from device.recognizer import Recognizer
from device.tflite import PACKAGES, runtime

NO_FILE = Path("/nonexistent/inkling.toml")


def engine(_: Patient) -> Iterator[Finding]:
    """The runtime that runs the models."""
    try:
        name, _interpreter = runtime()
    except InklingError as error:
        yield Finding(Level.BROKEN, "runtime", str(error), "pip install inkling brings one")
        return
    version = getattr(importlib.import_module(PACKAGES[name]), "__version__", "")
    yield Finding(Level.GOOD, "runtime", f"{name} {version}".strip())


def models(patient: Patient) -> Iterator[Finding]:
    """Every model against its golden answers, and a reading with the one that is configured."""
    try:
        found = patient.library()
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
    chosen = patient.config.model
    try:
        reading = _test_reading(Recognizer(found, chosen.name, chosen.threshold))
    except InklingError as error:
        detail, advice = str(error), "set model.name to one of `inkling models`"
        if detail in broken:
            detail = f"{chosen.name} cannot read without the model named above"
            advice = "reinstall Inkling, or set model.name to a model that is whole"
        yield Finding(Level.BROKEN, "reading", detail, advice)
        return
    if not broken:
        count = len(found.names)
        yield Finding(Level.GOOD, "models", f"{count} in {found.folder}, self-test passed")
    yield reading


def _test_reading(recognizer: Recognizer) -> Finding:
    """Build an interpreter and run it: an import alone can succeed where a reading fails."""
    one = Ink.of([[(0.5, 0.2), (0.49, 0.4), (0.5, 0.6), (0.5, 0.8)]])
    reading = recognizer.read(one)
    detail = f"{reading.model} reads a drawn 1 as {reading.digit} in {reading.milliseconds:.1f} ms"
    level = Level.GOOD if reading.digit == 1 else Level.BROKEN
    return Finding(level, "reading", detail, "the model is not what it should be")


SELF_TEST: tuple[tuple[str, Check], ...] = (("runtime", engine), ("models", models))
"""What an installation must pass before it takes the old one's place."""

CHECKS: tuple[tuple[str, Check], ...] = (
    ("system", doctor_machine.system),
    ("user", doctor_machine.user),
    ("power", doctor_machine.power),
    ("temperature", doctor_machine.temperature),
    ("storage", doctor_machine.storage),
    ("clock", doctor_machine.clock),
    *SELF_TEST,
    ("coral", doctor_devices.coral),
    ("display", doctor_devices.display),
    ("fonts", doctor_devices.fonts),
    ("touch", doctor_devices.touch),
    ("lights", doctor_devices.gpio),
    ("service", doctor_machine.service),
    ("last crash", doctor_machine.crash),
)
"""What is looked at, in this order."""

TOUCH: tuple[tuple[str, Check], ...] = (("touch", doctor_touch.measure),)


def examine(patient: Patient, checks: Iterable[tuple[str, Check]] = CHECKS) -> Iterator[Finding]:
    """Every check in turn; a check that fails does not stop the next one."""
    for name, check in checks:
        try:
            yield from check(patient)
        except Exception as error:  # whatever it is: somebody waits for the rest
            detail = f"the check failed: {type(error).__name__}: {' '.join(str(error).split())}"
            yield Finding(Level.BROKEN, name, detail, "please report this")


def run(
    configuration: Callable[[], Config],
    library: Callable[[], Library],
    checks: Iterable[tuple[str, Check]] = CHECKS,
    as_json: bool = False,
    out: TextIO | None = None,
) -> int:
    """Examine this machine and say what is found; returns 1 when something is broken, else 0.

    Args:
        configuration: loads the configuration. Where that fails, it is a finding, and the rest is
            looked at with the defaults.
        as_json: one JSON object instead of lines for people.
        out: where it is written; None for standard output.
    """
    out = out or sys.stdout
    findings: list[Finding] = []

    def found() -> Iterator[Finding]:
        try:
            config = configuration()
        except ConfigError as error:
            yield Finding(
                Level.BROKEN, "config", str(error), "mend it; meanwhile the defaults hold"
            )
            config = load_config(None, None, NO_FILE)
        yield from examine(Patient(config, library), checks)

    for finding in found():
        findings.append(finding)
        if not as_json:
            print(finding.shown(out.encoding or "ascii"), file=out, flush=True)
    broken = any(finding.level is Level.BROKEN for finding in findings)
    if as_json:
        told = [finding.to_json() for finding in findings]
        report = {"version": __version__, "broken": broken, "findings": told}
        print(json.dumps(report, indent=1), file=out)
    return int(broken)


def print_crashes(state: Path, as_json: bool = False, out: TextIO | None = None) -> int:
    """Everything that a state folder keeps of the last fatal errors, the latest last; returns 0."""
    out = out or sys.stdout
    kept = crashes(state)
    if as_json:
        print(json.dumps([crash._asdict() for crash in kept], indent=1), file=out)
        return 0
    if not kept:
        print("no crash is kept", file=out)
    for crash in kept:
        notes = f", {crash.notes}" if crash.notes else ""
        print(f"{crash.time}, version {crash.version}, after {crash.uptime:.0f} s{notes}", file=out)
        print(crash.trace, file=out)
    return 0
