"""The page with TensorFlow.js: the server that gives it out, and the browser that shows it."""

from __future__ import annotations

import contextlib
import http.server
import json
import queue
import statistics
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from device.session import digits
from firmware_tools.comparison import network, packages
from firmware_tools.comparison.desktop import PATIENCE, SIZE, Desktop
from firmware_tools.comparison.processes import ComparisonError, running

BACKENDS = ("webgl", "wasm", "cpu")
"""Those of TensorFlow.js that may run here; the fastest is compared."""

_TRIAL = 20
"""Readings by which the fastest is found."""

_FLAGS = (
    "--kiosk",
    "--no-sandbox",  # root cannot have it; without it the browser is smaller
    "--test-type",  # no bar that complains of that
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--password-store=basic",
    "--disable-gpu",  # there is none here: nothing is tried in vain
    "--window-position=0,0",
    "--window-size={},{}".format(*SIZE),
)


_TYPES = {".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm"}


class _Files(http.server.ThreadingHTTPServer):
    """Gives out files by name, and takes what a page has measured.

    Attributes:
        files: content by path.
        measured: what pages have told.
    """

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files
        self.measured: queue.Queue[dict[str, Any]] = queue.Queue()


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Files
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        content = self.server.files.get("/index.html" if path == "/" else path)
        self.send_response(404 if content is None else 200)
        suffix = ".html" if path == "/" else Path(path).suffix
        self.send_header("Content-Type", _TYPES.get(suffix, "application/octet-stream"))
        # With these a page may use threads and fine clocks.
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.measured.put(said)
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is said of each request."""


@dataclass
class Page:
    """The page, given out on this machine.

    Attributes:
        browser: the program that shows it.
        times: milliseconds of a reading, by backend.
    """

    browser: str
    _server: _Files
    times: dict[str, float] = field(default_factory=dict)

    @classmethod
    @contextlib.contextmanager
    def served(cls, folder: Path, weights: network.Weights) -> Iterator[Page]:
        """The page while the block lasts.

        Raises:
            ComparisonError: the browser or TensorFlow.js cannot be had.
        """
        browser, scripts = packages.chromium(), packages.scripts()
        model = folder / "tfjs"
        model.mkdir(exist_ok=True)
        network.write_tfjs(model, weights)
        found = [scripts / name for name in packages.SCRIPTS]
        files = {f"/{path.name}": path.read_bytes() for path in (*found, *model.iterdir())}
        files["/index.html"] = Path(__file__).with_name("page.html").read_bytes()
        drawn = [drawing.ink.to_json()["strokes"] for drawing in digits()]
        files["/drawings.json"] = json.dumps(drawn).encode()
        with _Files(files) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            try:
                yield cls(browser, server)
            finally:
                server.shutdown()

    def command(self, query: str, folder: Path) -> tuple[str, ...]:
        """How the browser is started on the page; its profile is kept from start to start."""
        address = f"http://127.0.0.1:{self._server.server_port}/{query}"
        return (self.browser, *_FLAGS, f"--user-data-dir={folder / 'chromium'}", address)

    def measure(self, backend: str, count: int, desktop: Desktop, folder: Path) -> dict[str, Any]:
        """Have a page of its own read so often: ``{"seconds": [...], "digits": [...]}``.

        Raises:
            ComparisonError: the page tells nothing, or this backend does not run here.
        """
        command = self.command(f"?backend={backend}&measure={count}", folder)
        with running(command, desktop.environment):
            try:
                said = self._server.measured.get(timeout=PATIENCE)
            except queue.Empty:
                raise ComparisonError(f"the page tells nothing (backend {backend})") from None
        if not said["seconds"]:
            raise ComparisonError(f"TensorFlow.js has no backend {backend} here")
        return said

    def choose(self, desktop: Desktop, folder: Path) -> None:
        """Find the fastest backend.

        Raises:
            ComparisonError: none runs.
        """
        for backend in BACKENDS:
            with contextlib.suppress(ComparisonError):
                said = self.measure(backend, _TRIAL, desktop, folder)
                self.times[backend] = 1000 * statistics.median(said["seconds"])
        if not self.times:
            raise ComparisonError("no backend of TensorFlow.js runs in this browser")

    @property
    def fastest(self) -> str:
        """The fastest backend."""
        return min(self.times, key=self.times.__getitem__)

    @property
    def told(self) -> str:
        """The backends in words."""
        shown = [f"{name} {ms:.1f} ms" for name, ms in self.times.items()]
        return f"backend {self.fastest} (a reading: {', '.join(shown)})"
