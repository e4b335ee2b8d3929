"""The configuration: one schema, clear errors."""

import errno
import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.config import DEFAULT_FILE, as_toml, changed, load_config, save_settings, state_folder
from device.errors import ConfigError, FileError
from device.settings import SETTINGS


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


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The file of the settings page, in a state folder that nothing has been written to."""
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    return tmp_path / "state" / "settings.toml"


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
        ("[screen]\nrotation = 45", "screen.rotation = 45: expected 0, 90, 180 or 270"),
        ("[screen]\nlanguage = 'e'", 'screen.language = \'e\': expected "en", "de"'),
        ("[kiosk]\npin = 2468", "kiosk.pin = 2468: expected up to 8 digits"),
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


def test_a_file_without_end_is_no_configuration(nowhere):
    with pytest.raises(ConfigError, match="/dev/zero: more than 1,048,576 bytes"):
        load_config(Path("/dev/zero"), system_file=nowhere)


def test_a_pin_cannot_be_used_twice(write, nowhere):
    with pytest.raises(
        ConfigError, match=r"lights\.reject = 17: lights\.accept is on the same pin"
    ):
        load_config(write("[lights]\nreject = 17"), system_file=nowhere)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[lights]\nstrobe = 22", "lights.strobe = 22: lights.reject is on the same pin"),
        ("[lights]\nbcd = '5,6,13,5'", "lights.bcd = 5: lights.bcd is on the same pin"),
        ("[buttons]\nclear = 17", "buttons.clear = 17: lights.accept is on the same pin"),
        (
            "[buttons]\npredict = 6\n[lights]\nbcd = '5, 6, 13, 19'",
            "lights.bcd = 6: buttons.predict is on the same pin",
        ),
    ],
)
def test_nothing_else_is_on_the_pin_of_a_light(write, nowhere, text, expected):
    with pytest.raises(ConfigError) as caught:
        load_config(write(text), system_file=nowhere)
    assert expected in str(caught.value)


@pytest.mark.parametrize("text", ["5,6,13", "5,6,13,28", "5 6 13 19", "5,6,13,19,", "a"])
def test_digit_lines_are_four_pins(write, nowhere, text):
    with pytest.raises(
        ConfigError, match=r"lights\.bcd = .*expected 4 BCM pins from 0 to 27 for 1"
    ):
        load_config(write(f"[lights]\nbcd = '{text}'"), system_file=nowhere)


@pytest.mark.parametrize("path", ["ink.sock", "", "/" + 107 * "x"])
def test_a_socket_is_at_a_whole_path_that_is_not_too_long(write, nowhere, path):
    with pytest.raises(ConfigError, match=r"headless\.socket = .*a path that begins with /"):
        load_config(write(f"[headless]\nsocket = '{path}'"), system_file=nowhere)


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


def test_a_value_is_found_by_its_key(nowhere):
    config = load_config(None, {"kiosk": {"pin": "1"}}, nowhere)
    assert config.value("kiosk.pin") == config.kiosk.pin == "1"
    assert [config.value(key) for key in SETTINGS]


def test_a_running_kiosk_takes_other_values_under_the_same_rules(nowhere):
    before = load_config(system_file=nowhere)
    after = changed(before, {"screen.language": "fr", "model.threshold": 1})
    assert (after.screen.language, after.model.threshold) == ("fr", 1.0)
    assert type(after.model.threshold) is float
    assert (after.lights, after.screen.size) == (before.lights, before.screen.size)
    assert before.screen.language == "en"
    for values in ({"screen.language": "tlh"}, {"screen.langage": "fr"}, {"language": "fr"}):
        with pytest.raises(ConfigError, match="settings page: "):
            changed(before, values)


def test_what_the_settings_page_changed_holds_from_the_next_start_on(kept, nowhere):
    save_settings({"screen.language": "ja", "kiosk.idle_seconds": 90})
    config = load_config(system_file=nowhere)
    assert (config.screen.language, config.kiosk.idle_seconds) == ("ja", 90)


def test_what_was_changed_before_stays(kept, nowhere):
    save_settings({"screen.language": "ja", "model.live": False})
    save_settings({"screen.language": "fr", "screen.pen_width": 0.1})
    config = load_config(system_file=nowhere)
    assert (config.screen.language, config.model.live) == ("fr", False)
    assert config.screen.pen_width == 0.1


def test_the_page_stands_between_the_system_and_the_command_line(kept, write):
    system = write("[screen]\nlanguage = 'de'\nlayout = 'kid'\n[kiosk]\nidle_seconds = 5", "a.toml")
    save_settings({"screen.language": "fr", "kiosk.idle_seconds": 6})
    config = load_config(write("[kiosk]\nidle_seconds = 7", "b.toml"), system_file=system)
    assert config.screen.layout == "kid"
    assert config.screen.language == "fr"
    assert config.kiosk.idle_seconds == 7


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"kiosk.pin": "1"}, "kiosk.pin is no key of the settings page"),
        ({"lights.accept": 4}, "lights.accept is no key of the settings page"),
        ({"screen.langage": "de"}, "did you mean screen.language?"),
        ({"language": "de"}, "unknown key"),
        ({"screen.language": "tlh"}, 'expected "en"'),
        ({"model.live": 1}, "expected true or false"),
    ],
)
def test_only_what_is_on_the_page_can_be_kept(kept, values, expected):
    save_settings({"model.live": False})
    before = kept.read_bytes()
    with pytest.raises(ConfigError) as caught:
        save_settings(values)
    assert expected in str(caught.value)
    assert kept.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        b"[screen\n",
        b"\xff\xfe\x00",
        b"[screen]\nlanguage = 'tlh'\n",
        b"[screen]\nlangage = 'de'\n",
        b"[kiosk]\npin = '1'\n",
        b"screen = 3\n",
    ],
)
def test_a_damaged_settings_file_is_set_aside_and_the_kiosk_starts(kept, nowhere, caplog, content):
    kept.parent.mkdir()
    kept.write_bytes(content)
    assert load_config(system_file=nowhere).screen.language == "en"
    assert not kept.exists()
    assert kept.with_name("settings.toml.bad").read_bytes() == content
    assert "set aside as settings.toml.bad" in caplog.text
    save_settings({"screen.language": "de"})
    assert load_config(system_file=nowhere).screen.language == "de"


@given(st.binary(max_size=200))
def test_whatever_the_settings_file_holds_the_kiosk_starts(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("state")
    (folder / "settings.toml").write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STATE_DIRECTORY", str(folder))
        load_config(system_file=folder / "none")


def test_a_settings_file_that_cannot_be_read_is_left_where_it_is(kept, nowhere, caplog):
    kept.mkdir(parents=True)
    assert load_config(system_file=nowhere).screen.language == "en"
    assert kept.is_dir()
    assert "cannot be read" in caplog.text


def test_a_full_disk_leaves_the_settings_as_they_were(kept, monkeypatch):
    save_settings({"screen.language": "de"})
    before = kept.read_bytes()

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match=r"settings\.toml: No space left on device"):
        save_settings({"screen.language": "fr"})
    assert kept.read_bytes() == before
    assert list(kept.parent.iterdir()) == [kept]


def test_the_state_folder_is_systemds_or_the_users_own(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/inkling:/var/lib/other")
    assert state_folder() == Path("/var/lib/inkling")
    monkeypatch.delenv("STATE_DIRECTORY")
    assert state_folder() == Path("/home/ada/.local/share/inkling")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert state_folder() == Path("/data/inkling")
    monkeypatch.setenv("XDG_DATA_HOME", "not/absolute")
    assert state_folder() == Path("/home/ada/.local/share/inkling")


def test_without_any_home_the_kiosk_starts_and_saving_says_what_to_do(monkeypatch, nowhere):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    monkeypatch.delenv("STATE_DIRECTORY")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert load_config(system_file=nowhere).model.live
    with pytest.raises(ConfigError, match="set STATE_DIRECTORY"):
        save_settings({"model.live": False})


def test_samples_lie_in_the_state_folder_unless_a_folder_is_named(kept, nowhere):
    assert load_config(system_file=nowhere).samples.path == kept.parent
    named = load_config(None, {"samples": {"folder": "/srv/taught"}}, nowhere)
    assert named.samples.path == Path("/srv/taught")
