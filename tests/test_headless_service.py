"""Without a screen: ink from programs through the socket; what systemd hears; the process."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
from digitiser import stroke, told
from drawings import digit, twelve
from kiosks import levels, settings, until

from device import headless as headless_module
from device.errors import ScreenError, SocketError
from device.headless import Headless
from device.lights import Lights
from device.read import drawings_from_lines, write_readings


class Program:
    """A program that hands in ink; the application steps while it waits."""

    def __init__(self, app, socket_path):
        self.app = app
        self.connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.connection.connect(str(socket_path))
        self.connection.setblocking(False)
        self.heard = b""

    def ask(self, *lines):
        self.connection.sendall("".join(f"{line}\n" for line in lines).encode())
        until(self.app, lambda: self._hear().count(b"\n") == len(lines))
        heard, self.heard = self.heard, b""
        return [json.loads(line) for line in heard.splitlines()]

    def _hear(self):
        with suppress(BlockingIOError):
            self.heard += self.connection.recv(65536)
        return self.heard


@pytest.fixture
def program(app, socket_path):
    made = Program(app, socket_path)
    with made.connection:
        yield made


def as_line(ink):
    return json.dumps({"strokes": [stroke.xy.tolist() for stroke in ink.strokes]})


def test_programs_are_answered_as_by_inkling_read(program, recognizer):
    lines = [as_line(digit(3)), "{bad", '{"strokes": []}', as_line(twelve()), '{"strokes": 3}']
    out = io.StringIO()
    file = io.BytesIO("\n".join(lines).encode())
    write_readings(drawings_from_lines(file, "-"), recognizer, out)
    assert program.ask(*lines) == [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("strokes", "expected"),
    [
        ([[[0, 0]]] * 1_000, None),
        ([[[0, 0]]] * 1_001, "1,001 strokes are too many; the limit is 1,000"),
        ([[[0, 0]] * 20_000], None),
        ([[[0, 0]] * 10_000, [[0, 0]] * 10_001], "20,001 points are too many; the limit is 20,000"),
    ],
)
def test_a_drawing_that_would_keep_everybody_waiting_is_refused_unread(
    program, recognizer, strokes, expected
):
    (answer,) = program.ask(json.dumps({"strokes": strokes}, separators=(",", ":")))
    assert answer.get("error") == expected
    assert recognizer.count == (expected is None)


def test_ink_from_the_socket_is_shown_and_told(program, app, pins, caplog):
    program.ask(as_line(digit(3)))
    until(app, lambda: levels(pins) == (1, 0, 0))
    assert told(caplog) == ["accepted 3, from the socket"]


def test_a_reading_that_fails_is_answered_all_the_same(program, recognizer):
    recognizer.error = RuntimeError("no memory")
    (answer,) = program.ask(as_line(digit(3)))
    assert answer == {"source": "-:1", "error": "reading failed: no memory"}
    recognizer.error = None
    (answer,) = program.ask(as_line(digit(3)))
    assert answer["digit"] == 3


def test_programs_that_ask_at_the_same_time_are_all_answered(app, socket_path, recognizer):
    programs = [Program(app, socket_path) for _ in range(8)]
    lines = "".join(f"{as_line(digit(number))}\n" for number in range(10)).encode()
    for one in programs:
        one.connection.sendall(lines)
    try:
        until(app, lambda: all(one._hear().count(b"\n") == 10 for one in programs))
    finally:
        for one in programs:
            one.connection.close()
    assert recognizer.count == 80


def test_a_drawing_goes_before_ink_from_the_socket(app, socket_path, recognizer, pins):
    order = []
    read = recognizer.read

    def reading(ink, *how):
        order.append("drawn" if ink.bounds.height < 0.01 else "socket")
        return read(ink, *how)

    recognizer.read = reading
    recognizer.gate.clear()
    programs = [Program(app, socket_path) for _ in range(4)]
    for one in programs:
        one.connection.sendall(as_line(digit(3)).encode() + b"\n")
    until(app, lambda: len(app._requests) == 3 and order == ["socket"])
    stroke(app, (0.3, 0.5), (0.6, 0.5))
    recognizer.gate.set()
    until(app, lambda: all(one._hear() for one in programs))
    for one in programs:
        one.connection.close()
    assert order[1] == "drawn"


def test_without_a_socket_none_is_opened(serve, socket_path):
    app = serve(headless={"socket": "off"})
    assert not socket_path.exists()
    stroke(app)
    until(app, lambda: app.settled)


def test_a_socket_in_use_ends_the_start_with_the_lights_off(
    app, recognizer, clock, socket_path, pins
):
    with Lights(settings().lights) as others:
        config = settings(headless={"socket": str(socket_path)})
        with pytest.raises(SocketError, match="another Inkling"):
            Headless(config, recognizer, others, clock=clock)
        assert not any(others.states().values())


def test_auto_is_the_services_own_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    assert settings().headless.socket_path == tmp_path / "ink.sock"
    monkeypatch.delenv("RUNTIME_DIRECTORY")
    assert settings().headless.socket_path == Path("/run/inkling/ink.sock")


def test_without_a_digitiser_the_socket_serves(monkeypatch, serve, socket_path, caplog):
    monkeypatch.setenv("SDL_VIDEODRIVER", "no such driver")
    app = serve()
    assert "ink comes from the socket alone" in caplog.text
    with closing(Program(app, socket_path).connection):
        pass
    assert socket_path.exists()


def test_without_both_there_is_nothing_to_do(monkeypatch, serve):
    monkeypatch.setenv("SDL_VIDEODRIVER", "no such driver")
    with pytest.raises(ScreenError, match="there is nothing to do"):
        serve(headless={"socket": "off"})


def test_systemd_hears_of_readiness_and_of_readings(serve, tmp_path, monkeypatch):
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(address))
        systemd.settimeout(60)
        app, asked = serve(), threading.Event()
        stroke(app)
        service = headless_module.Service({"NOTIFY_SOCKET": str(address)})
        heard = []

        def listen():
            while "STOPPING=1" not in heard:
                heard.append(systemd.recv(4096).decode())
                if "READY=1" in heard:
                    asked.set()

        listener = threading.Thread(target=listen)
        listener.start()
        app.run(asked, service)
        listener.join(30)
    assert "READY=1" in heard and heard[-1] == "STOPPING=1"


PROGRAM = """
import sys
from device import headless
from device.config import load_config
from device.library import Library
from device.lights import Lights
from device.recognizer import Recognizer
class Telling(Lights):
    def show(self, verdict, digit=None):
        super().show(verdict, digit)
        print(verdict.value, flush=True)
    def close(self):
        super().close()
        print("closed", flush=True)
config = load_config(None, {"headless": {"socket": sys.argv[1]}})
sys.exit(headless.run(config, Recognizer(Library()), Telling(config.lights)))
"""


@pytest.mark.parametrize("driver", ["dummy", "evdev"])
def test_a_process_that_is_told_to_end_leaves_no_light_and_no_socket(socket_path, driver):
    environment = os.environ | {
        "SDL_VIDEODRIVER": driver,
        "PYTHONPATH": str(Path(__file__).parent.parent),
    }
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(socket_path)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert program.stdout.readline() == "blank\n"
        while not socket_path.exists():
            assert program.poll() is None
            time.sleep(0.01)
        program.send_signal(signal.SIGTERM)
        said, _ = program.communicate(timeout=60)
        assert said.splitlines()[-1] == "closed"
        assert program.returncode == 0
        assert not socket_path.exists()
    finally:
        program.kill()
        program.wait(60)
