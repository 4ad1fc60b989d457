"""Hands for windows: a real mouse on a real slider."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

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


def let_go(slider, position):
    """Let go at a position of the slider."""
    QTest.mouseRelease(slider, LEFT, NONE, slider.place_of(position))


def click(widget, place):
    """Click with the left button."""
    QTest.mouseMove(widget, place)
    QTest.mouseClick(widget, LEFT, NONE, place)
