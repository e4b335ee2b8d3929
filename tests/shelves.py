"""Wheels of other people, as far as they matter to whoever collects them."""

import zipfile


def wheel(folder, name, version="1.0", tag="py3-none-any", requires=()):
    """A wheel with nothing in it but what it says of itself."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {line}" for line in requires]
    path = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(f"{info}/METADATA", "\n".join([*lines, "", ""]))
        made.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nTag: {tag}\n")
        made.writestr(f"{info}/RECORD", "")
        made.writestr(f"{name}/_vendor/other-2.0.dist-info/METADATA", "Name: other\n")
    return path
