"""A folder that stands for a board, with programs of its own in the place of systemd's."""

import os
import subprocess
from pathlib import Path

from firmware_tools.install import Installation
from firmware_tools.layout import NAMES, SHARE, SOURCE

PYTHON = """\
#!/bin/sh
# What an install asks of Python: a virtual environment, and pip.
case "$*" in
"-m venv"*) for last; do :; done; mkdir -p "$last/bin" && cp "$0" "$last/bin/python" ;;
"-m pip"*) for last; do :; done; cp "$last/device/inkling" "$(dirname "$0")/inkling" ;;
*) exit 9 ;;
esac
"""

SYSTEMCTL = """\
#!/bin/sh
echo "systemctl $*" >>"{log}"
case "$1" in
is-active) grep -qx "$3" "{root}/active" ;;
is-enabled) grep -qx "$3" "{root}/enabled" ;;
restart)
    grep -qx "$(readlink "{root}/opt/inkling/current")" "{root}/hung" && exec sleep 60
    ! grep -qx "$(readlink "{root}/opt/inkling/current")" "{root}/refused"
    ;;
esac
"""

OTHER = """\
#!/bin/sh
echo "{name} $*" >>"{log}"
"""


class Board:
    """A folder that stands for a board, and the sources of one version after the other."""

    def __init__(self, folder):
        self.root = folder / "root"
        self.log = folder / "log"
        self.source = folder / "source"
        self.python = str(folder / "bin/python")
        for name in ("active", "enabled", "refused", "hung"):
            self.write(self.root / name, "")
        self.write(folder / "bin/python", PYTHON, 0o755)
        systemctl = SYSTEMCTL.format(log=self.log, root=self.root)
        self.write(folder / "bin/systemctl", systemctl, 0o755)
        for name in ("systemd-sysusers", "udevadm", "userdel"):
            self.write(folder / "bin" / name, OTHER.format(name=name, log=self.log), 0o755)
        self.path = f"{folder / 'bin'}:{os.environ['PATH']}"
        for name in (
            "pyproject.toml",
            "README.md",
            "LICENSE",
            "constraints.txt",
            "docs/install.md",
        ):
            self.write(self.source / name, "")
        for path in NAMES.values():
            if "systemd" in path.parts:
                there = path.relative_to(SHARE)
                self.write(self.source / there, (SOURCE / there).read_text())
        for folder_ in ("models", "firmware_tools"):
            (self.source / folder_).mkdir()
        shipped = SOURCE / "device/default.toml"
        self.write(self.source / "device/default.toml", shipped.read_text())
        self.version("1.0")

    @staticmethod
    def write(path, text, mode=0o644):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def version(self, number, self_test=0):
        """The sources become this version; its self-test ends with this status."""
        self.write(self.source / "device/__init__.py", f'__version__ = "{number}"\n')
        program = f'#!/bin/sh\n[ "$1" = --version ] && echo {number} && exit\nexit {self_test}\n'
        self.write(self.source / "device/inkling", program, 0o755)

    def installation(self, live=True, kind=Installation, **options):
        return kind(self.root, self.source, live=live, python=self.python, **options)

    def install(self, **options):
        self.installation(**options).install()

    def inside(self, link):
        """Where a name leads on the board."""
        path = self.root
        for part in Path(link).parts:
            path /= part
            if path.is_symlink():
                to = path.readlink()
                path = self.inside(to.relative_to("/")) if to.is_absolute() else path.parent / to
        return path

    @property
    def runs(self):
        """What the command on this board is: its version."""
        command = self.inside("usr/local/bin/inkling")
        if not command.exists():
            return None
        return subprocess.run([command, "--version"], capture_output=True, text=True).stdout.strip()

    @property
    def releases(self):
        return sorted(path.name for path in (self.root / "opt/inkling/releases").iterdir())

    def said(self):
        """The commands since the last time."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.write_text("")
        return lines
