"""What is dropped, chosen or given at the start is opened by the system that takes it."""

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from prune3d_gui.core.model import ModelRef, Sample
from prune3d_gui.core.registry import Registry
from prune3d_gui.core.system import Taken
from tests.conftest import settled
from tests.toy import Plugin, ToyModel


class Drawings(Plugin):
    """Takes what begins with DRAW as a sample; not sure of pictures."""

    id, title = "drawings", "Drawings"
    sample_files, model_files = ("*.draw",), ()

    def bundled(self):
        return (ModelRef(self.id, "A hand that draws"),)

    def recognise(self, path):
        if path.is_dir():
            return Taken("scene", "A folder of drawings.") if (path / "index").is_file() else None
        head = path.read_bytes()[:4]
        if head == b"DRAW":
            return Taken("sample", "A drawing.")
        return (
            Taken("sample", "A picture that could be traced.", False) if head == b"PICT" else None
        )

    def open(self, ref, cancel=None):
        return DrawingModel(self, ref.title)


class DrawingModel(ToyModel):
    """Calls its samples by the names of their files."""

    def open_sample(self, path, cancel=None):
        return Sample("s1", path.name, "Yours")


class Nets(Plugin):
    """Takes what begins with NET or PICT: a network, and a picture that it is sure of."""

    id, title = "nets", "Nets"
    broken = False

    def bundled(self):
        return (ModelRef(self.id, "A bundled net"),)

    def recognise(self, path):
        if self.broken:
            raise ZeroDivisionError("division by zero")
        head = b"" if path.is_dir() else path.read_bytes()
        if head.startswith(b"NET"):
            return Taken("network", "A net.")
        return Taken("sample", "A picture.") if head.startswith(b"PICT") else None

    def open(self, ref, cancel=None):
        return DrawingModel(self, ref.title)


@pytest.fixture
def systems():
    return Drawings(), Nets()


@pytest.fixture
def window(open_window, systems):
    return open_window(Registry(systems, ()))


@pytest.fixture
def drop(window):
    """Drop files onto the window, as a hand does."""

    def do(*paths):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
        place, none = QPointF(200, 500), Qt.KeyboardModifier.NoModifier
        enter = QDragEnterEvent(place.toPoint(), copy, data, left, none)
        QApplication.sendEvent(window, enter)
        QApplication.sendEvent(window, QDropEvent(place, copy, data, left, none))

    return do


def file(folder, name, content):
    path = folder / name
    path.write_bytes(content)
    return path


def shows(window, system, title):
    card = window.controller.card
    here = card is not None and card.ref.system == system and settled(window)
    return here and window.parts.gallery.title.text() == title


def test_a_sample_of_another_system_opens_that_and_says_so(window, drop, qtbot, tmp_path):
    assert window.opening.system.id == "drawings"
    drop(file(tmp_path, "photo.draw", b"PICT"))
    qtbot.waitUntil(lambda: shows(window, "nets", "photo.draw"))
    said = "'photo.draw' is opened with another system, Nets: A picture."
    assert said in [text for _, text in window.notices.log]
    drop(file(tmp_path, "a.png", b"DRAW"))
    qtbot.waitUntil(lambda: shows(window, "drawings", "a.png"))
    assert window.settings.recent[:2] == (str(tmp_path / "a.png"), str(tmp_path / "photo.draw"))


def test_a_sample_that_is_asked_for_is_one_of_the_open_model_first(window, qtbot, tmp_path):
    window.opening.open_sample(file(tmp_path, "photo.jpg", b"PICT"))
    qtbot.waitUntil(lambda: shows(window, "drawings", "photo.jpg"))
    window.opening.open_sample(file(tmp_path, "mine.jpg", b"NET"))
    qtbot.waitUntil(lambda: window.controller.card.title == "mine.jpg" and settled(window))


def test_a_network_is_opened_whatever_its_name_and_whoever_is_open(window, drop, qtbot, tmp_path):
    path = file(tmp_path, "mine.draw", b"NET")
    drop(path)
    qtbot.waitUntil(lambda: window.controller.card.ref.path == str(path) and settled(window))
    assert window.controller.card.ref == ModelRef("nets", "mine.draw", str(path))


def test_a_folder_opens_as_a_scene_or_is_one_sentence(window, drop, qtbot, tmp_path):
    known, other = tmp_path / "known", tmp_path / "other"
    known.mkdir()
    other.mkdir()
    (known / "index").touch()
    drop(other)
    said = f"'{other}' is a folder that no system here knows; choose a file in it."
    qtbot.waitUntil(lambda: said in window.notices.visible)
    assert settled(window)
    drop(known)
    qtbot.waitUntil(lambda: window.controller.card.ref.path == str(known) and settled(window))


def test_a_plugin_that_raises_is_named_and_the_others_are_asked(
    window, drop, systems, qtbot, tmp_path
):
    systems[1].broken = True
    path = file(tmp_path, "photo.jpg", b"PICT")
    drop(path)
    qtbot.waitUntil(lambda: shows(window, "drawings", "photo.jpg"))
    assert window.notices.log[0] == (
        "error",
        f"The plugin 'nets' failed to say what '{path}' is (ZeroDivisionError: division by zero); "
        "the others were asked.",
    )


def test_several_files_are_opened_in_turn(window, drop, qtbot, tmp_path):
    drop(file(tmp_path, "one", b"DRAW1"), file(tmp_path, "two", b"DRAW2"))
    qtbot.waitUntil(lambda: shows(window, "drawings", "two"))


def test_a_sample_given_at_the_start_opens_its_system(open_window, systems, qtbot, tmp_path):
    path = file(tmp_path, "given.png", b"PICT")
    window = open_window(Registry(systems, ()), wait=False, file=path)
    qtbot.waitUntil(lambda: shows(window, "nets", "given.png"))
    assert [text for kind, text in window.notices.log if kind == "error"] == []


def test_what_cannot_be_opened_at_the_start_leaves_the_first_model(
    open_window, systems, qtbot, tmp_path
):
    for path in (file(tmp_path, "notes.txt", b"notes"), tmp_path / "gone.png"):
        window = open_window(Registry(systems, ()), file=path)
        assert window.controller.card.ref.system == "drawings"
        assert str(path) in window.notices.visible[0]
        window.close()
