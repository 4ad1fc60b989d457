"""The bundled network in the Studies area: a click on a heat-map cell shows another shape."""

import numpy as np
import pytest

from prune3d_gui.core.registry import discover
from prune3d_gui.gui.study.record import DONE
from prune3d_gui.gui.study.views import HEAT
from prune3d_gui.plugins.pgn.system import PgnSystem
from tests.gui.drive import click

if not PgnSystem().bundled():
    pytest.skip("the bundled weights are not installed", allow_module_level=True)


def test_a_click_on_a_heat_map_cell_shows_another_shape(open_window, qtbot):
    window = open_window(discover(), system="pgn")
    window.actions_by_id["newStudy"].trigger()
    form = window.parts.studies.form
    form.kind_box.setCurrentIndex(form.kind_box.findData("sensitivity"))
    form.values_line.setText("80")
    form.samples_line.setText("val:2")
    form.count_box.setValue(1)
    click(form.start_button, form.start_button.rect().center())
    qtbot.waitUntil(lambda: bool(window.studies.records), timeout=60_000)
    (record,) = window.studies.records
    qtbot.waitUntil(lambda: not record.live, timeout=280_000)
    assert record.state == DONE, record.message
    units = window.controller.card.units
    assert len(record.found) == len(units)
    heat = window.parts.studies.views.heat
    qtbot.waitUntil(
        lambda: sum(one is not None for line in heat.cells for one in line) == len(units)
    )
    assert window.parts.studies.views.view == HEAT
    worst = max(record.found, key=lambda found: found.row["chamfer_x1000"])
    before = window.viewport.scene("pruned").layers[0].data.points.copy()
    sample = window.controller.sample
    click(heat.canvas.viewport(), heat.place_of(worst))
    assert window.controller.plan.rates == ((worst.row["unit"], 80.0),)
    qtbot.waitUntil(lambda: window.controller.settled, timeout=60_000)
    assert window.controller.sample == sample
    after = window.viewport.scene("pruned").layers[0].data.points
    assert np.abs(after - before).max() > 0.05
    assert heat.cells[heat.present[0]][heat.present[1]] is worst
