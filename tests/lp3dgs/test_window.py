"""The bundled scene in the real window: the slider, pictures, cameras, files, folders."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QSlider

from prune3d_gui.files.moments import read_moment
from prune3d_gui.files.splats.formats import read_splats
from prune3d_gui.plugins.lp3dgs.system import SplatSystem
from tests.conftest import settled
from tests.gui.drive import drag, let_go
from tests.lp3dgs.balls import hiding, photographed

if not SplatSystem().bundled():
    pytest.skip("the bundled scene is not installed", allow_module_level=True)


@pytest.fixture
def window(open_window, qtbot):
    made = open_window(SplatSystem())
    qtbot.waitUntil(lambda: settled(made), timeout=60_000)
    return made


def choose(window, qtbot, knob, value):
    box = window.findChild(QComboBox, f"choice.{knob}")
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)


def prune(window, qtbot, percent):
    slider = window.findChild(QSlider, "knob.rate")
    to = round(slider.maximum() * percent / 100)
    drag(slider, slider.value(), to, moves=6)
    let_go(slider, to)
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)


def picture(window, role, layer="picture"):
    return window.controller.frames[role].scene.layer(layer).data.pixels


def test_the_slider_prunes_gaussians_and_pictures_lose(window, qtbot):
    control, shown = window.controller, []
    panes = set(window.viewport.panes)
    assert {("full", "picture"), ("pruned", "picture"), ("pruned", "space")} <= panes
    assert ("reference", "picture") in panes
    full = picture(window, "full").copy()
    control.frame_shown.connect(shown.append)
    prune(window, qtbot, 60)
    control.frame_shown.disconnect(shown.append)
    assert shown[-1].quality == "full"
    pruned = control.frames["pruned"]
    count = control.card.units[0].count
    rate = dict(control.plan.values)["rate"]
    assert rate == pytest.approx(60, abs=0.2)
    assert pruned.footprint.nonzero["gaussians"] == count - round(rate / 100 * count)
    assert (picture(window, "pruned") != full).any()
    by_share = pruned.scores.values["psnr"]
    assert by_share < control.frames["full"].scores.values["psnr"]
    choose(window, qtbot, "criterion", "random")
    assert control.frames["pruned"].scores.values["psnr"] != by_share
    prune(window, qtbot, 0)
    np.testing.assert_array_equal(picture(window, "pruned"), full)


def test_another_camera_shows_another_picture_of_the_same_plan(window, qtbot):
    control = window.controller
    prune(window, qtbot, 40)
    before, scores = picture(window, "pruned").copy(), control.frames["pruned"].scores.values
    knob = next(knob for knob in control.card.knobs if knob.id == "camera")
    choose(window, qtbot, "camera", knob.choices[-1].id)
    assert picture(window, "pruned").shape == before.shape
    assert (picture(window, "pruned") != before).any()
    assert control.frames["pruned"].scores.values == scores, "of all held-out views"


def test_what_is_kept_is_written_and_opened_and_so_is_a_folder_of_ones_own(window, qtbot, tmp_path):
    prune(window, qtbot, 50)
    control, out = window.controller, tmp_path / "kept.ply"
    kept = control.frames["pruned"].footprint.nonzero["gaussians"]
    shown = picture(window, "pruned").copy()
    window.exports.export_network("ply", out)
    qtbot.waitUntil(out.exists, timeout=60_000)
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    assert read_splats(out).gaussians.count == kept
    assert dict(read_moment(out).plan.values)["rate"] == pytest.approx(50, abs=0.1)
    assert shown.any()
    window.opening.open_path(out)
    qtbot.waitUntil(lambda: control.card.units[0].count == kept, timeout=60_000)
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    assert "were put round the scene" in " ".join(control.card.notices)
    folder = photographed(tmp_path / "ball", hiding())
    window.opening.open_path(folder)
    qtbot.waitUntil(lambda: control.card.units[0].count == 360, timeout=60_000)
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    assert control.frames["full"].scores.values["psnr"] > 45


def test_a_click_on_a_picture_tells_its_gaussians(window, qtbot):
    prune(window, qtbot, 30)
    view = window.viewport.panes["pruned", "picture"].view
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.rect().center())

    def told():
        return any("Gaussians make it" in label.text() for label in window.findChildren(QLabel))

    qtbot.waitUntil(told, timeout=20_000)
