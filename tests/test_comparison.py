"""What compares Inkling with others looks at processes, pixels and tables rightly."""

from __future__ import annotations

import io
import json
import mmap
import os
import struct
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress

import numpy as np
import pytest

from device.errors import InklingError, ModelError
from device.images import decode
from device.library import Library
from device.normalise import PIPELINES
from device.session import digits
from firmware_tools.comparison import (
    browser,
    candidates,
    command,
    network,
    packages,
    report,
    server,
)
from firmware_tools.comparison.desktop import Picture, pointer, until
from firmware_tools.comparison.processes import (
    ComparisonError,
    Usage,
    descendants,
    parents,
    processor_seconds,
    running,
    state_and_parent,
    waits,
)

FAMILY = {1: 0, 10: 1, 11: 10, 12: 11, 13: 12, 20: 10, 21: 20, 30: 1}


def test_a_process_is_known_by_its_parent_whatever_it_is_called():
    assert state_and_parent("17 (a) b (c) S 4 17 17 0") == ("S", 4)


def test_all_below_a_process_are_its_descendants_but_not_those_spared():
    assert descendants(FAMILY, 10, frozenset()) == {11, 12, 13, 20, 21}
    assert descendants(FAMILY, 10, frozenset({20})) == {11, 12, 13}
    assert descendants(FAMILY, 30, frozenset()) == set()


def test_usage_counts_who_has_come_and_not_who_has_gone():
    before = Usage({1: 2.0, 2: 5.0}, {1: 10, 2: 7})
    after = Usage({1: 2.5, 3: 0.25}, {1: 14, 3: 2})
    assert after.since(before) == (0.75, 6)


def test_a_process_clock_stands_still_when_nobody_works():
    before = processor_seconds(os.getpid())
    end = time.process_time() + 0.02
    while time.process_time() < end:
        pass
    assert processor_seconds(os.getpid()) - before >= 0.02
    assert processor_seconds(2**22 + 1) is None
    assert waits(2**22 + 1) == {}


GRANDCHILD = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print("orphan", flush=True)
        time.sleep(60)
    os._exit(0)
os.wait()
time.sleep(60)
"""


def adopted(program):
    """Those of a program's processes that are children of this one."""
    parent_of = parents()
    return [pid for pid in program.processes() if parent_of.get(pid) == os.getpid()]


def test_a_program_is_measured_with_its_orphans_and_nothing_of_it_is_left():
    with running([sys.executable, "-c", GRANDCHILD], dict(os.environ)) as program:
        until(lambda: len(adopted(program)) == 2, "orphan", program.check)
        found = program.processes()
        assert found == adopted(program)
        assert program.usage().processor.keys() == set(found)
        assert program.memory() > 1
    assert not set(found) & parents(ended=True).keys()


def test_a_program_that_ends_is_told_with_its_last_words():
    code = "import sys; sys.exit('first\\nno such screen')"
    with (
        running([sys.executable, "-c", code], dict(os.environ)) as program,
        pytest.raises(ComparisonError, match=r"ended: no such screen$"),
    ):
        until(lambda: False, "picture", program.check)


def test_a_program_that_is_not_there_is_said_to_be_missing():
    with (
        pytest.raises(ComparisonError, match=r"^/nonexistent/it: No such file"),
        running(["/nonexistent/it"], {}),
    ):
        pass


def test_pixels_are_found_behind_the_header_of_the_x_servers_file():
    width, height, colours = 5, 3, 2
    header = [0] * 25
    header[0], header[12], header[19] = 104, 4 * width, colours
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[1, 3] = (0x4D, 0x48, 0xE5, 0)  # blue first
    content = struct.pack(">25I", *header) + bytes(4) + bytes(12 * colours) + pixels.tobytes()
    with mmap.mmap(-1, len(content)) as file:
        file.write(content)
        picture = Picture(file)
        assert picture.row(2, 1, 2) == bytes(4) + pixels[1, 3].tobytes()
        assert picture.has((0xE5, 0x48, 0x4D), 0, 1, width)
        assert not picture.has((0xE5, 0x48, 0x4D), 0, 1, 3)
        assert not picture.has((0xE5, 0x48, 0x4D), 0, 2, width)


def test_a_drawing_in_the_pointers_words_keeps_its_pace():
    words = pointer([[(0, 0, 1.0), (1, 1, 1.25)], [(0.5, 0, 3.0)]])
    assert " ".join(words) == (
        "mousemove 65 13 mousedown 1 sleep 0.250 mousemove 467 415 mouseup 1 "
        "mousemove 266 13 mousedown 1 mouseup 1"
    )


@pytest.fixture(scope="module")
def weights():
    library = Library()
    return network.weights((library.folder / library.entry("gubboit").file).read_bytes())


def forward(weights, seen):
    """The network in plain numpy: uint8 (28, 28) to the digit."""
    values = seen[..., None] / 255
    for block in (("conv1", "conv2"), ("conv3", "conv4")):
        for name in block:
            windows = np.lib.stride_tricks.sliding_window_view(values, (3, 3), (0, 1))
            sums = np.einsum("hwcij,ijcf->hwf", windows, weights[f"{name}/kernel"])
            values = np.maximum(sums + weights[f"{name}/bias"], 0)
        height, width, filters = values.shape
        values = values.reshape(height // 2, 2, width // 2, 2, filters).max((1, 3))
    hidden = values.ravel() @ weights["dense/kernel"] + weights["dense/bias"]
    answers = np.maximum(hidden, 0) @ weights["digit/kernel"] + weights["digit/bias"]
    return int(answers.argmax())


def test_the_others_have_the_network_that_reads_the_bundled_digits(weights):
    assert sum(values.size for values in weights.values()) == 594_922
    seen = PIPELINES["gubboit"].from_ink
    assert [forward(weights, seen(drawing.ink)) for drawing in digits()] == list(range(10))


def test_another_model_is_no_such_network():
    library = Library()
    content = (library.folder / library.entry("toy-mlp").file).read_bytes()
    with pytest.raises(ModelError, match="other layers"):
        network.weights(content)


def test_the_page_gets_all_weights_in_the_order_of_its_list(weights, tmp_path):
    network.write_tfjs(tmp_path, weights)
    model = json.loads((tmp_path / "model.json").read_text())
    (listed,) = model["weightsManifest"]
    content = np.frombuffer((tmp_path / "weights.bin").read_bytes(), np.float32)
    sizes = [int(np.prod(one["shape"])) for one in listed["weights"]]
    parts = np.split(content, np.cumsum(sizes)[:-1])
    for one, part in zip(listed["weights"], parts, strict=True):
        assert np.array_equal(part.reshape(one["shape"]), weights[one["name"]])
    named = {layer["config"]["name"] for layer in model["modelTopology"]["config"]["layers"]}
    assert {one["name"].split("/")[0] for one in listed["weights"]} <= named


def test_a_picture_for_the_server_is_the_drawing():
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
    assert np.array_equal(decode(candidates.png(pixels), "it"), pixels)


def test_the_server_sees_the_drawing_fitted_and_centred():
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")

    drawn = np.zeros((200, 200), np.uint8)
    drawn[20:100, 150:190] = 255
    with image.open(io.BytesIO(candidates.png(drawn))) as picture:
        seen = server.model_input(picture.convert("L"))[0, :, :, 0]
    rows, columns = np.nonzero(seen > 0.5)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (4, 23, 9, 18)


def test_the_page_is_given_out_and_tells_what_it_measured():
    with browser._Files({"/index.html": b"<html>", "/a.wasm": b"code"}) as files:
        serving = threading.Thread(target=files.serve_forever, daemon=True)
        serving.start()
        address = f"http://127.0.0.1:{files.server_port}"
        with urllib.request.urlopen(f"{address}/?backend=cpu") as answer:
            assert (answer.read(), answer.headers["Content-Type"]) == (b"<html>", "text/html")
        with urllib.request.urlopen(f"{address}/a.wasm") as answer:
            assert answer.headers["Content-Type"] == "application/wasm"
            assert answer.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
        with suppress(urllib.error.HTTPError), urllib.request.urlopen(f"{address}/b.js"):
            pytest.fail("there is no such file")
        told = {"seconds": [0.5], "digits": [3]}
        with urllib.request.urlopen(f"{address}/measured", json.dumps(told).encode()) as answer:
            assert answer.status == 204
        assert files.measured.get(timeout=60) == told
        files.shutdown()
        serving.join(60)


def test_the_page_asks_for_what_is_fetched_and_stands_where_the_pointer_goes():
    page = (candidates.FOLDER / "page.html").read_text()
    assert all(name in page for name in packages.SCRIPTS if name.endswith(".js"))
    assert "border: 3px solid #e5484d" in page


def test_a_tool_that_fails_is_told_by_its_last_line(tmp_path):
    fails = [sys.executable, "-c", "import sys; sys.exit('no\\nno such package')"]
    with pytest.raises(ComparisonError, match=r": no such package$"):
        packages.run(fails, tmp_path)
    with pytest.raises(ComparisonError, match=r"^/nonexistent/npm is not installed"):
        packages.run(["/nonexistent/npm"], tmp_path)


def test_readings_are_right_when_each_digit_is_read_as_it_is_meant():
    assert candidates.Readings((0.1,) * 12, (*range(10), 0, 1)).right == 1
    assert candidates.Readings((0.1,) * 4, (0, 1, None, 9)).right == 0.5


VALUES = {
    "picture": {"Inkling": [0.5, 0.7, 0.6], "Qt": [0.4, 0.4, 0.4]},
    "reading": {"Inkling": [1.0], "Flask": [30.0]},
}
NAMES = ["Inkling", "Flask", "Qt"]


def test_a_table_has_medians_ranges_and_dashes():
    lines = report.table(NAMES, VALUES).splitlines()
    assert lines[0] == "| | Inkling | Flask | Qt |"
    assert lines[3] == "| start to the finished picture, s | 0.6 (0.5–0.7) | – | 0.4 |"
    assert "| a reading, ms | 1.00 | 30.0 | – |" in lines


def test_where_inkling_is_behind_is_said_plainly():
    said = report.verdict(NAMES, VALUES)
    assert "**not** ahead in: start to the finished picture (Qt)." in said
    ahead = {**VALUES, "picture": {"Inkling": [0.3], "Qt": [0.4]}}
    assert report.verdict(NAMES, ahead) == "Inkling is ahead on every line."


def test_the_table_takes_its_place_in_the_page(tmp_path):
    path = tmp_path / "performance.md"
    path.write_text(f"before\n\n{report.BEGIN}\nold\n{report.END}\n\nafter\n")
    report.enter(path, r"new \1")
    report.enter(path, r"new \1")
    assert path.read_text() == f"before\n\n{report.BEGIN}\n\nnew \\1\n\n{report.END}\n\nafter\n"
    path.write_text("no marks")
    with pytest.raises(InklingError, match="no place for the comparison"):
        report.enter(path, "new")
    with pytest.raises(InklingError, match="cannot be entered"):
        report.enter(tmp_path / "nothing.md", "new")


def test_who_fails_is_out_and_named_while_the_others_go_on(monkeypatch):
    def turn(one, desktop, idle, count):
        if one.name == "Qt":
            raise ComparisonError("the program has ended")
        return command.Turn({"memory": 5.0}, {})

    monkeypatch.setattr(command, "turn", turn)
    found = [
        candidates.Candidate(name, name, "window", (), needs="apt install it" if name else "")
        for name in NAMES
    ]
    args = command.argparse.Namespace(rounds=2, idle=1, readings=1)
    missing: dict[str, str] = {}
    turns = command._rounds(found, missing, None, args)
    assert missing == {"Qt": "the program has ended; apt install it"}
    assert command._values(turns) == {"memory": {"Inkling": [5.0, 5.0], "Flask": [5.0, 5.0]}}


def test_nothing_is_compared_when_inkling_itself_does_not_run(monkeypatch):
    def turn(one, desktop, idle, count):
        raise ComparisonError("the program has ended")

    monkeypatch.setattr(command, "turn", turn)
    args = command.argparse.Namespace(rounds=1, idle=1, readings=1)
    with pytest.raises(ComparisonError):
        command._rounds([candidates.Candidate("Inkling", "", "kiosk", ())], {}, None, args)
