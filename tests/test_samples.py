"""Labelled drawings: kept, counted, taken back, exchanged; nothing is lost on the way."""

import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from device.errors import InkError, SamplesError
from device.ink import Ink
from device.normalise import PIPELINES
from device.samples import FILE, LABELS, NOT_A_DIGIT, ExportResult, ImportResult, Samples
from tests.drawings import digit

LINE = Ink.of([[(0.25, 0.5, 0.0), (0.75, 0.5, 0.1)]])


@pytest.fixture
def samples(tmp_path):
    with Samples(tmp_path / "taught") as made:
        yield made


def kept(samples):
    return [(one.label, one.ink) for one in samples]


def test_there_is_nothing_until_somebody_teaches(samples):
    assert len(samples) == 0
    assert samples.counts() == dict.fromkeys(LABELS, 0)
    assert (list(samples), samples.bytes(), samples.can_restore) == ([], 0, False)
    assert samples.delete_last() is None
    assert samples.restore() is None
    assert samples.free_bytes() > 0
    assert not samples.folder.exists()


def test_a_drawing_is_kept_as_it_was_drawn_with_its_label(samples, monkeypatch):
    monkeypatch.setattr("device.samples.time.time", lambda: 12.3456)
    first, second = samples.add(digit(3), "3"), samples.add(LINE, NOT_A_DIGIT)
    assert [first.number, second.number] == [1, 2]
    assert (first.label, first.ink, first.when, first.image) == ("3", digit(3), 12.346, None)
    assert kept(Samples(samples.folder)) == [("3", digit(3)), ("none", LINE)]
    assert samples.counts() == {**dict.fromkeys(LABELS, 0), "3": 1, "none": 1}
    assert samples.bytes() == samples.path.stat().st_size > 0


@pytest.mark.parametrize("label", ["10", "", "a", 3, None])
def test_a_label_that_there_is_not_is_refused(samples, label):
    with pytest.raises(SamplesError, match='expected "0" to "9" or "none"'):
        samples.add(LINE, label)
    assert not samples.folder.exists()


def test_nothing_drawn_is_nothing_to_keep(samples):
    with pytest.raises(SamplesError, match="nothing is drawn"):
        samples.add(Ink(), "1")
    with pytest.raises(InkError):
        samples.add(Ink.of([[(float("nan"), 0)]]), "1")
    assert not samples.folder.exists()


def test_the_last_drawings_can_be_taken_back_and_brought_back(samples):
    for label in "123":
        samples.add(LINE, label)
    assert samples.delete_last().label == "3"
    assert samples.delete_last().label == "2"
    assert [label for label, _ in kept(samples)] == ["1"]
    later = Samples(samples.folder)
    samples.close()
    assert later.can_restore
    assert later.restore().label == "2"
    assert later.restore().label == "3"
    assert later.restore() is None
    assert [one.number for one in later] == [1, 2, 3]
    later.close()


def test_a_number_is_never_given_twice(samples):
    samples.add(LINE, "1")
    samples.delete_last()
    assert samples.add(LINE, "2").number == 2
    samples.restore()
    assert [(one.number, one.label) for one in samples] == [(1, "1"), (2, "2")]
    assert samples.delete_last().label == "2", "the newest goes first"


@given(
    steps=st.lists(st.sampled_from([*LABELS, "delete", "restore", "again"]), max_size=25),
)
@settings(max_examples=30)
def test_it_is_what_a_list_and_a_pile_would_be(steps, tmp_path_factory):
    folder = tmp_path_factory.mktemp("taught")
    samples, alive, pile, count = Samples(folder), {}, [], 0
    for step in steps:
        if step == "delete":
            gone = samples.delete_last()
            assert (gone is None) == (not alive)
            if alive:
                number = max(alive)
                pile.append((number, alive.pop(number)))
        elif step == "restore":
            assert (samples.restore() is None) == (not pile)
            if pile:
                number, label = pile.pop()
                alive[number] = label
        elif step == "again":
            samples.close()
            samples = Samples(folder)
        else:
            count += 1
            alive[count] = step
            assert samples.add(LINE, step).number == count
        assert {one.number: one.label for one in samples} == alive
        assert len(samples) == sum(samples.counts().values()) == len(alive)
    samples.close()


canvas = st.floats(-9, 9, allow_subnormal=False)
inks = st.lists(
    st.lists(st.tuples(canvas, canvas, st.floats(0, 1e9)), min_size=1, max_size=6),
    min_size=1,
    max_size=3,
).map(Ink.of)


@given(drawings=st.lists(st.tuples(inks, st.sampled_from(LABELS)), max_size=5))
@settings(max_examples=25)
def test_strokes_go_out_and_come_back_exactly(drawings, tmp_path_factory):
    folder = tmp_path_factory.mktemp("taught")
    with Samples(folder / "one") as one, Samples(folder / "two") as two:
        for ink, label in drawings:
            one.add(ink, label)
        assert one.export_lines(folder / "set.jsonl") == (len(drawings), 0)
        assert two.import_lines(folder / "set.jsonl") == (len(drawings), 0, "")
        assert kept(two) == kept(one) == [(label, ink) for ink, label in drawings]


@given(
    pictures=st.lists(
        st.tuples(arrays(np.uint8, (28, 28)), st.sampled_from("0123456789")), max_size=4
    )
)
@settings(max_examples=25)
def test_the_published_form_goes_in_and_comes_out_to_the_byte(pictures, tmp_path_factory):
    folder = tmp_path_factory.mktemp("taught")
    rows = [{"image": image.ravel().tolist(), "label": label} for image, label in pictures]
    text = json.dumps(rows, separators=(",", ":"))
    (folder / "set.json").write_text(text)
    with Samples(folder / "kept") as samples:
        assert samples.import_json(folder / "set.json") == (len(rows), 0, "")
        assert samples.export_json(folder / "again.json") == (len(rows), 0)
        assert (folder / "again.json").read_text() == text
        for one, (image, label) in zip(samples, pictures, strict=True):
            assert one.ink is None
            assert one.label == label
            assert np.array_equal(one.image, 255 - image), "ink is 255 inside"


def test_a_drawing_goes_out_as_drawn_dark_on_white(samples, tmp_path):
    samples.add(digit(7).scaled(0.4).moved(-0.2, -0.2), "7")
    assert samples.export_json(tmp_path / "set.json") == ExportResult(1, 0)
    (row,) = json.loads((tmp_path / "set.json").read_text())
    assert row["label"] == "7"
    image = np.array(row["image"]).reshape(28, 28)
    drawn = PIPELINES["canvas"].from_ink(digit(7).scaled(0.4).moved(-0.2, -0.2))
    assert np.array_equal(image, 255 - drawn.astype(int))
    assert image[20:].min() == 255, "in its place: nothing was centred"
    assert image[:14, :14].min() < 100


def test_what_is_no_digit_stays_out_of_the_published_form_unless_asked_for(samples, tmp_path):
    samples.add(LINE, NOT_A_DIGIT)
    samples.add(LINE, "1")
    assert samples.export_json(tmp_path / "set.json") == ExportResult(1, 1)
    assert [row["label"] for row in json.loads((tmp_path / "set.json").read_text())] == ["1"]
    assert samples.export_json(tmp_path / "set.json", all=True) == ExportResult(2, 0)
    with Samples(tmp_path / "other") as other:
        other.import_json(tmp_path / "set.json")
        assert other.counts()[NOT_A_DIGIT] == 1


def test_pictures_without_strokes_stay_out_of_the_lines(samples, tmp_path):
    (tmp_path / "set.json").write_text(json.dumps([{"image": [255] * 784, "label": "1"}]))
    samples.import_json(tmp_path / "set.json")
    samples.add(LINE, "1")
    assert samples.export_lines(tmp_path / "set.jsonl") == ExportResult(1, 1)
    assert json.loads((tmp_path / "set.jsonl").read_text()) == {"label": "1", **LINE.to_json()}


def test_an_empty_set_is_exchanged_too(samples, tmp_path):
    assert samples.export_json(tmp_path / "set.json") == (0, 0)
    assert (tmp_path / "set.json").read_text() == "[]"
    assert samples.import_json(tmp_path / "set.json") == ImportResult(0, 0, "")


GOOD = {"label": "5", **LINE.to_json()}


def test_bad_entries_are_skipped_and_counted_with_the_first_reason(samples, tmp_path):
    rows = [GOOD, {**GOOD, "label": "11"}, {"label": "5"}, 7, {**GOOD, "strokes": []}, GOOD]
    lines = [json.dumps(row) for row in rows]
    (tmp_path / "set.jsonl").write_text("\n".join([*lines, "{", ""]))
    added, skipped, reason = samples.import_lines(tmp_path / "set.jsonl")
    assert (added, skipped) == (2, 5)
    assert reason == 'drawing 2: labelled \'11\'; expected "0" to "9" or "none"'
    (tmp_path / "set.json").write_text(f"[{','.join(lines)}]")
    assert samples.import_json(tmp_path / "set.json")[:2] == (2, 4)
    assert len(samples) == 4


def test_strokes_in_other_units_are_fitted_to_the_canvas(samples, tmp_path):
    row = {"label": "1", "strokes": [[[100, 50], [100, 250]]]}
    (tmp_path / "set.jsonl").write_text(json.dumps(row))
    samples.import_lines(tmp_path / "set.jsonl")
    ((_, ink),) = kept(samples)
    assert ink.bounds == pytest.approx((0.5, 0.1, 0.5, 0.9))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('[{"image": [255', "breaks off"),
        ("{}", "expected a JSON array"),
        (None, "cannot be read"),
    ],
)
def test_a_damaged_file_adds_nothing(samples, tmp_path, content, problem):
    samples.add(LINE, "1")
    good = json.dumps({"image": [255] * 784, "label": "2"})
    if content is not None:
        (tmp_path / "set.json").write_text(content.replace("[{", f"[{good},{{"))
    with pytest.raises(SamplesError, match=problem) as caught:
        samples.import_json(tmp_path / "set.json")
    assert "\n" not in str(caught.value)
    assert [label for label, _ in kept(samples)] == ["1"]
    assert samples.add(LINE, "2").number == 2


def test_its_own_file_is_neither_overwritten_nor_added_to_itself(samples):
    samples.add(LINE, "1")
    before = samples.path.read_bytes()
    for exchange in (samples.export_lines, samples.export_json, samples.import_lines):
        with pytest.raises(SamplesError, match="name another file"):
            exchange(samples.path)
    assert samples.path.read_bytes() == before


def test_an_export_that_fails_leaves_the_old_file(samples, tmp_path):
    samples.add(LINE, "1")
    (tmp_path / "set.json").write_text("old")

    def stop(share):
        raise OSError(28, "No space left on device")

    with pytest.raises(SamplesError, match="No space left on device"):
        samples.export_json(tmp_path / "set.json", stop)
    assert (tmp_path / "set.json").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["set.json", "taught"]


def test_progress_grows_to_the_whole(samples, tmp_path):
    for _ in range(5):
        samples.add(LINE, "1")
    for exchange, name in (
        (samples.export_lines, "set.jsonl"),
        (samples.export_json, "set.json"),
        (samples.import_lines, "set.jsonl"),
        (samples.import_json, "set.json"),
    ):
        shares = []
        exchange(tmp_path / name, shares.append)
        assert len(shares) >= 5
        assert shares == sorted(shares)
        assert 0 <= shares[0] <= shares[-1] == 1


def test_big_sets_take_little_memory(samples, tmp_path):
    """What goes in, is looked through and goes out again is much larger than what it takes."""
    ink = Ink.of([np.random.default_rng(0).random((1000, 3))])
    line = json.dumps({"label": "1", **ink.to_json()}) + "\n"
    count = 6_000_000 // len(line)
    with (tmp_path / "set.jsonl").open("w") as file:
        file.writelines(line for _ in range(count))
    tracemalloc.start()
    samples.import_lines(tmp_path / "set.jsonl")
    assert sum(one.ink.point_count for one in samples) == 1000 * count
    samples.export_lines(tmp_path / "again.jsonl")
    assert len(Samples(samples.folder)) == count
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000
    assert (tmp_path / "again.jsonl").stat().st_size > 5_000_000


def test_a_second_writer_is_told_what_to_do(samples):
    samples.add(LINE, "1")
    other = Samples(samples.folder)
    assert len(other) == 1, "reading is free to everybody"
    for write in (lambda: other.add(LINE, "2"), other.delete_last):
        with pytest.raises(SamplesError, match="leave that and try again"):
            write()
    assert samples.path.name == FILE
