"""``configuration``: write ``docs/configuration.md`` from the table of settings.

What stands in the table and in ``default.toml`` is not written a second time.
"""

from __future__ import annotations

import argparse
import tomllib
from itertools import groupby
from pathlib import Path

from device.config import DEFAULT_FILE
from device.files import atomic_write
from device.settings import SETTINGS, Setting
from firmware_tools.progress import say
from firmware_tools.tables import made_by

PAGE = Path("docs/configuration.md")

_TITLES = {
    "model": "The model",
    "screen": "The screen",
    "kiosk": "Life among visitors",
    "samples": "Labelled drawings",
    "lights": "The lights",
    "buttons": "The buttons",
    "headless": "Without a screen",
}

_BEGINNING = """\
# Configuration

Inkling needs none: every setting has a default. To change some, copy their lines, with the name
of their table above them, from [`default.toml`](../device/default.toml) into
`/etc/inkling/inkling.toml`:

```toml
[screen]
language = "de"
rotation = 180

[kiosk]
pin = "80915"
```

Later sources win:

1. the defaults,
2. `/etc/inkling/inkling.toml`,
3. `settings.toml` in the state folder: what was changed on the settings page,
4. the file named by `--config`,
5. flags on the command line.

`inkling config` prints what is in force. A key that is unknown or a value that cannot be is an
error that names file, key and what was expected. Only what the settings page has kept never stops
a start: where that file is damaged, it is renamed `settings.toml.bad`, the log says so, and the
rest holds.

The **state folder** is `$STATE_DIRECTORY` (systemd sets it for a service with `StateDirectory=`),
else `$XDG_DATA_HOME/inkling`, else `~/.local/share/inkling`. Settings are written to a temporary
file that then takes the old one's place, so that a power cut leaves the old or the new, never half.

The **settings page** can change what is marked *page* below, and nothing else: the PIN, the pins
of the lights and folders are set in files, by whoever owns the device.
"""

_END = """\
## Languages and fonts

`screen.language` is changed while Inkling runs, on the settings page too. The fonts are the
system's; none is shipped with Inkling. A language is offered where a font that has all its letters
is installed; the first of these is taken:

English, German, Spanish, French

- DejaVu Sans, `fonts-dejavu-core` (Raspberry Pi OS has it). Bitstream Vera's licence: free to use
  and to pass on; its changes are in the public domain.
- Noto Sans, `fonts-noto-core`. SIL Open Font License 1.1.
- FreeSans Bold, which comes with `pygame-ce`. GNU GPL with the exception for fonts.

Japanese

- Noto Sans CJK, `fonts-noto-cjk`. SIL Open Font License 1.1.
- IPAex Gothic, `fonts-ipaexfont-gothic`. IPA Font License 1.0.
- WenQuanYi Micro Hei, as below.

Chinese

- WenQuanYi Micro Hei, `fonts-wqy-microhei`. Apache License 2.0, or GNU GPL 3 with the exception for
  fonts.
- Noto Sans CJK, as above.

The smallest for both is

```sh
sudo apt install fonts-wqy-microhei
```

It has the Chinese forms of the signs; where Japanese readers are expected, add
`fonts-ipaexfont-gothic`. Droid Sans Fallback (`fonts-droid-fallback`) will not do: it has no Latin
letters and no figures, and a line is never mixed from two fonts.

Translations are gettext catalogues in `device/locale`. After a change of texts,
`python -m firmware_tools catalogues` collects them, compiles the translations and lists what has
none yet.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of ``configuration``: it has nothing to choose."""


def run(_: argparse.Namespace) -> int:
    """Write the page."""
    atomic_write(PAGE, page().encode())
    say(f"wrote {PAGE}")
    return 0


def page() -> str:
    """The whole page, in Markdown."""
    defaults = tomllib.loads(DEFAULT_FILE.read_text(encoding="utf-8"))
    explained = explanations()
    parts = [_BEGINNING]
    for table, settings in groupby(SETTINGS.values(), lambda setting: setting.table):
        parts.append(f"## {_TITLES[table]}: `[{table}]`\n")
        for setting in settings:
            parts.append(_section(setting, defaults[table][setting.name], explained[setting.key]))
    parts += [_END, made_by("configuration") + "\n"]
    return "\n".join(parts)


def explanations() -> dict[str, str]:
    """What ``default.toml`` says of each key, in the comment above it."""
    found = {}
    table, comment = "", []
    for line in DEFAULT_FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            comment.append(line[2:])
            continue
        if line.startswith("["):
            table = line.strip("[]")
        elif "=" in line:
            found[f"{table}.{line.split(' = ')[0]}"] = " ".join(comment)
        comment = []
    return found


def _section(setting: Setting, default: object, explanation: str) -> str:
    shown = f'"{default}"' if isinstance(default, str) else str(default).lower()
    where = " · *page*: " + setting.label if setting.on_page else ""
    return f"**`{setting.name} = {shown}`** — {setting.expectation}{where}<br>\n{explanation}\n"
