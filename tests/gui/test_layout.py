"""At every size everything is whole: inside the window, and no smaller than it needs.

911 x 480 is what a screen of 1366 x 768 leaves at a scale of 1.5 below the title of the window,
960 x 510 what 1920 x 1080 leaves at a scale of 2.
"""

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QWidget,
)

from prune3d_gui.gui.dress.theme import DARK, LIGHT
from tests.gui.drive import click


@pytest.fixture(params=[(1280, 800), (1600, 1000)], ids=lambda size: f"{size[0]}x{size[1]}")
def window(request, open_window, toy):
    return open_window(toy, size=request.param)


@pytest.fixture(
    params=[(911, 480), (960, 510), (1024, 600), (1280, 800), (1600, 1000)],
    ids=lambda size: f"{size[0]}x{size[1]}",
)
def any_window(request, open_window, toy):
    window = open_window(toy, size=request.param)
    assert (window.width(), window.height()) == request.param
    return window


def inside(window, widget):
    corner = widget.mapTo(window, QPoint(0, 0))
    return QRect(QPoint(0, 0), window.size()).contains(QRect(corner, widget.size()))


def assert_whole(window):
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


def turn_to(tabs, title):
    bar = tabs.tabBar()
    (tab,) = [tab for tab in range(bar.count()) if bar.tabText(tab) == title]
    click(bar, bar.tabRect(tab).center())
    QApplication.processEvents()


def test_nothing_is_cut_off(any_window):
    window = any_window
    needed = window.minimumSizeHint()
    assert needed.width() <= window.width()
    assert needed.height() <= window.height()
    assert_whole(window)
    for pane in window.viewport.panes.values():
        assert pane.isVisible()
        assert pane.width() > 150
        assert pane.height() > 90
        assert inside(window, pane)
    assert window.status.isVisible()
    assert inside(window, window.status.chip)


def test_every_chart_is_whole_on_one_of_its_pages(any_window):
    plots = any_window.plots
    charts = [chart for chart in plots.charts.values() if chart.frame.isVisible()]
    assert charts == list(plots.charts.values())
    for chart in charts:
        box = chart.frame.box
        assert plots.canvas.rect().contains(
            plots._canvas.mapFromScene(box.sceneBoundingRect()).boundingRect()
        )
        assert box.width() > 80
        assert box.height() > 40
        for axis in (chart.frame.left, chart.frame.bottom):
            assert len(axis.tickValues(*axis.range, box.height())[0][1]) >= 2
        assert ("(log)" in chart.frame.title.text) is chart.quantity.log
        assert ("(log)" in chart.frame.bottom.label.toPlainText()) is chart.across.log


def test_the_numbers_are_a_tab_where_they_have_no_room_beside(any_window):
    parts = any_window.parts
    narrow = any_window.width() < 1100
    assert parts.lower.folded is narrow
    if narrow:
        turn_to(parts.lower, "Numbers")
        assert_whole(any_window)
    table = parts.numbers.table
    assert table.isVisible()
    assert table.horizontalScrollBar().maximum() == 0
    any_window.resize(1280, 800)
    QApplication.processEvents()
    assert not parts.lower.folded
    assert parts.numbers.isVisible() is (parts.lower.title == "Live")


def test_what_a_short_caption_leaves_out_is_in_its_tooltip(any_window):
    caption = any_window.findChild(QLabel, "plotCaption")
    whole = caption.toolTip() or caption.text()
    assert "||f - g|| / ||g|| on the grid." in whole
    assert caption.height() >= caption.heightForWidth(caption.width()) - 2
    if any_window.height() != 510:  # it just fits there, or does not, by the font
        assert bool(caption.toolTip()) is (any_window.height() < 600)


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


def test_the_form_and_the_names_of_units_have_room(any_window):
    window = any_window
    window.actions_by_id["newStudy"].trigger()
    form = window.parts.studies.form
    for kind in range(form.kind_box.count()):
        form.kind_box.setCurrentIndex(kind)
        QApplication.processEvents()
        page = form.widget()
        assert page.width() <= form.viewport().width()
        for field in form.fields.values():
            if field.isVisible():
                right = field.mapTo(page, QPoint(field.width(), 0)).x()
                assert right <= page.width(), field.label.text()
    turn_to(window.parts.tabs, "Units")
    tree = window.parts.tree
    QApplication.processEvents()
    assert tree.columnWidth(0) >= tree.fontMetrics().horizontalAdvance("▸ encoder.layer")
    assert tree.horizontalScrollBar().maximum() == 0
