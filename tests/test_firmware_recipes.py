"""Every published system is a recipe, as it was published."""

import sys

import pytest

from device.normalise import PIPELINES
from firmware_tools import recipe
from firmware_tools.recipe import RecipeError

PUBLISHED = {
    "gubboit": ("gubboit", 594_922, 15, 99.4),
    "gubboit-gate": ("gubboit", 590_818, 6, None),
    "digito": ("digito", 1_016_490, 10, None),
    "digito-keep": ("digito-keep", 1_016_490, 10, None),
    "abc1203": ("canvas", None, 30, 99.907),
    "toy-mlp": ("canvas", 254_170, 60, 77.0),
    "flask-mlp": ("flask", 101_770, 30, 97.7),
    "flask-cnn": ("flask", 225_034, 10, 99.2),
    "scratch-mlp": ("flask", 23_860, 10, 93.7),
}
"""Pipeline, parameters, epochs, published percent."""


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_recipe_is_what_was_published(name: str) -> None:
    pipeline, _, epochs, published = PUBLISHED[name]
    found = recipe.by_name(name)
    assert found.name == name
    assert found.pipeline == pipeline
    assert found.pipeline in PIPELINES
    assert found.epochs == epochs
    assert found.published == published
    assert found.gate in recipe.NAMES
    assert found.title
    assert found.description
    assert found.deviations


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", PUBLISHED)
def test_a_network_has_the_published_size(name: str) -> None:
    pytest.importorskip("tensorflow", reason="building a network needs TensorFlow")
    found = recipe.by_name(name)
    model = found.build()
    assert model.input_shape == (None, 28, 28, 1)
    assert model.output_shape == (None, 2 if found.heads == ("gate",) else 10)
    parameters = PUBLISHED[name][1]
    assert parameters is None or model.count_params() == parameters


def test_gubboit_asks_its_own_gate_and_the_others_ours() -> None:
    assert recipe.by_name("gubboit").gate == "gubboit-gate"
    assert recipe.by_name("flask-cnn").gate == "inkling"


def test_the_toy_network_halves_its_rate_every_five_epochs() -> None:
    from firmware_tools.recipes import toy_mlp

    assert [toy_mlp.rate(epoch) for epoch in (0, 4, 5, 10)] == [0.01, 0.01, 0.005, 0.0025]


@pytest.mark.parametrize(("typo", "meant"), [("gubbit", "gubboit"), ("flask_cnn", "flask-cnn")])
def test_a_typo_is_answered_with_the_nearest_name(typo: str, meant: str) -> None:
    with pytest.raises(RecipeError, match=f"did you mean {meant}"):
        recipe.by_name(typo)


def test_a_name_like_no_other_is_answered_with_all_of_them() -> None:
    with pytest.raises(RecipeError, match="there are gubboit, "):
        recipe.by_name("???")


def test_looking_at_recipes_does_not_import_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    for name in PUBLISHED:
        recipe.by_name(name)
    with pytest.raises(RecipeError, match=r"inkling\[train\]"):
        recipe.by_name("gubboit").build()
