"""The wheels that another machine needs: collected here, for its processor and its Python."""

from __future__ import annotations

import email
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

from device.errors import InklingError

try:
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name
except ImportError as error:
    raise InklingError("this needs packaging: pip install 'inkling[dev]'") from error

OLDEST_GLIBC = 5
"""The 2.5 of the first manylinux."""


@dataclass(frozen=True)
class Target:
    """A Linux machine to collect for: CPython's version, ``uname -m``, and glibc 2's version."""

    python: str
    machine: str
    glibc: int

    @property
    def environment(self) -> dict[str, str]:
        """What the markers of requirements are compared with there (PEP 508)."""
        return {
            "extra": "",
            "implementation_name": "cpython",
            "implementation_version": self.python,
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": f"{self.python}.0",
            "python_version": self.python,
            "sys_platform": "linux",
        }

    @property
    def options(self) -> list[str]:
        """The tags of wheels that run there (PEP 425, PEP 600), as pip's options."""
        abi = "cp" + self.python.replace(".", "")
        newest_first = range(self.glibc, OLDEST_GLIBC - 1, -1)
        tags = [f"manylinux_2_{minor}" for minor in newest_first]
        tags += ["manylinux2014", "manylinux2010", "manylinux1", "linux"]
        options = ["--implementation", "cp", "--python-version", self.python]
        for name in (abi, "abi3", "none"):
            options += ["--abi", name]
        for tag in tags:
            options += ["--platform", f"{tag}_{self.machine}"]
        return options

    def holds(self, requirement: Requirement) -> bool:
        """Whether it is asked for there; without extras."""
        return requirement.marker is None or requirement.marker.evaluate(self.environment)


def collect(
    target: Target,
    requirements: Iterable[str],
    constraints: Iterable[str],
    into: Path,
    wheels: Path | None = None,
    provided: Iterable[str] = (),
) -> None:
    """Fill a new folder with wheels of all that is required, and of what that requires.

    pip compares markers with the machine that it runs on. So here the markers are compared, and
    pip looks for exactly what is named, until nothing that was found names anything new.

    Args:
        target: the machine that they are for.
        requirements: as in pyproject.toml.
        constraints: the lines of a constraints file.
        into: the folder, made here.
        wheels: a folder to take them from, instead of the package index.
        provided: names of what the machine has already.

    Raises:
        InklingError: something is not there as a wheel for that machine.
    """
    there = {canonicalize_name(name) for name in provided}
    limits = _held(target, (line for line in constraints if line.strip()[:1] not in ("", "#")))
    wanted = _held(target, requirements, there)
    while True:
        with tempfile.TemporaryDirectory(prefix="inkling-") as folder:
            found = Path(folder) / "wheels"
            _download(target, wanted, limits, found, wheels)
            named = {
                line
                for wheel in found.glob("*.whl")
                for line in _held(target, metadata(wheel).get_all("Requires-Dist", []), there)
            }
            if named <= wanted:
                shutil.copytree(found, into)
                return
            wanted |= named


def metadata(wheel: Path) -> Message:
    """A wheel's own METADATA.

    Raises:
        InklingError: it is no wheel.
    """
    try:
        with zipfile.ZipFile(wheel) as opened:
            # Others of the same name may be further down, of what a wheel has inside it.
            (name,) = (
                name
                for name in opened.namelist()
                if name.count("/") == 1 and name.endswith(".dist-info/METADATA")
            )
            return email.message_from_bytes(opened.read(name))
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise InklingError(f"{wheel}: not a wheel") from error


def _held(target: Target, lines: Iterable[str], without: Iterable[str] = ()) -> set[str]:
    """Those requirements that are asked for on the target, without their markers."""
    held = set()
    for line in lines:
        requirement = Requirement(line)
        if target.holds(requirement) and canonicalize_name(requirement.name) not in without:
            requirement.marker = None
            held.add(str(requirement))
    return held


def _download(
    target: Target, wanted: set[str], limits: set[str], into: Path, wheels: Path | None
) -> None:
    into.mkdir()
    constraints = into.with_name("constraints.txt")
    constraints.write_text("\n".join(sorted(limits)), encoding="utf-8")
    place = [] if wheels is None else ["--no-index", "--find-links", str(wheels)]
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"]
    command += ["--no-input", "--no-deps", "--only-binary=:all:", *place, *target.options]
    command += ["--constraint", str(constraints), "--dest", str(into), *sorted(wanted)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR:")]
        # The first names what is missing, the last says how it ended.
        why = said[0].removeprefix("ERROR: ") if said else "pip failed"
        raise InklingError(f"wheels for Python {target.python} on {target.machine}: {why}")
