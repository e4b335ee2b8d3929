"""A machine for the doctor, made of a few files."""

import time
from types import SimpleNamespace

from device.finding import Patient
from device.library import Library


class Machine:
    """Files under a folder, the commands that there are, and what a user may not open."""

    def __init__(self, root, config):
        self.root = root
        self.config = config
        self.commands = {}
        self.closed = set()
        self.free = 10e9
        self.time = time.time()
        self.library = Library
        self.environment = {}

    def write(self, **files):
        for path, content in files.items():
            self.file(path.replace("__", "/"), content)
        return self

    def file(self, path, content=""):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
        return target

    @property
    def patient(self):
        return Patient(
            self.config,
            self.library,
            root=self.root,
            environment=self.environment,
            said_by=lambda command: self.commands.get(command[0]),
            may=lambda path, mode: path.name not in self.closed,
            disk=lambda path: SimpleNamespace(f_bavail=self.free / 4096, f_frsize=4096),
            now=lambda: self.time,
        )

    def found(self, check):
        return list(check(self.patient))

    def one(self, check):
        (finding,) = self.found(check)
        return finding


def unit(name, active, load="loaded", result="success", restarts=0):
    return (
        f"Id={name}.service\nLoadState={load}\nActiveState={active}\nSubState=running\n"
        f"Result={result}\nNRestarts={restarts}\n"
    )
