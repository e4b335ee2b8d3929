"""What the worker has made reaches the main thread whole, in order, and only while it is wanted."""

import threading

import pytest
from drawings import digit
from fakes import FakeReaders, FakeRecognizer

from device import start, worker
from device.background import Background, one_line
from device.errors import ModelError
from device.reading import Verdict


@pytest.fixture
def recognizer():
    return FakeRecognizer()


class MainThread:
    """What a background tells its main thread."""

    def __init__(self):
        self.woken = threading.Event()
        self.began = []

    def background(self, readers):
        return Background(readers, self.woken.set, lambda *what: self.began.append(what))


@pytest.fixture
def main_thread():
    return MainThread()


@pytest.fixture
def background(main_thread, recognizer):
    made = main_thread.background(FakeReaders(recognizer))
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
    assert done.wait(60)


def called(background):
    for deliver in background.take_answers():
        deliver()


def test_the_model_to_begin_with_is_open_and_has_answered_before_anything_is_read(
    main_thread, background, recognizer
):
    recognizer.gate.clear()
    background.submit(digit(3), 1, "fake", True)
    assert recognizer.started.wait(60)
    assert not background.able
    called(background)
    assert background.able
    assert main_thread.began == [("fake", None)]


def test_a_model_that_stands_in_for_a_damaged_one_is_told(main_thread, recognizer):
    readers = FakeReaders(recognizer)
    readers.first = lambda: (recognizer, "a model is damaged")
    background = main_thread.background(readers)
    finished(background)
    called(background)
    background.close()
    assert main_thread.began == [("fake", "a model is damaged")]


def test_without_a_whole_model_the_main_thread_ends(main_thread, recognizer):
    readers = FakeReaders(recognizer)

    def none():
        raise ModelError("no model is whole")

    readers.first = none
    background = main_thread.background(readers)
    assert main_thread.woken.wait(60)
    with pytest.raises(ModelError, match="no model is whole"):
        called(background)
    assert not background.able
    assert main_thread.began == []
    background.close()


def test_whoever_sleeps_is_woken_for_each_thing_that_comes(main_thread, background):
    finished(background)
    called(background)
    for happens in (
        lambda: background.say(list),
        lambda: background.submit(digit(3), 1, "fake", 1),
    ):
        main_thread.woken.clear()
        happens()
        assert main_thread.woken.wait(60)


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
    assert done.wait(60)
    called(background)
    assert came == [0, 1, 2, 3, 4]


def test_nothing_comes_of_a_task_that_was_dropped(background):
    came, done = [], threading.Event()

    def task(readers):
        yield 1
        done.set()

    background.ask(task, came.append, came.append)
    assert done.wait(60)
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
    assert done.wait(60)
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


def test_what_readings_needed_for_a_moment_is_given_back_once_nobody_draws(
    main_thread, recognizer, monkeypatch
):
    given_back = threading.Semaphore(0)
    monkeypatch.setattr(worker, "REST", 0.01)
    monkeypatch.setattr(start, "give_back", given_back.release)
    readers = FakeReaders(recognizer)
    background = main_thread.background(readers)
    try:
        assert given_back.acquire(timeout=60)
        assert readers.forgotten
        background.submit(digit(3), 1, "fake", True)
        assert given_back.acquire(timeout=60)
    finally:
        background.close()
