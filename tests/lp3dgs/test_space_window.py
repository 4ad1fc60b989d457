"""Splats in the space view of the real window, by real hands: orbit, rest, prune, colour, click."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox, QLabel, QSlider

from prune3d_gui.drawing.photographs import taken_by
from prune3d_gui.gui.views.arrangement import Arrangement
from prune3d_gui.plugins.lp3dgs.raster.seen import activated, look
from prune3d_gui.plugins.lp3dgs.scenes import smaller
from prune3d_gui.plugins.lp3dgs.system import SplatSystem
from tests.conftest import settled
from tests.gui.drive import click, drag, each_answered, let_go
from tests.gui.views.test_viewport import mouse, pixels

if not SplatSystem().bundled():
    pytest.skip("the bundled scene is not installed", allow_module_level=True)


@pytest.fixture
def window(open_window, qtbot):
    made = open_window(SplatSystem())
    qtbot.waitUntil(lambda: settled(made), timeout=60_000)
    made.viewport.arrangement = Arrangement(("pruned", "space"))
    qtbot.waitUntil(lambda: splats_shown(made), timeout=20_000)
    return made


def pane(window):
    return window.viewport.panes["pruned", "space"]


def seen(window):
    """Whether splats are shown, and whether points are."""
    actors = pane(window).view.actors
    return tuple(bool(actors[name].GetVisibility()) for name in ("Gaussians/splats", "Gaussians"))


def splats_shown(window):
    actors = pane(window).view.actors
    return "Gaussians/splats" in actors and bool(actors["Gaussians/splats"].GetVisibility())


def turn(window, qtbot):
    """Turn the space view by hand: points stand in, and splats come back at rest."""
    view, during = pane(window).view, []
    before = pixels(view)
    observer = view.renderer.AddObserver("EndEvent", lambda *_: during.append(seen(window)))
    mouse(view, QEvent.Type.MouseButtonPress, QPointF(200, 150))
    for step in range(8):
        mouse(view, QEvent.Type.MouseMove, QPointF(200 + 6 * step, 150))
        qtbot.wait(20)
    assert during[-1] == (False, True)
    assert all(splats != points for splats, points in during), "one of them, never none or both"
    standing = pixels(view)
    mouse(view, QEvent.Type.MouseButtonRelease, QPointF(242, 150))
    qtbot.waitUntil(lambda: splats_shown(window), timeout=20_000)
    view.renderer.RemoveObserver(observer)
    turned = pixels(view)
    assert np.abs(turned - before).mean() > 1
    assert np.abs(turned - standing).mean() > 1


def prepared(window, qtbot):
    """Have the Gaussians ranked, so that previews come as a hand moves."""
    heard = []
    window.controller.done.connect(lambda tag, _: heard.append(tag))
    window.controller.session.consult("ranked", lambda model, _: model.prepare())
    qtbot.waitUntil(lambda: "ranked" in heard, timeout=60_000)


def test_a_hand_at_the_slider_sees_splats_all_the_while_and_ends_with_those_kept(window, qtbot):
    prepared(window, qtbot)
    view, during = pane(window).view, []
    before = pixels(view)
    observer = view.renderer.AddObserver("EndEvent", lambda *_: during.append(seen(window)))
    slider = window.findChild(QSlider, "knob.rate")
    to = round(0.9 * slider.maximum())
    drag(slider, 0, to, moves=8, release=False, during=each_answered(qtbot, during))
    let_go(slider, to)
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    view.renderer.RemoveObserver(observer)
    assert len(during) > 3
    assert set(during) == {(True, False)}, "the last picture stays until the next one is there"
    qtbot.waitUntil(lambda: np.abs(pixels(view) - before).mean() > 0.5, timeout=20_000)
    box = window.findChild(QComboBox, "choice.colour")
    assert window.viewport.bar.isHidden(), "they have their own colours"
    shown = pixels(view)
    box.setCurrentIndex(box.findData("opacity"))
    box.activated.emit(box.currentIndex())
    qtbot.waitUntil(lambda: not window.viewport.bar.isHidden(), timeout=20_000)
    qtbot.waitUntil(lambda: splats_shown(window), timeout=20_000)
    tall = min(view.height(), len(shown))
    qtbot.waitUntil(lambda: np.abs(pixels(view)[:tall] - shown[:tall]).mean() > 0.5, timeout=20_000)


def test_points_stand_in_while_a_hand_turns_and_at_rest_there_is_the_picture_and_a_click_tells(
    window, qtbot
):
    turn(window, qtbot)
    shown = pane(window)
    model_scene = shown.scene
    cameras, splats = (model_scene.layer(name).data for name in ("cameras", "Gaussians"))
    state = taken_by(cameras, 3, shown.extent)
    window.viewport.restore(state)
    qtbot.waitUntil(lambda: not splats_shown(window), timeout=20_000)
    qtbot.waitUntil(lambda: splats_shown(window), timeout=20_000)
    for name, actor in shown.view.actors.items():
        if name.startswith("cameras"):  # lines before the splats, as many as fit
            actor.SetVisibility(False)
    image = pixels(shown.view) / 255
    tall, wide = image.shape[:2]
    taken = smaller(cameras.camera(3), 10**6)
    by = tall / taken.height
    left = (wide - taken.width * by) / 2
    assert left > 0, "the whole height of the camera's picture is seen"
    eye = type(taken)(
        wide, tall, taken.fx * by, taken.fy * by, taken.cx * by + left, taken.cy * by,
        taken.world_to_camera,
    )  # fmt: skip
    ground = QColor(*shown._theme.background).getRgbF()[:3]
    wanted = look(activated(splats.base), eye).picture(splats.kept, ground).colours
    middle = np.s_[tall // 4 : 3 * tall // 4, wide // 4 : 3 * wide // 4]  # no scale bar, no axes
    apart = np.square(image[middle] - np.clip(wanted, 0, 1)[middle]).mean()
    assert -10 * np.log10(apart) > 30
    click(shown.view, QPoint(wide // 2, round(0.6 * tall)))

    def told():
        return any(label.text().startswith("Gaussian ") for label in window.findChildren(QLabel))

    qtbot.waitUntil(told, timeout=20_000)
