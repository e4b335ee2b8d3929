"""Inkling without a screen: ink from a digitiser or a socket, answers on lights and in the log.

The main thread follows the pen and switches the lights; one thread reads, another serves the
socket. A drawing on the digitiser has ended when the pen has been up for a while; its reading stays
until the next drawing begins.
"""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import NamedTuple

import pygame

from device import start
from device.background import Background, one_line
from device.buttons import Buttons
from device.config import Config
from device.desk import Desk
from device.errors import InklingError, ScreenError
from device.ink_socket import Answer, InkSocket
from device.library import Library
from device.lights import Lights, SteadyLights
from device.read import answer, drawing_of, error_record
from device.reading import Reading
from device.recognizer import Readers, Recognizer
from device.screen.backlog import Backlog
from device.screen.display import DEFAULT_SIZE, quiet_hints
from device.screen.pen import Pen
from device.screen.sleep import sleep_under
from device.screen.touch import Contact, Touch
from device.service import Heartbeat, Service
from device.signals import asked_to_stop

log = logging.getLogger(__name__)

MOST_STROKES, MOST_POINTS = 1_000, 20_000
"""A drawing from the socket that has more is refused: to read it would keep everybody waiting."""

SILENCE = 10.0
"""Seconds without a word of a pen that is down, after which it is gone: unplugged, mostly."""


class _Request(NamedTuple):
    """A line from the socket, and how to answer it."""

    line: bytes
    number: int
    answer: Answer


class Headless:
    """The application without a screen.

    Opens the digitiser and the socket and starts the worker; :meth:`close` undoes all that and
    switches the lights off.

    Args:
        config: the configuration in force.
        recognizer: used by the worker alone from now on; None to have the worker open the model
            that is configured.
        lights: shown every reading; the buttons are on the same pins' factory.
        library: the models to choose from.
        clock: seconds, ever growing.

    Attributes:
        reading: the one that the lights show.

    Raises:
        SocketError: the socket cannot be opened.
    """

    def __init__(
        self,
        config: Config,
        recognizer: Recognizer | None,
        lights: Lights,
        library: Library | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model = config.model.name if recognizer is None else recognizer.model
        self.desk = Desk(self._model, config.screen.pen_width)
        self.desk.choose(self._model, config)
        self.reading = Reading.blank(self._model)
        self._config = config
        self._pause = config.headless.pause_seconds
        self._clock = clock
        self._lights = SteadyLights(lights)
        self._pen = Pen()
        self._pen_is_down = False
        self._lifted: float | None = None
        self._heard = clock()
        self._ended = True
        self._version = self.desk.version
        self._ticket = self._answered = self._final = 0
        self._requests: deque[_Request] = deque()
        self._running = True
        self._touch = Touch(_open_digitiser(config), config.screen.rotation, clock)
        self._sleep = sleep_under(pygame.display.get_driver())
        self._backlog = Backlog(self._sleep)
        self._socket: InkSocket | None = None
        self._buttons: Buttons | None = None
        first = recognizer or self._model
        readers = Readers(library or Library(), first, config.model.threshold)
        self.background = Background(readers, self._sleep.wake, self._begun)
        try:
            self._lights.show(self.reading.verdict)
            path = config.headless.socket_path
            if path is not None:
                self._socket = InkSocket(path, self._asked)
                log.info("ink socket: %s", path)
            self._buttons = Buttons(config.buttons, self._pressed, lights.pin_factory)
        except BaseException:
            self.close()
            raise

    @property
    def settled(self) -> bool:
        """True when no reading of what is drawn is awaited."""
        return not self._backlog and self._answered == self._ticket

    def run(self, asked: threading.Event, service: Service | None = None) -> None:
        """Serve until told to stop; meanwhile ``service`` hears that all is well."""
        due = 0.0
        with (
            self._sleep.woken_by_signals(),
            Heartbeat(service or Service({}), self.background) as heart,
        ):
            while self._running and not asked.is_set():
                self.step(due)
                due = heart.beat(self._clock(), self.reading.status)

    def step(self, timeout: float) -> None:
        """Wait up to ``timeout`` seconds for something to happen, and answer it."""
        self._backlog.wait(min(timeout, self._lights.tick(), self._due()))
        moved = False
        for event in self._backlog.some():
            if event.type == pygame.QUIT:
                self._running = False
            contacts = [c for c in self._touch.feed(event) if c.finger == 0]
            if contacts:
                now = self._clock()
                late = now - self._heard >= self._pause
                self._heard = now
                moved = True
            for contact in contacts:
                if contact.kind == "down" and late:
                    # What was drawn before has ended, also where the lift was lost.
                    self._ended = True
                self._follow(contact)
        if moved and self._pen.is_down:
            self.desk.drawing(self._pen.stroke)
        result = self.background.take_result()
        if result is not None:
            self._arrived(*result)
        for deliver in self.background.take_answers():
            deliver()
        if self.desk.live and self.desk.version != self._version:
            self._submit()
        if self._due() <= 0:
            self._end()

    def _due(self) -> float:
        """In how many seconds the drawing ends, if nothing is heard of the pen until then."""
        now = self._clock()
        if self._lifted is not None:
            return self._lifted + self._pause - now
        return self._heard + SILENCE - now if self._pen_is_down else math.inf

    def close(self) -> None:
        """Lights off, worker and socket stopped, digitiser given back. May be called again."""
        if self._buttons is not None:
            self._buttons.close()
        try:
            self._lights.close()
        finally:
            if self._socket is not None:
                self._socket.close()
            self.background.close()
            self._sleep.close()
            pygame.display.quit()

    def _begun(self, model: str, notice: str | None) -> None:
        """The worker can read, if need be with another model than was asked for."""
        if notice:
            self._model = model
            self.desk.choose(model, self._config)

    def _follow(self, contact: Contact) -> None:
        """The pen on the digitiser, the longer side of which is one canvas unit."""
        if contact.kind == "down":
            if self._ended:
                self._forget()
                self._ended = False
            self._pen_is_down = True
            self._lifted = None
        if not self._pen_is_down:
            return
        width, height = self._touch.size
        side = max(width, height)
        x, y = 0.5 + (contact.x - width / 2) / side, 0.5 + (contact.y - height / 2) / side
        # There is no canvas to show the marks on: what counts is the strokes.
        deque(self._pen.follow(contact.kind, x, y, contact.t), maxlen=0)
        for stroke in self._pen.take_finished():
            self.desk.drawn(stroke)
        if contact.kind == "up":
            self._pen_is_down = False
            self._lifted = self._clock()

    def _forget(self) -> None:
        """Nothing is drawn, and readings still on their way are of ink that is gone."""
        self._lift()
        self.desk.forget()
        self._version = self.desk.version
        self._answered = self._ticket
        self._show(Reading.blank(self._model))

    def _end(self) -> None:
        """The drawing has ended: the reading of all of it is the one that is told."""
        stroke = self._pen.stroke
        if stroke is not None:
            self.desk.drawn(stroke)
        self._lift()
        if not self.desk.ink.is_blank:
            self._submit()
            self._final = self._ticket

    def _lift(self) -> None:
        """The pen is up, or is taken to be until it comes down again."""
        self._pen.lift()
        self._pen_is_down = False
        self._lifted = None
        self._ended = True

    def _submit(self) -> None:
        self._ticket += 1
        desk = self.desk
        self._version = desk.version
        self.background.submit(desk.ink, self._ticket, desk.model, desk.normalised, desk.growing)

    def _arrived(self, reading: Reading | str, ticket: int) -> None:
        """A reading, or why there is none; of ink that is gone, neither is of interest."""
        if ticket <= self._answered:
            return
        self._answered = ticket
        if isinstance(reading, str):
            # An answer to less ink must not be taken for the answer to this.
            self._show(Reading.blank(self._model))
            log.error("reading failed: %s", reading)
            return
        self._show(reading)
        if ticket == self._final:
            _tell(reading, "drawn")

    def _show(self, reading: Reading) -> None:
        self.reading = reading
        self._lights.show(reading.verdict, reading.digit)

    def _pressed(self, name: str) -> None:
        """On a thread of the pins."""
        self.background.say(self._end if name == "predict" else self._forget)

    def _asked(self, line: bytes, number: int, reply: Answer) -> None:
        """On the socket's thread."""
        self._requests.append(_Request(line, number, reply))
        self.background.say(self._answer_requests)

    def _answer_requests(self) -> None:
        # When it takes the place of another such task, nothing is lost: what is asked for is
        # taken one by one from the same queue.
        self.background.ask(self._read_requests, lambda _: None, log.error)

    def _read_requests(self, readers: Readers) -> Iterator[None]:
        """On the worker's thread."""
        recognizer = readers.get(self._model)
        while self._requests:
            line, number, reply = self._requests.popleft()
            source = f"-:{number}"
            try:
                reading = answer(recognizer, drawing_of(line, (MOST_STROKES, MOST_POINTS)))
            except InklingError as error:
                reply(error_record(source, error))
            except Exception as error:  # whatever it was, the program waits for an answer
                log.exception("reading failed")
                reply(error_record(source, InklingError(f"reading failed: {one_line(error)}")))
            else:
                reply(reading.to_json(source))
                self.background.say(partial(self._came, reading))
            yield

    def _came(self, reading: Reading) -> None:
        """The reading of ink from the socket."""
        self._show(reading)
        _tell(reading, "from the socket")


def _tell(reading: Reading, origin: str) -> None:
    """Put a finished reading in the journal."""
    if reading.digit is None:
        log.info("%s, %s", reading.status, origin)
        return
    log.info(
        "%s, %s: %.0f %% sure of %d, gate %.0f %%, %s on %s in %.1f ms",
        reading.status,
        origin,
        100 * reading.probabilities[reading.digit],
        reading.digit,
        100 * reading.gate,
        reading.model,
        reading.accelerator,
        reading.milliseconds,
    )


def _open_digitiser(config: Config) -> tuple[int, int]:
    """Have SDL listen to touch devices without a screen.

    Returns:
        width and height of what is drawn on, as a person sees it: its proportions count.

    Raises:
        ScreenError: it cannot, and there is no socket either.
    """
    quiet_hints()
    os.environ.setdefault("SDL_VIDEODRIVER", "evdev")
    try:
        pygame.display.init()
    except pygame.error as error:
        if config.headless.socket_path is None:
            raise ScreenError(
                f"nothing to draw on ({error}), and headless.socket is off: there is nothing to do"
            ) from error
        log.warning("nothing to draw on, ink comes from the socket alone: %s", error)
        # It still brings the main thread its events.
        os.environ["SDL_VIDEODRIVER"] = "dummy"
        pygame.display.init()
    size = config.screen.pixels or DEFAULT_SIZE
    pygame.display.set_mode(size)
    return size[::-1] if config.screen.rotation % 180 else size


def run(
    config: Config,
    recognizer: Recognizer | None,
    lights: Lights,
    library: Library | None = None,
    service: Service | None = None,
) -> int:
    """Serve without a screen until told to stop; returns the exit status.

    The lights are off and closed afterwards, however it ended.

    Raises:
        SocketError: the socket cannot be opened.
        ScreenError: there is nothing to draw on, and no socket.
        ModelError: no model is whole.
    """
    with (
        asked_to_stop() as asked,
        closing(lights),
        closing(Headless(config, recognizer, lights, library)) as headless,
    ):
        start.done()
        headless.run(asked, service)
    return 0
