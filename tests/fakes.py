"""Stand-ins that tests share: a recogniser that needs no model, and lights that break."""

from __future__ import annotations

import threading

import numpy as np

from device import normalise, symbols
from device.errors import LightsError
from device.reading import Reading, as_probabilities, decide


class FakeRecognizer:
    """Reads everything as a 3; ink of ``doodle`` strokes or more is no digit. ``gate`` can be
    shut to keep a reading waiting, ``error`` be set to make one fail."""

    model = "fake"
    threshold = 0.5

    def __init__(self, doodle=4):
        self.doodle = doodle
        self.gate = threading.Event()
        self.gate.set()
        self.started = threading.Event()
        self.error = None
        self.count = 0

    def read(self, ink):
        self.started.set()
        self.gate.wait(10)
        self.count += 1
        if self.error is not None:
            raise self.error
        if ink.is_blank:
            return Reading.blank(self.model)
        paths = normalise.paths_of(ink)
        count = symbols.count_paths(paths)
        is_digit = 0.97 if len(ink.strokes) < self.doodle else 0.02
        scores = np.full(10, 0.01, np.float32)
        scores[3] = 0.9
        seen = normalise.mnist_from_paths(paths)
        return Reading(
            decide(False, count, is_digit, self.threshold),
            3,
            as_probabilities(scores),
            is_digit,
            count,
            self.model,
            0.4,
            seen,
        )


class BrokenLights:
    """Lights whose pins refuse."""

    factory = "broken"

    def __init__(self):
        self.closed = False

    def show(self, verdict):
        raise LightsError("the lights do not answer: GPIO busy")

    def states(self):
        return {"accept": False, "several": False, "reject": False}

    def close(self):
        self.closed = True
