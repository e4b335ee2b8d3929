"""The configuration: ``default.toml`` is its schema, other files and flags override it.

Later sources win: the shipped defaults, ``/etc/inkling/inkling.toml``, what was changed on the
settings page, the file named by ``--config``, flags. An unknown key is an error that suggests the
nearest known one. What each value may be stands in :mod:`device.settings`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from device.errors import ConfigError
from device.files import atomic_write
from device.settings import SETTINGS, pin_numbers

log = logging.getLogger(__name__)

SYSTEM_FILE = Path("/etc/inkling/inkling.toml")
"""Read, if it is there, before the file that the command line names."""

DEFAULT_FILE = Path(__file__).with_name("default.toml")

SETTINGS_FILE = "settings.toml"
"""In the state folder: what was changed on the settings page."""

_LONGEST = 1 << 20
"""Of a file that is longer, as of a device that never ends, nothing is taken."""

Tables = Mapping[str, Mapping[str, Any]]


class ModelConfig(NamedTuple):
    """Which model, when it reads, what it is given, when its answer counts, and what runs it."""

    name: str
    threshold: float
    live: bool
    normalised: bool
    accelerator: str


class ScreenConfig(NamedTuple):
    """What the screen is like; ``rotation`` in degrees, ``pen_width`` in canvas units."""

    size: str
    windowed: bool
    rotation: int
    inches: float
    language: str
    layout: str
    inverse: bool
    pen_width: float

    @property
    def pixels(self) -> tuple[int, int] | None:
        """Width and height; None for ``"auto"``."""
        if self.size == "auto":
            return None
        width, height = self.size.split("x")
        return int(width), int(height)


class KioskConfig(NamedTuple):
    """How the kiosk lives among visitors; a time of 0 is never."""

    idle_seconds: int
    blank_minutes: int
    pin: str


class SamplesConfig(NamedTuple):
    """Where labelled drawings are kept."""

    folder: str

    @property
    def path(self) -> Path:
        """The folder itself.

        Raises:
            ConfigError: none is named, and there is no state folder.
        """
        return Path(self.folder) if self.folder else state_folder()


class LightsConfig(NamedTuple):
    """Which BCM pin each light or line is on, -1 or ``""`` for none; ``hold_seconds`` of 0 is for
    until the drawing changes."""

    enabled: bool
    accept: int
    several: int
    reject: int
    active_high: bool
    hold_seconds: float
    strobe: int
    strobe_ms: int
    bcd: str
    segments: str
    common_anode: bool


class ButtonsConfig(NamedTuple):
    """Which BCM pin each push button is on; -1 for none."""

    predict: int
    clear: int


class HeadlessConfig(NamedTuple):
    """Where ink comes in without a screen, and when a drawing has ended."""

    socket: str
    pause_seconds: float

    @property
    def socket_path(self) -> Path | None:
        """The socket itself; None for ``"off"``."""
        if self.socket == "auto":
            given = os.environ.get("RUNTIME_DIRECTORY", "").split(":")[0]
            return Path(given or "/run/inkling") / "ink.sock"
        return None if self.socket == "off" else Path(self.socket)


class Config(NamedTuple):
    """The configuration in force."""

    model: ModelConfig
    screen: ScreenConfig
    kiosk: KioskConfig
    samples: SamplesConfig
    lights: LightsConfig
    buttons: ButtonsConfig
    headless: HeadlessConfig

    def value(self, key: str) -> Any:
        """What is in force for ``table.name``, a key of :data:`device.settings.SETTINGS`."""
        setting = SETTINGS[key]
        return getattr(getattr(self, setting.table), setting.name)


def state_folder() -> Path:
    """Where Inkling keeps what it is to remember: systemd's folder for it, or the user's own.

    Raises:
        ConfigError: there is neither.
    """
    given = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    if given:
        return Path(given)
    data = Path(os.environ.get("XDG_DATA_HOME", ""))
    if data.is_absolute():
        return data / "inkling"
    try:
        return Path.home() / ".local" / "share" / "inkling"
    except RuntimeError as error:
        raise ConfigError(
            "this user has no home folder: set STATE_DIRECTORY to a folder that may be written to"
        ) from error


def load_config(
    path: Path | None = None,
    overrides: Tables | None = None,
    system_file: Path = SYSTEM_FILE,
) -> Config:
    """Read the configuration.

    Args:
        path: the file that the command line names; it must exist.
        overrides: tables from flags, the same form as the file's.
        system_file: read when it exists.

    Raises:
        ConfigError: a file that cannot be read, an unknown key, a wrong type, an impossible
            value; the text names file, key and what was expected. Not so the settings page's own
            file: where that is damaged, it is set aside and that is logged.
    """
    sources: list[tuple[str, Tables]] = []
    if system_file.exists():
        sources.append((str(system_file), _parsed(system_file)))
    sources.append((SETTINGS_FILE, _kept_settings()))
    if path is not None:
        sources.append((str(path), _parsed(path)))
    sources.append(("command line", overrides or {}))
    defaults = _parsed(DEFAULT_FILE)
    merged = {table: dict(values) for table, values in defaults.items()}
    set_by: dict[str, str] = {}
    for source, tables in sources:
        for key, value in _checked(source, tables).items():
            merged[SETTINGS[key].table][SETTINGS[key].name] = value
            # Again at the end: what was set last stands last.
            set_by.pop(key, None)
            set_by[key] = source
    config = Config(
        ModelConfig(**merged["model"]),
        ScreenConfig(**merged["screen"]),
        KioskConfig(**merged["kiosk"]),
        SamplesConfig(**merged["samples"]),
        LightsConfig(**merged["lights"]),
        ButtonsConfig(**merged["buttons"]),
        HeadlessConfig(**merged["headless"]),
    )
    _no_pin_twice(config, set_by)
    return config


def changed(config: Config, values: Mapping[str, Any]) -> Config:
    """The same configuration with other values, by key (``"screen.language"``).

    Raises:
        ConfigError: an unknown key or an impossible value.
    """
    for key, value in _checked("settings page", _in_tables(values)).items():
        setting = SETTINGS[key]
        table = getattr(config, setting.table)._replace(**{setting.name: value})
        config = config._replace(**{setting.table: table})
    return config


def save_settings(values: Mapping[str, Any]) -> None:
    """Keep what was changed on the settings page, for every later start.

    Args:
        values: by key (``"screen.language"``); what was kept before stays.

    Raises:
        ConfigError: a key that is not on the page, or an impossible value.
        FileError: the file cannot be written; what was kept before is whole.
    """
    path = state_folder() / SETTINGS_FILE
    tables = _in_tables(values, _kept_settings())
    _from_page(path, tables)
    atomic_write(path, _toml(tables).encode())


def _kept_settings() -> Tables:
    """What was changed on the settings page. A file that is damaged is set aside, and nothing
    is taken from it."""
    try:
        path = state_folder() / SETTINGS_FILE
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    except (ConfigError, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        log.warning("what was changed on the settings page cannot be read: %s", reason)
        return {}
    try:
        tables = _tables(path, content)
        _from_page(path, tables)
    except ConfigError as error:
        log.warning("%s; it is set aside as %s.bad, and not used", error, path.name)
        with contextlib.suppress(OSError):
            path.replace(path.with_name(f"{path.name}.bad"))
        return {}
    return tables


def _in_tables(values: Mapping[str, Any], before: Tables | None = None) -> Tables:
    """Values by key as a file has them, laid over what was there before."""
    tables = {table: dict(kept) for table, kept in (before or {}).items()}
    for key, value in values.items():
        table, _, name = key.partition(".")
        tables.setdefault(table, {})[name] = value
    return tables


def _from_page(path: Path, tables: Tables) -> None:
    """Hold the tables to what stands on the settings page."""
    for key in _checked(str(path), tables):
        if not SETTINGS[key].on_page:
            raise ConfigError(f"{path}: {key} is no key of the settings page")


def _parsed(path: Path) -> Tables:
    try:
        with path.open("rb") as file:
            content = file.read(_LONGEST + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    if len(content) > _LONGEST:
        raise ConfigError(f"{path}: more than {_LONGEST:,} bytes are no configuration")
    return _tables(path, content)


def _tables(path: Path, content: bytes) -> Tables:
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: not UTF-8 text") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: not valid TOML: it is nested too deeply") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {' '.join(str(error).split())}") from error
    except ValueError as error:  # Python reads no integer of thousands of digits
        raise ConfigError(f"{path}: not valid TOML: a number has too many digits") from error


def _checked(source: str, tables: Tables) -> dict[str, Any]:
    """The values by key, as they are kept.

    Raises:
        ConfigError: a key that is unknown, or a value that cannot be.
    """
    names: dict[str, list[str]] = {}
    for setting in SETTINGS.values():
        names.setdefault(setting.table, []).append(setting.name)
    found = {}
    for table, values in tables.items():
        _known(source, "", table, names)
        if not isinstance(values, Mapping):
            raise ConfigError(f"{source}: {_shown(table)} must be a table: [{table}]")
        for name, value in values.items():
            _known(source, f"{table}.", name, names[table])
            key = f"{table}.{name}"
            try:
                found[key] = SETTINGS[key].taken(value)
            except ValueError as error:
                shown = repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "..."
                raise ConfigError(f"{source}: {key} = {shown}: expected {error}") from error
    return found


def _shown(name: str) -> str:
    """A key as it can be shown in one line."""
    return name if name.isprintable() and name else repr(name)


def _known(source: str, prefix: str, key: str, known: Iterable[str]) -> None:
    names = list(known)
    if key in names:
        return
    import difflib  # only what is misspelt needs it

    near = difflib.get_close_matches(key, names, 1, 0.5)
    hint = f"did you mean {prefix}{near[0]}?" if near else f"known: {', '.join(names)}"
    raise ConfigError(f"{source}: {prefix}{_shown(key)}: unknown key; {hint}")


def pins_of(config: Config) -> list[tuple[str, int]]:
    """Every GPIO pin that the configuration names, BCM, and the key that names it."""
    named = [(key, config.value(key)) for key, setting in SETTINGS.items() if setting.names_pins]
    return [(key, pin) for key, value in named for pin in pin_numbers(value)]


def _no_pin_twice(config: Config, set_by: Mapping[str, str]) -> None:
    seen: dict[int, str] = {}
    for key, pin in pins_of(config):
        if pin in seen:
            # Name the one that was set last: the other may be a default that nobody wrote.
            order = ["", *set_by]
            one, other = sorted(
                (seen[pin], key), key=lambda key: order.index(key) if key in set_by else 0
            )
            source = set_by.get(other, str(DEFAULT_FILE))
            raise ConfigError(
                f"{source}: {other} = {pin}: {one} is on the same pin; give each its own, or none"
            )
        seen[pin] = key


def as_toml(config: Config) -> str:
    """The configuration in force, in the form of ``default.toml``."""
    return _toml({table: values._asdict() for table, values in config._asdict().items()})


def _toml(tables: Tables) -> str:
    lines = []
    for table, values in tables.items():
        lines.append(f"[{table}]")
        for name, value in values.items():
            shown = _quoted(value) if isinstance(value, str) else str(value).lower()
            lines.append(f"{name} = {shown}")
        lines.append("")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    escaped = "".join(f"\\u{ord(c):04x}" if c in '"\\' or not c.isprintable() else c for c in text)
    return f'"{escaped}"'
