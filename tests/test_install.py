"""An install can be taken back: whatever goes wrong, a whole release is in use.

The tests install into a folder, see boards.py.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from device.config import load_config
from device.errors import InklingError
from firmware_tools import install
from firmware_tools.cli import main
from firmware_tools.install import Installation
from firmware_tools.layout import CONFIG, EARLIER_UNITS, KIOSK, NAMES, STATE, UNITS
from firmware_tools.releases import Releases


def test_a_first_install_is_whole(board):
    board.install()
    assert board.runs == "1.0"
    assert board.releases == ["1.0-1"]
    for name in NAMES:
        assert board.inside(name).exists(), name
    said = board.said()
    assert "systemctl enable inkling.service" in said
    assert "systemctl daemon-reload" in said
    assert any(line.startswith("systemd-sysusers ") for line in said)


def test_the_configuration_to_begin_from_has_every_key_and_sets_none(board):
    board.install()
    text = (board.root / CONFIG).read_text()
    assert not any(tomllib.loads(text).values())
    assert load_config(None, None, board.root / CONFIG) == load_config(None, None, Path("/none"))
    every = re.sub(r"^#(?=[a-z_]+ = )", "", text, flags=re.MULTILINE)
    shipped = tomllib.loads((board.source / "device/default.toml").read_text())
    assert tomllib.loads(every) == shipped


def test_an_upgrade_keeps_configuration_data_and_what_is_enabled(board):
    board.install()
    board.write(board.root / CONFIG, "[lights]\naccept = 5\n")
    board.write(board.root / STATE / "samples.jsonl", "{}\n")
    board.said()
    board.version("1.1")
    board.install()
    assert board.runs == "1.1"
    assert (board.root / CONFIG).read_text() == "[lights]\naccept = 5\n"
    assert (board.root / STATE / "samples.jsonl").read_text() == "{}\n"
    assert not any(line.startswith("systemctl enable") for line in board.said())


def test_the_last_release_is_kept_and_those_before_are_not(board):
    for number in ("1.0", "1.1", "1.1", "1.2"):
        board.version(number)
        board.install()
    assert board.releases == ["1.1-3", "1.2-4"]


def test_services_that_run_are_started_anew(board):
    board.install()
    board.write(board.root / "active", "inkling-headless.service\n")
    board.said()
    board.install()
    restarts = [line for line in board.said() if line.startswith("systemctl restart")]
    assert restarts == ["systemctl restart inkling-headless.service"]


def test_an_upgrade_ends_out_of_order(board):
    board.install()
    board.write(board.root / "active", "inkling-out-of-order.service\n")
    board.write(board.root / "enabled", "inkling.service\n")
    board.said()
    board.install()
    said = board.said()
    assert said.index("systemctl reset-failed inkling.service") < said.index(
        "systemctl restart inkling.service"
    )


def test_a_release_that_fails_its_self_test_is_not_used(board, capsys):
    board.install()
    board.version("1.1", self_test=1)
    with pytest.raises(InklingError, match=r"inkling config.*failed"):
        board.install()
    assert "1.0-1 is in use as before" in capsys.readouterr().err
    assert board.runs == "1.0"
    assert board.releases == ["1.0-1"]


def test_a_release_that_does_not_start_gives_way_to_the_old_one(board):
    board.install()
    board.write(board.root / "active", "inkling.service\n")
    board.write(board.root / "refused", "releases/1.1-2\n")
    board.version("1.1")
    board.said()
    with pytest.raises(InklingError, match=r"1\.1-2 does not start: back to 1\.0-1"):
        board.install()
    assert board.runs == "1.0"
    assert board.said().count("systemctl restart inkling.service") == 2
    with pytest.raises(InklingError, match="no other release"):
        board.installation().roll_back()


def test_a_start_without_end_gives_way_to_the_old_release(board, monkeypatch, capsys):
    board.install()
    board.write(board.root / "active", "inkling.service\n")
    board.write(board.root / "hung", "releases/1.1-2\n")
    monkeypatch.setattr(install, "RESTART_LIMIT", 0.5)
    board.version("1.1")
    with pytest.raises(InklingError, match="back to 1"):
        board.install()
    assert board.runs == "1.0"
    assert "no end after" in capsys.readouterr().err


def link_as_before(board, to):
    """Link the units where they were before, to what is in use or to one release."""
    links = []
    for name, path in NAMES.items():
        if name.is_relative_to(UNITS):
            (board.root / name).unlink()
            links.append(board.root / EARLIER_UNITS / name.relative_to(UNITS))
            links[-1].parent.mkdir(parents=True, exist_ok=True)
            links[-1].symlink_to(f"/opt/inkling/{to}/{path}")
    return links


@pytest.mark.parametrize("to", ["current", "releases/1.0-1"])
@pytest.mark.parametrize("what", ["install", "roll_back", "remove"])
def test_links_where_they_were_before_are_removed(board, what, to):
    board.install()
    if what == "roll_back":
        board.version("1.1")
        board.install()
    links = link_as_before(board, to)
    getattr(board.installation(), what)()
    assert not any(os.path.lexists(link) for link in links)
    for name in NAMES:
        assert board.inside(name).exists() == (what != "remove"), name


def test_a_unit_of_the_keeper_stays(board):
    board.install()
    own = board.root / EARLIER_UNITS / KIOSK
    own.parent.mkdir(parents=True)
    shutil.copy(board.root / UNITS / KIOSK, own)
    board.install()
    board.installation().remove()
    assert own.is_file()


def test_a_mask_of_the_keeper_stays(board):
    mask = board.root / EARLIER_UNITS / KIOSK
    mask.parent.mkdir(parents=True)
    mask.symlink_to("/dev/null")
    board.install()
    assert mask.readlink() == Path("/dev/null")


@pytest.mark.parametrize("before", [True, False])
def test_what_is_enabled_stays_so_and_what_is_disabled_can_be_enabled_again(board, before):
    tool = shutil.which("systemctl", path=os.defpath)
    if tool is None:
        pytest.skip("systemctl is not installed")

    def systemctl(*words):
        command = [tool, f"--root={board.root}", *words, KIOSK]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    board.install(live=False)
    if before:
        link_as_before(board, "releases/1.0-1")
    assert systemctl("enable").returncode == 0
    for _ in range(2):
        # The second removes the release in which it was enabled.
        board.install(live=False)
        assert systemctl("is-enabled").stdout == "enabled\n"
    for link in (board.root / EARLIER_UNITS).rglob("*"):
        assert link.is_dir() or str(link.readlink()) == f"/{UNITS / link.name}"
    for _ in range(2):
        assert systemctl("disable").returncode == 0
        assert board.inside(UNITS / KIOSK).exists()
        assert systemctl("is-enabled").stdout != "enabled\n"
        assert systemctl("enable").returncode == 0
        assert systemctl("is-enabled").stdout == "enabled\n"


def test_the_units_are_those_of_the_release_in_use(board):
    def description():
        return (board.root / UNITS / KIOSK).read_text().partition("Description=")[2][:3]

    board.install()
    unit = board.source / "systemd" / KIOSK
    unit.write_text(unit.read_text().replace("Description=", "Description=New "))
    board.version("1.1")
    board.install()
    assert description() == "New"
    board.write(board.root / "active", "inkling.service\n")
    board.installation().roll_back()
    assert description() == "Ink"
    board.write(board.root / "refused", "releases/1.1-3\n")
    with pytest.raises(InklingError, match="back to 1"):
        board.install()
    assert description() == "Ink"


def test_how_open_the_sources_are_is_not_installed(board):
    for path in board.source.rglob("*"):
        path.chmod(0o777 if path.is_dir() or path.name == "inkling" else 0o666)
    board.install()
    release = board.inside("opt/inkling/current")
    for path in (release / "share").rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path
    assert (release / "share/inkling/systemd" / KIOSK).is_file()


STEPS = ["_build", "_configure", "_self_test", "_make_account", "_name", "seal", "switch"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_install_that_is_interrupted_leaves_a_whole_release(
    board, monkeypatch, step, when, error
):
    board.install()
    board.version("1.1")

    owner = Installation if step.startswith("_") else Releases
    real = getattr(owner, step)

    def interrupted(self, *words):
        if when == "after":
            real(self, *words)
        raise error

    with monkeypatch.context() as patched, pytest.raises((KeyboardInterrupt, OSError)):
        patched.setattr(owner, step, interrupted)
        board.install()
    assert board.runs == ("1.1" if (step, when) == ("switch", "after") else "1.0")
    for name in NAMES:
        assert board.inside(name).exists(), name
    board.install()
    assert board.runs == "1.1"


KILLED = """
import os, signal, sys
from pathlib import Path
from firmware_tools import releases
from firmware_tools.install import Installation
from firmware_tools.releases import Releases
root, source, python, step = sys.argv[1:]
owner = Installation if step.startswith("_") else Releases
real = getattr(owner, step)
def killed(self, *words):
    real(self, *words)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(owner, step, killed)
sys.base_prefix = "/usr"
os.sync = lambda: None
releases.sync = lambda _: None
Installation(Path(root), Path(source), python=python).install()
"""


@pytest.mark.parametrize("step", ["_build", "_name", "seal", "switch"])
@pytest.mark.parametrize("first", [True, False])
def test_an_install_whose_power_goes_is_mended_by_the_next(board, step, first):
    if not first:
        board.install()
    board.version("1.1")
    words = [str(board.root), str(board.source), board.python, step]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    done = subprocess.run([sys.executable, "-c", KILLED, *words], env=environment, timeout=60)
    assert done.returncode == -signal.SIGKILL
    old = None if first else "1.0"
    assert board.runs == ("1.1" if step == "switch" else old)
    board.version("1.2")
    board.install()
    assert board.runs == "1.2"
    for name in board.releases:
        assert (board.root / "opt/inkling/releases" / name / ".whole").exists()
    assert "systemctl enable inkling.service" in board.said()


def test_rolling_back_uses_the_last_release_and_rolling_back_again_the_new_one(board):
    board.install()
    board.version("1.1")
    board.install()
    board.installation().roll_back()
    assert board.runs == "1.0"
    board.installation().roll_back()
    assert board.runs == "1.1"


def test_without_another_release_there_is_nothing_to_go_back_to(board):
    board.install()
    with pytest.raises(InklingError, match="no other release"):
        board.installation().roll_back()
    assert board.runs == "1.0"


def test_into_a_folder_nothing_is_asked_of_the_system_that_runs(board):
    board.install(live=False)
    board.installation(live=False).remove()
    for line in board.said():
        assert f"--root={board.root}" in line or f"--root {board.root}" in line


def test_two_do_not_install_at_once(board):
    board.install()
    with (
        board.installation().releases.alone(),
        pytest.raises(InklingError, match="somebody else"),
    ):
        board.install()
    board.install()


def test_a_file_of_somebody_else_is_not_overwritten(board):
    unit = board.root / UNITS / "inkling.service"
    board.write(unit, "mine")
    with pytest.raises(InklingError, match="is in the way"):
        board.install()
    assert unit.read_text() == "mine"
    assert board.runs is None


def test_what_is_missing_is_said(board, tmp_path, monkeypatch):
    with pytest.raises(InklingError, match="no folder of packages"):
        board.install(wheels=tmp_path / "nowhere")
    (board.source / "README.md").unlink()
    with pytest.raises(InklingError, match=r"has no README\.md"):
        board.install()
    monkeypatch.setenv("PATH", "/nowhere")
    board.write(board.source / "README.md", "")
    with pytest.raises(InklingError, match="need systemd"):
        board.install()
    monkeypatch.setattr(sys, "base_prefix", "/home/ada/.pyenv/versions/3.11.7")
    with pytest.raises(InklingError, match="in a home folder"):
        board.install()


@pytest.mark.parametrize("words", [[], ["--rollback"], ["--remove"]])
def test_the_system_is_changed_by_root_alone(words, monkeypatch, capsys):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert main(["install", *words]) == 1
    assert "run it with sudo" in capsys.readouterr().err


BACKEND = """
import zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "inkling-1.0-py3-none-any.whl"
    info = "inkling-1.0.dist-info/"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("tiny.py", "import sys\\ndef main():\\n    print('1.0')\\n")
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: inkling\\nVersion: 1.0\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr(info + "entry_points.txt", "[console_scripts]\\ninkling = tiny:main\\n")
        wheel.writestr(info + "RECORD", "")
    return name
"""


def test_a_real_environment_is_made_and_filled_without_a_network(board, tmp_path):
    board.python = sys.executable
    board.write(board.source / "device/backend.py", BACKEND)
    board.write(
        board.source / "pyproject.toml",
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["device"]\n',
    )
    (tmp_path / "wheels").mkdir()
    board.install(wheels=tmp_path / "wheels")
    assert board.runs == "1.0"
    assert not any(board.source.rglob("build")), "building leaves nothing in the sources"
