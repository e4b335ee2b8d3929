"""The process is killed, hangs, or finds its model broken: it is back, and says what is amiss."""

from __future__ import annotations

import pytest

from device.reading import Verdict
from device.session import digits
from virtual_pi import looks
from virtual_pi.host import step
from virtual_pi.looks import Seen
from virtual_pi.visit import Visit


def process(visit: Visit) -> str:
    return visit.machine.unit("MainPID")["MainPID"]


def back(visit: Visit, before: str) -> None:
    """Wait until another process is there and its kiosk is, blank and with all lights off."""
    visit.machine.until(lambda: process(visit) not in (before, "0"), "another process", 1.0)
    visit.machine.active()
    visit.expect(Seen(Verdict.BLANK))


@pytest.mark.short
def test_killed_while_it_shows_an_answer_it_is_back_and_blank(pi: Visit) -> None:
    pi.draw(digits()[3].ink, Seen(Verdict.ACCEPTED, 3))
    before, restarts = process(pi), int(pi.machine.unit("NRestarts")["NRestarts"])
    pi.machine.ssh(f"kill -9 {before}")
    with step("killed, until the kiosk is back"):
        back(pi, before)
    pi.keep("after-kill")
    pi.draw(digits()[4].ink, Seen(Verdict.ACCEPTED, 4))
    assert int(pi.machine.unit("NRestarts")["NRestarts"]) == restarts + 1


@pytest.mark.short
def test_the_watchdog_ends_a_process_that_hangs(pi: Visit) -> None:
    """It is stopped from outside: nothing in it runs, and the light stays as it was meanwhile."""
    pi.draw(digits()[5].ink, Seen(Verdict.ACCEPTED, 5))
    before = process(pi)
    pi.machine.ssh(f"kill -STOP {before}")
    with step("stopped, until the watchdog has brought another kiosk"):
        back(pi, before)
    said = pi.machine.ssh("journalctl -b -u inkling -o cat --no-pager")
    assert "Watchdog timeout" in said
    pi.draw(digits()[6].ink, Seen(Verdict.ACCEPTED, 6))


def test_a_model_that_is_damaged_is_replaced_and_the_screen_says_so(pi: Visit) -> None:
    machine = pi.machine
    models = machine.ssh("dirname $(find /opt/inkling/current/ -name models.toml | head -1)")
    model = f"{models}/inkling.tflite"
    machine.ssh(f"cp {model} /root/whole && truncate -s 100000 {model}")
    try:
        before = process(pi)
        machine.ssh("systemctl restart inkling")
        back(pi, before)
        pi.keep("a-damaged-model")
        said = machine.ssh("journalctl -b -u inkling -o cat --no-pager -n 30")
        assert "inkling.tflite" in said or "inkling" in said
        assert "Traceback" not in said
        pi.draw(digits()[3].ink, Seen(Verdict.ACCEPTED, 3))
        pi.keep("read-by-another-model")
    finally:
        machine.ssh(f"cp /root/whole {model} && systemctl restart inkling")
        machine.active()


def test_killed_again_and_again_it_is_out_of_order_and_the_red_light_blinks(pi: Visit) -> None:
    machine = pi.machine
    machine.ssh("systemctl reset-failed inkling; systemctl restart inkling")
    machine.active()
    with step("killed until it is out of order"):
        machine.ssh(
            "until systemctl -q is-active inkling-out-of-order; do"
            " systemctl -q is-active inkling && systemctl kill -s KILL inkling; sleep 1; done"
        )
    levels: set[str] = set()

    def blinks() -> bool:
        levels.add(machine.lit())
        return {"reject", "none"} <= levels

    machine.until(blinks, "a blinking red light", 0.2, 120)
    machine.until(lambda: looks.is_out_of_order(pi.look()), "the sign on the screen", 1.0)
    pi.keep("out-of-order")
    machine.ssh("systemctl reset-failed inkling && systemctl start inkling")
    machine.active()
    pi.expect(Seen(Verdict.BLANK))
