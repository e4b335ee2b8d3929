"""What the kernel is told of a panel that it makes up; what it makes of that is the emulated Pi's
to show (tests/virtual_pi/story_8_touch.py)."""

import errno
import struct
from contextlib import closing

import pytest

from device.bench import panel

EVENT = struct.Struct("llHHi")


@pytest.fixture
def asked(monkeypatch):
    calls = []
    monkeypatch.setattr(
        panel.fcntl, "ioctl", lambda _, number, *value: calls.append((number, *value))
    )
    return calls


def events(said):
    return [EVENT.unpack_from(said, start)[2:] for start in range(0, len(said), EVENT.size)]


def test_a_finger_comes_moves_and_lifts(tmp_path, asked):
    node = tmp_path / "uinput"
    node.touch()
    with closing(panel.Panel(node)) as made:
        described = node.stat().st_size
        made.down(0.0, 0.5)
        made.move(1.0, 2.0)
        made.up()
        made.down(0.1, 0.1)
    said = events(node.read_bytes()[described:])
    sync = (0, 0, 0)
    assert said[:7] == [
        (3, 57, 1),
        (1, 330, 1),
        (3, 53, 0),
        (3, 54, 32768),
        (3, 0, 0),
        (3, 1, 32768),
        sync,
    ]
    assert said[7:12] == [(3, 53, 65535), (3, 54, 65535), (3, 0, 65535), (3, 1, 65535), sync]
    assert said[12:15] == [(3, 57, -1), (1, 330, 0), sync]
    assert said[15] == (3, 57, 2)  # another touch


def test_it_is_described_made_and_taken_away(tmp_path, asked):
    node = tmp_path / "uinput"
    node.touch()
    with closing(panel.Panel(node)):
        said = node.read_bytes()
        assert len(said) == 1116  # sizeof(struct uinput_user_dev)
        assert said.startswith(b"Inkling bench panel\0")
        assert asked[-1] == (0x5501,)
        axes = {value for number, value in asked[:-1] if number == 0x40045567}
        assert axes == {0, 1, 47, 53, 54, 57}
    assert asked[-1] == (0x5502,)


def test_without_the_kernels_help_there_is_none(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError):
        panel.Panel(tmp_path / "uinput")

    def refused(*_):
        raise OSError(errno.ENOTTY, "Inappropriate ioctl for device")

    (tmp_path / "uinput").touch()
    monkeypatch.setattr(panel.fcntl, "ioctl", refused)
    with pytest.raises(OSError, match="ioctl"):
        panel.Panel(tmp_path / "uinput")
