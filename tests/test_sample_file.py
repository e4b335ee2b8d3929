"""The file of labelled drawings: what was acknowledged stays, whatever happens to the rest."""

import copy
import errno
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device import lines, sample_file
from device.errors import InklingError, SamplesError
from device.sample_file import Index, SampleFile, line_of, sample_of


def drawing(number, label="3"):
    return {"number": number, "label": label, "time": 0.0, "strokes": [[[0.1, 0.2, 0.0]]]}


def numbers(file):
    return sorted(file.current().alive)


@pytest.fixture
def file(tmp_path):
    made = SampleFile(tmp_path / "deep" / "folder" / "samples.jsonl")
    yield made
    made.close()


def test_nothing_is_made_before_something_is_appended(file, tmp_path):
    assert not file.current().alive
    assert list(tmp_path.iterdir()) == []
    file.append([drawing(1)])
    assert file.path.read_bytes() == line_of(drawing(1))


def test_what_was_appended_is_there_for_everybody(file):
    file.append([drawing(1), drawing(2, "none")])
    other = SampleFile(file.path)
    assert numbers(other) == [1, 2]
    assert other.current().counts["none"] == 1
    file.append([drawing(3)])
    assert numbers(other) == [1, 2, 3], "a reader sees what came later"


def test_a_deletion_is_a_line_too_and_so_is_its_undoing(file):
    file.append([drawing(1), drawing(2)])
    before = file.path.read_bytes()
    file.append([{"delete": 2}])
    file.append([{"delete": 1}])
    file.append([{"restore": 2}])
    assert file.path.read_bytes() == before + b'{"delete":2}\n{"delete":1}\n{"restore":2}\n'
    index = SampleFile(file.path).current()
    assert (list(index.alive), list(index.deleted), index.counts["3"]) == ([2], [1], 1)


def test_only_one_writes_and_the_other_is_told_so(file):
    file.append([drawing(1)])
    with pytest.raises(SamplesError, match="another program is adding drawings"):
        SampleFile(file.path).append([drawing(2)])
    file.close()
    other = SampleFile(file.path)
    other.append([drawing(2)])
    other.close()
    file.append([drawing(3)])
    assert numbers(file) == [1, 2, 3]


def test_a_file_that_was_taken_away_is_begun_anew(file):
    file.append([drawing(1)])
    file.path.rename(file.path.with_name("kept.jsonl"))
    file.append([drawing(2)])
    assert numbers(SampleFile(file.path)) == [2]
    assert numbers(SampleFile(file.path.with_name("kept.jsonl"))) == [1]


RUBBISH = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from(
            [
                b"\n",
                b'{"number":9,',
                b'"',
                b"\0" * 50,
                b"[" * 3000,
                b'{"delete":7}',
                b"\xef\xbb\xbf",
            ]
        ),
    ),
    max_size=6,
).map(b"".join)


@given(rubbish=RUBBISH)
def test_bytes_behind_the_last_line_never_lose_what_was_acknowledged(rubbish, tmp_path_factory):
    file = SampleFile(tmp_path_factory.mktemp("kept") / "samples.jsonl")
    file.append([drawing(1), drawing(2)])
    file.close()
    file.path.write_bytes(file.path.read_bytes() + rubbish)
    assert numbers(file) == [1, 2]
    file.append([drawing(3)])
    file.close()
    assert numbers(file) == [1, 2, 3]
    assert [found.number for found in file.read(sorted(file.current().alive.items()))] == [1, 2, 3]


def test_cutting_the_last_line_anywhere_loses_that_line_at_most(file):
    file.append([drawing(1), drawing(2), drawing(3)])
    file.close()
    whole = file.path.read_bytes()
    last = len(line_of(drawing(3)))
    for missing in range(last + 1):
        file.path.write_bytes(whole[: len(whole) - missing])
        # Without its line feed alone, a drawing is whole.
        expected = [1, 2, 3] if missing <= 1 else [1, 2]
        assert numbers(file) == expected, missing
        assert file.current().damaged == 0
        file.append([drawing(4)])
        file.append([drawing(5)])
        file.close()
        assert numbers(file) == [*expected, 4, 5], missing
        assert b"\n\n" not in file.path.read_bytes()
        assert file.current().damaged == 0, "the torn line was cut off"


@given(place=st.integers(0, 10_000), value=st.integers(0, 255))
def test_a_changed_byte_harms_no_line_but_its_own(place, value, tmp_path_factory):
    file = SampleFile(tmp_path_factory.mktemp("kept") / "samples.jsonl")
    file.append([drawing(1), drawing(2), drawing(3)])
    file.close()
    content = bytearray(file.path.read_bytes())
    size = len(line_of(drawing(1)))
    # In the second line, behind its number and before its end.
    place = size + 12 + place % (size - 13)
    content[place] = value
    file.path.write_bytes(content)
    assert {1, 3} <= set(numbers(file))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b'{"delete":8}',
        b'{"delete":true}',
        b'{"delete":[]}',
        b'{"restore":1}',
        line_of(drawing(1)).strip(),
        line_of(drawing(0)).strip(),
        line_of(drawing(10**15)).strip(),
        line_of(drawing(5, "x")).strip(),
        line_of({**drawing(5), "time": "now"}).strip(),
        line_of({**drawing(5), "time": True}).strip(),
        line_of({**drawing(5), "time": float("nan")}).strip(),
        line_of({**drawing(5), "label": ["3"]}).strip(),
        line_of({**drawing(5), "strokes": []}).strip(),
        line_of({**drawing(5), "strokes": [[["a", 1]]]}).strip(),
        b'{"number":5,"label":"3","time":0,"image":[1,2]}',
    ],
)
def test_a_line_that_makes_no_sense_is_skipped_and_counted(file, line):
    file.append([drawing(1)])
    file.close()
    with file.path.open("ab") as more:
        more.write(line + b"\n" + line_of(drawing(2)))
    assert numbers(file) == [1, 2]
    assert file.current().damaged == bool(line)


def test_a_line_of_endless_length_is_one_damaged_line(file, monkeypatch):
    file.append([drawing(1)])
    file.close()
    monkeypatch.setattr(lines, "MAX_LINE", 100)
    with file.path.open("ab") as more:
        more.write(b"x" * 1000 + b"\n" + line_of(drawing(2)))
    assert numbers(file) == [1, 2]
    assert file.current().damaged == 1
    with file.path.open("ab") as more:
        more.write(b"y" * 1000)
    file.append([drawing(3)])
    assert b"y" not in file.path.read_bytes()
    assert numbers(file) == [1, 2, 3]


def test_a_clock_that_begins_in_1970_is_no_error():
    assert sample_of({**drawing(1), "time": 0}).when == 0
    assert sample_of({**drawing(1), "time": -5.5}).when == -5.5


@pytest.mark.parametrize("failing", ["pwrite", "fsync"])
def test_a_full_disk_leaves_what_was_there(file, monkeypatch, failing):
    file.append([drawing(1)])
    before = file.path.read_bytes()
    real = os.pwrite

    def full(handle, *rest):
        if rest:
            real(handle, rest[0][:20], rest[1])  # some of it still finds room
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, failing, full)
        with pytest.raises(SamplesError, match="No space left on device; what was there is whole"):
            file.append([drawing(2)])
    assert file.path.read_bytes() == before
    assert numbers(file) == [1]
    file.append([drawing(2)])
    assert numbers(file) == [1, 2]


def test_many_lines_are_added_together_or_not_at_all(file, monkeypatch):
    monkeypatch.setattr(sample_file, "_CHUNK", 100)
    file.append([drawing(1)])
    before = file.path.read_bytes()

    def values():
        yield from (drawing(number) for number in range(2, 30))
        raise SamplesError("the source is gone")

    with pytest.raises(SamplesError, match="the source is gone"):
        file.append(values())
    assert file.path.read_bytes() == before
    file.append([drawing(number) for number in range(2, 30)])
    assert numbers(SampleFile(file.path)) == list(range(1, 30))


def test_what_the_system_takes_in_pieces_is_written_whole(file, monkeypatch):
    real = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda handle, part, at: real(handle, part[:7], at))
    file.append([drawing(1), drawing(2)])
    assert file.path.read_bytes() == line_of(drawing(1)) + line_of(drawing(2))


def test_a_drawing_is_on_the_disk_before_it_is_acknowledged(file, monkeypatch):
    """Its content, then the names of the file and of the folders that were made."""
    synced = []
    real = os.fsync

    def watched(handle):
        synced.append(Path(f"/proc/self/fd/{handle}").readlink())
        real(handle)

    monkeypatch.setattr(os, "fsync", watched)
    file.append([drawing(1)])
    assert synced[-1] == file.path
    assert {file.path.parent, file.path.parent.parent} <= set(synced)


@pytest.mark.parametrize("name", ["samples.jsonl", "folder"])
def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path, name):
    (tmp_path / "taken").write_text("a file")
    file = SampleFile(tmp_path / "taken" / name / "samples.jsonl")
    with pytest.raises(SamplesError, match="cannot be written") as caught:
        file.append([drawing(1)])
    assert "\n" not in str(caught.value)
    with pytest.raises(SamplesError, match="cannot be read"):
        file.current()


def test_looking_does_not_wait_for_one_that_writes(file, monkeypatch):
    file.append([drawing(1)])
    writing, go_on = threading.Event(), threading.Event()
    real = os.fsync

    def slow(handle):
        writing.set()
        assert go_on.wait(60)
        real(handle)

    monkeypatch.setattr(os, "fsync", slow)
    writer = threading.Thread(target=file.append, args=([drawing(2)],))
    writer.start()
    assert writing.wait(60)
    assert 1 in file.current().alive
    go_on.set()
    writer.join(60)
    assert numbers(file) == [1, 2]


def test_an_index_refuses_what_it_cannot_apply_and_stays_as_it_was():
    index = Index()
    index.take(drawing(1), 0)
    index.take(drawing(2), 50)
    index.take({"delete": 2}, 90)
    before = copy.deepcopy(index)
    for value in (drawing(1), drawing(2), {"delete": 2}, {"restore": 1}, None):
        with pytest.raises(InklingError):
            index.take(value, 99)
    assert index == before
    assert (list(index.alive), list(index.deleted), index.counts["3"]) == ([1], [2], 1)


CHILD = """
import sys
from pathlib import Path
from device.ink import Ink
from device.samples import Samples
samples = Samples(Path(sys.argv[1]))
ink = Ink.of([[(i / 300, 0.5, i / 60) for i in range(300)]])
while True:
    print(samples.add(ink, "7").number, flush=True)
"""


def test_nothing_acknowledged_is_lost_when_the_program_is_killed(tmp_path):
    """Twenty times, each at another moment of adding."""
    luck = random.Random(4)
    file = SampleFile(tmp_path / "samples.jsonl")
    acknowledged = []
    for _ in range(20):
        with subprocess.Popen(
            [sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as child:
            for _ in range(luck.randint(1, 12)):
                acknowledged.append(int(child.stdout.readline()))
            # Let it run on for some instructions, so that it dies anywhere in what it does.
            for _ in range(luck.randint(0, 20_000)):
                pass
            child.send_signal(signal.SIGKILL)
            acknowledged += [int(number) for number in child.stdout.read().split()]
        assert set(acknowledged) <= set(numbers(file))
        assert file.current().damaged == 0
    found = [sample.number for sample in file.read(sorted(file.current().alive.items()))]
    assert found == list(range(1, len(found) + 1)), "and none has a number twice"
