"""Where an installed Inkling is, from ``make install`` and from the Debian package, and the
configuration that it begins with."""

from __future__ import annotations

import re
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
"""The tree that this is part of."""

SOURCES = ("pyproject.toml", "README.md", "LICENSE", "device", "models", "firmware_tools")
"""What pip makes the program of."""

PREFIX = Path("opt/inkling")
STATE = Path("var/lib/inkling")
CONFIG = Path("etc/inkling/inkling.toml")
SHARE = Path("share/inkling")
"""In a release: what the system links to."""

PACKAGE = Path("usr/lib/inkling")
"""What the Debian package brings: sources and wheels to make a release from."""

KIOSK, HEADLESS = "inkling.service", "inkling-headless.service"
OUT_OF_ORDER = "inkling-out-of-order.service"
SERVICES = (KIOSK, HEADLESS, OUT_OF_ORDER)
WAIT = "dev-dri-card0.device.d/inkling.conf"


def _names(units: Path, sysusers: Path, rules: Path, command: Path) -> dict[Path, Path]:
    """Every name in the system, and what in the release in use it stands for.

    Args:
        units: the folder of systemd's units.
        sysusers: the file that makes the user.
        rules: udev's rules.
        command: the command line.
    """
    restart = SHARE / "systemd/restart.conf"
    return {
        **{units / name: SHARE / "systemd" / name for name in (*SERVICES, WAIT)},
        **{units / f"{n}.d/restart.conf": restart for n in (KIOSK, HEADLESS)},
        sysusers: SHARE / "systemd/sysusers.conf",
        rules: SHARE / "systemd/udev.rules",
        command: Path("bin/inkling"),
    }


UNITS = Path("usr/local/lib/systemd/system")
NAMES = _names(
    UNITS,
    Path("etc/sysusers.d/inkling.conf"),
    Path("etc/udev/rules.d/60-inkling.rules"),
    Path("usr/local/bin/inkling"),
)
"""The names that ``make install`` makes."""

PACKAGED_UNITS = Path("usr/lib/systemd/system")
PACKAGED = _names(
    PACKAGED_UNITS,
    Path("usr/lib/sysusers.d/inkling.conf"),
    Path("usr/lib/udev/rules.d/60-inkling.rules"),
    Path("usr/bin/inkling"),
)
"""The names that are in the Debian package."""

EARLIER_UNITS = Path("etc/systemd/system")
"""Where `make install` linked the units before, and where systemd notes what is enabled."""

EARLIER_NAMES = {
    EARLIER_UNITS / n.relative_to(UNITS): path for n, path in NAMES.items() if UNITS in n.parents
}

HEAD = """\
# Inkling's configuration on this machine. Take away the # before what you change; `inkling config`
# prints what is in force.

"""


def first_configuration(source: Path) -> str:
    """The configuration to begin from: every key of these sources, and none is set."""
    text = (source / "device/default.toml").read_text(encoding="utf-8")
    _, _, keys = text.partition("\n\n")
    return HEAD + re.sub(r"^(?=[a-z_]+ = )", "#", keys, flags=re.MULTILINE)


def sets_nothing(config: Path) -> bool:
    """Whether a configuration is as empty as the one to begin from."""
    lines = config.read_text(encoding="utf-8", errors="replace").splitlines()
    return all(line.strip()[:1] in ("", "#", "[") for line in lines)
