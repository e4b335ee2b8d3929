"""A turn of each of those that are compared: started, drawn on, left alone, and ended."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass

from device.session import digits
from firmware_tools.comparison.candidates import Candidate, Readings
from firmware_tools.comparison.desktop import Desktop, Strokes, until
from firmware_tools.comparison.processes import ComparisonError, Running, Usage, running

TOUCH: Strokes = [[(0.5, 0.25, 0.0), (0.5, 0.5, 0.016), (0.5, 0.75, 0.033)]]
"""What is drawn to get a first answer: so short that its own time does not count."""

REST = 3.0
"""Seconds in which a program comes to rest, before it is looked at."""

LOOK, BLANK = 0.7, 0.3
"""Seconds for which an answer is looked at, and after Clear."""

RIGHT = 0.9
"""The share of the bundled digits that must be read as they are meant: else something is measured
that does not work."""


@dataclass(frozen=True)
class Turn:
    """What was measured of one that is compared: values by the keys of
    :data:`firmware_tools.comparison.report.MEASURES`, and readings by what they were read with."""

    values: Mapping[str, float]
    readings: Mapping[str, Readings]


def turn(one: Candidate, desktop: Desktop, idle: float, count: int) -> Turn:
    """Start one, measure all there is to measure, and end it.

    Args:
        one: what is measured.
        desktop: where; nothing else is on it.
        idle: seconds for which nobody does anything.
        count: readings that are timed.

    Raises:
        ComparisonError: it does not start, or does not answer.
    """
    values: dict[str, float] = {}
    readings: Mapping[str, Readings] = {}
    environment = {**desktop.environment, **one.environment}
    with running(one.command, environment) as program:
        values |= _start(one, desktop, program)
        if one.kind != "window":
            time.sleep(REST)
            values["drawing"] = _drawing(one, desktop, program)
        time.sleep(REST)
        values["idle"], values["wakeups"] = _idle(program, idle)
        values["memory"] = program.memory()
        if one.kind == "server" and one.readings is not None:
            readings = one.readings(count)
    until(lambda: not desktop.lit, "blank screen", lambda: None)
    if one.kind == "kiosk" and one.readings is not None:
        readings = one.readings(count)
    for found in readings.values():
        if found.right < RIGHT:
            raise ComparisonError(
                f"it reads only {found.right:.0%} of the digits as they are meant"
            )
    return Turn(values, readings)


def _start(one: Candidate, desktop: Desktop, program: Running) -> dict[str, float]:
    """Seconds to the first picture and to the first answer, as far as there are such, and what
    they took of the processor."""
    found = {}
    nothing = Usage({}, {})
    if one.kind != "server":
        came = until(lambda: desktop.lit, "window", program.check)
        found["shown"] = came - program.started
        came = until(lambda: desktop.framed, "picture", program.check)
        found["picture"] = came - program.started
        found["picture_work"], _ = program.usage().since(nothing)
    if one.kind == "kiosk":
        before = desktop.answer()
        with desktop.drawing(TOUCH):
            came = _answered(desktop, before, program)
    if one.kind == "server":
        came = until(lambda: _reads(one, 0) is not None, "answer", program.check)
    if one.kind != "window":
        found["answer"] = came - program.started
        found["answer_work"], _ = program.usage().since(nothing)
    if one.kind == "kiosk":
        _clear(desktop, before, program)
    return found


def _answered(desktop: Desktop, before: bytes, program: Running) -> float:
    """The moment at which another answer shows than before."""
    return until(lambda: desktop.answer() != before, "answer", program.check)


def _clear(desktop: Desktop, blank: bytes, program: Running) -> None:
    """Look at the answer, touch Clear, and see that it has gone."""
    time.sleep(LOOK)
    desktop.clear()
    until(lambda: desktop.answer() == blank, "blank canvas", program.check)


def _reads(one: Candidate, number: int) -> int | None:
    """The server's answer; None while it is not there."""
    try:
        return one.read(number) if one.read is not None else None
    except (OSError, http.client.HTTPException):
        return None


def _drawing(one: Candidate, desktop: Desktop, program: Running) -> float:
    """Percent of a core that a program takes while the bundled digits are drawn as the hand drew
    them; a server gets each when it is finished.

    Raises:
        ComparisonError: a drawing gets no answer.
    """
    before, started = program.usage(), time.monotonic()
    for number, drawing in enumerate(digits()):
        strokes = drawing.ink.to_json()["strokes"]
        if one.kind == "kiosk":
            blank = desktop.answer()
            desktop.draw(strokes)
            _answered(desktop, blank, program)
            _clear(desktop, blank, program)
        else:
            time.sleep(_duration(strokes))
            if _reads(one, number) is None:
                raise ComparisonError("a drawing gets no answer")
            time.sleep(LOOK)
        time.sleep(BLANK)
    seconds, _ = program.usage().since(before)
    return 100 * seconds / (time.monotonic() - started)


def _duration(strokes: Strokes) -> float:
    """Seconds from the first to the last point."""
    return strokes[-1][-1][2] - strokes[0][0][2]


def _idle(program: Running, seconds: float) -> tuple[float, float]:
    """Percent of a core, and wake-ups a second, while nobody does anything."""
    before, started = program.usage(), time.monotonic()
    time.sleep(seconds)
    taken, waits = program.usage().since(before)
    passed = time.monotonic() - started
    return 100 * taken / passed, waits / passed
