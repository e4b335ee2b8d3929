"""The configuration: one schema, clear errors."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.config import DEFAULT_FILE, as_toml, load_config
from device.errors import ConfigError


@pytest.fixture
def write(tmp_path):
    def write(text, name="inkling.toml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture
def nowhere(tmp_path):
    return tmp_path / "no-system-file.toml"


def test_the_shipped_defaults_are_a_whole_configuration(nowhere):
    config = load_config(system_file=nowhere)
    assert config.model.name == "inkling"
    assert (config.lights.accept, config.lights.several, config.lights.reject) == (17, 27, 22)
    assert config.screen.pixels is None


def test_later_sources_win(write):
    system = write("[model]\nthreshold = 0.6\nname = 'gubboit'\n[lights]\naccept = 5\n", "a.toml")
    named = write("[model]\nthreshold = 0.7\n", "b.toml")
    config = load_config(named, {"model": {"name": "inkling"}}, system)
    assert config.model.threshold == 0.7
    assert config.model.name == "inkling"
    assert config.lights.accept == 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[lights]\nacept = 1", "lights.acept: unknown key; did you mean lights.accept?"),
        ("[light]\naccept = 1", "light: unknown key; did you mean lights?"),
        ("[lights]\naccept = '17'", "lights.accept = '17': expected a BCM pin from 0 to 27"),
        ("[lights]\naccept = 28", "expected a BCM pin"),
        ("[lights]\naccept = true", "expected a BCM pin"),
        ("[lights]\nactive_high = 1", "lights.active_high = 1: expected true or false"),
        ("[model]\nthreshold = 1.5", "model.threshold = 1.5: expected a number from 0 to 1"),
        ("[model]\nthreshold = nan", "expected a number from 0 to 1"),
        ("[model]\nname = 3", "model.name = 3: expected a text"),
        ("[screen]\nsize = '800'", 'expected "auto" or "WIDTHxHEIGHT"'),
        ("[screen]\nsize = '100x100'", "from 480x320"),
        ("model = 3", "model must be a table: [model]"),
        ("[model", "not valid TOML"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_key(write, nowhere, text, expected):
    path = write(text)
    with pytest.raises(ConfigError) as caught:
        load_config(path, system_file=nowhere)
    assert expected in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_pin_cannot_be_used_twice(write, nowhere):
    with pytest.raises(
        ConfigError, match=r"lights\.reject = 17: lights\.accept is on the same pin"
    ):
        load_config(write("[lights]\nreject = 17"), system_file=nowhere)


def test_lights_that_are_not_fitted_share_minus_one(write, nowhere):
    config = load_config(write("[lights]\nreject = -1\nseveral = -1"), system_file=nowhere)
    assert config.lights.reject == config.lights.several == -1


def test_a_whole_number_will_do_for_a_share(write, nowhere):
    assert load_config(write("[model]\nthreshold = 1"), system_file=nowhere).model.threshold == 1.0


def test_a_missing_file_is_an_error_only_when_it_was_named(tmp_path, nowhere):
    load_config(system_file=nowhere)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "missing.toml", system_file=nowhere)


def test_what_is_printed_is_read_back_the_same(write, nowhere):
    config = load_config(write('[model]\nname = "a\\"b\\\\ü"'), system_file=nowhere)
    assert load_config(write(as_toml(config), "again.toml"), system_file=nowhere) == config


def test_every_key_of_the_schema_is_explained():
    lines = DEFAULT_FILE.read_text().splitlines()
    tables = tomllib.loads(DEFAULT_FILE.read_text())
    for table in tables.values():
        for key in table:
            place = next(i for i, line in enumerate(lines) if line.startswith(f"{key} = "))
            assert lines[place - 1].startswith("# "), key


@given(st.binary(max_size=300))
def test_random_bytes_are_a_clear_error_or_a_configuration(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("config")
    path = folder / "inkling.toml"
    path.write_bytes(content)
    try:
        load_config(path, system_file=folder / "none")
    except ConfigError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("size", ["480x320", "320x480", "7680x4320", "auto"])
def test_sizes_from_the_smallest_panel_up_are_taken(write, nowhere, size):
    assert load_config(write(f"screen.size = '{size}'"), system_file=nowhere).screen.size == size


@pytest.mark.parametrize("size", ["320x320", "479x320", "9999x480", "٤٨٠x٣٢٠"])
def test_sizes_that_no_screen_here_has_are_refused(write, nowhere, size):
    with pytest.raises(ConfigError, match="from 480x320"):
        load_config(write(f"screen.size = '{size}'"), system_file=nowhere)


def test_a_pin_used_twice_names_the_file_and_the_key_that_was_set(write, nowhere):
    path = write("[lights]\naccept = 22")
    with pytest.raises(ConfigError) as caught:
        load_config(path, system_file=nowhere)
    assert str(caught.value).startswith(f"{path}: lights.accept = 22: lights.reject is")


def test_a_byte_order_mark_is_no_part_of_the_configuration(write, nowhere):
    path = write(b"\xef\xbb\xbf[model]\nthreshold = 0.25\n")
    assert load_config(path, system_file=nowhere).model.threshold == 0.25


def test_a_key_with_control_characters_stays_in_one_line(write, nowhere):
    with pytest.raises(ConfigError) as caught:
        load_config(write('"a\\nb" = 1'), system_file=nowhere)
    assert "\n" not in str(caught.value)
