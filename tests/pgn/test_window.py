"""The trained network in the real window: a hand on the real slider."""

import json

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QWidget
from scipy.spatial import cKDTree

from prune3d_gui.cli.main import main
from prune3d_gui.core.frames import Frame
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.core.registry import discover
from prune3d_gui.core.scene.scenes import Pick
from prune3d_gui.drawing.palette import LIGHT, coloured
from prune3d_gui.files.meshes import read_mesh
from prune3d_gui.plugins.pgn.system import PgnSystem

if not PgnSystem().bundled():
    pytest.skip("the bundled weights are not installed", allow_module_level=True)


@pytest.fixture
def window(open_window):
    return open_window(PgnSystem())


def settle(qtbot, window):
    qtbot.waitUntil(lambda: window.controller.settled, timeout=60_000)


def place(slider, value) -> QPoint:
    return slider.place_of(value)


def drag(qtbot, window, ticks):
    """Press, move and release the left button on the rate slider; returns frames that came."""
    slider = window.findChild(QWidget, "knob.rate")
    seen: list[Frame] = []
    window.controller.frame_shown.connect(seen.append)
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=place(slider, slider.value()))
    for tick in ticks:
        before = len(seen)
        QTest.mouseMove(slider, place(slider, tick))
        qtbot.waitUntil(lambda n=before: len(seen) > n, timeout=20_000)
    held = list(seen)
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=place(slider, ticks[-1]))
    window.controller.frame_shown.disconnect(seen.append)
    return held


def pruned_points(window):
    return window.controller.frames["pruned"].scene.layers[0].data.points.copy()


def test_dragging_shows_frames_and_rate_zero_restores_every_bit(qtbot, window, tmp_path):
    full = pruned_points(window)
    before = window.grab().toImage()
    held = drag(qtbot, window, range(100, 800, 100))
    different = {f.scene.layers[0].data.points.tobytes() for f in held if f.role == "pruned"}
    assert len(different) >= 5
    assert "preview" in {f.quality for f in held}  # a slow machine may see the hand rest
    settle(qtbot, window)
    pruned = window.controller.frames["pruned"]
    rate = dict(pruned.request.plan.values)["rate"]
    assert pruned.quality == "full"
    assert pruned.footprint.zeroed == round(rate / 100 * 11_519_168)
    assert not np.array_equal(pruned.scene.layers[0].data.points, full)
    assert window.grab().toImage() != before
    assert len(window.controller.curve()) >= 2

    mesh, picture = tmp_path / "pruned.ply", tmp_path / "view.png"
    window.exports.export_mesh("pruned", mesh)
    window.exports.screenshot(picture)
    qtbot.waitUntil(lambda: mesh.exists() and picture.exists(), timeout=20_000)
    again = read_mesh(mesh)
    np.testing.assert_allclose(again.points, pruned.scene.layers[0].data.points, atol=1e-6)
    assert again.faces.shape == (5120, 3)
    assert len(np.unique(np.asarray(Image.open(picture)).reshape(-1, 3)[::7], axis=0)) > 50

    drag(qtbot, window, [400, 0])
    settle(qtbot, window)
    assert np.array_equal(pruned_points(window), full)


def test_the_reference_is_coloured_by_its_distance_to_the_result(qtbot, window):
    window.findChild(QWidget, "knob.rate").setValue(600)
    settle(qtbot, window)
    view, (scale,) = window.viewport, window.controller.card.colours

    def drawn():
        return (
            view.panes["reference", "space"]
            .view.actors["reference"]
            .mapper.dataset.point_data["rgb"]
        )

    reference = window.controller.shown.reference.layer("reference").data.points
    distance = cKDTree(pruned_points(window)).query(reference)[0]
    expected = coloured(distance, scale, LIGHT)
    assert len(np.unique(expected, axis=0)) > 50
    qtbot.waitUntil(lambda: np.abs(drawn().astype(int) - expected).max() <= 3)
    assert view.panes["reference", "space"].caption == "by distance to the pruned result"
    view.set_coloured(False)
    qtbot.waitUntil(lambda: bool((drawn() == LIGHT.neutral).all()))
    view.set_coloured(True)
    pick = Pick("reference", 5)
    with qtbot.waitSignal(window.controller.done) as got:
        view.picked.emit("reference", pick)
    assert f"{distance[5]:.4f} unit-ball radii from the nearest point of the result" in got.args[1]


def test_window_and_command_line_give_the_same_numbers(qtbot, window, capsys):
    sample = window.controller.sample
    scope = window.findChild(QComboBox, "choice.scope")
    scope.setCurrentIndex(scope.findData("decoder"))
    scope.activated.emit(scope.currentIndex())
    window.findChild(QWidget, "knob.rate").setValue(300)
    settle(qtbot, window)
    shown = window.controller.frames["pruned"]
    argv = f"sweep pgn --rate 30 --scope decoder --samples {sample} --json -"
    assert main(argv.split()) == 0
    (row,) = json.loads(capsys.readouterr().out)
    for metric, value in shown.scores.values.items():
        assert row[metric] == pytest.approx(value, rel=1e-6)
    assert row["zeroed"] == shown.footprint.zeroed
    assert row["prunable"] == shown.footprint.prunable == 1_053_184
    assert row["total"] == shown.footprint.total == 12_762_691


def test_a_picture_without_reference_is_compared_with_the_full_model(qtbot, window, tmp_path):
    pixels = np.full((300, 400, 3), 250, np.uint8)
    pixels[90:220, 80:330] = (150, 40, 30)
    path = tmp_path / "photo.png"
    Image.fromarray(pixels).save(path)
    window.opening.open_path(path)
    qtbot.waitUntil(lambda: window.controller.sample.startswith("photo"), timeout=20_000)
    settle(qtbot, window)
    frames = window.controller.frames
    assert frames["full"].scores is None
    assert frames["pruned"].scores is None
    (told,) = [text for _, text in window.notices.log if "training pictures" in text]
    assert told in window.parts.gallery.about.text()
    caption = window.findChild(QLabel, "plotCaption").text()
    assert "without a reference: what is pruned is compared with the full result" in caption
    scope = window.findChild(QComboBox, "choice.scope")
    scope.setCurrentIndex(scope.findData("decoder"))
    scope.activated.emit(scope.currentIndex())
    settle(qtbot, window)
    assert frames["pruned"].request.plan != Plan()
    assert frames["pruned"].scores.against == "itself"
    assert not frames["pruned"].scores.values
    table = window.parts.numbers.table
    assert {table.topLevelItem(0).text(column) for column in (1, 2)} == {"–"}
    window.findChild(QWidget, "knob.rate").setValue(500)
    settle(qtbot, window)
    frame = window.controller.frames["pruned"]
    assert frame.scores.against == "full"
    assert frame.scores.values["chamfer_x1000"] > 0


def test_a_bad_checkpoint_leaves_the_picture(qtbot, window, tmp_path):
    before = pruned_points(window)
    path = tmp_path / "network.pth"
    path.write_bytes(b"not a network")
    said = []
    window.controller.noticed.connect(lambda *words: said.append(words))
    window.opening.open_path(path)
    qtbot.waitUntil(lambda: any("network.pth" in text for _, text, _ in said), timeout=20_000)
    settle(qtbot, window)
    assert np.array_equal(pruned_points(window), before)


def test_a_photo_given_at_the_start_is_opened_here_whoever_comes_first(
    qtbot, open_window, tmp_path
):
    path = tmp_path / "photo.jpg"
    Image.fromarray(np.full((90, 120, 3), 180, np.uint8)).save(path)
    window = open_window(discover(), wait=False, file=path)
    qtbot.waitUntil(lambda: window.controller.sample.startswith("photo"), timeout=60_000)
    settle(qtbot, window)
    assert window.controller.card.ref.system == "pgn"
