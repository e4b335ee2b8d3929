"""Settings on their way to the disk, which nobody waits for."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from device import config
from device.errors import InklingError

log = logging.getLogger(__name__)


class Keeper:
    """Keeps what is changed for the next start, on a thread of its own, the latest last.

    Args:
        failed: called on that thread with what went wrong.
    """

    def __init__(self, failed: Callable[[Exception], None]) -> None:
        self._failed = failed
        self._values: dict[str, Any] = {}
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def keep(self, values: Mapping[str, Any]) -> None:
        """Settings by their dotted key, see :func:`device.config.save_settings`."""
        with self._lock:
            self._values.update(values)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="keeper", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Wait until everything is kept. May be called again."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(timeout=5)

    def _work(self) -> None:
        while True:
            with self._lock:
                values, self._values = self._values, {}
                if not values:
                    self._thread = None
                    return
            try:
                config.save_settings(values)
            except Exception as error:  # whatever it was, the next change is kept nevertheless
                expected = isinstance(error, InklingError)
                log.error("%s", error, exc_info=None if expected else error)
                self._failed(error)
