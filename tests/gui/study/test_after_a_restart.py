"""Studies come back after a restart: the list, rows, and what was half done."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from prune3d_gui.gui.study.record import CANCELLED, DONE
from prune3d_gui.gui.study.views import CURVES
from tests.conftest import settled
from tests.gui.drive import click
from tests.gui.study.steps import study, views_of


def test_what_was_half_done_goes_on_where_its_model_is_opened_by_a_click(open_on, qtbot):
    window = open_on("slow")
    asked = {"kind": "sweep", "samples": "val:1"}
    done = study(window, qtbot, values="0.01,0.1,0.5", **asked)
    half = study(window, qtbot, wait=False, values="0.001:1:x60", **asked)
    qtbot.waitUntil(lambda: len(half.found) > 2, timeout=60_000)
    window.close()
    kept = len(half.found)
    assert kept < 60

    window = open_on("toy")
    qtbot.waitUntil(lambda: len(window.studies.records) == 2, timeout=20_000)
    back, old = window.studies.records
    assert (back.title, old.title) == (half.title, done.title)
    assert (back.state, old.state) == (CANCELLED, DONE)
    assert old.rows == done.rows
    assert [found.case for found in old.found] == [found.case for found in done.found]
    assert kept <= len(back.found) < 60

    listed = window.parts.studies.list
    listed.choose(old)
    assert len(views_of(window, CURVES).curves.places) == 3
    item = listed.items[id(old)]
    assert item.model_button.isVisible()
    assert item.model_button.text() == "Open Eighty-four blobs"
    click(item.model_button, item.model_button.rect().center())
    qtbot.waitUntil(
        lambda: window.controller.card.ref.system == "slow" and settled(window), timeout=60_000
    )
    assert not item.model_button.isVisible()

    button = listed.items[id(back)].resume_button
    click(button, button.rect().center())
    qtbot.waitUntil(lambda: back.state == DONE, timeout=120_000)
    assert len(back.found) == 60
    assert back.moved.cached >= kept


def test_what_was_removed_does_not_come_back_and_what_was_undone_does(open_on, qtbot):
    window = open_on()
    window.activateWindow()
    first = study(window, qtbot, kind="sweep", values="0.01,0.1", samples="val:1")
    study(window, qtbot, kind="sweep", values="0.2,0.5", samples="val:1")
    listed = window.parts.studies.list
    listed.setFocus()
    qtbot.waitUntil(listed.hasFocus)
    QTest.keyClick(listed, Qt.Key.Key_Delete)
    QTest.keyClick(listed, Qt.Key.Key_Delete)
    QTest.keyClick(listed, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.studies.records == [first]
    window.close()
    window = open_on()
    qtbot.waitUntil(lambda: bool(window.studies.records), timeout=20_000)
    assert [record.rows for record in window.studies.records] == [first.rows]


def test_the_form_is_filled_in_as_a_hand_left_it(open_on, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    window = open_on("jobs")
    window.actions_by_id["newStudy"].trigger()
    form = window.parts.studies.form
    for line, text in ((form.values_line, "0.1,0.2"), (form.samples_line, "val:3")):
        line.setFocus()
        line.selectAll()
        QTest.keyClicks(line, text)
    form.seeds_box.setFocus()
    form.kind_box.setCurrentIndex(form.kind_box.findData("fine_tune"))
    fields = form.options.fields
    QTest.keyClicks(fields["data"].widget, "here")
    click(fields["quick"].widget, QPoint(8, fields["quick"].widget.height() // 2))
    fields["scope"].widget.setCurrentText("both")
    window.close()

    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    window = open_on("toy")
    window.actions_by_id["newStudy"].trigger()
    form = window.parts.studies.form
    assert form.kind_box.currentText() == "Sweep", "of another system"
    assert form.samples_line.text() == ""
    window.close()

    window = open_on("jobs")
    window.actions_by_id["newStudy"].trigger()
    form = window.parts.studies.form
    assert form.kind_box.currentText() == "Job: Fine tune"
    fields = form.options.fields
    assert fields["data"].widget.text() == "here"
    assert fields["quick"].widget.isChecked()
    assert fields["scope"].widget.currentText() == "both"
    assert fields["step"].widget.text() == "5.0"
    usual = str(tmp_path / "elsewhere" / "tuned")
    assert fields["out"].widget.text() == usual, "what was not chosen is as it usually is"
    form.kind_box.setCurrentIndex(0)
    assert (form.values_line.text(), form.samples_line.text()) == ("0.1,0.2", "val:3")


@pytest.mark.parametrize("kept", ["{", "[1]", '{"jobs": 3}', '{"jobs": {"kind": [], "jobs": 1}}'])
def test_a_damaged_form_is_as_it_is_at_first(open_on, settings, kept):
    settings._store.setValue("forms", kept)
    window = open_on("jobs")
    window.actions_by_id["newStudy"].trigger()
    assert window.parts.studies.form.kind_box.currentText() == "Sweep"
