"""The kiosk: everything that runs on the device. See ``docs/architecture.md`` for its floors."""

__version__ = "0.1.0"
