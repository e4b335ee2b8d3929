"""Signals that would end the process leave time to close what is open."""

import signal
from contextlib import closing

import pytest

from device.signals import asked_to_stop, leaving_when_asked

ENDING = [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP]


class Open:
    closed = False

    def close(self):
        self.closed = True


@pytest.mark.parametrize("number", ENDING)
def test_what_is_open_is_closed_on_the_way_out(number):
    before = signal.getsignal(number)
    made = Open()
    with pytest.raises(SystemExit) as left, leaving_when_asked(), closing(made):
        signal.raise_signal(number)
        pytest.fail("it goes on")
    assert left.value.code == 0
    assert made.closed
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("number", ENDING)
def test_who_looks_whether_to_stop_is_not_made_to_leave(number):
    with leaving_when_asked(), asked_to_stop() as asked:
        signal.raise_signal(number)
        assert asked.is_set()
