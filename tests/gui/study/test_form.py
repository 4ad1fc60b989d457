"""The form of a study: what is asked for, and what is wrong said beside its field."""

import pytest
from PySide6.QtWidgets import QPushButton

from tests.gui.drive import click
from tests.gui.study.steps import study


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


def test_nothing_asked_yet_says_what_studies_are(open_on):
    window = open_on()
    panel = window.parts.studies
    button = panel.findChild(QPushButton, "studyFirst")
    assert button.isVisible()
    assert not window.actions_by_id["exportStudy"].isEnabled()
    click(button, button.rect().center())
    assert panel.stack.currentWidget() is panel.form


def test_sensitivity_of_the_scope_leaves_the_rest_alone(open_on, qtbot):
    window = open_on()
    scope = next(knob for knob in window.controller.card.knobs if knob.id == "scope")
    window.controller.set_value(scope, "detail")
    window.parts.studies.form.units_box.setCurrentIndex(1)
    record = study(window, qtbot, samples="val:1", values="0.01,0.5")
    assert {found.row["unit"] for found in record.found} == {"mid", "high"}
    assert all("low" in found.case.plan.locks for found in record.found)
