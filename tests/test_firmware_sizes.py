"""The size curve measures int8 networks, each in its turn."""

import numpy as np
import pytest

from device.library import Library
from firmware_tools import sizes
from firmware_tools.cli import main
from firmware_tools.inputs import from_inks
from firmware_tools.recipes import inkling
from tests import drawings


def test_the_shipped_width_is_on_the_curve():
    assert inkling.WIDTHS in sizes.WIDTHS
    assert len(set(sizes.WIDTHS)) == len(sizes.WIDTHS)


def test_accuracy_is_that_of_the_file():
    network = Library().open("inkling")
    inputs = from_inks([drawings.digit(n) for n in range(10)], "mnist")
    assert sizes._right(network, inputs, np.arange(10)) == 100
    assert sizes._right(network, inputs, (np.arange(10) + 1) % 10) == 0


def test_every_network_gets_its_time():
    networks = [Library().open("inkling"), Library().open("gubboit")]
    assert all(microseconds > 0 for microseconds in sizes.times(networks))


def test_without_shards_it_says_what_to_do(tmp_path, capsys):
    (tmp_path / "data").mkdir()
    arguments = ["sizes", "--data", str(tmp_path / "data"), "--out", str(tmp_path)]
    assert main(arguments) == 1
    assert "train inkling first" in capsys.readouterr().err


@pytest.mark.parametrize("widths", sizes.WIDTHS)
def test_every_width_is_a_network(widths):
    pytest.importorskip("tensorflow")
    assert inkling.build(widths).count_params() > 0
