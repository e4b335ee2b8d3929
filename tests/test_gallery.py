"""The gallery: every screen as a picture, without hardware."""

import pygame
import pytest
from fakes import Templates
from kiosks import settings

from device import gallery
from device import lights as lights_module
from device.errors import FileError, ScreenError
from device.gallery import Scene, drawn, shown
from device.library import Library
from device.reading import Verdict
from device.screen.screens import CLASSES
from device.stage import stage


def played(scene, **tables):
    """The kiosk at the end of a scene: its screen's name and its reading's verdict."""
    config = settings(**tables)
    config = gallery.configuration.changed(config, scene.settings)
    with stage(config, Templates()) as made:
        made.begin()
        scene.play(made)
        return made.kiosk.screen.name, made.kiosk.reading.verdict


def test_there_is_a_scene_of_every_screen_but_the_dark_one():
    names = [scene.name for scene in gallery.scenes()]
    assert len(names) == len(set(names))
    seen = {name.split("-")[0] for name in names}
    assert {*CLASSES} - {"dark", "main"} <= seen
    assert {"blank", "accepted", "rejected", "several", *(f"digit-{n}" for n in range(10))} <= {
        *names
    }


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("blank", Verdict.BLANK),
        ("accepted", Verdict.ACCEPTED),
        ("rejected", Verdict.REJECTED),
        ("several", Verdict.SEVERAL),
    ],
)
def test_each_verdict_is_there(name, verdict):
    (scene,) = (scene for scene in gallery.scenes() if scene.name == name)
    assert played(scene) == ("main", verdict)


@pytest.mark.parametrize("name", ["turn", "why", "steps", "models", "teach", "attract", "pin"])
def test_a_screen_that_needs_more_than_a_tap_is_shown(name):
    (scene,) = (scene for scene in gallery.scenes() if scene.name == name)
    assert played(scene)[0] == name


@pytest.mark.parametrize("size", ["480x320", "320x480", "1280x720"])
@pytest.mark.parametrize("layout", ["lab", "kid"])
def test_every_scene_is_there_on_every_panel(size, layout):
    config = settings(size, screen={"layout": layout})
    every = gallery.scenes("de")
    made = [scene.name for scene, _ in gallery.rendered(config, Templates(), every)]
    assert made == [scene.name for scene in every]


def test_pictures_are_written_in_the_size_and_the_language_asked_for(tmp_path, capsys):
    english = gallery.screenshots(settings(), Templates(), tmp_path / "en", only=["blank"])
    config = settings("800x480", screen={"language": "de"})
    german = gallery.screenshots(config, Templates(), tmp_path / "de", only=["blank", "drawer"])
    assert [path.name for path in german] == ["blank.png", "drawer.png"]
    assert pygame.image.load(english[0]).get_size() == (480, 320)
    assert [pygame.image.load(path).get_size() for path in german] == [(800, 480), (480, 320)]
    assert str(german[0]) in capsys.readouterr().out


def test_a_picture_is_what_was_on_the_screen(tmp_path):
    surface = pygame.Surface((7, 3))
    surface.fill((1, 2, 3))
    surface.set_at((6, 0), (200, 100, 50))
    gallery.save(surface, tmp_path / "new" / "x.png")
    read = pygame.image.load(tmp_path / "new" / "x.png")
    assert read.get_size() == (7, 3)
    assert pygame.image.tobytes(read, "RGB") == pygame.image.tobytes(surface, "RGB")


def test_a_scene_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    with pytest.raises(ScreenError, match=r"no such scene: nothing; .*blank, .*attract"):
        gallery.screenshots(settings(), Templates(), tmp_path, only=["nothing", "blank"])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot write"):
        gallery.screenshots(settings(), Templates(), tmp_path / "file", only=["blank"])


def test_screenshots_leave_pins_settings_and_drawings_of_the_machine_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(lights_module, "open_factory", lambda: pytest.fail("real pins"))
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    gallery.screenshots(settings(), Templates(), tmp_path / "made", only=["teach"])
    assert not (tmp_path / "state").exists()


def test_a_kiosk_that_is_stopped_makes_no_more_pictures(tmp_path, monkeypatch):
    scenes = [
        Scene("one", drawn("1")),
        Scene("stop", lambda made: made.kiosk.stop()),
        Scene("two", shown("menu")),
    ]
    monkeypatch.setattr(gallery, "scenes", lambda language: scenes)
    with pytest.raises(ScreenError, match="stopped before every screen"):
        gallery.screenshots(settings(), Templates(), tmp_path, Library())
    assert [path.name for path in tmp_path.iterdir()] == ["one.png"]
