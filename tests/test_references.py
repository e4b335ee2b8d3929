"""Every screen looks, pixel for pixel, as it did when a person looked at it last.

`make references` draws the references in tests/references anew; look at each before you keep it.
"""

import hashlib
import os
from pathlib import Path

import numpy as np
import pygame
import pytest
from fakes import SomeReaders, SteadyLibrary, Templates
from kiosks import settings

from device import exchange, gallery, kiosk
from device.gallery import Scene, drawn, shown
from device.samples import Samples
from device.screen import settings_screen, theme

FOLDER = Path(__file__).with_name("references")

FACES = {
    "truetype/dejavu/DejaVuSans.ttf": "abdc775b21b1bc47",
    "truetype/dejavu/DejaVuSans-Bold.ttf": "0d977336a6d5fba3",
    "truetype/wqy/wqy-microhei.ttc": "2420e8078af796b1",
}
"""The fonts that the references are drawn with, and the beginning of each one's SHA-256."""

SIZES = ("1280x720", "1024x600", "480x320", "720x1280", "1920x1080")

_LEFT_OUT = {f"digit-{value}" for value in range(10)} | {
    "small", "portrait", "settings-kiosk", "settings-about", "unread", "as-drawn",
}  # fmt: skip

SCENES = [
    *(made for made in gallery.scenes("de") if made.name not in _LEFT_OUT),
    *(Scene(f"accepted-{size}", drawn("3"), {"screen.size": size}) for size in SIZES),
    Scene("accepted-de", drawn("3"), {"screen.language": "de"}),
    Scene("menu-ja", shown("menu"), {"screen.language": "ja"}),
]


def _other_fonts() -> list[str]:
    """The fonts that are not the references' own."""
    other = []
    for name, beginning in FACES.items():
        path = theme.FONTS / name
        content = path.read_bytes() if path.is_file() else b""
        if not hashlib.sha256(content).hexdigest().startswith(beginning):
            other.append(str(path))
    return other


@pytest.fixture(scope="module")
def pictures():
    """Each scene's picture, uint8 (height, width, 3), by name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kiosk, "Readers", SomeReaders)
        patch.setattr(settings_screen, "__version__", "1.2.3")
        patch.setattr(Samples, "free_bytes", lambda _: 12_345_678_901)
        patch.setattr(exchange, "free_bytes", lambda _: 12_345_678_901)
        patch.setattr(exchange, "place", lambda _: Path("/var/lib/inkling/exchange"))
        config = settings("800x480")
        made = gallery.rendered(config, Templates(), SCENES, SteadyLibrary())
        return {
            scene.name: pygame.surfarray.array3d(surface).swapaxes(0, 1).copy()
            for scene, surface in made
        }


def side_by_side(expected, found):
    """Both pictures, and between them where they differ."""
    if expected.shape != found.shape:
        return found
    differs = (expected != found).any(axis=2)
    marked = found // 4
    marked[differs] = (255, 0, 255)
    line = np.full((len(found), 4, 3), 128, np.uint8)
    return np.hstack([expected, line, marked, line, found])


@pytest.mark.skipif(
    bool(_other_fonts()), reason=f"drawn with other fonts than: {', '.join(_other_fonts())}"
)
@pytest.mark.parametrize("name", [scene.name for scene in SCENES])
def test_the_screen_looks_as_it_did(name, pictures, tmp_path_factory):
    found = pictures[name]
    path = FOLDER / f"{name}.png"
    if os.environ.get("INKLING_ACCEPT"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(gallery.png(found))
    assert path.is_file(), f"{path} is missing: `make references` makes it"
    expected = pygame.surfarray.array3d(pygame.image.load(path)).swapaxes(0, 1)
    if np.array_equal(found, expected):
        return
    folder = tmp_path_factory.getbasetemp() / "references"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}-is.png").write_bytes(gallery.png(found))
    (folder / f"{name}-diff.png").write_bytes(gallery.png(side_by_side(expected, found)))
    count = (found != expected).any(axis=2).sum() if found.shape == expected.shape else "all"
    pytest.fail(
        f"{name}: {count} pixels differ: look at {folder}/{name}-diff.png (was, differs, is); "
        "if it is meant to look so, `make references` keeps it"
    )


def test_there_is_no_reference_that_nobody_compares():
    assert {path.stem for path in FOLDER.glob("*.png")} == {scene.name for scene in SCENES}


def test_a_difference_is_shown_between_both_pictures():
    black = np.zeros((10, 8, 3), np.uint8)
    other = black.copy()
    other[3, 5] = 1
    shown = side_by_side(black, other)
    assert shown.shape == (10, 3 * 8 + 2 * 4, 3)
    assert [tuple(place) for place in np.argwhere((shown == (255, 0, 255)).all(axis=2))] == [
        (3, 8 + 4 + 5)
    ]
