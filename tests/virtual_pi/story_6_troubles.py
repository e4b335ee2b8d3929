"""What happens to devices in their places: something is full, missing, late or mounted wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest

from device.reading import Verdict
from device.session import digits
from virtual_pi.conftest import Boot
from virtual_pi.emulator import Box
from virtual_pi.host import VirtualPiError, tell
from virtual_pi.looks import Seen
from virtual_pi.machine import Machine
from virtual_pi.teacher import Teacher
from virtual_pi.visit import Visit

OPENED = (
    "node=$(grep -i -A5 multitouch /proc/bus/input/devices | grep -o 'event[0-9]*')"
    ' && ls -l /proc/$(systemctl show -P MainPID inkling)/fd | grep -q "/dev/input/$node$"'
)
"""Whether the kiosk reads the touch panel."""

THREE = Seen(Verdict.ACCEPTED, 3)


def journal(machine: Machine) -> str:
    """What the kiosk has said since the power came."""
    return machine.ssh("journalctl -b -u inkling -o cat --no-pager")


def test_a_full_disk_stops_the_keeping_and_not_the_kiosk(boot: Boot) -> None:
    with boot("full-disk") as visit:
        machine = visit.machine
        machine.ssh("runuser -u inkling -- dd if=/dev/zero of=/var/lib/inkling/filler bs=1M"
                    " 2>/dev/null; df /")  # fmt: skip
        visit.draw(digits()[3].ink, THREE)
        teacher = Teacher(visit)
        teacher.enter()
        with pytest.raises(VirtualPiError, match="a drawing more"):
            teacher.teach(digits()[4].ink, "4")
        visit.keep("while-teaching")
        assert machine.unit("ActiveState", "NRestarts") == {
            "ActiveState": "active", "NRestarts": "0",
        }  # fmt: skip
        assert "Traceback" not in journal(machine)
        machine.ssh("rm /var/lib/inkling/filler; systemctl restart inkling")
        machine.active()
        visit.expect(Seen(Verdict.BLANK))
        again = Teacher(visit)
        again.enter()
        again.teach(digits()[4].ink, "4")
        assert again.kept == 1


def test_a_read_only_root_is_enough_for_the_kiosk(boot: Boot) -> None:
    with boot("read-only", ready=False) as visit:
        machine = visit.machine
        machine.on()
        machine.reachable()
        machine.ssh("sed -i 's/defaults/ro/' /etc/fstab; sync")
        machine.off()
        visit.power_on()
        assert machine.ssh("findmnt -n -o OPTIONS /").startswith("ro")
        visit.draw(digits()[3].ink, THREE)
        teacher = Teacher(visit)
        teacher.enter()
        with pytest.raises(VirtualPiError, match="a drawing more"):
            teacher.teach(digits()[4].ink, "4")
        visit.keep("while-teaching")
        assert machine.unit("NRestarts")["NRestarts"] == "0"
        assert "Traceback" not in journal(machine)


def test_one_writable_partition_beside_it_keeps_the_drawings(boot: Boot, tmp_path: Path) -> None:
    """Set up as docs/operate.md has it."""
    stick = tmp_path / "stick.img"
    tell("mke2fs", "-q", "-t", "ext4", "-L", "inkling-data", stick, "64M")
    with boot("one-writable", Box(stick=stick), ready=False) as visit:
        machine = visit.machine
        machine.on()
        machine.reachable()
        options = "defaults,noatime,nofail,x-systemd.device-timeout=10"
        machine.ssh(
            "systemctl stop inkling; sed -i 's/defaults/ro/' /etc/fstab"
            f" && echo 'LABEL=inkling-data /var/lib/inkling ext4 {options} 0 2' >>/etc/fstab"
            " && systemctl daemon-reload && mount /var/lib/inkling"
            " && chown inkling:inkling /var/lib/inkling && sync"
        )
        machine.off()
        visit.power_on()
        assert machine.ssh("findmnt -n -o OPTIONS /").startswith("ro")
        teacher = Teacher(visit)
        teacher.enter()
        teacher.teach(digits()[4].ink, "4")
        machine.cut()
        visit.power_on()
        said = machine.ssh(
            "runuser -u inkling -- env STATE_DIRECTORY=/var/lib/inkling inkling samples"
        )
        assert "together            1" in said


def test_without_a_gpio_chip_the_screen_shows_the_lights(boot: Boot) -> None:
    with boot("no-gpio", Box(gpio=False), ready=False) as visit:
        machine = visit.machine
        visit.power_on()
        visit.draw(digits()[3].ink, THREE)
        visit.keep("accepted")
        assert "lights: mock pins, shown on screen only" in journal(machine)
        assert machine.unit("NRestarts")["NRestarts"] == "0"


def test_a_touch_panel_that_is_plugged_in_later_works(boot: Boot) -> None:
    with boot("late-touch", Box(touch=False)) as visit:
        visit.keep("before")
        visit.machine.plug_in_touch()
        # The kernel, then udev, then the kiosk takes notice of it.
        visit.machine.until(lambda: visit.machine.ssh(f"{OPENED} && echo there", must=False),
                            "the touch panel in the kiosk's hands", 1.0, 120)  # fmt: skip
        visit.draw(digits()[3].ink, THREE)
        visit.keep("after")
        assert visit.machine.unit("NRestarts")["NRestarts"] == "0"


@pytest.mark.parametrize("rotation", [180, 90, 270])
def test_a_panel_that_is_mounted_otherwise_is_corrected_in_the_configuration(
    boot: Boot, rotation: int
) -> None:
    with boot(f"rotation-{rotation}") as before:
        machine = before.machine
        machine.put(f"[screen]\nrotation = {rotation}\n".encode(), "/etc/inkling/inkling.toml")
        machine.ssh("systemctl restart inkling")
        visit = Visit(machine, before.pictures, before.name, rotation, before.lit)
        visit.until(lambda seen: seen is not None, "the turned picture")
        visit.draw(digits()[3].ink, THREE)
        visit.keep("upright")
        machine.picture("as-the-panel-is").save(visit.pictures / f"{visit.name}-panel.png")


def test_a_clock_that_begins_in_1970_stops_nothing(boot: Boot) -> None:
    with boot("in-1970", Box(rtc="1970-01-01")) as visit:
        machine = visit.machine
        machine.ssh("date -s @60 && systemctl restart inkling")
        machine.active()
        assert machine.ssh("date +%Y") == "1970"
        visit.expect(Seen(Verdict.BLANK))
        visit.draw(digits()[3].ink, THREE)
        # The clock is put right while it runs.
        machine.ssh("date -s 2030-01-01")
        visit.draw(digits()[4].ink, Seen(Verdict.ACCEPTED, 4))
        teacher = Teacher(visit)
        teacher.enter()
        teacher.teach(digits()[4].ink, "4")
        assert machine.unit("NRestarts")["NRestarts"] == "0"
        assert "Traceback" not in journal(machine)
