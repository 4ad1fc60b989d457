"""Axes: two labels at least, none that touch or are cut off, at any range and size."""

from itertools import pairwise

import pytest
from PySide6.QtGui import QFont, QFontMetricsF

from prune3d_gui.core.plan.knobs import Knob
from prune3d_gui.gui.charts.quantities import plotted
from prune3d_gui.gui.charts.scale import DECADES, Scale
from prune3d_gui.gui.dress.theme import LIGHT
from tests.toy import TOLERANCE, ToyModel

LOG = [(-6, 0), (-1, 2), (2.83, 2.88), (3.9, 6.2), (0.15, 0.4), (0.29, 0.3), (-4.2, -3.1), (0, 30)]
EVEN = [(0, 100), (-3.1, 103), (0, 0.62), (-0.05, 0.9), (11.2, 12.9), (0, 48_000), (1e6, 1.02e6)]

RANGES = [(*ends, True) for ends in LOG] + [(*ends, False) for ends in EVEN]


def axis_of(side, log):
    from prune3d_gui.gui.charts.axis import QuietAxis

    axis = QuietAxis(side)
    axis.setLogMode(log)
    if side == "left":
        axis.setWidth(40)
    font = QFont()
    font.setPointSizeF(font.pointSizeF() * 0.82)
    axis.setTickFont(font)
    return axis, QFontMetricsF(font)


@pytest.mark.parametrize("size", [52, 84, 120, 400])
@pytest.mark.parametrize("side", ["bottom", "left"])
@pytest.mark.parametrize(("low", "high", "log"), RANGES)
def test_labels_never_touch_and_are_two_at_least(qapp, side, low, high, log, size):
    axis, metrics = axis_of(side, log)
    ((_, marks),) = axis.tickValues(low, high, size)
    texts = axis.tickStrings(marks, 1, 1)
    assert 2 <= len(marks) <= 7
    assert len(set(texts)) == len(texts)
    assert all(low - 1e-9 <= mark <= high + 1e-9 for mark in marks)
    long = side == "bottom"
    at = [(mark - low) / (high - low) * size for mark in marks]
    ends = [(metrics.horizontalAdvance(t) if long else metrics.height()) / 2 for t in texts]
    for (one, half), (other, also) in pairwise(zip(at, ends, strict=True)):
        assert other - also > one + half
    if not long:
        assert max(map(metrics.horizontalAdvance, texts)) <= 40


def test_the_label_of_a_logarithmic_axis_says_so(qapp):
    axis, _ = axis_of("bottom", True)
    axis.setLabel("Tolerance")
    assert "Tolerance (log)" in axis.label.toPlainText()
    axis.setLogMode(False)
    assert "log" not in axis.label.toPlainText()


@pytest.mark.parametrize("size", [(190, 150), (360, 240), (900, 500)])
def test_no_marker_is_cut_at_an_edge(qapp, size):
    from prune3d_gui.gui.charts.chart import Chart

    for knob in (TOLERANCE, Knob("rate", "Rate", "rate", 0.0, unit="%")):
        chart = Chart(plotted(ToyModel.metrics)[0], knob)
        chart.set_theme(LIGHT, "#2563c9")
        chart.show_levels(2.0, None)
        for value in (knob.minimum, knob.maximum):
            chart.show_marker(value, 1.78, hollow=False)
            chart.frame.resize(*size)
            chart.frame.layout().activate()
            box = chart.frame.box
            place = box.mapFromView(chart._dot.points()[0].pos())
            inside = box.rect().adjusted(6.5, 6.5, -6.5, -6.5)
            assert inside.contains(place), (size, value, place, box.rect())


def test_values_that_are_alike_do_not_fill_a_logarithmic_axis():
    assert Scale(log=True).span([0.3, 0.3]) == pytest.approx((0.3 - DECADES / 2, 0.3 + DECADES / 2))
    assert Scale(log=True).span([0.0, 1.0]) == (0.0, 1.0)
    assert Scale().span([]) == (0.0, 1.0)
    low, high = Scale().span([5.0, 5.0])
    assert low < 5.0 < high
