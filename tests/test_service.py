"""systemd is told the truth: ready when ready, alive while alive, and nothing costs the kiosk."""

import math
import os
import select
import socket
import threading

import pytest
from drawings import digit
from kiosks import settings

from device.cli import main
from device.kiosk import Kiosk
from device.service import AGAIN, STATUS_PAUSE, Heartbeat, Service


@pytest.fixture(params=["path", "abstract"])
def systemd(request, tmp_path):
    """systemd's end of the socket, and the environment of a service."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@inkling-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(name.replace("@", "\0", 1) if name[0] == "@" else name)
        yield end, {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "4000000"}


def heard(end):
    """All that has been said since the last time."""
    lines = []
    while select.select([end], [], [], 0)[0]:
        lines.append(end.recv(4096).decode())
    return lines


class Work:
    """A worker as a heartbeat sees it."""

    def __init__(self):
        self.able = self.busy = False
        self.progress = 0


def test_each_message_arrives_as_systemd_wants_it(systemd):
    end, environment = systemd
    with Service(environment) as service:
        assert service.is_supervised
        assert service.ready()
        assert service.status("accepted 3\nREADY=1")
        assert service.watchdog()
        assert service.stopping()
    assert heard(end) == ["READY=1", "STATUS=accepted 3 READY=1", "WATCHDOG=1", "STOPPING=1"]


def test_a_closed_service_says_nothing(systemd):
    end, environment = systemd
    service = Service(environment)
    service.close()
    service.close()
    assert not service.ready()
    assert heard(end) == []


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "vsock:2"}])
def test_without_a_socket_it_is_silent(environment):
    with Service(environment) as service:
        assert not service.is_supervised
        assert not service.ready()


def test_systemd_that_does_not_listen_is_logged_once(tmp_path, caplog):
    with Service({"NOTIFY_SOCKET": str(tmp_path / "nobody")}) as service:
        assert not service.ready()
        assert not service.watchdog()
    assert len(caplog.records) == 1
    assert "systemd cannot be told READY=1" in caplog.text


def test_systemd_that_reads_nothing_never_makes_the_kiosk_wait(systemd):
    _, environment = systemd
    with Service(environment) as service:
        assert not all(service.watchdog() for _ in range(100_000))


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({"WATCHDOG_USEC": "20000000"}, 20),
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": str(os.getpid())}, 20),
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "²"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_this_process_s_only(environment, seconds):
    assert Service(environment).watchdog_seconds == seconds


def test_ready_waits_for_the_first_work(systemd):
    end, environment = systemd
    work = Work()
    with Heartbeat(Service(environment), work) as heart:
        heart.beat(0.0)
        heart.beat(10.0)
        assert heard(end) == []
        work.able = True
        heart.beat(10.1)
        assert heard(end) == ["READY=1", "WATCHDOG=1"]
    assert heard(end) == ["STOPPING=1"]


@pytest.fixture
def alive(systemd):
    """systemd's end, a worker and a heartbeat that is ready since time 0."""
    end, environment = systemd
    work = Work()
    with Heartbeat(Service(environment), work) as heart:
        work.able = True
        heart.beat(0.0)
        assert heard(end) == ["READY=1", "WATCHDOG=1"]
        yield end, work, heart


def test_it_tells_when_something_will_be_due(alive):
    _, work, heart = alive
    assert heart.beat(0.5) == 1.5
    assert heart.beat(0.6, "accepted 3") == pytest.approx(1.4)
    assert heart.beat(0.7, "accepted 4") == pytest.approx(STATUS_PAUSE - 0.1)
    work.busy = True
    assert heart.beat(2.0, "accepted 4") == AGAIN


def test_nobody_waits_for_what_nobody_hears():
    with Heartbeat(Service({}), Work()) as heart:
        assert heart.beat(0.0, "accepted 3") == math.inf


def test_a_sign_of_life_goes_out_at_half_the_interval(alive):
    end, _, heart = alive
    heart.beat(1.9)
    assert heard(end) == []
    heart.beat(2.0)
    assert heard(end) == ["WATCHDOG=1"]
    heart.beat(3.9)
    assert heard(end) == []


def test_a_worker_that_is_stuck_stops_it_until_something_is_done(alive):
    end, work, heart = alive
    work.busy = True
    for now in range(2, 60):
        heart.beat(now)
    assert heard(end) == []
    work.progress += 1
    heart.beat(60)
    assert heard(end) == ["WATCHDOG=1"]


def test_a_worker_that_is_always_busy_lives_while_it_gets_on(alive):
    end, work, heart = alive
    work.busy = True
    for now in range(2, 10, 2):
        work.progress += 1
        heart.beat(now)
    assert heard(end) == ["WATCHDOG=1"] * 4


def test_the_status_is_told_when_it_changes_and_at_most_twice_a_second(alive):
    end, _, heart = alive
    for number in range(10):
        heart.beat(0.1 + number * STATUS_PAUSE / 20, f"accepted {number}")
    assert heard(end) == ["STATUS=accepted 0"]
    for _ in range(3):
        heart.beat(0.2 + STATUS_PAUSE, "accepted 9")
    assert heard(end) == ["STATUS=accepted 9"]


def test_without_a_watchdog_there_is_no_sign_of_life(systemd):
    end, environment = systemd
    work = Work()
    with Heartbeat(Service({"NOTIFY_SOCKET": environment["NOTIFY_SOCKET"]}), work) as heart:
        work.able = True
        heart.beat(0.0)
        heart.beat(100.0)
        assert heard(end) == ["READY=1"]


class Day:
    """Runs a kiosk step by step and lets a test look in after each; time passes in seconds."""

    def __init__(self, kiosk, monkeypatch, happens):
        self.now = 0.0
        self.asked = threading.Event()
        step = kiosk.step

        def stepping(_):
            step(0.01)
            self.now += 1
            if not self.asked.is_set() and happens(self.now):
                self.asked.set()

        monkeypatch.setattr(kiosk, "step", stepping)
        monkeypatch.setattr(kiosk, "now", lambda: self.now)


def test_the_kiosk_is_ready_after_its_first_frame_and_first_inference(
    systemd, recognizer, lights, monkeypatch
):
    end, environment = systemd
    inferred = threading.Event()
    monkeypatch.setattr(recognizer, "microseconds", lambda turns: inferred.wait(60))
    kiosk = Kiosk(settings(), recognizer, lights)
    messages = []

    def happens(now):
        messages.extend(heard(end))
        if now == 5:
            assert messages == ["STATUS=blank"]
            inferred.set()
        return "READY=1" in messages

    try:
        day = Day(kiosk, monkeypatch, happens)
        kiosk.run(day.asked, Service(environment))
    finally:
        inferred.set()
        kiosk.close()
    assert heard(end)[-1] == "STOPPING=1"


def test_a_kiosk_whose_worker_is_stuck_gives_no_sign_of_life(
    systemd, recognizer, lights, monkeypatch
):
    end, environment = systemd
    kiosk = Kiosk(settings(), recognizer, lights)
    work = kiosk.background
    messages = []
    stuck_at = recovered_at = None

    def happens(now):
        nonlocal stuck_at, recovered_at
        messages.extend(heard(end))
        # The first sign of life tells of the model's being opened, which is work that was done.
        if stuck_at is None and {"READY=1", "WATCHDOG=1"} <= set(messages):
            recognizer.gate.clear()
            recognizer.started.clear()
            stuck_at = now
            work.submit(digit(3), 1, recognizer.model, True)
            assert recognizer.started.wait(60)
            messages.clear()
        elif stuck_at is not None and recovered_at is None and now > stuck_at + 100:
            assert "WATCHDOG=1" not in messages
            recognizer.gate.set()
            recovered_at = now
        return recovered_at is not None and "WATCHDOG=1" in messages

    try:
        day = Day(kiosk, monkeypatch, happens)
        kiosk.run(day.asked, Service(environment))
    finally:
        recognizer.gate.set()
        kiosk.close()
    assert recovered_at is not None


def test_a_service_without_a_screen_has_failed_and_does_not_replay_the_demo(
    systemd, monkeypatch, capsys, tmp_path
):
    _, environment = systemd
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("device.screen.display.CARDS", tmp_path)
    monkeypatch.setenv("NOTIFY_SOCKET", environment["NOTIFY_SOCKET"])
    assert main(["run"]) == 1
    said = capsys.readouterr()
    assert "there is nothing to draw on: no desktop, and no screen" in said.err
    assert said.out == ""
