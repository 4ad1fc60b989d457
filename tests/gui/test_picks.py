"""Clicks on a result: one line in the status bar, several on a card."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QSlider, QToolButton

from prune3d_gui.core.model import Stage
from prune3d_gui.core.scene.scenes import Layer, Mesh, Pick, Scene
from prune3d_gui.geometry.scenes import surface_of
from tests.conftest import settled
from tests.gui.drive import click, drag
from tests.gui.views.test_viewport import place_in
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
    _, place = place_in(pane.view, window.viewport.camera_state(), points)
    with qtbot.waitSignal(window.viewport.picked) as got:
        click(pane.view, place)
    return got.args[1]


def test_an_answer_of_several_lines_is_on_a_card_in_the_corner(window, qtbot):
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
    assert card.geometry().right() < view.width() / 2
    assert card.geometry().top() > view.height() / 3
    assert card.geometry().bottom() < view.bar.y()
    assert not card.geometry().contains(view.rect().center())
    window.resize(1000, 700)
    qtbot.waitUntil(
        lambda: card.geometry().bottom() < view.bar.y() <= card.y() + card.height() + 20
    )


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
