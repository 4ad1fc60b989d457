"""Numbers typed with real keys into the real window, in two locales."""

import pytest
from PySide6.QtCore import QEvent, QLocale, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QWidget

from prune3d_gui.core.plan.knobs import Knob
from prune3d_gui.core.score.thresholds import Threshold
from prune3d_gui.gui.dress.number_box import NumberBox, box_for, whole_box
from prune3d_gui.gui.dress.numbers import exact
from prune3d_gui.gui.export.dialog import ExportDialog
from prune3d_gui.gui.panels.unit_model import Column
from tests.conftest import settled
from tests.gui.drive import click

GERMAN = QLocale(QLocale.Language.German, QLocale.Country.Germany)


@pytest.fixture(params=[QLocale.c(), GERMAN], ids=["C", "de_DE"])
def locale(request):
    before = QLocale()
    QLocale.setDefault(request.param)
    yield request.param
    QLocale.setDefault(before)


@pytest.fixture
def window(locale, open_window, toy, qtbot):
    window = open_window(toy)
    activate(window, qtbot)
    return window


def activate(window, qtbot):
    """Give a window the keyboard, so that widgets in it gain and lose the focus."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=5_000)


def type_in(box, text, key=Qt.Key.Key_Return):
    """Replace what a box holds, and end with a key."""
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, text)
    QTest.keyClick(box, key)


def tolerance(window):
    return dict(window.controller.plan.values).get("tolerance", 1e-3)


def test_every_way_to_type_a_tolerance(window, qtbot):
    box = window.findChild(NumberBox, "spin.tolerance")
    for text, value, shown in (
        ("0,1", 0.1, "0.1"),
        ("0.2", 0.2, "0.2"),
        ("0,05", 0.05, "0.05"),
        ("3e-3", 0.003, "0.003"),
        ("1,5e-2", 0.015, "0.015"),
        (" 0,12345678901 ", 0.12345678901, "0.12345678901"),
        ("1,2345678e-3", 1.2345678e-3, "0.0012345678"),
    ):
        type_in(box, text)
        assert tolerance(window) == value
        assert box.lineEdit().text() == shown
    type_in(box, "", Qt.Key.Key_Return)  # the text as it stands
    qtbot.waitUntil(lambda: settled(window))
    assert not window.notices.visible


@pytest.mark.parametrize("leave", [Qt.Key.Key_Return, Qt.Key.Key_Tab])
def test_what_is_no_number_is_said_and_the_last_good_value_stays(window, qtbot, leave):
    box = window.findChild(NumberBox, "spin.tolerance")
    type_in(box, "0,5")
    for text, said in (
        ("abc", "'abc' is not a number"),
        ("7", "7 is out of range"),
        ("0,,1", "'0,,1' is not a number"),
        ("0,5 %", "'0,5 %' is not a number"),
    ):
        before = len(window.notices.log)
        box.setFocus()
        box.selectAll()
        QTest.keyClicks(box, text)
        assert box.lineEdit().text() == text  # no key was dropped
        QTest.keyClick(box, leave)
        assert [said in sentence for _, sentence in window.notices.log[before:]] == [True]
        assert box.lineEdit().text() == "0.5"
        assert tolerance(window) == 0.5
    qtbot.waitUntil(lambda: settled(window))


def test_nothing_is_sent_before_enter(window, qtbot):
    box = window.findChild(NumberBox, "spin.tolerance")
    told = []
    window.parts.knobs.changed.connect(lambda *change: told.append(change))
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "0,25")
    assert not told
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert [value for _, value, _ in told] == [0.25]
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert len(told) == 1
    qtbot.waitUntil(lambda: settled(window))


def test_a_menu_to_paste_from_ends_no_typing(window):
    box = window.findChild(NumberBox, "spin.tolerance")
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "0,2e")
    leave = QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.PopupFocusReason)
    QApplication.sendEvent(box, leave)
    assert box.lineEdit().text() == "0,2e"
    assert not window.notices.visible


def test_steps_begin_at_what_was_typed(window, qtbot):
    box = window.findChild(NumberBox, "spin.grid")
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "30")
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert box.value() == 31
    box.selectAll()
    QTest.keyClicks(box, "3x")
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert box.value() == 31
    assert "'3x' is not a number" in window.notices.visible[-1]
    qtbot.waitUntil(lambda: settled(window))


def test_a_rate_of_a_unit(window, qtbot):
    tree = window.parts.tree
    index = tree.units.index_of("high", Column.RATE)
    tree.setCurrentIndex(index)

    def enter(text):
        QTest.keyClick(tree, Qt.Key.Key_F2)
        editor = tree.viewport().findChildren(QLineEdit)[-1]
        editor.selectAll()
        QTest.keyClicks(editor, text)
        assert editor.text() == text
        QTest.keyClick(editor, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: not tree.viewport().findChildren(QLineEdit))

    for text, rate in (("12,5", 12.5), ("33.333", 33.333), ("50 %", 50.0)):
        enter(text)
        assert window.controller.plan.rates == (("high", rate),)
    for text, said in (("150", "150 is out of range"), ("1o", "'1o' is not a number")):
        enter(text)
        assert window.controller.plan.rates == (("high", 50.0),)
        assert said in window.notices.visible[-1]
    qtbot.waitUntil(lambda: settled(window))


def test_the_form_reads_and_says_what_it_read(window):
    window.actions_by_id["newStudy"].trigger()
    form = window.parts.studies.form
    for text, said in (
        ("0,1", "tolerance 0 is out of range; give a value from 0.001 to 1 (in '0,1'"),
        ("0,1;0,5", "2 values: 0.1 and 0.5."),
        ("0.1,0.5", "2 values: 0.1 and 0.5."),
        ("0,1:0,4:0,1", "4 values: 0.1, 0.2, 0.3 and 0.4."),
        ("0.001:1:x10", "10 values: 0.001, 0.00215443, 0.00464159 … 1."),
        ("1", "One value: 1."),
    ):
        form.values_line.clear()
        QTest.keyClicks(form.values_line, text)
        assert said in form.about.text()
    QTest.keyClicks(form.threshold_line, "1,25")
    assert form.asked().threshold == Threshold(1.25)
    form.threshold_line.setText("1,250")
    assert form.asked() is None
    assert "may be 1.25 or 1250" in form.fields["threshold"].error.text()


def test_a_refused_count_is_said_beside_its_field_and_starts_nothing(window):
    window.actions_by_id["newStudy"].trigger()
    form = window.parts.studies.form
    box, error = form.repeats_box, form.fields["repeats"].error
    asked = []
    form.started.connect(asked.append)
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "2,5")
    click(form.start_button, form.start_button.rect().center())
    assert error.isVisible()
    assert "'2,5' is not a whole number" in error.text()
    assert not asked
    assert box.lineEdit().text() == "measure no time"
    type_in(box, "3")
    assert not error.isVisible()
    assert form.asked().repeats == 3


def test_a_refused_scale_is_said_and_exports_nothing(window, qtbot):
    acted = []
    formats = [("Picture", ".png", "")]
    dialog = ExportDialog(
        window, "Export", "/tmp", lambda role: "x", formats, acted.append, picture=True
    )
    dialog.show()
    activate(dialog, qtbot)
    dialog.scale_box.setFocus()
    dialog.scale_box.selectAll()
    QTest.keyClicks(dialog.scale_box, "20")
    QTest.keyClick(dialog.scale_box, Qt.Key.Key_Return)
    assert "20 is out of range" in dialog.warning.text()
    assert not acted
    assert dialog.isVisible()
    type_in(dialog.scale_box, "3", Qt.Key.Key_Tab)
    assert dialog.scale == 3
    assert not dialog.warning.text()
    dialog.export_button.click()
    assert acted


def test_no_box_in_the_window_reads_by_the_locale(window):
    window.actions_by_id["newStudy"].trigger()
    boxes = window.findChildren(QAbstractSpinBox)
    assert len(boxes) >= 4
    assert all(isinstance(box, NumberBox) for box in boxes)
    assert not [w for w in window.findChildren(QWidget) if getattr(w, "validator", None)
                and isinstance(w, QLineEdit) and w.validator()
                and not isinstance(w.parent(), NumberBox)]  # fmt: skip


@pytest.mark.usefixtures("locale")
def test_units_decimals_and_special_words(qtbot):
    rate = box_for(Knob("rate", "Rate", "rate", 0.0), 1)
    count = whole_box(0, 100)
    count.setSpecialValueText("none")
    for box in (rate, count):
        qtbot.addWidget(box)
        box.show()
    assert rate.lineEdit().text() == "0.0 %"
    for text, shown in (("33,3", "33.3 %"), ("12.345 %", "12.345 %"), ("45%", "45.0 %")):
        type_in(rate, text)
        assert rate.lineEdit().text() == shown
    type_in(count, "7")
    assert (count.value(), count.lineEdit().text()) == (7, "7")
    type_in(count, "none")
    assert (count.value(), count.lineEdit().text()) == (0, "none")


@pytest.mark.parametrize(
    ("value", "least", "text"),
    [(45.0, 1, "45.0"), (0.1, 1, "0.1"), (33.333, 1, "33.333"), (1e-6, 0, "1e-06"),
     (0.1 + 0.2, 0, "0.3"), (2_000_000.0, 0, "2000000"), (0.0, 2, "0.00"), (-0.5, 0, "-0.5")],
)  # fmt: skip
def test_all_digits_of_a_value_are_shown(value, least, text):
    assert exact(value, least) == text
