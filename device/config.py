"""The configuration: ``default.toml`` is its schema, other files and flags override it.

Later sources win: the shipped defaults, ``/etc/inkling/inkling.toml``, the file named by
``--config``, flags. An unknown key is an error that suggests the nearest known one.
"""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from device.errors import ConfigError

SYSTEM_FILE = Path("/etc/inkling/inkling.toml")
"""Read, if it is there, before the file that the command line names."""

DEFAULT_FILE = Path(__file__).with_name("default.toml")

Tables = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class ModelConfig:
    """Which model, and when its answer counts."""

    name: str
    threshold: float


@dataclass(frozen=True)
class ScreenConfig:
    """What the screen is like; ``pen_width`` in canvas units."""

    size: str
    windowed: bool
    pen_width: float

    @property
    def pixels(self) -> tuple[int, int] | None:
        """Width and height; None for ``"auto"``."""
        if self.size == "auto":
            return None
        width, height = self.size.split("x")
        return int(width), int(height)


@dataclass(frozen=True)
class LightsConfig:
    """Which BCM pin each light is on; -1 for none."""

    enabled: bool
    accept: int
    several: int
    reject: int
    active_high: bool


@dataclass(frozen=True)
class Config:
    """The configuration in force."""

    model: ModelConfig
    screen: ScreenConfig
    lights: LightsConfig


def _size_ok(value: str) -> bool:
    match = re.fullmatch(r"([0-9]{3,4})x([0-9]{3,4})", value)
    if match is None:
        return value == "auto"
    shorter, longer = sorted(int(side) for side in match.groups())
    return shorter >= 320 and 480 <= longer <= 7680


_PIN = (lambda pin: -1 <= pin <= 27, "a BCM pin from 0 to 27, or -1 for none")

_LIMITS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "model.threshold": (lambda share: 0 <= share <= 1, "a number from 0 to 1"),
    "screen.size": (
        _size_ok,
        '"auto" or "WIDTHxHEIGHT" from 480x320 (or 320x480) to 7680x7680',
    ),
    "screen.pen_width": (lambda share: 0.01 <= share <= 0.2, "a number from 0.01 to 0.2"),
    "lights.accept": _PIN,
    "lights.several": _PIN,
    "lights.reject": _PIN,
}
"""What a value must be beyond having its default's type; the text says so to the reader."""

_TYPE_NAMES = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


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
            value; the text names file, key and what was expected.
    """
    defaults = _parsed(DEFAULT_FILE)
    merged = {table: dict(values) for table, values in defaults.items()}
    sources: list[tuple[str, Tables]] = []
    if system_file.exists():
        sources.append((str(system_file), _parsed(system_file)))
    if path is not None:
        sources.append((str(path), _parsed(path)))
    sources.append(("command line", overrides or {}))
    set_by: dict[str, str] = {}
    for source, tables in sources:
        for table, values in tables.items():
            _known(source, "", table, defaults)
            if not isinstance(values, Mapping):
                raise ConfigError(f"{source}: {_key(table)} must be a table: [{table}]")
            for key, value in values.items():
                _known(source, f"{table}.", key, defaults[table])
                merged[table][key] = _checked(
                    source, f"{table}.{key}", value, type(defaults[table][key])
                )
                # Again at the end: what was set last stands last.
                set_by.pop(f"{table}.{key}", None)
                set_by[f"{table}.{key}"] = source
    config = Config(
        ModelConfig(**merged["model"]),
        ScreenConfig(**merged["screen"]),
        LightsConfig(**merged["lights"]),
    )
    _no_pin_twice(config.lights, set_by)
    return config


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: not UTF-8 text") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: not valid TOML: it is nested too deeply") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {' '.join(str(error).split())}") from error
    except ValueError as error:  # Python reads no integer of thousands of digits
        raise ConfigError(f"{path}: not valid TOML: a number has too many digits") from error


def _key(name: str) -> str:
    """A key as it can be shown in one line."""
    return name if name.isprintable() and name else repr(name)


def _known(source: str, prefix: str, key: str, known: Iterable[str]) -> None:
    names = list(known)
    if key in names:
        return
    near = difflib.get_close_matches(key, names, 1, 0.5)
    hint = f"did you mean {prefix}{near[0]}?" if near else f"known: {', '.join(names)}"
    raise ConfigError(f"{source}: {prefix}{_key(key)}: unknown key; {hint}")


def _checked(source: str, key: str, value: Any, kind: type) -> Any:
    allowed, expected = _LIMITS.get(key, (lambda _: True, _TYPE_NAMES[kind]))
    if kind is float and type(value) is int:
        value = float(value)
    right_type = type(value) is kind
    if isinstance(value, float) and not math.isfinite(value):
        right_type = False
    if not right_type or not allowed(value):
        shown = repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "..."
        raise ConfigError(f"{source}: {key} = {shown}: expected {expected}")
    return value


def _no_pin_twice(lights: LightsConfig, set_by: Mapping[str, str]) -> None:
    seen: dict[int, str] = {}
    for name in ("accept", "several", "reject"):
        pin = getattr(lights, name)
        if pin >= 0 and pin in seen:
            # Name the one that was set last: the other may be a default that nobody wrote.
            order = ["", *set_by]
            one, other = sorted(
                (f"lights.{seen[pin]}", f"lights.{name}"),
                key=lambda key: order.index(key) if key in set_by else 0,
            )
            source = set_by.get(other, str(DEFAULT_FILE))
            raise ConfigError(
                f"{source}: {other} = {pin}: {one} is on the same pin; "
                "give each light its own, or -1"
            )
        seen[pin] = name


def as_toml(config: Config) -> str:
    """The configuration in force, in the form of ``default.toml``."""
    lines = []
    for table in ("model", "screen", "lights"):
        lines.append(f"[{table}]")
        for key, value in vars(getattr(config, table)).items():
            shown = _quoted(value) if isinstance(value, str) else str(value).lower()
            lines.append(f"{key} = {shown}")
        lines.append("")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    escaped = "".join(f"\\u{ord(c):04x}" if c in '"\\' or not c.isprintable() else c for c in text)
    return f'"{escaped}"'
