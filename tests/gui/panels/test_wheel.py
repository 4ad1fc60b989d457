"""The wheel over a panel scrolls it; only a field that has the focus takes it."""

import pytest
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox

from tests.conftest import settled
from tests.gui.drive import click, wheel


@pytest.fixture
def window(open_window, toy):
    window = open_window(toy, size=(1280, 640))
    window.parts.left.setSizes([170, 10_000])
    return window


def fields(panel):
    kinds = (QComboBox, QAbstractSpinBox)
    return [w for kind in kinds for w in panel.findChildren(kind) if w.isVisible()]


def test_the_wheel_over_the_knobs_scrolls_them_and_turns_nothing(window):
    panel = window.parts.knobs
    assert panel.verticalScrollBar().maximum() > 0
    before = window.controller.plan, window.controller.query
    bar = panel.verticalScrollBar()
    for field in fields(panel):
        panel.ensureWidgetVisible(field)
        at = bar.value()
        wheel(field, -1 if at < bar.maximum() else 1)
        assert bar.value() != at, field.objectName()
        assert not field.hasFocus()
        assert (window.controller.plan, window.controller.query) == before


def test_a_field_with_the_focus_takes_the_wheel(window, qtbot):
    spin = next(s for s in fields(window.parts.knobs) if s.objectName() == "spin.tolerance")
    window.activateWindow()
    window.parts.knobs.ensureWidgetVisible(spin)
    click(spin.lineEdit(), spin.lineEdit().rect().center())
    qtbot.waitUntil(spin.hasFocus)
    wheel(spin, 1)
    assert window.controller.plan.values
    qtbot.waitUntil(lambda: settled(window))
