"""Every error that Inkling raises on purpose.

The text of an :class:`InklingError` is written for the person in front of the device or at the
other end of ssh: one line, what is wrong, and what to do. The command line prints it as it is,
without a traceback.
"""

from __future__ import annotations


class InklingError(Exception):
    """Base of all errors whose text is meant for a person."""


class InkError(InklingError):
    """A drawing (strokes) that cannot be used: not numbers, not finite, far too long."""


class ImageError(InklingError):
    """A picture that cannot be read, or that is too large to be a drawing."""


class FileError(InklingError):
    """A file that cannot be written: the disk is full, or the folder may not be written to."""


class SamplesError(InklingError):
    """Labelled drawings that cannot be kept, read or exchanged; none is lost."""


class ConfigError(InklingError):
    """A configuration that names an unknown key, or a value that cannot be."""


class ModelError(InklingError):
    """A model file or manifest that is missing, changed, or not what Inkling runs."""


class LightsError(InklingError):
    """Lights that cannot be driven: no such pin, a pin used twice, a GPIO chip in use."""


class SocketError(InklingError):
    """A socket for ink that cannot be opened: no folder for it, or another Inkling has it."""


class ScreenError(InklingError):
    """No screen can be opened with the settings at hand."""


class NoScreenError(ScreenError):
    """There is nothing to draw on at all.

    Attributes:
        reason: how that is known.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"no screen can be opened: {reason}; run `inkling doctor` to see what is missing, or "
            "`inkling demo` to do without"
        )
        self.reason = reason
