"""A model says which views it wants; the window has them, and remembers how they stand."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSlider

from prune3d_gui.core.model import Stage
from prune3d_gui.core.scene.scenes import Layer
from prune3d_gui.core.scene.views import SPACE, View
from tests.conftest import settled
from tests.gui.drive import drag, let_go
from tests.gui.views.test_viewport import pixels
from tests.toy import Plugin, ToyModel


class CutModel(ToyModel):
    """Blobs in space, and a slice through them."""

    views = (View("space", "3D"), View("cut", "Cut", "slice", axis=1))

    def reconstruct(self, *asked):
        for stage in super().reconstruct(*asked):
            yield Stage(stage.quality, with_cut(stage.scene))

    def reference(self, *asked):
        return with_cut(super().reference(*asked))


def with_cut(scene):
    cut = Layer("cut", scene.layers[0].data, view="slice")
    return replace(scene, layers=(*scene.layers, cut))


class Cuts(Plugin):
    """A system whose first model has a slice, and whose second says nonsense."""

    id, title = "cuts", "Cut blobs"
    wanted = CutModel.views

    def open(self, ref, *rest):
        wanted = self.wanted

        class Model(CutModel):
            @property
            def views(self):
                return wanted() if callable(wanted) else wanted

        return Model(self, ref.title)


def grey_of(window, role):
    """The middle of a slice, in grey."""
    image = pixels(window.viewport.panes[role, "cut"].view)
    tall, wide = image.shape[:2]
    part = image[tall // 4 : -tall // 4, wide // 4 : -wide // 4]
    return part[np.ptp(part, axis=-1) < 10]


def test_the_slice_follows_the_slider(open_window, qtbot):
    window = open_window(Cuts())
    view = window.viewport
    assert [key for key, pane in view.panes.items() if not pane.isHidden()] == [
        (role, name) for name in ("space", "cut") for role in ("reference", "full", "pruned")
    ]
    assert view.panes["pruned", "cut"].title == "Pruned · Cut"
    qtbot.waitUntil(lambda: set(view.panes["pruned", "cut"].view.actors) == {"cut", "crosshair"})
    assert "cut" not in view.panes["pruned", "space"].view.actors
    qtbot.waitUntil(lambda: np.ptp(grey_of(window, "pruned")) > 60)
    before, reference = grey_of(window, "pruned").mean(), grey_of(window, "reference").mean()
    assert before == pytest.approx(reference, abs=2)
    slider = window.findChild(QSlider, "knob.tolerance")
    drag(slider, 100, 950, moves=5)
    let_go(slider, 950)
    qtbot.waitUntil(lambda: settled(window))
    qtbot.waitUntil(lambda: grey_of(window, "pruned").mean() < before - 5)
    assert grey_of(window, "reference").mean() == pytest.approx(reference, abs=1)


def test_how_the_views_stand_is_remembered(open_window, qtbot):
    window = open_window(Cuts())
    large = window.viewport.panes["pruned", "cut"]
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    large.view.setFocus()
    QTest.keyClick(window, Qt.Key.Key_L)
    qtbot.waitUntil(lambda: large.width() > window.viewport.width() / 2)
    window.close()
    again = open_window(Cuts())
    assert again.viewport.arrangement.text == "large:pruned/cut"
    other = again.viewport.panes["pruned", "cut"]
    qtbot.waitUntil(lambda: other.width() > again.viewport.width() / 2)
    again.actions_by_id["sideBySide"].trigger()
    qtbot.waitUntil(lambda: other.width() < again.viewport.width() / 2)
    again.actions_by_id["enlarge"].trigger()
    again.actions_by_id["resetLayout"].trigger()
    assert again.viewport.arrangement.text == "side"


def fails():
    raise RuntimeError("the views fell apart")


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (fails, "the views fell apart"),
        (None, "None are not views; give a tuple of them."),
        (("space",), "'space' is not a view; give a View."),
        ((View("a"), View("a")), "Two views have the id 'a'"),
        (lambda: (View("a", kind="film"),), "take one of space, picture, slice"),
    ],
)
def test_nonsense_is_told_in_a_sentence_and_the_usual_views_are_there(open_window, wanted, told):
    system = Cuts()
    system.wanted = wanted
    window = open_window(system)
    assert window.controller.card.views == SPACE
    assert set(window.viewport.panes) == {(r, "space") for r in ("reference", "full", "pruned")}
    assert window.viewport.panes["pruned", "space"].scene is not None
    (sentence,) = [text for _, text in window.notices.log if "views" in text]
    assert told in sentence
    assert "'Eighty-four blobs'" in sentence
