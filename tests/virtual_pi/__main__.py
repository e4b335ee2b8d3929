"""``python -m virtual_pi``: the image, the machine for a person, a card for a real Pi."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from device.errors import InklingError
from virtual_pi import card, emulator, product, recipe
from virtual_pi.emulator import Box
from virtual_pi.host import (
    VirtualPiError,
    must_be_root,
    orderly_end,
    provide,
    runs_arm64,
    tell,
)
from virtual_pi.machine import free_port

VNC = 5900
"""The port of the first VNC display."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m virtual_pi", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--suite", default="bookworm", choices=recipe.SUITES)
    shared.add_argument("--source", type=Path, default=product.ROOT, metavar="DIR")
    ready = commands.add_parser(
        "host", help="install what this machine lacks; can it be played here?"
    )
    ready.set_defaults(start=_host)
    build = commands.add_parser(
        "build", parents=[shared], help="the system's image, and the wheels for it"
    )
    build.set_defaults(start=_build)
    shell = commands.add_parser("shell", parents=[shared], help="the machine, for a person")
    shell.add_argument("--plain", action="store_true", help="without Inkling")
    shell.add_argument("--size", default="1024x600", metavar="WxH", help="of the display")
    shell.add_argument("--card", type=Path, metavar="FILE", help="an image of `make image`")
    shell.set_defaults(start=_shell)
    image = commands.add_parser("image", parents=[shared], help="a card for a Raspberry Pi 3 or 4")
    image.add_argument("--out", type=Path, default=product.ROOT / "dist", metavar="DIR")
    image.add_argument("--key", type=Path, metavar="FILE", help="a public ssh key for the keeper")
    image.set_defaults(start=_image)
    args = parser.parse_args(arguments)
    try:
        with orderly_end():
            status: int = args.start(args)
            return status
    except (VirtualPiError, InklingError) as error:
        print(f"virtual_pi: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _host(_: argparse.Namespace) -> int:
    """Everything that the stories need of this machine, the image apart."""
    must_be_root("the virtual Pi's image")
    provide()
    with runs_arm64():
        tell("arch-test", "arm64")
    emulator.find()
    return 0


def _build(args: argparse.Namespace) -> int:
    suite = recipe.SUITES[args.suite]
    recipe.image(suite)
    product.wheels(suite, args.source)
    return 0


def _shell(args: argparse.Namespace) -> int:
    """The serial console in this terminal, the screen on VNC; what is written is forgotten."""
    suite = recipe.SUITES[args.suite]
    image, qemu = recipe.image(suite), emulator.find()
    width, _, height = args.size.partition("x")
    box = Box(size=(int(width), int(height)))
    with tempfile.TemporaryDirectory(prefix="virtual-pi-") as name:
        run = Path(name)
        disk = image.disk
        if args.card is not None:
            disk, box = args.card.resolve(), replace(box, root=card.ROOT_DEVICE)
            image = card.boots(disk, image, run)
        elif not args.plain:
            disk = product.installed(suite, args.source, image, qemu)
        port = free_port()
        words = box.command(qemu, image, emulator.overlay(disk, run / "card.qcow2"), run, port)
        words[words.index("-serial") + 1] = "mon:stdio"
        # A mouse in the VNC window is a finger.
        words += ["-vnc", f"127.0.0.1:0,to={99}", "-device", "virtio-tablet-pci"]
        print(
            f"screen: vncviewer 127.0.0.1:{VNC} (the next free number if that is taken)\n"
            f"shell:  ssh -i {recipe.key()} -p {port} root@127.0.0.1\n"
            "here:   the serial console, login root, password root; Ctrl-A X switches it off\n",
            flush=True,
        )
        return subprocess.call(words, env=qemu.whole_environment)


def _image(args: argparse.Namespace) -> int:
    print(card.make(recipe.SUITES[args.suite], args.source, args.out, args.key))
    return 0


if __name__ == "__main__":
    sys.exit(main())
