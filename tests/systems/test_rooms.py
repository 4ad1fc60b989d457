"""Rooms in the window and on the command line: three modules, their sliders, stages and times."""

import json
import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QSlider, QToolButton

from prune3d_gui.cli.benches import bench
from prune3d_gui.core.moment import KEY
from prune3d_gui.core.plan.knobs import knob_named
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.core.registry import discover
from prune3d_gui.core.score.thresholds import Threshold
from prune3d_gui.gui.panels.unit_model import Column
from tests.conftest import settled
from tests.gui.drive import click, drag
from tests.gui.views.test_viewport import pixels
from tests.systems import rooms
from tests.systems.rooms import MODULES, WAVES


@pytest.fixture
def system(plugin):
    (found,) = [system for system in discover().systems if system.id == "rooms"]
    return found


@pytest.fixture
def window(system, open_window):
    return open_window(system)


def rest(window, qtbot):
    qtbot.waitUntil(lambda: settled(window))


def slide(window, qtbot, module, *stops):
    slider = window.findChild(QSlider, f"knob.{module}")
    for stop in stops:
        drag(slider, slider.value(), stop, moves=4)
        rest(window, qtbot)


def xs(window):
    return [x for x, _ in window.plots.charts["l2"].points]


def test_each_module_has_a_heading_that_folds_its_knobs(window, qtbot):
    panel = window.parts.knobs
    heading = panel.findChild(QToolButton, "group.Middle")
    slider = window.findChild(QSlider, "knob.middle")
    assert slider.isVisible()
    height = panel.natural_height()
    click(heading, QPoint(20, heading.height() // 2))
    assert not slider.isVisible()
    assert window.findChild(QSlider, "knob.coarse").isVisible()
    assert panel.natural_height() < height
    panel.set_knobs(window.controller.card.knobs, "coarse")
    again = panel.widgets["middle"]
    assert not again.isVisibleTo(panel), "it stays folded"


def test_three_sliders_make_three_curves(window, qtbot):
    slide(window, qtbot, "coarse", 250, 500)
    assert window.controller.axis.id == "coarse"
    assert xs(window) == [0, 25, 50]
    slide(window, qtbot, "fine", 300, 600, 900)
    assert xs(window) == [0, 30, 60, 90]
    bottom = window.plots.charts["l2"].frame.bottom
    assert bottom.labelText == "Fine rate (%)"
    assert window.plots.charts["l2"].marker[0] == 90
    slide(window, qtbot, "middle", 500)
    assert xs(window) == [0, 50]
    box = window.findChild(QComboBox, "plotAxis")
    assert [box.itemText(i) for i in range(3)] == [
        "Against Coarse rate", "Against Middle rate", "Against Fine rate",
    ]  # fmt: skip
    assert box.isVisible()
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert window.controller.axis.id == "fine"
    assert xs(window) == [90], "with the middle one where it is now"
    assert window.plots.charts["l2"].now == 90
    assert window.viewport.panes["pruned", "space"].caption.count("rate") == 3


def test_modules_have_a_table_of_what_they_take(window, qtbot):
    slide(window, qtbot, "middle", 500)
    tabs, modules = window.parts.lower, window.parts.modules
    bar, at = tabs.tabBar(), tabs.indexOf(modules)
    assert tabs.isTabVisible(at)
    click(bar, bar.tabRect(at).center())
    rows = [modules.table.topLevelItem(row) for row in range(len(MODULES) + 1)]
    assert [row.text(0) for row in rows] == [*MODULES, "All"]
    frame = window.controller.frames["pruned"]
    zeroed = [row.text(3) for row in rows]
    assert zeroed == ["0", f"{frame.footprint.zeroed:,}", "0", f"{frame.footprint.zeroed:,}"]
    assert rows[0].text(2) == "33.3 %"
    times = list(frame.timings.modules.values())
    assert [row.text(11) for row in rows] == [f"{t:,.0f}" for t in (*times, sum(times))]
    assert "one grid" in modules.note.text()
    assert window.parts.numbers.table.findItems("MACs: one grid", Qt.MatchFlag.MatchExactly)
    window.controller.select_sample("r2")
    assert not modules.table.topLevelItemCount(), "they are of the sample before"
    rest(window, qtbot)
    assert modules.table.topLevelItemCount() == len(MODULES) + 1


def matrix_click(window, unit):
    matrix = window.parts.matrix
    cell = next(cell for cell, found in matrix.cells.items() if found.id == unit)
    click(matrix, matrix.box(cell).center())


def test_a_click_takes_a_branch_out_and_brings_it_back(window, qtbot):
    window.parts.tabs.setCurrentWidget(window.parts.units)
    QApplication.processEvents()
    assert len(window.parts.matrix.cells) == 12
    full = window.controller.frames["full"].scores.values["l2"]
    matrix_click(window, "C1")
    assert window.controller.plan.rates == (("C1", 100.0),)
    rest(window, qtbot)
    frame = window.controller.frames["pruned"]
    assert frame.footprint.nonzero["C1"] == 0
    assert frame.scores.values["l2"] > full
    tree = window.parts.tree
    assert tree.units.index_of("C1", Column.RATE).data() == "100"
    assert tree.currentIndex() == tree.units.index_of("C1")
    matrix_click(window, "C1")
    rest(window, qtbot)
    assert window.controller.frames["pruned"].footprint.nonzero["C1"] == WAVES
    QTest.keyClick(window.parts.matrix, Qt.Key.Key_Delete)
    assert window.controller.plan == Plan()
    QTest.keyClick(window.parts.matrix, Qt.Key.Key_Down)
    QTest.keyClick(window.parts.matrix, Qt.Key.Key_Space)
    assert window.controller.plan.rates == (("M1", 100.0),)
    window.actions_by_id["undo"].trigger()
    assert window.controller.plan == Plan()


def test_a_branch_that_the_slider_took_is_brought_back_by_a_click(window, qtbot):
    window.parts.tabs.setCurrentWidget(window.parts.units)
    slide(window, qtbot, "fine", 250)
    assert window.controller.frames["pruned"].footprint.nonzero["F4"] == 0
    matrix_click(window, "F4")
    rest(window, qtbot)
    assert window.controller.plan.rates == (("F4", 0.0),)
    assert window.controller.frames["pruned"].footprint.nonzero["F4"] == WAVES


def test_pixels_tell_what_is_left_and_what_is_gone(window, qtbot):
    window.parts.tabs.setCurrentWidget(window.parts.units)
    matrix_click(window, "M2")
    rest(window, qtbot)
    matrix = window.parts.matrix
    image = matrix.grab().toImage()
    ratio = image.devicePixelRatio()

    def shade(cell):
        place = matrix.box(cell).center() + QPoint(0, 6)
        return image.pixelColor(round(place.x() * ratio), round(place.y() * ratio)).name()

    theme = window.theme
    assert shade((1, 1)) == theme.sunken
    assert {shade((row, 0)) for row in range(3)} == {theme.accent}


def test_a_fraction_of_a_branch_is_refused_in_a_sentence(window, qtbot):
    said = []
    window.controller.noticed.connect(lambda kind, text, _: said.append(text))
    window.controller.set_rates({"C1": 40.0})
    assert "C1 stays or goes as a whole" in said[0]
    assert window.controller.plan == Plan()
    window.controller.set_locks(["C1"], True)
    matrix_click(window, "C1")
    assert window.controller.plan.rates == ()


def test_a_model_without_cells_has_no_matrix(open_window, toy):
    window = open_window(toy)
    window.parts.tabs.setCurrentWidget(window.parts.units)
    assert window.parts.tree.isVisible()
    assert not window.parts.matrix.isVisible()
    assert window.findChild(QComboBox, "plotAxis").isHidden()
    heading = window.parts.tree.units.headerData(
        Column.COUNT, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole
    )
    assert heading == "Weights"


def test_the_count_is_called_what_is_counted(window):
    model = window.parts.tree.units
    role = Qt.ItemDataRole.DisplayRole
    assert model.headerData(Column.COUNT, Qt.Orientation.Horizontal, role) == "Waves"
    assert knob_named(window.controller.card.knobs, "fine").group == "Fine"


def test_the_form_asks_along_the_knob_turned_last_or_the_one_chosen(window, qtbot):
    slide(window, qtbot, "middle", 250)
    window.actions_by_id["newStudy"].trigger()
    form = window.parts.studies.form
    assert form.axis.id == "middle"
    assert form.fields["values"].label.text() == "Middle rate"
    form.axis_box.setFocus()
    QTest.keyClick(form.axis_box, Qt.Key.Key_Down)
    assert form.axis.id == "fine"
    assert form.asked().axis == "fine"
    form.kind_box.setCurrentIndex(form.kind_box.findData("sensitivity"))
    assert "8 plans on each sample" in form.about.text(), "each branch as it is, and gone"
    form.kind_box.setCurrentIndex(form.kind_box.findData("uniform"))
    form.metric_box.setCurrentIndex(form.metric_box.findData("overlap"))
    form.metric_box.activated.emit(form.metric_box.currentIndex())
    assert form.threshold_line.placeholderText() == "needed"
    assert form.asked() is None
    assert "how much worse" in form.fields["threshold"].error.text()
    QTest.keyClicks(form.threshold_line, "-0.2")
    assert form.asked().threshold == Threshold(-0.2, "difference")


def part(pane):
    """The middle of a pane, where its scene is."""
    image = pixels(pane.view)
    tall, wide = image.shape[:2]
    return image[tall // 5 : -tall // 5, wide // 5 : -wide // 5]


def test_each_pane_draws_its_room(window, qtbot):
    panes = {role: window.viewport.panes[role, "space"] for role in ("reference", "full", "pruned")}
    for role, pane in panes.items():
        qtbot.waitUntil(lambda pane=pane: "room" in pane.view.actors)
        surface = pane.view.actors["room"].GetMapper().GetInput()
        assert surface.GetNumberOfPoints() > 1000, role
        low, high = np.reshape(surface.GetBounds(), (3, 2)).T
        assert (low >= 0).all()
        assert (high <= rooms.SIDE).all(), "it lies in its metres"
        assert np.ptp(part(pane).reshape(-1, 3), axis=0).max() > 80, role
    before = {role: part(pane) for role, pane in panes.items()}
    count = panes["pruned"].view.actors["room"].GetMapper().GetInput().GetNumberOfPoints()
    slide(window, qtbot, "coarse", 750)
    qtbot.waitUntil(lambda: np.abs(part(panes["pruned"]) - before["pruned"]).mean() > 8)
    surface = panes["pruned"].view.actors["room"].GetMapper().GetInput()
    assert surface.GetNumberOfPoints() != count
    assert np.abs(part(panes["full"]) - before["full"]).mean() < 1
    assert "by distance to the pruned result" in panes["reference"].caption
    assert np.abs(part(panes["reference"]) - before["reference"]).mean() > 2, "coloured by it"


def test_stages_are_shown_one_after_the_other_and_named(window, system, qtbot):
    system.delay, shown, chips = 0.01, [], []
    chip, times = window.status.chip, window.status.times

    def note(frame):
        shown.append((frame.role, frame.stage, frame.quality, len(frame.timings.modules)))
        chips.append(chip.text())

    window.controller.frame_shown.connect(note)
    window.controller.select_sample("r1")
    qtbot.waitUntil(lambda: settled(window) and window.controller.sample == "r1")
    assert [one[1:] for one in shown if one[0] == "pruned"] == [
        ("coarse", "preview", 1), ("medium", "preview", 2), ("fine", "full", 3),
    ]  # fmt: skip
    assert {"Preview: coarse", "Preview: medium"} <= set(chips)
    assert chip.text() == "Full quality: fine"
    took = window.controller.frames["pruned"].timings
    assert tuple(took.modules) == MODULES
    assert all(value >= 32 * 10 for value in took.modules.values())
    assert took.forward >= sum(took.modules.values())
    said = ", ".join(f"{name} {value:.0f}" for name, value in took.modules.items())
    assert f"forward {took.forward:.0f} ({said})" in times.text()


def test_a_newer_wish_stops_the_fine_stage(window, system, qtbot):
    shown = []
    window.controller.frame_shown.connect(
        lambda frame: shown.append((frame.request.plan, frame.request.quality, frame.stage))
    )
    system.delay = 0.05
    slider = window.findChild(QSlider, "knob.fine")
    drag(slider, 0, 500, moves=2)
    first = window.controller.plan
    qtbot.waitUntil(lambda: (first, "full", "medium") in shown, timeout=30_000)
    QTest.qWait(200)  # amid the fine stage, which takes 3 * 32 * 0.05 s
    system.delay, asked = 0.0, time.monotonic()
    drag(slider, 500, 1000, moves=2)
    second = window.controller.plan
    qtbot.waitUntil(lambda: second in [plan for plan, _, _ in shown])
    assert time.monotonic() - asked < 1.5
    rest(window, qtbot)
    assert (first, "full", "fine") not in shown
    assert (second, "full", "fine") in shown
    assert window.plots.charts["l2"].now == 100
    assert 50 not in xs(window), "only what was worked out to its end joins the curve"


def test_two_protocols_are_told_apart(window, qtbot):
    slide(window, qtbot, "middle", 500, 1000)
    table = window.parts.numbers.table
    (item,) = table.findItems("Overlap ↑", Qt.MatchFlag.MatchExactly)
    assert [item.child(place).text(0) for place in range(2)] == ["whole", "trimmed"]
    whole, trimmed = (float(item.child(place).text(2)) for place in range(2))
    assert whole == float(item.text(2)) > trimmed + 0.05
    lines = window.plots.charts["overlap"].parts.points
    assert list(lines) == ["protocol whole", "protocol trimmed"]
    assert [len(points) for points in lines.values()] == [3, 3]


def test_sweeps_run_along_each_of_the_three_axes(rows):
    for axis in ("coarse", "middle", "fine"):
        found = rows(f"sweep rooms --axis {axis} --samples val:1")
        whole = [row for row in found if "part" not in row]
        values = [row[axis] for row in whole]
        assert len(values) > 3
        assert values == sorted(values)
        others = {"coarse", "middle", "fine"} - {axis}
        assert {row[other] for row in whole for other in others} <= {0.0}
        assert [row["zeroed"] for row in whole] == sorted(row["zeroed"] for row in whole)
        assert whole[-1]["l2"] > whole[0]["l2"]
        assert {row["part"] for row in found if "part" in row} == {"whole", "trimmed"}
    (row, *parts) = rows("sweep rooms --coarse 25 --middle 50 --fine 75 --samples r2")
    assert row["zeroed"] == (1 + 2 + 3) * WAVES
    assert {one["part"]: one["l2"] for one in parts}["whole"] == row["l2"]


def test_each_branch_alone(rows):
    found = rows("sensitivity rooms --axis fine --samples r0")
    whole = {row["unit"]: row["l2"] for row in found if "part" not in row}
    assert set(whole) == {"F1", "F2", "F3", "F4"}
    assert whole["F1"] == max(whole.values())


def test_files_hold_what_is_left(rows, tmp_path):
    rows("prune rooms --fine 50 --out", tmp_path / "gains.npz")
    with np.load(tmp_path / "gains.npz") as found:
        gains, moment = found["gains"], json.loads(str(found[KEY]))
    assert np.count_nonzero(gains) == 10 * WAVES
    assert not gains[-2 * WAVES :].any()
    assert moment["system"] == "rooms"
    rows("reconstruct rooms --sample r1 --coarse 25 --out", tmp_path / "room.ply")
    import trimesh

    mesh = trimesh.load(tmp_path / "room.ply")
    assert len(mesh.faces) > 1000
    assert 0 <= mesh.bounds.min() < mesh.bounds.max() <= rooms.SIDE


def test_the_bench_tells_the_times_of_modules(rows, monkeypatch):
    monkeypatch.setattr(bench, "window_rows", lambda system: [])  # measured elsewhere
    found = {row["measure"]: row["value"] for row in rows("bench rooms --repeats 2")}
    modules = [found[f"{name}, in the full result"] for name in MODULES]
    assert all(modules)
    assert sum(modules) < found["full tick (prune, reconstruct, score)"] * 2


def test_it_is_listed_while_its_file_is_there(plugin):
    with_it = [system.id for system in discover().systems]
    plugin.unlink()
    without = [system.id for system in discover().systems]
    assert sorted(with_it) == sorted([*without, "rooms"])
