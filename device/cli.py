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
from device.errors import InklingError, ModelError

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
  inkling doctor                    what works on this machine, and how to mend what does not
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that ``arguments`` (or the process's own) name; returns the exit status."""
    closed = _sound_streams()
    parser = _parser()
    args = parser.parse_args(arguments)
    if args.command is None:
        parser.print_help()
        return 2
    if closed and args.command != "run":
        _complain("standard output is closed: there is nowhere to write the answer")
        return 1
    logging.basicConfig(
        level=logging.INFO if args.verbose or args.command == "run" else logging.WARNING,
        format="%(levelname)s %(message)s",
        stream=sys.stderr,
    )
    try:
        with _quiet_pipe():
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
    demo = command("demo", _demo, "replay a drawing session off-screen, with readings and lights")
    demo.add_argument("--screenshot", type=Path, metavar="FILE", help="where its PNG goes")
    demo.add_argument("--size", metavar="WxH", help="of the screenshot (800x480)")
    shots = command("screenshots", _screenshots, "render every screen as a PNG, without hardware")
    shots.add_argument("folder", type=Path, metavar="DIR")
    shots.add_argument("--size", metavar="WxH", help="of the screens (800x480)")
    command("models", _models, "list the models, with what they scored")
    command("config", _config, "print the configuration in force", screen)
    command("doctor", _doctor, "check this machine, and say what to do")
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

    config = _config_of(args)
    recognizer, notice = sturdy(Library(args.models), config.model.name, config.model.threshold)
    present, reason = has_display()
    if not present:
        print(f"No display ({reason}): replaying a drawing session off-screen instead.")
        return _replay(config, recognizer, None)
    with Lights(config.lights) as lights:
        return kiosk.run(config, recognizer, lights, notice)


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
    from device import demo

    config = _config_of(args)
    demo.screenshots(config, _recognizer(args, config), args.folder)
    return 0


def _models(args: argparse.Namespace) -> int:
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
            library.open(name)
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
    from device.doctor import Level, examine
    from device.library import Library

    config = _config_of(args)
    findings = []
    for finding in examine(config, lambda: Library(args.models)):
        print(finding.shown(sys.stdout.encoding), flush=True)
        findings.append(finding)
    return int(any(finding.level is Level.BROKEN for finding in findings))


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
