"""The panel's backlight: off while nobody is there, and on whenever somebody may be.

The console's own blanking does not govern a display that is drawn on directly, so Inkling switches
the light itself, through the kernel's ``bl_power`` files. Whatever goes wrong is said once in the
log; the picture is black then, on a panel that stays lit.
"""

from __future__ import annotations

import logging
from pathlib import Path

log = logging.getLogger(__name__)

FOLDER = Path("/sys/class/backlight")
"""Where the kernel shows every backlight."""

ON, OFF = "0", "4"
"""What ``bl_power`` is set to: FB_BLANK_UNBLANK and FB_BLANK_POWERDOWN."""


class Backlight:
    """Every backlight of the machine, switched as one.

    Args:
        folder: where they are.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._set = False
        self._wanted = ON
        self._said: set[str] = set()

    def on(self) -> None:
        """Switch it on. Where that has failed it is tried again by the next call."""
        self._switch(ON)

    def off(self) -> None:
        """Switch it off. Where that has failed it is tried again by the next call."""
        self._switch(OFF)

    def _switch(self, wanted: str) -> None:
        if self._set and self._wanted == wanted:
            return
        self._wanted = wanted
        trouble = self._write(wanted)
        self._set = trouble is None
        if trouble is not None and trouble not in self._said:
            self._said.add(trouble)
            log.warning("%s; the screen goes black without it", trouble)

    def _write(self, wanted: str) -> str | None:
        """Set every backlight that is not so yet; returns what is amiss, None when nothing is."""
        switches = sorted(self._folder.glob("*/bl_power"))
        if not switches:
            # A panel without one is never dark: there is nothing to switch on, or to report.
            return None if wanted == ON else f"no backlight in {self._folder}"
        trouble = None
        for switch in switches:
            try:
                # A file that is right already may be one that this user must not write.
                if switch.read_text(encoding="ascii").strip() != wanted:
                    switch.write_text(wanted, encoding="ascii")
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or error
                trouble = f"{switch} cannot be set: {reason} (may Inkling's user write it?)"
        return trouble
