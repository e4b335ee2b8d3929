"""The fault injection: it sees what is lost, and the product loses nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from device.errors import InklingError
from device.ink import Ink
from device.samples import FILE, Samples
from device.session import digits
from firmware_tools import cli
from firmware_tools.reliability import damage, devices, findings, kills, mounts, visitors
from firmware_tools.reliability.findings import Finding
from firmware_tools.reliability.processes import BrokenPromise, Kept, Place
from firmware_tools.reliability.trial import Journal, crc_of

INK = digits()[3].ink


@pytest.fixture
def here(tmp_path):
    return Place(tmp_path)


def told(here, *lines):
    journal = Journal(here.folder / "journal")
    for line in lines:
        journal.tell(*line)


def taught(here, *labels):
    with Samples(here.state) as samples:
        for label in labels:
            samples.add(INK, label)


BEGUN = ["begin", "add", ["3", crc_of(INK)]]
DONE = ["done", "add", 1]


def test_what_was_acknowledged_must_be_there(here):
    told(here, BEGUN, DONE)
    with pytest.raises(BrokenPromise, match="acknowledged"):
        here.kept(Kept())
    taught(here, "3")
    assert here.kept(Kept()).alive == {1: ("3", crc_of(INK))}


def test_what_was_on_its_way_may_be_there_or_not(here):
    told(here, BEGUN)
    assert here.kept(Kept()) == Kept()
    taught(here, "3")
    assert here.kept(Kept()).last == 1


def test_what_nobody_has_drawn_must_not_be_there(here):
    taught(here, "3")
    with pytest.raises(BrokenPromise, match="acknowledged"):
        here.kept(Kept())


def test_a_drawing_that_is_another_is_no_drawing_kept(here):
    told(here, ["begin", "add", ["3", crc_of(Ink())]], DONE)
    taught(here, "3")
    with pytest.raises(BrokenPromise, match="acknowledged"):
        here.kept(Kept())


def test_damaged_lines_are_found(here):
    (here.state / FILE).write_bytes(b"rubbish\n")
    with pytest.raises(BrokenPromise, match="1 damaged"):
        here.kept(Kept())


def test_what_is_kept_follows_every_deed():
    kept = Kept().after("add", ["3", 7]).after("add", ["4", 8]).after("delete_last", None)
    assert (list(kept.alive), kept.last) == ([1], 2)
    assert kept.after("restore", None).alive == {1: ("3", 7), 2: ("4", 8)}
    assert kept.after("add", ["5", 9]).alive == {1: ("3", 7), 3: ("5", 9)}
    kept = kept.after("save_settings", {"screen.language": "de"})
    assert kept.settings == {"screen": {"language": "de"}}


def test_files_that_nobody_uses_are_found(here):
    taught(here, "3")
    (here.state / ".settings.new-abcdefgh.toml").touch()
    assert here.strays() == [".settings.new-abcdefgh.toml"]


def test_nothing_is_lost_when_it_is_killed_and_the_next_start_comes_up():
    found = list(kills.kills(1, 4))
    assert [one.times for one in found] == [4, 1]
    assert all(one.good and "lost 0" in one.outcome for one in found)


@pytest.mark.parametrize(
    ("command", "stage", "end", "expected"),
    [
        ("run", "before the display", "SIGTERM", "all pins off, ended with 0"),
        ("run", "the model loads", "SIGINT", "all pins off, ended with 0"),
        ("run", "a drawing is written", "SIGKILL", "pins as they were, off at the next start"),
        ("headless", "the model loads", "error", "all pins off, ended with 1"),
        ("headless", "in Clear", "SIGKILL", "pins as they were, off at the next start"),
    ],
)
def test_a_process_that_ends_leaves_its_pins_off_and_its_state_whole(command, stage, end, expected):
    assert kills.ended_at(command, stage, end, 1).startswith(expected)


def test_damaged_files_degrade_one_thing_or_are_refused_in_one_line():
    found = list(damage.damage(1, 20))
    assert all(one.good for one in found)
    assert sum(one.times for one in found) > 150


def test_pins_and_panels_that_go_do_not_stop_the_kiosk():
    assert all(one.good for one in devices.devices(1, 13))


@pytest.mark.skipif(not mounts.possible(), reason="nothing can be mounted here")
def test_full_and_read_only_disks_do_not_stop_the_kiosk():
    found = list(mounts.disks(1, 1))
    assert len(found) == 3 and all(one.good for one in found)


def test_nothing_grows_with_use():
    words = ["reliability", "soak", "--times", "300"]
    done = subprocess.run(
        [sys.executable, "-m", "firmware_tools", *words],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("memory in use") == 3


def test_a_drawing_is_touched_as_a_finger_would():
    made = list(visitors.touches(INK, 40))
    assert len(made) >= 40 * len(INK.strokes)
    assert made[0][1:] == tuple(INK.strokes[0].xy[0])
    assert made[-1][1:] == tuple(INK.strokes[-1].xy[-1])


def test_findings_take_the_place_of_those_before(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- reliability kills -->\nold\n<!-- end -->\nb\n<!-- end -->\n")
    findings.enter(
        "kills", [Finding("kill", 3, "nothing"), Finding("x", 1, "y", False)], "--seed 5", page
    )
    text = page.read_text()
    assert "old" not in text and text.startswith("a\n") and text.endswith("b\n<!-- end -->\n")
    assert "| kill | 3 | nothing |" in text and "**not as promised:** x" in text
    assert "reliability kills --seed 5 --write" in text
    with pytest.raises(InklingError, match="no <!-- reliability ends -->"):
        findings.enter("ends", [], "--seed 5", page)


def test_a_promise_that_is_not_kept_is_one_line_and_a_status(monkeypatch, capsys):
    from firmware_tools.reliability import command

    def broken(seed, times):
        yield Finding("fault", times, "came")
        raise BrokenPromise("a drawing is lost")

    monkeypatch.setitem(command.PARTS, "kills", command.PARTS["kills"]._replace(run=broken))
    assert cli.main(["reliability", "kills", "--times", "2"]) == 1
    assert (
        capsys.readouterr().err.splitlines()[-1] == "firmware_tools reliability: a drawing is lost"
    )


def test_the_page_has_a_place_for_every_part():
    from firmware_tools.reliability.command import PARTS

    page = findings.PAGE.read_text()
    assert all(f"<!-- reliability {part} -->" in page for part in PARTS)
