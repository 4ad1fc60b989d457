"""Axes, scale bars, sides and sentences over the views, as a hand and an eye find them."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu

from prune3d_gui.core.scene.cameras import Cameras
from prune3d_gui.core.scene.scenes import Box, Layer, Mesh, Points, Scene, Volume
from prune3d_gui.core.scene.views import SPACE, View
from prune3d_gui.drawing.cameras import axes_of
from prune3d_gui.drawing.gauges import axis_colours
from prune3d_gui.drawing.palette import LIGHT
from prune3d_gui.geometry.cameras import pyramids
from prune3d_gui.geometry.scenes import with_surfaces
from prune3d_gui.gui.views import pace
from tests.drawing.conftest import sphere
from tests.gui.drive import viewport_in
from tests.gui.views.test_panes import organs
from tests.gui.views.test_viewport import (
    ball,
    click,
    count_renders,
    drag,
    has_colour,
    mouse,
    pixels,
    settle,
    show,
)


@pytest.fixture(autouse=True)
def unhurried(monkeypatch):
    monkeypatch.setattr(pace, "SLOW", float("inf"))


@pytest.fixture
def viewport(qtbot):
    with viewport_in(qtbot, 1000, 420) as shown:
        yield shown


@pytest.fixture
def filled(viewport, qtbot):
    scene = replace(ball(), unit="mm")
    show(qtbot, viewport, reference=scene, full=scene, pruned=scene)
    return viewport


def looks(viewport):
    return axes_of(viewport.camera_state())[0]


def test_a_click_on_an_end_of_the_axes_looks_from_there(filled):
    triads = [pane.overlay.triad for pane in filled.panes.values()]
    assert all(triad.isVisible() for triad in triads)
    triad = triads[1]
    for axis, sign, forward in ((0, 1, (-1, 0, 0)), (1, 1, (0, -1, 0)), (2, -1, (0, 0, 1))):
        filled.reset_camera()
        settle()
        place = triad.place_of(axis, sign).toPoint()
        QTest.mouseClick(triad, Qt.MouseButton.LeftButton, pos=place)
        settle()
        np.testing.assert_allclose(looks(filled), forward, atol=1e-3)
        for each in triads:
            np.testing.assert_allclose(each._axes.matrix[2], -looks(filled))
    state = filled.camera_state()
    QTest.mouseClick(triad, Qt.MouseButton.LeftButton, pos=QPoint(15, 15))
    assert filled.camera_state() == state, "beside the ends nothing happens"


def test_the_axes_lie_at_the_lower_left_and_turn_with_the_hand(filled):
    pane = filled.panes["full", "space"]
    triad, body = pane.overlay.triad, pane.view.geometry()
    assert body.contains(triad.geometry())
    assert triad.geometry().center().x() < body.center().x()
    assert triad.geometry().center().y() > body.center().y()
    before = triad.place_of(0, 1)
    drag(pane.view, QPoint(80, 0))
    settle()
    assert (triad.place_of(0, 1) - before).manhattanLength() > 5
    grabbed = pixels(pane)
    corner = triad.geometry().topLeft()
    red, green, blue = (
        grabbed[corner.y() + at.y(), corner.x() + at.x() + 5]
        for at in (triad.place_of(axis, 1).toPoint() for axis in range(3))
    )
    assert red.argmax() == 0
    assert green.argmax() == 1
    assert blue.argmax() == 2


@pytest.mark.parametrize("parallel", [False, True])
@pytest.mark.parametrize("size", [(1000, 420), (760, 560), (1600, 500)])
def test_the_scale_bar_is_as_long_as_it_says(filled, qtbot, parallel, size):
    filled.window().resize(*size)
    filled.set_projection(parallel)
    filled.look_from("front")
    settle()
    plate = Scene((Layer("p", Points(np.array([(-0.2, 0, 0), (0.2, 0, 0)], np.float32))),))
    show(qtbot, filled, pruned=plate)
    pane = filled.panes["pruned", "space"]
    drawn = np.abs(pixels(pane.view) - np.array(filled._look.theme.background)).max(-1) > 30
    columns = np.flatnonzero(drawn.any(axis=0))
    between = columns[-1] - columns[0] - (columns[-1] - columns[columns > columns.mean()][0])
    bar = pane.overlay.scale
    width, length = bar.length
    assert width / length == pytest.approx(between / 0.4, rel=0.03)
    assert pane.view.geometry().contains(bar.geometry())
    assert f"{length:g} units" in bar.text
    mm = filled.panes["full", "space"].overlay.scale.text
    assert "mm" in mm
    assert ("focus" in mm or "≈" in mm) is not parallel, "a perspective says where it holds"


def test_the_scale_bar_follows_the_wheel_and_shows_round_numbers(filled):
    pane = filled.panes["full", "space"]
    seen = set()
    for _ in range(12):
        QTest.keyClick(pane.view, Qt.Key.Key_Plus)
        settle()
        width, length = pane.overlay.scale.length
        digits = f"{length:e}"[0]
        assert digits in "125"
        assert 15 <= width <= 110
        seen.add(length)
    assert len(seen) > 2


def test_slices_have_a_scale_in_millimetres_and_pictures_have_none(viewport, qtbot):
    viewport.set_views((View("cut", "Cut", "slice"), View("photo", "Photo", "picture")))
    with qtbot.waitSignal(viewport.drawn):
        viewport.show_scene("full", organs())
    settle()
    pane = viewport.panes["full", "cut"]
    assert pane.overlay.triad is None
    assert pane.overlay.scale.text.endswith(" mm")
    width, length = pane.overlay.scale.length
    assert width / length == pytest.approx(pane.zoom(viewport._seen_from(("full", "cut"))))
    assert viewport.panes["full", "photo"].overlay is None


def test_over_small_panes_there_is_nothing_in_the_way(filled):
    filled.window().resize(300, 200)
    settle()
    for pane in filled.panes.values():
        assert not pane.overlay.scale.isVisible()
        assert not pane.overlay.triad.isVisible()


def test_a_turn_draws_each_view_once_and_a_frame_only_its_own(filled, qtbot):
    counts = count_renders(filled)
    filled.look_from("top")
    settle()
    assert set(counts.values()) == {1}
    show(qtbot, filled, pruned=ball(0.4))
    assert counts == {"reference": 1, "full": 1, "pruned": 2}


def nothing(field=None):
    none = Mesh(np.empty((0, 3), np.float32), np.empty((0, 3), np.int32))
    layer = Layer("surface", none, absent="No surface at 200 HU; values run from -1000 to 180 HU.")
    return Scene((layer, Layer("box", Box((0, 0, 0), (1, 1, 1)))), up="z")


@pytest.mark.parametrize("dark", [False, True])
def test_an_empty_surface_says_why_in_its_pane(viewport, qtbot, dark):
    viewport.set_theme(dark)
    x = np.linspace(-1000, 180, 8, dtype=np.float32)
    field = Volume(np.broadcast_to(x[:, None, None], (8, 8, 8)).copy(), 200.0)
    empty = with_surfaces(Scene((Layer("field", field),)))
    show(qtbot, viewport, full=nothing(), pruned=empty)
    for role, words in (
        ("full", "No surface at 200 HU; values run from -1000 to 180 HU."),
        ("pruned", "No surface at 200; values run from -1000 to 180."),
    ):
        pane = viewport.panes[role, "space"]
        said = pane.findChild(QLabel, "nothingSeen")
        assert said.isVisible()
        assert said.text() == words
        assert pane.view.geometry().contains(said.geometry())
        assert said.height() >= said.heightForWidth(said.width())
    show(qtbot, viewport, full=ball(), pruned=ball())
    assert not said.isVisible()
    show(qtbot, viewport, pruned=empty)
    assert said.isVisible()
    viewport.show_scene("pruned", None)
    settle()
    assert not said.isVisible()


def looking_at_the_ball(count=3):
    """Cameras around a ball, all upright and looking at its middle."""
    poses = []
    for turn in np.linspace(0.3, 2.2, count):
        eye = 2.0 * np.array((np.sin(turn), 0.2, np.cos(turn)))
        ahead = -eye / np.linalg.norm(eye)
        right = np.cross(ahead, (0, 1, 0))
        right /= np.linalg.norm(right)
        pose = np.eye(4)
        pose[:3, :4] = np.stack([right, -np.cross(right, ahead), ahead, eye], axis=1)
        poses.append(pose)
    names = tuple(f"photo{n}.jpg" for n in range(count))
    numbers = np.tile((500.0, 500.0, 320.0, 240.0), (count, 1))
    return Cameras(np.array(poses), numbers, np.tile((640, 480), (count, 1)), names)


@pytest.fixture
def photographed_ball(viewport, qtbot):
    cameras = looking_at_the_ball()
    scene = Scene((Layer("ball", sphere()), Layer("cameras", cameras)))
    show(qtbot, viewport, full=scene, pruned=scene)
    return viewport, cameras


def on_frustum(viewport, cameras, index):
    """Where the middle of the picture of a camera's pyramid is on screen."""
    pane = viewport.panes["full", "space"]
    for share in np.linspace(0.9, 0.5, 9):
        corners = pyramids(cameras)[index]
        x, y, z = share * corners[1:].mean(axis=0) + (1 - share) * corners[0]
        pane.view.renderer.SetWorldPoint(x, y, z, 1.0)
        pane.view.renderer.WorldToDisplay()
        right, up, _ = pane.view.renderer.GetDisplayPoint()
        at = QPoint(round(right), round(pane.view.height() - up))
        found = viewport.cameras_at(("full", "space"), at.toPointF())
        if found is not None and found[1] == index:
            return at
    raise AssertionError(f"camera {index} is not seen")


def double_click(view, at):
    click(view, at)
    mouse(view, QEvent.Type.MouseButtonDblClick, at)
    mouse(view, QEvent.Type.MouseButtonRelease, at)


def test_a_double_click_on_a_frustum_looks_through_it_and_back(photographed_ball):
    viewport, cameras = photographed_ball
    view = viewport.panes["full", "space"].view
    before = viewport.camera_state()
    double_click(view, on_frustum(viewport, cameras, 1))
    settle()
    state = viewport.camera_state()
    np.testing.assert_allclose(state.position, cameras.poses[1][:3, 3], atol=1e-6)
    np.testing.assert_allclose(looks(viewport), cameras.poses[1][:3, 2], atol=1e-6)
    ahead = np.subtract(state.focus, state.position)
    assert ahead @ cameras.poses[1][:3, 2] == pytest.approx(np.linalg.norm(ahead))
    assert 0.5 < np.linalg.norm(ahead) < 3, "a hand turns about what is looked at"
    assert len(viewport.grid.cells) == 3, "no pane was enlarged"
    drag(view, QPoint(30, 10))
    assert viewport.look_back()
    assert viewport.camera_state() == before
    assert not viewport.look_back()


def test_the_menu_looks_through_a_camera_from_a_side_and_orthographically(photographed_ball, qtbot):
    viewport, cameras = photographed_ball
    pane = viewport.panes["full", "space"]

    def choose(at, *path):
        place = pane.view.mapToGlobal(at)
        where = pane.mapFromGlobal(place)
        QApplication.sendEvent(
            pane, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, where, place)
        )
        menu = viewport.findChild(QMenu, "paneMenu")
        qtbot.waitUntil(menu.isVisible)
        for step in path:
            action = next(a for a in menu.actions() if a.text() == step)
            inner = action.menu()
            if inner is not None:  # by key: a pointer that rests would open and close it again
                menu.setActiveAction(action)
                QTest.keyClick(menu, Qt.Key.Key_Right)
                qtbot.waitUntil(inner.isVisible)
                menu = inner
            else:
                place = menu.actionGeometry(action).center()
                QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=place)
        settle()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    before = viewport.camera_state()
    choose(on_frustum(viewport, cameras, 0), "Look through photo0.jpg")
    np.testing.assert_allclose(viewport.camera_state().position, cameras.poses[0][:3, 3])
    choose(QPoint(5, 60), "Return from the camera")
    assert viewport.camera_state() == before
    with qtbot.waitSignal(viewport.projected) as told:
        choose(QPoint(5, 60), "Orthographic")
    assert told.args == [True]
    assert viewport.camera_state().parallel
    choose(QPoint(5, 60), "Look from", "Left")
    np.testing.assert_allclose(looks(viewport), (1, 0, 0), atol=1e-9)
    assert viewport.camera_state().parallel


def test_a_skewed_camera_is_refused_and_the_view_stays(viewport, qtbot):
    good = looking_at_the_ball()
    cameras = replace(good, poses=good.poses * np.array((2, 1, 1, 1.0)))
    show(qtbot, viewport, full=Scene((Layer("cameras", cameras),)))
    before = viewport.camera_state()
    with qtbot.waitSignal(viewport.refused) as told:
        viewport.look_through(cameras, 0)
    assert "is not a turn and a shift" in told.args[0]
    assert viewport.camera_state() == before


def test_the_input_stands_where_no_reference_is(viewport, qtbot):
    red, blue = (np.full((40, 60, 3), colour, np.uint8) for colour in ((200, 20, 30), (9, 30, 220)))
    viewport.show_scene("reference", None, "No reference for this sample")
    viewport.show_inputs([("As it came", red), ("As the network sees it", blue)])
    settle()
    pane = viewport.panes["reference", "space"]
    heading = next(label for label in pane.findChildren(QLabel) if label.text() == "Input")
    assert heading.isVisible()
    image = pixels(pane)
    for colour in ((200, 20, 30), (9, 30, 220)):
        share = (np.abs(image - np.array(colour)).max(axis=-1) < 6).mean()
        assert share > 0.1, "both pictures are large"
    inputs = pane._inputs
    for size in ((1000, 420), (700, 260), (1000, 900)):
        viewport.window().resize(*size)
        settle()
        for (box, words), title in zip(inputs.places(), inputs.titles, strict=True):
            assert inputs.rect().toRectF().contains(box)
            assert inputs.rect().toRectF().contains(words)
            wrapped = inputs.fontMetrics().boundingRect(
                words.toRect(), Qt.TextFlag.TextWordWrap, title
            )
            assert wrapped.height() <= words.height() + 1
    show(qtbot, viewport, reference=ball())
    assert heading.text() == "Reference"
    assert pane.view.isVisible()


@pytest.mark.parametrize("dark", [False, True])
def test_what_lies_over_a_view_stays_over_it(viewport, qtbot, dark):
    viewport.set_theme(dark)
    for _ in range(2):
        show(qtbot, viewport, full=ball(), pruned=ball())
        pane = viewport.panes["pruned", "space"]
        triad = pane.overlay.triad
        near = triad.mapTo(pane, triad.place_of(1, 1).toPoint()) + QPoint(5, 0)
        red, green, blue = pixels(pane)[near.y(), near.x()]
        assert green > red
        assert green > blue
        viewport.show_scene("pruned", None, "Reconstructing…")
        settle()
        assert not triad.isVisible()


def test_a_long_caption_keeps_both_its_ends_and_its_tooltip_is_whole(viewport, qtbot):
    caption = "rate 45 %, encoder.layer1 30 %, encoder.layer2 60 %, decoder.conv1 75 %"
    with qtbot.waitSignal(viewport.drawn):
        viewport.show_scene("pruned", ball(), caption)
    settle()
    label = viewport.panes["pruned", "space"]._caption
    pixels(label)
    assert label.shown.startswith("rate 45")
    assert label.shown.endswith("75 %")
    assert "…" in label.shown
    assert label.toolTip() == caption


def test_views_of_other_kinds_keep_their_menu(viewport, qtbot):
    viewport.set_views((*SPACE, View("photo", "Photo", "picture")))
    pane = viewport.panes["full", "photo"]
    at = pane.mapToGlobal(QPoint(30, 60))
    QApplication.sendEvent(
        pane, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(30, 60), at)
    )
    menu = viewport.findChild(QMenu, "paneMenu")
    qtbot.waitUntil(menu.isVisible)
    assert "Look from" not in [action.text() for action in menu.actions()]
    menu.close()


def test_a_screenshot_has_the_axes_and_scales_of_the_views_unless_asked_not_to(filled, tmp_path):
    settle()
    shots = []
    for corners in (True, False):
        filled.screenshot(tmp_path / "shot.png", corners=corners)
        shots.append(np.asarray(Image.open(tmp_path / "shot.png")).astype(int))
    left, bottom = 0, shots[0].shape[0] - 12  # no colour bar
    for pane in filled.panes.values():
        triad = pane.overlay.triad
        for axis, colour in enumerate(axis_colours(LIGHT)):
            at = triad.place_of(axis, 1)
            x, y = round(left + 2 + at.x()), round(bottom - triad.height() + at.y())
            there = [shot[y - 8 : y + 9, x - 8 : x + 9] for shot in shots]
            assert [has_colour(part, colour, 8) for part in there] == [True, False]
        left += pane.body().width()
