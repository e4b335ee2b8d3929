"""Disk work: in order, off the main thread, and done even when nobody waits for it."""

import threading
import time

import pytest

from device.errors import SamplesError
from device.screen.chores import EVERY, Chores, room


@pytest.fixture
def chores():
    made = Chores()
    yield made
    made.close(lambda: None)


def settle(chores):
    end = time.monotonic() + 60
    while chores.tick(time.monotonic()) is not None:
        assert time.monotonic() < end


def test_jobs_are_done_in_order_on_another_thread_and_told_on_this_one(chores):
    told, threads = [], set()

    def job(number):
        threads.add(threading.current_thread())
        return number

    def tell(number):
        assert threading.current_thread() is threading.main_thread()
        told.append(number)

    for number in range(20):
        chores.do(lambda number=number: job(number), tell, pytest.fail)
    settle(chores)
    assert told == list(range(20))
    assert len(threads) == 1
    assert threading.main_thread() not in threads


def test_nobody_waits_for_a_slow_disk(chores):
    gate, told = threading.Event(), []
    chores.do(gate.wait, told.append, pytest.fail)
    assert chores.tick(7.0) == 7.0 + EVERY
    assert (chores.busy, told) == (True, [])
    gate.set()
    settle(chores)
    assert (chores.busy, told) == (False, [True])


@pytest.mark.parametrize(
    ("error", "line"),
    [(SamplesError("the disk\n is full"), "the disk is full"), (MemoryError(), "MemoryError")],
)
def test_what_goes_wrong_is_told_in_one_line_and_the_next_job_is_done(chores, caplog, error, line):
    told = []

    def fail():
        raise error

    chores.do(fail, pytest.fail, told.append)
    chores.do(lambda: "fine", told.append, pytest.fail)
    settle(chores)
    assert told == [line, "fine"]
    assert caplog.records, "it is in the log, too"


def test_what_was_asked_for_before_the_end_is_done_and_the_last_thing_last():
    chores, gate, done, ended = Chores(), threading.Event(), [], threading.Event()
    chores.do(gate.wait, pytest.fail, pytest.fail)
    chores.do(lambda: done.append("kept"), pytest.fail, pytest.fail)
    chores.close(lambda: (done.append("closed"), ended.set()))
    gate.set()
    assert ended.wait(60)
    assert done == ["kept", "closed"]
    assert chores.tick(0.0) is None


def test_room_is_said_in_gigabytes():
    assert room(12_345_678_901) == "12.3 GB free"
