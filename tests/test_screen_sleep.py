"""The main thread sleeps until something happens, and is woken by whatever does."""

import os
import signal
import socket
import threading

import pygame
import pytest
from kiosks import Clock
from test_pointers import KEYBOARD, MOUSE, MULTITOUCH, plug

from device.screen import sleep as sleep_module
from device.screen.sleep import LONGEST, POLL, KernelSleep, SdlSleep, sleep_under


@pytest.fixture(autouse=True)
def display(monkeypatch):
    # Whoever is not woken sleeps for ever.
    monkeypatch.setattr(sleep_module, "LONGEST", 600.0)
    monkeypatch.setattr(sleep_module, "DESKTOP_LONGEST", 600.0)
    pygame.display.init()
    pygame.display.set_mode((320, 320))
    pygame.event.clear()
    yield
    pygame.display.quit()


@pytest.fixture(params=[lambda: KernelSleep(), SdlSleep])
def sleep(request):
    made = request.param()
    yield made
    made.close()
    made.close()


def elsewhere(happens):
    """Have something happen on another thread."""
    threading.Thread(target=happens).start()


def test_what_has_happened_already_is_not_waited_for(sleep):
    pygame.event.post(pygame.event.Event(pygame.USEREVENT, number=1))
    pygame.event.post(pygame.event.Event(pygame.USEREVENT, number=2))
    assert [event.number for event in sleep.events(600.0)] == [1, 2]


def test_another_thread_ends_the_sleep(sleep):
    elsewhere(sleep.wake)
    sleep.events(600.0)


def test_a_wake_before_the_sleep_counts(sleep):
    for _ in range(100_000):
        sleep.wake()
    sleep.events(600.0)


def test_nothing_happens_when_nothing_happens(sleep):
    sleep.events(0.0)
    assert sleep.events(0.0) == []


def test_a_full_queue_and_a_closed_display_are_no_trouble_to_who_wakes(sleep, monkeypatch):
    def full(event):
        raise pygame.error("Event queue full")

    monkeypatch.setattr(pygame.event, "post", full)
    sleep.wake()
    sleep.close()
    sleep.wake()


def test_a_signal_ends_the_sleep():
    heard = threading.Event()
    before = signal.signal(signal.SIGUSR1, lambda *_: heard.set())
    sleep = KernelSleep()
    try:
        with sleep.woken_by_signals():
            elsewhere(lambda: os.kill(os.getpid(), signal.SIGUSR1))
            sleep.events(600.0)
            assert heard.is_set()
        assert signal.set_wakeup_fd(-1) == -1
    finally:
        sleep.close()
        signal.signal(signal.SIGUSR1, before)


@pytest.mark.parametrize(
    ("driver", "kind"),
    [
        ("KMSDRM", KernelSleep),
        ("evdev", KernelSleep),
        ("dummy", KernelSleep),
        ("cocoa", SdlSleep),
        ("wayland", SdlSleep),  # there is none here: its connection cannot be had
    ],
)
def test_sdl_waits_itself_only_where_nothing_else_is_known(driver, kind, tmp_path):
    sleep = sleep_under(driver, tmp_path)
    assert type(sleep) is kind
    sleep.close()


def test_the_desktop_ends_the_sleep():
    ours, desktop = socket.socketpair()
    with ours, desktop:
        sleep = KernelSleep(connection=ours.fileno())
        desktop.send(b"motion")
        sleep.events(600.0)
        assert ours.recv(10) == b"motion"  # which is SDL's to read
        elsewhere(sleep.wake)
        sleep.events(600.0)
        sleep.close()


class Desk:
    """A machine whose devices are pipes, and a sleep that watches them."""

    def __init__(self, root):
        self.root = root
        self.clock = Clock()
        self.timeouts = []
        self.ends = {}

    def sleep(self):
        made = KernelSleep(self.root, self.clock)
        select = made._selector.select

        def selecting(timeout):
            self.timeouts.append(timeout)
            return select(min(timeout, 0.0) if not self.ends else timeout)

        made._selector.select = selecting
        self.made = made
        return made

    def plug(self, number, kind=MULTITOUCH):
        os.mkfifo(plug(self.root, number, kind))

    def says(self, number):
        """A device that is watched reports something."""
        if number not in self.ends:
            node = self.root / f"dev/input/event{number}"
            self.ends[number] = os.open(node, os.O_WRONLY | os.O_NONBLOCK)
        os.write(self.ends[number], b"x" * 24)

    def is_watched(self, number):
        try:
            os.close(os.open(self.root / f"dev/input/event{number}", os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            return False
        return True


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    yield made
    made.made.close()
    for end in made.ends.values():
        os.close(end)


def test_a_touch_ends_the_sleep_and_is_left_to_sdl(desk):
    desk.plug(0)
    sleep = desk.sleep()
    sleep.events(0.0)
    desk.says(0)
    desk.says(0)
    sleep.events(600.0)
    assert sleep._selector.select(0.0) == []


def test_more_than_fits_into_one_look_is_read_to_its_end(desk):
    desk.plug(0)
    sleep = desk.sleep()
    sleep.events(0.0)
    for _ in range(1000):
        desk.says(0)
    sleep.events(600.0)
    assert sleep._selector.select(0.0) == []


def test_mice_are_watched_and_keyboards_are_not(tmp_path):
    desk = Desk(tmp_path)
    desk.plug(0, MOUSE)
    desk.plug(1, KEYBOARD)
    sleep = desk.sleep()
    sleep.events(0.0)
    assert (desk.is_watched(0), desk.is_watched(1)) == (True, False)
    sleep.close()


def test_a_panel_that_is_plugged_in_is_found(desk, monkeypatch):
    monkeypatch.setattr(sleep_module, "LONGEST", LONGEST)
    sleep = desk.sleep()
    sleep.events(0.0)
    desk.plug(4)
    sleep.events(0.0)
    assert not desk.is_watched(4)
    desk.clock.time += LONGEST
    sleep.events(0.0)
    assert desk.is_watched(4)


def test_a_panel_that_vanishes_is_no_error_and_is_found_when_it_comes_back(
    desk, monkeypatch, caplog
):
    caplog.set_level("INFO")
    monkeypatch.setattr(sleep_module, "LONGEST", LONGEST)
    desk.plug(0)
    sleep = desk.sleep()
    sleep.events(0.0)
    desk.says(0)
    sleep.events(LONGEST)
    os.close(desk.ends.pop(0))
    sleep.events(0.0)
    assert caplog.text.count("event0 is gone") == 1
    assert not desk.is_watched(0)
    desk.clock.time += LONGEST
    sleep.events(0.0)
    assert desk.is_watched(0)


def test_a_device_that_fails_to_answer_is_gone(desk, monkeypatch, caplog):
    caplog.set_level("INFO")
    desk.plug(0)
    sleep = desk.sleep()
    sleep.events(0.0)
    desk.says(0)

    def gone(handle, count):
        raise OSError(19, "No such device")

    with monkeypatch.context() as patched:
        patched.setattr(sleep_module.os, "read", gone)
        sleep.events(600.0)
    assert "event0 is gone: No such device" in caplog.text
    assert not desk.is_watched(0)


def test_while_a_device_cannot_be_watched_it_is_looked_at_often_and_that_is_said_once(
    desk, monkeypatch, caplog
):
    monkeypatch.setattr(sleep_module, "LONGEST", LONGEST)
    node = plug(desk.root, 0, MULTITOUCH)
    with socket.socket(socket.AF_UNIX) as odd:
        odd.bind(str(node))  # it cannot be opened, not even by root
        sleep = desk.sleep()
        for _ in range(3):
            sleep.events(600.0)
            desk.clock.time += LONGEST
        assert desk.timeouts == [POLL] * 3
        assert caplog.text.count("cannot be watched") == 1
    node.unlink()
    os.mkfifo(node)
    desk.clock.time += LONGEST
    sleep.events(600.0)
    assert desk.timeouts[-1] == LONGEST
    assert desk.is_watched(0)
