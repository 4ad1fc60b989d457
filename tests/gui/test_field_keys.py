"""Keys where a field has the keyboard: chords are the window's, text is the field's."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QTreeView

from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.gui.dress.number_box import NumberBox
from tests.conftest import settled
from tests.gui.drive import click

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(open_window, toy, qtbot):
    window = open_window(toy)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.happened = []
    for name, action in window.actions_by_id.items():
        action.triggered.connect(lambda on=False, name=name: window.happened.append(name))
    return window


def type_rate(window, text):
    """Click into the box, replace what stands there, and press Enter."""
    box = window.findChild(NumberBox, "spin.tolerance")
    click(box, QPoint(20, box.height() // 2))
    box.selectAll()
    QTest.keyClicks(box, text)
    QTest.keyClick(box, Qt.Key.Key_Return)
    return box


def test_undo_works_right_after_a_rate_was_typed(window, qtbot):
    box = type_rate(window, "0.3")
    assert window.controller.plan != Plan()
    QTest.keyClick(box, Qt.Key.Key_Z, CTRL)
    assert window.happened == ["undo"]
    assert window.controller.plan == Plan()
    assert box.value() == 0.001
    QTest.keyClick(box, Qt.Key.Key_Z, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert box.value() == 0.3
    assert QApplication.focusWidget() is box
    qtbot.waitUntil(lambda: settled(window))


def test_what_is_being_typed_is_taken_back_first(window):
    box = type_rate(window, "0.3")
    QTest.keyClicks(box, "5")
    assert box.lineEdit().text() != "0.3"
    QTest.keyClick(box, Qt.Key.Key_Z, CTRL)
    assert box.lineEdit().text() == "0.3"
    assert window.happened == []
    QTest.keyClick(box, Qt.Key.Key_Z, CTRL)
    assert window.happened == ["undo"]


def test_an_export_opens_from_a_box(window, qtbot):
    box = type_rate(window, "0.3")
    QTest.keyClick(box, Qt.Key.Key_E, CTRL)
    assert window.happened == ["exportMesh"]
    qtbot.waitUntil(lambda: bool(dialogs(window)))
    for dialog in dialogs(window):
        dialog.close()


def dialogs(window):
    tops = QApplication.topLevelWidgets()
    return [top for top in tops if top.isVisible() and top.parent() is window]


def test_letters_typed_in_a_field_are_no_shortcuts(window):
    box = type_rate(window, "0.3")
    QTest.keyClicks(box, "scpfl")
    assert box.lineEdit().text().endswith("scpfl")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.lineEdit().text() == "0.3"
    line = window.findChild(QLineEdit, "sampleFilter")
    click(line, line.rect().center())
    QTest.keyClicks(line, "scpfl")
    assert line.text() == "scpfl"
    QTest.keyClick(line, Qt.Key.Key_Z, CTRL)
    assert line.text() == ""
    tree = window.findChild(QTreeView, "unitTree")
    window.parts.tabs.setCurrentWidget(window.parts.units)
    tree.setFocus()
    QTest.keyClicks(tree, "sc")
    assert window.happened == []
    assert window.controller.style == "mesh"


def test_letters_are_shortcuts_on_a_slider(window):
    slider = window.findChild(NumberBox, "spin.tolerance").parent().slider
    click(slider, slider.place_of(300))
    slider.setFocus()
    QTest.keyClicks(slider, "p")
    assert window.happened == ["viewPoints"]
    assert window.controller.style == "points"
