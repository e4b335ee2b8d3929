"""Training of two-headed networks: repeatable, and led by its teachers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from firmware_tools import shards, two_heads
from firmware_tools.shards import NOT_A_DIGIT, Shard

pytest.importorskip("tensorflow")

from firmware_tools.recipe import load_keras, load_tensorflow
from firmware_tools.recipes.inkling import build

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

WIDTHS = (4, 4, 4, 4, 4)


@pytest.fixture
def shard() -> Shard:
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 11, 2 * two_heads.BATCH).astype(np.uint8)
    inputs = rng.integers(0, 80, (len(labels), 28, 28)).astype(np.uint8)
    # A bright row at a height that the label decides: easy to learn.
    inputs[np.arange(len(labels)), 2 * labels + 4] = 250
    return Shard(inputs, labels, np.arange(len(labels)) % 3 == 0)


def learnt(shard, seed=1, epochs=2):
    course = two_heads.Course(epochs, warm_up=2)
    return two_heads.learn(lambda: build(WIDTHS), [lambda: shard], course, seed, "float32")


def test_the_same_seed_gives_the_same_network_to_the_last_bit(shard):
    first, second = (learnt(shard)[0].get_weights() for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    other = learnt(shard, seed=2)[0].get_weights()
    assert any(not np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_the_loss_falls(shard):
    _, history = learnt(shard, epochs=8)
    assert history[-1]["loss"] < 0.9 * history[0]["loss"]


def test_answers_are_the_teachers_mean_at_their_temperature(shard):
    load_keras().utils.set_random_seed(1)
    teachers = [build(WIDTHS), build(WIDTHS)]
    taught = two_heads.taught(shard, teachers)
    assert taught.answers is not None and taught.answers.shape == (len(shard), 12)
    np.testing.assert_allclose(taught.answers[:, :10].sum(1, dtype=np.float32), 1, atol=0.01)
    images = shard.inputs[:8].astype(np.float32)[..., None] / 255
    logits = [two_heads.with_logits(teacher)(images)[0].numpy() for teacher in teachers]
    softmax = load_tensorflow().nn.softmax
    expected = sum(softmax(x / two_heads.TEMPERATURE).numpy() for x in logits) / 2
    np.testing.assert_allclose(taught.answers[:8, :10], expected, atol=0.002)


def test_specialists_are_asked_about_scanned_digits_alone(shard):
    load_keras().utils.set_random_seed(1)
    teacher, first, second = build(WIDTHS), build(WIDTHS), build(WIDTHS)
    alone = two_heads.taught(shard, [teacher]).answers
    special = two_heads.taught(shard, [first, second]).answers
    both = two_heads.taught(shard, [teacher], [first, second]).answers
    scanned = shard.scanned
    assert np.array_equal(both[~scanned], alone[~scanned])
    assert np.array_equal(both[:, 10:], alone[:, 10:])
    expected = (alone[scanned, :10] + 2.0 * special[scanned, :10]) / 3
    np.testing.assert_allclose(both[scanned, :10], expected, atol=0.002)


def test_the_scans_of_a_shard_are_a_shard(shard):
    scans = two_heads.taught(shard, [build(WIDTHS)]).scans()
    assert np.array_equal(scans.labels, shard.labels[::3]) and scans.scanned.all()
    assert scans.answers is not None and len(scans.answers) == len(scans)


def test_a_student_follows_its_teachers_where_labels_say_nothing(shard):
    answers = np.full((len(shard), 12), 0.01, np.float16)
    answers[:, 7], answers[:, 11] = 0.91, 0.99
    led = Shard(shard.inputs, np.full(len(shard), NOT_A_DIGIT, np.uint8), shard.scanned, answers)
    # Digits learn from digits alone, so the label must be one.
    led.labels[:] = np.arange(len(shard)) % 10
    model, _ = learnt(led, epochs=12)
    digit, _ = model.predict(shard.inputs[..., None] / 255.0, verbose=0)
    assert np.mean(np.argmax(digit, axis=1) == 7) > 0.5


def test_shards_with_and_without_answers_are_kept(shard, tmp_path):
    shards.save(tmp_path / "a.npz", shard)
    assert shards.load(tmp_path / "a.npz").answers is None
    answers = np.ones((len(shard), 12), np.float16)
    shards.save(tmp_path / "b.npz", replace(shard, answers=answers))
    again = shards.load(tmp_path / "b.npz")
    assert again.answers is not None and np.array_equal(again.answers, answers)
    assert np.array_equal(again.inputs, shard.inputs)
    assert np.array_equal(again.scanned, shard.scanned)
