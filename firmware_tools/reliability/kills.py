"""kill -9 at random moments while somebody draws, teaches and changes settings; and every other
way to end, at every stage."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Iterator

from firmware_tools.progress import bar
from firmware_tools.reliability import traps
from firmware_tools.reliability.findings import Finding, counted
from firmware_tools.reliability.processes import BrokenPromise, Kept, Place, Running, place

STARTING = 0.2
"""The share of the kills that come before the process is ready."""

LONGEST = 3.0
"""The others come so long (seconds) after that at most."""

VISITORS = {"run": "collector", "headless": "pen"}
"""Who is there, by command."""


def kills(seed: int, times: int) -> Iterator[Finding]:
    """Kill the kiosk so often, and Inkling without a screen a quarter as often."""
    for command, count in (("run", times), ("headless", times // 4)):
        yield _killed(command, seed, count)


def _killed(command: str, seed: int, times: int) -> Finding:
    luck = random.Random(seed)
    outcomes: Counter[str] = Counter()
    kept, acknowledged, most, left_lit = Kept(), 0, 0, 0
    usual = 1.0
    with place() as here:
        for _ in bar(range(times), f"kill -9, {command}", times):
            early = luck.random() < STARTING
            moment = luck.uniform(0, usual if early else LONGEST)
            with here.start(command, VISITORS[command], luck.randrange(10**6)) as running:
                if not early:
                    usual = running.wait_ready()
                _dark_at_first(running)
                time.sleep(moment)
                running.end(signal.SIGKILL)
            outcomes["while it started" if early else "while in use"] += 1
            done = running.told("done")
            acknowledged += len(done)
            outcomes["in the middle of a write"] += len(running.told("begin")) > len(done)
            left_lit += any(pin in traps.LIGHTS for pin in here.lit)
            kept = here.kept(kept)
            most = max(most, len(here.strays()))
        with here.start(command) as running:
            running.wait_ready()
            _dark_at_first(running)
            if running.end() != 0 or here.lit:
                raise BrokenPromise("the last process does not end well")
    return Finding(
        f"`kill -9` at random moments, `inkling {command}`",
        times,
        f"the next start came up each time; acknowledged writes {acknowledged:,}, lost 0, "
        f"damaged 0; {counted(outcomes)}; lights left on {left_lit}, off again at the next "
        f"start each time; stray temporary files never more than {most}",
        most <= 1,
    )


def _dark_at_first(running: Running) -> None:
    """Whatever the process before has left on its pins, no light is on before anything is read.

    Raises:
        BrokenPromise: one is.
    """
    for _, states in running.told("first step"):
        if any(states):
            raise BrokenPromise(f"lights on before anything was read: {states}")


def ends(seed: int, times: int) -> Iterator[Finding]:
    """Every way to end at every stage, each so often."""
    for command, stages in traps.STAGES.items():
        for end in traps.ENDS:
            outcomes: Counter[str] = Counter()
            for stage in bar(stages, f"{end}, {command}", len(stages)):
                for turn in range(times):
                    outcomes[ended_at(command, stage, end, seed + turn)] += 1
            yield Finding(
                f"{end} at {len(stages)} stages of `inkling {command}`",
                len(stages) * times,
                f"{counted(outcomes)}; the state was whole and the next start came up each time",
            )


def ended_at(command: str, stage: str, end: str, seed: int) -> str:
    """Let the end come at a stage; returns what came of it.

    Raises:
        BrokenPromise: lights stay on, or what was acknowledged is lost.
    """
    with place() as here:
        with here.start(command, VISITORS[command], seed, f"{stage}:{end}") as running:
            if stage == traps.CLOSING:
                running.wait(lambda: bool(running.told("first step")), "the first step")
                running.process.send_signal(signal.SIGTERM)
            running.wait(lambda: bool(running.told("trap")), f"the trap {stage!r}")
            status = _settled(running, end)
            if end == "SIGKILL":
                result = f"pins as they were, off at the next start ({status})"
            elif here.lit:
                raise BrokenPromise(f"{command}, {stage}, {end}: pins {here.lit} are left on")
            else:
                result = f"all pins off, {status}"
        here.kept(Kept())
        _comes_up(here, command)
    return result


def _settled(running: Running, end: str) -> str:
    """What the process does once the trap has snapped: it ends, or it goes on after an error and
    is ended."""
    if end != "error":
        return f"ended with {running.ended()}"
    seen = len(running.told("done"))
    ended = running.process.poll
    running.wait(lambda: ended() is not None or len(running.told("done")) > seen, "the end")
    if ended() is None:
        return f"went on, then ended with {running.end()}"
    return f"ended with {ended()}"


def _comes_up(here: Place, command: str) -> None:
    with here.start(command) as running:
        running.wait_ready()
        _dark_at_first(running)
        if running.end() != 0 or here.lit:
            raise BrokenPromise(f"{command}: the next process does not end well")
