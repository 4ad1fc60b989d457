"""What goes wrong is said in one sentence, and loses nothing."""

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QSlider, QToolButton

from prune3d_gui.core.plan.knobs import knob_named
from prune3d_gui.gui.window import MainWindow
from tests.conftest import settled
from tests.toy import ToyModel


def turn(window, name, value):
    window.controller.set_value(knob_named(window.controller.card.knobs, name), value)


def test_a_model_that_raises_keeps_the_last_picture(open_window, toy, qtbot):
    window = open_window(toy)
    before = window.viewport.scene("pruned")
    toy.fail_above = 0.1
    turn(window, "tolerance", 0.5)
    qtbot.waitUntil(lambda: bool(window.notices.visible))
    assert window.notices.visible == ("RuntimeError: the blobs fell apart",)
    assert window.viewport.scene("pruned") is before
    button = window.findChild(QToolButton, "toastDetails")
    button.click()
    assert "Traceback" in window.findChild(QPlainTextEdit).toPlainText()
    turn(window, "tolerance", 0.05)
    qtbot.waitUntil(lambda: settled(window))
    assert window.viewport.scene("pruned") is not before


def test_a_plugin_that_raises_when_it_opens_is_named(open_window, toy, qtbot, monkeypatch):
    window = open_window(toy)
    before = window.viewport.scene("pruned")

    def broken(self, ref, cancel):
        raise FileNotFoundError("blobs.npz")

    monkeypatch.setattr(type(toy), "open", broken)
    window.opening.open_ref(toy, toy.bundled()[1])
    said = "The plugin 'toy' failed to open 'Twin' (FileNotFoundError: blobs.npz)."
    qtbot.waitUntil(lambda: window.notices.visible == (said,))
    qtbot.waitUntil(lambda: settled(window))
    assert window.viewport.scene("pruned") is before
    assert window.controller.card.title == "Eighty-four blobs"


def test_the_same_sentence_is_up_only_once(open_window, toy, qtbot):
    window = open_window(toy)
    toy.fail_above = 0.1
    for value in (0.5, 0.6, 0.7):
        turn(window, "tolerance", value)
        qtbot.wait(50)
    qtbot.waitUntil(lambda: bool(window.notices.visible))
    assert len(window.notices.visible) == 1


def test_a_bad_value_is_refused_and_the_widget_goes_back(open_window, toy):
    window = open_window(toy)
    turn(window, "tolerance", 7)
    assert "tolerance 7 is out of range" in window.notices.visible[0]
    assert window.findChild(QSlider, "knob.tolerance").value() == 0


def test_a_bad_model_leaves_the_one_before(open_window, toy, qtbot, tmp_path):
    window = open_window(toy)
    path = tmp_path / "other.npz"
    path.write_bytes(b"no")
    window.opening.open_path(path)
    qtbot.waitUntil(lambda: bool(window.notices.visible))
    assert "holds no blobs" in window.notices.visible[0]
    qtbot.waitUntil(lambda: settled(window))
    assert window.parts.models.combo.currentText() == "Eighty-four blobs"
    turn(window, "tolerance", 0.3)
    qtbot.waitUntil(lambda: settled(window))


def test_a_bad_sample_leaves_the_one_before(open_window, toy, tmp_path, qtbot):
    window = open_window(toy)
    (tmp_path / "photo.PNG").write_bytes(b"no picture")
    window.opening.open_path(tmp_path / "photo.PNG")
    qtbot.waitUntil(lambda: bool(window.notices.visible))
    assert "is not a picture" in window.notices.visible[0]
    assert window.controller.sample == "s0"
    assert settled(window)


def test_a_file_of_no_system_is_named(open_window, toy, tmp_path, qtbot):
    window = open_window(toy)
    (tmp_path / "notes.txt").write_text("notes")
    window.opening.open_path(tmp_path / "notes.txt")
    qtbot.waitUntil(lambda: bool(window.notices.visible))
    assert "notes.txt' is neither a sample nor a model" in window.notices.visible[0]
    window.opening.open_path(tmp_path / "gone.txt")
    qtbot.waitUntil(lambda: len(window.notices.visible) == 2)
    assert "There is no file or folder" in window.notices.visible[1]
    assert window.settings.recent == ()


def test_a_folder_is_called_a_folder(open_window, toy, tmp_path, qtbot):
    window = open_window(toy)
    (tmp_path / "run.npz").mkdir()
    for folder in (tmp_path, tmp_path / "run.npz"):
        window.opening.open_path(folder)
        said = f"'{folder}' is a folder that no system here knows; choose a file in it."
        qtbot.waitUntil(lambda said=said: said in window.notices.visible)
    assert settled(window)


def test_what_was_assumed_of_a_network_is_said_once_and_stays(open_window, toy, monkeypatch):
    told = ("The layout was taken to be ours.", "Its last layer was left out.")
    monkeypatch.setattr(ToyModel, "notices", told)
    window = open_window(toy)
    assert window.notices.log == [("info", "\n".join(told))]
    assert window.parts.models.note.text().splitlines() == ["Made of random blobs.", *told]


def test_a_sample_of_the_users_is_shown_with_its_notices(open_window, toy, tmp_path, qtbot):
    window = open_window(toy)
    (tmp_path / "mine.png").write_bytes(b"a picture")
    window.opening.open_path(tmp_path / "mine.png")
    qtbot.waitUntil(lambda: "The picture was ignored." in window.notices.visible)
    qtbot.waitUntil(lambda: settled(window))
    assert window.parts.gallery.title.text() == "mine"
    assert window.settings.recent == (str(tmp_path / "mine.png"),)


def test_files_are_dropped_onto_the_window(open_window, toy, tmp_path, qtbot):
    window = open_window(toy)
    data = QMimeData()
    (tmp_path / "dropped.png").write_bytes(b"a picture")
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "dropped.png"))])
    place, copy = QPointF(200, 500), Qt.DropAction.CopyAction
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place.toPoint(), copy, data, buttons, keys)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(place, copy, data, buttons, keys))
    qtbot.waitUntil(lambda: window.parts.gallery.title.text() == "dropped" and settled(window))


def test_a_sample_given_at_the_start_is_opened(open_window, toy, tmp_path, qtbot):
    (tmp_path / "given.png").write_bytes(b"a picture")
    window = open_window(toy, file=tmp_path / "given.png")
    qtbot.waitUntil(lambda: window.parts.gallery.title.text() == "given" and settled(window))


def test_a_system_that_is_not_there_is_named(open_window, toy):
    window = open_window(toy, system="vortex")
    assert any("There is no system 'vortex'" in text for text in window.notices.visible)


def test_a_search_that_fails_is_said(qtbot, settings):
    def search():
        raise OSError("the plugin folder cannot be read")

    window = MainWindow(search, settings)
    window.show()
    window.start()
    qtbot.waitUntil(lambda: "No model" in window.status.hint.text())
    assert "cannot be read" in window.notices.visible[0]
    window.close()
    window.deleteLater()
