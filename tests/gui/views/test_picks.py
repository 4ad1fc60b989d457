"""Clicks on a result: one line in the status bar, several on a card."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QSlider, QToolButton

from prune3d_gui.core.model import Stage
from prune3d_gui.core.scene.scenes import Layer, Mesh, Pick, Scene
from prune3d_gui.geometry.scenes import surface_of
from prune3d_gui.gui.views.overlay.pick_card import beside
from tests.conftest import settled
from tests.gui.drive import click, drag
from tests.gui.views.test_viewport import place_in, settle
from tests.toy import FieldModel, Fields


class SurfaceModel(FieldModel):
    """Fields shown as a mesh, which can be clicked."""

    def reconstruct(self, applied, sample, query, quality, cancel):
        for stage in super().reconstruct(applied, sample, query, quality, cancel):
            layers = (Layer("surface", surface_of(stage.scene)), *stage.scene.layers)
            yield Stage(stage.quality, Scene(layers[:1], layers[1:]))

    def score(self, applied, sample, query, stage, *rest):
        stage = Stage(stage.quality, Scene(stage.scene.carried))
        scores = super().score(applied, sample, query, stage, *rest)
        return type(scores)(scores.values)


class Surfaces(Fields):
    """A system of such models."""

    def open(self, ref, cancel):
        return SurfaceModel(self, ref.title)


@pytest.fixture
def window(open_window):
    return open_window(Surfaces())


def click_on(window, qtbot, role):
    """Click on the front of a result with the mouse, and return what was picked."""
    pane = window.viewport.panes[role, "space"]
    points = window.viewport.scene(role).layers[0].data.points
    settle()
    front = np.argsort(-points @ np.array(window.viewport.camera_state().position))
    places = (place_in(pane.view, window.viewport.camera_state(), points[[n]])[1] for n in front)
    place = next(at for at in places if pane.pick_at(QPointF(at)) is not None)
    with qtbot.waitSignal(window.viewport.picked) as got:
        click(pane.view, place)
    return got.args[1]


def test_an_answer_of_several_lines_is_on_a_card_beside_the_click(window, qtbot):
    pick = click_on(window, qtbot, "pruned")
    card = window.pick_card
    qtbot.waitUntil(lambda: bool(card.text))
    head = f"{pick.of.title()} {pick.index}"
    assert card.text.splitlines() == [head, "Value: 0.4", "Kept: 12 of 84", "Near a blob."]
    assert window.status.hint.text() == head
    words = [label.text() for label in card.findChildren(QLabel)]
    assert words == [head, "Value", "0.4", "Kept", "12 of 84", "Near a blob."]
    view = window.viewport
    assert card.isVisible()
    inside = card.rect()
    for label in card.findChildren(QLabel):
        assert inside.contains(label.geometry()), label.text()
        assert label.height() >= label.fontMetrics().height()
    pane, at = view.picked_place()
    assert pane.contains(card.geometry()), "beside the click, in the pane that was clicked in"
    assert not card.geometry().contains(at)
    window.resize(1000, 700)
    qtbot.waitUntil(lambda: card.geometry().right() < view.width())
    assert card.geometry().bottom() < view.bar.y()


def test_the_card_stays_until_esc_or_the_next_click(window, qtbot):
    click_on(window, qtbot, "pruned")
    qtbot.waitUntil(lambda: bool(window.pick_card.text))
    QTest.keyClick(window.viewport.panes["full", "space"].view, Qt.Key.Key_Escape)
    assert window.pick_card.isHidden()
    click_on(window, qtbot, "full")
    qtbot.waitUntil(lambda: bool(window.pick_card.text))
    click(window.viewport.panes["full", "space"].view, QPoint(5, 5))
    qtbot.waitUntil(window.pick_card.isHidden)
    click_on(window, qtbot, "full")
    qtbot.waitUntil(lambda: bool(window.pick_card.text))
    window.pick_card.findChild(QToolButton).click()
    assert window.pick_card.isHidden()


@pytest.mark.parametrize("role", ["full", "pruned"])
@pytest.mark.parametrize("size", [(1280, 800), (960, 640)])
def test_the_card_is_beside_its_own_click_and_never_off_the_window(open_window, qtbot, role, size):
    window = open_window(Surfaces(), size)
    click_on(window, qtbot, role)
    card, view = window.pick_card, window.viewport
    qtbot.waitUntil(lambda: bool(card.text))
    pane, at = view.picked_place()
    assert pane == QRect(view.panes[role, "space"].mapTo(view, QPoint()), pane.size())
    assert view.rect().contains(card.geometry())
    away = card.geometry().center() - at
    assert abs(away.x()) <= card.width() / 2 + 40
    assert abs(away.y()) <= card.height() / 2 + 200
    assert not card.geometry().contains(at)
    other = next(p for (r, _), p in view.panes.items() if r not in ("reference", role))
    elsewhere = QRect(other.mapTo(view, QPoint()), other.size())
    assert not elsewhere.contains(card.geometry().center())


@pytest.mark.parametrize(
    ("at", "wanted"),
    [
        (QPoint(350, 200), QPoint(368, 150)),
        (QPoint(540, 200), QPoint(402, 150)),
        (QPoint(310, 5), QPoint(328, 0)),
        (QPoint(590, 399), QPoint(452, 300)),
    ],
)
def test_a_card_goes_to_the_side_of_the_click_that_has_room(at, wanted):
    room, pane = QRect(0, 0, 600, 400), QRect(300, 0, 300, 400)
    assert beside(QSize(120, 100), room, pane, at) == wanted


def test_a_card_wider_than_its_pane_stays_in_the_views():
    room, pane = QRect(0, 0, 600, 400), QRect(450, 0, 150, 400)
    corner = beside(QSize(300, 100), room, pane, QPoint(500, 200))
    box = QRect(corner, QSize(300, 100))
    assert room.contains(box)
    assert not box.contains(QPoint(500, 200))


def test_esc_clears_the_mark_the_card_and_the_answer(window, qtbot):
    before = window.status.hint.text()
    click_on(window, qtbot, "pruned")
    qtbot.waitUntil(lambda: bool(window.pick_card.text))
    view = window.viewport.panes["pruned", "space"].view
    mark = next(actor for name, actor in view.actors.items() if name.endswith("/picked"))
    assert mark.GetVisibility()
    assert window.status.hint.text().startswith("Vertex")
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert window.pick_card.isHidden()
    assert window.status.hint.text() == before
    qtbot.waitUntil(lambda: not mark.GetVisibility())


def test_an_answer_that_comes_after_letting_go_is_not_shown(window, qtbot):
    heard = []
    window.controller.done.connect(lambda tag, _: heard.append(tag))
    click_on(window, qtbot, "full")
    window.viewport.unpick()
    qtbot.waitUntil(lambda: "explain" in heard)
    assert window.pick_card.isHidden()


def test_a_card_of_a_result_that_is_gone_is_greyed(window, qtbot):
    click_on(window, qtbot, "pruned")
    qtbot.waitUntil(lambda: bool(window.pick_card.text))
    labels = window.pick_card.findChildren(QLabel)
    assert all(label.isEnabled() for label in labels)
    drag(window.findChild(QSlider, "knob.tolerance"), 100, 400)
    qtbot.waitUntil(lambda: settled(window))
    assert window.pick_card.isVisible()
    assert not any(label.isEnabled() for label in labels)
    window.controller.select_sample("s1")
    qtbot.waitUntil(lambda: window.pick_card.isHidden())


def test_one_line_stays_in_the_status_bar(open_window, toy, qtbot):
    window = open_window(toy)
    window.viewport.picked.emit("pruned", Pick("field", 7, "cell"))
    size = window.viewport.scene("pruned").layers[0].data.values.size
    qtbot.waitUntil(lambda: window.status.hint.text() == f"cell 7 of {size}")
    assert window.pick_card.isHidden()


def test_the_surface_of_a_volume_is_one(window):
    assert isinstance(window.viewport.scene("pruned").layers[0].data, Mesh)
