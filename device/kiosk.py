"""The kiosk: events in, ink changed, reading shown.

The main thread owns the screen and the lights and never waits for the model: ink goes to the
worker's latest-wins slot, and its reading comes back as an event like any touch. What is shown and
what a finger does is up to the screen at hand (:mod:`device.screen.state`).
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from typing import Any

import pygame

from device import config as configuration
from device import language, start
from device.background import Background, one_line
from device.backlight import Backlight
from device.buttons import Buttons
from device.config import Config
from device.desk import Desk
from device.idle import Idle
from device.keeper import Keeper
from device.library import Library
from device.lights import Lights, SteadyLights
from device.lock import PinLock
from device.reading import Reading
from device.recognizer import Readers, Recognizer
from device.samples import Samples
from device.screen import screens, shapes, theme
from device.screen.backlog import Backlog
from device.screen.display import Display, at_least_smallest, close_display, open_display
from device.screen.main_screen import MainScreen
from device.screen.sleep import sleep_under
from device.screen.state import Screen
from device.screen.touch import Touch
from device.service import Heartbeat, Service
from device.signals import asked_to_stop


class Kiosk:
    """The application with a screen; the host of its screens.

    Opens the display and starts the worker (``background``); :meth:`close` undoes both and switches
    the lights off.

    Args:
        config: the configuration in force.
        recognizer: used by the kiosk's worker alone from now on; None to have the worker open the
            model that is configured, while the screen is there already.
        lights: shown the verdict of every reading.
        library: the models to choose from.
        backlight: goes off when nobody is there; in a window it is left alone.
        clock: seconds, ever growing.
        display: one that is open already.

    Raises:
        ScreenError: no display can be opened.
    """

    def __init__(
        self,
        config: Config,
        recognizer: Recognizer | None,
        lights: Lights,
        library: Library | None = None,
        backlight: Backlight | None = None,
        clock: Callable[[], float] = time.monotonic,
        display: Display | None = None,
    ) -> None:
        self.config = config
        self.library = library or Library()
        model = config.model.name if recognizer is None else recognizer.model
        self.desk = Desk(model, config.screen.pen_width)
        self.desk.choose(model, config)
        self.reading = Reading.blank(model)
        self.samples = Samples(config.samples.path)
        self.lock = PinLock()
        self._clock = clock
        self._lights = SteadyLights(lights)
        self._keeper = Keeper(self._not_kept)
        self._version = self.desk.version
        self._ticket = self._answered = 0
        self._gave_up = False
        self._notice: str | None = None
        self._first_notice: str | None = None
        self._spoken = config.screen.language
        self._way = screens.Way()
        self._next: str | None = None
        self._due: float | None = None
        self._running = True
        self._display = display or open_display(config.screen)
        self._sleep = sleep_under(self._display.driver)
        self._backlog = Backlog(self._sleep)
        self._idle = Idle(self.now(), backlight if self._display.is_whole else None)
        try:
            theme.speak(self._spoken)
            self._turn()
            self.screen: Screen = MainScreen(self)
            self.screen.enter()
            self._lights.show(self.reading.verdict)
            self._show()
            self._readers = Readers(self.library, recognizer or model, config.model.threshold)
            self.background = Background(self._readers, self._sleep.wake, self._begun)
        except BaseException:
            self._idle.close()
            self._sleep.close()
            close_display()
            raise

    # What the screens may see and ask for; see device.screen.state.Host.

    @property
    def surface(self) -> pygame.Surface:
        return self._display.surface

    @property
    def notice(self) -> str | None:
        return self._notice or self._lights.trouble or self._first_notice or self.library.trouble

    @property
    def settled(self) -> bool:
        """True when no reading is awaited: the one shown is of the ink on the canvas, or reading
        that ink has failed."""
        return not self._backlog and (self._gave_up or self._answered == self._ticket)

    def now(self) -> float:
        return self._clock()

    @property
    def can_quit(self) -> bool:
        return not self._display.on_console

    def lights(self) -> dict[str, bool]:
        return self._lights.states()

    def go(self, name: str) -> None:
        self._next = name

    def back(self) -> None:
        self._next = self._way.back

    def predict(self) -> None:
        if not self.desk.ink.is_blank:
            self._submit()

    def clear(self) -> None:
        self.desk.clear()
        self._notice = self._first_notice = None

    def ask(
        self,
        task: Callable[[Readers], Iterator[Any]],
        deliver: Callable[[Any], None],
        failed: Callable[[str], None] | None = None,
    ) -> None:
        def came(answer: Any) -> None:
            self._idle.busy(self.now())
            deliver(answer)

        self.background.ask(task, came, failed or self._complain)

    def drop(self) -> None:
        self.background.drop()

    def change(self, values: Mapping[str, Any]) -> None:
        before, self.config = self.config, configuration.changed(self.config, values)
        self._keeper.keep(values)
        config = self.config
        self.desk.choose(config.model.name, config)
        self._readers.threshold = config.model.threshold
        if config.screen.rotation != before.screen.rotation:
            self._turn()
        self._version = -1
        # This visitor may have asked for another language than the one that is kept.
        self.speak(values.get("screen.language", self._spoken))

    def speak(self, code: str) -> None:
        self._use(code)
        self.screen.renew()

    def press(self, name: str) -> None:
        """A push button was pressed, ``"predict"`` or ``"clear"``; may be told on any thread."""
        self.background.say(partial(self._pressed, name))

    def stop(self) -> None:
        """End :meth:`run` after the step at hand."""
        self._running = False

    # What the process does with the kiosk.

    @property
    def running(self) -> bool:
        """False once it has been told to stop."""
        return self._running

    def run(self, asked: threading.Event, service: Service | None = None) -> None:
        """Serve until told to stop: by :meth:`stop`, a window that closes, or ``asked``; meanwhile
        ``service`` hears that all is well."""
        due = 0.0
        with (
            self._sleep.woken_by_signals(),
            Heartbeat(service or Service({}), self.background) as heart,
        ):
            while self._running and not asked.is_set():
                self.step(due)
                due = heart.beat(self.now(), self.reading.status)

    def step(self, timeout: float) -> None:
        """Wait up to ``timeout`` seconds for something to happen; answer it in one frame."""
        now = self.now()
        due = math.inf if self._due is None else self._due - now
        idle = self._idle.due(now, self.config.kiosk)
        self._backlog.wait(min(timeout, due, idle, self._lights.tick()))
        for event in self._backlog.some():
            self._handle(event)
            self._rest()
            self._switch()
        self._take_results()
        self._rest()
        self._switch()
        self._due = self.screen.tick(self.now())
        self._switch()
        if self.desk.version != self._version:
            self._changed()
        self._show()

    def close(self) -> None:
        """Lights off, worker stopped, display given back. May be called again."""
        try:
            self._lights.close()
        finally:
            self._idle.close()
            self.background.close()
            self._keeper.close()
            self._sleep.close()
            close_display()

    def _handle(self, event: pygame.event.Event) -> None:
        if event.type == pygame.QUIT:
            self.stop()
        elif event.type == pygame.KEYDOWN and event.key in (pygame.K_ESCAPE, pygame.K_q):
            if self.can_quit:
                self.stop()
        elif event.type == pygame.WINDOWSIZECHANGED:
            self._resized()
        elif event.type == pygame.WINDOWEXPOSED:
            pygame.display.flip()
        else:
            for contact in self._touch.feed(event):
                if not self._idle.takes(contact, self.now()):
                    self.screen.handle(contact)

    def _pressed(self, name: str) -> None:
        self._idle.wake(self.now())
        if name == "predict":
            self.predict()
        else:
            # A finger that rests on the canvas would bring its stroke back.
            self.screen.lift()
            self.screen.clear()
            self.screen.enter()

    def _switch(self) -> None:
        """Show the screen that was asked for."""
        while self._next is not None:
            name, self._next = self._next, None
            self._way.lead(name, self.screen.passing)
            self.screen.leave()
            self.screen = screens.make(name, self)
            self.screen.enter()
            self._due = self.now()

    def _rest(self) -> None:
        """Rest while nobody is there: nothing of the last visitor stays, and whoever comes next
        begins on the main screen."""
        idle, had_left = self._idle, self._idle.left
        idle.look(self.now(), self.config.kiosk)
        if idle.left and not had_left:
            # Before: a finger that rests on the canvas would leave its stroke to the next visitor.
            self.screen.leave()
            self.desk.forget()
            self._notice = None
            self._use(self.config.screen.language)
        self._next = idle.leads_to(self.screen.name) or self._next

    def _use(self, code: str) -> None:
        if code != self._spoken:
            self._spoken = code
            theme.speak(code)
            shapes.forget()

    def _changed(self) -> None:
        """There is other ink than what was read: read it, or show that it was not."""
        self._version = self.desk.version
        if self.desk.live and not self.desk.ink.is_blank:
            self._submit()
            return
        # Readings still on their way are of ink that is gone.
        self._answered = self._ticket
        self._answer(Reading.blank(self.desk.model))

    def _submit(self) -> None:
        self._ticket += 1
        self._gave_up = False
        desk = self.desk
        self.background.submit(desk.ink, self._ticket, desk.model, desk.normalised, desk.growing)

    def _take_results(self) -> None:
        """What the worker has made since the last step."""
        result = self.background.take_result()
        if result is not None:
            self._arrived(*result)
        for deliver in self.background.take_answers():
            deliver()

    def _arrived(self, reading: Reading | str, ticket: int) -> None:
        """A reading, or why there is none; of ink that is gone, neither is of interest."""
        if ticket <= self._answered:
            return
        if isinstance(reading, str):
            self._gave_up = True
            self._notice = language.tr("reading failed: {reason}").format(reason=reading)
            return
        self._answered = ticket
        self._gave_up = False
        self._notice = None
        self._answer(reading)

    def _answer(self, reading: Reading) -> None:
        self.reading = reading
        self._lights.show(reading.verdict, reading.digit)

    def _begun(self, model: str, notice: str | None) -> None:
        """The worker can read, if need be with another model than was asked for."""
        start.done()
        self._first_notice = notice
        if notice and self.desk.model == self.config.model.name:
            self.desk.choose(model, self.config)
            self._version = -1

    def _complain(self, reason: str) -> None:
        self._notice = reason

    def _not_kept(self, error: Exception) -> None:
        """On the keeper's thread: settings that the next start will not know."""
        self.background.say(partial(self._complain, one_line(error)))

    def _resized(self) -> None:
        window = pygame.display.get_surface()
        # The window's surface may be the same one, grown: the touch knows what it was.
        if window is not None and window.get_size() != self._touch.panel:
            at_least_smallest(window)
            self._turn()
            self.screen.renew()

    def _turn(self) -> None:
        """The picture, and touches with it, as they lie on the panel."""
        rotation = self.config.screen.rotation
        self._display = self._display.turned(rotation)
        self._touch = Touch(self.surface.get_size(), rotation, self.now)

    def _show(self) -> None:
        """Bring the screen up to date; nothing is sent to it when nothing has changed."""
        dirty = self.screen.draw()
        if dirty:
            self._display.show(dirty)


def run(
    config: Config,
    recognizer: Recognizer | None,
    lights: Lights,
    library: Library | None = None,
    service: Service | None = None,
    display: Display | None = None,
) -> int:
    """Run the kiosk until it is told to stop; returns the exit status.

    The lights are off and closed afterwards, however it ended.

    Raises:
        ScreenError: no display can be opened.
        ModelError: no model is whole.
    """
    with (
        asked_to_stop() as asked,
        closing(lights),
        closing(Kiosk(config, recognizer, lights, library, Backlight(), display=display)) as kiosk,
        Buttons(config.buttons, kiosk.press, lights.pin_factory),
    ):
        kiosk.run(asked, service)
    return 0
