"""Notices: errors stay until they are read, and nothing covers a view."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from prune3d_gui.gui.dress.notice_list import NoticeList
from prune3d_gui.gui.dress.notices import MOST
from tests.conftest import settled
from tests.gui.drive import click


@pytest.fixture
def window(open_window, toy):
    window = open_window(toy)
    window.notices.read()
    window.notices.said = []
    return window


def place(window, widget):
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def test_toasts_cover_no_view_and_no_chart(window):
    for number in range(6):
        window.notices.show("error" if number % 2 else "info", f"Sentence {number}.", "x\n" * 5)
    toasts = window.notices._toasts
    assert len(toasts) == 6
    for toast in toasts:
        for part in (window.viewport, window.parts.lower):
            assert not place(window, toast).intersects(place(window, part))
        assert place(window, window.parts.left).contains(place(window, toast))


def test_an_error_stays_whatever_else_is_said(window):
    window.notices.show("error", "The file is gone.")
    for number in range(MOST + 3):
        window.notices.show("info", f"Written: {number}.ply")
    assert window.notices.visible[0] == "The file is gone."
    assert len(window.notices.visible) == MOST + 1
    assert window.notices.unread == 1
    assert window.notice_button.text() == "1"


def test_the_button_shows_all_that_was_said_and_marks_it_read(window, qtbot):
    window.notices.show("error", "The file is gone.", "Traceback")
    window.notices.show("success", "Written: a.ply")
    click(window.notice_button, window.notice_button.rect().center())
    shown = window.notice_button.findChild(NoticeList)
    qtbot.waitUntil(shown.isVisible)
    texts = [label.text() for label in shown.findChildren(QLabel) if label.text()]
    assert [t for t in texts if t in ("Written: a.ply", "The file is gone.", "Traceback")] == [
        "Written: a.ply",
        "The file is gone.",
        "Traceback",
    ]
    assert window.notices.unread == 0
    assert window.notices.visible == ()
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.notice_button.findChild(NoticeList) is None)


def test_the_chip_does_not_say_full_quality_while_it_works(window, toy, qtbot):
    assert window.status.chip.text() == "Full quality"
    toy.delay = 1.5
    window.controller.set_locks(["low"], True)
    qtbot.waitUntil(lambda: window.status.chip.text() == "Working…")
    assert not settled(window)
    qtbot.waitUntil(lambda: settled(window))
    assert window.status.chip.text() == "Full quality"
