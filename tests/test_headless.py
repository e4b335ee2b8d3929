"""Without a screen: a digitiser and a socket in, lights and the journal out."""

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

import pygame
import pytest
from drawings import digit, twelve
from fakes import BrokenLights
from kiosks import Clock, finger, levels, settings, until

from device import headless as headless_module
from device.errors import ScreenError, SocketError
from device.headless import Headless
from device.lights import Lights
from device.read import drawings_from_lines, write_readings
from device.reading import Verdict

PREDICT, CLEAR = 23, 24


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ink.sock"


@pytest.fixture
def serve(recognizer, lights, clock, path, caplog):
    """Makes the application, with other settings if need be."""
    caplog.set_level("INFO", logger=headless_module.__name__)
    made = []

    def serve(lights=lights, **tables):
        tables.setdefault("screen", {"size": "800x480"})
        tables["headless"] = {"socket": str(path), **tables.get("headless", {})}
        made.append(Headless(settings(**tables), recognizer, lights, clock=clock))
        return made[-1]

    yield serve
    recognizer.gate.set()
    for one in made:
        one.close()


@pytest.fixture
def app(serve):
    return serve()


def down(x=0.3, y=0.3, number=1):
    pygame.event.post(finger(pygame.FINGERDOWN, x, y, number))


def move(x, y, number=1):
    pygame.event.post(finger(pygame.FINGERMOTION, x, y, number))


def up(x=0.5, y=0.7, number=1):
    pygame.event.post(finger(pygame.FINGERUP, x, y, number))


def stroke(app, *path):
    """A stroke on the digitiser, in shares of its width and height."""
    start, *rest = path or ((0.3, 0.3), (0.4, 0.5), (0.5, 0.7))
    down(*start)
    for place in rest:
        move(*place)
    up(*(rest or [start])[-1])
    app.step(0.001)


def finish(app, clock):
    """The pen stays up, and the drawing has been read."""
    clock.time += 1.1
    app.step(0.001)
    until(app, lambda: app.settled)


def told(caplog):
    return [r.getMessage().split(":")[0] for r in caplog.records if "," in r.getMessage()]


def test_a_drawing_lights_up_while_it_is_drawn(app, pins):
    down()
    move(0.4, 0.5)
    until(app, lambda: levels(pins) == (1, 0, 0))
    assert app.reading.digit == 3


def test_a_pen_that_is_up_for_a_second_ends_the_drawing_and_the_journal_says_so(app, clock, caplog):
    stroke(app)
    until(app, lambda: app.settled)
    clock.time += 0.9
    app.step(0.001)
    assert told(caplog) == []
    finish(app, clock)
    assert told(caplog) == ["accepted 3, drawn"]
    clock.time += 100
    app.step(0.001)
    assert told(caplog) == ["accepted 3, drawn"], "once"


def test_strokes_within_the_second_are_of_one_drawing(app, clock):
    for number in range(3):
        stroke(app, (0.3 + number / 10, 0.3), (0.3 + number / 10, 0.7))
        clock.time += 0.9
        app.step(0.001)
    assert len(app.desk.ink.strokes) == 3


def test_a_resting_pen_does_not_end_the_drawing(app, clock, caplog):
    down()
    move(0.4, 0.5)
    app.step(0.001)
    clock.time += 9
    app.step(0.001)
    until(app, lambda: app.settled)
    assert told(caplog) == []


def test_a_pen_that_is_silent_for_ten_seconds_is_gone_and_its_drawing_is_told(app, clock, caplog):
    down()
    move(0.4, 0.5)
    app.step(0.001)
    clock.time += 10.1
    app.step(0.001)
    until(app, lambda: app.settled)
    assert told(caplog) == ["accepted 3, drawn"]
    move(0.6, 0.6)
    app.step(0.001)
    assert len(app.desk.ink.strokes) == 1, "the pen has to come down again"


@pytest.mark.parametrize("number", [1, 2])
def test_a_pen_that_comes_down_after_its_lift_was_lost_begins_a_new_drawing(app, clock, number):
    down()
    move(0.4, 0.5)
    app.step(0.001)
    clock.time += 3
    down(0.7, 0.7, number)
    move(0.8, 0.7, number)
    up(0.8, 0.7, number)
    app.step(0.001)
    assert len(app.desk.ink.strokes) == 1
    assert app.desk.ink.bounds.left > 0.6


def test_the_reading_stays_until_the_next_pen_down(app, clock, pins, recognizer):
    stroke(app)
    finish(app, clock)
    clock.time += 1000
    app.step(0.001)
    assert levels(pins) == (1, 0, 0)
    recognizer.gate.clear()
    down(0.6, 0.6)
    app.step(0.001)
    assert levels(pins) == (0, 0, 0), "the old answer is not of this drawing"
    recognizer.gate.set()
    until(app, lambda: app.settled)
    assert levels(pins) == (1, 0, 0)
    assert len(app.desk.ink.strokes) == 1


def test_a_late_reading_of_ink_that_is_gone_is_not_shown(serve, pins, recognizer):
    app = serve(buttons={"clear": CLEAR})
    recognizer.gate.clear()
    stroke(app)
    assert recognizer.started.wait(30)
    press(pins, CLEAR)
    app.step(0.001)
    recognizer.gate.set()
    until(app, lambda: recognizer.count == 1 and not app.background.busy)
    assert levels(pins) == (0, 0, 0)
    assert app.settled


def test_more_than_one_symbol_is_amber(app, pins, clock):
    for one in twelve().strokes:
        stroke(app, *((p.x * 0.5 + 0.2, p.y * 0.8 + 0.1) for p in one))
    finish(app, clock)
    assert levels(pins) == (0, 1, 0)


def test_the_whole_area_is_the_canvas_and_keeps_its_proportions(app):
    stroke(app, (0.0, 0.0), (1.0, 0.0))
    stroke(app, (1.0, 1.0), (1.0, 0.0))
    bounds = app.desk.ink.bounds
    assert bounds.width == pytest.approx(1.0, abs=1e-6)
    assert bounds.height == pytest.approx(480 / 800, abs=1e-6)


def test_a_digitiser_that_is_turned_is_read_upright(serve):
    app = serve(screen={"size": "800x480", "rotation": 90})
    stroke(app, (0.0, 0.5), (1.0, 0.5))
    bounds = app.desk.ink.bounds
    assert bounds.height == pytest.approx(1.0, abs=1e-6)
    assert bounds.width == pytest.approx(0.0, abs=1e-6)


def test_a_second_finger_draws_nothing(app):
    down()
    down(0.8, 0.8, number=2)
    move(0.9, 0.9, number=2)
    up(0.9, 0.9, number=2)
    move(0.4, 0.5)
    up(0.4, 0.5)
    app.step(0.001)
    assert len(app.desk.ink.strokes) == 1
    assert app.desk.ink.bounds.width < 0.2


def test_without_live_reading_a_drawing_is_read_when_it_has_ended(serve, clock, recognizer, pins):
    app = serve(model={"live": False})
    stroke(app)
    assert recognizer.count == 0
    finish(app, clock)
    assert recognizer.count == 1
    assert levels(pins) == (1, 0, 0)


def test_a_reading_that_fails_leaves_no_light_and_the_next_is_read(
    app, clock, pins, recognizer, caplog
):
    stroke(app)
    until(app, lambda: levels(pins) == (1, 0, 0))
    recognizer.error = RuntimeError("no memory")
    finish(app, clock)
    assert levels(pins) == (0, 0, 0)
    assert "reading failed: no memory" in caplog.text
    recognizer.error = None
    stroke(app)
    finish(app, clock)
    assert levels(pins) == (1, 0, 0)


def test_lights_that_fail_do_not_stop_it(serve, clock, caplog):
    app = serve(lights=BrokenLights())
    stroke(app)
    finish(app, clock)
    assert "accepted 3, drawn" in caplog.text
    assert "GPIO busy" in caplog.text


def press(pins, pin):
    pins.pin(pin).drive_low()
    pins.pin(pin).drive_high()


def test_the_buttons_read_and_clear(serve, pins, caplog):
    app = serve(model={"live": False}, buttons={"predict": PREDICT, "clear": CLEAR})
    down()
    move(0.4, 0.5)
    app.step(0.001)
    press(pins, PREDICT)
    until(app, lambda: levels(pins) == (1, 0, 0))
    assert told(caplog) == ["accepted 3, drawn"], "at once, although the pen rests"
    press(pins, CLEAR)
    until(app, lambda: levels(pins) == (0, 0, 0))
    assert app.desk.ink.is_blank
    move(0.6, 0.6)
    app.step(0.001)
    assert app.desk.ink.is_blank, "the pen has to come down again"


def test_a_press_with_nothing_drawn_says_nothing(serve, pins, recognizer):
    app = serve(buttons={"predict": PREDICT, "clear": CLEAR})
    press(pins, PREDICT)
    press(pins, CLEAR)
    for _ in range(3):
        app.step(0.01)
    assert app.settled and recognizer.count == 0


class Program:
    """A program that hands in ink; the application steps while it waits."""

    def __init__(self, app, path):
        self.app = app
        self.connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.connection.connect(str(path))
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
def program(app, path):
    made = Program(app, path)
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


def test_programs_that_ask_at_the_same_time_are_all_answered(app, path, recognizer):
    programs = [Program(app, path) for _ in range(8)]
    lines = "".join(f"{as_line(digit(number))}\n" for number in range(10)).encode()
    for one in programs:
        one.connection.sendall(lines)
    try:
        until(app, lambda: all(one._hear().count(b"\n") == 10 for one in programs))
    finally:
        for one in programs:
            one.connection.close()
    assert recognizer.count == 80


def test_a_drawing_goes_before_ink_from_the_socket(app, path, recognizer, pins):
    recognizer.gate.clear()
    programs = [Program(app, path) for _ in range(4)]
    for one in programs:
        one.connection.sendall(as_line(digit(3)).encode() + b"\n")
    until(app, lambda: len(app._requests) == 3)
    order = []
    read = recognizer.read

    def reading(ink, normalised=True):
        order.append("drawn" if ink.bounds.height < 0.01 else "socket")
        return read(ink, normalised)

    recognizer.read = reading
    stroke(app, (0.3, 0.5), (0.6, 0.5))
    recognizer.gate.set()
    until(app, lambda: all(one._hear() for one in programs))
    for one in programs:
        one.connection.close()
    assert order[0] == "drawn"


def test_without_a_socket_none_is_opened(serve, path):
    app = serve(headless={"socket": "off"})
    assert not path.exists()
    stroke(app)
    until(app, lambda: app.settled)


def test_a_socket_in_use_ends_the_start_with_the_lights_off(app, recognizer, clock, path, pins):
    with Lights(settings().lights) as others:
        config = settings(headless={"socket": str(path)})
        with pytest.raises(SocketError, match="another Inkling"):
            Headless(config, recognizer, others, clock=clock)
        assert not any(others.states().values())


def test_auto_is_the_services_own_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    assert settings().headless.socket_path == tmp_path / "ink.sock"
    monkeypatch.delenv("RUNTIME_DIRECTORY")
    assert settings().headless.socket_path == Path("/run/inkling/ink.sock")


def test_without_a_digitiser_the_socket_serves(monkeypatch, serve, path, caplog):
    monkeypatch.setenv("SDL_VIDEODRIVER", "no such driver")
    app = serve()
    assert "ink comes from the socket alone" in caplog.text
    with closing(Program(app, path).connection):
        pass
    assert path.exists()


def test_without_both_there_is_nothing_to_do(monkeypatch, serve):
    monkeypatch.setenv("SDL_VIDEODRIVER", "no such driver")
    with pytest.raises(ScreenError, match="there is nothing to do"):
        serve(headless={"socket": "off"})


def test_systemd_hears_of_readiness_and_of_readings(serve, tmp_path, monkeypatch):
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(address))
        systemd.settimeout(30)
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


def test_the_lights_are_switched_in_the_step_that_takes_the_reading(app, pins, recognizer):
    recognizer.gate.clear()
    stroke(app)
    assert levels(pins) == (0, 0, 0)
    recognizer.gate.set()
    until(app, lambda: app.reading.verdict is not Verdict.BLANK)
    assert levels(pins) == (1, 0, 0)


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
def test_a_process_that_is_told_to_end_leaves_no_light_and_no_socket(path, driver):
    environment = os.environ | {
        "SDL_VIDEODRIVER": driver,
        "PYTHONPATH": str(Path(__file__).parent.parent),
    }
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(path)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert program.stdout.readline() == "blank\n"
        while not path.exists():
            assert program.poll() is None
            time.sleep(0.01)
        program.send_signal(signal.SIGTERM)
        said, _ = program.communicate(timeout=30)
        assert said.splitlines()[-1] == "closed"
        assert program.returncode == 0
        assert not path.exists()
    finally:
        program.kill()
        program.wait(10)
