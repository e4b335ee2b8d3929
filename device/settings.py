"""The one table of settings: the configuration's checks, the settings page and the docs read it.

Defaults and explanations stand in ``default.toml``, which people copy from; here stands what else
there is to know of each key.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from device.language import LANGUAGES, N_

Kind = Literal["bool", "int", "float", "text", "choice"]

_TYPES = {"bool": (bool,), "int": (int,), "float": (float, int), "text": (str,)}
_EXPECTED = {
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "text": "a text",
}


class Setting(NamedTuple):
    """What may be set, and how it is shown."""

    key: str
    """``table.name``, as in ``default.toml``."""
    label: str
    """What the settings page and the docs call it; English, see :func:`device.language.tr`."""
    kind: Kind
    limits: tuple[float, float] | None = None
    """The smallest and the largest number; every number has them."""
    step: float = 1
    """By how much one touch changes a number."""
    choices: Mapping[Any, str] = MappingProxyType({})
    """For a choice: each value, and what it is called (English)."""
    unit: str = ""
    """What a number counts (English)."""
    zero: str = ""
    """What a number's 0 is called, where that is no amount (English)."""
    first: float = 0
    """The smallest number that is offered beside 0, where 0 is no amount."""
    on_page: bool = False
    """Whether it stands on the settings page, and is kept when it is changed there."""
    names_pins: bool = False
    """Whether it is about the GPIO header, see :func:`pin_numbers`."""
    fits: Callable[[str], bool] = lambda _: True
    """For a text: whether it may be so."""
    expected: str = ""
    """For people: what the value must be, where the rest does not say it well enough."""

    @property
    def table(self) -> str:
        return self.key.split(".")[0]

    @property
    def name(self) -> str:
        """The key within its table."""
        return self.key.split(".")[1]

    @property
    def expectation(self) -> str:
        """What the value must be, for an error and for the docs."""
        if self.expected:
            return self.expected
        if self.choices:
            *most, last = (f'"{c}"' if isinstance(c, str) else str(c) for c in self.choices)
            return f"{', '.join(most)} or {last}"
        text = _EXPECTED[self.kind]
        if self.limits is not None:
            text += f" from {self.limits[0]:g} to {self.limits[1]:g}"
        return text

    def taken(self, value: Any) -> Any:
        """``value`` as it is kept: a whole number will do where a fraction is meant.

        Raises:
            ValueError: it cannot be the value of this key; the text is ``expectation``.
        """
        if not self._allows(value):
            raise ValueError(self.expectation)
        return float(value) if self.kind == "float" else value

    def stepped(self, value: float, *, up: bool) -> float:
        """The number that one touch leads to from ``value``, which at its limit stays as it is.

        Whole numbers that have grown to ten and to a hundred steps go on in larger ones.
        """
        if self.limits is None:
            raise ValueError(f"{self.key} is no number")
        step, bound = self.step, 10 * self.step
        while self.kind == "int" and (value >= bound if up else value > bound):
            step, bound = bound / 2, 10 * bound
        # A hair's breadth: 0.15 / 0.05 is a little less than 3.
        count = math.floor(value / step + 1e-6) + 1 if up else math.ceil(value / step - 1e-6) - 1
        near = round(min(max(count * step, self.limits[0]), self.limits[1]), 6)
        if near < self.first:
            near = self.first if up else self.limits[0]
        return int(near) if self.kind == "int" else float(near)

    def _allows(self, value: Any) -> bool:
        if self.kind == "choice":
            # True is no 1 here.
            return any(type(value) is type(c) and value == c for c in self.choices)
        if type(value) not in _TYPES[self.kind]:
            return False
        if isinstance(value, str):
            return self.fits(value)
        return self.limits is None or self.limits[0] <= value <= self.limits[1]


def _is_size(text: str) -> bool:
    match = re.fullmatch(r"([0-9]{3,4})x([0-9]{3,4})", text)
    if match is None:
        return text == "auto"
    shorter, longer = sorted(int(side) for side in match.groups())
    return shorter >= 320 and 480 <= longer <= 7680


def _is_pin(text: str) -> bool:
    return re.fullmatch(r"[0-9]{0,8}", text) is not None


def _gpio(key: str, label: str) -> Setting:
    expected = "a BCM pin from 0 to 27, or -1 for none"
    return Setting(key, label, "int", (-1, 27), names_pins=True, expected=expected)


def _gpios(key: str, label: str, count: int, names: str) -> Setting:
    """So many pins in one text, or none."""
    one = "([0-9]|1[0-9]|2[0-7])"
    form = re.compile(rf"({one}( *, *{one}){{{count - 1}}})?")
    return Setting(
        key,
        label,
        "text",
        names_pins=True,
        fits=lambda text: form.fullmatch(text) is not None,
        expected=f'{count} BCM pins from 0 to 27 for {names}, with commas between, or ""',
    )


def pin_numbers(value: int | str) -> tuple[int, ...]:
    """The BCM pins that a setting names: one (-1 is none), or several with commas between."""
    pins = value.split(",") if isinstance(value, str) else [value]
    return tuple(int(pin) for pin in pins if pin not in ("", -1))


def _is_socket(text: str) -> bool:
    # Linux takes no longer address of a socket.
    return text in ("auto", "off") or (text.startswith("/") and len(text.encode()) < 108)


_ALL = (
    Setting("model.name", "Model", "text"),
    Setting("model.threshold", N_("Gate threshold"), "float", (0, 1), step=0.05, on_page=True),
    Setting("model.live", N_("Read while drawing"), "bool", on_page=True),
    Setting("model.normalised", N_("Normalisation"), "bool", on_page=True),
    Setting(
        "model.accelerator",
        "Accelerator",
        "choice",
        choices={"auto": "The faster", "cpu": "CPU", "edgetpu": "Edge TPU"},
    ),
    Setting(
        "screen.size",
        "Size",
        "text",
        fits=_is_size,
        expected='"auto" or "WIDTHxHEIGHT" from 480x320 (or 320x480) to 7680x7680',
    ),
    Setting("screen.windowed", "Window", "bool"),
    Setting(
        "screen.rotation",
        N_("Rotation"),
        "choice",
        choices={0: "0°", 90: "90°", 180: "180°", 270: "270°"},
        on_page=True,
    ),
    Setting(
        "screen.inches",
        N_("Panel diagonal"),
        "float",
        (0, 100),
        step=0.5,
        unit=N_("inches"),
        zero=N_("unknown"),
        first=3,
        on_page=True,
    ),
    Setting("screen.language", N_("Language"), "choice", choices=LANGUAGES, on_page=True),
    Setting(
        "screen.layout",
        N_("Layout"),
        "choice",
        choices={"lab": N_("All tools"), "kid": N_("Simple")},
        on_page=True,
    ),
    Setting("screen.inverse", N_("Inverse colours"), "bool", on_page=True),
    Setting("screen.pen_width", N_("Pen width"), "float", (0.01, 0.2), step=0.01, on_page=True),
    Setting(
        "kiosk.idle_seconds",
        N_("Clear when idle"),
        "int",
        (0, 3600),
        step=10,
        unit=N_("s"),
        zero=N_("never"),
        on_page=True,
    ),
    Setting(
        "kiosk.blank_minutes",
        N_("Go dark when idle"),
        "int",
        (0, 1440),
        unit=N_("min"),
        zero=N_("never"),
        on_page=True,
    ),
    Setting("kiosk.pin", "PIN", "text", fits=_is_pin, expected="up to 8 digits"),
    Setting("samples.folder", "Samples folder", "text"),
    Setting("lights.enabled", "Lights", "bool"),
    _gpio("lights.accept", "Green light"),
    _gpio("lights.several", "Amber light"),
    _gpio("lights.reject", "Red light"),
    Setting("lights.active_high", "Active high", "bool"),
    Setting("lights.hold_seconds", "Hold", "float", (0, 3600), unit="s", zero="until it changes"),
    _gpio("lights.strobe", "Strobe line"),
    Setting("lights.strobe_ms", "Strobe", "int", (1, 1000), unit="ms"),
    _gpios("lights.bcd", "Digit lines", 4, "1, 2, 4 and 8"),
    _gpios("lights.segments", "Seven segments", 7, "a to g"),
    Setting("lights.common_anode", "Common anode", "bool"),
    _gpio("buttons.predict", "Predict button"),
    _gpio("buttons.clear", "Clear button"),
    Setting(
        "headless.socket",
        "Ink socket",
        "text",
        fits=_is_socket,
        expected='"auto", "off", or a path that begins with / and has less than 108 bytes',
    ),
    Setting("headless.pause_seconds", "Pause", "float", (0.1, 60), step=0.1, unit="s"),
)

SETTINGS: Mapping[str, Setting] = {setting.key: setting for setting in _ALL}
"""Every setting by its key, in the order of the settings page."""
