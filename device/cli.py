"""The command line; it wires the parts together and is the only place that does."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from device import __version__
from device.config import Config, as_toml, load_config
from device.errors import InklingError, ModelError
from device.library import Library
from device.recognizer import Recognizer

log = logging.getLogger(__name__)

EXAMPLES = """\
examples:
  inkling run                       the kiosk, full screen on a console, a window on a desktop
  inkling run --windowed --size 1024x600
  inkling demo                      no screen? watch a replayed session and its lights
  inkling read photo.jpg scan.png   what digits are these?
  inkling read --strokes ink.jsonl --table
  inkling doctor                    what works on this machine, and how to mend what does not
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that ``arguments`` (or the process's own) name; returns the exit status."""
    parser = _parser()
    args = parser.parse_args(arguments)
    if args.command is None:
        parser.print_help()
        return 2
    logging.basicConfig(
        level=logging.INFO if args.verbose or args.command == "run" else logging.WARNING,
        format="%(levelname)s %(message)s",
        stream=sys.stderr,
    )
    try:
        status: int = args.start(args)
        return status
    except InklingError as error:
        print(f"inkling: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


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

    def command(name: str, start: Any, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, parents=[shared], help=text, description=text)
        made.set_defaults(start=start)
        return made

    run = command("run", _run, "start the kiosk")
    shape = run.add_mutually_exclusive_group()
    shape.add_argument(
        "--windowed", action="store_true", default=None, help="on a desktop: a window (the default)"
    )
    shape.add_argument(
        "--fullscreen", dest="windowed", action="store_false", help="on a desktop: the whole screen"
    )
    run.add_argument("--size", metavar="WxH", help="800x480, 1024x600, ...")
    demo = command("demo", _demo, "replay a drawing session off-screen, with readings and lights")
    demo.add_argument("--screenshot", type=Path, metavar="FILE", help="where its PNG goes")
    demo.add_argument("--size", metavar="WxH", help="of the screenshot (800x480)")
    shots = command("screenshots", _screenshots, "render every screen as a PNG, without hardware")
    shots.add_argument("folder", type=Path, metavar="DIR")
    shots.add_argument("--size", metavar="WxH", help="of the screens (800x480)")
    command("models", _models, "list the models, with what they scored")
    command("config", _config, "print the configuration in force")
    command("doctor", _doctor, "check this machine, and say what to do")
    read = command("read", _read, "read digits from pictures or strokes, as JSON lines")
    read.add_argument(
        "files",
        nargs="*",
        type=Path,
        metavar="FILE",
        help='PNG, JPEG, BMP, or a JSON array of {"image": [784 integers, 255 = white]}',
    )
    read.add_argument(
        "--strokes",
        metavar="FILE",
        help='JSON lines {"strokes": [[[x, y], ...], ...]}; - for standard input',
    )
    read.add_argument("--table", action="store_true", help="for people instead of programs")
    return parser


def _config_of(args: argparse.Namespace) -> Config:
    overrides: dict[str, dict[str, Any]] = {}
    if args.model is not None:
        overrides.setdefault("model", {})["name"] = args.model
    if getattr(args, "size", None) is not None:
        overrides.setdefault("screen", {})["size"] = args.size
    if getattr(args, "windowed", None) is not None:
        overrides.setdefault("screen", {})["windowed"] = args.windowed
    return load_config(args.config, overrides)


def _recognizer(args: argparse.Namespace, config: Config) -> Recognizer:
    return Recognizer(Library(args.models), config.model.name, config.model.threshold)


def _sturdy_recognizer(args: argparse.Namespace, config: Config) -> Recognizer:
    """As configured or, where that model is broken, with another one that is whole.

    A name that nobody knows is the operator's mistake and stays an error.
    """
    library = Library(args.models)
    library.entry(config.model.name)
    others = [name for name in library.digit_models if name != config.model.name]
    problem = None
    for name in (config.model.name, *others):
        try:
            recognizer = Recognizer(library, name, config.model.threshold)
        except ModelError as error:
            log.error("%s", error)
            problem = problem or error
        else:
            if problem is not None:
                log.warning("reading with %s instead", name)
            return recognizer
    raise problem or ModelError(f"{library.folder}: no model reads digits")


def _run(args: argparse.Namespace) -> int:
    from device import kiosk
    from device.lights import Lights
    from device.screen.display import has_display

    config = _config_of(args)
    recognizer = _sturdy_recognizer(args, config)
    present, reason = has_display()
    if not present:
        print(f"No display ({reason}): replaying a drawing session off-screen instead.")
        return _replay(config, recognizer, None)
    with Lights(config.lights) as lights:
        return kiosk.run(config, recognizer, lights)


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
    from device.lights import Lights

    config = _config_of(args)
    with Lights(config.lights) as lights:
        demo.screenshots(config, _recognizer(args, config), lights, args.folder)
    return 0


def _models(args: argparse.Namespace) -> int:
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
    print(as_toml(_config_of(args)), end="")
    return 0


def _doctor(args: argparse.Namespace) -> int:
    from device.doctor import Level, examine

    config = _config_of(args)
    findings = []
    for finding in examine(config, lambda: Library(args.models)):
        print(finding, flush=True)
        findings.append(finding)
    return int(any(finding.level is Level.BROKEN for finding in findings))


def _read(args: argparse.Namespace) -> int:
    from device import read

    if bool(args.files) == (args.strokes is not None):
        raise InklingError("name picture files, or strokes with --strokes FILE (see --help)")
    recognizer = _recognizer(args, _config_of(args))
    with read.quiet_pipe():
        if args.strokes is None:
            drawings = read.drawings_from_files(args.files)
            return read.write_readings(drawings, recognizer, sys.stdout, args.table)
        if args.strokes == "-":
            drawings = read.drawings_from_lines(sys.stdin.buffer, "-")
            return read.write_readings(drawings, recognizer, sys.stdout, args.table)
        try:
            file = Path(args.strokes).open("rb")  # noqa: SIM115 - closed below
        except OSError as error:
            raise InklingError(f"{args.strokes}: cannot be read: {error.strerror}") from error
        with file:
            drawings = read.drawings_from_lines(file, args.strokes)
            return read.write_readings(drawings, recognizer, sys.stdout, args.table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
