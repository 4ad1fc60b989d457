"""The comparison: the model's curves, the points visited, and the present one."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QTabBar

from prune3d_gui.core.plan.knobs import knob_named
from prune3d_gui.core.plan.plans import Query
from prune3d_gui.core.score.scores import Metric
from tests.conftest import settled
from tests.gui.drive import click
from tests.gui.views.test_viewport import pixels
from tests.toy import FieldModel, Fields


@pytest.fixture
def window(open_window, fields):
    return open_window(fields)


def visit(window, qtbot, *values, knob="tolerance"):
    for value in values:
        window.controller.set_value(knob_named(window.controller.card.knobs, knob), value)
        qtbot.waitUntil(lambda: settled(window))


def complete(window):
    curves = window.plots.comparison.curves
    return len(curves) == 2 and all(len(curve.points) == 4 for curve in curves)


def still(window, visit):
    """Whether a place is where it was when last asked: the axes have come to rest."""
    place = window.plots.place_of("comparison", visit)
    before, window.last_place = getattr(window, "last_place", None), place
    return place == before


def compare(window):
    """Press the tab of the comparison with the mouse."""
    switch = window.findChild(QTabBar, "plotSwitch")
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton, pos=switch.tabRect(1).center())
    return window.plots.comparison


def test_a_model_without_a_comparison_has_no_switch(open_window, toy):
    window = open_window(toy)
    assert window.findChild(QTabBar, "plotSwitch").isHidden()
    assert window.plots.comparison is None


def test_curves_are_worked_out_once_they_are_looked_at(window, qtbot, fields):
    visit(window, qtbot, 0.02, 0.2)
    prepared = []
    window.controller.done.connect(lambda tag, _: prepared.append(tag))
    window.controller.session.consult("rest", lambda model, _: None)
    qtbot.waitUntil(lambda: "rest" in prepared)
    assert fields.curved == []
    compare(window)
    qtbot.waitUntil(lambda: complete(window))
    assert len(fields.curved) == 1


def test_curves_stop_when_nobody_looks_and_go_on_when_somebody_does(window, qtbot, fields):
    fields.curve_delay = 0.1
    compare(window)
    qtbot.waitUntil(lambda: bool(window.plots.comparison.curves))
    window.parts.lower.setCurrentIndex(1)
    seen = len(window.controller.curves()[0].points)
    qtbot.wait(600)
    assert len(window.controller.curves()[0].points) <= seen + 1
    fields.curve_delay = 0.0
    window.parts.lower.setCurrentIndex(0)
    qtbot.waitUntil(lambda: complete(window))


def test_curves_arrive_and_are_drawn_with_names(window, qtbot):
    chart = compare(window)
    qtbot.waitUntil(lambda: complete(window))
    switch = window.findChild(QTabBar, "plotSwitch")
    assert [switch.tabText(i) for i in range(2)] == ["Against tolerance", "Error against blobs"]
    assert chart.frame.isVisible()
    assert not window.plots.charts["l2"].frame.isVisible()
    assert [curve.title for curve in chart.curves] == ["By weight", "By random"]
    colours = {line.opts["pen"].color().name() for line in chart._lines}
    assert len(colours) == 2
    words = chart.legend.text
    assert "By weight" in words
    assert "By random" in words
    assert "Blobs dropped in two orders." in window.findChild(QLabel, "plotCaption").text()
    before = window.grab().toImage()
    switch.setCurrentIndex(0)
    assert not chart.frame.isVisible()
    assert window.grab().toImage() != before


def test_visited_points_join_and_bring_back(window, qtbot):
    visit(window, qtbot, 0.02, 0.2)
    chart = compare(window)
    curve = window.controller.curve()
    assert sorted(chart.points) == sorted((v.score("blobs"), v.score("l2")) for v in curve)
    assert chart.marker == ((curve[-1].score("blobs"), curve[-1].score("l2")), False)
    visit(window, qtbot, 0.5, knob="time")
    assert len(chart.points) == 4, "points of another time are of the same sample"
    qtbot.waitUntil(lambda: complete(window))  # curves that come later move the axes
    qtbot.waitUntil(lambda: still(window, curve[1]))
    back = curve[1]
    place = window.plots.place_of("comparison", back) + QPoint(3, 2)
    click(window.plots.canvas, place)
    qtbot.waitUntil(lambda: settled(window))
    assert (window.controller.plan, window.controller.query) == (back.plan, back.query)
    assert chart.marker[0] == (back.score("blobs"), back.score("l2"))


def test_the_marker_is_hollow_for_a_preview(window, qtbot):
    hollow = []
    window.controller.frame_shown.connect(
        lambda frame: hollow.append((frame.quality, window.plots.comparison.marker[1]))
    )
    knob = knob_named(window.controller.card.knobs, "tolerance")
    window.controller.set_value(knob, 0.3, dragging=True)
    qtbot.waitUntil(lambda: settled(window))
    assert ("preview", True) in hollow
    assert hollow[-1] == ("full", False)


def test_a_place_near_a_point_is_told(window, qtbot):
    chart = compare(window)
    qtbot.waitUntil(lambda: complete(window))
    qtbot.waitUntil(lambda: chart.frame.box.width() > 200)
    at = chart.frame.box.mapViewToScene(QPointF(1.0, 2.69897))  # 10 blobs, 500 %
    assert chart.words_at(at + QPointF(3, 3)) == "By random: Blobs 10, Relative L2 500"
    assert chart.words_at(at + QPointF(60, 0)) == ""


def test_each_query_has_curves_of_its_own_and_comes_back_to_them(window, qtbot, fields):
    compare(window)
    qtbot.waitUntil(lambda: complete(window))
    fields.curve_delay = 0.2
    visit(window, qtbot, 0.5, knob="time")
    assert not complete(window)
    fields.curve_delay = 0.0
    qtbot.waitUntil(lambda: complete(window))
    count = len(fields.curved)
    visit(window, qtbot, 0.0, knob="time")
    visit(window, qtbot, "density", knob="colour")
    assert complete(window)
    assert len(fields.curved) == count


def test_a_network_that_shrinks_has_a_chart_of_its_size(window, qtbot):
    assert list(window.plots.charts) == ["l2", "nonzero"]
    visit(window, qtbot, 0.02, 0.2)
    assert list(window.plots.charts) == ["l2", "nonzero", "bytes"]
    size = window.plots.charts["bytes"]
    assert size.level == 336
    assert [y for _, y in size.points] == [v.footprint.bytes for v in window.controller.curve()]
    assert size.marker[:2] == (0.2, window.controller.frames["pruned"].footprint.bytes)
    assert size.now == 0.2


def test_a_knob_that_only_draws_asks_the_model_nothing(window, qtbot, monkeypatch):
    visit(window, qtbot, 0.1)
    control, asked = window.controller, []
    for name in ("request", "reference"):
        plain = getattr(control.session, name)
        monkeypatch.setattr(
            control.session, name, lambda *a, plain=plain, **k: (asked.append(a), plain(*a, **k))[1]
        )
    before = {role: window.viewport.scene(role) for role in ("reference", "full", "pruned")}
    bar, view = window.viewport.bar, window.viewport.panes["pruned", "space"].view
    qtbot.waitUntil(lambda: bar.accessibleName().startswith("|f - g|"))
    plain_pixels = pixels(view)
    control.set_value(knob_named(control.card.knobs, "colour"), "density")
    assert control.settled
    assert asked == []
    for role, scene in before.items():
        (layer,) = window.viewport.scene(role).layers
        assert layer.colour == "density"
        assert layer.data is scene.layers[0].data
    qtbot.waitUntil(lambda: bar.accessibleName().startswith("Density"))
    assert (pixels(view) != plain_pixels).any()
    visit(window, qtbot, 0.3)
    assert {request.query for request, *_ in asked} == {Query()}
    assert window.viewport.scene("pruned").layers[0].colour == "density"
    control.go_to(control.curve()[0])
    assert dict(control.query.values) == {"colour": "density"}
    qtbot.waitUntil(lambda: control.settled)
    control.set_value(knob_named(control.card.knobs, "colour"), "error")
    assert window.viewport.scene("pruned") is control.frames["pruned"].scene


class ManyMetrics(FieldModel):
    """A model with more charts than fit."""

    metrics = (
        *FieldModel.metrics,
        *(Metric(f"m{i}", f"Metric {i}", "lower", "One more.") for i in range(5)),
    )


def test_charts_that_have_no_room_are_on_pages_of_their_own(open_window, qtbot):
    class Many(Fields):
        def open(self, ref, cancel):
            return ManyMetrics(self, ref.title)

    window = open_window(Many())
    charts = window.plots.charts
    assert len(charts) == 7
    switch = window.findChild(QTabBar, "plotSwitch")
    seen = []
    for tab in range(switch.count()):
        QTest.mouseClick(switch, Qt.MouseButton.LeftButton, pos=switch.tabRect(tab).center())
        shown = {name: chart for name, chart in charts.items() if chart.frame.isVisible()}
        boxes = [chart.frame.box for chart in shown.values()]
        qtbot.waitUntil(lambda boxes=boxes: all(box.width() > 100 for box in boxes))
        seen += shown
        titles = [chart.quantity.title for chart in shown.values()]
        assert switch.tabText(tab) == (" · ".join(titles) or "Error against blobs")
        for chart in shown.values():
            assert window.plots._canvas.scene().sceneRect().contains(chart.frame.geometry())
    assert seen == list(charts)
    assert window.plots.comparison.frame.isVisible()


def test_pictures_show_the_page_that_is_chosen(window, qtbot, tmp_path):
    first = window.plots.picture()
    compare(window)
    qtbot.waitUntil(lambda: complete(window))
    assert window.plots.picture() != first
    window.plots.write_svg(str(tmp_path / "a.svg"))
    assert "By random" in (tmp_path / "a.svg").read_text()
