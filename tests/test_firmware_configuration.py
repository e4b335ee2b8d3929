"""The page on the configuration is made from the table of settings."""

from pathlib import Path

import pytest

from device.settings import SETTINGS
from firmware_tools import cli, configuration


def test_the_page_is_up_to_date() -> None:
    path = Path(__file__).parent.parent / configuration.PAGE
    assert path.read_text(encoding="utf-8") == configuration.page(), "run `make texts`"


def test_every_key_is_explained_with_its_default() -> None:
    page = configuration.page()
    explained = configuration.explanations()
    assert list(explained) == list(SETTINGS)
    for key, text in explained.items():
        assert len(text) > 20, key
        assert text in page
    assert "`rotation = 0`" in page
    assert '`pin = "2468"`' in page


def test_the_command_writes_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration, "PAGE", tmp_path / "docs" / "configuration.md")
    assert cli.main(["configuration"]) == 0
    assert (tmp_path / "docs" / "configuration.md").read_text() == configuration.page()
