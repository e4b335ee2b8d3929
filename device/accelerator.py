"""A model on the Edge TPU, and on the CPU whenever the Edge TPU is not to be had.

A process of its own holds the device (:mod:`device.coral`). Whatever becomes of it, the CPU answers
the same question at once, and another one is started after a pause that grows from one time to the
next. Nothing here waits for the Edge TPU to come up: it is looked at when something is to be read.
"""

from __future__ import annotations

import json
import logging
import math
import statistics
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.coral import LIBRARY, Holder, corals
from device.language import N_
from device.tflite import CPU, Compiled, Network

log = logging.getLogger(__name__)

EDGE_TPU = "Edge TPU"
"""What :attr:`device.reading.Reading.accelerator` says of it."""

START_SECONDS = 10.0
"""How long it may take to open the device and to run each model once: about three, and the first
inference is slow."""

ANSWER_SECONDS = 0.5
"""How long an answer may take: most take one or two milliseconds."""

PAUSES = (1.0, 60.0)
"""After how long (seconds) it is tried again for the first time, and at the longest."""

TURNS = 20
"""How often each is asked when the Edge TPU is compared with the CPU."""

FAR = 64
"""So many int8 steps (of 256) from the CPU's answer it is another model's answer: the Edge TPU
rounds otherwise, by a step or two before the last softmax."""

NOTICE = N_("The Edge TPU does not answer: the CPU reads")

NOT_COMPILED = N_("No model is compiled for the Edge TPU: the CPU reads")

Steps = NDArray[np.integer[Any]]


class EdgeTpu:
    """The Edge TPU as this process sees it: there, or not, or not yet.

    Args:
        compiled: the models that it can run, by name.
        auto: whether it is used only where it is faster than the CPU, and not missed where it has
            never been.
        library: the library that drives it.
        present: whether one is plugged in, so that none is looked for in vain.
        clock: seconds, ever growing.

    Attributes:
        auto, library: as given.
        answer_seconds: how long an answer may take.
        compared: the models of which it is known that it answers like the CPU and, where that
            matters, faster.
        trouble: what is amiss, for a notice (English); None when nothing is.
        reason: why it was not to be had the last time, one line; None when it is.
    """

    def __init__(
        self,
        compiled: Mapping[str, Compiled],
        auto: bool = True,
        library: str = LIBRARY,
        present: Callable[[], bool] = lambda: bool(corals()),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.auto = auto
        self.answer_seconds = ANSWER_SECONDS
        self.compared: set[str] = set()
        self.trouble: str | None = None
        self.reason: str | None = None
        self._compiled = dict(compiled)
        self._numbers = {name: number for number, name in enumerate(self._compiled)}
        self.library = library
        self._present = present
        self._clock = clock
        self._users: set[str] = set()
        self._declined: set[str] = set()
        self._holder: Holder | None = None
        self._left: Holder | None = None
        self._up = self._was_up = False
        self._since = self._next = -math.inf
        self._pause = PAUSES[0]
        # A self-test may meet the worker here.
        self._lock = threading.RLock()

    @property
    def pid(self) -> int | None:
        """The number of its process; None while there is none."""
        return None if self._holder is None else self._holder.pid

    def enter(self, name: str) -> None:
        """This model is in use, and wants the Edge TPU if it has not declined it before."""
        with self._lock:
            if name not in self._declined:
                self._users.add(name)

    def decline(self, name: str) -> None:
        """This model does not want it; when none does, its process is ended."""
        with self._lock:
            self._declined.add(name)
            self._users.discard(name)
            if not self._users:
                self.close()

    def refuse(self, name: str, reason: str) -> None:
        """This model cannot use it, and that is said."""
        log.error("%s does not run on the Edge TPU: %s; the CPU reads with it", name, reason)
        self.trouble = NOTICE
        self.decline(name)

    def is_up(self, name: str, patience: float = 0.0) -> bool:
        """Whether it can be asked now, with this model; starts it where it is time to.

        Args:
            patience: how long (seconds) to wait for it to come up.
        """
        with self._lock:
            if name not in self._users:
                return False
            if self._holder is None:
                self._start()
            if self._holder is not None and not self._up:
                self._hear(self._holder, patience)
            return self._up and name in self._users

    def ask(self, name: str, steps: Steps) -> bytes | None:
        """The outputs of a model for one quantised model input, one after the other; None when the
        CPU must answer.

        Args:
            steps: (28, 28), int8 or uint8 as the model wants it.
        """
        with self._lock:
            if not self.is_up(name) or self._holder is None:
                return None
            try:
                self._holder.send(bytes([self._numbers[name]]) + steps.tobytes())
                answer = self._holder.receive(self.answer_seconds)
            except (TimeoutError, EOFError, OSError) as error:
                self._lose(_words(error))
                return None
        return answer

    def close(self) -> None:
        """End its process. May be called again."""
        with self._lock:
            if self._holder is not None:
                self._holder.end()
                self._left, self._holder = self._holder, None
            self._up = False

    def _start(self) -> None:
        now = self._clock()
        if now < self._next:
            return
        if self._left is not None and not self._left.gone:
            self._put_off("the process that held it does not end")
        elif not self._present():
            self._put_off("none is plugged in")
        else:
            self._since = now
            try:
                self._holder = Holder(self.library, list(self._compiled.values()))
            except OSError as error:
                self._put_off(_words(error))

    def _hear(self, holder: Holder, patience: float) -> None:
        """What it has to say of itself, if it has come so far."""
        left = self._since + START_SECONDS - self._clock()
        try:
            told = json.loads(holder.receive(min(patience, max(0.0, left))))
        except TimeoutError:
            if left <= patience:
                self._lose(f"it is not ready after {START_SECONDS:.0f} s")
            return
        except (EOFError, OSError, ValueError) as error:
            self._lose(_words(error))
            return
        if told["problem"] is not None:
            self._lose(told["problem"])
            return
        log.info("Edge TPU: ready")
        self._up = self._was_up = True
        self.trouble = self.reason = None
        names = list(self._compiled)
        for number, reason in told["refused"].items():
            if names[int(number)] in self._users:
                self.refuse(names[int(number)], reason)
            else:
                self._declined.add(names[int(number)])

    def _lose(self, reason: str) -> None:
        """Do without it. One that has served for long is looked for again soon."""
        if self._up and self._clock() - self._since > PAUSES[1]:
            self._pause = PAUSES[0]
        self.close()
        self._put_off(reason)

    def _put_off(self, reason: str) -> None:
        """Try again after a pause; said once for each reason."""
        missed = self._was_up or not self.auto
        if reason != self.reason:
            say = log.warning if missed else log.info
            say("Edge TPU: %s; the CPU reads, next attempt in %.0f s", reason, self._pause)
        self.reason = reason
        if missed:
            self.trouble = NOTICE
        self._next = self._clock() + self._pause
        self._pause = min(2 * self._pause, PAUSES[1])


class PairedNetwork(Network):
    """A model that is there twice: for the CPU, and compiled for the Edge TPU, which is asked
    first.

    Args:
        content: the CPU's file, see :class:`device.tflite.Network`.
        name: the model's name.
        edge_tpu: has the other file under that name.
    """

    def __init__(self, content: bytes, name: str, edge_tpu: EdgeTpu) -> None:
        super().__init__(content)
        self._name = name
        self._edge_tpu = edge_tpu
        edge_tpu.enter(name)

    def invoke(self, steps: Steps) -> list[Steps]:
        """As :meth:`device.tflite.Network.invoke`, by the Edge TPU or, failing that, the CPU."""
        if len(steps) and self._edge_tpu.is_up(self._name):
            if self._name not in self._edge_tpu.compared:
                self._compare(steps[:1])
            answers = self._accelerated(steps)
            if answers is not None:
                self.accelerator = EDGE_TPU
                return answers
        self.accelerator = CPU
        return super().invoke(steps)

    def _accelerated(self, steps: Steps) -> list[Steps] | None:
        """The Edge TPU's answers; None as soon as one is missing."""
        row = np.dtype([(str(info.role), info.dtype, info.shape[-1]) for info in self.outputs])
        answers = []
        for one in steps:
            answer = self._edge_tpu.ask(self._name, one)
            if answer is None:
                return None
            if len(answer) != row.itemsize:
                self._edge_tpu.refuse(self._name, "its outputs are not those of the CPU's file")
                return None
            answers.append(answer)
        table = np.frombuffer(b"".join(answers), row)
        return [table[str(info.role)] for info in self.outputs]

    def _compare(self, steps: Steps) -> None:
        """Whether the Edge TPU answers like the CPU and, where that matters, faster."""
        by_cpu, by_tpu = super().invoke, self._accelerated
        expected, found = by_cpu(steps), by_tpu(steps)
        if found is None:
            return
        apart = max(np.abs(a.astype(int) - b).max() for a, b in zip(expected, found, strict=True))
        if apart > FAR:
            self._edge_tpu.refuse(self._name, f"its answers lie {apart} steps from the CPU's")
            return
        if self._edge_tpu.auto:
            times = {CPU: _microseconds(by_cpu, steps), EDGE_TPU: _microseconds(by_tpu, steps)}
            if not self._edge_tpu.is_up(self._name):
                return
            faster = min(times, key=times.__getitem__)
            shown = ", ".join(f"{which} {taken:.0f} µs" for which, taken in times.items())
            log.info("%s: %s; the %s reads with it", self._name, shown, faster)
            if faster == CPU:
                self._edge_tpu.decline(self._name)
                return
        self._edge_tpu.compared.add(self._name)


def _microseconds(action: Callable[[Steps], object], steps: Steps) -> float:
    times = []
    for _ in range(TURNS):
        started = time.perf_counter()
        action(steps)
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1e6


def _words(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
