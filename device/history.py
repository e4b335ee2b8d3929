"""Undo and redo for a drawing."""

from __future__ import annotations

from device.ink import Ink

MOST_POINTS = 500_000
"""The versions that can be gone back to hold so many points at most (12 MB where all were moved),
but always one."""


class History:
    """Undo and redo by keeping versions: ink is immutable, so a stroke that stays as it was costs
    a reference."""

    def __init__(self, ink: Ink | None = None, limit: int = 200) -> None:
        self._past: list[Ink] = []
        self._future: list[Ink] = []
        self._limit = limit
        self.ink = ink if ink is not None else Ink()

    def commit(self, ink: Ink) -> None:
        """Make ``ink`` the current version; what was undone before is forgotten."""
        if ink == self.ink:
            return
        self._past.append(self.ink)
        del self._past[: max(0, len(self._past) - self._limit)]
        while len(self._past) > 1 and sum(past.point_count for past in self._past) > MOST_POINTS:
            del self._past[0]
        self._future.clear()
        self.ink = ink

    def undo(self) -> Ink:
        """Step back one version, if there is one; returns the current ink."""
        if self._past:
            self._future.append(self.ink)
            self.ink = self._past.pop()
        return self.ink

    def redo(self) -> Ink:
        """Step forward again, if something was undone; returns the current ink."""
        if self._future:
            self._past.append(self.ink)
            self.ink = self._future.pop()
        return self.ink

    @property
    def can_undo(self) -> bool:
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        return bool(self._future)
