"""The unit tree: a tree of any depth, edited by hand."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit

from prune3d_gui.core.plan.knobs import knob_named
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.core.plan.units import Unit
from prune3d_gui.gui.panels.unit_model import FRACTION, LOCKED, Column, UnitModel
from tests.conftest import drain, settled
from tests.gui.drive import click

CHECK = Qt.ItemDataRole.CheckStateRole
UNITS = (
    Unit("C1", "encoder.conv1.weight", ("encoder",), 100, 5),
    Unit("C2", "encoder.layer1.0.weight", ("encoder", "layer1"), 300, 7),
    Unit("C3", "encoder.layer1.1.weight", ("encoder", "layer1"), 500),
    Unit("D1", "decoder.weight", (), 100),
)


@pytest.fixture
def model(qapp):
    model = UnitModel()
    model.set_units(UNITS, True)
    return model


def at(model, *rows, column=0):
    index = model.index(rows[0], column)
    for row in rows[1:]:
        index = model.index(row, column, model.index(index.row(), 0, model.parent(index)))
    return index


def test_groups_sum(model):
    encoder = model.index(0, 0)
    assert [model.index(r, 0).data() for r in range(model.rowCount())] == ["encoder", "D1"]
    assert model.index(0, Column.COUNT).data() == "900"
    assert model.index(0, Column.SHARE).data() == "90.0"
    assert model.index(1, Column.COUNT, encoder).data() == "800"
    assert model.index(0, Column.MACS).data() == "12"
    assert model.parent(model.index(1, 0, encoder)) == encoder


def test_tips_give_the_full_name(model):
    assert "encoder.layer1.0.weight" in model.index_of("C2").data(Qt.ItemDataRole.ToolTipRole)


def test_what_is_left_is_shown_and_summed(model):
    model.show_left({"C1": 50, "C2": 0, "C3": 400, "D1": 100}, frozenset({"C1", "C2"}))
    assert model.index(0, Column.NONZERO).data(FRACTION) == pytest.approx(450 / 900)
    assert model.index_of("C2", Column.NONZERO).data() == "0.0 %"
    assert model.index_of("C1").data(CHECK) == Qt.CheckState.Checked
    assert model.index(0, 0).data(CHECK) == Qt.CheckState.PartiallyChecked


def test_plans_show_in_rates_and_locks(model):
    model.show_plan(Plan().with_rate("C2", 30).with_rate("C3", 30).with_lock("C1", True))
    layer = model.parent(model.index_of("C2"))
    assert model.index(layer.row(), Column.RATE, model.parent(layer)).data() == "30"
    assert model.index(0, Column.RATE).data() == ""
    assert model.index_of("C1", Column.LOCK).data(LOCKED) == "on"
    assert model.index(0, Column.LOCK).data(LOCKED) == "some"


def test_the_last_unit_in_scope_stays(model):
    model.show_left({}, frozenset({"D1"}))
    told = []
    model.scope_edited.connect(told.append)
    assert not model.setData(model.index_of("D1"), Qt.CheckState.Unchecked, CHECK)
    model.setData(model.index_of("C1"), Qt.CheckState.Checked, CHECK)
    assert told == [frozenset({"D1", "C1"})]


def test_qt_finds_no_fault_with_the_model(model, qtmodeltester):
    model.show_left({"C1": 50}, frozenset({"C1"}))
    qtmodeltester.check(model, force_py=True)


@pytest.fixture
def window(open_window, toy):
    window = open_window(toy)
    window.parts.tabs.setCurrentWidget(window.parts.units)
    QApplication.processEvents()
    return window


def cell(window, unit, column):
    tree = window.parts.tree
    return tree, tree.visualRect(tree.units.index_of(unit, column)).center()


def test_a_click_on_the_lock_locks(window, qtbot):
    tree, place = cell(window, "mid", Column.LOCK)
    click(tree.viewport(), place)
    assert window.controller.plan.locks == ("mid",)
    qtbot.waitUntil(lambda: settled(window))
    click(tree.viewport(), place)
    assert window.controller.plan == Plan()


def ink(tree, index):
    """How much of a cell differs from its ground."""
    grab = tree.viewport().grab(tree.visualRect(index)).toImage()
    ground = grab.pixelColor(1, 1)
    pixels = [grab.pixelColor(x, y) for x in range(grab.width()) for y in range(grab.height())]
    return sum(abs(p.red() - ground.red()) + abs(p.blue() - ground.blue()) for p in pixels)


@pytest.mark.parametrize("theme", ["themeLight", "themeDark"])
def test_locked_some_and_free_look_different_selected_or_not(window, theme):
    window.actions_by_id[theme].trigger()
    tree = window.parts.tree
    window.controller.set_locks(["mid"], True)
    group = tree.units.index(0, Column.LOCK)
    locked, free = (tree.units.index_of(unit, Column.LOCK) for unit in ("mid", "low"))
    tree.clearSelection()
    plain = [ink(tree, cell) for cell in (locked, group, free)]
    assert plain[0] > 1.15 * plain[1]
    assert plain[1] > 1.15 * plain[2] > 1000
    for index in (locked, group, free):
        tree.setCurrentIndex(index.siblingAtColumn(0))
        QApplication.processEvents()
        assert ink(tree, index) > 0.5 * plain[(locked, group, free).index(index)]


def test_a_group_locks_all_of_it(window):
    tree = window.parts.tree
    place = tree.visualRect(tree.units.index(0, Column.LOCK)).center()
    click(tree.viewport(), place)
    assert window.controller.plan.locks == ("high", "low", "mid")


def test_a_rate_is_typed_and_taken_away(window, qtbot):
    tree, place = cell(window, "high", Column.RATE)
    click(tree.viewport(), place)
    for text, rates in (("40", (("high", 40.0),)), ("", ())):
        QTest.keyClick(tree, Qt.Key.Key_F2)
        editor = tree.viewport().findChildren(QLineEdit)[-1]
        editor.selectAll()
        QTest.keyClick(editor, Qt.Key.Key_Delete)
        QTest.keyClicks(editor, text)
        QTest.keyClick(editor, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda rates=rates: window.controller.plan.rates == rates)
        qtbot.waitUntil(lambda: settled(window))
        drain()
    window.actions_by_id["undo"].trigger()
    assert window.controller.plan.rates == (("high", 40.0),)


def test_checks_choose_the_scope(window, qtbot):
    tree = window.parts.tree
    rect = tree.visualRect(tree.units.index_of("low"))
    click(tree.viewport(), QPoint(rect.left() + 9, rect.center().y()))
    scope = knob_named(window.controller.card.knobs, "scope")
    assert window.controller.plan.value(scope) == "mid,high"
    assert window.findChild(QComboBox, "choice.scope").currentText() == "Chosen units"
    qtbot.waitUntil(lambda: settled(window))
    assert tree.units.scope == {"mid", "high"}


def test_bars_follow_each_frame(window, qtbot):
    tree = window.parts.tree
    tolerance = knob_named(window.controller.card.knobs, "tolerance")
    window.controller.set_value(tolerance, 0.05)
    qtbot.waitUntil(lambda: settled(window))
    left = window.controller.frames["pruned"].footprint.nonzero
    assert tree.units.index_of("high", Column.NONZERO).data(FRACTION) == left["high"] / 48
    assert left["high"] < 48
