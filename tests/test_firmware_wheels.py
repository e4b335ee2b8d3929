"""Wheels for another machine: its processor and Python count, not those of this one."""

import pytest
from shelves import wheel

from device.errors import InklingError
from firmware_tools.wheels import Target, collect, metadata

PI = Target("3.11", "aarch64", 36)
NEWER_PI = Target("3.13", "aarch64", 41)


@pytest.fixture
def shelf(tmp_path):
    return tmp_path / "shelf"


@pytest.fixture
def collected(tmp_path, shelf):
    def names(target, requirements, constraints=(), provided=()):
        into = tmp_path / "into"
        collect(target, requirements, constraints, into, shelf, provided)
        return sorted(path.name.partition("-py")[0].partition("-cp")[0] for path in into.iterdir())

    return names


def test_markers_are_those_of_the_target(shelf, collected):
    wheel(shelf, "old")
    wheel(shelf, "new")
    either = ["old; python_version < '3.12'", "new; python_version >= '3.12'"]
    assert collected(NEWER_PI, either) == ["new-1.0"]


def test_so_are_those_of_what_a_wheel_requires(shelf, collected):
    requires = [
        "pins; platform_machine == 'aarch64'",
        "windows; sys_platform == 'win32'",
        "extra; extra == 'more'",
    ]
    wheel(shelf, "top", requires=requires)
    wheel(shelf, "pins", requires=["deep"])
    wheel(shelf, "deep")
    assert collected(PI, ["top"]) == ["deep-1.0", "pins-1.0", "top-1.0"]


def test_so_are_those_of_constraints(shelf, collected):
    for version in ("1.0", "2.0", "3.0"):
        wheel(shelf, "sums", version)
    limits = [
        "# tested",
        "",
        "sums==1.0; python_version < '3.12'",
        "sums==2.0; python_version >= '3.12'",
    ]
    assert collected(NEWER_PI, ["sums>=1"], limits) == ["sums-2.0"]


def test_everybody_who_asks_for_a_wheel_is_heard(shelf, collected):
    wheel(shelf, "sums", "1.0")
    wheel(shelf, "sums", "2.0")
    wheel(shelf, "reader", requires=["sums<2"])
    assert collected(PI, ["reader", "sums>=0.5"]) == ["reader-1.0", "sums-1.0"]


def test_wheels_for_another_processor_python_or_glibc_do_not_count(shelf, collected):
    for tag in (
        "cp311-cp311-manylinux2014_x86_64",
        "cp313-cp313-manylinux2014_aarch64",
        "cp311-cp311-manylinux_2_38_aarch64",
    ):
        wheel(shelf, "fast", "2.0", tag)
    with pytest.raises(InklingError, match=r"3\.11 on aarch64: .*fast"):
        collected(PI, ["fast"])
    wheel(shelf, "fast", "1.0", "cp311-cp311-manylinux_2_34_aarch64")
    wheel(shelf, "slow", "1.0", "cp36-abi3-manylinux2014_aarch64")
    assert collected(PI, ["fast", "slow"]) == ["fast-1.0", "slow-1.0"]


def test_what_the_machine_has_is_left_out(shelf, collected):
    wheel(shelf, "lights", requires=["Pin.Driver>=1"])
    assert collected(PI, ["lights", "pin-driver"], provided=["pin_driver"]) == ["lights-1.0"]


@pytest.mark.parametrize("limits", [[], ["nowhere==4.1"]])
def test_what_is_missing_is_named(shelf, collected, limits):
    wheel(shelf, "top", requires=["nowhere>=4"])
    with pytest.raises(InklingError, match="nowhere>=4"):
        collected(PI, ["top"], limits)


def test_a_wheel_says_what_it_is_itself_and_nothing_of_what_it_carries(shelf):
    assert metadata(wheel(shelf, "top", "1.5"))["Version"] == "1.5"


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), b"no zip at all"])
def test_what_is_no_wheel_is_said(tmp_path, content):
    path = tmp_path / "broken-1.0-py3-none-any.whl"
    path.write_bytes(content)
    with pytest.raises(InklingError, match="not a wheel"):
        metadata(path)
