"""Exports, by the methods behind the dialogs and through the dialogs."""

import csv
import json
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtGui import QImage

from prune3d_gui.core.knobs import knob_named
from prune3d_gui.core.scenes import Mesh, Scene
from prune3d_gui.core.system import Stage
from prune3d_gui.gui.export_dialog import ExportDialog
from tests.conftest import drain, settled
from tests.toy import Plugin, ToyModel


class MeshModel(ToyModel):
    """The toy with a triangle per blob, so that there is a surface to export."""

    def reconstruct(self, applied, sample, query, quality, cancel):
        for stage in super().reconstruct(applied, sample, query, quality, cancel):
            yield Stage(stage.quality, self.with_mesh(stage.scene, applied.token))

    def reference(self, sample, query):
        return self.with_mesh(super().reference(sample, query), self.weights)

    def with_mesh(self, scene, weights):
        size = scene.main.values.shape[0]
        corners = np.eye(3, dtype=np.float32)[None] * weights[:, None, None] * size
        faces = np.arange(3 * len(weights), dtype=np.int32).reshape(-1, 3)
        return Scene((*scene.layers, ("mesh", Mesh(corners.reshape(-1, 3), faces))))


class MeshPlugin(Plugin):
    """A system of such models."""

    def open(self, ref):
        return MeshModel(self, ref.title)


@pytest.fixture
def window(open_window):
    return open_window(MeshPlugin())


def written(window, qtbot, path):
    qtbot.waitUntil(lambda: f"Written: {path}" in window.notices.visible)
    assert path.stat().st_size > 0


def turn(window, value, dragging=False):
    tolerance = knob_named(window.controller.card.knobs, "tolerance")
    window.controller.set_value(tolerance, value, dragging)


def test_meshes(window, qtbot, tmp_path):
    trimesh = pytest.importorskip("trimesh")
    turn(window, 0.1)
    for role in ("reference", "full", "pruned"):
        for suffix in ("ply", "obj", "stl", "glb"):
            path = tmp_path / f"{role}.{suffix}"
            window.exports.export_mesh(role, path)
            written(window, qtbot, path)
            assert len(trimesh.load(path, force="mesh").faces) > 10


def test_points(window, qtbot, tmp_path):
    for suffix in ("ply", "xyz", "npz"):
        path = tmp_path / f"points.{suffix}"
        window.exports.export_points("pruned", path)
        written(window, qtbot, path)


def test_a_preview_is_never_exported(window, qtbot, tmp_path):
    turn(window, 0.2, dragging=True)
    path = tmp_path / "held.npz"
    window.exports.export_points("pruned", path)
    written(window, qtbot, path)
    with np.load(path) as kept:
        assert float(np.max(kept["points"])) == 24.0


def test_the_network(window, qtbot, tmp_path):
    turn(window, 0.1)
    path = tmp_path / "pruned.npz"
    window.exports.export_network("npz", path)
    written(window, qtbot, path)
    with np.load(path) as kept:
        zeroed = window.controller.frames["pruned"].footprint.zeroed
        assert int((kept["weights"] == 0).sum()) == zeroed


def test_curves_as_rows(window, qtbot, tmp_path):
    for value in (0.1, 0.3):
        turn(window, value)
        qtbot.waitUntil(lambda: settled(window))
    for suffix in ("csv", "json"):
        path = tmp_path / f"curve.{suffix}"
        window.exports.export_curves(path)
        written(window, qtbot, path)
    rows = json.loads((tmp_path / "curve.json").read_text())
    assert [row["tolerance"] for row in rows] == [0.001, 0.1, 0.3]
    assert rows[1]["zeroed"] == window.controller.curve()[1].footprint.zeroed
    assert rows[0]["samples"] == 1
    assert rows[0]["seed"] == 0
    assert rows[0]["l2_definition"] == "||f - g|| / ||g|| on the grid."
    assert json.loads(rows[1]["plan"]) == {"values": {"tolerance": 0.1}}
    with open(tmp_path / "curve.csv", newline="") as file:
        assert [float(row["tolerance"]) for row in csv.DictReader(file)] == [0.001, 0.1, 0.3]


def test_curves_as_pictures(window, qtbot, tmp_path):
    window.exports.export_curves(tmp_path / "curve.png")
    written(window, qtbot, tmp_path / "curve.png")
    image = QImage(str(tmp_path / "curve.png"))
    assert image.width() > 400
    assert image.text("system") == "toy"
    window.exports.export_curves(tmp_path / "curve.svg")
    written(window, qtbot, tmp_path / "curve.svg")
    assert ElementTree.parse(tmp_path / "curve.svg").getroot().tag.endswith("svg")


def test_screenshots(window, qtbot, tmp_path):
    sizes = []
    for scale in (1, 2):
        path = tmp_path / f"views{scale}.png"
        window.exports.screenshot(path, scale, transparent=scale == 2)
        written(window, qtbot, path)
        sizes.append(QImage(str(path)).width())
    assert sizes[1] == 2 * sizes[0]


def test_what_cannot_be_written_is_said(window, qtbot, tmp_path):
    missing = tmp_path / "no" / "such.ply"
    window.exports.export_mesh("full", missing)
    qtbot.waitUntil(lambda: any(str(missing) in text for text in window.notices.visible))
    window.exports.export_points("full", tmp_path / "points.doc")
    assert any("points.doc' has no ending" in text for text in window.notices.visible)
    assert {file.name for file in tmp_path.iterdir()} <= {"settings.ini"}


def test_a_result_without_a_surface_says_so(open_window, toy, tmp_path, qtbot):
    window = open_window(toy)
    window.exports.export_mesh("full", tmp_path / "a.ply")
    qtbot.waitUntil(lambda: any("has no surface" in text for text in window.notices.visible))


def test_each_action_asks_and_exports(window, qtbot, tmp_path):
    for action, name in (
        ("exportMesh", "pruned.glb"),
        ("exportPoints", "pruned.xyz"),
        ("exportNetwork", "network.npz"),
        ("exportCurves", "curves.csv"),
        ("screenshot", "views.png"),
    ):
        window.actions_by_id[action].trigger()
        dialog = window.findChild(ExportDialog)
        dialog.path_line.setText(str(tmp_path / name))
        dialog.export_button.click()
        written(window, qtbot, tmp_path / name)
        drain()
    assert window.settings.folder == str(tmp_path)


def test_the_dialog_knows_endings_and_warns(window, qtbot, tmp_path):
    (tmp_path / "old.ply").write_text("x")
    window.actions_by_id["exportMesh"].trigger()
    dialog = window.findChild(ExportDialog)
    dialog.path_line.setText(str(tmp_path / "old"))
    assert dialog.path == tmp_path / "old.ply"
    assert "will be replaced" in dialog.warning.text()
    dialog.path_line.setText(str(tmp_path / "new.ply"))
    dialog.format_box.setCurrentIndex(2)
    assert dialog.path == tmp_path / "new.stl"
    assert dialog.warning.text() == ""
    dialog.close()
