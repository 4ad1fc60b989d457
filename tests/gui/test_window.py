"""The window with a system it has never heard of."""

import os

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QListWidget, QSlider, QTreeView, QWidget

from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.core.registry import Broken, Registry
from tests.conftest import settled
from tests.gui.drive import drag, each_answered, let_go


@pytest.fixture
def window(open_window, toy):
    return open_window(toy)


def slider_of(window) -> QSlider:
    return window.findChild(QSlider, "knob.tolerance")


def test_it_opens_with_everything_in_place(window):
    assert window.findChild(QListWidget, "sampleList").count() == 6
    assert window.findChild(QTreeView, "unitTree") is not None
    assert window.findChild(QWidget, "metricPlots") is window.plots
    assert window.findChild(QWidget, "viewport") is window.viewport
    assert slider_of(window) is not None
    assert window.findChild(QComboBox, "choice.scope").count() == 3
    for role in ("reference", "full", "pruned"):
        assert window.viewport.scene(role) is not None, role
    assert "Made of random blobs." in window.findChild(QWidget, "modelNote").text()
    assert "tolerance slider" in window.status.hint.text()
    assert window.findChild(QWidget, "firstHint").isVisible()


def test_rest_is_the_full_result_itself(window):
    frames = window.controller.frames
    assert frames["pruned"].scene is frames["full"].scene
    assert frames["pruned"].request.plan == Plan()


def test_a_drag_shows_frames_and_a_release_settles(window, qtbot):
    seen = []
    window.controller.frame_shown.connect(seen.append)
    slider = slider_of(window)
    drag(slider, 100, 800, moves=30, during=each_answered(qtbot, seen))
    qtbot.waitUntil(lambda: settled(window))
    moving = [f for f in seen if f.role == "pruned" and f.quality == "preview"]
    assert len({f.request.plan for f in moving}) >= 5
    scenes = {f.scene.layers[0].data.values.tobytes() for f in moving}
    assert len(scenes) >= 5
    last = window.controller.frames["pruned"]
    assert last.quality == "full"
    assert last.request.plan == window.controller.plan
    assert window.viewport.scene("pruned") is last.scene
    assert window.status.chip.text() == "Full quality"
    assert not window.findChild(QWidget, "firstHint").isVisible()


def test_previews_are_marked_and_join_no_curve(window):
    slider = slider_of(window)
    chips = set()
    drag(
        slider, 100, 500, release=False, pause=5,
        during=lambda: chips.add(window.status.chip.text()),
    )  # fmt: skip
    assert "Preview" in chips
    before = len(window.controller.curve())
    full = [v for v in window.controller.curve() if v.value == slider.value()]
    assert before == 1
    assert full == []
    let_go(slider, 500)


def test_resting_while_held_gives_full_quality(window, qtbot):
    drag(slider_of(window), 100, 500, release=False)
    qtbot.waitUntil(lambda: settled(window))
    assert slider_of(window).isSliderDown()
    assert not window.controller.history.can_undo
    let_go(slider_of(window), 500)
    qtbot.waitUntil(lambda: window.controller.history.can_undo)


def test_back_to_the_start_is_the_full_result_bit_for_bit(window, qtbot):
    full = window.controller.frames["full"].scene.layers[0].data.values.copy()
    drag(slider_of(window), 100, 900)
    qtbot.waitUntil(lambda: settled(window))
    assert not np.array_equal(window.viewport.scene("pruned").layers[0].data.values, full)
    drag(slider_of(window), 900, 0)
    qtbot.waitUntil(lambda: settled(window))
    assert np.array_equal(window.viewport.scene("pruned").layers[0].data.values, full)


def test_one_drag_is_one_step_of_undo(window, qtbot):
    drag(slider_of(window), 100, 700)
    qtbot.waitUntil(lambda: settled(window))
    plan = window.controller.plan
    undo, redo = window.actions_by_id["undo"], window.actions_by_id["redo"]
    assert undo.isEnabled()
    assert not redo.isEnabled()
    undo.trigger()
    qtbot.waitUntil(lambda: settled(window))
    assert window.controller.plan == Plan()
    assert slider_of(window).value() == 0
    redo.trigger()
    qtbot.waitUntil(lambda: settled(window))
    assert window.controller.plan == plan
    assert slider_of(window).value() > 600


def test_reset_returns_everything(window, qtbot):
    drag(slider_of(window), 100, 700)
    window.controller.set_locks(["low"], True)
    window.actions_by_id["reset"].trigger()
    qtbot.waitUntil(lambda: settled(window))
    assert window.controller.plan == Plan()


def test_samples_switch_and_come_back(window, qtbot):
    samples = window.findChild(QListWidget, "sampleList")
    ids = [samples.item(row).data(Qt.ItemDataRole.UserRole) for row in range(samples.count())]
    first = window.controller.frames["full"].scene
    for name in ("s1", "s0", "s2", "s0"):
        samples.setCurrentRow(ids.index(name))
    qtbot.waitUntil(lambda: settled(window))
    assert window.controller.sample == "s0"
    assert window.viewport.scene("full") is first
    assert window.parts.gallery.title.text() == "Seed 0"


def test_the_filter_keeps_what_fits(window):
    samples = window.findChild(QListWidget, "sampleList")
    window.parts.gallery.filter.setText("group 1")
    shown = [row for row in range(samples.count()) if not samples.item(row).isHidden()]
    assert len(shown) == 3


def test_a_query_knob_changes_all_three(window, qtbot):
    before = window.viewport.scene("reference").layers[0].data.values.shape
    drag(window.findChild(QSlider, "knob.grid"), 10, 0)
    qtbot.waitUntil(lambda: settled(window))
    shapes = {
        window.viewport.scene(r).layers[0].data.values.shape
        for r in ("reference", "full", "pruned")
    }
    assert shapes == {(12, 12, 12)}
    assert before != (12, 12, 12)
    assert window.controller.plan == Plan()


def test_another_model_opens_from_the_list(window, qtbot):
    combo = window.findChild(QComboBox, "modelList")
    row = combo.findText("Twin")
    combo.setCurrentIndex(row)
    combo.activated.emit(row)
    qtbot.waitUntil(lambda: window.controller.card.title == "Twin" and settled(window))
    assert window.windowTitle().startswith("Twin")


def test_a_broken_plugin_is_listed_and_the_rest_works(open_window, toy):
    window = open_window(Registry((toy,), (Broken("bent", "SyntaxError: no"),)))
    combo = window.findChild(QComboBox, "modelList")
    texts = [combo.itemText(row) for row in range(combo.count())]
    assert "bent: did not load (SyntaxError: no)" in texts
    assert not combo.model().item(len(texts) - 1).isEnabled()
    assert any("bent" in sentence for sentence in window.notices.visible)


def test_no_system_at_all_is_said_calmly(open_window, qtbot):
    window = open_window(Registry((), ()), wait=False)
    qtbot.waitUntil(lambda: "No model" in window.status.hint.text())
    assert not window.actions_by_id["exportMesh"].isEnabled()
    assert window.actions_by_id["openModel"].isEnabled()


def test_layout_and_theme_are_remembered(open_window, toy, settings):
    window = open_window(toy)
    window.actions_by_id["themeDark"].trigger()
    handle = window.parts.handle(1)
    QTest.mousePress(handle, Qt.MouseButton.LeftButton)
    QTest.mouseMove(handle, QPoint(30, 5))
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=QPoint(30, 5))
    width = window.parts.left.width()
    assert width > 410
    window.close()
    again = open_window(toy)
    assert again.theme.dark
    assert abs(again.parts.left.width() - width) <= 2
    again.actions_by_id["themeLight"].trigger()
    assert not again.theme.dark
    checked = [
        name
        for name in ("themeSystem", "themeLight", "themeDark")
        if again.actions_by_id[name].isChecked()
    ]
    assert checked == ["themeLight"]


def test_a_restored_layout_still_fits_the_knobs_until_a_hand_chose(open_window, toy):
    window = open_window(toy)
    fitted = window.parts.left.sizes()[0]
    window.close()
    again = open_window(toy)
    assert again.parts.left.sizes()[0] == fitted
    again.parts.left.setSizes([fitted + 150, 10_000])
    again.parts.fit_knobs()
    assert again.parts.left.sizes()[0] == fitted
    handle = again.parts.left.handle(1)
    QTest.mousePress(handle, Qt.MouseButton.LeftButton)
    QTest.mouseMove(handle, QPoint(5, 60))
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=QPoint(5, 60))
    chosen = again.parts.left.sizes()[0]
    assert chosen > fitted + 20
    again.close()
    third = open_window(toy)
    assert abs(third.parts.left.sizes()[0] - chosen) <= 2


def test_slow_answers_are_announced(open_window, toy, qtbot):
    window = open_window(toy)
    toy.delay = 1.0
    window.controller.set_locks(["low"], True)
    qtbot.waitUntil(lambda: window.status.hint.text() == "Working…")
    qtbot.waitUntil(lambda: settled(window))
    assert window.status.hint.text() != "Working…"


def test_what_was_left_half_written_is_swept_once_the_picture_is_there(
    open_window, toy, settings, tmp_path, qtbot
):
    left = tmp_path / "exports" / ".prune3d-999999999-0123456789ab.ply"
    left.parent.mkdir()
    left.touch()
    os.utime(left, (0, 0))
    settings.folder = str(left.parent)
    open_window(toy)
    qtbot.waitUntil(lambda: not left.exists())
