"""The Edge TPU path, with a stand-in for the compiler."""

import argparse
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from device.errors import ModelError
from firmware_tools import edgetpu, manifest
from firmware_tools.operators import read_graph

MODELS = sorted(Path(__file__).parents[1].glob("models/*.tflite"))
pytestmark = pytest.mark.skipif(not MODELS, reason="no models are shipped yet")

HEAD = """Edge TPU Compiler version 16.0.384591198
Started a compilation timeout timer of 180 seconds.

Model compiled successfully in 153 ms.

Input model: digits.tflite
Input size: 96.21KiB
Output model: digits_edgetpu.tflite
Output size: 180.50KiB
On-chip memory used for caching model parameters: 88.75KiB
On-chip memory remaining for caching model parameters: 7.60MiB
Off-chip memory used for streaming uncached model parameters: 0.00B
"""

GOOD = (
    HEAD
    + """Number of Edge TPU subgraphs: 1
Total number of operations: 7
Operation log: digits_edgetpu.log

Operator                       Count      Status

CONV_2D                        2          Mapped to Edge TPU
MAX_POOL_2D                    1          Mapped to Edge TPU
RESHAPE                        1          Mapped to Edge TPU
FULLY_CONNECTED                2          Mapped to Edge TPU
SOFTMAX                        1          Mapped to Edge TPU
Compilation child process completed within timeout period.
Compilation succeeded!
"""
)

PARTLY = (
    HEAD
    + """Number of Edge TPU subgraphs: 1
Total number of operations: 5
Operation log: digits_edgetpu.log

Model successfully compiled but not all operations are supported by the Edge TPU. A percentage of \
the model will instead run on the CPU, which is slower. If possible, consider updating your model \
to use only operations supported by the Edge TPU. For details, visit g.co/coral/model-reqs.
Number of operations that will run on Edge TPU: 3
Number of operations that will run on CPU: 2

Operator                       Count      Status

CONV_2D                        2          Mapped to Edge TPU
RESHAPE                        1          Mapped to Edge TPU
FULLY_CONNECTED                1          More than one subgraph is not supported
SOFTMAX                        1          Operation is otherwise supported, but not mapped due to \
some unspecified limitation
"""
)

NOTHING = HEAD + "Number of Edge TPU subgraphs: 0\nTotal number of operations: 0\n"


def _dense(content):
    return any(step.name == "FULLY_CONNECTED" for step in read_graph(content).operators)


@pytest.fixture
def folder(tmp_path):
    """A models folder with one model and its manifest."""
    found = sorted((path.read_bytes() for path in MODELS), key=len)
    content = next(filter(_dense, found))
    (tmp_path / "digits.tflite").write_bytes(content)
    entry = {"file": "digits.tflite", **manifest.file_facts(content)}
    manifest.update(tmp_path, "digits", entry)
    return tmp_path


def compiler(tmp_path, log, status=0, writes=True):
    """An executable that behaves as edgetpu_compiler -s -o FOLDER MODEL would."""
    log_file = tmp_path / "log.txt"
    log_file.write_text(log)
    script = tmp_path / "edgetpu_compiler"
    made = 'printf compiled > "$3/$(basename "$4" .tflite)_edgetpu.tflite"' if writes else ":"
    script.write_text(f'#!/bin/sh\n{made}\ncat "{log_file}"\nexit {status}\n')
    script.chmod(0o755)
    return str(script)


def run(folder, compiler=None):
    return edgetpu.run(argparse.Namespace(model=folder / "digits.tflite", compiler=compiler))


def entry(folder):
    return tomllib.loads((folder / "models.toml").read_text())["models"]["digits"]


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_every_shipped_model_suits_the_edge_tpu(path):
    assert edgetpu.limits(read_graph(path.read_bytes())) == []


def test_a_model_compiled_whole_is_entered_as_a_pair(folder, tmp_path):
    assert run(folder, compiler(tmp_path, GOOD)) == 0
    assert (folder / "digits_edgetpu.tflite").read_bytes() == b"compiled"
    assert entry(folder)["edgetpu_file"] == "digits_edgetpu.tflite"
    assert len(entry(folder)["edgetpu_sha256"]) == 64


@pytest.mark.parametrize(
    ("log", "words"),
    [
        (PARTLY, "FULLY_CONNECTED x 1 stays on the CPU: More than one subgraph"),
        (NOTHING, "names no subgraphs or operators"),
        ("", "names no subgraphs or operators"),
        (GOOD.replace("subgraphs: 1", "subgraphs: 2"), "2 Edge TPU subgraphs instead of one"),
        (GOOD.replace("operations: 7", "operations: 9"), "only 7 of 9"),
    ],
)
def test_anything_left_to_the_cpu_is_refused_and_nothing_is_written(folder, tmp_path, log, words):
    with pytest.raises(ModelError, match=words):
        run(folder, compiler(tmp_path, log))
    assert not (folder / "digits_edgetpu.tflite").exists()
    assert "edgetpu_file" not in entry(folder)


def test_a_compiler_that_fails_is_quoted(folder, tmp_path):
    text = "Invalid model: digits.tflite\nModel not quantized\n"
    with pytest.raises(ModelError, match="status 1: Model not quantized"):
        run(folder, compiler(tmp_path, text, status=1))


def test_a_compiler_that_writes_nothing_is_not_believed(folder, tmp_path):
    with pytest.raises(ModelError, match="wrote no digits_edgetpu"):
        run(folder, compiler(tmp_path, GOOD, writes=False))


def test_without_the_compiler_the_check_alone_is_made(folder, monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    assert run(folder) == 0
    assert "not compiled" in capsys.readouterr().out
    assert "edgetpu_file" not in entry(folder)


def test_a_compiler_that_is_not_there_is_an_error(folder):
    with pytest.raises(ModelError, match="no compiler"):
        run(folder, "/nowhere/edgetpu_compiler")


def test_a_file_that_the_manifest_does_not_mean_is_refused(folder, tmp_path):
    manifest.update(folder, "digits", {"sha256": "0" * 64})
    with pytest.raises(ModelError, match="not the file that the manifest enters"):
        run(folder, compiler(tmp_path, GOOD))


def test_limits_name_what_coral_does_not_support(folder):
    graph = read_graph((folder / "digits.tflite").read_bytes())
    first = graph.operators[0]
    dense = next(step for step in graph.operators if step.name == "FULLY_CONNECTED")
    several = {
        "not an operator of the Edge TPU": replace(first, name="LEAKY_RELU", version=1),
        "default format": replace(dense, options={**dense.options, "weights_format": 1}),
        "must be constants": replace(dense, inputs=(dense.inputs[0], dense.inputs[0])),
    }
    for words, step in several.items():
        found = edgetpu.limits(replace(graph, operators=(step,)))
        assert any(words in line for line in found), words


def test_a_file_that_is_no_model_is_one_line(tmp_path):
    (tmp_path / "digits.tflite").write_bytes(b"nothing of the kind")
    with pytest.raises(ModelError, match="not a TFLite model"):
        run(tmp_path)
