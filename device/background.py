"""The worker as the main thread sees it: asked without waiting, and what it has made is taken
between two frames."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pygame

from device.ink import Ink
from device.reading import Reading
from device.recognizer import Readers
from device.worker import Worker

log = logging.getLogger(__name__)

_WAKE = pygame.event.custom_type()
"""Says that there is something; what it is lies in slots, because a full queue loses events."""


class Background:
    """Readings and other work for the main thread, done by a worker of its own.

    Args:
        readers: the recognisers, used by the worker alone from now on.
    """

    def __init__(self, readers: Readers) -> None:
        self._lock = threading.Lock()
        self._result: tuple[Reading | str, int] | None = None
        self._answers: deque[tuple[int | None, Callable[[], None]]] = deque()
        self._task = 0
        self._worker = Worker(readers, self._deliver, self._failed)

    def submit(self, ink: Ink, ticket: int, model: str, normalised: bool) -> None:
        """Ask for a reading, see :meth:`device.worker.Worker.submit`."""
        self._worker.submit(ink, ticket, model, normalised)

    def ask(
        self,
        task: Callable[[Readers], Iterator[Any]],
        deliver: Callable[[Any], None],
        failed: Callable[[str], None],
    ) -> None:
        """Ask for other work, in the place of any before: each thing that it yields is handed to
        ``deliver``, or one line of what went wrong to ``failed``, once the main thread takes it.
        """
        self._task += 1
        number = self._task

        def came(answer: Any) -> None:
            self._put(number, partial(deliver, answer))

        def went_wrong(error: Exception) -> None:
            self._put(number, partial(failed, one_line(error)))

        self._worker.ask(task, came, went_wrong)

    def drop(self) -> None:
        """Forget the other work, and what it has made."""
        self._task += 1
        self._worker.drop()

    def say(self, deliver: Callable[[], None]) -> None:
        """On another thread: something to be called on the main thread."""
        self._put(None, deliver)

    def take_result(self) -> tuple[Reading | str, int] | None:
        """The latest reading, or why there is none, and its ticket; once."""
        with self._lock:
            result, self._result = self._result, None
        return result

    def take_answers(self) -> Iterator[Callable[[], None]]:
        """What else has come, to be called one after the other; each may drop the rest."""
        with self._lock:
            answers, self._answers = self._answers, deque()
        for number, deliver in answers:
            if number is None or number == self._task:
                yield deliver

    @property
    def busy(self) -> bool:
        """Whether anything is being worked on, or has been made and not been taken."""
        if self._worker.busy:
            return True
        with self._lock:
            return self._result is not None or bool(self._answers)

    @property
    def progress(self) -> int:
        """A count that grows with all that is done, see :attr:`device.worker.Worker.progress`."""
        return self._worker.progress

    def close(self) -> None:
        """Stop the worker. May be called again."""
        self._worker.close()

    def _deliver(self, reading: Reading, ticket: int) -> None:
        self._put_result((reading, ticket))

    def _failed(self, error: Exception, ticket: int) -> None:
        self._put_result((one_line(error), ticket))

    def _put_result(self, result: tuple[Reading | str, int]) -> None:
        with self._lock:
            self._result = result
        _wake()

    def _put(self, number: int | None, deliver: Callable[[], None]) -> None:
        with self._lock:
            self._answers.append((number, deliver))
        _wake()


def _wake() -> None:
    try:
        pygame.event.post(pygame.event.Event(_WAKE))
    except pygame.error as error:
        # The queue is full, so that nobody sleeps; or the display has just been closed.
        log.debug("a wake-up was lost: %s", error)


def one_line(error: Exception) -> str:
    """What went wrong, for a notice."""
    return " ".join(str(error).split()) or type(error).__name__
