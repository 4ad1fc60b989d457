"""The card of a search: what was found, and what can be done with it."""

from dataclasses import replace

import pytest
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtTest import QTest

from prune3d_gui.files.plans import read_plan
from prune3d_gui.gui.export.dialog import ExportDialog
from prune3d_gui.gui.study.views import LOW, TABLE, TRADE_OFF
from prune3d_gui.studies.ask.answers import RowFound
from tests.conftest import settled
from tests.gui.drive import click
from tests.gui.study.steps import row_of, study


def press(button):
    click(button, button.rect().center())


@pytest.fixture
def searched(open_on, qtbot):
    window = open_on()
    window.actions_by_id["newStudy"].trigger()
    form = window.parts.studies.form
    form.threshold_line.setText("1000x")
    form.held_line.setText("val:2")
    return window, study(window, qtbot, kind="budget", samples="val:1")


def test_the_card_says_what_was_found_and_leads_there(searched, qtbot, tmp_path):
    window, record = searched
    views = window.parts.studies.views
    window.parts.centre.setSizes([200, 600])
    qtbot.waitUntil(lambda: views.height() > LOW)
    card, best = views.answer, row_of(record, role="best")
    assert card.isVisible()
    said = QTextDocumentFragment.fromHtml(card.text.text()).toPlainText()
    assert f"{best.row['objective_percent']:.1f} % can go" in said
    assert f"{best.row['objective']:,.0f} parameters zeroed or removed" in said
    assert "Relative L2" in said
    assert "l2 " not in said
    assert "On samples that the search has not seen (val:2)" in said
    assert views.view == TRADE_OFF
    named = views.trade_off.named
    assert named["Best plan"] is best
    views.show_view(TABLE)
    press(card.show_button)
    qtbot.waitUntil(lambda: settled(window))
    assert window.controller.plan == best.case.plan

    press(card.export_button)
    asked = window.findChild(ExportDialog)
    qtbot.waitUntil(asked.isVisible)
    asked.path_line.clear()
    QTest.keyClicks(asked.path_line, str(tmp_path / "mine"))
    press(asked.export_button)
    path = tmp_path / "mine.json"
    qtbot.waitUntil(lambda: bool(window.notices.visible), timeout=10_000)
    assert window.notices.visible[-1] == f"Written: {path}"
    assert read_plan(path) == best.case.plan


def test_compare_shows_the_uniform_plan_and_what_both_cost(searched, qtbot):
    window, record = searched
    views = window.parts.studies.views
    uniform = row_of(record, role="uniform")
    at = uniform.case.plan.with_rate("low", 100.0)
    better = uniform.row | {"role": "best", "objective": uniform.row["objective"] + 9}
    record.take(RowFound(better, replace(uniform.case, plan=at)))  # as if more had been found
    views.refresh()
    assert views.answer.found.better
    assert "more than the largest uniform plan" in views.answer.text.text()
    views.show_view(TABLE)
    press(views.answer.compare_button)
    qtbot.waitUntil(lambda: settled(window))
    assert views.view == TRADE_OFF
    assert window.controller.plan == uniform.case.plan
    assert views.trade_off.named["Uniform"] is uniform


def test_a_low_card_leaves_the_chart_its_room(searched, qtbot):
    window, _ = searched
    views = window.parts.studies.views
    for heights, short in (([200, 600], False), ([600, 260], True)):
        window.parts.centre.setSizes(heights)
        qtbot.waitUntil(lambda wanted=short: (views.height() < LOW) is wanted)
        assert ("<br>" not in views.answer.text.text()) is short
    qtbot.waitUntil(lambda: views.answer.height() < 90)
    assert "has not seen" in views.answer.text.toolTip()
