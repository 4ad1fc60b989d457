"""Sides, projection and inputs in the real window, by keys and by what a model says."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from prune3d_gui.core.cancel import NEVER
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.core.scene.scenes import Image, Layer, Scene
from prune3d_gui.drawing.cameras import axes_of
from tests.toy import Plugin, ToyModel

CTRL = Qt.KeyboardModifier.ControlModifier


class OwnPictures(ToyModel):
    """Blobs of pictures without a reference."""

    colours = tuple(
        replace(scale, title="To the truth", stand_in="To the full model")
        for scale in ToyModel.colours
    )

    def samples(self):
        first, *rest = super().samples()
        return (replace(first, reference=False), *(replace(s, reference=True) for s in rest))

    def reference(self, sample, query, cancel=None):
        full = next(iter(self.reconstruct(self.apply(Plan()), sample, query, "preview", NEVER)))
        return None if sample == "s0" else full.scene


class WithInputs(OwnPictures):
    """The same, which tells what it was given."""

    def inputs(self, sample, cancel=None):
        came, seen = (np.full((30, 40, 3), shade, np.uint8) for shade in (200, 90))
        return Scene((Layer("As it came", Image(came)), Layer("As it is seen", Image(seen))))


def system(model):
    made = Plugin()
    made.open = lambda ref, cancel=None: model(made, ref.title)
    return made


def awake(window, view, qtbot):
    """Give a view the keyboard; shortcuts work in an active window alone."""
    window.activateWindow()
    view.setFocus()
    qtbot.waitUntil(window.isActiveWindow)


def test_keys_look_from_each_side_and_switch_the_projection(open_window, toy, qtbot):
    window = open_window(toy)
    view = window.viewport.panes["pruned", "space"].view
    awake(window, view, qtbot)
    for key, forward in (
        (Qt.Key.Key_1, (0, 0, -1)),
        (Qt.Key.Key_2, (0, 0, 1)),
        (Qt.Key.Key_3, (1, 0, 0)),
        (Qt.Key.Key_4, (-1, 0, 0)),
        (Qt.Key.Key_5, (0, -1, 0)),
        (Qt.Key.Key_6, (0, 1, 0)),
        (Qt.Key.Key_7, -np.ones(3) / 3**0.5),
    ):
        QTest.keyClick(view, key, CTRL)
        np.testing.assert_allclose(axes_of(window.viewport.camera_state())[0], forward, atol=1e-3)
    assert not window.viewport.camera_state().parallel
    QTest.keyClick(view, Qt.Key.Key_O)
    assert window.viewport.camera_state().parallel
    action = window.actions_by_id["orthographic"]
    assert action.isChecked()
    QTest.keyClick(view, Qt.Key.Key_F)
    assert window.viewport.camera_state().parallel, "the frame is put anew, the projection stays"
    window.viewport.restore(replace(window.viewport.camera_state(), parallel=False))
    assert not action.isChecked(), "the menu says what is seen"


def test_a_side_stays_for_the_next_sample(open_window, toy, qtbot):
    window = open_window(toy)
    view = window.viewport.panes["pruned", "space"].view
    awake(window, view, qtbot)
    QTest.keyClick(view, Qt.Key.Key_5, CTRL)
    window.controller.select_sample("s1")
    qtbot.waitUntil(lambda: window.controller.settled, timeout=20_000)
    forward = axes_of(window.viewport.camera_state())[0]
    np.testing.assert_allclose(forward, (0, -1, 0), atol=1e-3)


@pytest.mark.parametrize(
    ("model", "words"),
    [(OwnPictures, ["As it was given"]), (WithInputs, ["As it came", "As it is seen"])],
)
def test_without_a_reference_the_input_is_shown_and_the_bar_says_so(
    open_window, qtbot, model, words
):
    window = open_window(system(model))
    pane = window.viewport.panes["reference", "space"]
    qtbot.waitUntil(lambda: pane._inputs.titles == words)
    qtbot.waitUntil(pane._inputs.isVisible)
    assert pane._title.text() == "Input"
    assert window.viewport.bar.accessibleName().startswith("To the full model")
    window.controller.select_sample("s1")
    qtbot.waitUntil(lambda: window.controller.settled, timeout=20_000)
    qtbot.waitUntil(pane.view.isVisible)
    assert pane._title.text() == "Reference"
    assert window.viewport.bar.accessibleName().startswith("To the truth")
    window.controller.select_sample("s0")
    qtbot.waitUntil(lambda: pane._inputs.isVisible(), timeout=20_000)
    assert pane._inputs.titles == words
