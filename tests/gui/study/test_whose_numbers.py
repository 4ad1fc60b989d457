"""Numbers, pictures and reports of a study say which sample they are of."""

from PySide6.QtGui import QTextDocumentFragment

from prune3d_gui.gui.study.views import HEAT
from tests.conftest import settled
from tests.gui.drive import click
from tests.gui.study.steps import row_of, study, views_of


def told(views):
    return QTextDocumentFragment.fromHtml(views.caption.text()).toPlainText()


def test_a_cell_leads_to_a_sample_of_its_study_and_says_whose_number_it_is(open_on, qtbot):
    window = open_on()
    record = study(window, qtbot, values="0.1,0.5", samples="val:2")
    window.controller.select_sample("s3")
    qtbot.waitUntil(lambda: settled(window))
    views = views_of(window, HEAT)
    target = row_of(record, unit="low", tolerance=0.5)
    click(views.heat.canvas.viewport(), views.heat.place_of(target))
    qtbot.waitUntil(lambda: settled(window))
    assert window.controller.sample == "s0"
    assert window.controller.plan == target.case.plan
    assert "over 2 samples (val:2); the picture is of 'Seed 0', one of them" in told(views)
    window.controller.select_sample("s1")
    qtbot.waitUntil(lambda: settled(window))
    assert "the picture is of 'Seed 1', one of them" in told(views)
    window.controller.select_sample("s3")
    qtbot.waitUntil(lambda: settled(window))
    assert "the picture is of 'Seed 3', which the study has not" in told(views)


def test_a_report_shows_a_sample_of_its_study_and_not_the_one_on_screen(open_on, qtbot, tmp_path):
    window = open_on()
    study(window, qtbot, kind="sweep", values="0.1,0.5", samples="val:2")
    window.controller.select_sample("s3")
    qtbot.waitUntil(lambda: settled(window))
    path = tmp_path / "report.html"
    window.studies_exports.report(path)
    qtbot.waitUntil(path.is_file, timeout=60_000)
    page = path.read_text(encoding="utf-8")
    assert "Seed 0 (one of 2, val:2), reference" in page
    assert "Seed 3" not in page
