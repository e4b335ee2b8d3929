"""From ink to a reading: input pipeline, models and decision."""

from __future__ import annotations

import logging
import statistics
import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from device import curve, normalise, raster, symbols
from device import pixels as px
from device.accumulation import FOLLOWED, LONG, Accumulation
from device.errors import ModelError
from device.ink import Ink
from device.library import Library
from device.normalise import LinePipeline, Pipeline
from device.raster import Pixels
from device.reading import DIGITS, Reading, as_probabilities, decide

log = logging.getLogger(__name__)


class Look(NamedTuple):
    """What the model and its gate (None when it is not asked) get to see of one drawing."""

    seen: Pixels
    gate_seen: Pixels | None
    symbols: int


class Recognizer:
    """Reads drawings with one model; where that model has no gate, another one answers for it.

    Args:
        library: the models to choose from.
        model: name of the model; None for the manifest's default.
        threshold: the gate's cut-off, a probability.
        gate: name of the model that answers "is it a digit?" instead of the manifest's choice.

    Attributes:
        model: name of the model.
        threshold: as given.
        pipeline: how a drawing becomes the model's input.

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
        self.pipeline = normalise.PIPELINES[entry.pipeline]
        self._gate_pipeline = normalise.PIPELINES[gate_entry.pipeline]
        self._network = library.open(entry.name)
        self._gate = self._network if entry is gate_entry else library.open(gate_entry.name)
        self.forget()
        # The first invocation of an interpreter is slow; nobody should have to wait for it.
        self.read(Ink.of([[(0.4, 0.2), (0.5, 0.5)]]))

    def forget(self) -> None:
        """Let go of what is kept of the ink that was read: drawings are mostly read while they
        grow, and what is read next is new."""
        self._smooth, self._draw = curve.Growing(), raster.Growing()
        self._accumulation = Accumulation()

    def read(self, ink: Ink, normalised: bool = True, growing: bool = False) -> Reading:
        """The reading of some ink; blank when all of it lies outside what the model looks at.

        Args:
            normalised: False to give the model the whole canvas as it is drawn, 28x28 in the
                polarity it knows, and not to ask the gate.
            growing: the last stroke goes on, and will be read again: where there is much ink, the
                model input may be some greys off, and takes the same time however much there is.
        """
        started = time.perf_counter()
        return self._read([self.look_at(ink, normalised, growing)], started)[0]

    def read_many(self, inks: Sequence[Ink], normalised: bool = True) -> list[Reading]:
        """As :meth:`read` for each, in one batch, whose time they share evenly."""
        started = time.perf_counter()
        return self._read([self.look_at(ink, normalised) for ink in inks], started)

    def read_pixels(self, grey: Pixels) -> Reading:
        """The reading of a picture: uint8 (height, width), any size, dark on light or light on
        dark."""
        started = time.perf_counter()
        cleaned = px.clean(grey)
        look = None
        if cleaned.any():
            seen = self.pipeline.from_pixels(cleaned)
            same = self._gate_pipeline is self.pipeline
            gate_seen = seen if same else self._gate_pipeline.from_pixels(cleaned)
            look = Look(seen, gate_seen, symbols.count_pixels(cleaned))
        return self._read([look], started)[0]

    def probabilities(self, model_inputs: Pixels) -> NDArray[np.float64]:
        """What the model alone says of model inputs, uint8 (n, 28, 28), in one batch.

        Returns:
            float64 (n, 10), each row as :attr:`Reading.probabilities`.
        """
        scores = self._network.run(model_inputs)["digit"]
        return np.array([as_probabilities(row) for row in scores]).reshape(-1, DIGITS)

    def microseconds(self, turns: int = 50) -> float:
        """How long the model alone takes for one input on this device: the median of ``turns``."""
        paper = np.zeros((normalise.SIDE, normalise.SIDE), np.uint8)
        times = []
        for _ in range(turns):
            started = time.perf_counter()
            self._network.run_raw(paper)
            times.append(time.perf_counter() - started)
        return statistics.median(times) * 1e6

    def look_at(self, ink: Ink, normalised: bool = True, growing: bool = False) -> Look | None:
        """All that a reading takes but for the model itself; None when there is nothing to see.

        The arguments are those of :meth:`read`.
        """
        if ink.is_blank:
            return None
        pipeline = self.pipeline if normalised else self.pipeline.as_drawn
        followed = growing and ink.point_count >= FOLLOWED and self._accumulation.follow(ink)
        accumulated = followed and ink.point_count >= LONG
        paths = None if accumulated else normalise.paths_of(ink, self._smooth)

        def make(pipeline: Pipeline, draw: raster.Draw) -> Pixels:
            if paths is None and isinstance(pipeline, LinePipeline):
                return self._accumulation.model_input(pipeline)
            return pipeline.from_ink(ink, paths, self._smooth, draw)

        seen = make(pipeline, self._draw)
        if (seen == pipeline.paper).all():  # the ink lies beside the canvas that is looked at
            return None
        gate_seen = None
        if normalised:
            same = self._gate_pipeline is pipeline
            gate_seen = seen if same else make(self._gate_pipeline, raster.draw_paths)
        count = (
            self._accumulation.count() if paths is None else symbols.count_paths(paths, self._draw)
        )
        return Look(seen, gate_seen, count)

    def _read(self, looks: list[Look | None], started: float) -> list[Reading]:
        """The readings of what was looked at; None is blank."""
        drawn = [look for look in looks if look is not None]
        scores, gates = self._answers(drawn)
        each = (time.perf_counter() - started) * 1000 / max(1, len(looks))
        readings = (self._reading(*row, each) for row in zip(drawn, scores, gates, strict=True))
        return [Reading.blank(self.model) if look is None else next(readings) for look in looks]

    def _answers(self, drawn: list[Look]) -> tuple[Sequence[NDArray[np.float32]], list[float]]:
        """The ten scores and the gate of each, from one batch a network."""
        if not drawn:
            return [], []
        answers = self._network.run(np.stack([look.seen for look in drawn]))
        asking = [look.gate_seen for look in drawn if look.gate_seen is not None]
        if not asking:
            gates = [1.0] * len(drawn)
        elif self._gate is self._network:
            gates = _gates(answers["gate"])
        else:
            gates = _gates(self._gate.run(np.stack(asking))["gate"])
        return list(answers["digit"]), gates

    def _reading(
        self, look: Look, scores: NDArray[np.float32], gate: float, milliseconds: float
    ) -> Reading:
        probabilities = as_probabilities(scores)
        return Reading(
            verdict=decide(False, look.symbols, gate, self.threshold),
            digit=max(range(DIGITS), key=probabilities.__getitem__),
            probabilities=probabilities,
            gate=gate,
            symbols=look.symbols,
            model=self.model,
            milliseconds=milliseconds,
            model_input=look.seen,
            accelerator=self._network.accelerator,
            gated=look.gate_seen is not None,
        )


def _gates(scores: NDArray[np.float32]) -> list[float]:
    """Probabilities of "is a digit" from (n, 2) scores."""
    # Both columns are used: quantised, they need not sum to 1.
    return [yes / (yes + no) if yes + no > 0 else 0.0 for no, yes in scores.tolist()]


class Readers:
    """Recognisers by the model's name, each opened when it is first asked for.

    To be used by one thread at a time.

    Args:
        library: the models there are.
        first: the one to begin with: open already, or a name for :meth:`first` to open.
        threshold: the gate's cut-off.

    Attributes:
        threshold: the gate's cut-off from the next :meth:`get` on; may be set on any thread.
    """

    def __init__(self, library: Library, first: Recognizer | str, threshold: float) -> None:
        self._library = library
        self.threshold = threshold
        self._wanted = first if isinstance(first, str) else first.model
        self._first: tuple[Recognizer, str | None] | None = (
            None if isinstance(first, str) else (first, None)
        )
        self._open = {} if isinstance(first, str) else {first.model: first}

    def first(self) -> tuple[Recognizer, str | None]:
        """The recogniser to begin with, see :func:`sturdy`. What stands in for a damaged one goes
        by its name as well.

        Raises:
            ModelError: the name is unknown, or no model is whole.
        """
        if self._first is None:
            self._first = sturdy(self._library, self._wanted, self.threshold)
            recognizer, _ = self._first
            self._open |= {self._wanted: recognizer, recognizer.model: recognizer}
        return self._first

    def get(self, name: str) -> Recognizer:
        """The recogniser with this model; another gate answers where its own is damaged.

        Raises:
            ModelError: the model is unknown or damaged.
        """
        if name == self._wanted:
            self.first()
        if name not in self._open:
            problems: list[str] = []
            found = _with_some_gate(self._library, name, self.threshold, problems)
            if found is None:
                raise ModelError(problems[0])
            self._open[name] = found[0]
        recognizer = self._open[name]
        recognizer.threshold = self.threshold
        return recognizer

    def forget(self) -> None:
        """See :meth:`Recognizer.forget`, for all that are open."""
        for recognizer in self._open.values():
            recognizer.forget()


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
        found = _with_some_gate(library, name, threshold, problems)
        if found is None:
            continue
        recognizer, gate = found
        if not problems:
            return recognizer, None
        help_ = f", with {gate} as gate" if gate else ""
        notice = f"a model is damaged: reading with {name}{help_}"
        log.warning("%s", notice)
        return recognizer, notice
    raise ModelError(problems[0])


def _with_some_gate(
    library: Library, name: str, threshold: float, problems: list[str]
) -> tuple[Recognizer, str | None] | None:
    """A recogniser with this model, and the gate that stands in for its own (None for none).

    What is damaged is logged and added to ``problems``, each once.
    """
    for gate in (None, *library.gates):
        try:
            return Recognizer(library, name, threshold, gate), gate
        except ModelError as error:
            if str(error) not in problems:
                problems.append(str(error))
                log.error("%s", error)
    return None
