"""The viewport in a real window: three views, one camera, and only what changed is redrawn."""

import gc
import json
import subprocess
import sys
from dataclasses import asdict, replace

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.moment import KEY, Moment
from prune3d_gui.core.scene.scenes import Layer, Pick, Points, Scene
from prune3d_gui.core.score.scores import ColourScale
from prune3d_gui.drawing.cameras import CameraState
from prune3d_gui.drawing.palette import DARK, LIGHT, RAMP
from prune3d_gui.gui.views import pace
from prune3d_gui.gui.views.viewport import Viewport
from tests.drawing.conftest import sphere
from tests.gui.drive import viewport_in, wheel

SCALE = ColourScale("height", "Height (ball radii)", 0.0, 1.0)
ROLES = ("reference", "full", "pruned")


def ball(radius=0.5, rings=12, around=16):
    return Scene((Layer("surface", sphere(rings, around, radius)),))


class Window(QMainWindow):
    """A window that notes the letters that reach it."""

    letters = ""

    def keyPressEvent(self, event):
        self.letters += event.text()


@pytest.fixture(autouse=True)
def unhurried(monkeypatch):
    """Smooth edges at once however slow the machine, so that renders can be counted."""
    monkeypatch.setattr(pace, "SLOW", float("inf"))


@pytest.fixture
def viewport(qtbot):
    with viewport_in(qtbot, 904, 480, Window) as shown:
        yield shown


@pytest.fixture
def filled(viewport, qtbot):
    """A viewport that has drawn a reference of points and two meshes."""
    cloud = Scene((Layer("points", Points(sphere().points)),))
    show(qtbot, viewport, reference=cloud, full=ball(), pruned=ball(0.45))
    return viewport


def show(qtbot, viewport, **scenes):
    """Show scenes by role, and wait until each of them is on screen."""
    waiting = set(scenes)
    taken = [
        (pane.drawn, pane.drawn.connect(lambda _, role=role: waiting.discard(role)))
        for (role, _), pane in viewport.panes.items()
    ]
    for role, scene in scenes.items():
        viewport.show_scene(role, scene, "a caption")
    qtbot.waitUntil(lambda: not waiting)
    for signal, connection in taken:
        signal.disconnect(connection)
    settle()


def settle():
    for _ in range(3):
        QCoreApplication.processEvents()


def count_renders(viewport):
    counts = dict.fromkeys(ROLES, 0)

    def counter(role):
        def count(*_):
            counts[role] += 1

        return count

    for (role, _), pane in viewport.panes.items():
        pane.view.renderer.AddObserver("EndEvent", counter(role))
    return counts


def pixels(widget):
    image = widget.grab().toImage().convertToFormat(widget.grab().toImage().Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).astype(int)


def has_colour(image, colour, within=40):
    return (np.abs(image - np.array(colour)).max(axis=-1) < within).sum() > 10


def mouse(view, kind, at, button=Qt.MouseButton.LeftButton, keys=Qt.KeyboardModifier.NoModifier):
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
    pressed = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else button
    place = view.mapToGlobal(at)
    event = QMouseEvent(kind, QPointF(at), QPointF(place), pressed, held, keys)
    QApplication.sendEvent(view, event)


def drag(view, by, **how):
    start = view.rect().center()
    mouse(view, QEvent.Type.MouseButtonPress, start, **how)
    for step in range(1, 6):
        mouse(view, QEvent.Type.MouseMove, start + by * step / 5, **how)
    mouse(view, QEvent.Type.MouseButtonRelease, start + by, **how)


def click(view, at):
    mouse(view, QEvent.Type.MouseButtonPress, at)
    mouse(view, QEvent.Type.MouseButtonRelease, at)


def place_in(view, camera_state, points):
    """Where the point nearest to the eye is on screen, and its number."""
    front = int(np.argmax(points @ np.array(camera_state.position)))
    camera = view.renderer
    camera.SetWorldPoint(*points[front].astype(float), 1.0)
    camera.WorldToDisplay()
    x, y, _ = camera.GetDisplayPoint()
    ratio = view.devicePixelRatioF()
    return front, QPoint(round(x / ratio), round(view.height() - y / ratio))


def test_the_window_needs_no_3d_library_to_show():
    program = (
        "import sys; import prune3d_gui.gui.views.viewport\n"
        "heavy = {'pyvista', 'pyvistaqt', 'vtkmodules', 'vtk', 'trimesh', 'torch'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_before_the_start_there_are_sentences_and_scenes_wait(qtbot):
    viewport = Viewport()
    qtbot.addWidget(viewport, before_close_func=lambda _: viewport.shutdown())
    viewport.show_scene("reference", None, "This photograph has no reference")
    viewport.show_scene("full", ball())
    viewport.resize(900, 400)
    viewport.show()
    qtbot.waitExposed(viewport)
    labels = {label.text() for label in viewport.findChildren(QLabel)}
    assert "This photograph has no reference" in labels
    handle = viewport.winId()
    with qtbot.waitSignal(viewport.drawn):
        viewport.start()
    assert viewport.winId() == handle
    assert has_colour(pixels(viewport.panes["full", "space"].view), LIGHT.neutral)


def test_three_views_are_seen_from_one_place_and_turn_together(filled, qtbot):
    places = {p.view.renderer.GetActiveCamera().GetPosition() for p in filled.panes.values()}
    seen = {p.view.renderer.GetActiveCamera().GetViewAngle() for p in filled.panes.values()}
    assert len(places) == 1
    assert max(seen) / min(seen) < 1.01, "panes may be a pixel wider than others"
    counts = count_renders(filled)
    with qtbot.waitSignal(filled.camera_moved):
        drag(filled.panes["full", "space"].view, QPoint(60, 20))
    qtbot.waitUntil(lambda: all(counts.values()))
    for pane in filled.panes.values():
        place = pane.view.renderer.GetActiveCamera().GetPosition()
        assert place == pytest.approx(filled.camera_state().position)
    assert filled.camera_state().position not in places


def test_a_pruned_frame_redraws_its_view_alone_and_a_burst_is_drawn_once(filled, qtbot):
    counts = count_renders(filled)
    show(qtbot, filled, pruned=ball(0.4))
    assert counts == {"reference": 0, "full": 0, "pruned": 1}
    for step in range(10):
        filled.show_scene("pruned", ball(0.4 + step / 100))
    show(qtbot, filled, pruned=ball(0.3))
    assert counts == {"reference": 0, "full": 0, "pruned": 2}


def test_nothing_is_drawn_at_rest(filled, qtbot):
    counts = count_renders(filled)
    settle()
    with qtbot.assertNotEmitted(filled.drawn, wait=300):
        pass
    assert not any(counts.values())


def test_a_slow_machine_smooths_edges_at_rest_alone(filled, qtbot, monkeypatch):
    view = filled.panes["pruned", "space"].view
    filled.set_style("mesh")
    settle()
    smooth = pixels(view)
    monkeypatch.setattr(pace, "SLOW", 0.0)
    for _ in range(pace.PATIENCE):
        show(qtbot, filled, pruned=ball(0.45))
    assert view.render_window.GetMultiSamples() == pace.SMOOTH
    show(qtbot, filled, pruned=ball(0.45))
    assert view.render_window.GetMultiSamples() == pace.ROUGH
    assert len(np.unique(pixels(view), axis=0)) > 1
    qtbot.waitUntil(lambda: view.render_window.GetMultiSamples() == pace.SMOOTH)
    settle()
    np.testing.assert_array_equal(pixels(view), smooth)


def test_the_camera_stays_while_scenes_change(filled, qtbot):
    drag(filled.panes["pruned", "space"].view, QPoint(40, 0))
    state = filled.camera_state()
    show(qtbot, filled, pruned=ball(3.0), full=ball(2.0))
    assert filled.camera_state() == state
    filled.reset_camera()
    assert filled.camera_state() != state
    filled.restore(CameraState(**asdict(state)))
    assert filled.camera_state() == state


def test_pruning_never_moves_the_first_framing(filled, qtbot):
    state = filled.camera_state()
    filled.show_scene("pruned", None)
    show(qtbot, filled, pruned=ball(5.0))
    assert filled.camera_state() == state


def test_middle_and_shift_drag_shift_and_the_wheel_comes_closer(filled):
    view = filled.panes["full", "space"].view
    ways = {"button": Qt.MouseButton.MiddleButton}, {"keys": Qt.KeyboardModifier.ShiftModifier}
    for how in ways:
        before = filled.camera_state()
        drag(view, QPoint(30, 0), **how)
        after = filled.camera_state()
        assert after.focus != before.focus
        assert np.subtract(after.position, before.position) == pytest.approx(
            np.subtract(after.focus, before.focus)
        )
    before = filled.camera_state()
    wheel(view, 1)
    away = [
        np.linalg.norm(np.subtract(s.position, s.focus)) for s in (before, filled.camera_state())
    ]
    assert away[1] < away[0]


@pytest.mark.parametrize("style", ["points", "mesh"])
def test_a_click_picks_what_is_seen_and_a_drag_picks_nothing(filled, qtbot, style):
    filled.set_style(style)
    show(qtbot, filled, full=ball(0.5, 24, 32))
    view = filled.panes["full", "space"].view
    with qtbot.assertNotEmitted(filled.picked):
        drag(view, QPoint(30, 5))
        click(view, QPoint(3, 3))
    points = filled.scene("full").layers[0].data.points
    front, place = place_in(view, filled.camera_state(), points)
    with qtbot.waitSignal(filled.picked) as got:
        click(view, place)
    role, found = got.args
    assert role == "full"
    assert np.linalg.norm(points[found.index] - points[front]) < 0.06


def test_what_was_picked_is_marked_until_its_scene_goes(filled, qtbot):
    looks = {role: [] for role in ROLES}
    for (role, _), pane in filled.panes.items():
        plain = pane.draw
        pane.draw = lambda look, role=role, plain=plain: (looks[role].append(look), plain(look))
    view = filled.panes["full", "space"].view
    front, place = place_in(view, filled.camera_state(), filled.scene("full").layers[0].data.points)
    with qtbot.waitSignal(filled.picked) as got:
        click(view, place)
    assert got.args == ["full", Pick("surface", front)]
    qtbot.waitUntil(lambda: bool(looks["full"]))
    assert looks["full"][-1].picked == Pick("surface", front)
    assert looks["pruned"] == looks["reference"] == []
    show(qtbot, filled, pruned=ball(0.4))
    assert looks["pruned"][-1].picked is None
    with qtbot.assertNotEmitted(filled.outdated):
        filled.show_scene("full", filled.scene("full"), "another caption")
    with qtbot.waitSignal(filled.outdated):
        show(qtbot, filled, full=ball(0.4))
    assert looks["full"][-1].picked is None
    click(view, place)
    qtbot.waitUntil(lambda: looks["full"][-1].picked is not None)
    with qtbot.waitSignal(filled.unpicked):
        click(view, QPoint(3, 3))
    qtbot.waitUntil(lambda: looks["full"][-1].picked is None)


def test_letters_are_left_to_the_window(filled, qtbot):
    view = filled.panes["pruned", "space"].view
    actor = next(iter(view.actors.values()))
    before = actor.GetProperty().GetRepresentation()
    for letter in "wsrqefv3p":
        qtbot.keyClick(view, letter)
    assert actor.GetProperty().GetRepresentation() == before
    assert not view._closed
    assert filled.window().letters == "wsrqefv3p"


def test_arrows_turn_the_view_that_has_the_keyboard(filled, qtbot):
    before = filled.camera_state()
    qtbot.keyClick(filled.panes["full", "space"].view, Qt.Key.Key_Left)
    assert filled.camera_state().position != before.position
    qtbot.keyClick(filled.panes["full", "space"].view, Qt.Key.Key_Right)
    assert filled.camera_state().position == pytest.approx(before.position)


def test_a_line_shows_where_the_keyboard_is(filled):
    pane = filled.panes["full", "space"]
    QApplication.sendEvent(
        pane.view, QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.TabFocusReason)
    )
    assert tuple(pixels(pane)[0, 40]) == LIGHT.accent
    QApplication.sendEvent(pane.view, QFocusEvent(QEvent.Type.FocusOut))
    assert tuple(pixels(pane)[0, 40]) == LIGHT.background


def filled_share(view, ground=LIGHT.background):
    """Share of the tighter side of a view that what is drawn takes, and how far off the middle."""
    image = pixels(view)
    drawn = np.abs(image - np.array(ground)).max(axis=-1) > 12
    sides = [np.flatnonzero(drawn.any(axis=axis)) for axis in (1, 0)]
    shares = [
        (side[-1] + 1 - side[0]) / size for side, size in zip(sides, drawn.shape, strict=True)
    ]
    off = [abs(side[-1] + 1 + side[0] - n) / n for side, n in zip(sides, drawn.shape, strict=True)]
    return max(shares), max(off)


@pytest.mark.parametrize("size", [(904, 480), (904, 300), (500, 700), (1280, 800), (1024, 600)])
@pytest.mark.parametrize("parallel", [False, True])
def test_reset_camera_fills_nine_tenths_of_every_pane(filled, qtbot, size, parallel):
    filled.set_style("mesh")
    filled.set_projection(parallel)
    drag(filled.panes["full", "space"].view, QPoint(30, 50))
    filled.window().resize(*size)
    settle()
    filled.enlarge()
    settle()
    filled.reset_camera()
    settle()
    takes = {"reference": 0.9, "full": 0.9, "pruned": 0.81}  # a smaller ball, seen as such
    for (role, _), pane in filled.panes.items():
        share, off = filled_share(pane.view)
        assert share == pytest.approx(takes[role], abs=0.035)
        assert off < 0.04
    state = filled.camera_state()
    filled.enlarge()
    settle()
    assert filled.camera_state() == state, "what fills one shape fills another"
    for (role, _), pane in filled.panes.items():
        assert filled_share(pane.view)[0] == pytest.approx(takes[role], abs=0.035)


def test_the_application_sheet_does_not_overrule_the_theme(filled, qapp):
    filled.set_theme(True)
    try:
        qapp.setStyleSheet("QLabel { color: #ff0000; } QWidget { background: #00ff00; }")
        settle()
        assert tuple(pixels(filled.panes["full", "space"])[3, 3]) == DARK.background
        assert tuple(pixels(filled.bar)[3, 3]) == DARK.background
    finally:
        qapp.setStyleSheet("")


@pytest.mark.parametrize("parallel", [True, False])
def test_the_projection_changes_without_counting_as_a_move(filled, qtbot, parallel):
    filled.set_projection(parallel)
    camera = filled.panes["full", "space"].view.renderer.GetActiveCamera()
    assert bool(camera.GetParallelProjection()) == parallel
    filled.reset_camera()
    assert filled.camera_state().parallel == parallel


def test_double_click_gives_a_view_all_the_room_and_takes_it_back(filled, qtbot):
    view = filled.panes["full", "space"].view
    narrow = view.width()
    mouse(view, QEvent.Type.MouseButtonDblClick, view.rect().center())
    qtbot.waitUntil(lambda: view.width() > 2 * narrow)
    assert filled.panes["pruned", "space"].isHidden()
    mouse(view, QEvent.Type.MouseButtonDblClick, view.rect().center())
    qtbot.waitUntil(lambda: view.width() == narrow)
    assert not any(pane.isHidden() for pane in filled.panes.values())


def test_colours_follow_the_scale_the_switch_and_the_theme(filled, qtbot):
    view = filled.panes["pruned", "space"].view
    filled.set_style("mesh")
    assert filled.bar.isHidden()
    with qtbot.waitSignal(filled.drawn):
        filled.set_colours((SCALE,))
    settle()
    assert has_colour(pixels(view), RAMP[220])
    assert has_colour(pixels(filled.bar), RAMP[250], 4)
    assert not filled.bar.isHidden()
    with qtbot.waitSignal(filled.drawn):
        filled.set_coloured(False)
    settle()
    assert not has_colour(pixels(view), RAMP[220])
    with qtbot.waitSignal(filled.drawn):
        filled.set_theme(True)
    settle()
    assert tuple(pixels(view)[3, 3]) == DARK.background
    assert tuple(pixels(filled.panes["full", "space"])[3, 3]) == DARK.background


def test_every_view_has_the_scale_that_its_scene_names(filled, qtbot):
    density = ColourScale("density", "Density", 0.0, 1.0, "grey")
    filled.set_style("mesh")
    filled.set_colours((SCALE, density))
    grey = np.full(len(ball().layers[0].data.points), 0.5, np.float32)
    layer = ball().with_arrays({"surface": {"density": grey}}).layers[0]
    named = Scene((replace(layer, colour="density"),))
    show(qtbot, filled, full=ball(), pruned=named)
    assert has_colour(pixels(filled.panes["full", "space"].view), RAMP[220])
    shot = pixels(filled.panes["pruned", "space"].view)
    assert not has_colour(shot, RAMP[220])
    middle = shot[shot.shape[0] // 2, shot.shape[1] // 2]
    assert np.ptp(middle) < 12, "a density is grey"
    assert np.abs(middle - LIGHT.neutral).max() > 3
    bar = pixels(filled.bar)
    assert not has_colour(bar, RAMP[250], 4)
    assert filled.bar.accessibleName() == "Density, 0 to 1"
    show(qtbot, filled, pruned=ball(0.4))
    assert filled.bar.accessibleName().startswith("Height")
    assert has_colour(pixels(filled.bar), RAMP[250], 4)


def test_previews_say_so(filled):
    chip = filled.panes["pruned", "space"]._preview
    assert chip.isHidden()
    before = filled.panes["pruned", "space"].view.geometry()
    filled.show_scene("pruned", ball(), "45.0 %", preview=True)
    settle()
    assert not chip.isHidden()
    assert filled.panes["pruned", "space"].view.geometry() == before
    filled.show_scene("pruned", ball(), "45.0 %")
    assert chip.isHidden()


def test_frames_are_never_written(filled, qtbot):
    scene = ball()
    layer = scene.layers[0].data
    before = [layer.points.copy(), layer.faces.copy(), layer.arrays["height"].copy()]
    filled.set_colours((SCALE,))
    show(qtbot, filled, pruned=scene)
    show(qtbot, filled, pruned=ball(0.1))
    for array, old in zip((layer.points, layer.faces, layer.arrays["height"]), before, strict=True):
        np.testing.assert_array_equal(array, old)


def test_a_screenshot_opens_again_with_its_moment(filled, qtbot, tmp_path):
    filled.set_colours((SCALE,))
    settle()
    path = tmp_path / "shot.png"
    filled.screenshot(path, scale=2, transparent=True, moment=Moment(system="toy"))
    with Image.open(path) as opened:
        opened.load()
        wide = sum(pane.body().width() for pane in filled.panes.values())
        assert opened.size == (2 * wide, 2 * filled.panes["full", "space"].body().height() + 200)
        assert json.loads(opened.text[KEY])["system"] == "toy"
        shot = np.asarray(opened).astype(int)
    assert shot[2, 2, 3] == 0
    for colour in (RAMP[5], RAMP[128], RAMP[250], LIGHT.ink):
        assert np.abs(shot[..., :3] - colour).max(axis=-1).min() <= 3
    show(qtbot, filled, pruned=ball(0.3))
    assert has_colour(pixels(filled.panes["pruned", "space"].view), RAMP[200], 60)


def test_a_screenshot_of_nothing_is_answered(viewport, tmp_path):
    with pytest.raises(BadInput, match="open a sample"):
        viewport.screenshot(tmp_path / "out.png")
    assert not list(tmp_path.iterdir())


def test_shutdown_closes_every_plotter_and_may_be_repeated(filled, qtbot):
    from pyvista.plotting import _ALL_PLOTTERS

    views = {pane.view._id_name for pane in filled.panes.values()}
    assert views <= set(_ALL_PLOTTERS)
    filled.shutdown()
    filled.shutdown()
    assert not views & set(_ALL_PLOTTERS)
    filled.show_scene("pruned", ball())
    filled.reset_camera()
    filled.set_theme(True)
    settle()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    kinds = [type(o).__name__ for o in gc.get_objects()]
    assert "QtInteractor" not in kinds
    assert "SceneView" not in kinds
