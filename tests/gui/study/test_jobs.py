"""Forms of jobs: what their options ask for, and what a run is called."""

import os

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton

from prune3d_gui.gui.study.record import DONE
from tests.gui.drive import click

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def form(open_on, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    window = open_on("jobs")
    window.actions_by_id["newStudy"].trigger()
    form = window.parts.studies.form
    QTest.keyClicks(form.samples_line, "val:2")  # of another study: no business of a job
    form.kind_box.setCurrentIndex(form.kind_box.findData("fine_tune"))
    return form


def write(field, text):
    field.widget.setFocus()
    QTest.keyClick(field.widget, Qt.Key.Key_A, CONTROL)
    QTest.keyClicks(field.widget, text)


def start(form):
    click(form.start_button, form.start_button.rect().center())


def test_options_are_filled_in_as_their_kinds_want(form, tmp_path):
    fields = form.options.fields
    assert [fields["device"].widget.itemText(n) for n in range(2)] == ["auto", "cpu"]
    assert not fields["device"].widget.isEditable()
    assert fields["scope"].widget.isEditable()
    assert fields["out"].widget.text() == str(tmp_path / "tuned")
    assert str(tmp_path) in form.options.starts.text()
    write(fields["out"], "runs/a")
    assert fields["out"].note.isVisible()
    assert fields["out"].note.text() == f"= {tmp_path / 'runs' / 'a'}"
    assert fields["step"].widget.placeholderText() == "0 to 100 %"


def test_what_is_wrong_is_said_beside_each_field_before_anything_is_queued(form, tmp_path):
    fields = form.options.fields
    write(fields["data"], "nowhere")
    write(fields["step"], "120")
    start(form)
    assert f"there is no folder '{tmp_path / 'nowhere'}'" in fields["data"].error.text()
    assert fields["step"].error.text() == "Step 120 is out of range; give 0 to 100 %."
    assert not form.window().studies.records
    write(fields["step"], "20")
    assert not fields["step"].error.isVisible()


def test_browse_fills_in_a_folder_that_a_hand_chose(form, tmp_path, monkeypatch):
    (tmp_path / "set").mkdir()
    asked = []

    def choose(parent, title, start):
        asked.append(start)
        return str(tmp_path / "set")

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", choose)
    button = form.options.fields["data"].findChild(QPushButton)
    click(button, button.rect().center())
    assert asked == [os.getcwd()]
    assert form.options.fields["data"].widget.text() == str(tmp_path / "set")


def test_a_run_is_called_by_what_was_done_and_captioned_by_what_it_measured(form, tmp_path, qtbot):
    (tmp_path / "set").mkdir()
    fields, window = form.options.fields, form.window()
    write(fields["data"], "set")
    fields["scope"].widget.setCurrentText("C1,C2")
    write(fields["step"], "20")
    start(form)
    qtbot.waitUntil(lambda: bool(window.studies.records), timeout=20_000)
    record = window.studies.records[0]
    qtbot.waitUntil(lambda: not record.live, timeout=120_000)
    assert record.state == DONE, record.message
    assert record.title == "Fine tune: data set, scope C1,C2, step 20 %"
    assert record.rows[0]["out"] == str(tmp_path / "tuned")
    assert not record.words
    caption = window.parts.studies.views.caption
    said = QTextDocumentFragment.fromHtml(caption.text()).toPlainText()
    assert "val:2" not in said
    assert "Relative L2" in said
