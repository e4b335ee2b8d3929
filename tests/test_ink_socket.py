"""The ink socket: one answer a line, nobody waits for anybody, nobody else may connect."""

import json
import os
import queue
import socket
import stat
import threading
from contextlib import closing

import pytest

from device.errors import SocketError
from device.ink_socket import LONGEST, MOST_CLIENTS, InkSocket


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ink.sock"


def echo(line, number, answer):
    answer({"number": number, "line": line.decode("latin-1")})


@pytest.fixture
def listening(path):
    with closing(InkSocket(path, echo)) as made:
        yield made


class Program:
    """A program that talks to the socket."""

    def __init__(self, path):
        self.connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.connection.settimeout(60)
        self.connection.connect(str(path))
        self.answers = self.connection.makefile("rb")

    def say(self, text):
        self.connection.sendall(text if isinstance(text, bytes) else text.encode())

    def hear(self):
        return json.loads(self.answers.readline())

    def close(self):
        self.answers.close()
        self.connection.close()


@pytest.fixture
def connect(path):
    programs = []

    def connect():
        programs.append(Program(path))
        return programs[-1]

    yield connect
    for program in programs:
        program.close()


def test_each_line_has_its_answer_in_order(listening, connect):
    program = connect()
    program.say("one\ntwo\n\n  \nfive\n")
    assert [program.hear() for _ in range(3)] == [
        {"number": 1, "line": "one"},
        {"number": 2, "line": "two"},
        {"number": 5, "line": "five"},
    ]


def test_a_line_may_come_in_pieces(listening, connect):
    program = connect()
    program.say("on")
    connect().say("another\n")
    program.say("e\n")
    assert program.hear()["line"] == "one"


def test_a_byte_order_mark_is_left_out(listening, connect):
    program = connect()
    program.say(b"\xef\xbb\xbf{}\n")
    assert program.hear()["line"] == "{}"


def test_who_ends_without_a_new_line_is_answered_and_hung_up_on(listening, connect):
    program = connect()
    program.say("one\ntwo")
    program.connection.shutdown(socket.SHUT_WR)
    assert [program.hear()["line"] for _ in range(2)] == ["one", "two"]
    assert program.answers.read() == b""


def test_several_programs_at_a_time(listening, connect):
    programs = [connect() for _ in range(MOST_CLIENTS)]
    for number, program in enumerate(programs):
        program.say(f"{number}\n" * 3)
    for number, program in enumerate(programs):
        assert [program.hear()["line"] for _ in range(3)] == [str(number)] * 3


def test_one_program_too_many_is_told_so(listening, connect):
    programs = [connect() for _ in range(MOST_CLIENTS)]
    for program in programs:
        program.say("here\n")
        program.hear()
    assert "programs are connected already" in connect().hear()["error"]
    programs[0].connection.shutdown(socket.SHUT_WR)
    assert programs[0].answers.read() == b""
    again = connect()
    again.say("again\n")
    assert again.hear()["line"] == "again"


def test_a_line_that_is_too_long_is_refused_and_the_next_is_not(listening, connect):
    program = connect()
    program.say(b"x" * (3 * LONGEST) + b"\nnext\n")
    answer = program.hear()
    assert "more than 1,048,576 bytes is no drawing" in answer["error"]
    assert answer["source"] == "-:1"
    assert program.hear() == {"number": 2, "line": "next"}


def test_a_line_without_end_does_not_keep_anybody_waiting(listening, connect):
    endless = connect()
    other = connect()
    for _ in range(4):
        endless.say(b"x" * (LONGEST // 2))
        other.say("one\n")
        assert other.hear()["line"] == "one"
    assert "error" in endless.hear()


def test_who_does_not_read_its_answers_does_not_keep_anybody_waiting(listening, connect):
    slow = connect()
    slow.connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.connection.setblocking(False)
    # Until the socket takes no more: it answers one line at a time, and these answers lie there.
    line, sent = b"x" * 50_000 + b"\n", 0
    other = connect()
    for _ in range(200):
        try:
            sent += slow.connection.send(line)
        except BlockingIOError:
            break
        other.say("one\n")
        assert other.hear()["line"] == "one"
    else:
        pytest.fail("all of it was taken in: where does it lie?")
    assert sent > len(line)
    other.say("still\n")
    assert other.hear()["line"] == "still"


def test_who_has_gone_when_the_answer_comes_costs_nobody_anything(path, connect):
    waiting = queue.Queue()
    with closing(InkSocket(path, lambda line, number, answer: waiting.put(answer))):
        gone = connect()
        gone.say("one\n")
        answer = waiting.get(timeout=60)
        gone.close()
        answer({"late": True})
        other = connect()
        other.say("two\n")
        waiting.get(timeout=60)({"in time": True})
        assert other.hear() == {"in time": True}


def test_a_program_has_one_line_at_a_time_answered(path, connect):
    waiting = queue.Queue()
    with closing(InkSocket(path, lambda *line: waiting.put(line))):
        program, other = connect(), connect()
        program.say("one\ntwo\n")
        first = waiting.get(timeout=60)
        other.say("other\n")
        assert waiting.get(timeout=60)[0] == b"other"
        assert waiting.empty()
        first[2]({})
        assert waiting.get(timeout=60)[0] == b"two"


def test_only_its_user_and_group_may_connect(listening, path):
    mode = path.stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o660
    assert path.stat().st_gid == os.getegid()


def test_what_a_killed_process_has_left_is_replaced(path, connect):
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    with closing(InkSocket(path, echo)):
        program = connect()
        program.say("one\n")
        assert program.hear()["line"] == "one"


def test_where_somebody_listens_nobody_else_does(listening, path, connect):
    with pytest.raises(SocketError, match="another Inkling listens here already"):
        InkSocket(path, echo)
    program = connect()
    program.say("one\n")
    assert program.hear()["line"] == "one"


def test_a_file_that_is_no_socket_is_left_alone(path):
    path.write_text("precious")
    with pytest.raises(SocketError, match="this is no socket"):
        InkSocket(path, echo)
    assert path.read_text() == "precious"


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SocketError, match=r"ink\.sock: no socket can be opened here: No such file"):
        InkSocket(tmp_path / "none" / "ink.sock", echo)


def test_the_end_hangs_up_and_removes_the_socket(path, connect):
    listening = InkSocket(path, echo)
    program = connect()
    program.say("one\n")
    program.hear()
    before = threading.active_count()
    listening.close()
    listening.close()
    assert program.answers.read() == b""
    assert not path.exists()
    assert threading.active_count() == before - 1


def test_the_end_leaves_the_socket_of_a_successor(path):
    listening = InkSocket(path, echo)
    path.unlink()
    with closing(InkSocket(path, echo)):
        listening.close()
        assert path.exists()
