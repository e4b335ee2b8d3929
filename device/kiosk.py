"""The kiosk: events in, ink changed, reading shown.

The main thread owns the screen and the lights and never waits for the model: ink goes to the
worker's latest-wins slot, and its reading comes back as an event like any touch.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pygame

from device.config import Config
from device.errors import InklingError
from device.ink import Ink
from device.lights import Lights
from device.reading import Reading, Verdict
from device.recognizer import Recognizer, Worker
from device.screen.display import at_least_smallest, close_display, open_display
from device.screen.main_screen import MainScreen, View
from device.screen.pen import Pen
from device.screen.touch import Contact, Touch

log = logging.getLogger(__name__)

PAUSE = 0.2
"""How long (seconds) to wait for an event at most: a signal is answered within this time."""

MOST_EVENTS = 256
"""How many events are answered between two frames at most..."""

MOST_WORK = 0.01
"""... and for how long (seconds): touches that come faster than that must not stop the screen."""

_WAKE = pygame.event.custom_type()
"""Says that the worker has something; what it is lies in the kiosk's own slot, because a full
queue loses events."""


class Kiosk:
    """The application with a screen.

    Opens the display and starts the worker; :meth:`close` undoes both and switches the lights off.

    Args:
        config: the configuration in force.
        recognizer: used by the kiosk's worker alone from now on.
        lights: shown the verdict of every reading.
        notice: what is amiss from the start, shown until the canvas is cleared.

    Raises:
        ScreenError: no display can be opened.
    """

    def __init__(
        self, config: Config, recognizer: Recognizer, lights: Lights, notice: str | None = None
    ) -> None:
        self._config = config
        self._threshold = recognizer.threshold
        self._lights = lights
        self._blank = Reading.blank(recognizer.model)
        self._pen = Pen()
        self._ink = Ink()
        self._ticket = 0
        self._oldest = 0
        self._answered = 0
        self._gave_up = False
        self._pressed: str | None = None
        self._captured: str | None = None
        self._notice: str | None = None
        self._first_notice = notice
        self._troubles: set[str] = set()
        self._backlog: deque[pygame.event.Event] = deque()
        self._slot: tuple[Reading | str, int] | None = None
        self._slot_lock = threading.Lock()
        self._running = True
        self.reading = self._blank
        self._display = open_display(config.screen)
        try:
            self._touch = Touch(self._display.surface.get_size())
            self.screen = MainScreen(self._display.surface, config.screen.pen_width)
            self._light(Verdict.BLANK)
            self._show()
            self._worker = Worker(recognizer, self._deliver, self._failed)
        except BaseException:
            close_display()
            raise

    @property
    def ink(self) -> Ink:
        """Everything on the canvas, the stroke under the finger included."""
        stroke = self._pen.stroke
        return self._ink.with_stroke(stroke) if stroke is not None else self._ink

    @property
    def settled(self) -> bool:
        """True when no reading is awaited: the one shown is of the ink on the canvas, or reading
        that ink has failed."""
        return not self._backlog and (self._gave_up or self._answered == self._ticket)

    @property
    def notice(self) -> str | None:
        """What went wrong last, for the person in front; None when nothing did."""
        return self._notice or self._first_notice

    @property
    def running(self) -> bool:
        """False once it has been told to stop."""
        return self._running

    @property
    def surface(self) -> pygame.Surface:
        """What is on the screen."""
        return self._display.surface

    def run(self, asked: threading.Event | None = None) -> None:
        """Serve until told to stop: by :meth:`stop`, a window that closes, or ``asked``."""
        while self._running and not (asked is not None and asked.is_set()):
            self.step(PAUSE)

    def stop(self) -> None:
        """End :meth:`run` after the step at hand."""
        self._running = False

    def step(self, timeout: float) -> None:
        """Wait up to ``timeout`` seconds for something to happen; answer it in one frame.

        What has come faster than it can be answered is left for the next step.
        """
        if not self._backlog:
            event = pygame.event.wait(max(1, round(timeout * 1000)))
            if event.type != pygame.NOEVENT:
                self._backlog.append(event)
            self._backlog.extend(pygame.event.get())
        end = time.monotonic() + MOST_WORK
        changed = False
        for _ in range(min(MOST_EVENTS, len(self._backlog))):
            changed |= self._handle(self._backlog.popleft())
            if time.monotonic() > end:
                break
        self._take_result()
        if changed:
            self._submit()
        self._show()

    def predict(self) -> None:
        """Read the ink again."""
        if not self.ink.is_blank:
            self._submit()

    def clear(self) -> None:
        """Empty the canvas; readings still on their way are of ink that is gone."""
        self._pen.lift()
        self._ink = Ink()
        self.screen.canvas.show(self._ink, hinting=True)
        self._ticket += 1
        self._oldest = self._answered = self._ticket
        self._notice = self._first_notice = None
        self._answer(self._blank)

    def close(self) -> None:
        """Lights off, worker stopped, display given back. May be called again."""
        try:
            self._light(Verdict.BLANK)
            self._lights.close()
        finally:
            self._worker.close()
            close_display()

    def _handle(self, event: pygame.event.Event) -> bool:
        """Answer one event; True when the ink has changed."""
        if event.type == pygame.QUIT:
            self.stop()
        elif event.type == pygame.KEYDOWN:
            if not self._display.on_console and event.key in (pygame.K_ESCAPE, pygame.K_q):
                self.stop()
        elif event.type == pygame.WINDOWSIZECHANGED:
            self._resized()
        elif event.type == pygame.WINDOWEXPOSED:
            pygame.display.flip()
        else:
            changed = False
            for contact in self._touch.feed(event):
                changed |= self._touched(contact)
            return changed
        return False

    def _touched(self, contact: Contact) -> bool:
        """A finger belongs to what it came down on, until it lifts."""
        target = self.screen.target(contact.x, contact.y)
        if contact.kind == "down":
            self._captured = target
        if self._captured == "canvas":
            return self._drew(contact)
        on_button = self._captured if self._captured == target else None
        self._pressed = on_button if contact.kind != "up" else None
        if contact.kind == "up":
            self._captured = None
            if on_button == "predict":
                self.predict()
            elif on_button == "clear":
                self.clear()
        return False

    def _drew(self, contact: Contact) -> bool:
        x, y = self.screen.to_ink(contact.x, contact.y)
        canvas = self.screen.canvas
        changed = False
        for mark in self._pen.follow(contact.kind, x, y, contact.t):
            if mark is None:
                canvas.end()
                continue
            if mark.first:
                canvas.begin()
            canvas.add(mark.x, mark.y)
            changed = True
        for stroke in self._pen.take_finished():
            self._ink = self._ink.with_stroke(stroke)
        if contact.kind == "up":
            self._captured = None
        return changed

    def _submit(self) -> None:
        self._ticket += 1
        self._gave_up = False
        self._worker.submit(self.ink, self._ticket)

    def _take_result(self) -> None:
        """What the worker has made since the last step."""
        with self._slot_lock:
            result, self._slot = self._slot, None
        if result is not None:
            self._arrived(*result)

    def _arrived(self, reading: Reading | str, ticket: int) -> None:
        """A reading, or why there is none; of ink that is gone, neither is of interest."""
        if ticket < self._oldest or ticket <= self._answered:
            return
        if isinstance(reading, str):
            self._gave_up = True
            self._notice = f"reading failed: {reading}"
            return
        self._answered = ticket
        self._gave_up = False
        self._notice = None
        self._answer(reading)

    def _answer(self, reading: Reading) -> None:
        self.reading = reading
        self._light(reading.verdict)

    def _light(self, verdict: Verdict) -> None:
        try:
            self._lights.show(verdict)
        except Exception as error:
            # Lights are one output of several: without them the screen still answers.
            self._trouble("show", error)
            self._notice = str(error) or "the lights do not answer"
        else:
            self._recovered("show")

    def _states(self) -> dict[str, bool]:
        try:
            states = self._lights.states()
        except Exception as error:
            self._trouble("states", error)
            return {}
        self._recovered("states")
        return states

    def _trouble(self, action: str, error: Exception) -> None:
        """Log what the lights refuse, once until they recover."""
        if action not in self._troubles:
            self._troubles.add(action)
            expected = isinstance(error, InklingError)
            log.error("the lights failed: %s", error, exc_info=None if expected else error)

    def _recovered(self, action: str) -> None:
        if action in self._troubles:
            self._troubles.discard(action)
            log.info("the lights answer again")

    def _resized(self) -> None:
        surface = pygame.display.get_surface()
        if surface is None or surface.get_size() == self._touch.size:
            return
        surface = at_least_smallest(surface)
        self._display = type(self._display)(surface, self._display.driver)
        self._touch = Touch(surface.get_size())
        self._ink = self.ink
        self._pen.lift()
        self._captured = self._pressed = None
        self.screen = MainScreen(surface, self._config.screen.pen_width)
        self.screen.canvas.show(self._ink, hinting=True)

    def _show(self) -> None:
        """Bring the screen up to date; nothing is sent to it when nothing has changed."""
        view = View(
            reading=self.reading,
            threshold=self._threshold,
            lights=self._states(),
            inked=not self._ink.is_blank or self._pen.is_down,
            pressed=self._pressed,
            notice=self._notice,
        )
        self.screen.show(view)
        dirty = self.screen.take_dirty()
        if dirty:
            pygame.display.update(dirty)

    def _deliver(self, reading: Reading, ticket: int) -> None:
        """On the worker's thread: a reading for the next step."""
        self._put((reading, ticket))

    def _failed(self, error: Exception, ticket: int) -> None:
        """On the worker's thread: a reading that could not be made."""
        self._put((" ".join(str(error).split()) or type(error).__name__, ticket))

    def _put(self, result: tuple[Reading | str, int]) -> None:
        with self._slot_lock:
            self._slot = result
        try:
            pygame.event.post(pygame.event.Event(_WAKE))
        except pygame.error as error:
            # The queue is full, so that nobody sleeps; or the display has just been closed.
            log.debug("a wake-up was lost: %s", error)


@contextmanager
def asked_to_stop() -> Iterator[threading.Event]:
    """While this lasts, a signal that would end the process does nothing but set the event.

    One that is ignored already (as ``nohup`` does with SIGHUP) stays so. To be used on the main
    thread.
    """
    asked = threading.Event()

    def handle(number: int, _frame: FrameType | None) -> None:
        log.info("stopping: %s", signal.Signals(number).name)
        asked.set()

    hangup = signal.SIGHUP
    numbers = [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT]
    if signal.getsignal(hangup) is not signal.SIG_IGN:
        numbers.append(hangup)
    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run(config: Config, recognizer: Recognizer, lights: Lights, notice: str | None = None) -> int:
    """Run the kiosk until it is told to stop; returns the exit status.

    The lights are off and closed afterwards, however it ended.

    Args:
        notice: what is amiss from the start, shown until the canvas is cleared.

    Raises:
        ScreenError: no display can be opened.
    """
    with asked_to_stop() as asked:
        try:
            kiosk = Kiosk(config, recognizer, lights, notice)
            try:
                kiosk.run(asked)
            finally:
                kiosk.close()
        finally:
            lights.close()
    return 0
