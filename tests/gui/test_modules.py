"""Three modules in the window: a slider and a curve for each, and branches in a matrix."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QSlider, QToolButton

from prune3d_gui.core.knobs import knob_named
from prune3d_gui.core.plans import Plan
from prune3d_gui.core.thresholds import Threshold
from prune3d_gui.gui.unit_model import Column
from tests.conftest import settled
from tests.gui.drive import click, drag
from tests.modules import Plugin


@pytest.fixture
def window(open_window):
    return open_window(Plugin())


def rest(window, qtbot):
    qtbot.waitUntil(lambda: settled(window))


def slide(window, qtbot, module, *stops):
    slider = window.findChild(QSlider, f"knob.{module}")
    for stop in stops:
        drag(slider, slider.value(), stop, moves=4)
        rest(window, qtbot)


def xs(window):
    return [x for x, _ in window.plots.charts["l2"].points]


def test_each_module_has_a_heading_that_folds_its_knobs(window, qtbot):
    panel = window.parts.knobs
    heading = panel.findChild(QToolButton, "group.Middle")
    slider = window.findChild(QSlider, "knob.middle")
    assert slider.isVisible()
    height = panel.natural_height()
    click(heading, QPoint(20, heading.height() // 2))
    assert not slider.isVisible()
    assert window.findChild(QSlider, "knob.coarse").isVisible()
    assert panel.natural_height() < height
    panel.set_knobs(window.controller.card.knobs, "coarse")
    again = panel.widgets["middle"]
    assert not again.isVisibleTo(panel), "it stays folded"


def test_three_sliders_make_three_curves(window, qtbot):
    slide(window, qtbot, "coarse", 250, 500)
    assert window.controller.axis.id == "coarse"
    assert xs(window) == [0, 25, 50]
    slide(window, qtbot, "fine", 300, 600, 900)
    assert xs(window) == [0, 30, 60, 90]
    bottom = window.plots.charts["l2"].frame.bottom
    assert bottom.labelText == "Fine rate (%)"
    assert window.plots.charts["l2"].marker[0] == 90
    slide(window, qtbot, "middle", 500)
    assert xs(window) == [0, 50]
    box = window.findChild(QComboBox, "plotAxis")
    assert [box.itemText(i) for i in range(3)] == [
        "Against Coarse rate", "Against Middle rate", "Against Fine rate",
    ]  # fmt: skip
    assert box.isVisible()
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert window.controller.axis.id == "fine"
    assert xs(window) == [90], "with the middle one where it is now"
    assert window.plots.charts["l2"].now == 90
    assert window.viewport.panes["pruned", "space"].caption.count("rate") == 3


def matrix_click(window, unit):
    matrix = window.parts.matrix
    cell = next(cell for cell, found in matrix.cells.items() if found.id == unit)
    click(matrix, matrix.box(cell).center())


def test_a_click_takes_a_branch_out_and_brings_it_back(window, qtbot):
    window.parts.tabs.setCurrentWidget(window.parts.units)
    QApplication.processEvents()
    assert len(window.parts.matrix.cells) == 12
    full = window.controller.frames["full"].scores.values["l2"]
    matrix_click(window, "C1")
    assert window.controller.plan.rates == (("C1", 100.0),)
    rest(window, qtbot)
    frame = window.controller.frames["pruned"]
    assert frame.footprint.nonzero["C1"] == 0
    assert frame.scores.values["l2"] > full
    tree = window.parts.tree
    assert tree.units.index_of("C1", Column.RATE).data() == "100"
    assert tree.currentIndex() == tree.units.index_of("C1")
    matrix_click(window, "C1")
    rest(window, qtbot)
    assert window.controller.frames["pruned"].footprint.nonzero["C1"] == 7
    QTest.keyClick(window.parts.matrix, Qt.Key.Key_Delete)
    assert window.controller.plan == Plan()
    QTest.keyClick(window.parts.matrix, Qt.Key.Key_Down)
    QTest.keyClick(window.parts.matrix, Qt.Key.Key_Space)
    assert window.controller.plan.rates == (("M1", 100.0),)
    window.actions_by_id["undo"].trigger()
    assert window.controller.plan == Plan()


def test_a_branch_that_the_slider_took_is_brought_back_by_a_click(window, qtbot):
    window.parts.tabs.setCurrentWidget(window.parts.units)
    slide(window, qtbot, "fine", 250)
    assert window.controller.frames["pruned"].footprint.nonzero["F4"] == 0
    matrix_click(window, "F4")
    rest(window, qtbot)
    assert window.controller.plan.rates == (("F4", 0.0),)
    assert window.controller.frames["pruned"].footprint.nonzero["F4"] == 7


def test_pixels_tell_what_is_left_and_what_is_gone(window, qtbot):
    window.parts.tabs.setCurrentWidget(window.parts.units)
    matrix_click(window, "M2")
    rest(window, qtbot)
    matrix = window.parts.matrix
    image = matrix.grab().toImage()
    ratio = image.devicePixelRatio()

    def shade(cell):
        place = matrix.box(cell).center() + QPoint(0, 6)
        return image.pixelColor(round(place.x() * ratio), round(place.y() * ratio)).name()

    theme = window.theme
    assert shade((1, 1)) == theme.sunken
    assert {shade((row, 0)) for row in range(3)} == {theme.accent}


def test_a_fraction_of_a_branch_is_refused_in_a_sentence(window, qtbot):
    said = []
    window.controller.noticed.connect(lambda kind, text, _: said.append(text))
    window.controller.set_rates({"C1": 40.0})
    assert "C1 stays or goes as a whole" in said[0]
    assert window.controller.plan == Plan()
    window.controller.set_locks(["C1"], True)
    matrix_click(window, "C1")
    assert window.controller.plan.rates == ()


def test_a_model_without_cells_has_no_matrix(open_window, toy):
    window = open_window(toy)
    window.parts.tabs.setCurrentWidget(window.parts.units)
    assert window.parts.tree.isVisible()
    assert not window.parts.matrix.isVisible()
    assert window.findChild(QComboBox, "plotAxis").isHidden()
    heading = window.parts.tree.units.headerData(
        Column.COUNT, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole
    )
    assert heading == "Weights"


def test_the_count_is_called_what_is_counted(window):
    model = window.parts.tree.units
    role = Qt.ItemDataRole.DisplayRole
    assert model.headerData(Column.COUNT, Qt.Orientation.Horizontal, role) == "Blobs"
    assert knob_named(window.controller.card.knobs, "fine").group == "Fine"


def test_the_form_asks_along_the_knob_turned_last_or_the_one_chosen(window, qtbot):
    slide(window, qtbot, "middle", 250)
    window.actions_by_id["newStudy"].trigger()
    form = window.parts.studies.form
    assert form.axis.id == "middle"
    assert form.fields["values"].label.text() == "Middle rate"
    form.axis_box.setFocus()
    QTest.keyClick(form.axis_box, Qt.Key.Key_Down)
    assert form.axis.id == "fine"
    assert form.asked().axis == "fine"
    form.kind_box.setCurrentIndex(form.kind_box.findData("sensitivity"))
    assert "8 plans on each sample" in form.about.text(), "each branch as it is, and gone"
    form.kind_box.setCurrentIndex(form.kind_box.findData("uniform"))
    form.metric_box.setCurrentIndex(form.metric_box.findData("overlap"))
    form.metric_box.activated.emit(form.metric_box.currentIndex())
    assert form.threshold_line.placeholderText() == "needed"
    assert form.asked() is None
    assert "how much worse" in form.fields["threshold"].error.text()
    QTest.keyClicks(form.threshold_line, "-0.2")
    assert form.asked().threshold == Threshold(-0.2, "difference")
