"""Studies, searches and jobs as they run: rows that stream, held, cancelled, resumed, failed."""

import time

import pytest
from PySide6.QtWidgets import QPushButton

from prune3d_gui.core.errors import Cancelled
from prune3d_gui.gui.study.record import CANCELLED, DONE, FAILED, RUNNING
from prune3d_gui.gui.study.views import CURVES, SCATTER, TABLE, TRADE_OFF
from tests.conftest import settled
from tests.gui.drive import click, drag
from tests.gui.study.steps import fill, row_of, study, views_of
from tests.toy import Plugin


def test_numbers_are_those_of_the_window(open_on, qtbot):
    window = open_on()
    record = study(window, qtbot, kind="sweep", samples="val:1")
    views = views_of(window, CURVES)
    target = row_of(record, tolerance=0.5)
    click(views.curves.canvas.viewport(), views.place_of(target))
    qtbot.waitUntil(lambda: settled(window))
    shown = window.controller.frames["pruned"]
    assert shown.scores.values["l2"] == pytest.approx(target.row["l2"], rel=1e-6)
    assert shown.footprint.zeroed == target.row["zeroed"]


def test_cancel_keeps_rows_and_resume_goes_on_from_the_cache(open_on, qtbot):
    window = open_on("slow")
    record = study(window, qtbot, wait=False, kind="sweep", values="0.001:1:x60", samples="val:1")
    qtbot.waitUntil(lambda: len(record.found) > 2, timeout=60_000)
    window.actions_by_id["cancelStudy"].trigger()
    qtbot.waitUntil(lambda: record.state == CANCELLED, timeout=30_000)
    kept = len(record.found)
    assert 2 < kept < 60
    assert window.actions_by_id["resumeStudy"].isEnabled()
    window.actions_by_id["resumeStudy"].trigger()
    qtbot.waitUntil(lambda: record.state == DONE, timeout=120_000)
    assert len(record.found) == 60
    assert record.moved.cached >= kept
    window.actions_by_id["removeStudy"].trigger()
    assert not window.studies.records
    assert window.parts.studies.findChild(QPushButton, "studyFirst").isVisible()


def test_a_failed_study_says_so_and_keeps_its_rows(open_on, qtbot):
    window = open_on("failing")
    fill(window, kind="sweep", values="0.001,0.01,0.5", samples="val:1")
    qtbot.waitUntil(lambda: bool(window.studies.records), timeout=20_000)
    record = window.studies.records[0]
    qtbot.waitUntil(lambda: not record.live, timeout=120_000)
    assert record.state == FAILED
    assert record.message
    assert "Traceback" not in record.message
    assert record.message in window.parts.studies.views.caption.text().replace("&#x27;", "'")


def test_studies_are_held_while_a_hand_drags(open_on, qtbot):
    window = open_on("slow")
    record = study(window, qtbot, wait=False, kind="sweep", values="0.001:1:x80", samples="val:1")
    qtbot.waitUntil(lambda: len(record.found) > 0, timeout=60_000)
    slider = window.parts.knobs.widgets["tolerance"].slider
    held = []
    drag(slider, 100, 600, moves=6, during=lambda: held.append(window.studies.held))
    assert all(held)
    qtbot.waitUntil(lambda: settled(window) and not window.studies.held)
    window.studies.cancel(record)
    qtbot.waitUntil(lambda: not record.live, timeout=30_000)


@pytest.mark.parametrize("kind", ["uniform", "budget"])
def test_a_search_streams_its_plans_and_leads_to_the_best(open_on, qtbot, kind):
    window = open_on()
    window.actions_by_id["newStudy"].trigger()
    form = window.parts.studies.form
    form.threshold_line.setText("40" if kind == "uniform" else "1000x")
    form.held_line.setText("val:2")
    record = study(window, qtbot, kind=kind, samples="val:1")
    roles = {found.row["role"] for found in record.found}
    assert {"full", "uniform", "held-out"} <= roles
    assert record.notes
    views = views_of(window, TABLE)
    limit = record.threshold(views.metric)
    best = next(f for f in reversed(record.found) if f.row["role"] in ("best", "uniform"))
    assert best.row["l2"] <= limit
    click(views.table.viewport(), views.place_of(best))
    assert window.studies.present(record) is not None
    qtbot.waitUntil(lambda: settled(window))
    for view in (CURVES, SCATTER, TRADE_OFF):
        assert views_of(window, view).stack.currentWidget().places


def test_a_job_streams_its_rows_and_they_are_drawn(open_on, qtbot):
    window = open_on("jobs")
    window.actions_by_id["newStudy"].trigger()
    form = window.parts.studies.form
    form.kind_box.setCurrentIndex(form.kind_box.findData("ladder"))
    line = form.options.fields["rungs"].widget
    line.setText("many")
    click(form.start_button, form.start_button.rect().center())
    assert "'many'" in form.options.fields["rungs"].error.text()
    line.setText("4")
    record = study(window, qtbot, kind="ladder")
    assert [found.row["tolerance"] for found in record.found] == [0.1, 0.2, 0.3, 0.4]
    chart = views_of(window, CURVES).curves
    assert len(chart.places) == 4
    plan = window.controller.plan
    click(chart.canvas.viewport(), chart.place_of(record.found[1]))
    assert window.controller.plan == plan  # no plan leads there


def test_a_study_runs_beside_a_job_and_each_is_cancelled_by_its_button(open_on, qtbot):
    window = open_on("jobs")
    job = study(window, qtbot, wait=False, kind="labour")
    qtbot.waitUntil(lambda: job.state == RUNNING, timeout=60_000)
    short = study(window, qtbot, values="0.1,0.5", samples="val:1")
    assert (short.state, job.state) == (DONE, RUNNING)
    items = window.parts.studies.list.items
    click(items[id(job)].cancel_button, items[id(job)].cancel_button.rect().center())
    qtbot.waitUntil(lambda: job.state == CANCELLED, timeout=60_000)


class Endless(Plugin):
    """Looks for the samples that are named until it is stopped."""

    def open(self, ref, cancel=None):
        model = super().open(ref)

        def select(text, cancel):
            while not cancel.cancelled:
                time.sleep(0.01)
            raise Cancelled("Stopped on request.")

        model.select = select
        return model


def test_a_search_for_samples_is_stopped_by_a_hand(open_window, qtbot):
    window = open_window(Endless())
    window.actions_by_id["showStudies"].trigger()
    fill(window, samples="val:2")
    button = window.status.progress.button
    qtbot.waitUntil(button.isVisible, timeout=20_000)
    assert window.status.progress.words.text().startswith("Finding the samples")
    click(button, button.rect().center())
    form = window.parts.studies.form
    qtbot.waitUntil(lambda: "Stopped before" in form.fields["samples"].error.text())
    assert form.start_button.isEnabled()
    assert not window.studies.records
