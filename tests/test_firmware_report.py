"""The report says what was measured, of the files that are shipped, and what made each figure."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from device.library import Library
from firmware_tools import cards, quickset, report, speed, tables
from firmware_tools.cli import main


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A work folder with the evaluation of two shipped models on the tiny set."""
    folder = tmp_path_factory.mktemp("work")
    data = quickset.write(folder / "data", each=7)
    names = Library().digit_models[:2]
    words = ["--data", str(data), "--work", str(folder), "--limit", "10", "--drawings", "3"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(speed, "TURNS", 3)
        assert main(["evaluate", *names, *words]) == 0
    return folder


def _report(work: Path, docs: Path, *words: str) -> str:
    assert main(["report", "--work", str(work), "--docs", str(docs), *words]) == 0
    return (docs / "models.md").read_text()


def test_the_page_compares_the_models_that_were_measured(work: Path, tmp_path: Path) -> None:
    page = _report(work, tmp_path, "--no-plots")
    for name in Library().digit_models[:2]:
        assert f"[{name}](models/{name}.md)" in page
    for heading in ("All at a glance", "Accuracy", "The gate", "Calibration", "Robustness"):
        assert f"## {heading}" in page
    assert "threshold 0.5" in page
    assert "{" not in page
    assert "No more than 10 drawings" in page
    assert "nan" not in page
    assert "None" not in page


def test_every_table_and_plot_is_followed_by_the_command_that_made_it(
    work: Path, tmp_path: Path
) -> None:
    page = _report(work, tmp_path, "--no-plots")
    for section in page.split("\n## ")[1:]:
        if re.search(r"^(\||!\[)", section, re.MULTILINE):
            assert "*Made by `python -m firmware_tools " in section


def test_every_row_of_a_table_has_as_many_cells_as_its_head(work: Path, tmp_path: Path) -> None:
    _report(work, tmp_path, "--no-plots")
    for path in (tmp_path / "models.md", *(tmp_path / "models").glob("*.md")):
        for block in path.read_text().split("\n\n"):
            lines = [line for line in block.splitlines() if line.startswith("|")]
            assert len({line.count("|") for line in lines}) <= 1, f"{path}: {block}"


def test_a_card_names_the_data_and_their_licences(work: Path, tmp_path: Path) -> None:
    _report(work, tmp_path, "--no-plots")
    library = Library()
    for name in library.names:
        text = (tmp_path / "models" / f"{name}.md").read_text()
        assert library.entry(name).sha256 in text
        assert "## Intended use" in text
        assert "licence as stated there" in text
    text = (tmp_path / "models" / "inkling.md").read_text()
    assert "CC BY 4.0 (Zenodo record); the CD-ROM's older notice: research use" in text
    assert "Turned by 30° it reads" in text


def test_a_gate_alone_is_described_by_what_it_does_for_others(work: Path) -> None:
    evaluation = json.loads((work / "evaluation.json").read_text())
    library = Library()
    reader, entry = library.digit_models[1], library.entry("inkling")
    alone = tuple(output for output in entry.outputs if output.role == "gate")
    library._entries["watch"] = replace(entry, name="watch", gate="watch", outputs=alone)
    library._entries[reader] = replace(library.entry(reader), gate="watch")
    text = cards.card(library, "watch", evaluation)
    assert f"As the gate of `{reader}`" in text
    assert "| Answers | gate |" in text
    assert "| Doodles |" in text


def test_figures_of_another_file_are_left_out(
    work: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluation = json.loads((work / "evaluation.json").read_text())
    first, second = Library().digit_models[:2]
    evaluation["models"][second]["sha256"] = "0" * 64
    (tmp_path / "evaluation.json").write_text(json.dumps(evaluation))
    page = _report(tmp_path, tmp_path / "docs", "--no-plots")
    assert f"{second}: no figures of the file that is shipped" in capsys.readouterr().err
    assert f"| [{first}]" in page
    assert f"| [{second}]" not in page


@pytest.mark.parametrize(
    "text", ["", "[]", '{"format": 1}', '{"format": 1, "models": {}}', '{"format": 1, "models": 3}']
)
def test_without_a_whole_evaluation_nothing_is_written(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "evaluation.json").write_text(text)
    docs = tmp_path / "docs"
    assert main(["report", "--work", str(tmp_path), "--docs", str(docs), "--no-plots"]) == 1
    assert "python -m firmware_tools evaluate" in capsys.readouterr().err
    assert not docs.exists()


def test_the_size_curve_is_shown_where_somebody_measured_one(work: Path, tmp_path: Path) -> None:
    assert "Choosing the size" not in _report(work, tmp_path, "--no-plots")
    point = {"name": "half", "widths": [8, 16], "parameters": 30_000, "bytes": 40_000}
    shares = {"macs": 1, "microseconds": 21.5, "pendigits": 98.1, "niemenjoki": 98.2}
    curve = {"points": [{**point, **shares, "hwd1000": 99.3, "mnist": 99.4}]}
    (work / "curve.json").write_text(json.dumps(curve))
    try:
        assert "| half | 30,000 | 40,000 | 21.5 |" in _report(work, tmp_path, "--no-plots")
        (work / "curve.json").write_text('{"points": [{}]}')
        assert main(["report", "--work", str(work), "--docs", str(tmp_path), "--no-plots"]) == 1
    finally:
        (work / "curve.json").unlink()


def test_plots_are_the_same_for_the_same_figures(work: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for name in ("one", "other"):
        _report(work, tmp_path / name)
    made = sorted((tmp_path / "one" / "models").glob("*.svg"))
    assert [path.stem for path in made] == ["confusion", "reliability", "robustness"]
    for path in made:
        assert path.read_bytes() == (tmp_path / "other" / "models" / path.name).read_bytes()
        assert path.stat().st_size < 60_000


def test_a_missing_matplotlib_is_one_line_that_helps(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    assert main(["report", "--work", str(work), "--docs", str(tmp_path)]) == 1
    assert "--no-plots" in capsys.readouterr().err


def test_the_most_frequent_mistakes_come_first() -> None:
    matrix = [[0] * 10 for _ in range(10)]
    matrix[1][7], matrix[4][9], matrix[3][3] = 12, 3, 500
    assert cards.mistakes(matrix) == ["1 as 7 (12)", "4 as 9 (3)"]


def test_shares_are_shown_as_percent_with_their_interval() -> None:
    assert tables.with_interval(0.98765, (0.98, 0.99)) == "98.77 (98.00–99.00)"
    assert tables.with_interval(None, None) == tables.NONE
    assert tables.table(["a", "b"], [["x|y", "1"]]).splitlines()[-1] == "| x\\|y | 1 |"


def test_a_quick_report_keeps_away_from_the_real_pages(work: Path, tmp_path: Path) -> None:
    (tmp_path / "evaluation.json").write_bytes((work / "evaluation.json").read_bytes())
    assert main(["report", "--quick", "--work", str(tmp_path), "--no-plots"]) == 0
    assert (tmp_path / "docs" / "models.md").is_file()


def test_the_page_is_under_docs_unless_told_otherwise() -> None:
    assert Path("docs") == report.DOCS
