"""Charts of a study: clicks that lead to plans, one threshold, bands, and results that are NaN."""

import math
import re

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.core.score.thresholds import Threshold
from prune3d_gui.gui.study.views import CURVES, HEAT, SCATTER, TABLE, TRADE_OFF
from tests.conftest import settled
from tests.gui.drive import LEFT, NONE, click
from tests.gui.study.steps import row_of, study, views_of
from tests.gui.test_layout import inside


def test_a_sensitivity_study_runs_and_a_click_on_a_cell_moves_the_views(open_on, qtbot):
    window = open_on()
    record = study(window, qtbot)
    assert len(record.found) == 3 * 4
    views = views_of(window, HEAT)
    heat = views.heat
    assert [len(line) for line in heat.cells] == [4, 4, 4]
    assert heat.names.names == ("low", "mid", "high")
    before = window.viewport.scene("pruned").layers[0].data.values.copy()
    picture = window.viewport.grab().toImage()
    sample = window.controller.sample
    target = row_of(record, unit="low", tolerance=0.5)
    click(heat.canvas.viewport(), heat.place_of(target))
    plan = window.controller.plan
    assert plan == target.case.plan
    assert set(plan.locks) == {"mid", "high"}
    assert window.controller.sample == sample
    qtbot.waitUntil(lambda: settled(window))
    after = window.viewport.scene("pruned").layers[0].data.values
    assert not np.array_equal(before, after)
    assert window.viewport.grab().toImage() != picture
    assert heat.cells[heat.present[0]][heat.present[1]] is target
    assert "in the views" in views.caption.text()
    window.actions_by_id["undo"].trigger()
    assert window.controller.plan == Plan()
    assert heat.present is None or heat.cells[heat.present[0]][heat.present[1]] is not target


@pytest.mark.parametrize("view", [CURVES, SCATTER, TRADE_OFF, TABLE])
def test_a_click_in_any_view_leads_to_its_plan(open_on, qtbot, view):
    window = open_on()
    record = study(window, qtbot)
    views = views_of(window, view)
    target = row_of(record, unit="high", tolerance=0.01)
    place = views.place_of(target)
    here = views.table if view == TABLE else views.stack.currentWidget().canvas
    click(here.viewport(), place)
    reached = window.studies.present(record)
    assert reached is not None, "the plan is none of the study's"
    assert reached.row["l2"] == pytest.approx(target.row["l2"], rel=0.1)
    qtbot.waitUntil(lambda: settled(window))


def test_the_threshold_is_one_line_and_dragging_it_moves_all(open_on, qtbot):
    window = open_on()
    record = study(window, qtbot)
    views = views_of(window, CURVES)
    metric = views.metric
    assert record.threshold(metric) == pytest.approx(1.33 * record.baseline("l2"))
    views.put_threshold(Threshold(5.0))
    chart = views.curves
    port = chart.canvas.viewport()

    def place(value):
        box = chart.frame.box
        at = box.mapViewToScene(box.viewRect().center())
        at.setY(box.mapViewToScene(chart.line.pos().__class__(0, math.log10(value))).y())
        return chart.canvas.mapFromScene(at)

    start, stop = place(5.0), place(20.0)
    QTest.mouseMove(port, start)
    QTest.mousePress(port, LEFT, NONE, start)
    for share in (0.3, 0.6, 1.0):
        y = round(start.y() + share * (stop.y() - start.y()))
        QTest.mouseMove(port, QPoint(start.x(), y))
        qtbot.wait(20)
    QTest.mouseRelease(port, LEFT, NONE, stop)
    moved = record.threshold(metric)
    assert 10 < moved < 40
    line = window.findChild(QLineEdit, "studyShownThreshold")
    assert float(line.text()) == pytest.approx(moved, rel=1e-2)
    views.show_view(HEAT)
    assert views.heat.bar_line.value() == pytest.approx(math.log10(moved))
    failing = {views.heat.cells[r][c].row["l2"] for r, c in views.heat.failing}
    every = {found.row["l2"] for found in record.found}
    assert failing == {value for value in every if value > moved}
    assert failing
    assert failing != every
    views.show_view(SCATTER)
    assert views.scatter.line.value() == pytest.approx(math.log10(moved))


def test_random_seeds_make_a_band_and_the_knee_is_marked(open_on, qtbot):
    window = open_on()
    record = study(window, qtbot, kind="sweep", values="0.001:1:x8")
    chart = views_of(window, CURVES).curves
    (line,) = chart.lines
    assert [p.x for p in line.points] == sorted(p.x for p in line.points)
    assert all(p.low <= p.y <= p.high for p in line.points)
    assert len(record.found) == 8
    study(window, qtbot)
    views_of(window, CURVES)
    bends = {line.label: [p.x for p in line.points] for line in chart.lines}
    assert {"low", "mid"} <= chart.knees.keys(), "flat, then steep"
    assert all(at in bends[label] for label, at in chart.knees.items())


def test_nan_is_shown_as_nan(open_on, qtbot):
    window = open_on("holes")
    record = study(window, qtbot)
    hole = row_of(record, unit="low", tolerance=0.1)
    assert math.isnan(hole.row["l2"])
    views = views_of(window, TABLE)
    column = views.table.rows.columns.index("l2")
    row = record.found.index(hole)
    assert views.table.rows.index(row, column).data() == "NaN"
    views.table.sortByColumn(column, Qt.SortOrder.AscendingOrder)
    last = views.table.filter.index(views.table.filter.rowCount() - 1, column)
    assert last.data() == "NaN"
    heat = views_of(window, HEAT).heat
    assert "NaN" in heat.words_of(hole)
    at = heat._where(hole)
    assert at in heat.failing


def test_two_studies_are_drawn_together(open_on, qtbot):
    window = open_on()
    first = study(window, qtbot, kind="sweep", samples="val:1")
    second = study(window, qtbot, samples="val:1")
    panel = window.parts.studies
    rows = {panel.list.item(n).data(Qt.ItemDataRole.UserRole): n for n in range(2)}
    place = panel.list.visualItemRect(panel.list.item(rows[first])).center()
    QTest.mouseClick(panel.list.viewport(), LEFT, Qt.KeyboardModifier.ControlModifier, place)
    assert panel.record is first
    assert panel.list.others == (second,)
    chart = views_of(window, CURVES).curves
    assert len(chart.lines) == 1 + 3
    assert all(second.title in line.label for line in chart.lines[1:])
    target = row_of(second, unit="low", tolerance=0.5)
    click(chart.canvas.viewport(), chart.place_of(target))
    assert window.controller.plan == target.case.plan


def test_a_click_opens_the_network_that_the_study_is_of(open_on, qtbot):
    window = open_on("fields")
    record = study(window, qtbot, samples="")
    first = window.controller.card.weights_hash
    window.controller.select_sample("s1")
    qtbot.waitUntil(lambda: settled(window) and window.controller.sample == "s1")
    assert window.controller.card.weights_hash != first
    views = views_of(window, HEAT)
    target = row_of(record, unit="low", tolerance=0.5)
    click(views.heat.canvas.viewport(), views.heat.place_of(target))
    qtbot.waitUntil(lambda: settled(window) and window.controller.plan == target.case.plan)
    assert window.controller.card.weights_hash == first
    assert views.heat.cells[views.heat.present[0]][views.heat.present[1]] is target


def test_the_area_fits_and_remembers_its_height(open_on, qtbot, settings):
    window = open_on()
    parts = window.parts
    share = parts.lower.height() / parts.centre.height()
    assert 0.4 < share < 0.5
    assert parts.viewport.isVisible()
    assert parts.viewport.height() > 250
    study(window, qtbot)
    for view in (CURVES, HEAT, SCATTER, TRADE_OFF, TABLE):
        views = views_of(window, view)
        for widget in (views.switch, views.metric_box, views.threshold_line, views.stack):
            assert inside(window, widget)
        assert views.stack.height() > 150
    parts.centre.moveSplitter(300, 1)
    tall = parts.lower.height()
    window.actions_by_id["showStudies"].trigger()
    live = parts.lower.height()
    assert live < tall
    window.actions_by_id["showStudies"].trigger()
    assert abs(parts.lower.height() - tall) < 4
    parts.keep(settings)
    assert re.fullmatch(rb"Studies=\d+", bytes(settings.layout("lower").data()))
