"""Dialogs, the menu of recent files and finished jobs offer what can be opened."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QToolButton

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.registry import Registry, discover
from prune3d_gui.studies.run import worker
from tests.conftest import settled
from tests.gui.drive import click, run_job
from tests.gui.opening.systems import Drawings, Nets, file, shows

PATIENCE_MS = 60_000
"""All systems that are installed are asked, and the first question brings in torch."""
TOY = Path(__file__).parents[2] / "toy.py"
WRITING = """
from prune3d_gui.core.jobs import Job, Progress
from prune3d_gui.core.system import Taken
Plugin.id, Plugin.title = "writing", "Written blobs"
def write(options, report, cancel):
    path = Path("runs") / "blobs.bin"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"BLOBS")
    (path.parent / "table.csv").write_text("a")
    row = {"network": str(path), "table": str(path.parent / "table.csv"), "gone": "no/such.bin"}
    report(Progress(1, 1, "writing", row))
    return [row]
Plugin.jobs = lambda self: (Job("write", "Write blobs.", (), write),)
Plugin.recognise = lambda self, path: (
    Taken("network", "Blobs.") if path.is_file() and path.read_bytes() == b"BLOBS" else None
)
Plugin.open = lambda self, ref, *rest: ToyModel(self, ref.title)
"""
STOPPED = """
import os
def train(options, report, cancel):
    (Path("runs") / "training.bin").write_bytes(b"BLOBS")
    report(Progress(1, 0, "training"))
    while not cancel.cancelled:
        if options["fails"]:
            os._exit(3)
        time.sleep(0.02)
    cancel.check()
from prune3d_gui.core.jobs import Option
Plugin.jobs = lambda self: (Job("train", "Train.", (
    Option("out", "runs", "Where to.", kind="write_folder"), Option("fails", False, "Break."),
), train),)
"""


@pytest.fixture
def window(open_window):
    return open_window(Registry((Drawings(), Nets()), ()))


def ask(window, qtbot, key, shift=False):
    """Press the shortcut, and return the dialog."""
    modifiers = Qt.KeyboardModifier.ControlModifier
    modifiers |= Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, key, modifiers)
    qtbot.waitUntil(lambda: window.findChild(QFileDialog) is not None)
    dialog = window.findChild(QFileDialog)
    qtbot.waitUntil(dialog.isVisible)
    return dialog


def choose(dialog, qtbot, path, chosen_filter=""):
    """Choose a file, of the kinds of the filter that begins so."""
    if chosen_filter:
        names = dialog.nameFilters()
        dialog.selectNameFilter(next(name for name in names if name.startswith(chosen_filter)))
    dialog.selectFile(str(path))
    dialog.accept()


def test_open_sample_offers_every_system_s_kinds_and_opens_the_right_one(window, qtbot, tmp_path):
    dialog = ask(window, qtbot, Qt.Key.Key_O)
    assert dialog.nameFilters() == [
        "All samples (*.draw *.png)", "Drawings (*.draw)", "Nets (*.png)", "All files (*)",
    ]  # fmt: skip
    choose(dialog, qtbot, file(tmp_path, "photo.png", b"PICT"))
    qtbot.waitUntil(lambda: shows(window, "nets", "photo.png"))
    assert ("info", "'photo.png' is opened with Nets: A picture.") in window.notices.log
    qtbot.waitUntil(lambda: window.findChild(QFileDialog) is None)
    dialog = ask(window, qtbot, Qt.Key.Key_O)
    assert Path(dialog.directory().absolutePath()) == tmp_path
    choose(dialog, qtbot, file(tmp_path, "other.draw", b"PICT"), "Drawings")
    qtbot.waitUntil(lambda: shows(window, "drawings", "other.draw"))


class Locked(Nets):
    """Its model does not open until it is let."""

    shut = True

    def open(self, ref, cancel=None):
        if self.shut:
            raise BadInput("The net is locked; unlock it.")
        return super().open(ref)


def test_a_sample_opens_the_model_of_its_system_where_none_is_open(open_window, qtbot, tmp_path):
    system = Locked()
    window = open_window(system, wait=False)
    qtbot.waitUntil(lambda: "The net is locked; unlock it." in window.notices.visible)
    assert window.controller.card is None
    system.shut = False
    choose(ask(window, qtbot, Qt.Key.Key_O), qtbot, file(tmp_path, "photo.png", b"PICT"))
    qtbot.waitUntil(lambda: shows(window, "nets", "photo.png"))


def test_open_model_takes_another_system_s_network(window, qtbot, tmp_path):
    path = file(tmp_path, "mine.npz", b"NET")
    choose(ask(window, qtbot, Qt.Key.Key_O, shift=True), qtbot, path)
    qtbot.waitUntil(lambda: window.controller.card.ref.path == str(path) and settled(window))
    assert window.controller.card.ref.system == "nets"


def test_recent_files_open_again_with_the_system_that_takes_them(window, qtbot, tmp_path):
    path, drawing = file(tmp_path, "mine.bin", b"NET"), file(tmp_path, "a", b"DRAW")
    window.opening.open_path(path)
    qtbot.waitUntil(lambda: window.controller.card.ref.path == str(path) and settled(window))
    window.opening.open_path(drawing)
    qtbot.waitUntil(lambda: shows(window, "drawings", "a"))
    window.recent.fill()
    entry = next(one for one in window.recent.menu.actions() if one.text() == "mine.bin")
    menu = window.recent.menu
    menu.popup(window.mapToGlobal(window.rect().center()))
    qtbot.waitUntil(menu.isVisible)
    click(menu, menu.actionGeometry(entry).center())
    qtbot.waitUntil(lambda: window.controller.card.ref.path == str(path) and settled(window))


@pytest.fixture
def writing(open_window, tmp_path, monkeypatch, request):
    folder = tmp_path / "plugins"
    folder.mkdir()
    source = TOY.read_text(encoding="utf-8") + WRITING + getattr(request, "param", "")
    (folder / "writing.py").write_text(source, encoding="utf-8")
    monkeypatch.setenv("PRUNE3D_PLUGINS", str(folder))
    monkeypatch.chdir(tmp_path)
    yield open_window(discover(), system="writing")
    worker.forget()


def test_a_finished_job_offers_to_open_what_it_wrote(writing, qtbot, tmp_path):
    window, path = writing, tmp_path / "runs" / "blobs.bin"
    record = run_job(window, qtbot, "write")
    said = f"'{record.title}' is done: it wrote 'blobs.bin'."
    qtbot.waitUntil(lambda: said in window.notices.visible, timeout=PATIENCE_MS)
    button = window.findChild(QToolButton, "toastAction")
    assert button.text() == "Open it"
    click(button, button.rect().center())
    here = str(path)
    qtbot.waitUntil(lambda: window.controller.card.ref.path == here, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: settled(window))
    assert said not in window.notices.visible


@pytest.mark.parametrize("writing", [STOPPED], indirect=True)
@pytest.mark.parametrize("fails", [False, True])
def test_a_job_that_does_not_end_offers_what_it_left(writing, fails, qtbot, tmp_path):
    window, path = writing, tmp_path / "runs" / "training.bin"
    path.parent.mkdir()
    (path.parent / "older.bin").write_bytes(b"BLOBS")
    os.utime(path.parent / "older.bin", (1, 1))
    window.actions_by_id["showStudies"].trigger()
    window.actions_by_id["newStudy"].trigger()
    form = window.parts.studies.form
    form.kind_box.setCurrentIndex(form.kind_box.findData("train"))
    form.options.fields["fails"].widget.setChecked(fails)
    click(form.start_button, form.start_button.rect().center())
    qtbot.waitUntil(lambda: bool(window.studies.records), timeout=20_000)
    record = window.studies.records[0]
    if not fails:
        qtbot.waitUntil(lambda: record.moved.done == 1, timeout=PATIENCE_MS)
        button = window.parts.studies.list.items[id(record)].cancel_button
        click(button, button.rect().center())
    qtbot.waitUntil(lambda: not record.live, timeout=PATIENCE_MS)
    how = "failed" if fails else "was stopped"
    said = f"'{record.title}' {how}; it left 'training.bin', as far as it had come."
    qtbot.waitUntil(lambda: said in window.notices.visible, timeout=PATIENCE_MS)
    button = window.findChild(QToolButton, "toastAction")
    click(button, button.rect().center())
    here = str(path)
    qtbot.waitUntil(lambda: window.controller.card.ref.path == here, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: settled(window))


def test_networks_of_jobs_are_offered_by_the_menu_and_the_dialog(writing, qtbot, tmp_path):
    window, folder = writing, tmp_path / "runs"
    run_job(window, qtbot, "write")
    qtbot.waitUntil(lambda: bool(window.settings.made), timeout=PATIENCE_MS)
    window.recent.fill()
    texts = [action.text() for action in window.recent.menu.actions()]
    assert texts == ["Written by your jobs", "blobs.bin"]
    dialog = ask(window, qtbot, Qt.Key.Key_O, shift=True)
    assert Path(dialog.directory().absolutePath()) == folder
    assert folder in [Path(url.toLocalFile()) for url in dialog.sidebarUrls()]
    dialog.reject()
