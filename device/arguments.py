"""The commands of ``inkling`` and their options.

Only those of the command at hand are made: the others cost time at every start.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from device import __version__

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

PEOPLE = "for programs instead of people"


def parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """A parser for a command line: ``command`` of what it makes is None where no command is named.

    Args:
        words: what is to be parsed; the first one decides which command has its options.
    """
    made = argparse.ArgumentParser(
        prog="inkling",
        description="A touchscreen that reads digits.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--version", action="version", version=f"inkling {__version__}")
    commands = made.add_subparsers(dest="command", metavar="COMMAND")
    wanted = words[0] if words and words[0] in COMMANDS else None
    for name, command in COMMANDS.items():
        if wanted in (None, name):
            one = commands.add_parser(name, help=command.purpose, description=command.purpose)
            command.options(one)
            _shared(one)
    return made


def parsed(made: argparse.ArgumentParser, words: Sequence[str]) -> argparse.Namespace:
    """What a command line says; files may stand behind options, as ``read a.png --table b.png``,
    which argparse alone refuses."""
    args, rest = made.parse_known_args(words)
    names = [Path(word) for word in rest if word == "-" or not word.startswith("-")]
    if len(names) < len(rest):
        names = []
    if names and args.command == "read":
        args.files += names
    elif len(names) == 1 and args.command == "samples" and args.file is None:
        args.file = names[0]
    elif rest:
        made.error(f"unrecognized arguments: {' '.join(rest)}")
    return args


def _shared(parser: argparse.ArgumentParser) -> None:
    """What every command has."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings that override")
    parser.add_argument("--model", metavar="NAME", help="see `inkling models`")
    parser.add_argument(
        "--models", type=Path, metavar="DIR", help="a folder of models instead of the shipped one"
    )
    parser.add_argument("--verbose", action="store_true", help="say more on stderr")


def _count(text: str) -> int:
    """One or more.

    Raises:
        ArgumentTypeError: it is not.
    """
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 up")
    return number


def _none(_: argparse.ArgumentParser) -> None:
    """No options of its own."""


def _screen(parser: argparse.ArgumentParser) -> None:
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument(
        "--windowed", action="store_true", default=None, help="on a desktop: a window (the default)"
    )
    shape.add_argument(
        "--fullscreen", dest="windowed", action="store_false", help="on a desktop: the whole screen"
    )
    parser.add_argument("--size", metavar="WxH", help="800x480, 1024x600, ...")


def _headless(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--socket", metavar="PATH", help="where programs hand in ink; or: off")


def _demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--screenshot", type=Path, metavar="FILE", help="where its PNG goes")
    parser.add_argument("--size", metavar="WxH", help="of the screenshot (800x480)")


def _screenshots(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--size", metavar="WxH", help="of the screens (800x480)")
    parser.add_argument("--language", metavar="CODE", help="en, de, es, fr, ja, zh")
    parser.add_argument("--only", nargs="+", metavar="NAME", default=(), help="some of them")


def _bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("subject", metavar="SUBJECT", help="what to measure; all: everything")
    parser.add_argument("--turns", type=_count, default=300, metavar="N", help="how often (300)")
    parser.add_argument("--json", action="store_true", help=PEOPLE)
    parser.add_argument(
        "--report",
        nargs="?",
        type=Path,
        const=Path("docs/performance.md"),
        metavar="FILE",
        help="of all: put the tables into this Markdown file (docs/performance.md)",
    )
    parser.add_argument("--board", metavar="NAME", help="what the report calls this machine")
    parser.add_argument(
        "--floats", type=Path, metavar="DIR", help="float forms of the models, to compare with"
    )


def _doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help=PEOPLE)
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--touch", action="store_true", help="measure the touch panel, 5 seconds")
    part.add_argument("--crashes", action="store_true", help="print the last fatal errors")
    part.add_argument("--self-test", action="store_true", help="runtime and models alone")


def _samples(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", choices=("export", "import"))
    parser.add_argument(
        "file",
        nargs="?",
        type=Path,
        metavar="FILE",
        help="NAME.jsonl: strokes, one drawing a line; NAME.json: 28x28 pictures, "
        "the published form",
    )
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where the drawings are kept")
    parser.add_argument("--all", action="store_true", help="also export to .json what is no digit")


def _read(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files",
        nargs="*",
        type=Path,
        metavar="FILE",
        help='PNG, JPEG, BMP, or a JSON array of {"image": [784 integers, 255 = white]}; '
        "- for standard input",
    )
    parser.add_argument(
        "--strokes",
        metavar="FILE",
        help='JSON lines {"strokes": [[[x, y], ...], ...]}; - for standard input',
    )
    parser.add_argument("--table", action="store_true", help="for people instead of programs")


class Command(NamedTuple):
    """What a command is for, in a line, and what adds its options to a parser."""

    purpose: str
    options: Callable[[argparse.ArgumentParser], None]


COMMANDS = {
    "run": Command("start the kiosk", _screen),
    "headless": Command("read from a digitiser and a socket, with no screen", _headless),
    "demo": Command("replay a drawing session off-screen, with readings and lights", _demo),
    "screenshots": Command("render every screen as a PNG, without hardware", _screenshots),
    "bench": Command("measure what things cost on this machine", _bench),
    "models": Command("list the models, with what they scored, and test each", _none),
    "out-of-order": Command("a plain screen and a blinking light, and nothing else", _none),
    "config": Command("print the configuration in force", _screen),
    "doctor": Command("check this machine, and say what to do", _doctor),
    "samples": Command("labelled drawings: count, export, import", _samples),
    "read": Command("read digits from pictures or strokes, as JSON lines", _read),
}
"""Every command by its name, in the order of the help."""
