"""The two commands on a machine that lacks something."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

WITHOUT_PIP = """#!/bin/sh
if [ "$2" = venv ]; then
    {python} -m venv --without-pip "$3"
    echo "ensurepip is not available: apt install python3-venv" >&2
    exit 1
fi
exec {python} "$@"
"""
"""A Python as Debian has it without its package python3-venv."""


def test_an_environment_that_was_half_made_is_not_taken_for_a_whole_one(tmp_path):
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    python = tmp_path / "python"
    python.write_text(WITHOUT_PIP.format(python=sys.executable))
    python.chmod(0o755)
    done = subprocess.run(
        ["make", "run", f"PYTHON={python}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "apt install python3-venv" in done.stderr
    assert list(tmp_path.glob(".venv/*")) == []
