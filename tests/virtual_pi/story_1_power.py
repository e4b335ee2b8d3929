"""Power on: the kiosk comes by itself, and nothing complains."""

from __future__ import annotations

import pytest

from virtual_pi.visit import Visit

pytestmark = pytest.mark.short

SLOW = "Timed out waiting for device dev-dri-card0.device"
"""The kiosk waits ten seconds for its screen; on a busy host the emulated kernel may need longer to
find it. It is there before the kiosk looks for it."""


def test_power_on_leads_to_the_main_screen(pi: Visit) -> None:
    """By itself, over other pictures; all of them are kept."""
    assert len(pi.way) > 1, "it was there at once"
    assert str(pi.seen()) == "blank"


def test_systemd_says_that_the_kiosk_is_ready_and_how_it_is(pi: Visit) -> None:
    state = pi.machine.unit("ActiveState", "SubState", "StatusText", "NRestarts")
    assert state == {
        "ActiveState": "active", "SubState": "running", "StatusText": "blank", "NRestarts": "0",
    }  # fmt: skip


def test_no_unit_has_failed(pi: Visit) -> None:
    assert pi.machine.ssh("systemctl --failed --no-legend --plain") == ""


def test_the_journal_has_no_error_of_ours_and_no_traceback(pi: Visit) -> None:
    own = pi.machine.ssh("journalctl -b -u 'inkling*' -o cat --no-pager")
    assert "Traceback" not in own
    assert not [line for line in own.splitlines() if line.startswith(("ERROR", "WARNING"))]
    errors = pi.machine.ssh("journalctl -b -p err -o cat --no-pager -q").splitlines()
    assert [line for line in errors if not line.startswith(SLOW)] == []


def test_the_lights_are_driven_by_lgpio_on_a_pi(pi: Visit) -> None:
    if not pi.lit:
        pytest.skip("there is no lgpio for this system")
    assert "lights: driven by lgpio" in pi.machine.ssh("journalctl -b -u inkling -o cat --no-pager")
    assert pi.machine.lit() == "none"


def test_the_kiosk_has_the_screen_by_kms(pi: Visit) -> None:
    said = pi.machine.ssh("journalctl -b -u inkling -o cat --no-pager")
    assert "screen: 1024x600 through KMSDRM" in said


def test_the_doctor_finds_nothing_broken(pi: Visit) -> None:
    """What is worth a look is said in the output; only what is broken counts here."""
    said = pi.machine.ssh("runuser -u inkling -- inkling doctor; echo status $?", must=False)
    (pi.pictures / "doctor.txt").write_text(said + "\n")
    assert said.endswith("status 0"), said
