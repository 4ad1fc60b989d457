"""The Studies area: from the form to the 3D views, with real workers and real clicks."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton

from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.core.registry import discover
from prune3d_gui.core.score.thresholds import Threshold
from prune3d_gui.files.tables import read_rows
from prune3d_gui.gui.study.record import CANCELLED, DONE, FAILED, RUNNING
from prune3d_gui.gui.study.views import CURVES, HEAT, SCATTER, TABLE, TRADE_OFF
from prune3d_gui.studies.run import worker
from tests.conftest import settled
from tests.gui.drive import LEFT, NONE, click, drag
from tests.gui.test_layout import inside

TOY = Path(__file__).parents[1] / "toy.py"
SLOW = "\nPlugin.id, Plugin.delay = 'slow', 0.05\n"
NANS = """
Plugin.id = "holes"
plain_score = ToyModel.score
def score(self, applied, *rest):
    found = plain_score(self, applied, *rest)
    if applied.plan.value(TOLERANCE) != 0.1:
        return found
    return replace(found, values={**found.values, "l2": float("nan")})
ToyModel.score = score
"""
FIELDS = """
Plugin = Fields
def init(self, system, title):
    ToyModel.__init__(self, system, title)
    self.weights_hash = title
FieldModel.__init__ = init
"""
JOBS = """
from prune3d_gui.core.jobs import Job, Option, Progress
Plugin.id = "jobs"
def climb(options, report, cancel):
    rows = []
    for rung in range(1, options["rungs"] + 1):
        cancel.check()
        row = {"tolerance": rung / 10, "l2": float(rung), "zeroed": rung, "removed": 0}
        rows.append(row)
        report(Progress(rung, options["rungs"], "climbing", row))
    return rows
def labour(options, report, cancel):
    done = 0
    while True:
        cancel.check()
        done += 1
        report(Progress(done, 0, "labouring"))
        time.sleep(0.05)
Plugin.jobs = lambda self: (
    Job("ladder", "Climb.", (Option("rungs", 3, "How many."),), climb),
    Job("labour", "Labour.", (), labour),
)
"""
FAILING = "\nPlugin.id, Plugin.fail_above = 'failing', 0.3\n"
VALUES = "0.001,0.01,0.1,0.5"


@pytest.fixture
def plugins(tmp_path, monkeypatch):
    folder = tmp_path / "plugins"
    folder.mkdir()
    source = TOY.read_text(encoding="utf-8")
    variants = {
        "toy": "",
        "slow": SLOW,
        "holes": NANS,
        "failing": FAILING,
        "fields": FIELDS,
        "jobs": JOBS,
    }
    for name, lines in variants.items():
        (folder / f"{name}.py").write_text(source + lines, encoding="utf-8")
    monkeypatch.setenv("PRUNE3D_PLUGINS", str(folder))
    yield folder
    worker.forget()


@pytest.fixture
def open_on(open_window, plugins):
    """Open the window on a plugin, with the studies shown."""

    def make(name="toy", **options):
        registry = discover()
        window = open_window(registry, system=name, **options)
        window.actions_by_id["showStudies"].trigger()
        return window

    return make


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


def test_a_sensitivity_study_runs_and_a_click_on_a_cell_moves_the_views(open_on, qtbot):
    window = open_on()
    record = study(window, qtbot)
    assert len(record.found) == 3 * 4
    views = views_of(window, HEAT)
    heat = views.heat
    assert [len(line) for line in heat.cells] == [4, 4, 4]
    assert heat.names.names == ("low", "mid", "high")
    before = window.viewport.scene("pruned").layers[0].data.values.copy()
    picture = window.viewport.grab().toImage()
    sample = window.controller.sample
    target = row_of(record, unit="low", tolerance=0.5)
    click(heat.canvas.viewport(), heat.place_of(target))
    plan = window.controller.plan
    assert plan == target.case.plan
    assert set(plan.locks) == {"mid", "high"}
    assert window.controller.sample == sample
    qtbot.waitUntil(lambda: settled(window))
    after = window.viewport.scene("pruned").layers[0].data.values
    assert not np.array_equal(before, after)
    assert window.viewport.grab().toImage() != picture
    assert heat.cells[heat.present[0]][heat.present[1]] is target
    assert "In the views" in views.caption.text()
    window.actions_by_id["undo"].trigger()
    assert window.controller.plan == Plan()
    assert heat.present is None or heat.cells[heat.present[0]][heat.present[1]] is not target


@pytest.mark.parametrize("view", [CURVES, SCATTER, TRADE_OFF, TABLE])
def test_a_click_in_any_view_leads_to_its_plan(open_on, qtbot, view):
    window = open_on()
    record = study(window, qtbot)
    views = views_of(window, view)
    target = row_of(record, unit="high", tolerance=0.01)
    place = views.place_of(target)
    here = views.table if view == TABLE else views.stack.currentWidget().canvas
    click(here.viewport(), place)
    reached = window.studies.present(record)
    assert reached is not None, "the plan is none of the study's"
    assert reached.row["l2"] == pytest.approx(target.row["l2"], rel=0.1)
    qtbot.waitUntil(lambda: settled(window))


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


def test_the_threshold_is_one_line_and_dragging_it_moves_all(open_on, qtbot):
    window = open_on()
    record = study(window, qtbot)
    views = views_of(window, CURVES)
    metric = views.metric
    assert record.threshold(metric) == pytest.approx(1.33 * record.baseline("l2"))
    views.put_threshold(Threshold(5.0))
    chart = views.curves
    port = chart.canvas.viewport()

    def place(value):
        box = chart.frame.box
        at = box.mapViewToScene(box.viewRect().center())
        at.setY(box.mapViewToScene(chart.line.pos().__class__(0, math.log10(value))).y())
        return chart.canvas.mapFromScene(at)

    start, stop = place(5.0), place(20.0)
    QTest.mouseMove(port, start)
    QTest.mousePress(port, LEFT, NONE, start)
    for share in (0.3, 0.6, 1.0):
        y = round(start.y() + share * (stop.y() - start.y()))
        QTest.mouseMove(port, QPoint(start.x(), y))
        qtbot.wait(20)
    QTest.mouseRelease(port, LEFT, NONE, stop)
    moved = record.threshold(metric)
    assert 10 < moved < 40
    line = window.findChild(QLineEdit, "studyShownThreshold")
    assert float(line.text()) == pytest.approx(moved, rel=1e-2)
    views.show_view(HEAT)
    assert views.heat.bar_line.value() == pytest.approx(math.log10(moved))
    failing = {views.heat.cells[r][c].row["l2"] for r, c in views.heat.failing}
    every = {found.row["l2"] for found in record.found}
    assert failing == {value for value in every if value > moved}
    assert failing
    assert failing != every
    views.show_view(SCATTER)
    assert views.scatter.line.value() == pytest.approx(math.log10(moved))


def test_random_seeds_make_a_band_and_the_knee_is_marked(open_on, qtbot):
    window = open_on()
    record = study(window, qtbot, kind="sweep", values="0.001:1:x8")
    chart = views_of(window, CURVES).curves
    (line,) = chart.lines
    assert [p.x for p in line.points] == sorted(p.x for p in line.points)
    assert all(p.low <= p.y <= p.high for p in line.points)
    assert next(iter(chart.knees.values())) in [p.x for p in line.points]
    assert len(record.found) == 8


def test_nan_is_shown_as_nan(open_on, qtbot):
    window = open_on("holes")
    record = study(window, qtbot)
    hole = row_of(record, unit="low", tolerance=0.1)
    assert math.isnan(hole.row["l2"])
    views = views_of(window, TABLE)
    column = views.table.rows.columns.index("l2")
    row = record.found.index(hole)
    assert views.table.rows.index(row, column).data() == "NaN"
    views.table.sortByColumn(column, Qt.SortOrder.AscendingOrder)
    last = views.table.filter.index(views.table.filter.rowCount() - 1, column)
    assert last.data() == "NaN"
    heat = views_of(window, HEAT).heat
    assert "NaN" in heat.words_of(hole)
    at = heat._where(hole)
    assert at in heat.failing


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


@pytest.mark.parametrize(
    ("field", "line", "text", "said"),
    [
        ("values", "values_line", "0.001:0.1:-2", "is not a series"),
        ("values", "values_line", "7", "out of range"),
        ("values", "values_line", "", "Give some values"),
        ("samples", "samples_line", "val:many", ""),
        ("threshold", "threshold_line", "much", "is not a number"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(open_on, qtbot, field, line, text, said):
    window = open_on()
    window.actions_by_id["newStudy"].trigger()
    form = window.parts.studies.form
    getattr(form, line).setText(text)
    if field == "samples":
        form.values_line.setText("7:8")
        window.studies.refused.emit("samples", "There is no sample 'val:many'; name another.")
    else:
        click(form.start_button, form.start_button.rect().center())
    error = form.fields[field].error
    assert error.isVisible()
    assert said in error.text()
    assert not window.studies.records


def test_a_cluster_needs_an_address(open_on):
    window = open_on()
    window.actions_by_id["newStudy"].trigger()
    form = window.parts.studies.form
    form.place_box.setCurrentIndex(1)
    form.address_line.setText("nowhere")
    assert form.asked() is None
    assert "'nowhere'" in form.fields["place"].error.text()
    form.address_line.setText("tcp://10.0.0.1:8786")
    assert form.asked().workers.cluster == "tcp://10.0.0.1:8786"


def test_the_table_sorts_and_filters(open_on, qtbot):
    window = open_on()
    record = study(window, qtbot)
    views = views_of(window, TABLE)
    table = views.table
    assert table.filter.rowCount() == len(record.found) == 12
    QTest.keyClicks(views.filter_line, "mid tolerance>0.05")
    assert table.filter.rowCount() == 2
    views.filter_line.setText("mid tolerance>0,05")
    assert table.filter.rowCount() == 2
    for line, text, said in (
        (views.filter_line, "zeroed>1,000", "zeroed '1,000' may be 1 or 1000"),
        (views.threshold_line, "1o", "'1o' is not a number"),
    ):
        line.clear()
        QTest.keyClicks(line, text)
        QTest.keyClick(line, Qt.Key.Key_Return)
        assert said in window.notices.visible[-1]
    views.threshold_line.clear()
    QTest.keyClicks(views.threshold_line, "2,5")
    QTest.keyClick(views.threshold_line, Qt.Key.Key_Return)
    assert views.threshold == 2.5
    views.filter_line.clear()
    column = table.rows.columns.index("zeroed")
    table.sortByColumn(column, Qt.SortOrder.DescendingOrder)
    role = Qt.ItemDataRole.UserRole
    order = [table.filter.index(row, column).data(role) for row in range(12)]
    assert order == sorted(order, reverse=True)


def test_exports_can_be_read_again(open_on, qtbot, tmp_path):
    window = open_on()
    record = study(window, qtbot)
    exports = window.studies_exports
    views_of(window, HEAT)
    for ending in ("csv", "json", "png", "svg"):
        exports.export(tmp_path / f"study.{ending}")
    for ending in ("csv", "json"):
        rows = read_rows(tmp_path / f"study.{ending}")
        assert [row["l2"] for row in rows] == pytest.approx([f.row["l2"] for f in record.found])
        assert rows[0]["l2_definition"] == "||f - g|| / ||g|| on the grid."
        assert rows[0]["weights_hash"] == "blobs-1"
    picture = Image.open(tmp_path / "study.png")
    assert picture.text["system"] == "toy"
    colours = picture.convert("RGB").getcolors(1 << 24)
    assert len(colours) > 20
    drawing = (tmp_path / "study.svg").read_text(encoding="utf-8")
    assert drawing.count("<path") + drawing.count("<rect") > 12
    exports.export(tmp_path / "study.doc")
    assert not (tmp_path / "study.doc").exists()


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


def test_the_area_fits_and_remembers_its_height(open_on, qtbot, settings):
    window = open_on()
    parts = window.parts
    share = parts.lower.height() / parts.centre.height()
    assert 0.4 < share < 0.5
    assert parts.viewport.isVisible()
    assert parts.viewport.height() > 250
    study(window, qtbot)
    for view in (CURVES, HEAT, SCATTER, TRADE_OFF, TABLE):
        views = views_of(window, view)
        for widget in (views.switch, views.metric_box, views.threshold_line, views.stack):
            assert inside(window, widget)
        assert views.stack.height() > 150
    parts.centre.moveSplitter(300, 1)
    tall = parts.lower.height()
    window.actions_by_id["showStudies"].trigger()
    live = parts.lower.height()
    assert live < tall
    window.actions_by_id["showStudies"].trigger()
    assert abs(parts.lower.height() - tall) < 4
    parts.keep(settings)
    assert re.match(rb"\d+,\d+", bytes(settings.layout("lower").data()))


def test_nothing_asked_yet_says_what_studies_are(open_on):
    window = open_on()
    panel = window.parts.studies
    button = panel.findChild(QPushButton, "studyFirst")
    assert button.isVisible()
    assert not window.actions_by_id["exportStudy"].isEnabled()
    click(button, button.rect().center())
    assert panel.stack.currentWidget() is panel.form


def test_a_report_is_one_page_with_pictures(open_on, qtbot, tmp_path):
    window = open_on()
    record = study(window, qtbot, kind="sweep", samples="val:1")
    path = tmp_path / "study.html"
    with qtbot.waitSignal(window.studies_exports.reports.written, timeout=120_000):
        window.studies_exports.report(path)
    page = path.read_text(encoding="utf-8")
    assert record.card.title in page
    assert "||f - g|| / ||g|| on the grid." in page
    assert page.count("data:image/png") >= 5
    assert page.count("data:image/svg") >= 2
    assert "No one, 2025." in page
    window.studies_exports.report(tmp_path / "study.pdf")
    assert not (tmp_path / "study.pdf").exists()


def test_two_studies_are_drawn_together(open_on, qtbot):
    window = open_on()
    first = study(window, qtbot, kind="sweep", samples="val:1")
    second = study(window, qtbot, samples="val:1")
    panel = window.parts.studies
    rows = {panel.list.item(n).data(Qt.ItemDataRole.UserRole): n for n in range(2)}
    place = panel.list.visualItemRect(panel.list.item(rows[first])).center()
    QTest.mouseClick(panel.list.viewport(), LEFT, Qt.KeyboardModifier.ControlModifier, place)
    assert panel.record is first
    assert panel.list.others == (second,)
    chart = views_of(window, CURVES).curves
    assert len(chart.lines) == 1 + 3
    assert all(second.title in line.label for line in chart.lines[1:])
    target = row_of(second, unit="low", tolerance=0.5)
    click(chart.canvas.viewport(), chart.place_of(target))
    assert window.controller.plan == target.case.plan


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


def test_a_click_opens_the_network_that_the_study_is_of(open_on, qtbot):
    window = open_on("fields")
    record = study(window, qtbot, samples="")
    first = window.controller.card.weights_hash
    window.controller.select_sample("s1")
    qtbot.waitUntil(lambda: settled(window) and window.controller.sample == "s1")
    assert window.controller.card.weights_hash != first
    views = views_of(window, HEAT)
    target = row_of(record, unit="low", tolerance=0.5)
    click(views.heat.canvas.viewport(), views.heat.place_of(target))
    qtbot.waitUntil(lambda: settled(window) and window.controller.plan == target.case.plan)
    assert window.controller.card.weights_hash == first
    assert views.heat.cells[views.heat.present[0]][views.heat.present[1]] is target


def test_sensitivity_of_the_scope_leaves_the_rest_alone(open_on, qtbot):
    window = open_on()
    scope = next(knob for knob in window.controller.card.knobs if knob.id == "scope")
    window.controller.set_value(scope, "detail")
    window.parts.studies.form.units_box.setCurrentIndex(1)
    record = study(window, qtbot, samples="val:1", values="0.01,0.5")
    assert {found.row["unit"] for found in record.found} == {"mid", "high"}
    assert all("low" in found.case.plan.locks for found in record.found)


def test_a_job_streams_its_rows_and_they_are_drawn(open_on, qtbot):
    window = open_on("jobs")
    window.actions_by_id["newStudy"].trigger()
    form = window.parts.studies.form
    form.kind_box.setCurrentIndex(form.kind_box.findData("ladder"))
    line = form._options["rungs"][1]
    line.setText("many")
    click(form.start_button, form.start_button.rect().center())
    assert "'many'" in form.fields["kind"].error.text()
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
