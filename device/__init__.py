"""The kiosk: everything that runs on the device. See ``docs/architecture.md`` for its floors."""

import os

# pygame prints a greeting on stdout, where answers go.
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

__version__ = "0.1.0"
