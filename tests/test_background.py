"""What the worker has made reaches the main thread whole, in order, and only while it is wanted."""

import threading

import pytest
from drawings import digit
from fakes import FakeReaders, FakeRecognizer

from device.background import Background, one_line
from device.reading import Verdict


@pytest.fixture
def recognizer():
    return FakeRecognizer()


@pytest.fixture
def background(recognizer):
    made = Background(FakeReaders(recognizer))
    yield made
    recognizer.gate.set()
    made.close()


def finished(background):
    """Wait until the worker has done everything that it was asked before."""
    done = threading.Event()

    def last(readers):
        done.set()
        yield None

    background.ask(last, lambda _: None, lambda _: None)
    assert done.wait(5)


def called(background):
    for deliver in background.take_answers():
        deliver()


def test_a_reading_is_taken_once(background, recognizer):
    background.submit(digit(3), 7, "fake", True)
    finished(background)
    reading, ticket = background.take_result()
    assert (reading.verdict, ticket) == (Verdict.ACCEPTED, 7)
    assert background.take_result() is None


def test_a_reading_that_fails_is_one_line(background, recognizer):
    recognizer.error = RuntimeError("out\nof luck")
    background.submit(digit(3), 8, "fake", True)
    finished(background)
    assert background.take_result() == ("out of luck", 8)


def test_everything_that_a_task_makes_comes_in_its_order(background):
    came, done = [], threading.Event()

    def task(readers):
        yield from range(5)
        done.set()

    background.ask(task, came.append, came.append)
    assert done.wait(5)
    called(background)
    assert came == [0, 1, 2, 3, 4]


def test_nothing_comes_of_a_task_that_was_dropped(background):
    came, done = [], threading.Event()

    def task(readers):
        yield 1
        done.set()

    background.ask(task, came.append, came.append)
    assert done.wait(5)
    background.drop()
    called(background)
    assert came == []


def test_an_answer_that_drops_its_task_is_the_last(background):
    came, done = [], threading.Event()

    def task(readers):
        yield from range(3)
        done.set()

    def deliver(answer):
        came.append(answer)
        background.drop()

    background.ask(task, deliver, came.append)
    assert done.wait(5)
    called(background)
    assert came == [0]


def test_what_another_thread_has_to_say_does_not_depend_on_tasks(background):
    came = []
    background.say(lambda: came.append("disk full"))
    background.drop()
    called(background)
    assert came == ["disk full"]


def test_an_error_without_words_is_called_by_its_kind():
    assert one_line(MemoryError()) == "MemoryError"
