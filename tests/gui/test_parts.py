"""Parts in the window: folded out below the numbers, thin lines, rows of a study, an alarm."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox

from prune3d_gui.core.plan.knobs import knob_named
from prune3d_gui.core.registry import discover
from prune3d_gui.files.tables import read_rows
from prune3d_gui.gui.study.asking.asked import SWEEP, Asked
from prune3d_gui.gui.study.record import DONE
from prune3d_gui.gui.study.views import CURVES, HEAT, TABLE
from prune3d_gui.studies.run import worker
from prune3d_gui.studies.run.places import WorkersSpec
from tests.conftest import settled
from tests.gui.drive import LEFT, NONE
from tests.toy import SIZES
from tests.variants import PARTED

TOY = Path(__file__).parents[1] / "toy.py"


@pytest.fixture
def window(open_window, tmp_path, monkeypatch):
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "parted.py").write_text(TOY.read_text(encoding="utf-8") + PARTED, encoding="utf-8")
    monkeypatch.setenv("PRUNE3D_PLUGINS", str(folder))
    yield open_window(discover(), system="parted")
    worker.forget()


def visit(window, qtbot, *values):
    tolerance = knob_named(window.controller.card.knobs, "tolerance")
    for value in values:
        window.controller.set_value(tolerance, value)
        qtbot.waitUntil(lambda: settled(window))


def item_of(window, title):
    (item,) = window.parts.numbers.table.findItems(title, Qt.MatchFlag.MatchExactly)
    return item


def read(item):
    children = [item.child(place) for place in range(item.childCount())]
    return {child.text(0): (child.text(1), child.text(2)) for child in children}


def test_parts_fold_out_below_their_metric(window, qtbot):
    visit(window, qtbot, 0.1)
    table, share = window.parts.numbers.table, item_of(window, "Share ↑")
    assert not share.isExpanded()
    assert item_of(window, "Relative L2 ↓").childCount() == 0
    QTest.mouseClick(table.viewport(), LEFT, NONE, table.visualItemRect(share).center())
    assert share.isExpanded()
    assert list(read(share)) == list(SIZES)
    assert read(share)["low"] == ("1", "1")
    assert read(share)["high"] == ("1", "0")
    assert read(item_of(window, "Loss ↓"))["high"] == ("0", "–"), "nothing is left to lose"
    visit(window, qtbot, 0.02)
    share = item_of(window, "Share ↑")
    assert share.isExpanded(), "it stays as a hand left it"
    assert read(share)["high"][1] not in ("0", "–")
    table.setFocus(Qt.FocusReason.TabFocusReason)
    table.setCurrentItem(share)
    QTest.keyClick(table, Qt.Key.Key_Left)
    assert not share.isExpanded()


def test_a_sample_that_lacks_a_part_shows_no_number(window, qtbot):
    window.controller.select_sample("s1")
    qtbot.waitUntil(lambda: settled(window) and window.controller.sample == "s1")
    share = item_of(window, "Share ↑")
    assert read(share)["high"] == ("–", "–")
    assert share.text(1) == "1"


def test_what_vanishes_is_said_once_and_stays_below_the_numbers(window, qtbot):
    def alarms():
        return [text for _, text in window.notices.log if text.startswith("Vanished")]

    visit(window, qtbot, 0.02)
    assert alarms() == []
    visit(window, qtbot, 0.1, 0.2)
    said = "Vanished, against the full model: class high."
    assert alarms() == [said]
    assert window.parts.numbers.note.text().startswith(said)
    lost = item_of(window, "Share ↑").child(2)
    assert lost.foreground(2).color().name() == window.theme.error
    assert item_of(window, "Share ↑").child(0).foreground(2).color().name() == window.theme.text
    visit(window, qtbot, 0.5)
    assert alarms()[1:] == ["Vanished, against the full model: class mid."]
    visit(window, qtbot, 0.02)
    assert "Vanished" not in window.parts.numbers.note.text()
    visit(window, qtbot, 0.1)
    assert alarms()[2:] == [said], "it was back in between"


def test_previews_raise_no_alarm(window, qtbot):
    tolerance = knob_named(window.controller.card.knobs, "tolerance")
    frames = []
    window.controller.frame_shown.connect(
        lambda frame: frames.append((frame.quality, bool(window.parts.numbers.note.text())))
    )
    window.controller.set_value(tolerance, 0.1, dragging=True)
    qtbot.waitUntil(lambda: ("preview", True) in frames or ("preview", False) in frames)
    log = [text for _, text in window.notices.log if text.startswith("Vanished")]
    assert log == []
    window.controller.release()
    qtbot.waitUntil(lambda: settled(window))


def test_each_part_has_a_thin_line(window, qtbot):
    visit(window, qtbot, 0.02, 0.1, 0.5)
    chart = window.plots.charts["share"]
    assert list(chart.parts.points) == [f"class {band}" for band in SIZES]
    high = chart.parts.points["class high"]
    assert [x for x, _ in high] == [0.001, 0.02, 0.1, 0.5]
    assert high[0][1] == 1.0
    assert high[2][1] == high[3][1] == 0.0
    loss = window.plots.charts["loss"].parts.points
    assert [x for x, _ in loss["class high"]] == [0.001, 0.02], "undefined from there on"
    at = chart.frame.box.mapViewToScene(QPointF(chart.across.place(0.1), 0.0))
    assert chart.words_at(at + QPointF(1, -1)) == "Tolerance 0.1000: Share of class high 0"
    assert window.plots.charts["l2"].parts.points == {}


def test_curves_are_written_with_their_parts(window, qtbot, tmp_path):
    visit(window, qtbot, 0.1)
    window.exports.export_curves(tmp_path / "curves.csv")
    rows = read_rows(tmp_path / "curves.csv")
    assert [row["part"] for row in rows] == [None, *SIZES] * 2
    assert {row["part_kind"] for row in rows[5:]} == {"class"}
    assert rows[7]["share"] == 0.0
    assert rows[4]["tolerance"] == 0.1


@pytest.fixture
def studied(window, qtbot):
    """The window with a study of parts that is done."""
    window.actions_by_id["showStudies"].trigger()
    one, values = WorkersSpec(count=1), (0.001, 0.1, 0.5)
    window.studies.ask(Asked(SWEEP, values, "val:2", axis="tolerance", workers=one))
    qtbot.waitUntil(lambda: bool(window.studies.records))
    qtbot.waitUntil(lambda: window.studies.records[0].state == DONE, timeout=60_000)
    return window


def test_a_study_is_seen_whole_or_by_its_parts(studied, qtbot, tmp_path):
    views = studied.parts.studies.views
    record = views.record
    box = studied.findChild(QComboBox, "studyParts")
    assert [box.itemText(i) for i in range(box.count())] == ["Whole", "By class"]
    views.metric_box.setCurrentIndex(views.metric_box.findData("share"))
    assert len(views.curves.lines) == 1
    box.setCurrentIndex(1)
    assert [line.label for line in views.curves.lines] == list(SIZES)
    assert [point.y for point in views.curves.lines[2].points] == [1.0, 0.0, 0.0]
    assert not views.curves._level.isVisible(), "a part is not the whole"
    views.show_view(TABLE)
    assert views.table.rows.rowCount() == 9
    assert "part" in views.table.rows.columns
    found = views.table.rows.found[4]
    assert (found.row["part"], found.row["tolerance"]) == ("mid", 0.1)
    place = views.table.place_of(found)
    QTest.mouseClick(views.table.viewport(), LEFT, NONE, place + QPoint(2, 0))
    qtbot.waitUntil(lambda: settled(studied))
    assert studied.controller.plan == found.case.plan
    assert sum(one.is_of(views._present) for one in views.table.rows.found) == 3
    views.show_view(HEAT)
    assert box.isHidden()
    views.show_view(CURVES)
    box.setCurrentIndex(0)
    assert len(views.curves.lines) == 1
    studied.studies_exports.export(tmp_path / "study.json")
    rows = read_rows(tmp_path / "study.json")
    assert [row.get("part") for row in rows] == [None, *SIZES] * 3
    assert record.rows[0]["undefined"] == 1
