"""The worker as the main thread sees it: asked without waiting, and what it has made is taken
between two frames."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from device import start
from device.ink import Ink
from device.reading import Reading
from device.recognizer import Readers
from device.worker import Worker


class Background:
    """Readings and other work for the main thread, done by a worker of its own.

    Before anything else the worker opens the model to begin with, and has it look at something.

    Args:
        readers: the recognisers, used by the worker alone from now on.
        wake: called on any thread when there is something to take.
        begun: called on the main thread, which takes answers, with the model's name and what is
            wrong, see :func:`device.recognizer.sturdy`. Where no model is whole, that raises there.

    Attributes:
        able: the model to begin with has answered.
    """

    def __init__(
        self,
        readers: Readers,
        wake: Callable[[], None],
        begun: Callable[[str, str | None], None],
    ) -> None:
        self.able = False
        self._wake = wake
        self._begun = begun
        self._lock = threading.Lock()
        self._result: tuple[Reading | str, int] | None = None
        self._answers: deque[tuple[int | None, Callable[[], None]]] = deque()
        self._task = 0
        self._worker = Worker(readers, self._deliver, self._failed, self._begin, self._rest)

    def submit(
        self, ink: Ink, ticket: int, model: str, normalised: bool, growing: bool = False
    ) -> None:
        """Ask for a reading, see :meth:`device.worker.Worker.submit`."""
        self._worker.submit(ink, ticket, model, normalised, growing)

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

    def _begin(self, readers: Readers) -> None:
        """On the worker's thread."""
        try:
            recognizer, notice = readers.first()
            recognizer.microseconds(1)
        except Exception as error:  # without a model there is nothing to do: the main thread ends
            self.say(partial(self._cannot_begin, error))
        else:
            self.say(partial(self._has_begun, recognizer.model, notice))

    def _rest(self, readers: Readers) -> None:
        """On the worker's thread, once nobody has drawn for a while."""
        readers.forget()
        start.give_back()

    def _has_begun(self, model: str, notice: str | None) -> None:
        self.able = True
        self._begun(model, notice)

    def _cannot_begin(self, error: Exception) -> None:
        raise error

    def _deliver(self, reading: Reading, ticket: int) -> None:
        self._put_result((reading, ticket))

    def _failed(self, error: Exception, ticket: int) -> None:
        self._put_result((one_line(error), ticket))

    def _put_result(self, result: tuple[Reading | str, int]) -> None:
        with self._lock:
            self._result = result
        self._wake()

    def _put(self, number: int | None, deliver: Callable[[], None]) -> None:
        with self._lock:
            self._answers.append((number, deliver))
        self._wake()


def one_line(error: Exception) -> str:
    """What went wrong, for a notice."""
    return " ".join(str(error).split()) or type(error).__name__
