"""Stand-ins that tests share: a recogniser that needs no model, and lights that break."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np

from device import normalise, symbols
from device.errors import LightsError, ModelError
from device.library import Library, Score
from device.reading import Reading, as_probabilities, decide
from device.session import digits


class FakeRecognizer:
    """Reads everything as a 3; ink of ``doodle`` strokes or more is no digit. ``gate`` can be
    shut to keep a reading waiting, ``error`` be set to make one fail."""

    threshold = 0.5
    pipeline = normalise.PIPELINES["mnist"]

    scores = np.array([0.01] * 3 + [0.9] + [0.01] * 6, np.float32)

    def __init__(self, doodle=4, model="fake"):
        self.model = model
        self.doodle = doodle
        self.gate = threading.Event()
        self.gate.set()
        self.started = threading.Event()
        self.error = None
        self.count = 0
        self.grew = []

    def forget(self):
        """Nothing is kept."""

    def read(self, ink, normalised=True, growing=False):
        self.started.set()
        self.gate.wait(60)
        self.count += 1
        self.grew.append(growing)
        if self.error is not None:
            raise self.error
        if ink.is_blank:
            return Reading.blank(self.model)
        paths = normalise.paths_of(ink)
        count = symbols.count_paths(paths)
        is_digit = 0.97 if len(ink.strokes) < self.doodle else 0.02
        is_digit = is_digit if normalised else 1.0
        pipeline = self.pipeline if normalised else self.pipeline.as_drawn
        return Reading(
            decide(False, count, is_digit, self.threshold),
            3,
            as_probabilities(self.scores),
            is_digit,
            count,
            self.model,
            0.4,
            pipeline.from_ink(ink, paths),
            gated=normalised,
        )

    def read_many(self, inks, normalised=True):
        return [self.read(ink, normalised) for ink in inks]

    def probabilities(self, model_inputs):
        """Surer of its 3 the more ink it sees."""
        sure = 0.1 + 0.8 * model_inputs.reshape(len(model_inputs), -1).mean(axis=1) / 255
        made = np.repeat((1 - sure[:, None]) / 9, 10, axis=1)
        made[:, 3] = sure
        return made

    def microseconds(self, turns=50):
        return 12.5


class Templates(FakeRecognizer):
    """Reads a drawing as the digit of the bundled session that it looks most like, in whole
    numbers: everywhere the same."""

    def __init__(self, model="inkling"):
        super().__init__(model=model)
        self._inputs = [self.pipeline.from_ink(made.ink).astype(int) for made in digits()]

    def read(self, ink, normalised=True, growing=False):
        reading = super().read(ink, normalised, growing)
        if ink.is_blank:
            return reading
        seen = self.pipeline.from_ink(ink).astype(int)
        apart = [int(abs(seen - template).sum()) for template in self._inputs]
        nearest = sorted(range(10), key=apart.__getitem__)
        scores = [0.0] * 10
        for place, share in enumerate((0.875, 0.0625, 0.03125, 0.03125)):
            scores[nearest[place]] = share
        return replace(reading, digit=nearest[0], probabilities=tuple(scores))


class SomeReaders:
    """Gives out recognisers for whatever model is asked for."""

    def __init__(self, *_):
        self._made = {}

    def first(self):
        return self.get("inkling"), None

    def get(self, name):
        return self._made.setdefault(name, Templates(name))

    def forget(self):
        """Nothing is kept."""


class SteadyLibrary(Library):
    """The shipped models, with figures that do not change with every training."""

    def entry(self, name):
        scores = {"mnist-test": Score(99.5, 99.5, 1000), "pendigits-validation": Score(98, 98, 100)}
        return replace(super().entry(name), bytes=123_456, accuracy=scores)


class FakeReaders:
    """Gives out the recognisers it was made with, by their model's name."""

    def __init__(self, *recognizers):
        self.recognizers = {recognizer.model: recognizer for recognizer in recognizers}
        self.forgotten = False

    def first(self):
        return next(iter(self.recognizers.values())), None

    def get(self, name):
        if name not in self.recognizers:
            raise ModelError(f"unknown model {name!r}")
        return self.recognizers[name]

    def forget(self):
        self.forgotten = True


class BrokenLights:
    """Lights whose pins refuse."""

    factory = "broken"

    def __init__(self):
        self.closed = False

    pin_factory = None

    def show(self, verdict, digit=None):
        raise LightsError("the lights do not answer: GPIO busy")

    def tick(self):
        raise LightsError("the lights do not answer: GPIO busy")

    def states(self):
        return {"accept": False, "several": False, "reject": False}

    def close(self):
        self.closed = True


def levels(factory, pins=(17, 27, 22)):
    """Levels of these pins of a mock factory; by default the three lights."""
    return tuple(int(factory.pin(pin).state) for pin in pins)


def refusing(lights, monkeypatch, name, action):
    """Make a line of the lights fail to go on or off."""

    def refuse():
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(lights._leds[name], action, refuse, raising=True)
