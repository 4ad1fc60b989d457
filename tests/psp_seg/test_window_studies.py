"""Studies in the window: a curve per class, every branch alone, and the comparison."""

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QTabBar

from prune3d_gui.gui.study.views import CURVES, HEAT, TABLE
from prune3d_gui.plugins.psp_seg.classes import CLASSES
from prune3d_gui.plugins.psp_seg.network.checkpoint import save_network
from prune3d_gui.plugins.psp_seg.network.normal import Window
from prune3d_gui.plugins.psp_seg.network.removal import removed
from tests.conftest import settled
from tests.gui.drive import click
from tests.gui.study.steps import study, views_of
from tests.psp_seg.small_window import BRANCHES, PATIENT, SPACING, save_small


def by_part(views, kind):
    views.part_box.setCurrentIndex(views.part_box.findData(kind))
    for _ in range(3):
        QCoreApplication.processEvents()  # the legend takes its room when it is first shown


def test_a_sweep_draws_a_curve_per_class_and_a_point_leads_to_its_plan(small_window, qtbot):
    window = small_window
    window.actions_by_id["showStudies"].trigger()
    record = study(window, qtbot, kind="sweep", values="4:16:4", samples="")
    assert [found.row["branches"] for found in record.found] == [4, 8, 12, 16]
    assert record.axis_title == "Branches left"
    views = views_of(window, CURVES)
    assert len(views.curves.lines) == 1
    by_part(views, "class")
    there = {
        part.name for part in window.controller.frames["full"].scores.parts if part.has("dice")
    }
    assert {line.label for line in views.curves.lines} >= there
    assert {line.label for line in views.curves.lines} <= set(CLASSES[1:])
    name = next(iter(there))
    (line,) = (line for line in views.curves.lines if line.label == name)
    assert [point.x for point in line.points] == [4, 8, 12, 16]
    assert all(one in views.curves.legend.text for one in there)
    target = line.points[1].found
    click(views.curves.canvas.viewport(), views.place_of(target))
    assert dict(window.controller.plan.values)["branches"] == 8
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    shown = window.controller.frames["pruned"]
    assert window.controller.sample == PATIENT
    assert sum(n > 0 for n in shown.footprint.nonzero.values()) == 8
    parts = {(part.kind, part.name): part.values for part in shown.scores.parts}
    assert parts["class", name]["dice"] == pytest.approx(target.row["dice"], rel=1e-6)
    views_of(window, TABLE)
    by_part(views, "lesion")
    rows = [one.row for one in views.table.rows.found]
    names = {row["part"] for row in rows if row["branches"] == 8}
    assert names == {name for kind, name in parts if kind == "lesion"}


def test_every_branch_alone_is_a_row_of_the_map(small_window, qtbot):
    window = small_window
    window.actions_by_id["showStudies"].trigger()
    form = window.parts.studies.form
    assert form.fields["values"].isVisibleTo(form)
    form.kind_box.setCurrentIndex(form.kind_box.findData("sensitivity"))
    assert not form.fields["values"].isVisibleTo(form), "a branch goes as a whole, at no value"
    assert form.about.text() == (
        f"Each unit taken out alone: which can go? {BRANCHES} plans on each sample."
    )
    record = study(window, qtbot, kind="sensitivity", samples="")
    heat = views_of(window, HEAT).heat
    units = [unit.id for unit in window.controller.card.units]
    assert len(record.found) == len(heat.cells) == BRANCHES
    assert list(heat.names.names) == units
    target = heat.cells[5][0]
    click(heat.canvas.viewport(), heat.place_of(target))
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    left = window.controller.frames["pruned"].footprint.nonzero
    assert [unit for unit, count in left.items() if not count] == [units[5]]


def test_random_order_and_a_dense_network_are_drawn_beside(
    small_window, qtbot, tmp_path, monkeypatch
):
    window, path = small_window, tmp_path / "dense.safetensors"
    small = save_small(path)
    small.mask(frozenset(small.units))
    dense = removed(small)
    parameters = sum(p.numel() for p in dense.parameters())
    save_network(path, dense, CLASSES, SPACING, Window(), {})
    monkeypatch.setattr("prune3d_gui.plugins.psp_seg.model.DENSE", str(path))
    chart, switch = window.plots.comparison, window.findChild(QTabBar, "plotSwitch")
    click(switch, switch.tabRect(switch.count() - 1).center())
    qtbot.waitUntil(lambda: len(chart.curves) == 5, timeout=60_000)
    titles = [curve.title for curve in chart.curves]
    assert titles[-2:] == ["Random, mean of 3", "Smaller dense network"]
    assert all(title in chart.legend.text for title in titles)
    ((at, error),) = chart.curves[-1].points
    assert at == parameters
    xs, ys = chart._lines[-1].getData()
    assert (10 ** xs[0], 10 ** ys[0]) == pytest.approx((at, error))
    assert chart.frame.box.viewRect().contains(xs[0], ys[0])
