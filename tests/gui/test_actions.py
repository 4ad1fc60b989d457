"""One table of actions behind menus, toolbar, palette and shortcut page."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog

from prune3d_gui.gui.actions import ACTIONS
from prune3d_gui.gui.commands import Commands
from prune3d_gui.gui.palette import Palette, Shortcuts

WANTED = {
    "openSample", "openModel", "exportMesh", "exportPoints", "exportNetwork", "exportCurves",
    "screenshot", "reset", "undo", "redo", "viewPoints", "viewMesh", "colourByDistance",
    "resetCamera", "theme", "about", "doctor", "quit", "palette", "shortcuts",
}  # fmt: skip


def test_the_table_is_complete():
    ids = [spec.id for spec in ACTIONS]
    assert set(ids) >= WANTED
    assert len(set(ids)) == len(ids)
    keys = [spec.shortcut for spec in ACTIONS if spec.shortcut]
    assert len(set(keys)) == len(keys)
    for spec in ACTIONS:
        assert spec.text, spec.id
        assert spec.tooltip, spec.id
        assert callable(getattr(Commands, spec.slot)), spec.id


@pytest.fixture
def window(open_window, toy):
    return open_window(toy)


def test_every_action_is_in_the_window(window):
    in_menus = {a for menu in window.menus.values() for a in menu.actions()}
    for spec in ACTIONS:
        action = window.findChild(QAction, f"action.{spec.id}")
        assert action in in_menus
        assert not action.icon().isNull()
        assert action.toolTip()
    assert len(window.toolbar.actions()) > 10


def test_the_palette_runs_what_is_typed(window, qtbot):
    window.actions_by_id["palette"].trigger()
    palette = window.findChild(Palette)
    QTest.keyClicks(palette.line, "dark theme")
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert window.theme.dark
    window.actions_by_id["theme"].trigger()
    assert not window.theme.dark


def test_the_shortcut_page_lists_all(window):
    window.actions_by_id["shortcuts"].trigger()
    page = window.findChild(Shortcuts)
    found = page.list.findItems("", Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive)
    texts = {item.text(0) for item in found}
    for spec in ACTIONS:
        if spec.shortcut:
            assert spec.text.rstrip("…") in texts
    page.close()


def test_view_actions_reach_the_viewport(window, monkeypatch):
    told = []
    monkeypatch.setattr(window.viewport, "set_style", told.append)
    monkeypatch.setattr(window.viewport, "set_coloured", told.append)
    window.actions_by_id["viewPoints"].trigger()
    window.actions_by_id["viewMesh"].trigger()
    window.actions_by_id["colourByDistance"].trigger()
    assert told == ["points", "mesh", False]


def test_about_names_the_citation(window):
    window.actions_by_id["about"].trigger()
    page = window.findChild(QDialog, "about")
    assert "No one, 2025." in page.text.text()
    page.close()


def test_keys_work(window, qtbot):
    window.activateWindow()
    window.setFocus()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert window.theme.dark
