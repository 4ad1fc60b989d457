"""Plots: visited points, levels, markers, and the way back."""

import gc
import weakref
from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLabel, QSlider

from prune3d_gui.core.plan.knobs import Knob, knob_named
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.gui.charts.quantities import plotted
from prune3d_gui.gui.dress.theme import LIGHT
from tests.conftest import settled
from tests.gui.drive import click, drag, let_go
from tests.toy import TOLERANCE, ToyModel


@pytest.fixture
def window(open_window, toy):
    return open_window(toy)


def visit(window, qtbot, *values):
    tolerance = knob_named(window.controller.card.knobs, "tolerance")
    for value in values:
        window.controller.set_value(tolerance, value)
        qtbot.waitUntil(lambda: settled(window))


def test_charts_are_made_from_metrics(window):
    assert list(window.plots.charts) == ["l2", "nonzero"]
    l2 = window.plots.charts["l2"]
    assert l2.level == pytest.approx(0.01)
    assert l2.floor == pytest.approx(0.01)
    caption = window.findChild(QLabel, "plotCaption").text()
    assert "||f - g|| / ||g|| on the grid." in caption
    assert "Seed 0" in caption
    assert "reference" in caption


def test_a_preview_without_scores_does_not_deny_the_reference(window):
    full = window.controller.frames["full"]
    caption = window.findChild(QLabel, "plotCaption")
    window.controller.frame_shown.emit(replace(full, quality="preview", scores=None))
    assert "reference" not in caption.text()
    window.controller.frame_shown.emit(replace(full, scores=None))
    assert "without a reference" in caption.text()


def test_points_fill_in_order(window, qtbot):
    visit(window, qtbot, 0.5, 0.01, 0.1)
    points = window.plots.charts["l2"].points
    assert [x for x, _ in points] == [0.001, 0.01, 0.1, 0.5]
    assert all(a[1] < b[1] for a, b in pairwise(points))
    left = window.plots.charts["nonzero"].points
    assert left[0][1] == 84
    assert left[-1][1] == 84 - window.controller.curve()[-1].footprint.zeroed


def test_the_marker_follows_and_is_hollow_for_previews(window, qtbot):
    chart = window.plots.charts["l2"]
    hollow = set()
    slider = window.findChild(QSlider, "knob.tolerance")
    drag(slider, 100, 700, release=False, during=lambda: hollow.add(chart.marker[2]))
    assert True in hollow
    value = window.controller.plan.value(window.controller.primary)
    assert chart.now == value
    let_go(slider, 700)
    qtbot.waitUntil(lambda: settled(window))
    assert chart.marker[0] == value
    assert chart.marker[2] is False


def test_a_click_on_a_point_returns_to_it(window, qtbot):
    visit(window, qtbot, 0.02, 0.2)
    plots = window.plots
    back = window.controller.curve()[1]
    click(plots.canvas, plots.place_of("l2", back) + QPoint(3, -2))
    assert window.controller.plan == back.plan
    qtbot.waitUntil(lambda: settled(window))
    window.actions_by_id["undo"].trigger()
    tolerance = knob_named(window.controller.card.knobs, "tolerance")
    assert window.controller.plan.value(tolerance) == 0.2


def test_a_click_elsewhere_does_nothing(window, qtbot):
    visit(window, qtbot, 0.2)
    plan = window.controller.plan
    click(window.plots.canvas, QPoint(3, 3))
    assert window.controller.plan == plan


def test_each_scope_has_a_curve_of_its_own(window, qtbot):
    visit(window, qtbot, 0.1)
    scope = knob_named(window.controller.card.knobs, "scope")
    window.controller.set_value(scope, "detail")
    qtbot.waitUntil(lambda: settled(window))
    assert [x for x, _ in window.plots.charts["l2"].points] == [0.1]
    window.controller.set_value(scope, "all")
    qtbot.waitUntil(lambda: settled(window))
    assert [x for x, _ in window.plots.charts["l2"].points] == [0.001, 0.1]


def test_numbers_keep_zeroed_and_removed_apart(window, qtbot):
    visit(window, qtbot, 0.1)
    table = window.parts.numbers.table
    items = [table.topLevelItem(row) for row in range(table.topLevelItemCount())]
    read = {item.text(0): (item.text(1), item.text(2)) for item in items}
    zeroed = window.controller.frames["pruned"].footprint.zeroed
    assert read["Zeroed"] == ("0", str(zeroed))
    assert read["Removed"] == ("0", "0")
    assert read["Parameters"] == ("84", "84")
    assert read["File"][0] == read["File"][1]
    assert {"Relative L2 ↓", "Peak ↑"} <= set(read)
    assert "unchanged" in window.parts.numbers.note.text()
    window.controller.reset()
    qtbot.waitUntil(lambda: settled(window) and window.controller.plan == Plan())
    assert window.parts.numbers.note.text() == ""


def test_bytes_of_other_formats_have_rows_of_their_own(window):
    numbers, frame = window.parts.numbers, window.controller.frames["full"]
    rows = numbers.table.topLevelItemCount()
    size = replace(frame.footprint, sizes={"fp16": 168, "tiny": 2_500_000})
    for role in ("full", "pruned"):
        numbers.show_frame(replace(frame, role=role, footprint=size))
    table = numbers.table
    items = [table.topLevelItem(row) for row in range(table.topLevelItemCount())]
    read = {item.text(0): item.text(2) for item in items}
    assert len(read) == rows + 2
    assert (read["File, fp16"], read["File, tiny"]) == ("168 B", "2.5 MB")
    assert items[0].text(1) == items[0].text(2) != "–"
    numbers.show_frame(frame)
    assert table.topLevelItemCount() == rows


def test_a_chart_goes_at_once_and_not_when_the_collector_comes(qapp):
    from prune3d_gui.gui.charts.chart import Chart

    gc.disable()
    try:
        (quantity,) = plotted(ToyModel.metrics)
        chart = Chart(quantity, TOLERANCE)
        chart.set_axis(Knob("keep", "Keep", "rate", 100.0))
        gone = weakref.ref(chart)
        del chart
        assert gone() is None
    finally:
        gc.enable()


def test_an_axis_without_values_has_plain_numbers(qapp):
    from prune3d_gui.gui.charts.chart import Chart

    (quantity,) = plotted(ToyModel.metrics)
    chart = Chart(replace(quantity, log=False), TOLERANCE)
    chart.show_levels(None, None)
    low, high = chart.frame.box.viewRange()[1]
    assert (low, high) == pytest.approx((0, 1), abs=0.5)


def test_a_value_that_has_no_place_on_a_logarithmic_axis_is_not_drawn(qapp):
    from prune3d_gui.gui.charts.chart import Chart

    (quantity,) = plotted(ToyModel.metrics)
    chart = Chart(quantity, TOLERANCE)
    chart.set_theme(LIGHT, "#2563c9")
    chart.show_now(0.0)  # as another system's knob may have it
    chart.show_marker(0.0, 1.0, hollow=False)
    assert not chart._now_line.isVisible()
    assert not chart._dot.points().size
    chart.show_now(0.1)
    chart.show_marker(0.1, 1.0, hollow=False)
    assert chart._now_line.isVisible()
    assert [point.pos().x() for point in chart._dot.points()] == [-1.0]
