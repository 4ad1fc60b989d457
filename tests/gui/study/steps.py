"""What a hand does in the Studies area: fill in the form, start, turn to a view."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtTest import QTest

from prune3d_gui.gui.study.record import DONE
from tests.gui.drive import click

VALUES = "0.001,0.01,0.1,0.5"


def fill(window, kind="sensitivity", values=VALUES, samples="val:2", **more):
    """Open the form, fill it in and press Start."""
    window.actions_by_id["newStudy"].trigger()
    form = window.parts.studies.form
    form.kind_box.setCurrentIndex(form.kind_box.findData(kind))
    form.count_box.setValue(1)
    for line, text in ((form.values_line, values), (form.samples_line, samples)):
        line.clear()
        QTest.keyClicks(line, text)
    for name, value in more.items():
        getattr(form, name).setValue(value)
    click(form.start_button, form.start_button.rect().center())


def study(window, qtbot, *, wait=True, **asked):
    """Start a study and wait for its end; returns its record."""
    known = len(window.studies.records)
    fill(window, **asked)
    qtbot.waitUntil(lambda: len(window.studies.records) > known, timeout=20_000)
    record = window.studies.records[0]
    if wait:
        qtbot.waitUntil(lambda: not record.live, timeout=120_000)
        assert record.state == DONE, record.message
        shown = window.parts.studies.views
        qtbot.waitUntil(lambda: len(shown.table.rows.found) == len(record.found))
    return record


def views_of(window, view):
    views = window.parts.studies.views
    views.show_view(view)
    for _ in range(3):
        QCoreApplication.processEvents()  # the chart is laid out when it is first shown
    return views


def row_of(record, **wanted):
    """The row of these columns."""
    for found in record.found:
        if all(found.row.get(name) == value for name, value in wanted.items()):
            return found
    raise AssertionError(wanted)
