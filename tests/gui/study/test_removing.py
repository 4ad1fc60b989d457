"""Stopping and removing studies: no click lands on another's action, and removal is undone."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from prune3d_gui.gui.study.record import CANCELLED
from tests.gui.drive import LEFT, NONE, click
from tests.gui.study.steps import study


def button(window, record, name):
    return getattr(window.parts.studies.list.items[id(record)], name)


def press_at(window, place):
    """Click where the pointer is, whatever lies there by now."""
    widget = window.childAt(window.mapFromGlobal(place))
    QTest.mouseClick(widget, LEFT, NONE, widget.mapFromGlobal(place))


def test_a_second_click_where_stop_was_removes_nothing(open_on, qtbot):
    window = open_on("slow")
    record = study(window, qtbot, wait=False, kind="sweep", values="0.001:1:x60", samples="val:1")
    qtbot.waitUntil(lambda: len(record.found) > 1, timeout=60_000)
    stop = button(window, record, "cancel_button")
    place = stop.mapToGlobal(stop.rect().center())
    press_at(window, place)
    press_at(window, place)
    qtbot.waitUntil(lambda: record.state == CANCELLED, timeout=30_000)
    for _ in range(2):
        press_at(window, place)
    assert window.studies.records == [record]
    assert record.state == CANCELLED


def test_a_study_removed_by_a_click_is_back_by_undo_in_the_notice(open_on, qtbot):
    window = open_on()
    second = study(window, qtbot, kind="sweep", values="0.01,0.1", samples="val:1")
    first = study(window, qtbot, kind="sweep", values="0.2,0.5", samples="val:1")
    rows = second.rows
    gone = button(window, second, "remove_button")
    click(gone, gone.rect().center())
    assert window.studies.records == [first]
    undo = window.findChild(QToolButton, "toastAction")
    assert undo.text() == "Undo"
    click(undo, QPoint(5, 5))
    assert window.studies.records == [first, second]
    assert second.rows == rows
    assert window.parts.studies.record is second
    assert not window.notices.visible


def test_ctrl_z_in_the_list_brings_back_the_last_removed(open_on, qtbot):
    window = open_on()
    window.activateWindow()
    record = study(window, qtbot, kind="sweep", values="0.01,0.1", samples="val:1")
    rows, plan = record.rows, window.controller.plan
    listed = window.parts.studies.list
    listed.setFocus()
    qtbot.waitUntil(listed.hasFocus)
    QTest.keyClick(listed, Qt.Key.Key_Delete)
    assert not window.studies.records
    assert listed.isVisible()
    assert listed.hasFocus()
    QTest.keyClick(listed, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.studies.records == [record]
    assert record.rows == rows
    assert window.controller.plan == plan
    assert not listed.restorable  # from here on it undoes what was asked of the model
