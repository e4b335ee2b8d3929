"""``package``: Inkling as a Debian package, for this machine or another.

The package brings the sources and the wheels that they need, and `make install`'s own installer,
which its postinst calls: installing, upgrading and falling back are one implementation. It is the
same to the last bit for the same sources, wheels and ``SOURCE_DATE_EPOCH``.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import platform
import re
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from device.errors import InklingError
from firmware_tools.layout import (
    CONFIG,
    PACKAGE,
    PACKAGED,
    PREFIX,
    SHARE,
    SOURCE,
    SOURCES,
    first_configuration,
)
from firmware_tools.progress import say
from firmware_tools.releases import copy
from firmware_tools.wheels import Target, collect, metadata

TEMPLATES = Path(__file__).with_name("debian")
SCRIPTS = ("postinst", "prerm", "postrm")
BUILT_FROM = (*SOURCES, "constraints.txt", "systemd")


@dataclass(frozen=True)
class Debian:
    """A release of Debian, and of Raspberry Pi OS: its number, CPython and glibc 2."""

    number: int
    python: str
    glibc: int
    own: dict[str, str] = field(default_factory=dict)
    """Python packages that have no wheel there on ARM, and the Debian package of each."""

    def depends(self, arch: str) -> list[str]:
        """What a package for this release depends on."""
        major, minor = map(int, self.python.split("."))
        # The wheels are for this Python alone.
        python = [f"python3 (>= {major}.{minor}~)", f"python3 (<< {major}.{minor + 1}~)"]
        own = [] if arch == "amd64" else list(self.own.values())
        return [*python, "python3-venv", "systemd", "libstdc++6", *own]


DEBIANS = {
    "bookworm": Debian(12, "3.11", 36),
    # Raspberry Pi OS has it; Debian itself, on ARM, does not.
    "trixie": Debian(13, "3.13", 41, {"lgpio": "python3-lgpio"}),
}
MACHINES = {"amd64": "x86_64", "arm64": "aarch64", "armhf": "armv7l"}
"""Debian's names of the processors, and those of ``uname -m``."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``package``."""
    here = next((arch for arch, name in MACHINES.items() if name == platform.machine()), None)
    parser.add_argument("--debian", choices=DEBIANS, default="bookworm", help="(bookworm)")
    parser.add_argument("--arch", choices=MACHINES, default=here, help=f"({here})")
    parser.add_argument("--out", type=Path, default=Path("dist"), metavar="DIR", help="(dist)")
    parser.add_argument("--wheels", type=Path, metavar="DIR", help="offline: take packages from it")


def run(args: argparse.Namespace) -> int:
    """Build the package."""
    if args.arch is None:
        raise InklingError(f"there is no package for this machine; say --arch {'|'.join(MACHINES)}")
    try:
        package = build(SOURCE, args.out, args.debian, args.arch, args.wheels)
    except OSError as error:
        raise InklingError(f"{error.filename or args.out}: {error.strerror}") from error
    print(package)
    return 0


def build(source: Path, out: Path, debian: str, arch: str, wheels: Path | None = None) -> Path:
    """Build the package of these sources, and return it.

    Args:
        source: the tree to build from.
        out: the folder that it goes to.
        debian: a key of DEBIANS.
        arch: a key of MACHINES.
        wheels: a folder to take wheels from, instead of the package index.

    Raises:
        InklingError: a wheel is not to be had, or dpkg-deb is not there.
    """
    if wheels is not None and not wheels.is_dir():
        raise InklingError(f"{wheels} is no folder of packages")
    epoch = _epoch(source)
    with tempfile.TemporaryDirectory(prefix="inkling-") as folder:
        tree = Path(folder) / "package"
        _sources(source, tree / PACKAGE)
        say(f"collecting wheels for {debian} on {arch}")
        _wheels(source, tree / PACKAGE / "wheels", DEBIANS[debian], arch, wheels)
        _system(source, tree)
        version = _version(source, DEBIANS[debian])
        _documents(tree, version, debian, epoch)
        _control(tree, version, DEBIANS[debian], arch)
        _settle(tree, epoch)
        out.mkdir(parents=True, exist_ok=True)
        package = out / f"inkling_{version}_{arch}.deb"
        _pack(tree, package, epoch)
    return package


# What is in it.


def _sources(source: Path, into: Path) -> None:
    for name in BUILT_FROM:
        copy(source / name, into / name)
    # Building needs these, installing does not.
    shutil.rmtree(into / "firmware_tools/debian")
    for page in sorted((source / "docs").glob("*.md")):
        copy(page, into / "docs" / page.name)


def _wheels(source: Path, into: Path, debian: Debian, arch: str, wheels: Path | None) -> None:
    project = tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))
    requirements = project["project"]["dependencies"] + project["build-system"]["requires"]
    constraints = (source / "constraints.txt").read_text(encoding="utf-8").splitlines()
    target = Target(debian.python, MACHINES[arch], debian.glibc)
    collect(target, requirements, constraints, into, wheels, debian.own)


def _system(source: Path, tree: Path) -> None:
    """Units and rules, the command of the release in use, and the configuration to begin from."""
    for name, path in PACKAGED.items():
        if path.is_relative_to(SHARE):
            copy(source / path.relative_to(SHARE), tree / name)
        else:
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).symlink_to("/" / PREFIX / "current" / path)
    _write(tree / CONFIG, first_configuration(source))


def _documents(tree: Path, version: str, debian: str, epoch: int) -> None:
    date = datetime.fromtimestamp(epoch, UTC)
    wheels = "\n".join(map(_owner, sorted((tree / PACKAGE / "wheels").iterdir())))
    text = _filled("copyright", year=date.year, wheels=wheels)
    _write(tree / "usr/share/doc/inkling/copyright", text)
    _write(tree / "usr/share/lintian/overrides/inkling", _filled("overrides"))
    entry = f"inkling ({version}) {debian}; urgency=medium\n\n  * Inkling {version.split('+')[0]}."
    entry += f"\n\n -- {_maintainer()}  {date:%a, %d %b %Y %H:%M:%S +0000}\n"
    changes = tree / "usr/share/doc/inkling/changelog.gz"
    changes.write_bytes(gzip.compress(entry.encode(), 9, mtime=0))


def _owner(wheel: Path) -> str:
    """A line about a wheel: which it is, and under which licence."""
    about = metadata(wheel)
    licence = str(about["License-Expression"] or about["License"] or "")
    if not licence or "\n" in licence:
        # Some have the whole text there.
        named = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier", []) if "License" in c]
        licence = ", ".join(named) or "see inside"
    return f"  {about['Name']} {about['Version']}: {licence}"


def _control(tree: Path, version: str, debian: Debian, arch: str) -> None:
    """What dpkg reads: about the package, what to check, and the scripts."""
    files = [path for path in sorted(tree.rglob("*")) if path.is_file() and not path.is_symlink()]
    sums = [f"{hashlib.md5(f.read_bytes()).hexdigest()}  {f.relative_to(tree)}\n" for f in files]
    size = sum(-(-path.stat().st_size // 1024) for path in files)
    control = _filled(
        "control",
        version=version,
        arch=arch,
        maintainer=_maintainer(),
        size=size,
        depends=", ".join(debian.depends(arch)),
    )
    folder = tree / "DEBIAN"
    _write(folder / "control", control)
    _write(folder / "conffiles", f"/{CONFIG}\n")
    _write(folder / "md5sums", "".join(sums))
    for name in SCRIPTS:
        copy(TEMPLATES / name, folder / name)


def _settle(tree: Path, epoch: int) -> None:
    """Modes and times that say nothing of the machine that builds."""
    scripts = {tree / "DEBIAN" / name for name in SCRIPTS}
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path in scripts else 0o644)
        os.utime(path, (epoch, epoch), follow_symlinks=False)


def _pack(tree: Path, package: Path, epoch: int) -> None:
    # Wheels are packed already: trying harder takes long and gains little.
    command = ["dpkg-deb", "--root-owner-group", "-Zxz", "-z1", "--build", str(tree), str(package)]
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(epoch)}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise InklingError("dpkg-deb is not there: packages are built on Debian") from error
    if done.returncode != 0:
        raise InklingError(done.stderr.strip())


# What it says of itself.


def _version(source: Path, debian: Debian) -> str:
    """Inkling's version, and for which Debian: the package of the next one is newer."""
    text = (source / "device/__init__.py").read_text(encoding="utf-8")
    version = re.search(r'__version__ = "([0-9a-z.]+)"', text)
    if version is None:
        raise InklingError(f"{source} does not say its version")
    # To dpkg, 1.0~rc1 is older than 1.0.
    return re.sub(r"\.?(a|b|rc|dev)(?=\d)", r"~\1", version[1]) + f"+deb{debian.number}"


def _maintainer() -> str:
    """Who answers for the package, by Debian's own variables."""
    name = os.environ.get("DEBFULLNAME", "Inkling")
    return f"{name} <{os.environ.get('DEBEMAIL', 'inkling@localhost')}>"


def _epoch(source: Path) -> int:
    """The time that everything in the package gets: seconds since 1970."""
    told = os.environ.get("SOURCE_DATE_EPOCH")
    if told is None:
        return int(max(path.stat().st_mtime for path in _files(source)))
    if not told.isdecimal():
        raise InklingError(f"SOURCE_DATE_EPOCH={told}: must be whole seconds since 1970")
    return int(told)


def _files(source: Path) -> Iterable[Path]:
    for name in BUILT_FROM:
        yield from (source / name, *(source / name).rglob("*.*"))


def _filled(template: str, **fields: object) -> str:
    return Template((TEMPLATES / template).read_text(encoding="utf-8")).substitute(fields)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
