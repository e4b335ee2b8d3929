"""The Edge TPU may come, go, hang and lie: every drawing is answered, by the CPU where need be.

No Edge TPU is needed: ``delegate.c`` is one to the runtime, and does in the middle of an inference
what it is told to.
"""

import hashlib
import logging
import os
import re
import shutil
import signal
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

import kiosks
import pytest

from device import accelerator
from device.accelerator import NOT_COMPILED, NOTICE, EdgeTpu
from device.errors import ModelError
from device.golden import self_test
from device.kiosk import Kiosk
from device.library import Library, shipped_folder
from device.recognizer import Readers, Recognizer
from device.worker import Worker
from tests import drawings

COMPILER = shutil.which("cc")

PATIENCE = 60.0
"""How long (seconds) a process may take to come up where others keep the machine busy."""

needs_compiler = pytest.mark.skipif(COMPILER is None, reason="there is no C compiler")


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """The delegate as a shared library."""
    made = tmp_path_factory.mktemp("delegate") / "delegate.so"
    source = Path(__file__).with_name("delegate.c")
    command = [COMPILER, "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror"]
    subprocess.run([*command, "-o", made, source], check=True)
    return str(made)


@pytest.fixture
def folder(tmp_path):
    """Models that are there twice. What a delegate does not take over runs on the CPU: here the
    same file serves for both."""
    copy = tmp_path / "models"
    shutil.copytree(shipped_folder(), copy)
    compile_as(copy, "inkling", (copy / "inkling.tflite").read_bytes())
    return copy


def compile_as(folder, name, content):
    (folder / f"{name}_edgetpu.tflite").write_bytes(content)
    keys = (
        f'edgetpu_file = "{name}_edgetpu.tflite"\n'
        f'edgetpu_sha256 = "{hashlib.sha256(content).hexdigest()}"\n'
    )
    manifest = folder / "models.toml"
    entry = rf'(\[models\.{name}\]\n)(?:edgetpu_\w+ = ".*"\n)*'
    manifest.write_text(re.sub(entry, lambda found: found.group(1) + keys, manifest.read_text()))


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Place:
    """A machine with an Edge TPU in it, to which anything can happen."""

    def __init__(self, folder, library, word, auto=False):
        self._word = word
        self.plugged = True
        self.clock = Clock()
        self.library = Library(folder)
        self.edge_tpu = EdgeTpu(
            self.library.compiled, auto, library, lambda: self.plugged, self.clock
        )
        self.edge_tpu.answer_seconds = PATIENCE
        self.library.edge_tpu = self.edge_tpu
        self.tell("works")

    def tell(self, word):
        """What the delegate does from now on."""
        self._word.write_text(word)

    def recognizer(self, model="inkling"):
        """One whose Edge TPU has had the time to come up."""
        made = Recognizer(self.library, model)
        self.edge_tpu.is_up(model, PATIENCE)
        return made


@pytest.fixture
def place(folder, library, tmp_path, monkeypatch):
    monkeypatch.setattr(accelerator, "START_SECONDS", PATIENCE)
    monkeypatch.setenv("INKLING_DELEGATE", str(tmp_path / "word"))
    made = Place(folder, library, tmp_path / "word")
    yield made
    made.edge_tpu.close()


def said(reading):
    """A reading without what may differ between the two."""
    return replace(reading, milliseconds=0.0, accelerator="")


THREE = drawings.digit(3)
EXPECTED = Recognizer(Library()).read(THREE)


@needs_compiler
def test_the_edge_tpu_reads_once_it_is_up_and_the_cpu_until_then(place):
    recognizer = Recognizer(place.library)
    first = recognizer.read(THREE)
    assert (first.accelerator, said(first)) == ("CPU", said(EXPECTED))
    assert place.edge_tpu.is_up("inkling", PATIENCE)
    then = recognizer.read(THREE)
    assert (then.accelerator, said(then)) == ("Edge TPU", said(EXPECTED))
    assert place.library.trouble is None


@needs_compiler
def test_a_batch_is_answered_as_each_alone(place):
    recognizer = place.recognizer()
    inks = [drawings.digit(value) for value in range(10)]
    together = recognizer.read_many(inks)
    assert {reading.accelerator for reading in together} == {"Edge TPU"}
    assert list(map(said, together)) == [said(recognizer.read(ink)) for ink in inks]
    assert recognizer.read_many([]) == []


@needs_compiler
def test_its_answers_pass_the_models_self_test(place):
    place.recognizer()
    self_test(place.library, "inkling")


@needs_compiler
@pytest.mark.parametrize("word", ["abort", "hang"])
def test_what_ends_in_the_middle_of_an_inference_costs_no_reading(place, word, caplog):
    recognizer = place.recognizer()
    assert recognizer.read(THREE).accelerator == "Edge TPU"
    place.tell(word)
    if word == "hang":
        place.edge_tpu.answer_seconds = 0.3
    during = recognizer.read(THREE)
    assert (during.accelerator, said(during)) == ("CPU", said(EXPECTED))
    assert place.library.trouble == NOTICE
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert {"abort": "SIGABRT", "hang": "not answer in time"}[word] in caplog.text


@needs_compiler
def test_it_is_used_again_after_a_pause(place):
    recognizer = place.recognizer()
    recognizer.read(THREE)
    place.tell("abort")
    recognizer.read(THREE)
    place.tell("works")
    assert not place.edge_tpu.is_up("inkling", PATIENCE)
    place.clock.now += 1.0
    assert place.edge_tpu.is_up("inkling", PATIENCE)
    assert recognizer.read(THREE).accelerator == "Edge TPU"
    assert place.library.trouble is None


@needs_compiler
def test_a_process_killed_between_two_drawings_costs_neither(place):
    recognizer = place.recognizer()
    recognizer.read(THREE)
    os.kill(place.edge_tpu.pid, signal.SIGKILL)
    after = recognizer.read(THREE)
    assert (after.accelerator, said(after)) == ("CPU", said(EXPECTED))
    assert "SIGKILL" in place.edge_tpu.reason


def attempts(place, seconds):
    """When it was tried, by the second."""
    found = []
    for now in range(seconds):
        place.clock.now = float(now)
        before = place.edge_tpu.reason
        place.edge_tpu.reason = None
        place.edge_tpu.is_up("inkling")
        if place.edge_tpu.reason is not None:
            found.append(now)
        place.edge_tpu.reason = place.edge_tpu.reason or before
    return found


def test_the_pauses_grow_up_to_a_minute(folder, tmp_path):
    place = Place(folder, "none.so", tmp_path / "word")
    place.plugged = False
    place.edge_tpu.enter("inkling")
    assert attempts(place, 250) == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]


def test_none_that_is_plugged_in_is_no_trouble_unless_it_was_asked_for(folder, tmp_path, caplog):
    for auto, trouble in ((True, None), (False, NOTICE)):
        place = Place(folder, "none.so", tmp_path / "word", auto)
        place.plugged = False
        assert Recognizer(place.library).read(THREE).accelerator == "CPU"
        assert place.library.trouble == trouble
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_a_missing_library_is_named(folder, tmp_path):
    place = Place(folder, "libnowhere.so.1", tmp_path / "word")
    recognizer = place.recognizer()
    assert recognizer.read(THREE).accelerator == "CPU"
    assert "libnowhere.so.1 cannot be loaded" in place.edge_tpu.reason


@needs_compiler
def test_a_device_that_cannot_be_opened_is_told_from_a_missing_library(place):
    place.tell("refuse")
    recognizer = place.recognizer()
    assert recognizer.read(THREE).accelerator == "CPU"
    assert "no device that this user may open" in place.edge_tpu.reason


@needs_compiler
def test_one_that_hangs_while_it_starts_is_given_up(place, monkeypatch):
    place.tell("hang")
    recognizer = Recognizer(place.library)
    place.clock.now += PATIENCE
    assert recognizer.read(THREE).accelerator == "CPU"
    assert "not ready" in place.edge_tpu.reason


@needs_compiler
def test_one_that_answers_otherwise_is_not_believed(place, caplog):
    recognizer = place.recognizer()
    place.tell("wrong")
    assert said(recognizer.read(THREE)) == said(EXPECTED)
    assert "steps from the CPU's" in caplog.text
    assert place.library.trouble == NOTICE


@needs_compiler
def test_another_models_file_is_not_believed(place, folder):
    compile_as(folder, "inkling", (folder / "gubboit.tflite").read_bytes())
    other = Place(folder, place.edge_tpu.library, place._word)
    assert said(other.recognizer().read(THREE)) == said(EXPECTED)
    assert other.library.trouble == NOTICE
    other.edge_tpu.close()


@needs_compiler
def test_a_damaged_compiled_file_never_reaches_the_runtime(place, folder, caplog):
    (folder / "inkling_edgetpu.tflite").write_bytes(b"\0\0\0\0TFL3 damaged")
    reading = place.recognizer().read(THREE)
    assert (reading.accelerator, said(reading)) == ("CPU", said(EXPECTED))
    assert "damaged or was changed" in caplog.text


@needs_compiler
def test_a_model_that_was_refused_before_it_was_chosen_disturbs_no_other(place, folder):
    compile_as(folder, "flask-mlp", b"\0\0\0\0TFL3 no model")
    (folder / "flask-mlp_edgetpu.tflite").write_bytes(b"damaged since")
    other = Place(folder, place.edge_tpu.library, place._word)
    recognizer = other.recognizer()
    assert recognizer.read(THREE).accelerator == "Edge TPU"
    number = other.edge_tpu.pid
    assert Recognizer(other.library, "flask-mlp").read(THREE).accelerator == "CPU"
    assert recognizer.read(THREE).accelerator == "Edge TPU"
    assert other.edge_tpu.pid == number
    other.edge_tpu.close()


@needs_compiler
@pytest.mark.parametrize(("tpu", "cpu", "chosen"), [(90, 40, "CPU"), (30, 40, "Edge TPU")])
def test_auto_uses_the_faster_and_says_so(place, tpu, cpu, chosen, monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    place.edge_tpu.auto = True
    times = iter([cpu, tpu])
    monkeypatch.setattr(accelerator, "_microseconds", lambda *_: next(times))
    recognizer = place.recognizer()
    assert [recognizer.read(THREE).accelerator for _ in range(2)] == [chosen] * 2
    assert f"CPU {cpu} µs, Edge TPU {tpu} µs; the {chosen} reads" in caplog.text
    assert (place.edge_tpu.pid is None) == (chosen == "CPU")
    assert place.library.trouble is None


@needs_compiler
def test_both_are_really_measured(place, caplog):
    caplog.set_level(logging.INFO)
    place.edge_tpu.auto = True
    place.recognizer().read(THREE)
    assert re.search(r"inkling: CPU \d+ µs, Edge TPU \d+ µs; the (CPU|Edge TPU) reads", caplog.text)


@needs_compiler
def test_every_drawing_is_answered_whatever_happens_meanwhile(place):
    """The worker's thread, and an Edge TPU that works, dies, comes back, hangs and is pulled."""
    recognizer = place.recognizer()
    came, done = [], threading.Semaphore(0)

    def deliver(reading, ticket):
        came.append((ticket, reading))
        done.release()

    worker = Worker(Readers(place.library, recognizer, 0.5), deliver)
    ticket = 0
    for word in ("works", "abort", "works", "hang", "works", "refuse", "works"):
        place.tell(word)
        place.edge_tpu.answer_seconds = 0.3 if word == "hang" else PATIENCE
        for _ in range(3):
            ticket += 1
            worker.submit(THREE, ticket, "inkling")
            assert done.acquire(timeout=PATIENCE)
        place.clock.now += 100.0
        if word != "hang":
            place.edge_tpu.is_up("inkling", PATIENCE)
    worker.close()
    assert [number for number, _ in came] == list(range(1, ticket + 1))
    assert {said(reading) for _, reading in came} == {said(EXPECTED)}
    assert {reading.accelerator for _, reading in came} == {"CPU", "Edge TPU"}


@needs_compiler
def test_the_kiosk_shows_the_cpus_reading_and_a_notice_until_it_is_back(place, lights):
    place.edge_tpu.auto = False
    recognizer = place.recognizer()
    kiosk = Kiosk(kiosks.settings(), recognizer, lights, library=place.library)

    def shows(which, notice):
        kiosk.predict()
        kiosks.until(kiosk, lambda: kiosk.settled)
        reading = kiosk.reading
        assert (reading.digit, reading.accelerator, kiosk.notice) == (3, which, notice)

    try:
        kiosk.desk.replace(THREE)
        kiosk.step(0.001)
        shows("Edge TPU", None)
        place.tell("abort")
        shows("CPU", NOTICE)
        place.tell("works")
        place.clock.now += 100.0
        assert place.edge_tpu.is_up("inkling", PATIENCE)
        shows("Edge TPU", None)
    finally:
        kiosk.close()


@needs_compiler
def test_its_process_ends_with_whoever_asked_it(place):
    place.recognizer()
    number = place.edge_tpu.pid
    place.edge_tpu.close()
    place.edge_tpu.close()
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_a_model_without_a_compiled_file_runs_on_the_cpu(folder, tmp_path):
    place = Place(folder, "none.so", tmp_path / "word")
    assert Recognizer(place.library, "flask-mlp").read(THREE).accelerator == "CPU"


def test_the_setting_decides_what_is_asked(folder, caplog):
    chosen = Library(folder)
    chosen.accelerate("cpu")
    assert chosen.edge_tpu is None
    chosen.accelerate("auto")
    assert chosen.edge_tpu.auto
    chosen.accelerate("edgetpu")
    assert not chosen.edge_tpu.auto
    assert chosen.trouble is None
    caplog.clear()
    bare = Library()
    bare.accelerate("auto")
    assert (bare.edge_tpu, bare.trouble, caplog.text) == (None, None, "")
    bare.accelerate("edgetpu")
    assert (bare.edge_tpu, bare.trouble) == (None, NOT_COMPILED)
    assert "python -m firmware_tools edgetpu" in caplog.text


def test_a_half_entered_pair_is_a_damaged_manifest(folder):
    manifest = folder / "models.toml"
    manifest.write_text(re.sub(r"edgetpu_sha256 = .*\n", "", manifest.read_text()))
    with pytest.raises(ModelError, match="edgetpu_sha256 is missing"):
        Library(folder)
