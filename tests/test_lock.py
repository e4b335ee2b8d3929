"""The PIN can be guessed five times, then not for half a minute."""

import pytest

from device.lock import MOST_WRONG, PAUSE, PinLock


def wrong(lock, now, times):
    for _ in range(times):
        assert not lock.opens("2468", "1111", now)


def test_the_pin_opens_it_and_nothing_else_does():
    lock = PinLock()
    assert not lock.opens("2468", "2469", 0)
    assert not lock.opens("2468", "246", 0)
    assert lock.opens("2468", "2468", 0)


def test_after_five_wrong_ones_even_the_right_one_waits():
    lock = PinLock()
    wrong(lock, 10, MOST_WRONG - 1)
    assert lock.waits(10) == 0
    wrong(lock, 10, 1)
    assert lock.waits(10) == PAUSE
    assert not lock.opens("2468", "2468", 10 + PAUSE - 0.1)
    assert lock.waits(20) == pytest.approx(PAUSE - 10)
    assert lock.opens("2468", "2468", 10 + PAUSE)


def test_after_the_pause_there_are_five_more():
    lock = PinLock()
    wrong(lock, 0, MOST_WRONG)
    wrong(lock, PAUSE, MOST_WRONG - 1)
    assert lock.waits(PAUSE) == 0
    wrong(lock, PAUSE, 1)
    assert lock.waits(PAUSE) == PAUSE


def test_what_is_typed_during_the_pause_does_not_count():
    lock = PinLock()
    wrong(lock, 0, MOST_WRONG)
    wrong(lock, 1, 50)
    assert lock.waits(PAUSE) == 0


def test_the_right_one_forgives_the_wrong_ones():
    lock = PinLock()
    wrong(lock, 0, MOST_WRONG - 1)
    assert lock.opens("2468", "2468", 0)
    wrong(lock, 0, MOST_WRONG - 1)
    assert lock.waits(0) == 0
