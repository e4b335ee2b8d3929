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
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from device import __version__
from device.errors import InklingError, ModelError, ScreenError

if TYPE_CHECKING:
    from device.config import Config
    from device.recognizer import Recognizer

EXAMPLES = """\
examples:
  inkling run                       the kiosk, full screen on a console, a window on a desktop
  inkling run --windowed --size 1024x600
  inkling demo                      no screen? watch a replayed session and its lights
  inkling read photo.jpg scan.png   what digits are these? (- reads one from standard input)
  inkling read --strokes ink.jsonl --table
  inkling samples                   the drawings that people have labelled: how many of each
  inkling samples export set.json   all of them in one file, for training
  inkling doctor                    what works on this machine, and how to mend what does not
"""

SERVICES = ("run", "headless", "out-of-order")
"""Commands that go on for ever: what they do is told in the log, and nobody reads their output."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that ``arguments`` (or the process's own) name; returns the exit status."""
    closed = _sound_streams()
    parser = _parser()
    args = parser.parse_args(arguments)
    if args.command is None:
        parser.print_help()
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
        with _quiet_pipe(), _crashes_kept(args.command):
            status: int = args.start(args)
            return status
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
def _crashes_kept(command: str) -> Iterator[None]:
    """What ends the kiosk is kept for ``inkling doctor``."""
    if command not in ("run", "headless"):
        yield
        return
    from device.config import state_folder
    from device.crash import recorded

    with recorded(state_folder):
        yield


def _drop_output() -> None:
    """What Python would flush at exit has nowhere to go either."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="inkling",
        description="A touchscreen that reads digits.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"inkling {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--config", type=Path, metavar="FILE", help="settings that override")
    shared.add_argument("--model", metavar="NAME", help="see `inkling models`")
    shared.add_argument(
        "--models", type=Path, metavar="DIR", help="a folder of models instead of the shipped one"
    )
    shared.add_argument("--verbose", action="store_true", help="say more on stderr")

    def command(
        name: str, start: Any, text: str, *parents: argparse.ArgumentParser
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(name, parents=[shared, *parents], help=text, description=text)
        made.set_defaults(start=start)
        return made

    screen = argparse.ArgumentParser(add_help=False)
    shape = screen.add_mutually_exclusive_group()
    shape.add_argument(
        "--windowed", action="store_true", default=None, help="on a desktop: a window (the default)"
    )
    shape.add_argument(
        "--fullscreen", dest="windowed", action="store_false", help="on a desktop: the whole screen"
    )
    screen.add_argument("--size", metavar="WxH", help="800x480, 1024x600, ...")

    command("run", _run, "start the kiosk", screen)
    headless = command("headless", _headless, "read from a digitiser and a socket, with no screen")
    headless.add_argument("--socket", metavar="PATH", help="where programs hand in ink; or: off")
    demo = command("demo", _demo, "replay a drawing session off-screen, with readings and lights")
    demo.add_argument("--screenshot", type=Path, metavar="FILE", help="where its PNG goes")
    demo.add_argument("--size", metavar="WxH", help="of the screenshot (800x480)")
    shots = command("screenshots", _screenshots, "render every screen as a PNG, without hardware")
    shots.add_argument("folder", type=Path, metavar="DIR")
    shots.add_argument("--size", metavar="WxH", help="of the screens (800x480)")
    shots.add_argument("--language", metavar="CODE", help="en, de, es, fr, ja, zh")
    shots.add_argument("--only", nargs="+", metavar="NAME", default=(), help="some of them")
    bench = command("bench", _bench, "measure what things cost on this machine")
    bench.add_argument("subject", metavar="SUBJECT", help="screen: the frame budget")
    bench.add_argument("--turns", type=int, default=300, metavar="N", help="how often (300)")
    bench.add_argument("--json", action="store_true", help="for programs instead of people")
    command("models", _models, "list the models, with what they scored, and test each")
    command("out-of-order", _out_of_order, "a plain screen and a blinking light, and nothing else")
    command("config", _config, "print the configuration in force", screen)
    doctor = command("doctor", _doctor, "check this machine, and say what to do")
    doctor.add_argument("--json", action="store_true", help="for programs instead of people")
    part = doctor.add_mutually_exclusive_group()
    part.add_argument("--touch", action="store_true", help="measure the touch panel, 5 seconds")
    part.add_argument("--crashes", action="store_true", help="print the last fatal errors")
    part.add_argument("--self-test", action="store_true", help="runtime and models alone")
    samples = command("samples", _samples, "labelled drawings: count, export, import")
    samples.add_argument("action", nargs="?", choices=("export", "import"))
    samples.add_argument(
        "file",
        nargs="?",
        type=Path,
        metavar="FILE",
        help="NAME.jsonl: strokes, one drawing a line; NAME.json: 28x28 pictures, "
        "the published form",
    )
    samples.add_argument("--folder", type=Path, metavar="DIR", help="where the drawings are kept")
    samples.add_argument("--all", action="store_true", help="also export to .json what is no digit")
    read = command("read", _read, "read digits from pictures or strokes, as JSON lines")
    read.add_argument(
        "files",
        nargs="*",
        type=Path,
        metavar="FILE",
        help='PNG, JPEG, BMP, or a JSON array of {"image": [784 integers, 255 = white]}; '
        "- for standard input",
    )
    read.add_argument(
        "--strokes",
        metavar="FILE",
        help='JSON lines {"strokes": [[[x, y], ...], ...]}; - for standard input',
    )
    read.add_argument("--table", action="store_true", help="for people instead of programs")
    return parser


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


def _run(args: argparse.Namespace) -> int:
    from device import kiosk
    from device.library import Library
    from device.lights import Lights
    from device.recognizer import sturdy
    from device.screen.display import has_display
    from device.service import Service

    config, library = _config_of(args), Library(args.models)
    library.accelerate(config.model.accelerator)
    recognizer, notice = sturdy(library, config.model.name, config.model.threshold)
    present, reason = has_display()
    with Service() as service:
        if not present and service.is_supervised:
            raise ScreenError(f"there is nothing to draw on: {reason}; `inkling doctor` says more")
    if not present:
        print(f"No display ({reason}): replaying a drawing session off-screen instead.")
        return _replay(config, recognizer, None)
    with Lights(config.lights) as lights:
        return kiosk.run(config, recognizer, lights, notice, library)


def _headless(args: argparse.Namespace) -> int:
    from device import headless
    from device.library import Library
    from device.lights import Lights
    from device.recognizer import sturdy

    config, library = _config_of(args), Library(args.models)
    library.accelerate(config.model.accelerator)
    recognizer, _ = sturdy(library, config.model.name, config.model.threshold)
    with Lights(config.lights) as lights:
        return headless.run(config, recognizer, lights, library)


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
    from device import bench
    from device.library import Library

    config = _config_of(args)
    tools = bench.Bench(config, _recognizer(args, config), Library(args.models), args.turns)
    return bench.run(args.subject, tools, sys.stdout, as_json=args.json)


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


if __name__ == "__main__":
    sys.exit(main())
