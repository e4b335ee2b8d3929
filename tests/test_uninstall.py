"""What is removed, and what is people's own and stays."""

from firmware_tools.layout import CONFIG, SERVICES, STATE


def test_uninstalling_removes_all_but_the_data_and_what_was_configured(board, capsys):
    board.install()
    board.write(board.root / CONFIG, "[lights]\naccept = 5\n")
    data = board.root / STATE / "samples.jsonl"
    board.write(data, "{}\n")
    override = board.root / "etc/systemd/system/inkling.service.d/mine.conf"
    board.write(override, "[Service]\n")
    board.said()
    board.installation().remove()
    kept = {path for path in board.root.rglob("*") if path.is_symlink() or path.is_file()}
    toys = {board.root / name for name in ("active", "enabled", "refused", "hung")}
    assert kept - toys == {board.root / CONFIG, data, override}
    said = board.said()
    for name in SERVICES:
        assert f"systemctl disable --now {name}" in said
    assert not any(line.startswith("userdel") for line in said)
    assert "kept: /var/lib/inkling" in capsys.readouterr().err


def test_uninstalling_what_was_never_used_leaves_nothing(board):
    board.install()
    (board.root / STATE).mkdir(parents=True)
    board.said()
    board.installation().remove()
    assert not (board.root / "etc/inkling").exists()
    assert not (board.root / "opt/inkling").exists()
    assert not (board.root / STATE).exists()
    assert "userdel inkling" in board.said()


def test_uninstalling_twice_is_no_error_and_installing_again_works(board):
    board.install()
    for _ in range(2):
        board.installation().remove()
    board.install()
    assert board.runs == "1.0"
    assert board.said().count("systemctl enable inkling.service") == 2
