"""The shipped patients in the real window: the order, slices, lesions, cells, files."""

import nibabel
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QSlider

from prune3d_gui.core.scene.labels import Labels
from prune3d_gui.files.moments import read_moment
from prune3d_gui.plugins.psp_seg.network.checkpoint import load_network
from prune3d_gui.plugins.psp_seg.system import SegmentSystem
from tests.conftest import settled
from tests.gui.drive import drag, let_go

if not SegmentSystem().bundled():
    pytest.skip("the bundled network is not installed", allow_module_level=True)

LOSING = 8
"""Branches left at which chance has lost every lesion of the first patient."""


@pytest.fixture
def window(open_window, qtbot):
    made = open_window(SegmentSystem())
    qtbot.waitUntil(lambda: settled(made), timeout=60_000)
    return made


def choose(window, knob, value):
    box = window.findChild(QComboBox, f"choice.{knob}")
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def walk(window, qtbot, left):
    """Drag the slider of the order to so many branches, and let it go there."""
    slider = window.findChild(QSlider, "knob.branches")
    drag(slider, slider.value(), left, moves=6)
    let_go(slider, left)
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)


def labels(window, role):
    return window.controller.frames[role].scene.layer("labels").data.values


def test_the_slider_walks_an_order_and_a_lost_lesion_raises_the_alarm(window, qtbot):
    control, said = window.controller, []
    window.losses.told.connect(said.append)
    full = labels(window, "full")
    assert full.any()
    assert {layer.name for layer in control.frames["full"].scene.layers} >= {"liver", "kidney"}
    choose(window, "criterion", "random")
    shown = []
    control.frame_shown.connect(shown.append)
    walk(window, qtbot, LOSING)
    control.frame_shown.disconnect(shown.append)
    assert (labels(window, "pruned") != full).any()
    pruned = control.frames["pruned"]
    assert sum(n > 0 for n in pruned.footprint.nonzero.values()) == LOSING
    found = [p.name for p in control.frames["full"].scores.parts if p.values.get("found") == 1]
    assert found, "the full model finds a lesion of this patient"
    assert said, "the alarm went off"
    assert any(name in sentence for name in found for sentence in said)
    assert all("false" not in sentence for sentence in said)
    previews = [frame for frame in shown if frame.quality == "preview" and frame.scores]
    assert all(part.kind == "class" for frame in previews for part in frame.scores.parts)


def test_slices_move_with_the_order_and_w_goes_to_the_worst(window, qtbot):
    view = window.viewport
    assert {key for key, pane in view.panes.items() if pane.kind == "slice"} == {
        ("pruned", name) for name in ("axial", "coronal", "sagittal")
    }
    assert view.crosshair.window == (-160.0, 240.0), "soft tissue"
    choose(window, "criterion", "random")
    walk(window, qtbot, LOSING)
    there = window.controller.frames["pruned"].scores.worst
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    view.panes["pruned", "axial"].view.setFocus()
    QTest.keyClick(window, Qt.Key.Key_W)
    assert view.crosshair.point == pytest.approx(there)
    actors = set(view.panes["pruned", "axial"].view.actors)
    assert {"CT", "labels", "reference", "crosshair"} <= actors
    assert view.panes["pruned", "axial"].overlay.letters.texts["left"] == "R"
    reference = view.scene("reference").layer("liver").data
    assert (reference.arrays["signed"] > 5).any(), "the result misses part of the liver"
    assert {label.name for label in view.bar.labels} >= {"liver tumour", "reference"}


def test_a_cell_of_the_matrix_takes_its_branch_away_and_gives_it_back(window, qtbot):
    control, matrix = window.controller, window.parts.matrix
    units = control.card.units
    full = labels(window, "full").copy()
    unit = next(unit for unit in units if unit.id == "D0.0")
    bar = window.parts.tabs.tabBar()
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(1).center())
    qtbot.waitUntil(matrix.isVisible)
    place = matrix.box(unit.cell).center()
    QTest.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=QPoint(place))
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    assert control.frames["pruned"].footprint.nonzero[unit.id] == 0
    assert control.frames["pruned"].footprint.removed == unit.count
    assert (labels(window, "pruned") != full).any()
    QTest.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=QPoint(place))
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    assert control.frames["pruned"].footprint.removed == 0
    np.testing.assert_array_equal(labels(window, "pruned"), full)


def test_what_is_taken_away_opens_again(window, qtbot, tmp_path):
    walk(window, qtbot, 12)
    control = window.controller
    network, result = tmp_path / "small.safetensors", tmp_path / "organs.nii.gz"
    window.exports.export_network("safetensors", network)
    window.exports.export_result("pruned", "labels", result)
    qtbot.waitUntil(lambda: network.exists() and result.exists(), timeout=60_000)
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    opened, info = load_network(network)
    assert len(opened.units) == 12
    assert info.notices == ()
    written = nibabel.load(result)
    shown = control.frames["pruned"].scene.first(Labels)
    np.testing.assert_array_equal(np.asarray(written.dataobj), labels(window, "pruned"))
    np.testing.assert_allclose(written.affine, shown.affine)
    for path in (network, result):
        assert dict(read_moment(path).plan.values)["branches"] == 12
    window.opening.open_path(network)
    qtbot.waitUntil(lambda: len(control.card.units) == 12, timeout=60_000)
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    np.testing.assert_array_equal(labels(window, "full"), np.asarray(written.dataobj))
