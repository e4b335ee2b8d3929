"""Programs that are measured from outside: how far they have come, and what they take."""

import os
import sys
import threading

import pytest
from kiosks import settings

from device.bench import idle, memory, start
from device.bench.measure import Bench
from device.bench.processes import (
    READY,
    SHOWN,
    Moment,
    Program,
    processor_seconds,
    programs,
    resident,
    wakeups,
)
from device.errors import InklingError

TELLS = """
import os, socket, sys, time
print("INFO screen: 800x480 through dummy", file=sys.stderr, flush=True)
sum(range(1_000_000))
end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
end.sendto(b"STATUS=blank", os.environ["NOTIFY_SOCKET"])
end.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
while True:
    print("INFO accepted 3, from the socket", file=sys.stderr, flush=True)
    os.write(1, b"x")
"""


@pytest.fixture
def program(tmp_path):
    def run(text):
        return Program([sys.executable, "-c", text], os.environ, tmp_path)

    return run


def test_a_program_tells_how_far_it_has_come(program):
    with program(TELLS) as told:
        moments = told.wait_for(SHOWN, READY)
        assert list(moments) == [SHOWN, READY]
        shown, ready = moments.values()
        assert 0 < shown.processor < ready.processor
        assert shown.clock < ready.clock
        assert resident(told.pid) > 1


def test_a_program_that_ends_is_told_with_its_last_words(program):
    with (
        program("import sys; sys.exit('inkling: no model is whole')") as told,
        pytest.raises(InklingError, match="inkling: no model is whole"),
    ):
        told.wait_for(READY)


def test_who_sleeps_is_woken_and_who_works_takes_time():
    pid = os.getpid()
    woken, worked = wakeups(pid), processor_seconds(pid)
    for _ in range(20):
        threading.Event().wait(0.001)
    assert wakeups(pid) >= woken + 20
    sum(range(1_000_000))
    assert processor_seconds(pid) > worked


def test_the_kiosk_and_the_bare_imports_are_started_alike():
    with programs(Bench(settings())) as started:
        with started.bare("import pygame") as bare:
            assert bare.wait_for(SHOWN)[SHOWN].clock > 0
        with started.inkling("run") as kiosk:
            assert list(kiosk.wait_for(SHOWN, READY)) == [SHOWN, READY]
            assert wakeups(kiosk.pid) > 0
        with started.inkling("headless") as headless:
            headless.wait_for(READY)
            memory._read(started, 12)


class Counted:
    """Programs that take ever longer, and grow."""

    def __init__(self):
        self.count = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def _program(self, *_):
        self.count += 1
        self.pid = self.count
        return self

    inkling = bare = _program

    def wait_for(self, *marks):
        return {mark: Moment(float(self.count), 2.0 * self.count) for mark in marks}


@pytest.fixture
def counted(monkeypatch):
    made = Counted()
    for module in (start, memory, idle):
        monkeypatch.setattr(module, "programs", lambda bench: made)
    return made


def by_name(rows):
    return {(row.what, row.where): row for row in rows}


def test_a_start_is_compared_turn_by_turn_and_the_first_is_forgotten(counted):
    found = by_name(start.rows(Bench(settings(), turns=2)))
    assert found["to the first picture", "bare window"].values == (5000, 9000)
    assert found["to the first picture", "kiosk"].values == (6000, 10000)
    ratio = found["to the first picture", "kiosk / bare window"]
    assert (ratio.unit, ratio.values) == ("×", (6 / 5, 10 / 9))
    assert found["to the first reading", "bare imports"].values == (7000, 11000)
    assert found["processor, to the first reading", "headless"].values == (16000, 24000)


def test_memory_is_compared_turn_by_turn(counted, monkeypatch):
    monkeypatch.setattr(memory, "resident", lambda pid: 10.0 * pid)
    monkeypatch.setattr(memory, "_read", lambda started: None)
    found = by_name(memory.rows(Bench(settings(), turns=1)))
    assert found["memory", "bare imports"].values == (50,)
    assert found["memory", "kiosk"].values == (70,)
    assert found["memory", "headless, 1,000 readings later"].values == (80,)
    assert found["memory", "kiosk / bare imports"].values == (70 / 50,)


def test_idle_is_looked_at_a_second_at_a_time(counted, monkeypatch):
    slept = []
    monkeypatch.setattr(idle.time, "sleep", slept.append)
    monkeypatch.setattr(idle.time, "monotonic", lambda: float(len(slept)))
    monkeypatch.setattr(idle, "wakeups", lambda pid: 3 * len(slept))
    monkeypatch.setattr(idle, "processor_seconds", lambda pid: 0.002 * len(slept))
    found = by_name(idle.rows(Bench(settings(), turns=4)))
    assert slept == [idle.REST, 1, 1, 1, 1]
    assert found["wake-ups", "kiosk"].values == (3, 3, 3, 3)
    assert found["processor, of one core", "headless"].values == (pytest.approx(0.2),)
