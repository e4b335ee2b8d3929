"""Events are answered in turn, so many in one go."""

import pygame
import pytest

from device.screen import backlog as backlog_module
from device.screen.backlog import Backlog
from device.screen.sleep import sleep_under


@pytest.fixture
def backlog(monkeypatch):
    monkeypatch.setattr(backlog_module, "MOST_EVENTS", 3)
    pygame.display.init()
    pygame.event.clear()
    sleep = sleep_under("dummy")
    yield Backlog(sleep)
    sleep.close()
    pygame.display.quit()


def post(*numbers):
    for number in numbers:
        pygame.event.post(pygame.event.Event(pygame.USEREVENT, number=number))


def test_all_are_answered_in_order_so_many_at_a_time(backlog):
    post(1, 2, 3, 4, 5)
    backlog.wait(1)
    assert [event.number for event in backlog.some()] == [1, 2, 3]
    assert backlog
    post(6)
    backlog.wait(60)
    assert [event.number for event in backlog.some()] == [4, 5]
    backlog.wait(60)
    assert [event.number for event in backlog.some()] == [6]
    assert not backlog


def test_when_answering_takes_long_the_rest_comes_later(backlog, monkeypatch):
    monkeypatch.setattr(backlog_module, "MOST_WORK", -1)
    post(1, 2)
    backlog.wait(1)
    assert [event.number for event in backlog.some()] == [1]
    assert backlog


def test_nothing_comes_of_nothing(backlog):
    backlog.wait(0)
    assert list(backlog.some()) == []
