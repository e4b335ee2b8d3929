"""The worker keeps up with the finger, and works in the background when nobody draws."""

import threading

import pytest
from fakes import FakeReaders

from device import worker as worker_module
from device.reading import Reading
from device.worker import Worker

PATIENCE = 60
"""How long (seconds) to wait for what must come."""


class SlowRecognizer:
    """Reads only when told to, and notes what it was asked."""

    def __init__(self, model):
        self.model = model
        self.asked = []
        self.begun = threading.Semaphore(0)
        self.go = threading.Semaphore(0)

    def read(self, ink, normalised=True, growing=False):
        self.asked.append((ink, normalised, growing))
        self.begun.release()
        assert self.go.acquire(timeout=PATIENCE)
        if ink == "broken":
            raise RuntimeError("this drawing breaks it")
        return Reading.blank(f"{self.model}: {ink}")


class Office:
    """A worker, and everything that it has said, in its order."""

    def __init__(self):
        self.slow = SlowRecognizer("slow")
        self.other = SlowRecognizer("other")
        self.said = []
        self.done = threading.Semaphore(0)
        self.worker = Worker(FakeReaders(self.slow, self.other), self.deliver, self.failed)

    def deliver(self, reading, ticket):
        self.say((reading.model, ticket))

    def failed(self, error, ticket):
        self.say((str(error), ticket))

    def say(self, what):
        self.said.append(what)
        self.done.release()

    def ask(self, task):
        self.worker.ask(task, self.say, lambda error: self.say(f"failed: {error}"))

    def wait(self, times=1):
        for _ in range(times):
            assert self.done.acquire(timeout=PATIENCE)


@pytest.fixture
def office():
    made = Office()
    yield made
    for recognizer in (made.slow, made.other):
        recognizer.go.release(20)
    made.worker.close()
    assert not made.worker.alive


class Steps:
    """A task whose every step begins, then waits until it is let go on."""

    def __init__(self, *results):
        self.results = results
        self.begun = threading.Semaphore(0)
        self.go = threading.Semaphore(0)
        self.readers = None

    def __call__(self, readers):
        self.readers = readers
        for result in self.results:
            self.begun.release()
            assert self.go.acquire(timeout=PATIENCE)
            if isinstance(result, Exception):
                raise result
            yield result

    def wait(self):
        assert self.begun.acquire(timeout=PATIENCE)


def test_the_latest_ink_wins(office):
    office.worker.submit("first", 1, "slow")
    assert office.slow.begun.acquire(timeout=PATIENCE)
    for ticket in range(2, 50):
        office.worker.submit(f"ink {ticket}", ticket, "slow")
    office.slow.go.release(2)
    office.wait(2)
    assert office.said == [("slow: first", 1), ("slow: ink 49", 49)]


def test_each_ink_is_read_by_the_model_and_in_the_manner_it_asks_for(office):
    office.slow.go.release()
    office.other.go.release()
    office.worker.submit("one", 1, "slow")
    office.wait()
    office.worker.submit("two", 2, "other", normalised=False, growing=True)
    office.wait()
    assert office.said == [("slow: one", 1), ("other: two", 2)]
    assert office.slow.asked == [("one", True, False)]
    assert office.other.asked == [("two", False, True)]


def test_a_failed_reading_does_not_stop_the_worker(office):
    office.slow.go.release(2)
    office.worker.submit("broken", 1, "slow")
    office.wait()
    office.worker.submit("whole", 2, "slow")
    office.wait()
    assert office.said == [("this drawing breaks it", 1), ("slow: whole", 2)]


def test_a_model_that_cannot_be_had_is_a_failed_reading(office):
    office.worker.submit("ink", 1, "nobody")
    office.wait()
    assert office.said == [("unknown model 'nobody'", 1)]


def test_closing_twice_is_harmless(office):
    office.worker.close()
    office.worker.close()


def test_background_work_is_delivered_step_by_step(office):
    task = Steps("a", "b", "c")
    task.go.release(3)
    office.ask(task)
    office.wait(3)
    assert office.said == ["a", "b", "c"]
    assert task.readers.get("slow") is office.slow


def test_a_reading_goes_between_two_steps(office):
    task = Steps("a", "b", "c")
    office.slow.go.release(20)
    office.ask(task)
    for number in range(3):
        task.wait()
        office.worker.submit(f"ink {number}", number, "slow")
        task.go.release()
        office.wait(2)
    assert office.said == [
        "a",
        ("slow: ink 0", 0),
        "b",
        ("slow: ink 1", 1),
        "c",
        ("slow: ink 2", 2),
    ]


def test_a_new_task_replaces_the_one_in_progress(office):
    old, new = Steps("old 1", "old 2"), Steps("new")
    office.ask(old)
    old.wait()
    office.ask(new)
    old.go.release(2)
    new.go.release()
    office.wait()
    assert office.said == ["new"]
    assert not old.begun.acquire(blocking=False)


def test_dropped_work_is_not_delivered_nor_gone_on_with(office):
    task = Steps("a", "b")
    office.ask(task)
    task.wait()
    office.worker.drop()
    task.go.release(2)
    office.slow.go.release()
    office.worker.submit("ink", 1, "slow")
    office.wait()
    assert office.said == [("slow: ink", 1)]
    assert not task.begun.acquire(blocking=False)


def test_dropping_nothing_is_harmless(office):
    office.worker.drop()
    assert office.worker.alive


def test_a_task_that_raises_is_reported_and_the_worker_lives(office):
    task = Steps("a", RuntimeError("out of luck"), "never")
    task.go.release(3)
    office.ask(task)
    office.wait(2)
    office.slow.go.release()
    office.worker.submit("ink", 1, "slow")
    office.wait()
    assert office.said == ["a", "failed: out of luck", ("slow: ink", 1)]


def test_a_task_that_cannot_begin_is_reported(office):
    def task(readers):
        return iter([readers.get("nobody")])

    office.ask(task)
    office.wait()
    assert office.said == ["failed: unknown model 'nobody'"]


def test_the_failure_of_a_dropped_task_concerns_nobody(office):
    task = Steps(RuntimeError("out of luck"))
    office.ask(task)
    task.wait()
    office.worker.drop()
    task.go.release()
    office.slow.go.release()
    office.worker.submit("ink", 1, "slow")
    office.wait()
    assert office.said == [("slow: ink", 1)]


def test_progress_counts_readings_and_steps(office):
    counts = [office.worker.progress]
    office.slow.go.release(2)
    for ink in ("whole", "broken"):
        office.worker.submit(ink, 1, "slow")
        office.wait()
    task = Steps("a", "b")
    task.go.release()
    office.ask(task)
    office.wait()
    task.wait()
    task.wait()
    counts.append(office.worker.progress)
    task.go.release()
    assert counts == [0, 3]


def test_no_progress_is_made_while_a_reading_hangs(office):
    office.worker.submit("ink", 1, "slow")
    assert office.slow.begun.acquire(timeout=PATIENCE)
    assert office.worker.progress == 0
    assert office.worker.alive


def test_a_worker_rests_once_after_its_last_work(monkeypatch):
    monkeypatch.setattr(worker_module, "REST", 0.01)
    slow = SlowRecognizer("slow")
    rested, delivered = threading.Semaphore(0), threading.Semaphore(0)
    worker = Worker(
        FakeReaders(slow, slow), lambda *_: delivered.release(), rest=lambda _: rested.release()
    )
    try:
        assert rested.acquire(timeout=PATIENCE)
        assert not rested.acquire(timeout=0.2), "nobody has asked for anything since"
        slow.go.release()
        worker.submit("a", 1, "slow")
        assert delivered.acquire(timeout=PATIENCE)
        assert rested.acquire(timeout=PATIENCE)
    finally:
        worker.close()
