"""The shipped fields in the real window: a hand on the sliders, a cell, time, a mesh file."""

import time

import numpy as np
import pytest
import pyvista
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QWidget

from prune3d_gui.core.plan.knobs import knob_named
from prune3d_gui.core.scene.scenes import Grid, Mesh
from prune3d_gui.files.meshes import read_mesh
from prune3d_gui.gui.study.record import DONE
from prune3d_gui.plugins.inr_amr.system import FieldSystem
from tests.gui.drive import click

if len(FieldSystem().bundled()) < 3:
    pytest.skip("the bundled fields are not installed", allow_module_level=True)

OBEYED_S = 1.0
"""How long a newer wish may take to be obeyed."""


@pytest.fixture
def window(open_window):
    return open_window(FieldSystem())


def settle(qtbot, window):
    qtbot.waitUntil(lambda: window.controller.settled, timeout=120_000)


def choose(window, knob, value):
    box = window.findChild(QComboBox, f"choice.{knob}")
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def select(qtbot, window, sample, cells=3_000):
    """Open a field by its picture in the gallery, and mesh it coarsely."""
    control = window.controller
    control.select_sample(sample)
    qtbot.waitUntil(lambda: control.sample == sample and control.card is not None, timeout=60_000)
    control.set_value(knob_named(control.card.knobs, "cells"), cells)
    settle(qtbot, window)


def drag(qtbot, window, knob, stops):
    """Press, move and release the left button on a slider; returns the frames that came."""
    slider = window.findChild(QWidget, f"knob.{knob}")
    seen = []
    window.controller.frame_shown.connect(seen.append)
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=slider.place_of(slider.value()))
    for stop in stops:
        before = len(seen)
        at: QPoint = slider.place_of(round(slider.maximum() * stop))
        QTest.mouseMove(slider, at)
        qtbot.waitUntil(lambda n=before: len(seen) > n, timeout=60_000)
    held = list(seen)
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=at)
    window.controller.frame_shown.disconnect(seen.append)
    return held


def test_dragging_the_tolerance_removes_neurons_and_the_least_gives_them_back(qtbot, window):
    select(qtbot, window, "chest_relu")
    full = window.controller.frames["pruned"]
    held = drag(qtbot, window, "tolerance", (0.5, 0.7, 0.75, 0.8, 0.85))
    surfaces = {f.scene.layers[0].data.points.tobytes() for f in held if f.role == "pruned"}
    assert len(surfaces) >= 2
    settle(qtbot, window)
    pruned = window.controller.frames["pruned"]
    assert pruned.footprint.removed > 0
    assert pruned.footprint.zeroed == 0
    assert pruned.footprint.bytes < full.footprint.bytes
    assert pruned.footprint.macs < full.footprint.macs
    assert pruned.scores.values["rel_l2"] > full.scores.values["rel_l2"]
    drag(qtbot, window, "tolerance", (0.1, 0.0))
    settle(qtbot, window)
    again = window.controller.frames["pruned"]
    assert again.footprint.removed == 0
    assert np.array_equal(again.scene.layers[0].data.points, full.scene.layers[0].data.points)


def test_a_cell_that_is_clicked_says_its_ranks_and_why_it_stands(qtbot, window):
    select(qtbot, window, "oscillation")
    choose(window, "view", "cells")
    settle(qtbot, window)
    assert isinstance(window.controller.frames["pruned"].scene.layers[0].data, Grid)
    said = []
    window.controller.done.connect(lambda tag, result: said.append((tag, result)))
    pane = window.viewport.panes["pruned", "space"]
    middle = QPointF(pane.view.width() / 2, pane.view.height() / 2)
    QTest.mouseClick(pane.view, Qt.MouseButton.LeftButton, pos=middle.toPoint())
    qtbot.waitUntil(lambda: any(tag == "explain" for tag, _ in said), timeout=30_000)
    text = next(result for tag, result in said if tag == "explain")
    assert text.startswith("Cell ")
    assert "H1" in text
    assert "H4" in text
    assert "interpolation error" in text.lower()


def test_a_click_on_a_heat_map_cell_takes_the_views_to_a_tolerance(qtbot, window):
    select(qtbot, window, "oscillation")
    window.actions_by_id["newStudy"].trigger()
    form = window.parts.studies.form
    form.kind_box.setCurrentIndex(form.kind_box.findData("sensitivity"))
    form.values_line.setText("0.01,0.2")
    form.samples_line.setText("")
    form.count_box.setValue(1)
    click(form.start_button, form.start_button.rect().center())
    qtbot.waitUntil(lambda: bool(window.studies.records), timeout=60_000)
    (record,) = window.studies.records
    qtbot.waitUntil(lambda: not record.live, timeout=120_000)
    assert record.state == DONE, record.message
    assert len(record.found) == 2 * len(window.controller.card.units)
    heat = window.parts.studies.views.heat
    qtbot.waitUntil(lambda: sum(c is not None for line in heat.cells for c in line) == 8)
    worst = max(record.found, key=lambda found: found.row["rel_l2"])
    before = window.controller.frames["pruned"]
    click(heat.canvas.viewport(), heat.place_of(worst))
    settle(qtbot, window)
    assert dict(window.controller.plan.values)["tolerance"] == worst.row["tolerance"]
    assert worst.row["unit"] not in window.controller.plan.locks
    assert len(window.controller.plan.locks) == 3
    after = window.controller.frames["pruned"]
    assert after.footprint.removed == worst.row["removed"] > 0
    there, here = after.scene.layers[0].data, before.scene.layers[0].data
    assert not np.array_equal(there.arrays["value"], here.arrays["value"])


def test_colours_tell_whose_error_it_is_and_the_meshs_surface_is_a_choice(qtbot, window):
    select(qtbot, window, "chest_relu")
    drag(qtbot, window, "tolerance", (0.7, 0.8))
    settle(qtbot, window)
    frame = window.controller.frames["pruned"]
    by = window.findChild(QComboBox, "choice.surface_by")
    for title in ("Pruning error", "Meshing error"):
        QTest.keyClick(by, Qt.Key.Key_Down)
        assert by.currentText() == title
        qtbot.waitUntil(lambda said=title: window.viewport.bar.accessibleName().startswith(said))
        assert window.controller.frames["pruned"] is frame, "colours cost no call of the model"
    source = window.findChild(QComboBox, "choice.source")
    QTest.keyClick(source, Qt.Key.Key_Down)
    settle(qtbot, window)
    meshed = window.controller.frames["pruned"]
    assert meshed.scores.values == frame.scores.values
    assert len(meshed.scene.first(Mesh).faces) != len(frame.scene.first(Mesh).faces)


def test_time_is_scrubbed_and_the_surface_moves(qtbot, window):
    select(qtbot, window, "breathing")
    before = window.controller.frames["pruned"].scene.layers[0].data.points.copy()
    reference = window.controller.shown.reference.layers[0].data.points.copy()
    held = drag(qtbot, window, "time", (0.2, 0.35, 0.5))
    assert {f.role for f in held} == {"full", "pruned"}
    settle(qtbot, window)
    frame = window.controller.frames["pruned"]
    assert dict(frame.request.query.values)["time"] == pytest.approx(0.5, abs=0.02)
    assert frame.scene.layers[0].data.points.tobytes() != before.tobytes()
    assert window.controller.shown.reference.layers[0].data.points.tobytes() != reference.tobytes()


def test_the_mesh_and_its_surface_are_exported_and_open_again(qtbot, window, tmp_path):
    select(qtbot, window, "chest_relu")
    scene = window.controller.frames["pruned"].scene
    grid, surface = scene.first(Grid), scene.first(Mesh)
    mesh, ply = tmp_path / "mesh.vtu", tmp_path / "surface.ply"
    window.exports.export_mesh("pruned", mesh)
    window.exports.export_mesh("pruned", ply)
    qtbot.waitUntil(lambda: mesh.exists() and ply.exists(), timeout=60_000)
    again = pyvista.read(mesh)
    assert again.n_cells == len(grid.cells)
    np.testing.assert_allclose(again.point_data["value"], grid.arrays["value"])
    assert len(read_mesh(ply).faces) == len(surface.faces)


def decomposing(qtbot, window):
    """Have the chest meshed by the rule that takes a minute; comes back while that is at work."""
    select(qtbot, window, "chest")
    control = window.controller
    control.set_value(knob_named(control.card.knobs, "tolerance"), 0.02)
    settle(qtbot, window)
    shown = []
    control.frame_shown.connect(shown.append)
    control.set_value(knob_named(control.card.knobs, "cells"), 80_000)
    control.set_value(knob_named(control.card.knobs, "rule"), "id")
    qtbot.waitUntil(lambda: any(role == "full" for role in roles(control, shown)), timeout=60_000)
    assert roles(control, shown)[0] == "pruned", "it comes before the unpruned result"
    assert not control.settled
    return control, shown


def roles(control, shown):
    """Roles of the frames that show what is asked for now."""
    return [f.role for f in shown if f.request.query == control.query
            and (f.role == "full" or f.request.plan == control.plan)]  # fmt: skip


def test_while_decomposition_meshes_the_chest_a_newer_wish_is_obeyed(qtbot, window):
    control, shown = decomposing(qtbot, window)
    tolerance = knob_named(control.card.knobs, "tolerance")
    took = []
    for value in (0.03, 0.05, 0.08):
        start = time.perf_counter()
        control.set_value(tolerance, value)
        qtbot.waitUntil(lambda: "pruned" in roles(control, shown), timeout=60_000)
        took.append(time.perf_counter() - start)
        qtbot.wait(1_500)
        assert not control.settled, "it meshes again"
    assert min(took) < OBEYED_S


def test_while_decomposition_meshes_the_chest_another_model_is_opened(qtbot, window, monkeypatch):
    control, _ = decomposing(qtbot, window)
    began, plain = [], FieldSystem.open

    def opening(self, ref, cancel):
        began.append(time.perf_counter())
        return plain(self, ref, cancel)

    monkeypatch.setattr(FieldSystem, "open", opening)
    start = time.perf_counter()
    control.select_sample("oscillation")
    qtbot.waitUntil(lambda: control.sample == "oscillation", timeout=60_000)
    assert began[0] - start < OBEYED_S
    settle(qtbot, window)
