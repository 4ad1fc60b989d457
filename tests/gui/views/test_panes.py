"""Panes of pictures and slices in a real window, and arrangements of them by hand."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from prune3d_gui.core.scene.affines import along_axes
from prune3d_gui.core.scene.labels import Label, Labels
from prune3d_gui.core.scene.scenes import Image, Layer, Mesh, Points, Scene, Volume
from prune3d_gui.core.scene.views import SPACE, View
from prune3d_gui.drawing.palette import DARK, LIGHT
from prune3d_gui.drawing.photographs import photographed
from prune3d_gui.gui.views import pace
from prune3d_gui.gui.views.arrangement import Arrangement
from tests.drawing.conftest import sphere
from tests.gui.drive import viewport_in
from tests.gui.views.test_viewport import click, drag, mouse, pixels, settle

PHOTO = (
    View("photo", "Photograph", "picture"),
    View("change", "Change", "picture", roles=("pruned",)),
)
CUTS = (
    View("axial", "Axial", "slice", axis=2),
    View("side", "Side", "slice", roles=("full", "pruned"), axis=0),
)
RED, BLUE = (220, 30, 40), (30, 60, 230)


@pytest.fixture(autouse=True)
def unhurried(monkeypatch):
    monkeypatch.setattr(pace, "SLOW", float("inf"))


@pytest.fixture
def viewport(qtbot):
    with viewport_in(qtbot, 1000, 420) as shown:
        yield shown


def chequers(tall=4, wide=6, first=RED, second=BLUE):
    rows, columns = np.indices((tall, wide))
    return np.array((first, second), np.uint8)[(rows + columns) % 2]


def photo(**names):
    """A scene of pictures: ``photo=pixels, change=pixels``."""
    return Scene(tuple(Layer(name, Image(shown), view=name) for name, shown in names.items()))


def organs(radius=6.0, extra=()):
    """A field that rises along x, and a ball of label 3 in it, on voxels of 1 x 1 x 2."""
    affine = along_axes((1.0, 1.0, 2.0), (-10.0, -8.0, -6.0))
    x, y, z = np.indices((21, 17, 7))
    inside = (x - 10) ** 2 + (y - 8) ** 2 + (2 * z - 6) ** 2 <= radius**2
    labels = Labels(np.where(inside, 3, 0).astype(np.uint8), {3: Label("ball", RED)}, affine, "mm")
    field = Volume(x.astype(np.float32), 10.0, affine, "mm")
    return Scene((Layer("field", field, view="slice"), Layer("ball", labels, view="slice"), *extra))


def wheel(view, at, notches, keys=Qt.KeyboardModifier.NoModifier):
    place = QPointF(at)
    event = QWheelEvent(
        place, view.mapToGlobal(place), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


def wait(viewport, qtbot, act):
    with qtbot.waitSignal(viewport.drawn):
        act()
    settle()


def near(image, colour, within=30):
    return np.abs(image - np.array(colour)).max(axis=-1) < within


def box_of(found):
    """Rows and columns that hold what was found."""
    rows, columns = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
    return rows[0], rows[-1] + 1, columns[0], columns[-1] + 1


def test_layers_are_drawn_in_the_views_they_name(viewport, qtbot):
    viewport.set_views((*SPACE, *PHOTO))
    cloud = Layer("points", Points(sphere().points))
    scene = Scene((*photo(photo=chequers(), change=chequers(3, 3)).layers, cloud))
    wait(viewport, qtbot, lambda: viewport.show_scene("pruned", scene))
    actors = {key[1]: set(p.view.actors) for key, p in viewport.panes.items() if key[0] == "pruned"}
    assert actors == {"space": {"points"}, "photo": {"photo"}, "change": {"change"}}
    assert near(pixels(viewport.panes["pruned", "photo"].view), RED).sum() > 500
    assert not near(pixels(viewport.panes["pruned", "space"].view), RED).any()
    titles = [pane.title for pane in viewport.panes.values()]
    assert titles[0] == "Reference"
    assert titles[3:] == [
        "Reference · Photograph", "Full · Photograph", "Pruned · Photograph", "Pruned · Change",
    ]  # fmt: skip


def test_a_picture_has_its_own_shape_and_hard_pixels(viewport, qtbot):
    viewport.set_views(PHOTO[:1])
    wait(viewport, qtbot, lambda: viewport.show_scene("full", photo(photo=chequers())))
    view = viewport.panes["full", "photo"].view
    image = pixels(view)
    drawn = near(image, RED, 3) | near(image, BLUE, 3)
    top, bottom, left, right = box_of(drawn)
    assert (right - left) / (bottom - top) == pytest.approx(6 / 4, rel=0.02)
    assert right - left >= image.shape[1] - 2, "it fills the width of a tall pane"
    assert abs((top + bottom) / 2 - image.shape[0] / 2) <= 1.5
    assert drawn[top:bottom, left:right].mean() > 0.999, "nothing is blended"
    size = (right - left) / 6
    for row in range(4):
        for column in range(6):
            colour = image[int(top + (row + 0.5) * size), int(left + (column + 0.5) * size)]
            assert near(colour, (RED, BLUE)[(row + column) % 2], 3)


def test_a_picture_with_more_pixels_than_the_pane_is_smoothed(viewport, qtbot):
    viewport.set_views(PHOTO[:1])
    fine = photo(photo=chequers(1500, 1500))
    wait(viewport, qtbot, lambda: viewport.show_scene("full", fine))
    image = pixels(viewport.panes["full", "photo"].view)
    middle = image[150:200, 100:200]
    assert near(middle, np.add(RED, BLUE) // 2, 40).mean() > 0.9
    wait(viewport, qtbot, lambda: wheel(viewport.panes["full", "photo"].view, QPoint(90, 90), 30))
    image = pixels(viewport.panes["full", "photo"].view)
    assert (near(image, RED, 3) | near(image, BLUE, 3)).mean() > 0.999


def test_pictures_are_shifted_and_magnified_together_and_stay_under_the_mouse(viewport, qtbot):
    viewport.set_views((*PHOTO, *SPACE))
    spots = np.zeros((60, 90, 3), np.uint8)
    spots[40, 70] = RED

    def show():
        viewport.show_scene("full", photo(photo=spots))
        viewport.show_scene("pruned", photo(photo=spots, change=spots[::-1]))

    wait(viewport, qtbot, show)
    settle()
    before = viewport.camera_state()
    view, other = (viewport.panes[role, "photo"].view for role in ("full", "pruned"))

    def spot(of):
        top, bottom, left, right = box_of(near(pixels(of), RED))
        return QPointF((left + right) / 2, (top + bottom) / 2), right - left

    at, size = spot(view)
    wait(viewport, qtbot, lambda: wheel(view, at.toPoint(), 8))
    settle()
    for seen in (view, other):
        there, grown = spot(seen)
        assert (there - at).manhattanLength() <= 4
        assert grown == pytest.approx(size * 1.15**8, abs=2.1)
    wait(viewport, qtbot, lambda: drag(view, QPoint(-20, 10)))
    settle()
    for seen in (view, other):
        there, _ = spot(seen)
        assert (there - at - QPointF(-20, 10)).manhattanLength() <= 4
    assert viewport.camera_state() == before, "what is in space stays"
    viewport.reset_camera()
    settle()
    assert (spot(other)[0] - at).manhattanLength() <= 2


def cross(view):
    """Row and column of the crosshair, from lines that go through the whole view."""
    close = near(pixels(view), DARK.accent, 60)
    return int(close.sum(axis=1).argmax()), int(close.sum(axis=0).argmax())


@pytest.fixture
def cut(viewport, qtbot):
    viewport.set_views((*CUTS, *SPACE))
    viewport.window().resize(1200, 700)
    cloud = Layer("points", Points(8 * sphere().points))

    def show():
        for role, radius in (("reference", 6.0), ("full", 6.0), ("pruned", 4.0)):
            viewport.show_scene(role, organs(radius, (cloud,)))

    wait(viewport, qtbot, show)
    settle()
    return viewport


def widths(viewport, role, name):
    """Share of the pane's width and height that is red, of what the field takes."""
    image = pixels(viewport.panes[role, name].view)
    top, bottom, left, right = box_of(near(image, RED))
    return right - left, bottom - top


def test_slices_show_field_and_labels_in_their_millimetres(cut):
    for key, pane in cut.panes.items():
        wanted = {"points"} if key[1] == "space" else {"field", "ball", "crosshair"}
        assert set(pane.view.actors) == wanted, key
    assert cut.crosshair.point == pytest.approx((0.0, 0.0, 0.0))
    full = np.array(widths(cut, "full", "axial"), float)
    pruned = np.array(widths(cut, "pruned", "axial"), float)
    assert full[0] == pytest.approx(full[1], rel=0.05)
    assert full / pruned == pytest.approx(np.array((13 / 9, 13 / 9)), rel=0.06)
    image = pixels(cut.panes["reference", "axial"].view)
    row = image[image.shape[0] * 3 // 4, :, :].mean(axis=-1)
    ramp = row[(row > 15) & (row < 224)]
    assert ramp[-1] - ramp[0] > 150, "the field rises to the right"
    side = np.array(widths(cut, "full", "side"), float)
    assert side[1] / side[0] == pytest.approx(14 / 13, rel=0.08), "voxels are two tall along z"


def test_the_wheel_goes_through_slices_and_ctrl_comes_closer(cut, qtbot):
    view = cut.panes["full", "axial"].view
    wait(cut, qtbot, lambda: wheel(view, view.rect().center(), 2))
    assert cut.crosshair.point == pytest.approx((0.0, 0.0, 4.0))
    assert cut.panes["pruned", "axial"].bar.slider.value() == 5
    assert not near(pixels(cut.panes["pruned", "axial"].view)[:, 5:-5], RED).sum() > 600
    wait(cut, qtbot, lambda: wheel(view, view.rect().center(), 50))
    assert cut.crosshair.point[2] == pytest.approx(6.0), "it ends at the last slice"
    wait(cut, qtbot, lambda: QTest.keyClick(view, Qt.Key.Key_Down))
    assert cut.crosshair.point[2] == pytest.approx(4.0)
    state = cut.camera_state("slice")
    wait(cut, qtbot, lambda: wheel(view, QPoint(40, 40), 3, Qt.KeyboardModifier.ControlModifier))
    assert cut.crosshair.point[2] == pytest.approx(4.0)
    assert cut.camera_state("slice").height == pytest.approx(state.height / 1.15**3)


def test_a_click_puts_the_crosshair_there_in_every_slice(cut, qtbot):
    view = cut.panes["full", "axial"].view
    scale = view.height() / (2 * cut.camera_state("slice").height)
    seen = cut.panes["full", "axial"].zoom(cut.camera_state("slice")) / view.devicePixelRatioF()
    assert seen <= scale
    at = QPoint(view.width() // 2 + round(5 * seen), view.height() // 2 - round(3 * seen))
    wait(cut, qtbot, lambda: click(view, at))
    assert cut.crosshair.point == pytest.approx((5.0, 3.0, 0.0), abs=0.6 / seen + 0.1)
    ratio = view.devicePixelRatioF()
    for role in ("reference", "full", "pruned"):
        row, column = cross(cut.panes[role, "axial"].view)
        assert abs(row - at.y() * ratio) <= 3
        assert abs(column - at.x() * ratio) <= 3
    side = cut.panes["pruned", "side"].view
    _, column = cross(side)
    assert abs(column / ratio - side.width() / 2 - 3 * seen) <= 4, "y is to the right there"
    wait(cut, qtbot, lambda: drag(side, QPoint(0, round(-2 * seen))))
    assert cut.crosshair.point[2] == pytest.approx(2.0, abs=0.3)


def test_the_slider_and_the_axis_below_a_slice(cut, qtbot):
    pane = cut.panes["pruned", "axial"]
    assert pane.bar.slider.maximum() == 6
    assert pane.bar._place.text() == "0 mm"
    wait(cut, qtbot, lambda: pane.bar.slider.setValue(0))
    assert cut.crosshair.point[2] == pytest.approx(-6.0)
    assert pane.bar._place.text() == "-6 mm"
    button = next(b for b in pane.bar._buttons.buttons() if b.text() == "y")
    wait(cut, qtbot, lambda: QTest.mouseClick(button, Qt.MouseButton.LeftButton))
    for role in ("reference", "full", "pruned"):
        assert cut.crosshair.plane("axial").axis == 1
        assert cut.panes[role, "axial"].bar.slider.maximum() == 16


def test_slices_of_another_sample_start_in_its_middle(cut, qtbot):
    view = cut.panes["full", "axial"].view
    wait(cut, qtbot, lambda: wheel(view, view.rect().center(), 2))
    for role in ("reference", "full", "pruned"):
        cut.show_scene(role, None, "Reconstructing…")
    settle()
    assert not cut.panes["full", "axial"].bar.isEnabled()
    wait(cut, qtbot, lambda: cut.show_scene("full", organs()))
    assert cut.crosshair.point == pytest.approx((0.0, 0.0, 0.0))


def test_a_screenshot_has_every_pane_as_it_is_seen(cut, tmp_path):
    from PIL import Image as Picture

    path = tmp_path / "views.png"
    cut.screenshot(path)
    with Picture.open(path) as opened:
        image = np.asarray(opened.convert("RGB")).astype(int)
    assert near(image, RED).sum() > 5 * 400
    assert near(image, DARK.accent, 60).sum() > 500
    assert near(image, LIGHT.neutral).sum() > 50, "the points in space"


def double_click_title(pane):
    mouse(pane, QEvent.Type.MouseButtonDblClick, QPoint(20, 12))


def test_a_double_click_on_a_title_makes_a_pane_large_and_takes_it_back(viewport, qtbot):
    scene = Scene((Layer("p", Points(sphere().points)),))
    wait(viewport, qtbot, lambda: viewport.show_scene("pruned", scene))
    large = viewport.panes["pruned", "space"]
    before = [pane.geometry() for pane in viewport.panes.values()]
    double_click_title(large)
    settle()
    small = [viewport.panes[role, "space"] for role in ("reference", "full")]
    assert all(pane.width() < 0.6 * large.width() for pane in small)
    assert large.height() == viewport.grid.height()
    assert [pane.x() for pane in small] == [large.geometry().right() + 2] * 2
    assert sum(pane.height() for pane in small) == viewport.grid.height() - 1
    assert not any(pane.isHidden() for pane in viewport.panes.values())
    assert viewport.arrangement.text == "large:pruned/space"
    double_click_title(small[0])
    settle()
    assert viewport.arrangement.text == "large:reference/space"
    double_click_title(small[0])
    settle()
    assert [pane.geometry() for pane in viewport.panes.values()] == before


def test_one_of_two_panes_is_large_too_and_the_only_one_stays(viewport, qtbot):
    viewport.set_views((View("space", roles=("full", "pruned")),))
    full, pruned = viewport.panes.values()
    viewport.enlarge()
    settle()
    assert pruned.width() > 1.8 * full.width()
    viewport.set_views((View("space", roles=("pruned",)),))
    settle()
    assert viewport.panes["pruned", "space"].width() == viewport.width()


def test_the_menu_of_a_pane_offers_each_arrangement(viewport, qtbot):
    pane = viewport.panes["full", "space"]
    texts = {}
    for wanted in ("Large, others beside it", "Alone", "All side by side"):
        QApplication.sendEvent(
            pane,
            QContextMenuEvent(
                QContextMenuEvent.Reason.Mouse, QPoint(30, 60), pane.mapToGlobal(QPoint(30, 60))
            ),
        )
        menu = viewport.findChild(QMenu, "paneMenu")
        qtbot.waitUntil(menu.isVisible)
        action = next(a for a in menu.actions() if a.text() == wanted)
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
        settle()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        shown = [key[0] for key, p in viewport.panes.items() if not p.isHidden()]
        texts[wanted] = (viewport.arrangement.text, len(shown))
    assert texts == {
        "Large, others beside it": ("large:full/space", 3),
        "Alone": ("large:full/space", 1),
        "All side by side": ("side", 3),
    }


def test_what_was_large_and_is_gone_leaves_all_side_by_side(viewport, qtbot):
    viewport.arrangement = Arrangement(("pruned", "space"))
    viewport.set_views(PHOTO)
    settle()
    assert len({pane.width() for pane in viewport.panes.values()}) <= 2
    viewport.set_views(SPACE)
    settle()
    assert viewport.panes["pruned", "space"].width() > viewport.width() / 2


def test_panes_that_stay_keep_their_plotter_and_others_are_closed(viewport, qtbot):
    from pyvista.plotting import _ALL_PLOTTERS

    old = {key: pane.view for key, pane in viewport.panes.items()}
    viewport.set_views((View("space", "3D"), *PHOTO))
    assert all(viewport.panes[key].view is view for key, view in old.items())
    assert viewport.panes["full", "space"].title == "Full · 3D"
    photos = [pane.view._id_name for key, pane in viewport.panes.items() if key[1] != "space"]
    assert set(photos) <= set(_ALL_PLOTTERS)
    viewport.set_views(SPACE)
    settle()
    assert not set(photos) & set(_ALL_PLOTTERS)
    assert viewport.panes["full", "space"].title == "Full"


@pytest.mark.parametrize("dark", [False, True])
def test_new_panes_are_dressed_like_the_others(viewport, qtbot, dark):
    viewport.set_theme(dark)
    viewport.set_views((*SPACE, *CUTS))
    settle()
    ground = (DARK if dark else LIGHT).background
    for pane in viewport.panes.values():
        assert tuple(pixels(pane)[3, 3]) == ground


def test_every_pane_stands_where_a_photograph_was_taken_whatever_its_shape(viewport, qtbot):
    pose = np.eye(4)
    pose[:3, :3] = np.array(((0.0, 1.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, -1.0)))  # rolled
    pose[:3, 3] = (0.2, 0.1, 3.0)
    fx, fy, cx, cy = 140.0, 120.0, 90.0, 30.0
    pixel = np.array((60.0, 70.0))
    around = np.add(pixel, ((-5, -5), (5, -5), (5, 5), (-5, 5)))
    rays = np.column_stack([(around - (cx, cy)) / (fx, fy), np.ones(4)])
    square = (rays * 3 @ pose[:3, :3].T + pose[:3, 3]).astype(np.float32)
    mesh = Mesh(square, np.array(((0, 1, 2), (0, 2, 3)), np.int32))
    scene = Scene((Layer("square", mesh),))
    viewport.set_style("mesh")

    def show():
        for role in ("reference", "full", "pruned"):
            viewport.show_scene(role, scene)

    wait(viewport, qtbot, show)
    viewport.restore(photographed(pose, (fx, fy, cx, cy), (160, 100)))
    shapes = []
    for large in (None, ("full", "space")):
        viewport.arrangement = Arrangement(large)
        settle()
        for pane in viewport.panes.values():
            image = pixels(pane.view)
            tall, wide = image.shape[:2]
            scale = min(wide / 160, tall / 100)
            top, bottom, left, right = box_of(~near(image, image[3, 3], 12))
            at = np.array(((left + right) / 2, (top + bottom) / 2))
            wanted = np.array((wide, tall)) / 2 + scale * (pixel - (80, 50))
            assert np.abs(at - wanted).max() <= 1.5
            assert right - left == pytest.approx(10 * scale, abs=2)
            shapes.append(wide / tall)
    assert min(shapes) < 0.9 < 1.6 < max(shapes)
