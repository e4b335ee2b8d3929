"""The parts of the virtual Pi that need neither QEMU nor root: its monitor's client, its board, the
finger that draws, and the eye that reads the screen."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from drawings import digit, doodle, twelve
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("packaging")
Pictures = pytest.importorskip("PIL.Image")

from virtual_pi import board, host, looks, models, places, recipe  # noqa: E402
from virtual_pi.finger import Finger, reports  # noqa: E402
from virtual_pi.machine import held_up  # noqa: E402
from virtual_pi.qmp import WIDEST, Qmp, QmpError, touch_events  # noqa: E402

from device.ink import Ink, Stroke  # noqa: E402
from device.library import Library  # noqa: E402
from device.screen.layout import arrange  # noqa: E402

TESTS = Path(__file__).parent


class Monitor:
    """A QEMU that answers from a list, and remembers what it was asked."""

    def __init__(self, path: Path, *answers: dict) -> None:
        self.asked: list[dict] = []
        self._answers = [{"return": {}}, *answers]
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self) -> None:
        with self._socket, self._socket.accept()[0] as client, client.makefile("rw") as file:
            file.write('{"QMP": {}}\n')
            file.flush()
            for answer in self._answers:
                self.asked.append(json.loads(file.readline()))
                file.write('{"event": "RTC_CHANGE"}\n' + json.dumps(answer) + "\n")
                file.flush()


@pytest.fixture
def monitor(tmp_path):
    made = []

    def make(*answers: dict) -> tuple[Monitor, Qmp]:
        made[:] = Monitor(tmp_path / "qmp", *answers), Qmp(tmp_path / "qmp")
        return made[0], made[1]

    yield make
    qemu, client = made
    client.close()
    qemu.thread.join(10)


def test_the_monitor_is_asked_and_its_events_are_passed_over(monitor):
    qemu, client = monitor({"return": {"status": "running"}})
    assert client.ask("query-status") == {"status": "running"}
    assert [said["execute"] for said in qemu.asked] == ["qmp_capabilities", "query-status"]


def test_a_refusal_says_what_was_refused(monitor):
    _, client = monitor({"error": {"class": "GenericError", "desc": "no display"}})
    with pytest.raises(QmpError, match="screendump: no display"):
        client.picture(Path("x.png"))


def test_a_monitor_that_is_gone_is_said_to_be_gone(monitor):
    _, client = monitor()
    with pytest.raises(QmpError, match="gone"):
        client.ask("query-status")


def test_memory_is_read_as_numbers(monitor):
    said = "000000009ff00000: 0x0000000008420000 0x0000000000020000\r\n"
    qemu, client = monitor({"return": said})
    assert board.outputs(client) == {17: True, 22: False, 27: False}
    assert qemu.asked[1]["arguments"] == {"command-line": "xp /2xg 0x9ff00000"}


def test_memory_that_cannot_be_read_is_no_number(monitor):
    _, client = monitor({"return": "Cannot access memory\r\n"})
    with pytest.raises(QmpError, match="Cannot access"):
        client.words(0, 1)


@pytest.mark.parametrize(
    ("lines", "lit"),
    [
        ({17: True, 27: False, 22: False, 5: True}, "accept"),
        ({17: False, 27: False, 22: False}, "none"),
        ({17: True, 27: True, 22: False}, "accept+several"),
        ({17: True, 27: False}, "no lights"),
    ],
)
def test_the_lights_by_their_lines(lines, lit):
    assert board.Pins().lit(lines) == lit


def test_the_registers_of_a_real_pi_say_which_lines_are_outputs():
    class Memory:
        def words(self, address, count, width=8):
            levels = 1 << 17 | 1 << 4
            found = {0x3F200000: [0, 1 << 21, 1 << 6 | 1 << 21], 0x3F200034: [levels]}
            assert width == 4
            return found[address][:count]

    assert board.bcm_outputs(Memory()) == {17: True, 22: False, 27: False}


def test_a_finger_that_lifts_has_no_contact_any_more():
    (end, button) = touch_events("up", 0, 0, 0)
    assert end["data"]["tracking-id"] == -1
    assert button["data"]["down"] is False


@given(st.floats(-0.5, 1.5), st.floats(-0.5, 1.5))
def test_a_finger_stays_on_the_panel(x, y):
    moves = [made["data"] for made in touch_events("move", x, y, 0)]
    assert [made["axis"] for made in moves] == ["x", "y"]
    assert all(0 <= made["value"] <= WIDEST for made in moves)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0.001, 0.2)), min_size=1),
    st.floats(20, 120),
)
def test_a_panel_reports_at_its_rate_from_the_first_point_to_the_last(steps, hertz):
    clock, points = 0.0, []
    for x, y, pause in steps:
        points.append((x, y, clock))
        clock += pause
    seen = reports(Stroke.of(points), hertz)
    assert seen[0] == pytest.approx(points[0][:2])
    assert seen[-1] == pytest.approx(points[-1][:2])
    assert len(seen) <= points[-1][2] * hertz + 3
    low, high = min(x for x, _, _ in points), max(x for x, _, _ in points)
    assert all(low - 1e-9 <= x <= high + 1e-9 for x, _ in seen)


class Panel:
    def __init__(self) -> None:
        self.touches: list[tuple[str, float, float]] = []

    def touch(self, kind, x=0.0, y=0.0, slot=0):
        self.touches.append((kind, x, y))


def test_every_stroke_begins_and_ends_on_the_paper():
    panel, layout = Panel(), arrange(1024, 600)
    Finger(panel, layout, hertz=0).draw(Ink.of([[(0, 0, 0), (1, 1, 1)], [(1, 0, 2), (0, 1, 3)]]))
    kinds = [kind for kind, _, _ in panel.touches]
    assert kinds.count("down") == kinds.count("up") == 2
    paper = layout.paper
    _, x, y = panel.touches[0]
    assert (x * 1024, y * 600) == pytest.approx((paper.x, paper.y))


def test_on_a_panel_that_is_mounted_upside_down_the_finger_is_elsewhere():
    panel, layout = Panel(), arrange(1024, 600)
    Finger(panel, layout, rotation=180, hertz=0).tap(256, 150)
    assert panel.touches[0][1:] == pytest.approx((0.75, 0.75))


@pytest.mark.parametrize("size", [(800, 480), (1024, 600)])
def test_the_eye_reads_what_the_kiosk_shows(tmp_path, size):
    """On pictures of the product's own, with its own model."""
    import pygame

    from device.config import load_config
    from device.library import Library
    from device.recognizer import Recognizer
    from device.stage import stage

    library = Library()
    config = load_config(None, {"screen": {"size": "{}x{}".format(*size)}}, tmp_path / "none")
    with stage(config, Recognizer(library, "inkling", 0.5), library) as visitor:

        def eye() -> str:
            path = tmp_path / "screen.png"
            pygame.image.save(visitor.kiosk.surface, str(path))
            with Pictures.open(path) as picture:
                return str(looks.read(picture.convert("RGB")))

        assert eye() == "blank"
        for ink, said in ((digit(3), "accepted 3"), (doodle(), "rejected"), (twelve(), "several")):
            visitor.begin()
            visitor.draw(ink)
            visitor.settle()
            assert eye().startswith(said)
        visitor.go("menu")
        visitor.settle()
        assert eye() == "None"


def test_the_product_knows_where_its_buttons_are():
    found = places.teach_screen((1024, 600))
    assert {"menu", "teach", "3", "clear", places.CANVAS} <= found.keys()
    assert all(area.width > 20 and area.right <= 1024 for area in found.values())


def test_answers_are_compared_by_their_decisions():
    here = np.array([[10, 20, 0], [7, 7, 0], [50, 0, 0], [0, 0, 9]], np.int8)
    there = np.array([[10, 19, 0], [7, 8, 0], [0, 50, 0], [0, 0, 9]], np.int8)
    found = models.compare(there, here)
    assert (found.count, found.unlike, found.ties, found.apart) == (4, 2, 1, 50)
    assert found.same == 0.25
    page = models.page({("inkling/digit", "LiteRT"): found}, Library())
    assert "| inkling | digit | LiteRT | 4 | 2 | 1 | 50 | 25.0 |" in page
    assert f"`inkling` {Library().entry('inkling').sha256[:12]}" in page


def test_who_waits_for_a_processor_is_held_up(tmp_path):
    for thread, line in {"8": "7 2500000000 3", "9": "5000000000 1 1"}.items():
        (tmp_path / "7/task" / thread).mkdir(parents=True)
        (tmp_path / "7/task" / thread / "schedstat").write_text(line + "\n")
    assert held_up(7, tmp_path) == 2.5
    assert held_up(8, tmp_path) == 0
    assert held_up(os.getpid()) >= 0


def test_another_recipe_is_another_image():
    assert recipe.fingerprint(recipe.BOOKWORM) != recipe.fingerprint(recipe.TRIXIE)
    assert recipe.fingerprint(recipe.BOOKWORM) == recipe.fingerprint(recipe.BOOKWORM)


def test_what_is_half_made_has_no_name(tmp_path):
    with pytest.raises(OSError, match="the power"), recipe.scratch(tmp_path / "image") as fresh:
        (fresh / "root.img").write_text("half")
        raise OSError("the power")
    assert list(tmp_path.iterdir()) == []
    with recipe.scratch(tmp_path / "image") as fresh:
        (fresh / "root.img").write_text("whole")
    assert [path.name for path in tmp_path.rglob("*")] == ["image", "root.img"]


def test_a_command_that_fails_says_why():
    with pytest.raises(host.VirtualPiError, match="no such thing"):
        host.tell("sh", "-c", "echo no such thing >&2; exit 3")
    with pytest.raises(host.VirtualPiError, match="inkling-none: No such file"):
        host.tell("inkling-none")


def test_what_is_missing_is_named_by_its_package(monkeypatch):
    monkeypatch.setattr(host, "PATH", "/nowhere")
    monkeypatch.setenv("PATH", "/nowhere")
    assert "mmdebstrap" in host.missing()
    monkeypatch.setitem(host.PACKAGES, "mcopy", "mtools")
    assert "mtools" in host.missing()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(host.VirtualPiError, match=r"sudo apt-get install .* mmdebstrap"):
        host.provide()


UNDONE = """
import sys, time
sys.path.insert(0, {tests!r})
from virtual_pi.host import orderly_end
with orderly_end():
    try:
        print("here", flush=True)
        time.sleep(60)
    finally:
        print("undone", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_undoes_everything(number):
    words = [sys.executable, "-c", UNDONE.format(tests=str(TESTS))]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout.readline() == b"here\n"
        process.send_signal(number)
        assert process.communicate(timeout=30)[0] == b"undone\n"


def state(binfmt: Path) -> tuple[bool, list[str]]:
    return os.path.ismount(binfmt), sorted(path.name for path in binfmt.glob("*"))


@pytest.mark.skipif(
    os.geteuid() != 0 or not Path(f"/usr/lib/binfmt.d/{host.ARM64}.conf").exists(),
    reason="only root, with qemu-user-static, can teach the kernel",
)
def test_what_the_kernel_was_taught_it_forgets():
    before = state(host.BINFMT)
    try:
        with pytest.raises(ZeroDivisionError), host.runs_arm64():
            assert (host.BINFMT / host.ARM64).exists()
            raise ZeroDivisionError
    except host.VirtualPiError as error:
        pytest.skip(f"not in this container: {error}")
    assert state(host.BINFMT) == before
