"""Help: a page for each panel, names for everything that takes the focus, marks in menus."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from prune3d_gui.gui.help.dialog import HelpDialog
from prune3d_gui.gui.help.pages import PANELS, TITLES, gist_of, page_for, text_of


@pytest.fixture
def window(open_window, toy):
    window = open_window(toy)
    window.activateWindow()
    return window


@pytest.mark.parametrize("page", TITLES)
def test_a_page_is_short_and_begins_with_what_it_is_about(page):
    text = text_of(page)
    assert text.startswith(f"# {TITLES[page]}\n")
    assert len(text.split()) < 220
    assert gist_of(page).endswith(".")


def test_every_panel_has_its_page(window):
    assert set(PANELS.values()) == set(TITLES)
    for name in ("knobPanel", "unitTree", "sampleList", "metricPlots", "numbers", "studies"):
        found = window.findChild(QWidget, name)
        assert page_for(found) == PANELS[name], name
    assert page_for(window) == "views"


def test_f1_opens_the_page_of_the_panel_with_the_keyboard(window, qtbot):
    for name, title in (("spin.tolerance", "Knobs"), ("unitTree", "Units")):
        window.parts.tabs.setCurrentWidget(window.parts.units)
        widget = window.findChild(QWidget, name)
        window.activateWindow()
        widget.setFocus()
        qtbot.waitUntil(widget.hasFocus)
        QTest.keyClick(widget, Qt.Key.Key_F1)
        shown = window.findChild(HelpDialog)
        assert shown.text.toPlainText().startswith(title)
        assert shown.pages.currentItem().text() == title
    shown.close()
    qtbot.waitUntil(lambda: window.findChild(HelpDialog) is None)


def test_every_panel_says_what_it_is(window):
    parts = window.parts
    for part in (parts.viewport, parts.knobs, parts.units, parts.gallery, parts.plots,
                 parts.numbers, parts.studies, parts.models):  # fmt: skip
        assert len(part.whatsThis()) > 20


def test_a_checkable_action_shows_its_mark_in_the_menu(window):
    for action in window.actions_by_id.values():
        assert action.isIconVisibleInMenu() is not action.isCheckable()


def name_of(widget):
    buddies = [lab for lab in widget.window().findChildren(QLabel) if lab.buddy() is widget]
    own = widget.text() if isinstance(widget, QAbstractButton) else ""
    return widget.accessibleName() or own or "".join(label.text() for label in buddies)


def test_everything_that_takes_the_focus_has_a_name(window):
    nameless = []
    for tab in range(window.parts.tabs.count()):
        window.parts.tabs.setCurrentIndex(tab)
        for widget in window.findChildren(QWidget):
            takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible()
            inner = widget.objectName().startswith("qt_") or widget.window() is not window
            if takes and not inner and not name_of(widget):
                nameless.append(f"{type(widget).__name__} {widget.objectName()}")
    assert not nameless, "\n".join(nameless)


def test_tab_goes_from_the_model_through_the_knobs_to_the_samples(window, qtbot):
    window.parts.models.combo.setFocus()
    seen = []
    for _ in range(12):
        focused = window.focusWidget()
        seen.append(focused.objectName() or type(focused).__name__)
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    order = ("modelList", "spin.tolerance", "knob.tolerance", "choice.scope", "sampleFilter")
    assert [name for name in seen if name in order] == list(order), seen
