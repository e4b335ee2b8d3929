"""One table says what may be set; files, the settings page and the docs agree with it."""

import tomllib
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device import config
from device.config import DEFAULT_FILE
from device.settings import SETTINGS

DEFAULTS = {
    f"{table}.{name}": value
    for table, values in tomllib.loads(DEFAULT_FILE.read_text(encoding="utf-8")).items()
    for name, value in values.items()
}
ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())
)


def test_the_table_and_the_shipped_defaults_have_the_same_keys_in_the_same_order():
    assert list(SETTINGS) == list(DEFAULTS)


def test_the_configuration_has_a_field_for_every_key():
    tables = get_type_hints(config.Config)
    found = [f"{table}.{name}" for table, kind in tables.items() for name in kind._fields]
    assert found == list(SETTINGS)


@pytest.mark.parametrize("key", SETTINGS)
def test_every_default_may_be_set(key):
    taken = SETTINGS[key].taken(DEFAULTS[key])
    assert taken == DEFAULTS[key]
    assert type(taken) is type(DEFAULTS[key])


@pytest.mark.parametrize("key", SETTINGS)
@given(value=ANYTHING)
def test_whatever_is_taken_has_the_type_of_the_default(key, value):
    try:
        taken = SETTINGS[key].taken(value)
    except ValueError as error:
        assert str(error) == SETTINGS[key].expectation
    else:
        assert type(taken) is type(DEFAULTS[key])
        assert SETTINGS[key].taken(taken) == taken


@pytest.mark.parametrize("key", [key for key, s in SETTINGS.items() if s.kind in ("int", "float")])
def test_every_number_has_limits_and_keeps_to_them(key):
    setting = SETTINGS[key]
    smallest, largest = setting.limits
    for value in (smallest, largest):
        assert setting.taken(value) == value
    for value in (smallest - setting.step, largest + setting.step, float("nan"), float("inf")):
        with pytest.raises(ValueError, match=r"^a (whole )?number from|^a BCM pin from"):
            setting.taken(value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("screen.rotation", 45),
        ("screen.rotation", False),
        ("screen.rotation", 90.0),
        ("screen.rotation", "90"),
        ("screen.language", "tlh"),
        ("screen.language", ["en"]),
        ("screen.layout", "adult"),
        ("kiosk.pin", "123456789"),
        ("kiosk.pin", "12a4"),
        ("kiosk.pin", "１２３４"),
        ("kiosk.pin", "1234\n"),
        ("kiosk.pin", 1234),
        ("kiosk.idle_seconds", 2.5),
        ("kiosk.idle_seconds", True),
    ],
)
def test_what_cannot_be_is_refused(key, value):
    with pytest.raises(ValueError, match=SETTINGS[key].expectation):
        SETTINGS[key].taken(value)


@pytest.mark.parametrize("pin", ["", "0", "2468", "00000000"])
def test_a_pin_is_up_to_eight_digits(pin):
    assert SETTINGS["kiosk.pin"].taken(pin) == pin


def test_an_expectation_lists_the_choices():
    assert SETTINGS["screen.rotation"].expectation == "0, 90, 180 or 270"
    assert SETTINGS["screen.layout"].expectation == '"lab" or "kid"'


def test_what_opens_the_page_and_what_drives_pins_is_not_on_it():
    closed = {key for key, setting in SETTINGS.items() if not setting.on_page}
    assert {"kiosk.pin", "samples.folder", "lights.accept"} <= closed


def test_only_what_a_page_can_show_is_on_it():
    for setting in SETTINGS.values():
        if setting.on_page:
            assert setting.kind != "text", setting.key


@pytest.mark.parametrize("up", [True, False])
@pytest.mark.parametrize(
    "key", [key for key, s in SETTINGS.items() if s.on_page and s.kind in ("int", "float")]
)
@given(share=st.floats(0, 1))
def test_touches_lead_from_any_number_to_its_limit_in_steps_that_may_be_set(key, up, share):
    setting = SETTINGS[key]
    low, high = setting.limits
    value = setting.taken(type(DEFAULTS[key])(low + share * (high - low)))
    for _ in range(300):
        further = setting.stepped(value, up=up)
        if further == value:
            break
        assert (further > value) is up
        value = setting.taken(further)
    assert value == (high if up else low)


NUMBERS = [key for key, s in SETTINGS.items() if s.on_page and s.kind in ("int", "float")]


@pytest.mark.parametrize("key", NUMBERS)
@given(share=st.floats(0, 1), up=st.booleans())
def test_a_touch_leads_to_another_number_that_may_be_set(key, share, up):
    setting = SETTINGS[key]
    low, high = setting.limits
    value = setting.taken(type(DEFAULTS[key])(low + share * (high - low)))
    new = setting.stepped(value, up=up)
    assert setting.taken(new) == new
    assert type(new) is type(DEFAULTS[key])
    assert new >= value if up else new <= value
    assert new != value or value == (high if up else low)


@pytest.mark.parametrize("key", NUMBERS)
def test_every_number_goes_up_to_its_limit_and_down_again_in_time(key):
    setting = SETTINGS[key]
    low, high = setting.limits
    for value, up, end in ((low, True, high), (high, False, low)):
        for _ in range(250):
            value = setting.stepped(value, up=up)
        assert value == end


def test_small_times_change_in_small_steps_and_large_ones_in_large():
    setting = SETTINGS["kiosk.idle_seconds"]
    assert [setting.stepped(v, up=True) for v in (0, 60, 100, 1000)] == [10, 70, 150, 1500]
    assert [setting.stepped(v, up=False) for v in (10, 100, 150, 3600)] == [0, 90, 100, 3500]


def test_a_panel_of_unknown_size_has_the_smallest_there_is_next():
    setting = SETTINGS["screen.inches"]
    assert setting.stepped(0, up=True) == setting.first
    assert setting.stepped(setting.first, up=False) == 0
