"""Previews: a hollow marker stands where the full result will, or is not drawn."""

from dataclasses import replace

from PySide6.QtWidgets import QSlider

from prune3d_gui.gui.panels.numbers_table import AWAITED
from tests.conftest import settled
from tests.gui.drive import drag, let_go
from tests.toy import Plugin, ToyModel


class RoughModel(ToyModel):
    """A model whose previews miss the field by 3 %, pruned or not."""

    def score(self, applied, sample, query, stage, full, cancel=None):
        found = super().score(applied, sample, query, stage, full)
        miss = 3.0 if stage.quality == "preview" else 0.0
        return replace(found, values=dict(found.values) | {"l2": found.values["l2"] + miss})


class Rough(Plugin):
    def open(self, ref, cancel=None):
        return RoughModel(self, ref.title)


def test_the_table_says_what_is_estimated_and_what_is_awaited(open_window, qtbot):
    window = open_window(Rough())
    row, chart = window.parts.numbers.table.topLevelItem(0), window.plots.charts["l2"]
    assert row.text(2) == "0.0100"
    seen = set()

    def look():
        mark, tip = row.text(2)[:1], row.toolTip(2).partition(" ")[0]
        seen.add((mark, tip, chart.marker[1] is None))
        assert chart.awaits is (chart.marker[1] is None)

    slider = window.findChild(QSlider, "knob.tolerance")
    drag(slider, 0, 20, release=False, during=look)
    assert ("≈", "Estimated", False) in seen
    drag(slider, 20, 700, release=False, during=look)
    assert (AWAITED, "The", True) in seen
    assert chart.frame.toolTip().startswith("The preview tells this to no better than 10 %")
    let_go(slider, 700)
    qtbot.waitUntil(lambda: settled(window))
    assert row.toolTip(2) == ""
    assert row.text(2)[0].isdigit()
    assert chart.marker[2] is False
    assert not chart.awaits
    assert chart.frame.toolTip() == chart.quantity.tip
