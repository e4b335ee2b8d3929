"""An install can be taken back: whatever goes wrong, a whole release is in use.

The tests install into a folder, with programs of their own in the place of systemd's.
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
from firmware_tools import install, releases
from firmware_tools.cli import main
from firmware_tools.install import (
    CONFIG,
    EARLIER_UNITS,
    KIOSK,
    LINKS,
    SERVICES,
    STATE,
    UNITS,
    Installation,
)
from firmware_tools.releases import Releases

PYTHON = """\
#!/bin/sh
# What an install asks of Python: a virtual environment, and pip.
case "$*" in
"-m venv"*) for last; do :; done; mkdir -p "$last/bin" && cp "$0" "$last/bin/python" ;;
"-m pip"*) for last; do :; done; cp "$last/device/inkling" "$(dirname "$0")/inkling" ;;
*) exit 9 ;;
esac
"""

SYSTEMCTL = """\
#!/bin/sh
echo "systemctl $*" >>"{log}"
case "$1" in
is-active) grep -qx "$3" "{root}/active" ;;
is-enabled) grep -qx "$3" "{root}/enabled" ;;
restart)
    grep -qx "$(readlink "{root}/opt/inkling/current")" "{root}/hung" && exec sleep 60
    ! grep -qx "$(readlink "{root}/opt/inkling/current")" "{root}/refused"
    ;;
esac
"""

OTHER = """\
#!/bin/sh
echo "{name} $*" >>"{log}"
"""


class Machine:
    """A folder that stands for a machine, and the sources of one version after the other."""

    def __init__(self, folder):
        self.root = folder / "root"
        self.log = folder / "log"
        self.source = folder / "source"
        self.python = str(folder / "bin/python")
        for name in ("active", "enabled", "refused", "hung"):
            self.write(self.root / name, "")
        self.write(folder / "bin/python", PYTHON, 0o755)
        systemctl = SYSTEMCTL.format(log=self.log, root=self.root)
        self.write(folder / "bin/systemctl", systemctl, 0o755)
        for name in ("systemd-sysusers", "udevadm", "userdel"):
            self.write(folder / "bin" / name, OTHER.format(name=name, log=self.log), 0o755)
        self.path = f"{folder / 'bin'}:{os.environ['PATH']}"
        for name in (
            "pyproject.toml",
            "README.md",
            "LICENSE",
            "constraints.txt",
            "docs/install.md",
        ):
            self.write(self.source / name, "")
        for path in LINKS.values():
            if "systemd" in path.parts:
                self.write(self.source / path.relative_to("share/inkling"), "")
        for folder_ in ("models", "firmware_tools"):
            (self.source / folder_).mkdir()
        shipped = Path(install.__file__).parent.parent / "device/default.toml"
        self.write(self.source / "device/default.toml", shipped.read_text())
        self.version("1.0")

    @staticmethod
    def write(path, text, mode=0o644):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def version(self, number, self_test=0):
        """The sources become this version; its self-test ends with this status."""
        self.write(self.source / "device/__init__.py", f'__version__ = "{number}"\n')
        program = f'#!/bin/sh\n[ "$1" = --version ] && echo {number} && exit\nexit {self_test}\n'
        self.write(self.source / "device/inkling", program, 0o755)

    def installation(self, live=True, **options):
        return Installation(self.root, self.source, live=live, python=self.python, **options)

    def install(self, **options):
        self.installation(**options).install()

    def inside(self, link):
        """Where a name leads on the machine."""
        path = self.root
        for part in Path(link).parts:
            path /= part
            if path.is_symlink():
                to = path.readlink()
                path = self.inside(to.relative_to("/")) if to.is_absolute() else path.parent / to
        return path

    @property
    def runs(self):
        """What the command on this machine is: its version."""
        command = self.inside("usr/local/bin/inkling")
        if not command.exists():
            return None
        return subprocess.run([command, "--version"], capture_output=True, text=True).stdout.strip()

    @property
    def releases(self):
        return sorted(path.name for path in (self.root / "opt/inkling/releases").iterdir())

    def said(self):
        """The commands since the last time."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.write_text("")
        return lines


@pytest.fixture
def machine(tmp_path, monkeypatch):
    made = Machine(tmp_path)
    monkeypatch.setenv("PATH", made.path)
    # The interpreter of a developer may be in a home folder; the one used here is not.
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    # Here the power does not go.
    monkeypatch.setattr(os, "sync", lambda: None)
    monkeypatch.setattr(releases, "sync", lambda _: None)
    before = os.umask(0o022)
    yield made
    os.umask(before)


def test_a_first_install_is_whole(machine):
    machine.install()
    assert machine.runs == "1.0"
    assert machine.releases == ["1.0-1"]
    for name in LINKS:
        assert machine.inside(name).exists(), name
    said = machine.said()
    assert "systemctl enable inkling.service" in said
    assert "systemctl daemon-reload" in said
    assert any(line.startswith("systemd-sysusers ") for line in said)


def test_the_configuration_to_begin_from_has_every_key_and_sets_none(machine):
    machine.install()
    text = (machine.root / CONFIG).read_text()
    assert not any(tomllib.loads(text).values())
    assert load_config(None, None, machine.root / CONFIG) == load_config(None, None, Path("/none"))
    every = re.sub(r"^#(?=[a-z_]+ = )", "", text, flags=re.MULTILINE)
    shipped = tomllib.loads((machine.source / "device/default.toml").read_text())
    assert tomllib.loads(every) == shipped


def test_an_upgrade_keeps_configuration_data_and_what_is_enabled(machine):
    machine.install()
    machine.write(machine.root / CONFIG, "[lights]\naccept = 5\n")
    machine.write(machine.root / STATE / "samples.jsonl", "{}\n")
    machine.said()
    machine.version("1.1")
    machine.install()
    assert machine.runs == "1.1"
    assert (machine.root / CONFIG).read_text() == "[lights]\naccept = 5\n"
    assert (machine.root / STATE / "samples.jsonl").read_text() == "{}\n"
    assert not any(line.startswith("systemctl enable") for line in machine.said())


def test_the_last_release_is_kept_and_those_before_are_not(machine):
    for number in ("1.0", "1.1", "1.1", "1.2"):
        machine.version(number)
        machine.install()
    assert machine.releases == ["1.1-3", "1.2-4"]


def test_services_that_run_are_started_anew(machine):
    machine.install()
    machine.write(machine.root / "active", "inkling-headless.service\n")
    machine.said()
    machine.install()
    restarts = [line for line in machine.said() if line.startswith("systemctl restart")]
    assert restarts == ["systemctl restart inkling-headless.service"]


def test_an_upgrade_ends_out_of_order(machine):
    machine.install()
    machine.write(machine.root / "active", "inkling-out-of-order.service\n")
    machine.write(machine.root / "enabled", "inkling.service\n")
    machine.said()
    machine.install()
    said = machine.said()
    assert said.index("systemctl reset-failed inkling.service") < said.index(
        "systemctl restart inkling.service"
    )


def test_a_release_that_fails_its_self_test_is_not_used(machine, capsys):
    machine.install()
    machine.version("1.1", self_test=1)
    with pytest.raises(InklingError, match=r"inkling config.*failed"):
        machine.install()
    assert "1.0-1 is in use as before" in capsys.readouterr().err
    assert machine.runs == "1.0"
    assert machine.releases == ["1.0-1"]


def test_a_release_that_does_not_start_gives_way_to_the_old_one(machine):
    machine.install()
    machine.write(machine.root / "active", "inkling.service\n")
    machine.write(machine.root / "refused", "releases/1.1-2\n")
    machine.version("1.1")
    machine.said()
    with pytest.raises(InklingError, match=r"1\.1-2 does not start: back to 1\.0-1"):
        machine.install()
    assert machine.runs == "1.0"
    assert machine.said().count("systemctl restart inkling.service") == 2
    with pytest.raises(InklingError, match="no other release"):
        machine.installation().roll_back()


def test_a_start_without_end_gives_way_to_the_old_release(machine, monkeypatch, capsys):
    machine.install()
    machine.write(machine.root / "active", "inkling.service\n")
    machine.write(machine.root / "hung", "releases/1.1-2\n")
    monkeypatch.setattr(install, "RESTART_LIMIT", 0.5)
    machine.version("1.1")
    with pytest.raises(InklingError, match="back to 1"):
        machine.install()
    assert machine.runs == "1.0"
    assert "no end after" in capsys.readouterr().err


@pytest.fixture
def earlier(machine):
    """An install whose units are linked where they were before."""
    machine.install(live=False)
    links = [name for name in LINKS if name.is_relative_to(UNITS)]
    for name in links:
        link = machine.root / EARLIER_UNITS / name.relative_to(UNITS)
        link.parent.mkdir(parents=True, exist_ok=True)
        (machine.root / name).rename(link)
    return [machine.root / EARLIER_UNITS / name.relative_to(UNITS) for name in links]


@pytest.mark.parametrize("what", ["install", "roll_back", "remove"])
def test_links_where_they_were_before_are_removed(machine, earlier, what):
    if what == "roll_back":
        machine.version("1.1")
        machine.install()
        for link in earlier:
            link.parent.mkdir(parents=True, exist_ok=True)
            to = link.relative_to(machine.root / EARLIER_UNITS)
            (machine.root / UNITS / to).rename(link)
    getattr(machine.installation(), what)()
    assert not any(os.path.lexists(link) for link in earlier)
    for name in LINKS:
        assert machine.inside(name).exists() == (what != "remove"), name


def test_a_mask_of_the_keeper_stays(machine):
    mask = machine.root / EARLIER_UNITS / KIOSK
    mask.parent.mkdir(parents=True)
    mask.symlink_to("/dev/null")
    machine.install()
    assert mask.readlink() == Path("/dev/null")


@pytest.mark.parametrize("before", [True, False])
def test_what_is_disabled_can_be_enabled_again(machine, request, before):
    tool = shutil.which("systemctl", path=os.defpath)
    if tool is None:
        pytest.skip("systemctl is not installed")

    def systemctl(*words):
        command = [tool, f"--root={machine.root}", *words, KIOSK]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    unit = machine.source / "systemd" / KIOSK
    machine.write(unit, "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n")
    if before:
        request.getfixturevalue("earlier")
    else:
        machine.install(live=False)
    assert systemctl("enable").returncode == 0
    machine.install(live=False)
    assert systemctl("is-enabled").stdout == "enabled\n"
    for _ in range(2):
        assert systemctl("disable").returncode == 0
        assert machine.inside(UNITS / KIOSK).exists()
        assert systemctl("is-enabled").stdout != "enabled\n"
        assert systemctl("enable").returncode == 0
        assert systemctl("is-enabled").stdout == "enabled\n"


def test_how_open_the_sources_are_is_not_installed(machine):
    for path in machine.source.rglob("*"):
        path.chmod(0o777 if path.is_dir() or path.name == "inkling" else 0o666)
    machine.install()
    release = machine.inside("opt/inkling/current")
    for path in (release / "share").rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path
    assert (release / "share/inkling/systemd" / KIOSK).is_file()


STEPS = ["_build", "_configure", "_self_test", "_make_account", "_link", "seal", "switch"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_install_that_is_interrupted_leaves_a_whole_release(
    machine, monkeypatch, step, when, error
):
    machine.install()
    machine.version("1.1")

    owner = Installation if step.startswith("_") else Releases
    real = getattr(owner, step)

    def interrupted(self, *words):
        if when == "after":
            real(self, *words)
        raise error

    with monkeypatch.context() as patched, pytest.raises((KeyboardInterrupt, OSError)):
        patched.setattr(owner, step, interrupted)
        machine.install()
    assert machine.runs == ("1.1" if (step, when) == ("switch", "after") else "1.0")
    for name in LINKS:
        assert machine.inside(name).exists(), name
    machine.install()
    assert machine.runs == "1.1"


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


@pytest.mark.parametrize("step", ["_build", "_link", "seal", "switch"])
@pytest.mark.parametrize("first", [True, False])
def test_an_install_whose_power_goes_is_mended_by_the_next(machine, step, first):
    if not first:
        machine.install()
    machine.version("1.1")
    words = [str(machine.root), str(machine.source), machine.python, step]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    done = subprocess.run([sys.executable, "-c", KILLED, *words], env=environment, timeout=60)
    assert done.returncode == -signal.SIGKILL
    old = None if first else "1.0"
    assert machine.runs == ("1.1" if step == "switch" else old)
    machine.version("1.2")
    machine.install()
    assert machine.runs == "1.2"
    for name in machine.releases:
        assert (machine.root / "opt/inkling/releases" / name / ".whole").exists()
    assert "systemctl enable inkling.service" in machine.said()


def test_rolling_back_uses_the_last_release_and_rolling_back_again_the_new_one(machine):
    machine.install()
    machine.version("1.1")
    machine.install()
    machine.installation().roll_back()
    assert machine.runs == "1.0"
    machine.installation().roll_back()
    assert machine.runs == "1.1"


def test_without_another_release_there_is_nothing_to_go_back_to(machine):
    machine.install()
    with pytest.raises(InklingError, match="no other release"):
        machine.installation().roll_back()
    assert machine.runs == "1.0"


def test_uninstalling_removes_all_but_the_data_and_what_was_configured(machine, capsys):
    machine.install()
    machine.write(machine.root / CONFIG, "[lights]\naccept = 5\n")
    data = machine.root / STATE / "samples.jsonl"
    machine.write(data, "{}\n")
    override = machine.root / "etc/systemd/system/inkling.service.d/mine.conf"
    machine.write(override, "[Service]\n")
    machine.said()
    machine.installation().remove()
    kept = {path for path in machine.root.rglob("*") if path.is_symlink() or path.is_file()}
    toys = {machine.root / name for name in ("active", "enabled", "refused", "hung")}
    assert kept - toys == {machine.root / CONFIG, data, override}
    said = machine.said()
    for name in SERVICES:
        assert f"systemctl disable --now {name}" in said
    assert not any(line.startswith("userdel") for line in said)
    assert "kept: /var/lib/inkling" in capsys.readouterr().err


def test_uninstalling_what_was_never_used_leaves_nothing(machine):
    machine.install()
    (machine.root / STATE).mkdir(parents=True)
    machine.said()
    machine.installation().remove()
    assert not (machine.root / "etc/inkling").exists()
    assert not (machine.root / "opt/inkling").exists()
    assert not (machine.root / STATE).exists()
    assert "userdel inkling" in machine.said()


def test_uninstalling_twice_is_no_error_and_installing_again_works(machine):
    machine.install()
    for _ in range(2):
        machine.installation().remove()
    machine.install()
    assert machine.runs == "1.0"
    assert machine.said().count("systemctl enable inkling.service") == 2


def test_into_a_folder_nothing_is_asked_of_the_system_that_runs(machine):
    machine.install(live=False)
    machine.installation(live=False).remove()
    for line in machine.said():
        assert f"--root={machine.root}" in line or f"--root {machine.root}" in line


def test_two_do_not_install_at_once(machine):
    machine.install()
    with (
        machine.installation().releases.alone(),
        pytest.raises(InklingError, match="somebody else"),
    ):
        machine.install()
    machine.install()


def test_a_file_of_somebody_else_is_not_overwritten(machine):
    unit = machine.root / UNITS / "inkling.service"
    machine.write(unit, "mine")
    with pytest.raises(InklingError, match="is in the way"):
        machine.install()
    assert unit.read_text() == "mine"
    assert machine.runs is None


def test_what_is_missing_is_said(machine, tmp_path, monkeypatch):
    with pytest.raises(InklingError, match="no folder of packages"):
        machine.install(wheels=tmp_path / "nowhere")
    (machine.source / "README.md").unlink()
    with pytest.raises(InklingError, match=r"has no README\.md"):
        machine.install()
    monkeypatch.setenv("PATH", "/nowhere")
    machine.write(machine.source / "README.md", "")
    with pytest.raises(InklingError, match="need systemd"):
        machine.install()
    monkeypatch.setattr(sys, "base_prefix", "/home/ada/.pyenv/versions/3.11.7")
    with pytest.raises(InklingError, match="in a home folder"):
        machine.install()


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


def test_a_real_environment_is_made_and_filled_without_a_network(machine, tmp_path):
    machine.python = sys.executable
    machine.write(machine.source / "device/backend.py", BACKEND)
    machine.write(
        machine.source / "pyproject.toml",
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["device"]\n',
    )
    (tmp_path / "wheels").mkdir()
    machine.install(wheels=tmp_path / "wheels")
    assert machine.runs == "1.0"
    assert not any(machine.source.rglob("build")), "building leaves nothing in the sources"
