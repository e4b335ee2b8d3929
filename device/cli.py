"""The command line; it wires the parts together and is the only place that does.

What takes time to import is imported by the command that needs it, so that ctrl-C is answered
from the start.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from device import start
from device.arguments import parsed, parser
from device.errors import InklingError, ModelError, NoScreenError, ScreenError

if TYPE_CHECKING:
    from device.config import Config
    from device.library import Library
    from device.recognizer import Recognizer
    from device.screen.display import Display

log = logging.getLogger(__name__)

SERVICES = ("run", "headless", "out-of-order")
"""Commands that go on for ever: what they do is told in the log, and nobody reads their output."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that ``arguments`` (or the process's own) name; returns the exit status."""
    closed = _sound_streams()
    words = sys.argv[1:] if arguments is None else arguments
    made = parser(words)
    args = parsed(made, words)
    if args.command is None:
        made.print_help()
        return 2
    if closed and args.command not in SERVICES:
        _complain("standard output is closed: there is nowhere to write the answer")
        return 1
    logging.basicConfig(
        level=logging.INFO if args.verbose or args.command in SERVICES else logging.WARNING,
        format="%(levelname)s %(message)s",
        stream=sys.stderr,
    )
    try:
        with _quiet_pipe(), _service(args.command):
            return STARTS[args.command](args)
        return 0
    except InklingError as error:
        _complain(str(error))
        return 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else "the output cannot be written: "
        _complain(f"{where}{error.strerror or error}")
        _drop_output()
        return 1
    except KeyboardInterrupt:
        return 130


def _sound_streams() -> bool:
    """Make the standard streams fit for any text; tells whether standard output is closed."""
    closed = sys.stdout is None
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, PTH123 - for good
        elif isinstance(stream, io.TextIOWrapper):
            # A file's name may hold what the terminal cannot show.
            stream.reconfigure(errors="backslashreplace")
    return closed


def _complain(text: str) -> None:
    with contextlib.suppress(OSError):
        print(f"inkling: {text}", file=sys.stderr)


@contextlib.contextmanager
def _quiet_pipe() -> Iterator[None]:
    """A reader that goes away (``| head``) ends the command without a word."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()


@contextlib.contextmanager
def _service(command: str) -> Iterator[None]:
    """What goes on for ever leaves in good order when it is told to, from the start on; what ends
    the kiosk is kept for ``inkling doctor``."""
    with contextlib.ExitStack() as stack:
        if command in SERVICES:
            from device.signals import leaving_when_asked

            stack.enter_context(leaving_when_asked())
        if command in ("run", "headless"):
            start.begin()
            stack.callback(start.done)
            from device.config import state_folder
            from device.crash import recorded

            stack.enter_context(recorded(state_folder))
        yield


def _drop_output() -> None:
    """What Python would flush at exit has nowhere to go either."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _config_of(args: argparse.Namespace) -> Config:
    from device.config import load_config

    overrides: dict[str, dict[str, Any]] = {}
    if args.model is not None:
        overrides.setdefault("model", {})["name"] = args.model
    if getattr(args, "size", None) is not None:
        overrides.setdefault("screen", {})["size"] = args.size
    if getattr(args, "socket", None) is not None:
        overrides.setdefault("headless", {})["socket"] = args.socket
    if getattr(args, "language", None) is not None:
        overrides.setdefault("screen", {})["language"] = args.language
    if getattr(args, "windowed", None) is not None:
        overrides.setdefault("screen", {})["windowed"] = args.windowed
    return load_config(args.config, overrides)


def _recognizer(args: argparse.Namespace, config: Config) -> Recognizer:
    from device.library import Library
    from device.recognizer import Recognizer

    return Recognizer(Library(args.models), config.model.name, config.model.threshold)


def _library(args: argparse.Namespace, config: Config) -> Library:
    from device.library import Library

    library = Library(args.models)
    library.accelerate(config.model.accelerator)
    return library


def _run(args: argparse.Namespace) -> int:
    from device.screen import display, splash

    config = _config_of(args)
    try:
        opened = display.open_display(config.screen)
    except NoScreenError as error:
        return _without_screen(args, config, error.reason)
    try:
        # On the screen before whatever takes long to import, or to open.
        splash.draw(opened.surface)
        opened.show([opened.surface.get_rect()])
        log.info("screen: %s", opened)
        return _kiosk(args, config, opened)
    finally:
        display.close_display()


def _without_screen(args: argparse.Namespace, config: Config, reason: str) -> int:
    from device.recognizer import sturdy
    from device.service import Service

    with Service() as service:
        if service.is_supervised:
            raise ScreenError(f"there is nothing to draw on: {reason}; `inkling doctor` says more")
    print(f"No display ({reason}): replaying a drawing session off-screen instead.")
    recognizer, _ = sturdy(_library(args, config), config.model.name, config.model.threshold)
    return _replay(config, recognizer, None)


def _kiosk(args: argparse.Namespace, config: Config, display: Display) -> int:
    from device import kiosk
    from device.lights import Lights
    from device.service import Service

    with Service() as service:
        service.status("starting")
        library = _library(args, config)
        with Lights(config.lights) as lights:
            return kiosk.run(config, None, lights, library, service, display)


def _headless(args: argparse.Namespace) -> int:
    from device import headless
    from device.lights import Lights
    from device.service import Service

    config = _config_of(args)
    library = _library(args, config)
    with Service() as service, Lights(config.lights) as lights:
        return headless.run(config, None, lights, library, service)


def _demo(args: argparse.Namespace) -> int:
    config = _config_of(args)
    return _replay(config, _recognizer(args, config), args.screenshot)


def _replay(config: Config, recognizer: Recognizer, screenshot: Path | None) -> int:
    from device import demo
    from device.lights import Lights

    if screenshot is None:
        screenshot = Path(tempfile.mkdtemp(prefix="inkling-")) / "inkling.png"
    with Lights(config.lights) as lights:
        return demo.replay(config, recognizer, lights, screenshot)


def _screenshots(args: argparse.Namespace) -> int:
    from device import gallery
    from device.library import Library

    config = _config_of(args)
    library = Library(args.models)
    gallery.screenshots(config, _recognizer(args, config), args.folder, library, args.only)
    return 0


def _out_of_order(args: argparse.Namespace) -> int:
    from device import out_of_order

    return out_of_order.run(lambda: _config_of(args))


def _bench(args: argparse.Namespace) -> int:
    from device.bench import subjects
    from device.bench.measure import Bench

    tools = Bench(_config_of(args), args.models, args.turns, args.floats)
    return subjects.run(args.subject, tools, sys.stdout, args.json, args.report, args.board)


def _models(args: argparse.Namespace) -> int:
    from device.golden import self_test
    from device.library import Library

    library = Library(args.models)
    print(f"{'name':<13} {'KB':>6} {'MNIST':>8} {'drawn':>8}  {'pipeline':<8} what")
    status = 0
    for name in sorted(library.names, key=lambda name: name != library.default):
        entry = library.entry(name)
        scores = [entry.accuracy.get(data) for data in ("mnist-test", "pendigits-validation")]
        shown = [f"{score.int8:.2f} %" if score else "-" for score in scores]
        mark = " (default)" if name == library.default else ""
        print(
            f"{name:<13} {entry.bytes / 1000:>6.0f} {shown[0]:>8} {shown[1]:>8}  "
            f"{entry.pipeline:<8} {entry.title}{mark}"
        )
        try:
            self_test(library, name)
        except ModelError as error:
            status = 1
            print(f"{'':<13} refused: {error}", file=sys.stderr)
    return status


def _config(args: argparse.Namespace) -> int:
    from device.config import as_toml
    from device.library import Library

    config = _config_of(args)
    Library(args.models).entry(config.model.name)
    print(as_toml(config), end="")
    return 0


def _doctor(args: argparse.Namespace) -> int:
    from device import doctor
    from device.finding import kept_in
    from device.library import Library

    if args.crashes:
        return doctor.print_crashes(kept_in(), args.json)
    if args.touch and not args.json:
        print("Draw long lines on the panel, for five seconds ...", flush=True)
    checks = doctor.TOUCH if args.touch else doctor.CHECKS
    if args.self_test:
        checks = doctor.SELF_TEST
    return doctor.run(lambda: _config_of(args), lambda: Library(args.models), checks, args.json)


def _samples(args: argparse.Namespace) -> int:
    from device import samples_cli

    config = _config_of(args)
    return samples_cli.run(args, config.samples.path if args.folder is None else args.folder)


def _read(args: argparse.Namespace) -> int:
    from device import read

    if bool(args.files) == (args.strokes is not None):
        raise InklingError("name picture files, or strokes with --strokes FILE (see --help)")
    recognizer = _recognizer(args, _config_of(args))
    if args.strokes is None:
        drawings = read.drawings_from_files(args.files)
        return read.write_readings(drawings, recognizer, sys.stdout, args.table)
    if args.strokes == "-":
        drawings = read.drawings_from_lines(read.standard_input(), "-")
        return read.write_readings(drawings, recognizer, sys.stdout, args.table)
    try:
        file = Path(args.strokes).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise InklingError(f"{args.strokes}: cannot be read: {error.strerror}") from error
    with file:
        drawings = read.drawings_from_lines(file, args.strokes)
        return read.write_readings(drawings, recognizer, sys.stdout, args.table)


STARTS: dict[str, Callable[[argparse.Namespace], int]] = {
    "run": _run,
    "headless": _headless,
    "demo": _demo,
    "screenshots": _screenshots,
    "bench": _bench,
    "models": _models,
    "out-of-order": _out_of_order,
    "config": _config,
    "doctor": _doctor,
    "samples": _samples,
    "read": _read,
}
"""What each command of :data:`device.arguments.COMMANDS` does."""


if __name__ == "__main__":
    sys.exit(main())
