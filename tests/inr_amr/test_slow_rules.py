"""Rules whose full mesh does not follow a drag: they say so, and do not hold up the picture."""

import pytest

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.plan.plans import Plan, resolve
from prune3d_gui.core.scene.scenes import Grid, Mesh
from prune3d_gui.plugins.inr_amr.mesh.meshing import QUICK_CELLS
from prune3d_gui.plugins.inr_amr.network.controls import RULE

SLOW = {"hybrid": "decomposed", "gradient": "differentiated"}


@pytest.mark.parametrize("rule", SLOW)
def test_the_choice_says_why_it_does_not_follow_a_drag(rule):
    (choice,) = (choice for choice in RULE.choices if choice.id == rule)
    assert "does not follow a drag" in choice.help
    assert SLOW[rule] in choice.help
    assert "Stop" in choice.help


def stages(model, quality, **knobs):
    applied = model.apply(Plan())
    _, query = resolve(model.knobs, knobs)
    return list(model.reconstruct(applied, "ball", query, quality, CancelToken()))


@pytest.mark.parametrize("rule", SLOW)
def test_a_preview_of_its_cells_has_few(make_model, rule):
    (stage,) = stages(make_model(), "preview", rule=rule, view="cells", threshold=1e-4)
    grid = stage.scene.layers[0].data
    assert isinstance(grid, Grid)
    assert 1 < len(grid.levels) <= QUICK_CELLS[3]


@pytest.mark.parametrize("rule", SLOW)
def test_the_surface_of_the_network_comes_before_its_mesh(make_model, rule):
    *before, full = stages(make_model(), "full", rule=rule, view="surface", cells=600)
    assert before[-1].quality == "preview"
    assert full.quality == "full"
    shown, then = (stage.scene.layer("surface").data for stage in (before[-1], full))
    assert isinstance(shown, Mesh)
    assert shown.points is then.points
