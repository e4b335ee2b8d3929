"""``all`` does every step in its order, with the same settings."""

import argparse
import sys
import types
from pathlib import Path

import pytest

from firmware_tools import everything, recipe, train


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, argparse.Namespace]]:
    """The other commands, replaced by ones that only say that they were called."""
    called: list[tuple[str, argparse.Namespace]] = []
    options = {
        "train": ("recipe", "--data", "--work", "--seed"),
        "quantise": ("source", "--data", "--work", "--out", "--seed"),
        "evaluate": ("--data", "--models"),
        "report": ("--models",),
    }
    for command, names in options.items():
        module = types.ModuleType(command)

        def add_arguments(parser: argparse.ArgumentParser, names: tuple[str, ...] = names) -> None:
            for name in names:
                parser.add_argument(name)

        def run(args: argparse.Namespace, command: str = command) -> int:
            called.append((command, args))
            return 3 if getattr(args, "source", "") == "digito" else 0

        module.add_arguments = add_arguments  # type: ignore[attr-defined]
        module.run = run  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, f"firmware_tools.{command}", module)
    return called


def _args(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    everything.add_arguments(parser)
    return parser.parse_args(words)


def test_each_recipe_is_trained_then_quantised_before_anything_is_measured(
    steps: list[tuple[str, argparse.Namespace]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe, "NAMES", ("gubboit", "inkling"))
    words = ("--data", "somewhere", "--work", "there", "--models", "m", "--seed", "4")
    assert everything.run(_args(*words)) == 0
    done = ["train", "quantise", "train", "quantise", "evaluate", "report"]
    assert [command for command, _ in steps] == done
    trained, quantised, evaluated = steps[0][1], steps[1][1], steps[4][1]
    assert (trained.recipe, trained.data, trained.seed) == ("gubboit", Path("somewhere"), 4)
    assert (quantised.source, quantised.work, quantised.out) == ("gubboit", Path("there"), "m")
    assert evaluated.models == Path("m")


def test_it_stops_where_something_fails(steps: list[tuple[str, argparse.Namespace]]) -> None:
    assert everything.run(_args("--data", "somewhere")) == 3
    assert steps[-1][1].source == "digito"


def test_a_quick_run_keeps_away_from_the_real_models(
    steps: list[tuple[str, argparse.Namespace]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe, "NAMES", ("gubboit",))
    monkeypatch.setattr(train.quickset, "write", lambda folder, seed: folder)
    assert everything.run(_args("--quick", "--work", str(tmp_path))) == 0
    assert steps[1][1].out == str(tmp_path / "models")
    assert steps[0][1].data == tmp_path / "data"


def test_one_model_is_trained_and_quantised_by_one_command(steps):
    assert everything.run(_args("inkling", "--seed", "1", "--data", ".")) == 0
    assert [command for command, _ in steps] == ["train", "quantise"]
    assert (steps[0][1].recipe, steps[1][1].source, steps[0][1].seed) == ("inkling", "inkling", 1)


def test_an_unknown_recipe_is_refused_before_anything_is_done(steps):
    with pytest.raises(recipe.RecipeError, match="did you mean gubboit"):
        everything.run(_args("inkling", "gubboid", "--data", "."))
    assert steps == []
