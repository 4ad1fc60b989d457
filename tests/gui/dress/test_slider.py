"""Knobs: sliders that go where the mouse is, scales, and one widget per kind."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from prune3d_gui.core.plan.knobs import Choice, Knob
from prune3d_gui.gui.dress.slider import DirectSlider
from prune3d_gui.gui.panels.knob_panel import KnobPanel
from prune3d_gui.gui.panels.knob_scales import Scale
from prune3d_gui.gui.panels.knob_widgets import CHOSEN, widget_for
from tests.gui.drive import LEFT, NONE, drag

RATE = Knob("rate", "Rate", "rate", 0.0)
LOG = Knob("tol", "Tolerance", "log", 1e-3, minimum=1e-6, maximum=1.0)
TIME = Knob("time", "Time", "linear", 0.0, "reconstruct", -0.25, 1.0, 0.001, unit="s")
DEPTH = Knob("iso", "Iso", "linear", 0.5, "reconstruct", 0.0, 3.0, 0.25)
STEPS = Knob("views", "Views", "steps", 3, "reconstruct", 1, 9, 1)
SEED = Knob("seed", "Seed", "steps", 0, maximum=9999, step=1)
TOGGLE = Knob("bn", "With BN", "toggle", False)
SCOPE = Knob(
    "scope",
    "Scope",
    "choice",
    "all",
    choices=(Choice("all", "All"), Choice("one", "One")),
    units_allowed=True,
)
KNOBS = (SCOPE, RATE, LOG, STEPS, SEED, TOGGLE)


@pytest.fixture
def slider(qtbot):
    slider = DirectSlider()
    qtbot.addWidget(slider)
    slider.setRange(0, 1000)
    slider.resize(300, 24)
    slider.show()
    qtbot.waitExposed(slider)
    return slider


@pytest.mark.parametrize("wanted", [0, 137, 500, 1000])
def test_a_press_on_the_groove_goes_there(slider, wanted):
    place = slider.place_of(wanted)
    QTest.mousePress(slider, LEFT, NONE, place)
    assert abs(slider.value() - wanted) <= 1000 / 250
    assert slider.isSliderDown()
    QTest.mouseRelease(slider, LEFT, NONE, place)
    assert not slider.isSliderDown()


def test_the_handle_follows_and_lets_go(slider):
    seen = []
    slider.valueChanged.connect(seen.append)
    drag(slider, 200, 800, pause=0)
    assert len(set(seen)) >= 15
    assert seen == sorted(seen)
    assert abs(slider.value() - 800) <= 4
    assert not slider.isSliderDown()


def test_a_press_on_the_handle_does_not_move_it(slider):
    slider.setValue(400)
    place = slider.place_of(400) + QPoint(4, 0)
    QTest.mousePress(slider, LEFT, NONE, place)
    assert slider.value() == 400
    QTest.mouseRelease(slider, LEFT, NONE, place)
    assert slider.value() == 400


@pytest.mark.parametrize("knob", [RATE, LOG, TIME, DEPTH, STEPS], ids=lambda k: k.id)
def test_every_position_is_a_value_that_comes_back(knob):
    scale = Scale(knob)
    values = [scale.value(position) for position in range(scale.positions + 1)]
    assert values[0] == knob.minimum
    assert values[-1] == knob.maximum
    assert all(a < b for a, b in pairwise(values))
    assert all(knob.check(value) == value for value in values)
    assert [scale.position(value) for value in values] == list(range(scale.positions + 1))


def test_a_rate_has_a_thousand_steps_of_a_tenth():
    scale = Scale(RATE)
    assert scale.positions == 1000
    assert scale.value(453) == 45.3


def test_a_linear_knob_has_its_own_steps_but_a_thousand_at_most():
    assert (Scale(DEPTH).positions, Scale(DEPTH).decimals) == (12, 2)
    assert Scale(DEPTH).value(3) == 0.75
    assert (Scale(TIME).positions, Scale(TIME).decimals) == (1000, 3)
    assert Scale(TIME).value(200) == 0.0


def test_an_end_that_the_spin_box_rounds_is_still_in_range(qtbot):
    knob = Knob("iso", "Iso", "linear", 0.5, "reconstruct", 0.0149, 0.9851, 0.01)
    widget = widget_for(knob)
    qtbot.addWidget(widget)
    told = []
    widget.changed.connect(lambda value, held: told.append(knob.check(value)))
    for position in (widget.scale.positions, 0):
        widget.slider.setValue(position)
    widget.spin.setValue(2.0)
    assert told == [0.9851, 0.0149, 0.9851]


def test_the_panel_is_made_from_knobs(qtbot):
    panel = KnobPanel()
    qtbot.addWidget(panel)
    panel.set_knobs(KNOBS, "rate")
    names = ["knob.rate", "spin.rate", "knob.tol", "spin.tol", "knob.views", "choice.scope"]
    for name in [*names, "toggle.bn", "spin.seed"]:
        assert panel.findChild(object, name) is not None, name
    assert next(iter(panel.widgets)) == "rate"
    assert panel.widgets["seed"].slider.isHidden()


def test_widgets_tell_of_hands_and_not_of_plans(qtbot):
    told = []
    for knob, value in ((RATE, 12.5), (LOG, 0.01), (STEPS, 5), (TOGGLE, True), (SCOPE, "one")):
        widget = widget_for(knob)
        qtbot.addWidget(widget)
        widget.changed.connect(lambda value, held: told.append(value))
        widget.show_value(value)
    assert told == []


def test_a_number_can_be_typed(qtbot):
    for knob, text, value in (
        (RATE, "33.3", 33.3),
        (LOG, "2e-5", 2e-5),
        (TIME, "-0.125", -0.125),
        (STEPS, "7", 7),
    ):
        widget = widget_for(knob)
        qtbot.addWidget(widget)
        widget.show()
        told = []
        widget.changed.connect(lambda *change, told=told: told.append(change))
        widget.spin.setFocus()
        widget.spin.selectAll()
        QTest.keyClicks(widget.spin, text)
        QTest.keyClick(widget.spin, Qt.Key.Key_Return)
        assert told == [(value, False)]
        assert abs(widget.slider.value() - Scale(knob).position(value)) <= 1


def test_arrow_keys_step(qtbot):
    widget = widget_for(RATE)
    qtbot.addWidget(widget)
    widget.show()
    told = []
    widget.changed.connect(lambda value, held: told.append((value, held)))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_PageUp, Qt.Key.Key_Left, Qt.Key.Key_Home):
        QTest.keyClick(widget.slider, key)
    assert told == [(0.5, False), (5.5, False), (5.0, False), (0.0, False)]


def test_chosen_units_are_the_last_entry(qtbot):
    widget = widget_for(SCOPE)
    qtbot.addWidget(widget)
    told = []
    widget.changed.connect(lambda value, held: told.append(value))
    widget.set_units(["C1", "C2"])
    assert widget.combo.itemText(widget.combo.count() - 1) == CHOSEN
    widget.combo.setCurrentIndex(2)
    widget.combo.activated.emit(2)
    widget.show_value("C7,C9")
    assert widget.combo.currentText() == CHOSEN
    widget.show_value("one")
    assert widget.combo.currentText() == "One"
    assert told == ["C1,C2"]
