"""The table of a study, and what is written of it: rows, charts and the report."""

import json

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from prune3d_gui.core.moment import KEY
from prune3d_gui.files.tables import read_rows
from prune3d_gui.gui.study.views import HEAT, TABLE
from tests.gui.study.steps import study, views_of


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
    assert json.loads(picture.text[KEY])["system"] == "toy"
    colours = picture.convert("RGB").getcolors(1 << 24)
    assert len(colours) > 20
    drawing = (tmp_path / "study.svg").read_text(encoding="utf-8")
    assert drawing.count("<path") + drawing.count("<rect") > 12
    exports.export(tmp_path / "study.doc")
    assert not (tmp_path / "study.doc").exists()


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
