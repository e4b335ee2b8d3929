"""A start without the garbage collector, and with it again afterwards."""

from __future__ import annotations

import gc
import re
import subprocess
import sys

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


@pytest.mark.skipif(sys.platform != "linux", reason="huge pages are Linux's")
def test_once_all_is_there_memory_comes_in_small_pages() -> None:
    look = "print(open('/proc/self/status').read())"
    # A process that has none gives none to its children.
    back = "import ctypes; ctypes.CDLL(None).prctl(41, 0, 0, 0, 0)"
    code = f"from device import start; {back}; start.begin(); {look}; start.done(); {look}"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found = re.findall(r"THP_enabled:\s+(\d)", said.stdout)
    if not found:
        pytest.skip("this kernel has no huge pages, or does not tell")
    assert found == ["1", "0"]


@pytest.mark.parametrize("command", ["run", "headless"])
def test_a_service_that_cannot_start_leaves_the_collector_on(command: str) -> None:
    frozen = gc.get_freeze_count()
    try:
        assert cli.main([command, "--config", "/there/is/none.toml"]) == 1
        assert gc.isenabled()
    finally:
        if not frozen:
            gc.unfreeze()
