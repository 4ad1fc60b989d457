"""Artifacts in the window: a job makes one, the panel offers it, the slider prunes under it."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.core.registry import discover
from prune3d_gui.files.artifacts import ArtifactStore
from prune3d_gui.gui.study.record import DONE
from prune3d_gui.studies.run import worker
from tests.conftest import settled
from tests.gui.drive import click, drag, run_job
from tests.variants import CHOOSING

TOY = Path(__file__).parents[1] / "toy.py"


@pytest.fixture
def open_choosing(open_window, tmp_path, monkeypatch):
    """Open the window on the toy whose masks are chosen."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    source = TOY.read_text(encoding="utf-8")
    (folder / "toy.py").write_text(source, encoding="utf-8")
    (folder / "choosing.py").write_text(source + CHOOSING, encoding="utf-8")
    monkeypatch.setenv("PRUNE3D_PLUGINS", str(folder))
    yield lambda: open_window(discover(), system="choosing")
    worker.forget()


def combo_of(window):
    return window.parts.knobs.widgets["mask"].combo


def entries(window):
    combo = combo_of(window)
    return [combo.itemText(row) for row in range(combo.count())]


def choose(window, qtbot, row):
    """Open the list of the knob and click an entry."""
    combo = combo_of(window)
    combo.showPopup()
    view = combo.view()
    qtbot.waitUntil(view.isVisible)
    place = view.visualRect(view.model().index(row, 0)).center()
    QTest.mouseMove(view.viewport(), place)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: not view.isVisible())
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)


def zeroed(window):
    return window.controller.frames["pruned"].footprint.zeroed


def test_what_a_job_makes_is_offered_chosen_pruned_and_undone(open_choosing, qtbot):
    window = open_choosing()
    assert entries(window) == ["None"]
    record = run_job(window, qtbot, "learn")
    assert entries(window) == ["None", "The 30 heaviest", "The 60 heaviest"]
    assert window.controller.plan == Plan()
    choose(window, qtbot, 1)
    assert combo_of(window).currentText() == "The 30 heaviest"
    assert zeroed(window) == 54
    assert dict(window.controller.plan.values)["mask"] == record.rows[1]["mask"]
    slider = window.parts.knobs.widgets["tolerance"].slider
    drag(slider, slider.value(), round(0.75 * slider.maximum()))
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    assert zeroed(window) > 54
    captions = [p.caption for (role, _), p in window.viewport.panes.items() if role == "pruned"]
    assert all(text.endswith(", The 30 heaviest") for text in captions)
    assert captions
    window.actions_by_id["undo"].trigger()
    window.actions_by_id["undo"].trigger()
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    assert (combo_of(window).currentText(), zeroed(window)) == ("None", 0)
    window.actions_by_id["redo"].trigger()
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    assert (combo_of(window).currentText(), zeroed(window)) == ("The 30 heaviest", 54)


def test_a_row_of_the_job_leads_to_what_it_made(open_choosing, qtbot):
    window = open_choosing()
    record = run_job(window, qtbot, "learn")
    window.studies.show(record, record.found[0])
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    assert combo_of(window).currentText() == "The 60 heaviest"
    assert zeroed(window) == 24


def test_those_made_before_are_offered_and_a_damaged_one_loses_nothing(open_choosing, qtbot):
    run_job(open_choosing(), qtbot, "learn")
    window = open_choosing()
    qtbot.waitUntil(lambda: len(entries(window)) == 3)
    store = ArtifactStore()
    digest = combo_of(window).itemData(1)
    path = store.path(digest)
    path.write_bytes(path.read_bytes()[:-8] + b"\xff" * 8)
    scene = window.controller.frames["pruned"].scene
    combo = combo_of(window)
    combo.setFocus()
    with qtbot.waitSignal(window.controller.failed, timeout=60_000) as failed:
        QTest.keyClick(combo, Qt.Key.Key_Down)
    assert f"The artifact {digest[:12]} is damaged" in failed.args[0].message
    assert window.controller.frames["pruned"].scene is scene
    QTest.keyClick(combo, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    assert window.controller.plan == Plan()


def test_a_sweep_draws_a_curve_for_each(open_choosing, qtbot):
    window = open_choosing()
    made = [row["mask"] for row in run_job(window, qtbot, "learn").rows]
    window.actions_by_id["newStudy"].trigger()
    form = window.parts.studies.form
    form.kind_box.setCurrentIndex(form.kind_box.findData("sweep"))
    form.series_box.setCurrentIndex(form.series_box.findText("One for each mask"))
    form.values_line.clear()
    QTest.keyClicks(form.values_line, "0.001,0.1")
    assert "6 plans" in form.about.text()
    click(form.start_button, form.start_button.rect().center())
    qtbot.waitUntil(lambda: len(window.studies.records) == 2, timeout=20_000)
    record = window.studies.records[0]
    qtbot.waitUntil(lambda: not record.live, timeout=120_000)
    assert record.state == DONE, record.message
    assert [row["mask"] for row in record.rows] == ["", "", made[0], made[0], made[1], made[1]]
    assert [row["zeroed"] for row in record.rows[::2]] == [0, 24, 54]
    window.studies.show(record, record.found[4])
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    assert combo_of(window).currentText() == "The 30 heaviest"
