"""The Debian package: what is in it, and what it says of itself. Its wheels are stand-ins here;
test_package_installed.py has real ones.
"""

import gzip
import io
import os
import shutil
import subprocess
import tarfile
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from shelves import wheel

from device.errors import InklingError
from firmware_tools import package
from firmware_tools.cli import main
from firmware_tools.layout import (
    CONFIG,
    PACKAGE,
    PACKAGED,
    SHARE,
    SOURCE,
    SOURCES,
    first_configuration,
)
from firmware_tools.releases import copy

pytestmark = pytest.mark.skipif(
    shutil.which("dpkg-deb") is None, reason="dpkg-deb is not installed: no packages are built here"
)
WHEELS = ("ai_edge_litert", "colorzero", "gpiozero", "numpy", "pygame_ce", "tflite_runtime")
TARGETS = [("bookworm", arch) for arch in package.MACHINES] + [
    ("trixie", "amd64"),
    ("trixie", "arm64"),
]
TUESDAY = "1700000000"


def stand_ins(folder):
    """A wheel of each name at the version that constraints.txt has, for every machine."""
    lines = (SOURCE / "constraints.txt").read_text().splitlines()
    for line in lines:
        name, _, version = line.partition(";")[0].strip().partition("==")
        if name.replace("-", "_") in (*WHEELS, "lgpio"):
            requires = ["colorzero"] if name == "gpiozero" else []
            wheel(folder, name.replace("-", "_"), version, requires=requires)
    wheel(folder, "colorzero", "2.0", requires=["setuptools"])
    wheel(folder, "setuptools", "80.0")
    return folder


class Package:
    """A package that is built, and what dpkg-deb reads in it."""

    def __init__(self, path):
        self.path = path
        raw = subprocess.run(["dpkg-deb", "--fsys-tarfile", path], capture_output=True, check=True)
        with tarfile.open(fileobj=io.BytesIO(raw.stdout)) as files:
            self.members = {Path(member.name): member for member in files.getmembers()}
            self.content = {
                Path(member.name): files.extractfile(member).read()
                for member in files.getmembers()
                if member.isfile()
            }

    def field(self, name):
        command = ["dpkg-deb", "--field", self.path, name]
        done = subprocess.run(command, capture_output=True, check=True, text=True)
        return done.stdout.strip()

    def control(self, folder):
        subprocess.run(["dpkg-deb", "--control", self.path, folder], check=True)
        return folder

    @property
    def wheels(self):
        return sorted(p.name for p in self.members if p.parent == PACKAGE / "wheels")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    return stand_ins(tmp_path_factory.mktemp("shelf"))


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """A copy: nobody works on it meanwhile."""
    folder = tmp_path_factory.mktemp("sources")
    for name in (*package.BUILT_FROM, "docs"):
        copy(SOURCE / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory, sources, shelf):
    """Builds for a target, with stand-ins for wheels; each once."""
    made = {}

    def build(debian="bookworm", arch="arm64"):
        if (debian, arch) not in made:
            out = tmp_path_factory.mktemp("out")
            with pytest.MonkeyPatch.context() as patched:
                patched.setenv("SOURCE_DATE_EPOCH", TUESDAY)
                path = package.build(sources, out, debian, arch, shelf)
            made[debian, arch] = Package(path)
        return made[debian, arch]

    return build


@pytest.mark.parametrize(("debian", "arch"), TARGETS)
def test_a_package_is_for_one_debian_and_one_processor(built, debian, arch):
    made = built(debian, arch)
    number, python, newer = {"bookworm": (12, 11, 12), "trixie": (13, 13, 14)}[debian]
    assert made.path.name == f"inkling_{made.field('Version')}_{arch}.deb"
    assert made.field("Version").endswith(f"+deb{number}")
    assert made.field("Architecture") == arch
    depends = made.field("Depends").split(", ")
    assert {f"python3 (>= 3.{python}~)", f"python3 (<< 3.{newer}~)", "python3-venv"} <= set(depends)
    runtime = "tflite_runtime" if debian == "bookworm" else "ai_edge_litert"
    assert sum(name.startswith(("tflite", "ai_edge")) for name in made.wheels) == 1
    assert any(name.startswith(runtime) for name in made.wheels)


@pytest.mark.parametrize(("debian", "arch"), TARGETS)
def test_the_pins_are_driven_by_a_wheel_or_by_debians_own(built, debian, arch):
    made = built(debian, arch)
    carried = any(name.startswith("lgpio") for name in made.wheels)
    depended = "python3-lgpio" in made.field("Depends")
    assert carried + depended == (arch != "amd64")
    assert depended == (debian == "trixie" and arch != "amd64")


def test_the_package_of_the_next_debian_and_the_next_version_are_newer(built, tmp_path):
    def version(text, debian):
        (tmp_path / "device").mkdir(exist_ok=True)
        (tmp_path / "device/__init__.py").write_text(f'__version__ = "{text}"\n')
        return package._version(tmp_path, package.DEBIANS[debian])

    rising = [version("1.0rc1", "trixie"), version("1.0", "bookworm"), version("1.0", "trixie")]
    rising += [version("1.0.1", "bookworm"), version("1.10", "bookworm")]
    for older, newer in pairwise(rising):
        command = ["dpkg", "--compare-versions", older, "lt", newer]
        assert subprocess.run(command, check=False).returncode == 0, (older, newer)


def test_everything_belongs_to_root_and_is_closed_to_others(built):
    for path, member in built().members.items():
        assert (member.uid, member.gid) == (0, 0), path
        if not member.issym():
            assert member.mode == (0o755 if member.isdir() else 0o644), path


def test_an_install_finds_everything_in_it(built):
    there = built().members
    for name in (*SOURCES, "constraints.txt", "systemd", "docs/install.md", "wheels"):
        assert PACKAGE / name in there
    assert not any("__pycache__" in path.parts or path.suffix == ".pyc" for path in there)


def test_units_rules_and_command_are_where_debian_has_them(built, sources):
    made = built()
    for name, path in PACKAGED.items():
        if path.is_relative_to(SHARE):
            assert made.content[name] == (sources / path.relative_to(SHARE)).read_bytes()
        else:
            assert made.members[name].linkname == f"/opt/inkling/current/{path}"
    tops = {path.parts[:2] for path in made.content}
    assert tops == {("etc", "inkling"), ("usr", "lib"), ("usr", "share")}


def test_the_configuration_is_the_keepers(built, sources, tmp_path):
    made = built()
    assert made.content[CONFIG].decode() == first_configuration(sources)
    assert not any(tomllib.loads(made.content[CONFIG].decode()).values())
    assert (made.control(tmp_path / "control") / "conffiles").read_text() == f"/{CONFIG}\n"


def test_dpkg_can_verify_every_file(built, tmp_path):
    made = built()
    lines = (made.control(tmp_path / "control") / "md5sums").read_text().splitlines()
    assert {Path(line.split("  ", 1)[1]) for line in lines} == set(made.content)
    subprocess.run(["dpkg-deb", "--extract", made.path, tmp_path / "files"], check=True)
    command = ["md5sum", "--check", "--quiet", tmp_path / "control/md5sums"]
    subprocess.run(command, cwd=tmp_path / "files", check=True)


def test_whose_the_wheels_are_is_said(built):
    made = built()
    text = made.content[Path("usr/share/doc/inkling/copyright")].decode()
    for name in ("numpy", "pygame_ce", "setuptools"):
        assert name in text
    assert "/usr/share/common-licenses/Apache-2.0" in text


def test_the_changelog_is_of_this_version_and_dated(built, monkeypatch):
    made = built()
    text = gzip.decompress(made.content[Path("usr/share/doc/inkling/changelog.gz")]).decode()
    assert text.startswith(f"inkling ({made.field('Version')}) bookworm; ")
    assert text.endswith("  Tue, 14 Nov 2023 22:13:20 +0000\n")


def test_building_again_gives_the_same_package(built, sources, shelf, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", TUESDAY)
    again = package.build(sources, tmp_path, "bookworm", "arm64", shelf)
    assert again.read_bytes() == built().path.read_bytes()


def test_without_a_date_it_is_that_of_the_newest_source(tmp_path, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    for name in package.BUILT_FROM:
        (tmp_path / name).write_text("")
        os.utime(tmp_path / name, (1000, 1000))
    os.utime(tmp_path / "README.md", (5000, 5000))
    assert package._epoch(tmp_path) == 5000


@pytest.mark.parametrize("name", package.SCRIPTS)
@pytest.mark.parametrize("tool", [["sh", "-n"], ["shellcheck"]])
def test_the_scripts_are_sound(built, tmp_path, name, tool):
    if shutil.which(tool[0]) is None:
        pytest.skip(f"{tool[0]} is not installed")
    script = built().control(tmp_path / "control") / name
    assert script.stat().st_mode & 0o777 == 0o755
    done = subprocess.run([*tool, script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("debian", "arch"), [("bookworm", "arm64"), ("trixie", "amd64")])
def test_lintian_has_nothing_to_say_but_what_is_explained(built, debian, arch):
    if shutil.which("lintian") is None:
        pytest.skip("lintian is not installed: the package is not checked here")
    command = ["lintian", "--allow-root", "--fail-on", "error,warning", built(debian, arch).path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_every_exception_from_lintians_rules_has_its_reason():
    lines = (package.TEMPLATES / "overrides").read_text().splitlines()
    assert lines[0].startswith("# ")
    assert all(line.startswith(("# ", "inkling: ")) for line in lines)


def test_what_cannot_be_built_is_said(tmp_path, monkeypatch, capsys):
    words = ["package", "--out", str(tmp_path / "out"), "--wheels"]
    assert main([*words, str(tmp_path / "nowhere")]) == 1
    assert "no folder of packages" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert main([*words, str(tmp_path / "empty"), "--arch", "armhf"]) == 1
    assert "Python 3.11 on armv7l: " in capsys.readouterr().err
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    assert main([*words, str(tmp_path / "empty")]) == 1
    assert "SOURCE_DATE_EPOCH" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_without_dpkg_deb_it_is_said(sources, shelf, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(InklingError, match="dpkg-deb is not there"):
        package.build(sources, tmp_path, "bookworm", "arm64", shelf)
