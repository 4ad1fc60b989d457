"""Box, view and file say a number alike, however it was typed."""

import csv

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox

from tests.conftest import settled


@pytest.mark.parametrize(
    ("typed", "said"),
    [("0,0295", "0.0295"), ("0.012345", "0.012345"), (",3", "0.3"), ("1", "1")],
)
def test_a_number_that_was_typed(open_window, toy, qtbot, tmp_path, typed, said):
    window = open_window(toy)
    window.activateWindow()
    spin = window.findChild(QAbstractSpinBox, "spin.tolerance")
    spin.setFocus()
    qtbot.waitUntil(spin.hasFocus)
    spin.selectAll()
    QTest.keyClicks(spin, typed)
    QTest.keyClick(spin, Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: bool(window.controller.plan.values))
    qtbot.waitUntil(lambda: settled(window))
    assert spin.text() == said
    assert {p.caption for k, p in window.viewport.panes.items() if k[0] == "pruned"} == {
        f"tolerance {said}"
    }
    path = tmp_path / "curve.csv"
    window.exports.export_curves(path)
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert float(said) in {float(row["tolerance"]) for row in rows}
