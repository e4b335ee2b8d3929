"""Files that are damaged: configuration, settings, models, their manifest, labelled drawings."""

from __future__ import annotations

import contextlib
import io
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from device import cli, config
from device.config import DEFAULT_FILE, SETTINGS_FILE
from device.errors import InklingError
from device.library import Library, shipped_folder
from device.recognizer import sturdy
from device.samples import FILE, LABELS, Samples
from device.session import digits
from firmware_tools.progress import bar
from firmware_tools.reliability.findings import Finding, counted, silence
from firmware_tools.reliability.processes import BrokenPromise, own_state, place

MODEL = "inkling.tflite"

STARTS = 20
"""Whole processes are started a fiftieth as often as files are read."""

Spoil = Callable[[random.Random, bytes], bytes]


def noise(luck: random.Random, content: bytes) -> bytes:
    """Random bytes, as many as there were, or fewer."""
    return luck.randbytes(luck.randint(0, len(content)))


def cut(luck: random.Random, content: bytes) -> bytes:
    """The beginning of it."""
    return content[: luck.randrange(len(content))]


def changed(luck: random.Random, content: bytes) -> bytes:
    """A few bytes of it are others."""
    spoiled = bytearray(content)
    for _ in range(luck.choice((1, 1, 2, 8))):
        spoiled[luck.randrange(len(spoiled))] = luck.randrange(256)
    return bytes(spoiled)


WAYS: dict[str, Spoil] = {"random bytes": noise, "cut off": cut, "some bytes changed": changed}


def damage(seed: int, times: int) -> Iterator[Finding]:
    """Every kind of file, damaged so often in every way."""
    luck = random.Random(seed)
    with (
        tempfile.TemporaryDirectory(prefix="inkling-") as name,
        silence(),
        own_state(),
    ):
        folder = Path(name)
        for way, spoil in WAYS.items():
            yield _configuration(luck, spoil, way, times, folder)
        for way, spoil in WAYS.items():
            yield _settings(luck, spoil, way, times, folder)
        yield _model(luck, times // 2, folder / "models")
        yield _all_models(luck, times // 10, folder / "all")
        yield _manifest(luck, times, folder / "manifest")
        for way, spoil in WAYS.items():
            yield _drawings(luck, spoil, way, times // 2)
    yield _started_with_damage(luck, max(1, times // STARTS))
    yield _out_of_order(luck, max(1, times // STARTS // 5))


def _told(words: list[str]) -> str:
    """Run a command; what came of it.

    Raises:
        BrokenPromise: more than one line is said of what is wrong.
    """
    said, wrong = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(wrong):
        status = cli.main(words)
    if status == 0:
        return "understood"
    if status != 1 or len(wrong.getvalue().splitlines()) != 1:
        raise BrokenPromise(f"{words} ended with {status}: {wrong.getvalue()}")
    return "refused in one line"


def _configuration(
    luck: random.Random, spoil: Spoil, way: str, times: int, folder: Path
) -> Finding:
    content, path = DEFAULT_FILE.read_bytes(), folder / "inkling.toml"
    outcomes: Counter[str] = Counter()
    for _ in bar(range(times), f"configuration, {way}", times):
        path.write_bytes(spoil(luck, content))
        outcomes[_told(["config", "--config", str(path)])] += 1
    return Finding(f"the configuration: {way}", times, counted(outcomes))


def _settings(luck: random.Random, spoil: Spoil, way: str, times: int, folder: Path) -> Finding:
    """What the settings page has kept must never stand in the way of a start."""
    content = b'[screen]\nlanguage = "de"\ninverse = true\n\n[model]\nthreshold = 0.65\n'
    outcomes: Counter[str] = Counter()
    path = config.state_folder() / SETTINGS_FILE
    for _ in bar(range(times), f"settings, {way}", times):
        path.write_bytes(spoil(luck, content))
        loaded = config.load_config(None, None, folder / "none.toml")
        outcomes["understood" if path.exists() else "set aside, the defaults used"] += 1
        config.save_settings({"screen.language": "fr"})
        loaded = config.load_config(None, None, folder / "none.toml")
        if loaded.screen.language != "fr":
            raise BrokenPromise(f"settings cannot be kept after {way}")
    path.unlink()
    return Finding(f"the settings page's file: {way}", times, counted(outcomes))


def _model(luck: random.Random, times: int, folder: Path) -> Finding:
    shutil.copytree(shipped_folder(), folder)
    path = folder / MODEL
    content, outcomes = path.read_bytes(), Counter[str]()
    three = digits()[3].ink
    for _ in bar(range(times), "the model cut off", times):
        path.write_bytes(cut(luck, content))
        recognizer, notice = sturdy(Library(folder), "inkling", 0.5)
        if not notice or recognizer.read(three).digit != 3:
            raise BrokenPromise(f"no notice, or a 3 is misread, with {MODEL} cut off")
        outcomes["another model reads, with a notice"] += 1
    return Finding(f"`{MODEL}` cut off", times, counted(outcomes))


def _all_models(luck: random.Random, times: int, folder: Path) -> Finding:
    shutil.copytree(shipped_folder(), folder)
    whole = {path: path.read_bytes() for path in folder.glob("*.tflite")}
    outcomes: Counter[str] = Counter()
    for _ in bar(range(times), "all models cut off", times):
        for path, content in whole.items():
            path.write_bytes(cut(luck, content))
        outcomes[_told(["read", "--models", str(folder), "--strokes", "/dev/null"])] += 1
    return Finding("all models cut off", times, counted(outcomes))


def _manifest(luck: random.Random, times: int, folder: Path) -> Finding:
    shutil.copytree(shipped_folder(), folder)
    path = folder / "models.toml"
    content, outcomes = path.read_bytes(), Counter[str]()
    for turn in bar(range(times), "the manifest", times):
        path.write_bytes(list(WAYS.values())[turn % len(WAYS)](luck, content))
        try:
            sturdy(Library(folder), "inkling", 0.5)
        except InklingError as error:
            if "\n" in str(error):
                raise BrokenPromise(f"more than one line: {error}") from error
            outcomes["refused in one line"] += 1
        else:
            outcomes["understood"] += 1
    return Finding("the models' manifest: all three ways", times, counted(outcomes))


def _drawings(luck: random.Random, spoil: Spoil, way: str, times: int) -> Finding:
    """Whose line is whole is still there, and another can be added."""
    with tempfile.TemporaryDirectory(prefix="inkling-") as name:
        path = Path(name) / FILE
        with Samples(Path(name)) as samples:
            for number in range(50):
                samples.add(digits()[number % 10].ink, LABELS[number % 10])
        content = path.read_bytes()
        numbered = {line: number for number, line in enumerate(content.splitlines(True), 1)}
        most = total = 0
        for _ in bar(range(times), f"drawings, {way}", times):
            spoiled = spoil(luck, content)
            path.write_bytes(spoiled)
            whole = {numbered[line] for line in spoiled.splitlines(True) if line in numbered}
            with Samples(Path(name)) as samples:
                found = {sample.number for sample in samples}
                samples.add(digits()[0].ink, "0")
            missing = len(whole - found)
            total += missing
            most = max(most, missing)
            with Samples(Path(name)) as samples:
                if len(samples) != len(found) + 1:
                    raise BrokenPromise(f"a drawing cannot be added after {way}")
    outcome = "every drawing whose line is whole is there, and another could be added"
    if total:
        outcome = f"whole lines that were refused: {total:,}, never more than {most} in one file"
    return Finding(f"the file of drawings: {way}", times, outcome)


def _started_with_damage(luck: random.Random, times: int) -> Finding:
    """The whole process, with a model that is cut off."""
    with place() as here:
        folder = here.folder / "models"
        shutil.copytree(shipped_folder(), folder)
        content = (folder / MODEL).read_bytes()
        for turn in bar(range(times), "starts with a damaged model", times):
            (folder / MODEL).write_bytes(cut(luck, content))
            command = ("run", "headless")[turn % 2]
            with here.start(command, more=["--models", str(folder)]) as running:
                running.wait_ready()
                running.end()
            if "Traceback" in here.log or "a model is damaged" not in here.log:
                raise BrokenPromise(f"with {MODEL} cut off: {here.log}")
    return Finding(
        f"`inkling run` and `headless` started with `{MODEL}` cut off",
        times,
        "ready each time, with another model and a notice",
    )


def _out_of_order(luck: random.Random, times: int) -> Finding:
    """A configuration of random bytes: one line, and then the red light."""
    red = 22
    with place() as here:
        for _ in bar(range(times), "out of order", times):
            (here.folder / "inkling.toml").write_bytes(b"\xff" + luck.randbytes(500))
            with here.start("run") as running:
                status = running.ended()
            if status != 1 or len(here.log.splitlines()) != 1:
                raise BrokenPromise(f"ended with {status}: {here.log}")
            with here.start("out-of-order") as running:
                running.wait(lambda: red in here.lit, "the red light")
                running.wait(lambda: red not in here.lit, "the red light blinks")
                if running.end() != 0 or here.lit:
                    raise BrokenPromise("the red light stays on")
    return Finding(
        "`inkling run` with a configuration of random bytes, then `inkling out-of-order`",
        times,
        "one line and status 1; then the red light blinks on its default pin, off at the end",
    )
