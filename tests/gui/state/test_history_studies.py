"""A study of one system leads to its plan while another system is open."""

from dataclasses import replace
from pathlib import Path

import pytest

from prune3d_gui.core.registry import discover
from prune3d_gui.gui.study.views import HEAT
from prune3d_gui.studies.run import worker
from tests.conftest import settled
from tests.gui.drive import click
from tests.gui.study.steps import row_of, study, views_of

TOY = Path(__file__).parents[2] / "toy.py"
PLAIN = """
Plugin.id = "plain"
TOLERANCE = replace(TOLERANCE, kind="linear", default=0.0, minimum=0.0)
ToyModel.knobs = (TOLERANCE, SCOPE, GRID)
ToyModel.weights_hash = "plain-1"
"""
"""The toy with an axis that begins at 0, where a logarithmic one has no place."""


@pytest.fixture
def plugins(tmp_path, monkeypatch):
    folder = tmp_path / "plugins"
    folder.mkdir()
    for name, lines in (("toy", ""), ("plain", PLAIN)):
        (folder / f"{name}.py").write_text(TOY.read_text(encoding="utf-8") + lines, "utf-8")
    monkeypatch.setenv("PRUNE3D_PLUGINS", str(folder))
    yield folder
    worker.forget()


def test_a_cell_of_another_systems_study_is_gone_to(open_window, plugins, qtbot, monkeypatch):
    registry = discover()
    window = open_window(registry, system="plain")
    window.actions_by_id["showStudies"].trigger()
    record = study(window, qtbot, values="0,0.5", samples="val:1")
    toy = registry.system("toy")
    window.opening.open_ref(toy, toy.bundled()[0])
    controller = window.controller
    qtbot.waitUntil(lambda: controller.card.ref.system == "toy" and settled(window))
    views = views_of(window, HEAT)
    target = row_of(record, unit="low", tolerance=0.0)
    click(views.heat.canvas.viewport(), views.heat.place_of(target))
    qtbot.waitUntil(lambda: controller.card.ref.system == "plain" and settled(window))
    assert controller.plan == target.case.plan
    assert window.parts.plots.axis_box.itemData(0) == controller.axis
    assert not window.notices.visible
    window.actions_by_id["undo"].trigger()
    qtbot.waitUntil(lambda: settled(window))
    assert controller.plan != target.case.plan


def test_a_study_of_a_network_that_is_another_now_says_so(open_window, plugins, qtbot):
    registry = discover()
    window = open_window(registry, system="plain")
    window.actions_by_id["showStudies"].trigger()
    record = study(window, qtbot, values="0,0.5", samples="val:1")
    toy = registry.system("toy")
    window.opening.open_ref(toy, toy.bundled()[0])
    controller = window.controller
    qtbot.waitUntil(lambda: controller.card.ref.system == "toy" and settled(window))
    record.card = replace(record.card, weights_hash="plain-0")  # its file was other weights then
    views = views_of(window, HEAT)
    target = row_of(record, unit="low", tolerance=0.5)
    click(views.heat.canvas.viewport(), views.heat.place_of(target))
    qtbot.waitUntil(lambda: controller.card.ref.system == "plain" and settled(window))
    assert controller.plan != target.case.plan
    assert "other weights" in window.notices.visible[-1]
