"""What the networks cost: each model, each runtime, threads and batches."""

import numpy as np
import pytest
from kiosks import settings

from device.bench import measure, model
from device.bench.measure import Bench
from device.library import Library
from device.tflite import runtimes


@pytest.fixture
def tools(monkeypatch):
    monkeypatch.setattr(measure, "WARM_UP", 1)
    monkeypatch.setattr(model, "THREADS", (1,))
    monkeypatch.setattr(model, "CALLS", 20)
    return Bench(settings(), turns=3)


def test_every_model_is_measured_by_every_runtime_and_compared(tools):
    rows = list(model.rows(tools))
    library = Library()
    for name in library.names:
        found = {row.where: row for row in rows if row.what == name}
        for kind, _ in runtimes():
            assert found[f"{kind} alone"].unit == "µs"
            assert found[f"{kind} alone"].median > 0
        if model.REFERENCE in library.names:
            assert found[f"of {model.REFERENCE}"].unit == "×"
        assert found["multiply-adds"].median == library.entry(name).multiplications / 1e6
    for kind, _ in runtimes():
        row = next(row for row in rows if row.what == f"inkling, {kind}, faster than one by one")
        assert row.unit == "×" and row.median > 0


def test_float_forms_are_measured_where_they_are_at_hand(tools, tmp_path):
    """Any file will do as a float form: it is only run."""
    library = Library()
    shipped = library.folder / library.entry("inkling").file
    (tmp_path / "inkling.tflite").write_bytes(shipped.read_bytes())
    bench = Bench(tools.config, turns=3, floats=tmp_path)
    rows = list(model._models(bench, np.zeros((28, 28), np.uint8)))
    for kind, _ in runtimes():
        named = [row.what for row in rows if row.where == f"{kind}, float alone"]
        assert named == ["inkling"]
    (compared,) = (row for row in rows if row.where == "float, of int8")
    assert compared.unit == "×" and compared.what == "inkling"


def test_calls_keep_no_memory(tools):
    kept = list(model.rows(tools))[-1]
    assert kept.unit == "kB"
    assert kept.median < 5, "twenty calls of 784 pixels would be 15 kB, if they were kept"


def test_a_batch_is_answered_as_one_by_one():
    """Else their times could not be compared."""
    library = Library()
    content = (library.folder / library.entry("inkling").file).read_bytes()
    for _, interpreter_class in runtimes():
        invoke = model._invocation(interpreter_class, content, 5)
        interpreter = invoke.__self__
        place = interpreter.get_input_details()[0]
        assert place["shape"].tolist() == [5, 28, 28, 1]
        inputs = np.random.default_rng(0).integers(0, 256, (5, 28, 28)).astype(np.uint8)
        steps = (inputs.astype(int) - 128).astype(np.int8)[..., None]
        interpreter.set_tensor(place["index"], steps)
        invoke()
        answers = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
        assert len(answers) == 5
        one = model._invocation(interpreter_class, content)
        alone = one.__self__
        for step, answer in zip(steps, answers, strict=True):
            alone.set_tensor(alone.get_input_details()[0]["index"], step[None])
            one()
            single = alone.get_tensor(alone.get_output_details()[0]["index"])[0]
            assert np.abs(single.astype(int) - answer).max() <= 1
