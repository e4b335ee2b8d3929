"""The kiosk as a process of its own: signals from outside, a real window, a real pointer."""

import os
import queue
import select
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from drawings import digit, twelve

from device.signals import asked_to_stop

KIOSK_PROGRAM = """
import sys
from device import kiosk
from device.config import load_config
from device.library import Library
from device.lights import Lights
from device.recognizer import Recognizer
class Telling(Lights):
    def show(self, verdict, digit=None):
        super().show(verdict, digit)
        pins = [int(self.pin_factory.pin(p).state) for p in (17, 27, 22)]
        print(verdict.value, *pins, flush=True)
    def close(self):
        super().close()
        print("closed", flush=True)
config = load_config(None, {"screen": {"size": "800x480"}})
sys.exit(kiosk.run(config, Recognizer(Library()), Telling(config.lights)))
"""


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM])
def test_a_process_that_is_told_to_end_switches_the_lights_off(number):
    environment = os.environ | {
        "SDL_VIDEODRIVER": "dummy",
        "PYTHONPATH": str(Path(__file__).parent.parent),
    }
    program = subprocess.Popen(
        [sys.executable, "-c", KIOSK_PROGRAM], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert program.stdout.readline().split() == ["blank", "0", "0", "0"]
        program.send_signal(number)
        said, _ = program.communicate(timeout=60)
        assert said.splitlines()[-1] == "closed"
        assert program.returncode == 0
    finally:
        program.kill()
        program.wait(60)


def test_a_hangup_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with asked_to_stop() as asked:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not asked.is_set()
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.fixture
def desktop():
    """An X server of our own; yields the environment of a program that is to use it."""
    for tool in ("Xvfb", "xdotool"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed: no window can be opened here")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1024x768x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        ready, _, _ = select.select([read], [], [], 20)
        number = os.read(read, 16).decode().strip() if ready else ""
        if not number:
            pytest.skip("Xvfb does not start here: no window can be opened")
        environment = {k: v for k, v in os.environ.items() if k != "SDL_VIDEODRIVER"}
        root = str(Path(__file__).parent.parent)
        yield environment | {"DISPLAY": f":{number}", "PYTHONPATH": root}
    finally:
        os.close(read)
        server.terminate()
        server.wait(60)


def test_every_feature_of_the_published_systems_works_in_a_real_window(desktop):
    tests = Path(__file__).with_name("test_seeds.py")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests)],
        env=desktop | {"SDL_VIDEODRIVER": "x11"},
        cwd=tests.parent.parent,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_on_a_real_desktop_nobody_polls(desktop):
    program = (
        "import pygame; from device.screen.sleep import KernelSleep, sleep_under; "
        "pygame.display.init(); pygame.display.set_mode((320, 320)); "
        "assert isinstance(sleep_under(pygame.display.get_driver()), KernelSleep)"
    )
    subprocess.run([sys.executable, "-c", program], env=desktop, check=True, timeout=60)


def test_a_real_window_is_drawn_in_with_a_real_pointer(desktop):
    program = subprocess.Popen(
        [sys.executable, "-c", KIOSK_PROGRAM], env=desktop, stdout=subprocess.PIPE, text=True
    )

    def xdotool(*arguments):
        command = ["xdotool", *map(str, arguments)]
        result = subprocess.run(command, env=desktop, check=True, capture_output=True, timeout=60)
        return result.stdout.decode()

    said = queue.Queue()
    heard = []

    def listen():
        for line in program.stdout:
            said.put(line.strip())

    listener = threading.Thread(target=listen)
    listener.start()

    def expect(line):
        """Listen until the kiosk has said this."""
        while line not in heard[-1:]:
            try:
                heard.append(said.get(timeout=60))
            except queue.Empty:
                pytest.fail(f"the kiosk never said {line!r}, but {heard}")

    def draw(ink):
        for stroke in ink.strokes:
            path = [(left + 19 + p.x * 442, top + 19 + p.y * 442) for p in stroke]
            first, *rest = ([*map(round, point), "sleep", "0.01"] for point in path)
            moves = [word for point in rest for word in ("mousemove", *point)]
            xdotool("mousemove", *first, "mousedown", 1, *moves, "mouseup", 1)

    try:
        expect("blank 0 0 0")
        window = xdotool("search", "--sync", "--onlyvisible", "--class", "inkling").split()[0]
        place = dict(
            line.split("=") for line in xdotool("getwindowgeometry", "--shell", window).split()
        )
        left, top = int(place["X"]), int(place["Y"])
        draw(digit(3))
        expect("accepted 1 0 0")
        xdotool("mousemove", left + 710, top + 434, "click", 1)
        expect("blank 0 0 0")
        draw(twelve())
        expect("several 0 1 0")
        program.send_signal(signal.SIGTERM)
        expect("closed")
        assert heard[-2] == "blank 0 0 0"
        assert program.wait(60) == 0
    finally:
        program.kill()
        program.wait(60)
        listener.join(60)
        program.stdout.close()
