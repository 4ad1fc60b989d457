"""At 1280 x 800 everything is whole: inside the window, and no smaller than it needs."""

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QWidget

from prune3d_gui.gui.dress.theme import DARK, LIGHT


@pytest.fixture(params=[(1280, 800), (1600, 1000)], ids=lambda size: f"{size[0]}x{size[1]}")
def window(request, open_window, toy):
    return open_window(toy, size=request.param)


def inside(window, widget):
    corner = widget.mapTo(window, QPoint(0, 0))
    return QRect(QPoint(0, 0), window.size()).contains(QRect(corner, widget.size()))


def test_nothing_is_cut_off(window, request):
    assert window.minimumSizeHint().width() <= 1280
    assert window.minimumSizeHint().height() <= 800
    shown = [w for w in window.findChildren(QWidget) if w.isVisible() and w.window() is window]
    assert len(shown) > 40
    for widget in shown:
        name = f"{type(widget).__name__} {widget.objectName()}"
        scrolled = widget.parent() is not None and "scrollarea" in widget.parent().objectName()
        if not scrolled:
            assert inside(window, widget), name
        if isinstance(widget, QAbstractButton | QComboBox | QLineEdit):
            assert widget.height() >= widget.minimumSizeHint().height(), name
        if isinstance(widget, QLabel) and not widget.wordWrap() and widget.text():
            needed = widget.minimumSizeHint()
            assert widget.height() >= needed.height(), f"{name} {widget.text()!r}"


def test_the_main_parts_have_room(window):
    parts = window.parts
    assert parts.viewport.width() > 0.6 * window.width()
    assert parts.viewport.height() > 0.45 * window.height()
    assert parts.plots.height() >= 200
    assert parts.knobs.verticalScrollBar().maximum() == 0
    assert parts.gallery.list.height() >= 120
    table = parts.numbers.table
    assert table.verticalScrollBar().maximum() == 0
    assert table.horizontalScrollBar().maximum() == 0
    parts.tabs.setCurrentWidget(parts.units)
    assert parts.tree.horizontalScrollBar().maximum() == 0


def contrast(one, two):
    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read(theme):
    for ink in (theme.text, theme.muted, theme.warn, theme.error, theme.accent, *theme.series):
        for ground in (theme.panel, theme.window):
            wanted = 3.0 if ink in theme.series else 4.5
            assert contrast(ink, ground) >= wanted, (ink, ground)
    assert contrast(theme.on_accent, theme.accent) >= 4.5
