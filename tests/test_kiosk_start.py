"""The kiosk is there before its model is: what is drawn meanwhile is read once it can be."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from drawings import digit
from fakes import FakeRecognizer
from kiosks import settings, until

from device import recognizer as recognizer_module
from device.cli import main
from device.demo import Visitor
from device.errors import ModelError
from device.headless import Headless
from device.kiosk import Kiosk
from device.library import Library, shipped_folder
from device.reading import Verdict

FORBIDDEN = {"tensorflow", "tf_keras", "keras", "scipy", "PIL", "matplotlib", "pandas", "tests"}
"""What is not on the device, or far too large for it."""

LATER = {
    "device.accelerator",
    "device.demo",
    "device.gallery",
    "device.doctor",
    "device.screen.settings_screen",
}
"""What other commands, other screens, or other machines need."""

UNSEEN = {"numpy", "gpiozero", "json", "device.kiosk"}
"""What takes long to import, and the first picture does not need."""

UP = """
import gc
import sys
from device.cli import main
from device.screen.display import Display
show = Display.show
def first(display, dirty):
    show(display, dirty)
    print(*sys.modules)
    Display.show = show
    from device.kiosk import Kiosk
    begun = Kiosk._begun
    def up(kiosk, *what):
        begun(kiosk, *what)
        print(*sys.modules)
        print(gc.isenabled())
        kiosk.stop()
    Kiosk._begun = up
Display.show = first
sys.exit(main(["run", "--size", "480x320"]))
"""


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(shipped_folder(), tmp_path / "models")
    return tmp_path / "models"


class Slow:
    """A model that is opened when the test says so."""

    def __init__(self):
        self.opens = threading.Event()

    def sturdy(self, library, name, threshold):
        assert self.opens.wait(30)
        return FakeRecognizer(model=name), None


@pytest.fixture
def slow(monkeypatch):
    made = Slow()
    monkeypatch.setattr(recognizer_module, "sturdy", made.sturdy)
    yield made
    made.opens.set()


def test_what_is_drawn_before_the_model_is_open_is_read_once_it_is(slow, lights):
    kiosk = Kiosk(settings(), None, lights)
    try:
        Visitor(kiosk).draw(digit(3))
        assert kiosk.desk.ink.point_count > 0
        assert not kiosk.settled
        assert not kiosk.background.able
        slow.opens.set()
        until(kiosk, lambda: kiosk.settled)
        assert (kiosk.reading.verdict, kiosk.reading.digit) == (Verdict.ACCEPTED, 3)
        assert kiosk.notice is None
    finally:
        kiosk.close()


def test_another_model_stands_in_for_a_damaged_one_and_a_notice_says_so(
    folder, lights, tmp_path, monkeypatch
):
    # The setting that is changed here is kept: not for the tests after this one.
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    (folder / "inkling.tflite").write_bytes(b"TFL3 damaged")
    kiosk = Kiosk(settings(), None, lights, Library(folder))
    try:
        visitor = Visitor(kiosk)
        visitor.draw(digit(3))
        until(kiosk, lambda: kiosk.background.able)
        assert kiosk.notice == f"a model is damaged: reading with {kiosk.desk.model}"
        until(kiosk, lambda: kiosk.settled)
        assert kiosk.reading.model == kiosk.desk.model != "inkling"
        assert kiosk.reading.digit == 3
        visitor.tap("clear")
        assert kiosk.notice is None
        kiosk.change({"screen.inverse": True})
        visitor.draw(digit(3))
        assert visitor.wait()
        assert kiosk.reading.digit == 3
    finally:
        kiosk.close()


def test_without_a_whole_model_the_kiosk_ends_and_says_why(folder, lights):
    for file in folder.glob("*.tflite"):
        file.unlink()
    kiosk = Kiosk(settings(), None, lights, Library(folder))
    try:
        with pytest.raises(ModelError, match="model 'inkling' cannot be read"):
            kiosk.run(threading.Event())
    finally:
        kiosk.close()


@pytest.mark.parametrize("command", [["run"], ["headless", "--socket", "off"]])
def test_a_command_without_a_whole_model_is_one_line(command, folder, capsys):
    for file in folder.glob("*.tflite"):
        file.unlink()
    assert main([*command, "--models", str(folder)]) == 1
    said = capsys.readouterr().err
    assert "inkling: " in said
    assert "cannot be read" in said.splitlines()[-1]
    assert "Traceback" not in said


def test_without_a_screen_another_model_stands_in_too(folder, lights, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    (folder / "inkling.tflite").write_bytes(b"TFL3 damaged")
    headless = Headless(settings(headless={"socket": "off"}), None, lights, Library(folder))
    try:
        until(headless, lambda: headless.background.able)
        assert headless.desk.model != "inkling"
        headless.desk.forget()
        assert headless.desk.model != "inkling"
    finally:
        headless.close()


def test_nothing_is_loaded_that_is_too_large_for_the_device_or_not_needed_yet():
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    done = subprocess.run(
        [sys.executable, "-c", UP], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    shown, up, collects = done.stdout.splitlines()
    assert set(shown.split()) & UNSEEN == set()
    assert collects == "True"
    loaded = set(up.split())
    assert {"numpy", "pygame", "device.kiosk", "device.tflite"} <= loaded
    assert not loaded & LATER
    assert not {name.split(".")[0] for name in loaded} & FORBIDDEN
