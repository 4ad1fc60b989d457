"""The dialog before an export, with real keys: names, folders, endings."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from prune3d_gui.core.plan.knobs import knob_named
from prune3d_gui.gui.export.dialog import ExportDialog
from prune3d_gui.gui.export.names import suggested
from tests.conftest import drain
from tests.gui.drive import click
from tests.gui.export.test_exports import turn, written


@pytest.fixture
def ask(open_window, toy, settings, tmp_path, qtbot):
    """Open the dialog of an action."""
    settings.folder = str(tmp_path)
    window = open_window(toy)
    turn(window, 0.25)

    def make(action):
        window.actions_by_id[action].trigger()
        dialog = window.findChild(ExportDialog)
        qtbot.waitExposed(dialog)
        return window, dialog

    return make


def typed(dialog, text):
    """Type over what is in the line."""
    dialog.path_line.setFocus()
    dialog.path_line.selectAll()
    QTest.keyClicks(dialog.path_line, text)


@pytest.mark.parametrize("key", ["click", "enter"])
def test_an_absolute_path_is_typed(ask, qtbot, tmp_path, key):
    window, dialog = ask("exportMesh")
    path = tmp_path / "typed.stl"
    typed(dialog, str(path))  # each letter on the way, the lone / included, is no trouble
    assert dialog.path == path
    assert dialog.format_box.currentText().endswith("(*.stl)")
    if key == "click":
        click(dialog.export_button, dialog.export_button.rect().center())
    else:
        QTest.keyClick(dialog.path_line, Qt.Key.Key_Return)
    written(window, qtbot, path)
    assert not any(kind == "error" for kind, _ in window.notices.log)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/", "is a folder; give the name"),
        ("", "is a folder; give the name"),
        ("~", "is a folder; give the name"),
        ("no/such/a.ply", "its folder does not exist"),
    ],
)
def test_what_is_no_name_of_a_file_is_said_and_the_dialog_stays(ask, tmp_path, text, said):
    window, dialog = ask("exportMesh")
    dialog.path_line.clear()
    typed(dialog, text)
    assert dialog.warning.text().startswith("This ")
    click(dialog.export_button, dialog.export_button.rect().center())
    assert dialog.isVisible()
    assert said in dialog.warning.text()
    assert window.exports.chip.names == ()
    dialog.close()


def test_a_name_alone_goes_to_the_folder_of_the_dialog(ask, tmp_path):
    _, dialog = ask("exportMesh")
    typed(dialog, "mine")
    assert dialog.path == tmp_path / "mine.ply"
    typed(dialog, "rate-0.45")
    assert dialog.path == tmp_path / "rate-0.45.ply"
    typed(dialog, "~nobody-of-this-name/a.ply")
    assert dialog.path.name == "a.ply"
    dialog.close()


def test_names_say_sample_system_and_rate(ask, tmp_path):
    _, dialog = ask("exportMesh")
    assert dialog.path.name == "seed-0-toy-tolerance-0.25.ply"
    dialog.role_box.setCurrentIndex(0)
    assert dialog.path.name == "seed-0-toy-reference.ply"
    dialog.format_box.setCurrentIndex(1)
    assert dialog.path.name == "seed-0-toy-reference.obj"
    dialog.role_box.setCurrentIndex(1)
    assert dialog.path.name == "seed-0-toy-full.obj"
    typed(dialog, "mine.obj")
    dialog.role_box.setCurrentIndex(2)
    assert dialog.path == tmp_path / "mine.obj"
    dialog.close()
    drain()
    for action, name in (
        ("exportPoints", "seed-0-toy-tolerance-0.25-points.ply"),
        ("exportNetwork", "eighty-four-blobs-toy-tolerance-0.25-network.npz"),
        ("exportCurves", "seed-0-toy-tolerance-0.25-curves.csv"),
        ("screenshot", "seed-0-toy-tolerance-0.25-views.png"),
    ):
        _, dialog = ask(action)
        assert dialog.path.name == name
        dialog.close()
        drain()


def test_a_name_fits_every_disk(open_window, toy, qtbot):
    window = open_window(toy)
    controller = window.controller
    sample = controller.samples["s0"]
    object.__setattr__(sample, "title", "CT: Kopf/Hals <2>\n" + "lang " * 20)
    scope = knob_named(controller.card.knobs, "scope")
    controller.set_value(scope, "low,mid")
    name = suggested(controller, "pruned")
    assert name.startswith("ct-kopf-hals-2-lang-lang")
    assert not set(name) & set('/\\:<>"|?* \n')
    assert len(name) < 120
