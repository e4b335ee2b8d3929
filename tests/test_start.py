"""A start without the garbage collector, and with it again afterwards."""

from __future__ import annotations

import gc

import pytest

from device import cli, start


def test_garbage_is_not_collected_between_begin_and_done() -> None:
    frozen = gc.get_freeze_count()
    try:
        start.begin()
        assert not gc.isenabled()
        start.done()
        assert gc.isenabled()
        assert gc.get_freeze_count() > frozen
    finally:
        gc.unfreeze()
        gc.enable()


def test_a_second_done_changes_nothing() -> None:
    frozen = gc.get_freeze_count()
    start.done()
    assert gc.isenabled()
    assert gc.get_freeze_count() == frozen


@pytest.mark.parametrize("command", ["run", "headless"])
def test_a_service_that_cannot_start_leaves_the_collector_on(command: str) -> None:
    frozen = gc.get_freeze_count()
    try:
        assert cli.main([command, "--config", "/there/is/none.toml"]) == 1
        assert gc.isenabled()
    finally:
        if not frozen:
            gc.unfreeze()
