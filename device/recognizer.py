"""From ink to a reading: input pipeline, models and decision, and a thread that keeps up."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from device import normalise, symbols
from device import pixels as px
from device.errors import ModelError
from device.ink import Ink
from device.library import Library
from device.raster import Pixels
from device.reading import Reading, as_probabilities, decide

log = logging.getLogger(__name__)


class Recognizer:
    """Reads drawings with one model; where that model has no gate, another one answers for it.

    Args:
        library: the models to choose from.
        model: name of the model; None for the manifest's default.
        threshold: the gate's cut-off, a probability.
        gate: name of the model that answers "is it a digit?" instead of the manifest's choice.

    Raises:
        ModelError: the model (or the one with its gate) is unknown, missing or damaged.
    """

    def __init__(
        self,
        library: Library,
        model: str | None = None,
        threshold: float = 0.5,
        gate: str | None = None,
    ) -> None:
        entry = library.entry(model or library.default)
        if not entry.reads_digits:
            raise ModelError(
                f"{entry.name} only tells whether a drawing is a digit; choose one of "
                f"{', '.join(library.digit_models)}"
            )
        gate_entry = library.entry(gate or entry.gate)
        self.model = entry.name
        self.threshold = threshold
        self._pipeline = normalise.PIPELINES[entry.pipeline]
        self._gate_pipeline = normalise.PIPELINES[gate_entry.pipeline]
        self._network = library.open(entry.name)
        self._gate = self._network if entry is gate_entry else library.open(gate_entry.name)
        # The first invocation of an interpreter is slow; nobody should have to wait for it.
        self.read(Ink.of([[(0.4, 0.2), (0.5, 0.5)]]))

    def read(self, ink: Ink) -> Reading:
        """The reading of some ink."""
        started = time.perf_counter()
        if ink.is_blank:
            return Reading.blank(self.model)
        paths = normalise.paths_of(ink)
        seen = self._pipeline.from_ink(ink)
        gate_seen = (
            seen if self._gate_pipeline is self._pipeline else self._gate_pipeline.from_ink(ink)
        )
        return self._read(seen, gate_seen, symbols.count_paths(paths), started)

    def read_pixels(self, grey: Pixels) -> Reading:
        """The reading of a picture: uint8 (height, width), any size, dark on light or light on
        dark."""
        started = time.perf_counter()
        cleaned = px.clean(grey)
        if not cleaned.any():
            return Reading.blank(self.model)
        seen = self._pipeline.from_pixels(cleaned)
        gate_seen = (
            seen
            if self._gate_pipeline is self._pipeline
            else self._gate_pipeline.from_pixels(cleaned)
        )
        return self._read(seen, gate_seen, symbols.count_pixels(cleaned), started)

    def _read(self, seen: Pixels, gate_seen: Pixels, count: int, started: float) -> Reading:
        answers = self._network.run(seen)
        gates = answers if self._gate is self._network else self._gate.run(gate_seen)
        probabilities = as_probabilities(answers["digit"][0])
        # Both columns are used: quantised, they need not sum to 1.
        no, yes = gates["gate"][0].tolist()
        gate = yes / (yes + no) if yes + no > 0 else 0.0
        return Reading(
            verdict=decide(False, count, gate, self.threshold),
            digit=max(range(len(probabilities)), key=probabilities.__getitem__),
            probabilities=probabilities,
            gate=gate,
            symbols=count,
            model=self.model,
            milliseconds=(time.perf_counter() - started) * 1000,
            model_input=seen,
        )


def sturdy(library: Library, model: str, threshold: float) -> tuple[Recognizer, str | None]:
    """A recogniser as asked for or, where a file is damaged, the nearest to it that is whole.

    First another gate is tried for the same model, then another model.

    Returns:
        the recogniser, and what is wrong in one line for a person; None when nothing is.

    Raises:
        ModelError: the name is unknown, or no model is whole.
    """
    if library.entry(model).reads_digits:
        others = [name for name in library.digit_models if name != model]
    else:
        others = []
    problems: list[str] = []
    for name in (model, *others):
        for gate in (None, *library.gates):
            try:
                recognizer = Recognizer(library, name, threshold, gate)
            except ModelError as error:
                if str(error) not in problems:
                    problems.append(str(error))
                    log.error("%s", error)
                continue
            if not problems:
                return recognizer, None
            help_ = f", with {gate} as gate" if gate else ""
            notice = f"a model is damaged: reading with {name}{help_}"
            log.warning("%s", notice)
            return recognizer, notice
    raise ModelError(problems[0])


class Worker:
    """A thread that reads the latest ink; what it could not get to in time is skipped.

    Args:
        recognizer: used by this thread alone from now on.
        deliver: called on the worker's thread with each reading and the ticket of its ink.
        failed: called on the worker's thread with what went wrong and the ticket, when a reading
            failed; the worker goes on.
    """

    def __init__(
        self,
        recognizer: Recognizer,
        deliver: Callable[[Reading, int], None],
        failed: Callable[[Exception, int], None] | None = None,
    ) -> None:
        self._recognizer = recognizer
        self._deliver = deliver
        self._failed = failed
        self._slot: tuple[Ink, int] | None = None
        self._closing = False
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="recognizer", daemon=True)
        self._thread.start()

    def submit(self, ink: Ink, ticket: int) -> None:
        """Ask for a reading; replaces what is still waiting, and never waits itself."""
        with self._wake:
            self._slot = (ink, ticket)
            self._wake.notify()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def close(self) -> None:
        """Stop after the reading at hand. May be called again."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=5)

    def _work(self) -> None:
        while True:
            with self._wake:
                while self._slot is None and not self._closing:
                    self._wake.wait()
                if self._closing or self._slot is None:
                    return
                (ink, ticket), self._slot = self._slot, None
            try:
                self._deliver(self._recognizer.read(ink), ticket)
            except Exception as error:  # whatever it was, the next drawing deserves an answer
                log.exception("reading failed")
                if self._failed is not None:
                    self._failed(error, ticket)
