"""Exports, by the methods behind the dialogs and through the dialogs."""

import csv
import json
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from prune3d_gui.core.cancel import NEVER
from prune3d_gui.core.model import Stage
from prune3d_gui.core.moment import KEY, Moment
from prune3d_gui.core.plan.knobs import knob_named
from prune3d_gui.core.scene.affines import placed
from prune3d_gui.core.scene.scenes import Grid, Layer, Mesh, Points, Scene
from prune3d_gui.files.grids import GRID_SUFFIXES, describe
from prune3d_gui.files.meshes import read_mesh
from prune3d_gui.gui.export.dialog import ExportDialog
from tests.conftest import drain, settled
from tests.toy import Plugin, ToyModel


class MeshModel(ToyModel):
    """The toy with a triangle per blob, so that there is a surface to export."""

    def reconstruct(self, applied, sample, query, quality, cancel):
        for stage in super().reconstruct(applied, sample, query, quality, cancel):
            yield Stage(stage.quality, self.with_mesh(stage.scene, applied.token))

    def reference(self, *asked):
        return self.with_mesh(super().reference(*asked), self.weights)

    def with_mesh(self, scene, weights):
        size = scene.layers[0].data.values.shape[0]
        corners = np.eye(3, dtype=np.float32)[None] * weights[:, None, None] * size
        faces = np.arange(3 * len(weights), dtype=np.int32).reshape(-1, 3)
        return Scene((*scene.layers, Layer("mesh", Mesh(corners.reshape(-1, 3), faces))))


class MeshPlugin(Plugin):
    """A system of such models."""

    def open(self, ref, cancel=NEVER):
        return MeshModel(self, ref.title)


@pytest.fixture
def window(open_window):
    return open_window(MeshPlugin())


def written(window, qtbot, path):
    said = f"Written: {path}"
    qtbot.waitUntil(lambda: ("success", said) in window.notices.log, timeout=30_000)
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


def points_of(path):
    """Positions in a file of points, read by nothing of ours."""
    if path.suffix == ".npz":
        with np.load(path) as kept:
            return kept["points"]
    if path.suffix == ".xyz":
        return np.loadtxt(path)[:, :3]
    return np.asarray(pytest.importorskip("trimesh").load(path).vertices)


def test_points(window, qtbot, tmp_path):
    shown = window.viewport.scene("pruned").first(Mesh).points
    for suffix in ("ply", "xyz", "npz"):
        path = tmp_path / f"points.{suffix}"
        window.exports.export_points("pruned", path)
        written(window, qtbot, path)
        assert np.allclose(points_of(path), shown, atol=1e-5), suffix


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


def test_what_the_model_says_of_the_file_is_told(open_window, toy, qtbot, tmp_path):
    toy.said = ("336 bytes.", "Nothing is gone.")
    window = open_window(toy)
    turn(window, 0.1)
    path = tmp_path / "pruned.npz"
    window.exports.export_network("npz", path)
    told = f"Written: {path}. 336 bytes. Nothing is gone."
    qtbot.waitUntil(lambda: told in window.notices.visible)
    with np.load(path) as kept:
        moment = json.loads(str(kept[KEY]))
    assert moment["plan"]["values"] == {"tolerance": 0.1, "scope": "all"}
    assert moment["command"] == "prune3d prune toy --scope all --tolerance 0.1 --out pruned.npz"
    assert moment["weights_hash"] == window.controller.card.weights_hash


def test_a_longer_ending_is_changed_whole(qtbot):
    host = QWidget()
    qtbot.addWidget(host)
    formats = [("Dense", ".safetensors", ""), ("Sparse", ".sparse.safetensors", "")]
    formats.append(("ONNX", ".onnx", ""))
    dialog = ExportDialog(host, "Export", "/tmp", lambda role: "net", formats, lambda asked: None)
    for index, name in ((1, "net.sparse.safetensors"), (2, "net.onnx"), (0, "net.safetensors")):
        dialog.format_box.setCurrentIndex(index)
        assert dialog.path.name == name
    dialog.path_line.setText("/tmp/mine.dat")
    dialog.format_box.setCurrentIndex(1)
    assert dialog.path.name == "mine.dat"
    dialog.close()


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
    assert json.loads(image.text(KEY))["system"] == "toy"
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


class CloudPlugin(Plugin):
    """A system whose results are points alone."""

    def open(self, ref, cancel=NEVER):
        class Cloud(ToyModel):
            def reconstruct(self, applied, sample, query, quality, cancel):
                for stage in super().reconstruct(applied, sample, query, quality, cancel):
                    points = np.eye(3, dtype=np.float32)
                    drawn = (Layer("cloud", Points(points)),)
                    yield Stage(
                        stage.quality,
                        Scene(drawn),
                    )

            def score(self, *asked):
                return None

        return Cloud(self, ref.title)


def test_a_result_without_a_surface_says_so(open_window, tmp_path, qtbot):
    window = open_window(CloudPlugin())
    window.exports.export_mesh("full", tmp_path / "a.ply")
    qtbot.waitUntil(lambda: any("has no surface" in text for text in window.notices.visible))
    window.exports.export_mesh("full", tmp_path / "a.vtu")
    qtbot.waitUntil(lambda: any("no adaptive mesh" in text for text in window.notices.visible))
    window.exports.export_points("full", tmp_path / "a.xyz")
    written(window, qtbot, tmp_path / "a.xyz")


def test_a_volume_is_exported_as_its_surface(open_window, toy, tmp_path, qtbot):
    window = open_window(toy)
    window.exports.export_mesh("full", tmp_path / "a.ply")
    written(window, qtbot, tmp_path / "a.ply")
    mesh = read_mesh(tmp_path / "a.ply")
    volume = window.controller.frames["full"].scene.layers[0].data
    assert len(mesh.faces) > 100
    assert mesh.arrays["error"].shape == (len(mesh.points),)
    at = np.round(placed(mesh.points, np.linalg.inv(volume.affine))).astype(int)
    near = volume.values[tuple(at.T)]
    assert abs(np.median(near) - volume.iso) < 0.1
    window.exports.export_points("full", tmp_path / "a.npz")
    written(window, qtbot, tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as kept:
        assert len(kept["points"]) == len(mesh.points)


def quarters():
    """A square of four leaves."""
    steps = np.array([(x, y) for y in range(3) for x in range(3)], np.float32)
    points = np.column_stack([steps / 2, np.zeros(9, np.float32)])
    cells = np.array([(c, c + 1, c + 3, c + 4) for c in (0, 1, 3, 4)], np.int32)
    anchors = np.array([(x, y) for y in range(2) for x in range(2)], np.int32)
    values = {"value": points[:, 0].copy()}
    origin, size = (0.0, 0.0, 0.0), (1.0, 1.0, 0.0)
    levels = np.ones(4, np.uint8)
    return Grid(points, cells, anchors, levels, 1, origin, size, arrays=values)


class GridPlugin(Plugin):
    """A system whose surfaces carry the adaptive mesh they come from."""

    def open(self, ref, cancel=NEVER):
        class Carrier(ToyModel):
            def reconstruct(self, applied, sample, query, quality, cancel):
                for stage in super().reconstruct(applied, sample, query, quality, cancel):
                    yield Stage(
                        stage.quality, replace(stage.scene, carried=(Layer("mesh", quarters()),))
                    )

        return Carrier(self, ref.title)


def test_an_adaptive_mesh_is_exported_with_its_moment(open_window, tmp_path, qtbot):
    import pyvista

    window = open_window(GridPlugin())
    turn(window, 0.1)
    for suffix in GRID_SUFFIXES:
        window.exports.export_mesh("pruned", tmp_path / f"a{suffix}")
        written(window, qtbot, tmp_path / f"a{suffix}")
    found = pyvista.read(tmp_path / "a.vtu")
    assert found.n_cells == 4
    moment = Moment.of_text(found.field_data[KEY][0])
    assert dict(moment.plan.values)["tolerance"] == 0.1
    assert moment.role == "pruned"
    window.exports.export_mesh("pruned", tmp_path / "a.stl")
    written(window, qtbot, tmp_path / "a.stl")


def test_the_dialog_says_which_mesh_to_take(open_window, toy, qtbot):
    window = open_window(GridPlugin())
    window.actions_by_id["exportMesh"].trigger()
    dialog = window.findChild(ExportDialog)
    offered = [dialog.format_box.itemText(i) for i in range(dialog.format_box.count())]
    assert [text.partition("*")[2][:-1] for text in offered] == [
        *(".ply", ".obj", ".stl", ".glb"), *GRID_SUFFIXES,
    ]  # fmt: skip
    assert "surface alone" in dialog.advice.text()
    for index, suffix in enumerate(GRID_SUFFIXES, 4):
        dialog.format_box.setCurrentIndex(index)
        assert dialog.advice.text() == describe(suffix)
        assert "ParaView" in dialog.advice.text()
        assert dialog.path.suffix == suffix
    dialog.close()


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
