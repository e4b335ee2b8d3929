"""The thread that reads: the latest ink before anything else, background work in between."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any, Generic, NamedTuple, TypeVar

from device.ink import Ink
from device.reading import Reading
from device.recognizer import Readers

log = logging.getLogger(__name__)

T = TypeVar("T")


REST = 1.0
"""Seconds without work after which a worker rests."""


class _Live(NamedTuple):
    """A reading asked for while somebody draws."""

    ink: Ink
    ticket: int
    model: str
    normalised: bool
    growing: bool


class _Background(Generic[T]):
    """A task and who hears of it; its steps begin when it is first advanced."""

    def __init__(
        self,
        task: Callable[[Readers], Iterator[T]],
        deliver: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._task = task
        self._steps: Iterator[T] | None = None
        self.deliver = deliver
        self.failed = failed

    def advance(self, readers: Readers) -> T:
        """What the next step makes; StopIteration after the last."""
        if self._steps is None:
            self._steps = iter(self._task(readers))
        return next(self._steps)


class Worker:
    """A thread that reads the latest ink; what it could not get to in time is skipped.

    Args:
        readers: the recognisers, used by this thread alone from now on.
        deliver: called on the worker's thread with each reading and the ticket of its ink.
        failed: called on the worker's thread with what went wrong and the ticket, when a reading
            failed; the worker goes on.
        first: called on the worker's thread before it does anything else; raises nothing.
        rest: called on the worker's thread once it has had nothing to do for :data:`REST` seconds
            after its last work; raises nothing.
    """

    def __init__(
        self,
        readers: Readers,
        deliver: Callable[[Reading, int], None],
        failed: Callable[[Exception, int], None] | None = None,
        first: Callable[[Readers], None] | None = None,
        rest: Callable[[Readers], None] = lambda _: None,
    ) -> None:
        self._readers = readers
        self._deliver = deliver
        self._failed = failed
        self._first = first
        self._rest = rest
        self._live: _Live | None = None
        self._background: _Background[Any] | None = None
        self._progress = 0
        self._closing = False
        self._working = first is not None
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="recognizer", daemon=True)
        self._thread.start()

    def submit(
        self, ink: Ink, ticket: int, model: str, normalised: bool = True, growing: bool = False
    ) -> None:
        """Ask for a reading; replaces what is still waiting, and never waits itself.

        Args:
            model: name of the model that is to read it.
            normalised, growing: as for :meth:`device.recognizer.Recognizer.read`.
        """
        with self._wake:
            self._live = _Live(ink, ticket, model, normalised, growing)
            self._wake.notify()

    def ask(
        self,
        task: Callable[[Readers], Iterator[T]],
        deliver: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Ask for work in the background, in the place of any that is going on.

        The task's iterator is made and advanced on the worker's thread; a reading that is asked
        for goes before its next step.

        Args:
            task: gets the recognisers and makes its results one by one, each in a short time.
            deliver: called on the worker's thread with each result.
            failed: called on the worker's thread with what the task raised; the task is over.
        """
        with self._wake:
            self._background = _Background(task, deliver, failed)
            self._wake.notify()

    def drop(self) -> None:
        """Forget the work in the background. A result of it that is being delivered at this
        moment still comes; after that, none."""
        with self._wake:
            self._background = None

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def busy(self) -> bool:
        """Whether a reading or other work waits or is being done."""
        with self._wake:
            return self._working or self._live is not None or self._background is not None

    @property
    def progress(self) -> int:
        """How many readings and steps of background work are done, failed ones included."""
        return self._progress

    def close(self) -> None:
        """Stop after the reading or step at hand. May be called again."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=5)

    def _work(self) -> None:
        if self._first is not None:
            self._first(self._readers)
            self._progress += 1
        patience: float | None = REST
        while True:
            with self._wake:
                self._working = False
                called = self._wake.wait_for(self._is_called, patience)
                if self._closing:
                    return
                self._working = called
                live, self._live = self._live, None
                background = self._background
            if not called:
                self._rest(self._readers)
                patience = None
                continue
            patience = REST
            if live is not None:
                self._read(live)
            elif background is not None:
                self._advance(background)
            self._progress += 1

    def _is_called(self) -> bool:
        return self._live is not None or self._background is not None or self._closing

    def _read(self, live: _Live) -> None:
        try:
            recognizer = self._readers.get(live.model)
            reading = recognizer.read(live.ink, live.normalised, live.growing)
            self._deliver(reading, live.ticket)
        except Exception as error:  # whatever it was, the next drawing deserves an answer
            log.exception("reading failed")
            if self._failed is not None:
                self._failed(error, live.ticket)

    def _advance(self, background: _Background[Any]) -> None:
        try:
            result = background.advance(self._readers)
            if self._background is background:
                background.deliver(result)
        except StopIteration:
            self._finished(background)
        except Exception as error:  # readings, and the next task, do not suffer for it
            log.exception("background work failed")
            if self._finished(background):
                background.failed(error)

    def _finished(self, background: _Background[Any]) -> bool:
        """Forget this work; False when it had been forgotten or replaced before."""
        with self._wake:
            current = self._background is background
            if current:
                self._background = None
        return current
