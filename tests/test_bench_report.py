"""The report of a benchmark: each machine's tables stand between marks, all else stays."""

import pytest

from device.bench import report
from device.bench.measure import Row
from device.errors import InklingError

ROWS = {
    "screen": [
        Row("ink", "small", "ms", (1.0, 3.0)),
        Row("turn", "small", "ms", (2.0,)),
        Row("ink", "large", "ms", (4.0, 4.0)),
        Row("turn", "large", "ms", (5.0,)),
        Row("memory", "kiosk", "MB", (61.54,)),
    ]
}
MACHINE = {"machine": "A board", "python": "Python 3.11"}


def test_what_goes_down_and_where_goes_across():
    tables = list(report.tables(ROWS["screen"]))
    assert tables == [
        "| median / 99 % | small | large |\n| --- | --- | --- |\n"
        "| ink | 2.00 / 2.98 ms | 4.00 ms |\n| turn | 2.00 ms | 5.00 ms |",
        "| median / 99 % | kiosk |\n| --- | --- |\n| memory | 61.5 MB |",
    ]


def test_three_digits_count():
    shown = [report.figure(value) for value in (0, 0.01234, 0.5, 1.234, 12.34, 123.4, 12345.6)]
    assert shown == ["0", "0.0123", "0.5", "1.23", "12.3", "123", "12,346"]


def test_a_machine_has_its_tables_replaced_and_the_prose_stays(tmp_path):
    path = tmp_path / "performance.md"
    path.write_text("# What things cost\n\nProse.\n")
    report.write(path, "one", MACHINE, ROWS)
    report.write(path, "two", MACHINE, ROWS)
    path.write_text(path.read_text() + "\nMore prose.\n")
    report.write(path, "one", MACHINE, {"screen": [Row("ink", "small", "ms", (7.0,))]})
    text = path.read_text()
    assert text.startswith("# What things cost\n\nProse.\n")
    assert text.endswith("More prose.\n")
    assert text.index("### one") < text.index("### two")
    first, second = text.split("### two")
    assert "7.00 ms" in first and "| turn |" not in first
    assert "| turn |" in second
    assert "A board, Python 3.11." in first


def test_the_same_figures_give_the_same_file(tmp_path):
    path = tmp_path / "performance.md"
    report.write(path, "one", MACHINE, ROWS)
    before = path.read_bytes()
    report.write(path, "one", MACHINE, ROWS)
    assert path.read_bytes() == before


def test_a_name_cannot_end_the_comment_that_it_stands_in(tmp_path):
    path = tmp_path / "performance.md"
    for _ in range(2):
        report.write(path, "a --> b\nc", MACHINE, ROWS)
    assert path.read_text().count("### a -> b c") == 1


def test_a_file_that_is_no_text_is_left_alone(tmp_path):
    path = tmp_path / "performance.md"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InklingError, match="cannot be read"):
        report.check(path)
    assert path.read_bytes() == b"\xff\xfe\x00"
