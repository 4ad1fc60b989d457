"""Undo over all that is asked, state that belongs to the model, and the way of the camera."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QListWidget, QSlider

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.moment import Moment
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.core.registry import Registry
from prune3d_gui.core.scene.scenes import Layer, Points, Scene
from prune3d_gui.gui.state.moments import moment_of, restore
from prune3d_gui.gui.views.camera_history import PAUSE_MS
from tests.conftest import settled
from tests.gui.drive import LEFT, NONE, click, drag
from tests.toy import COLOUR, FieldModel, Plugin, ToyModel

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


class Shaded(Plugin):
    """The toy with a knob that only draws."""

    id = "shaded"

    def open(self, ref, cancel=None):
        return ShadedModel(self, ref.title)


class ShadedModel(ToyModel):
    """Blobs that are coloured by their error or by their density."""

    knobs = (*ToyModel.knobs, COLOUR)
    colours = FieldModel.colours

    def reconstruct(self, *asked):
        for stage in super().reconstruct(*asked):
            layer = stage.scene.layers[0]
            dense = replace(layer.data, arrays={"density": layer.data.values.ravel()})
            yield replace(stage, scene=Scene((replace(layer, data=dense),)))


def slider_of(window, knob):
    return window.findChild(QSlider, f"knob.{knob}")


def choose(window, name):
    """Click a sample in the gallery."""
    samples = window.findChild(QListWidget, "sampleList")
    rows = {samples.item(n).data(Qt.ItemDataRole.UserRole): n for n in range(samples.count())}
    item = samples.item(rows[name])
    samples.scrollToItem(item)
    click(samples.viewport(), samples.visualItemRect(item).center())


def press(window, action):
    """Click the button of an action in the toolbar."""
    button = window.toolbar.widgetForAction(window.actions_by_id[action])
    click(button, button.rect().center())


def turn(window, knob, stop):
    slider = slider_of(window, knob)
    drag(slider, slider.value(), stop, moves=4, pause=5)


def next_choice(window, knob):
    combo = window.findChild(QComboBox, f"choice.{knob}")
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Down)


def seen(window):
    """All that a step of undo is to bring back, as widgets and views have it."""
    controller = window.controller
    samples = window.findChild(QListWidget, "sampleList")
    scenes = {role: frame.scene.layers[0] for role, frame in controller.frames.items()}
    drawn = window.viewport.scene("pruned").layers[0]
    return (
        controller.moment.state,
        {role: layer.data.values.tobytes() for role, layer in scenes.items()},
        drawn.colour,
        samples.currentItem().data(Qt.ItemDataRole.UserRole),
        [slider_of(window, name).value() for name in ("tolerance", "grid")],
        window.findChild(QComboBox, "choice.colour").currentData(),
        window.findChild(QComboBox, "choice.scope").currentText(),
        [window.actions_by_id[n].isChecked() for n in ("viewMesh", "colourByDistance")],
        (window.viewport._look.style, window.viewport._coloured),
    )


def rest(window, qtbot):
    """Wait until what was done is on screen, and is a step."""
    intention = window.controller.intention
    qtbot.waitUntil(
        lambda: settled(window) and not intention.history.differs(intention.moment), timeout=20_000
    )


def test_twenty_mixed_steps_come_back_exactly(open_window, qtbot):
    window = open_window(Shaded())
    window.activateWindow()
    steps = [
        lambda: turn(window, "tolerance", 600),
        lambda: choose(window, "s1"),
        lambda: press(window, "viewPoints"),
        lambda: turn(window, "grid", 4),
        lambda: next_choice(window, "colour"),
        lambda: press(window, "colourByDistance"),
        lambda: turn(window, "tolerance", 300),
        lambda: choose(window, "s2"),
        lambda: next_choice(window, "scope"),
        lambda: turn(window, "grid", 16),
        lambda: press(window, "viewMesh"),
        lambda: press(window, "colourByDistance"),
        lambda: turn(window, "tolerance", 800),
        lambda: window.parts.tree.units.locks_edited.emit(["mid"], True),
        lambda: choose(window, "s0"),
        lambda: turn(window, "grid", 8),
        lambda: turn(window, "tolerance", 450),
        lambda: press(window, "viewPoints"),
        lambda: choose(window, "s3"),
        lambda: press(window, "reset"),
    ]
    were = [seen(window)]
    for act in steps:
        act()
        rest(window, qtbot)
        were.append(seen(window))
    assert len(window.controller.history) == 21
    assert all(one != other for one, other in itertools.pairwise(were))
    assert window.actions_by_id["undo"].text() == "Undo 5 changes"
    for was in reversed(were[:-1]):
        QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
        rest(window, qtbot)
        assert seen(window) == was
    assert not window.actions_by_id["undo"].isEnabled()
    for was in were[1:]:
        QTest.keyClick(window, Qt.Key.Key_Z, CTRL | SHIFT)
        rest(window, qtbot)
        assert seen(window) == was
    assert not window.actions_by_id["redo"].isEnabled()


def shows(window, name):
    return window.controller.card.title.endswith(name) and settled(window)


def test_coming_back_to_a_field_finds_all_of_it(open_window, fields, qtbot):
    window = open_window(fields)
    controller = window.controller
    turn(window, "tolerance", 700)
    rest(window, qtbot)
    turn(window, "time", 40)
    rest(window, qtbot)
    was, curve = controller.moment.state, [visit.value for visit in controller.curve()]
    visits = len(controller.visits())
    image = controller.frames["pruned"].scene.layers[0].data.values.tobytes()
    choose(window, "s1")
    qtbot.waitUntil(lambda: shows(window, "s1"))
    assert controller.plan == Plan()
    assert not controller.intention.undoes
    turn(window, "tolerance", 300)
    rest(window, qtbot)
    there = controller.plan
    choose(window, "s0")
    qtbot.waitUntil(lambda: shows(window, "s0"))
    assert controller.moment.state == was
    assert [visit.value for visit in controller.curve()] == curve
    assert len(controller.visits()) == visits
    assert controller.frames["pruned"].scene.layers[0].data.values.tobytes() == image
    assert slider_of(window, "tolerance").value() == pytest.approx(700, abs=10)
    assert window.actions_by_id["undo"].isEnabled()
    for _ in range(2):
        press(window, "undo")
        rest(window, qtbot)
    assert controller.plan == Plan()
    choose(window, "s1")
    qtbot.waitUntil(lambda: shows(window, "s1"))
    assert controller.plan == there


def test_the_sample_stays_and_the_plan_comes_back_with_its_model(open_window, toy, fields, qtbot):
    window = open_window(Registry((toy, fields), ()), system="toy")
    controller = window.controller
    turn(window, "tolerance", 500)
    choose(window, "s1")
    rest(window, qtbot)
    plan = controller.plan
    toys = controller.card.ref
    window.opening.open_ref(fields, fields.bundled()[2])
    qtbot.waitUntil(lambda: shows(window, "s2"))
    assert controller.plan == Plan()
    window.opening.open_ref(toy, toys)
    qtbot.waitUntil(lambda: controller.card.ref == toys and settled(window))
    assert (controller.plan, controller.sample) == (plan, "s2")
    press(window, "undo")
    rest(window, qtbot)
    assert (controller.plan, controller.sample) == (plan, "s1")


def test_choosing_the_open_model_again_changes_nothing(open_window, toy, qtbot):
    window = open_window(toy)
    controller = window.controller
    turn(window, "tolerance", 700)
    rest(window, qtbot)
    was, frames = seen_of(window), dict(controller.frames)
    told = []
    for signal in (controller.opening, controller.opened, controller.sample_changed):
        signal.connect(lambda *_: told.append(1))
    controller.frame_shown.connect(told.append)
    combo = window.findChild(QComboBox, "modelList")
    row = combo.currentIndex()
    click(combo, combo.rect().center())
    qtbot.waitUntil(combo.view().isVisible)
    QTest.keyClick(combo.view(), Qt.Key.Key_Return)
    assert combo.currentIndex() == row
    window.opening.open_ref(toy, controller.card.ref)
    controller.session.consult("asked", lambda model, _: None)
    with qtbot.waitSignal(controller.done, check_params_cb=lambda tag, _: tag == "asked"):
        pass
    assert told == []
    assert seen_of(window) == was
    assert controller.frames == frames
    assert window.actions_by_id["undo"].isEnabled()


def seen_of(window):
    return window.controller.moment, window.status.hint.text(), window.windowTitle()


def test_a_moment_brings_everything_back(open_window, toy, qtbot):
    window = open_window(toy)
    controller, viewport = window.controller, window.viewport
    turn(window, "tolerance", 600)
    turn(window, "grid", 4)
    choose(window, "s2")
    press(window, "viewPoints")
    window.actions_by_id["enlarge"].trigger()
    viewport.restore(replace(viewport.camera_state(), position=(3.0, 4.0, 5.0)))
    rest(window, qtbot)
    moment = Moment.of_text(moment_of(controller, viewport, "pruned").as_text())
    assert (moment.role, moment.quality, moment.sample_title) == ("pruned", "full", "Seed 2")
    assert moment_of(controller, viewport, "reference").plan == Plan()
    press(window, "reset")
    choose(window, "s0")
    press(window, "viewMesh")
    window.actions_by_id["sideBySide"].trigger()
    window.actions_by_id["resetCamera"].trigger()
    rest(window, qtbot)
    assert restore(controller, viewport, moment) == ()
    rest(window, qtbot)
    assert moment_of(controller, viewport, "pruned") == moment
    assert viewport.camera_state().position == (3.0, 4.0, 5.0)
    assert viewport.arrangement.large == ("pruned", "space")
    press(window, "undo")
    rest(window, qtbot)
    assert (controller.plan, controller.sample, controller.style) == (Plan(), "s0", "mesh")
    with pytest.raises(BadInput, match="'organs'"):
        restore(controller, viewport, replace(moment, system="organs"))
    damaged = replace(moment, cameras=(("space", (("position", (1.0, 2.0)),)),))
    (said,) = restore(controller, viewport, damaged)
    assert "damaged" in said
    assert controller.sample == "s2"


def view_of(window):
    return next(pane.view for pane in window.viewport.panes.values() if pane.view is not None)


def swing(view, right, up=0):
    """Drag on a view."""
    middle = view.rect().center()
    QTest.mousePress(view, LEFT, NONE, middle)
    for share in (0.3, 0.6, 1.0):
        QTest.mouseMove(view, middle + QPoint(round(right * share), round(up * share)))
        QTest.qWait(10)
    QTest.mouseRelease(view, LEFT, NONE, middle + QPoint(right, up))


def wheel(view, notches):
    place = QPointF(view.rect().center())
    event = QWheelEvent(
        place, view.mapToGlobal(place), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, NONE, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


def test_the_camera_has_its_own_way_back(open_window, toy, qtbot):
    window = open_window(toy)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    viewport, view = window.viewport, view_of(window)
    back, forward = (window.actions_by_id[n] for n in ("cameraBack", "cameraForward"))
    assert not back.isEnabled()
    places = [viewport.camera_state()]

    def gesture(act, pause=False):
        act()
        places.append(viewport.camera_state())
        if pause:
            qtbot.waitUntil(lambda: not viewport.past._moving, timeout=10 * PAUSE_MS)

    view.setFocus()
    gesture(lambda: swing(view, 60))
    gesture(lambda: swing(view, 0, 40))
    gesture(lambda: [wheel(view, 1) for _ in range(5)], pause=True)
    gesture(lambda: [QTest.keyClick(view, Qt.Key.Key_Left) for _ in range(3)], pause=True)
    assert len(set(places)) == 5
    turn(window, "tolerance", 500)
    rest(window, qtbot)
    plan = window.controller.plan
    assert viewport.camera_state() == places[-1]
    view.setFocus()
    for place in reversed(places[:-1]):
        assert back.isEnabled()
        QTest.keyClick(view, Qt.Key.Key_Left, ALT)
        assert viewport.camera_state() == place
    assert not back.isEnabled()
    QTest.keyClick(view, Qt.Key.Key_Left, ALT)
    assert viewport.camera_state() == places[0]
    for place in places[1:]:
        QTest.keyClick(view, Qt.Key.Key_Right, ALT)
        assert viewport.camera_state() == place
    assert not forward.isEnabled()
    QTest.keyClick(view, Qt.Key.Key_Left, ALT)
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
    rest(window, qtbot)
    assert (window.controller.plan, viewport.camera_state()) == (Plan(), places[-2])
    assert plan != Plan()
    swing(view, -50)
    assert not forward.isEnabled()
    assert np.all(np.isfinite(viewport.camera_state().position))
    QTest.keyClick(window, Qt.Key.Key_F)
    QTest.keyClick(view, Qt.Key.Key_Left, ALT)
    assert viewport.camera_state() != places[0]


def test_back_to_where_the_scene_was_framed_frames_the_next(open_window, toy, qtbot):
    window = open_window(toy)
    viewport, view = window.viewport, view_of(window)
    framed = viewport.camera_state()
    swing(view, 60)
    viewport.past.back()
    assert viewport.camera_state() == framed
    far = Points(np.array([[0, 0, 0], [9, 9, 9]], np.float32))
    for scene in (None, Scene((Layer("far", far),))):
        for role in ("reference", "full", "pruned"):
            viewport.show_scene(role, scene)
        QApplication.processEvents()
    qtbot.waitUntil(lambda: viewport.camera_state() != framed)
    assert not viewport.past.can_go_back
