"""Jobs on a small scene in the real window: a mask that is learned, and a scene that is trained."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from prune3d_gui.files.splats.formats import read_splats
from prune3d_gui.gui.study.record import DONE
from prune3d_gui.plugins.lp3dgs.system import SplatSystem
from tests.conftest import settled
from tests.gui.drive import click
from tests.lp3dgs.balls import hiding, photographed

SHORT = {"steps": 60, "refresh": 20, "finetune": 10, "weight": 0.3}


@pytest.fixture
def folder(tmp_path):
    return photographed(tmp_path / "ball", hiding())


@pytest.fixture
def window(open_window, folder):
    return open_window(SplatSystem(), file=folder)


def run(window, qtbot, job, **options):
    """Fill in the form of a job and run it to its end; returns its record and its pictures."""
    window.actions_by_id["showStudies"].trigger()
    window.actions_by_id["newStudy"].trigger()
    form, views = window.parts.studies.form, window.parts.studies.views
    form.kind_box.setCurrentIndex(form.kind_box.findData(job))
    for name, value in options.items():
        widget = form.options.fields[name].widget
        widget.setFocus()
        QTest.keyClick(widget, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(widget, str(value))
    seen = []
    window.studies.changed.connect(lambda one: seen.append((one.pictured, views.live.isVisible())))
    click(form.start_button, form.start_button.rect().center())
    qtbot.waitUntil(lambda: bool(window.studies.records), timeout=20_000)
    record = window.studies.records[0]
    qtbot.waitUntil(lambda: not record.live, timeout=120_000)
    assert record.state == DONE, record.message
    return record, seen


def offered(window, qtbot, words):
    """Click on what a notice offers."""

    def found():
        buttons = window.findChildren(QToolButton, "toastAction")
        return next((one for one in buttons if one.text() == words and one.isVisible()), None)

    qtbot.waitUntil(lambda: found() is not None, timeout=20_000)
    click(found(), found().rect().center())


def test_a_mask_is_learned_watched_chosen_by_the_offer_and_undone(window, folder, qtbot, tmp_path):
    before = window.controller.frames["pruned"].footprint.nonzero["gaussians"]
    record, seen = run(window, qtbot, "mask", scene=folder, out=tmp_path / "mask", **SHORT)
    assert all(visible for pictured, visible in seen if pictured is not None)
    (words, now), (against, wanted) = record.pictured.pictures
    assert (words, against) == ("now", "photograph")
    assert now.shape == wanted.shape == (48, 48, 3)
    assert "held-out view" in window.parts.studies.views.live.caption.text()
    assert window.parts.studies.views.live.pictures.titles == ["now", "photograph"]
    last = record.rows[-1]
    assert last["state"] == "fine-tuned"
    offered(window, qtbot, "Choose them together")
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)
    control = window.controller
    values = dict(control.plan.values)
    assert (values["mask"], values["network"]) == (last["mask"], last["network"])
    slider = window.parts.knobs.widgets["rate"].slider
    assert slider.value() / slider.maximum() * 100 == pytest.approx(last["pruned"], abs=0.1)
    assert control.frames["pruned"].footprint.nonzero["gaussians"] == last["gaussians"] < before
    assert control.frames["pruned"].scores.values["psnr"] == pytest.approx(last["psnr"], abs=0.05)
    picture = control.frames["pruned"].scene.layer("picture").data.pixels
    assert abs(now.astype(int) - picture).max() <= 2, "it was this view that was watched"
    window.actions_by_id["undo"].trigger()
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)
    assert not control.plan.values
    assert control.frames["pruned"].footprint.nonzero["gaussians"] == before


def test_a_mask_that_keeps_next_to_nothing_is_said_and_the_scene_stays(
    window, folder, qtbot, tmp_path
):
    picture = window.controller.frames["pruned"].scene.layer("picture").data.pixels.copy()
    heavy = {"steps": 80, "refresh": 40, "finetune": 0, "weight": 10000}
    record, _ = run(window, qtbot, "mask", scene=folder, out=tmp_path / "mask", **heavy)
    assert any("the scene stays as it was" in note for note in record.notes)
    caption = window.parts.studies.views.caption
    words = "the scene stays as it was"
    qtbot.waitUntil(lambda: words in caption.text() + caption.toolTip(), timeout=5_000)
    assert not window.controller.artifacts
    now = window.controller.frames["pruned"].scene.layer("picture").data.pixels
    np.testing.assert_array_equal(now, picture)


def test_a_scene_is_trained_watched_and_opened_by_the_offer(window, folder, qtbot, tmp_path):
    out = tmp_path / "own.ply"
    record, seen = run(window, qtbot, "train", scene=folder, out=out, steps=40, most=400, degree=0)
    pictures = [pictured for pictured, _ in seen if pictured is not None]
    assert pictures[-1] is record.pictured
    assert record.pictured.caption.endswith("after all 40 steps")
    assert {row["views"] for row in record.rows if "views" in row} == {"held out", "trained on"}
    offered(window, qtbot, "Open it")
    count = read_splats(out).gaussians.count
    control = window.controller
    qtbot.waitUntil(lambda: control.card.title.startswith("own.ply"), timeout=20_000)
    assert control.card.units[0].count == count
