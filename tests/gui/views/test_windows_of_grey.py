"""Windows of grey by menu and by hand, outlines on slices, and the way to the worst slice."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QSlider

from prune3d_gui.core.scene.scenes import Layer, Scene, Volume
from prune3d_gui.core.scene.views import View
from prune3d_gui.geometry.slices import worst
from prune3d_gui.gui.views import pace
from tests.conftest import settled
from tests.gui.drive import drag, let_go, viewport_in
from tests.gui.views.test_panes import organs
from tests.gui.views.test_viewport import pixels, settle
from tests.gui.views.test_views_of_a_model import CutModel, Cuts

CUT = (View("cut", "Cut", "slice"),)
SOFT, BONE = (5.0, 15.0), (0.0, 200.0)


@pytest.fixture(autouse=True)
def unhurried(monkeypatch):
    monkeypatch.setattr(pace, "SLOW", float("inf"))


def windowed(offered):
    """The field of `organs` alone, offered with windows."""
    layer = organs().layers[0]
    return Scene((Layer("field", replace(layer.data, windows=offered), view="slice"),))


@pytest.fixture
def cut(qtbot):
    with viewport_in(qtbot, 900, 420) as viewport:
        viewport.set_views(CUT)
        with qtbot.waitSignal(viewport.drawn):
            viewport.show_scene("full", windowed({"Soft": SOFT, "Bone": BONE}))
        settle()
        yield viewport


def greys(viewport):
    """How many steps of grey a row of the slice has."""
    image = pixels(viewport.panes["full", "cut"].view).astype(int)
    row = image[image.shape[0] * 3 // 4]
    return np.ptp(row[np.ptp(row, axis=-1) < 10].mean(axis=-1))


def test_slices_begin_with_the_first_window_and_the_menu_offers_all(cut, qtbot):
    assert cut.crosshair.window == SOFT
    wide = greys(cut)
    pane, place = cut.panes["full", "cut"], QPoint(60, 80)
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, pane.mapToGlobal(place))
    QApplication.sendEvent(pane, asked)
    menu = cut.findChild(QMenu, "paneMenu")
    qtbot.waitUntil(menu.isVisible)
    inner = menu.findChild(QMenu, "windowsMenu")
    menu.setActiveAction(inner.menuAction())
    QTest.keyClick(menu, Qt.Key.Key_Right)
    qtbot.waitUntil(inner.isVisible)
    offered = [action for action in inner.actions() if action.isCheckable()]
    chosen = [action.text() for action in offered]
    assert [action.isChecked() for action in offered] == [True, False, False]
    with qtbot.waitSignal(cut.drawn):
        place = inner.actionGeometry(offered[1]).center()
        QTest.mouseClick(inner, Qt.MouseButton.LeftButton, pos=place)
    settle()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert chosen == ["Soft: 5 to 15", "Bone: 0 to 200", "All values: 0 to 20"]
    assert cut.crosshair.window == BONE
    assert greys(cut) < wide / 3


def test_a_drag_with_ctrl_makes_the_window_wider_and_higher(cut, qtbot):
    view = cut.panes["full", "cut"].view
    point = cut.crosshair.point

    def send(kind, at, button, buttons):
        where = QPointF(at)
        held = Qt.KeyboardModifier.ControlModifier
        event = QMouseEvent(kind, where, view.mapToGlobal(where), button, buttons, held)
        QApplication.sendEvent(view, event)

    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    start = view.rect().center()
    with qtbot.waitSignal(cut.drawn):
        send(QEvent.Type.MouseButtonPress, start, left, left)
        for step in range(1, 9):
            send(QEvent.Type.MouseMove, start + QPoint(20 * step, -2 * step), none, left)
        send(QEvent.Type.MouseButtonRelease, start + QPoint(160, -16), left, none)
    low, high = cut.crosshair.window
    assert high - low == pytest.approx(20.0, rel=0.02), "twice as wide"
    assert 10.5 < (low + high) / 2 < 12, "and higher"
    assert cut.crosshair.point == point


def test_another_volume_with_the_same_windows_keeps_the_one_chosen(cut, qtbot):
    cut.crosshair.see_with(*BONE)
    cut.show_scene("full", None, "Reconstructing…")
    settle()
    cut.show_scene("full", windowed({"Soft": SOFT, "Bone": BONE}))
    settle()
    assert cut.crosshair.window == BONE
    cut.show_scene("full", None, "Reconstructing…")
    settle()
    cut.show_scene("full", windowed({}))
    settle()
    assert cut.crosshair.window == (0.0, 20.0)


class WorstModel(CutModel):
    """Says where its slices differ most."""

    def score(self, applied, sample, query, stage, full, cancel=None):
        found = super().score(applied, sample, query, stage, full)
        if stage.quality == "preview":  # on a coarser lattice
            return found
        result, other = (s.first(Volume) for s in (stage.scene, self.reference(sample, query)))
        there = worst(np.round(result.values, 2), np.round(other.values, 2), result.affine)
        return replace(found, worst=there)


class Worst(Cuts):
    """Its system."""

    id = "worst"

    def open(self, ref, *rest):
        return WorstModel(self, ref.title)


def test_w_goes_to_the_worst_slice(open_window, qtbot):
    window = open_window(Worst())
    slider = window.findChild(QSlider, "knob.tolerance")
    drag(slider, 100, 950, moves=5)
    let_go(slider, 950)
    qtbot.waitUntil(lambda: settled(window))
    there = window.controller.frames["pruned"].scores.worst
    assert there is not None
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.viewport.panes["pruned", "cut"].view.setFocus()
    QTest.keyClick(window, Qt.Key.Key_W)
    assert window.viewport.crosshair.point == pytest.approx(there)
