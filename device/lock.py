"""The PIN before the settings page, and how often it may be guessed."""

from __future__ import annotations

MOST_WRONG = 5
"""After so many wrong PINs ..."""

PAUSE = 30.0
"""... none is taken for so long, seconds."""


class PinLock:
    """Counts wrong PINs, whichever visitor typed them and however often they came back."""

    def __init__(self) -> None:
        self._wrong = 0
        self._until: float | None = None

    def opens(self, pin: str, typed: str, now: float) -> bool:
        """Whether what was typed is the PIN; never during the pause."""
        if self.waits(now) > 0:
            return False
        if typed == pin:
            self._wrong = 0
            return True
        self._wrong += 1
        if self._wrong == MOST_WRONG:
            self._wrong = 0
            self._until = now + PAUSE
        return False

    def waits(self, now: float) -> float:
        """How long the pause still is, seconds; 0 when there is none."""
        return 0.0 if self._until is None else max(0.0, self._until - now)
