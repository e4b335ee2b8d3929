"""A Unix socket that takes lines from programs and gives each its answer, one line for one line.

All programs are served by one thread that never waits for any of them. Each has one line at a time
answered: who sends faster than that, or does not read its answers, waits in its own connection.
"""

from __future__ import annotations

import codecs
import contextlib
import json
import logging
import os
import selectors
import socket
import stat
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

from device.errors import SocketError

log = logging.getLogger(__name__)

LONGEST = 1 << 20
"""A line of more bytes is refused: no hand draws that much."""

MOST_CLIENTS = 32
"""How many programs may be connected at a time."""

_CHUNK = 1 << 16

Answer = Callable[[Mapping[str, object]], None]


class InkSocket:
    """Listens from the moment it is made until :meth:`close`.

    The socket belongs to the process's own user and group, and nobody else may use it (0660).

    Args:
        path: where it is. What a killed process has left there is replaced.
        asked: called on the socket's thread with a line, which line of its program it is (from 1),
            and how to answer: a call, on any thread, with what is to be written as JSON. It must
            not wait.

    Raises:
        SocketError: there is no such folder, somebody listens there already, or something else
            stands there.
    """

    def __init__(self, path: Path, asked: Callable[[bytes, int, Answer], None]) -> None:
        self.path = path
        self._asked = asked
        self._answers: deque[tuple[_Client, bytes]] = deque()
        self._closing = False
        self._listener = _listener(path)
        self._inode = path.stat().st_ino
        self._wake, self._woken = socket.socketpair()
        for end in (self._wake, self._woken):
            end.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._clients: set[_Client] = set()
        self._thread = threading.Thread(target=self._work, name="ink socket", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up on everybody and remove the socket. May be called again."""
        if self._closing:
            return
        self._closing = True
        self._call()
        self._thread.join(timeout=5)
        for client in list(self._clients):
            self._drop(client)
        self._selector.close()
        with contextlib.suppress(OSError):
            # Not that of another process that has come meanwhile; as long as the listener is open,
            # nobody else has its number.
            if self.path.stat().st_ino == self._inode:
                self.path.unlink()
        for end in (self._listener, self._wake, self._woken):
            end.close()

    def _call(self) -> None:
        """Have the thread look at what there is; for any thread."""
        # A full pipe has woken it already; a closed one has nobody left to wake.
        with contextlib.suppress(OSError):
            self._wake.send(b"\0")

    def _work(self) -> None:
        while not self._closing:
            for key, events in self._selector.select():
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj is self._woken:
                    with contextlib.suppress(BlockingIOError):
                        self._woken.recv(_CHUNK)
                else:
                    self._serve(key.data, events)
            while self._answers:
                client, answer = self._answers.popleft()
                if client in self._clients:
                    client.put(answer)
                    self._advance(client)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except BlockingIOError:
            return
        except OSError as error:
            log.warning("ink socket: a program cannot be answered: %s", error.strerror)
            time.sleep(0.1)  # where descriptors are short, there may be one soon
            return
        connection.setblocking(False)
        if len(self._clients) >= MOST_CLIENTS:
            refusal = {"error": f"{MOST_CLIENTS} programs are connected already: try again later"}
            with contextlib.suppress(OSError):
                connection.send(_line(refusal))
            connection.close()
            return
        client = _Client(connection)
        self._clients.add(client)
        self._listen(client)

    def _serve(self, client: _Client, events: int) -> None:
        try:
            if events & selectors.EVENT_WRITE:
                client.write()
            if events & selectors.EVENT_READ:
                client.read()
        except BlockingIOError:
            pass
        except OSError as error:
            log.debug("ink socket: a program is gone: %s", error)
            self._drop(client)
            return
        self._advance(client)

    def _advance(self, client: _Client) -> None:
        """Hand on the client's next line, if it is its turn."""
        while client.is_free:
            line = client.next_line()
            if line is None:
                if client.ended:
                    self._drop(client)
                    return
                break
            number = client.number
            if len(line) > LONGEST:
                text = f"a line of more than {LONGEST:,} bytes is no drawing"
                client.put(_line({"source": f"-:{number}", "error": text}))
            elif line.strip():
                client.waits = True
                self._asked(line, number, lambda record: self._answer(client, record))
        self._listen(client)

    def _answer(self, client: _Client, record: Mapping[str, object]) -> None:
        self._answers.append((client, _line(record)))
        self._call()

    def _listen(self, client: _Client) -> None:
        """Watch for what the client may do next, and for nothing else."""
        wanted = selectors.EVENT_WRITE if client.has_answer else 0
        if client.is_free and not client.ended:
            wanted |= selectors.EVENT_READ
        if wanted == client.watched:
            return
        if not wanted:
            self._selector.unregister(client.connection)
        elif client.watched:
            self._selector.modify(client.connection, wanted, client)
        else:
            self._selector.register(client.connection, wanted, client)
        client.watched = wanted

    def _drop(self, client: _Client) -> None:
        if client.watched:
            self._selector.unregister(client.connection)
        client.connection.close()
        self._clients.discard(client)


class _Client:
    """A program that is connected.

    Attributes:
        number: of the last line taken, from 1.
        waits: its line is being answered.
        ended: it will send nothing more.
        watched: what the selector watches of it.
    """

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.number = 0
        self.waits = self.ended = False
        self.watched = 0
        self._in = bytearray()
        self._searched = 0
        self._skips = False
        self._out = bytearray()

    @property
    def has_answer(self) -> bool:
        return bool(self._out)

    @property
    def is_free(self) -> bool:
        """Whether its next line may be taken: the last one has been answered, and the answer is
        on its way."""
        return not self.waits and not self._out

    def put(self, answer: bytes) -> None:
        """Answer the line at hand."""
        self.waits = False
        self._out += answer
        # Mostly it goes at once; what goes wrong shows when it is tried again.
        with contextlib.suppress(OSError):
            self.write()

    def write(self) -> None:
        """Send as much of the answer as goes."""
        sent = self.connection.send(self._out)
        del self._out[:sent]

    def read(self) -> None:
        """Take in what has come."""
        chunk = self.connection.recv(_CHUNK)
        self.ended = not chunk
        if self._skips:
            _, end, chunk = chunk.partition(b"\n")
            self._skips = not end
        self._in += chunk

    def next_line(self) -> bytes | None:
        """The next line, without its end; None when there is none yet. One that is too long comes
        as soon as that is known, as more than ``LONGEST`` bytes of it, and its rest is skipped."""
        end = self._in.find(b"\n", self._searched)
        if end < 0 and len(self._in) <= LONGEST and not (self.ended and self._in):
            self._searched = len(self._in)
            return None
        self._skips = end < 0 and not self.ended
        line = bytes(self._in if end < 0 else self._in[:end])
        del self._in[: len(self._in) if end < 0 else end + 1]
        self._searched = 0
        self.number += 1
        return line.removeprefix(codecs.BOM_UTF8) if self.number == 1 else line


def _line(record: Mapping[str, object]) -> bytes:
    return json.dumps(record).encode() + b"\n"


def _listener(path: Path) -> socket.socket:
    _clear(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    # Not chmod alone: between the two anybody could connect.
    before = os.umask(0o117)
    try:
        listener.bind(str(path))
        listener.listen(MOST_CLIENTS)
    except OSError as error:
        listener.close()
        raise SocketError(
            f"{path}: no socket can be opened here: {error.strerror or error}; "
            "name another place with headless.socket"
        ) from error
    finally:
        os.umask(before)
    return listener


def _clear(path: Path) -> None:
    """Remove the socket of a process that is gone.

    Raises:
        SocketError: somebody listens there, or it is no socket.
    """
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise SocketError(f"{path}: this is no socket: name another place for headless.socket")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(1)
            probe.connect(str(path))
    except FileNotFoundError:
        return
    except ConnectionRefusedError:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        return
    except OSError as error:
        if not isinstance(error, (TimeoutError, BlockingIOError)):
            raise SocketError(f"{path}: cannot be looked at: {error.strerror or error}") from error
    raise SocketError(f"{path}: another Inkling listens here already")
