"""Previews: a hollow marker stands where the full result will, or is not drawn."""

from PySide6.QtWidgets import QSlider

from prune3d_gui.gui.panels.numbers_table import AWAITED
from tests.conftest import settled
from tests.gui.drive import drag, let_go


def test_the_table_says_what_is_estimated_and_what_is_awaited(open_window, qtbot, toy):
    window = open_window(toy)
    table, metrics = window.parts.numbers.table, window.controller.card.metrics
    rows = [table.topLevelItem(row) for row in range(len(metrics))]
    seen = set()

    def look():
        for row in rows:
            seen.add((row.text(2)[:1], row.toolTip(2).partition(" ")[0]))

    slider = window.findChild(QSlider, "knob.tolerance")
    drag(slider, 0, 700, release=False, during=look)
    assert ("≈", "Estimated") in seen
    assert (AWAITED, "The") in seen  # the error grows by far, and the two corrections part
    let_go(slider, 700)
    qtbot.waitUntil(lambda: settled(window))
    look()
    assert all(row.toolTip(2) == "" and row.text(2)[0].isdigit() for row in rows)
