"""Hands for windows: a real mouse on a real slider, and what hands do often."""

from contextlib import contextmanager
from itertools import count

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow

from prune3d_gui.gui.study.record import DONE
from prune3d_gui.gui.views.viewport import Viewport

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


def drag(slider, start, stop, moves=20, pause=20, release=True, during=None):
    """Press at a position of the slider, move to another, and let go there."""
    first, last = slider.place_of(start), slider.place_of(stop)
    QTest.mousePress(slider, LEFT, NONE, first)
    for move in range(1, moves + 1):
        x = first.x() + round((last.x() - first.x()) * move / moves)
        QTest.mouseMove(slider, QPoint(x, first.y()))
        QTest.qWait(pause)
        if during:
            during()
    if release:
        let_go(slider, stop)


def each_answered(qtbot, heard):
    """What a hand does during a drag to see an answer to each move, however slow the machine.

    `heard` is a list that grows with answers.
    """
    moves = count(1)

    def wait():
        wanted = next(moves)
        qtbot.waitUntil(lambda: len(heard) >= wanted, timeout=20_000)

    return wait


def let_go(slider, position):
    """Let go at a position of the slider."""
    QTest.mouseRelease(slider, LEFT, NONE, slider.place_of(position))


def click(widget, place):
    """Click with the left button."""
    QTest.mouseMove(widget, place)
    QTest.mouseClick(widget, LEFT, NONE, place)


def wheel(widget, notches, place=None):
    """Turn the wheel over a widget: the window gets it as the screen's system sends it."""
    window = widget.window()
    place = widget.rect().center() if place is None else place
    at = QPointF(widget.mapTo(window, place))
    QTest.wheelEvent(window.windowHandle(), at, QPoint(0, 120 * notches))
    QApplication.processEvents()


def drop_on(window, *paths):
    """Drop files onto the window, as a hand does."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, place = Qt.DropAction.CopyAction, QPointF(200, 500)
    enter = QDragEnterEvent(place.toPoint(), copy, data, LEFT, NONE)
    QApplication.sendEvent(window, enter)
    QApplication.sendEvent(window, QDropEvent(place, copy, data, LEFT, NONE))


def run_job(window, qtbot, job):
    """Run a job by its form to its end; returns its record."""
    window.actions_by_id["showStudies"].trigger()
    window.actions_by_id["newStudy"].trigger()
    form = window.parts.studies.form
    form.kind_box.setCurrentIndex(form.kind_box.findData(job))
    click(form.start_button, form.start_button.rect().center())
    qtbot.waitUntil(lambda: bool(window.studies.records), timeout=20_000)
    record = window.studies.records[0]
    qtbot.waitUntil(lambda: not record.live, timeout=120_000)
    assert record.state == DONE, record.message
    return record


@contextmanager
def viewport_in(qtbot, width, height, kind=QMainWindow):
    """A viewport alone in a window of that size, started; it is shut down at the end."""
    window = kind()
    window.resize(width, height)
    shown = Viewport()
    window.setCentralWidget(shown)
    qtbot.addWidget(window, before_close_func=lambda _: shown.shutdown())
    window.show()
    qtbot.waitExposed(window)
    shown.start()
    yield shown
    shown.shutdown()
