"""The network's own surface: in a narrow band, as the whole grid has it; errors in two parts."""

import math
from functools import partial

import numpy as np
import pytest
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
from vtkmodules.vtkCommonCore import reference, vtkPoints
from vtkmodules.vtkCommonDataModel import (
    vtkCellArray,
    vtkGenericCell,
    vtkPolyData,
    vtkStaticCellLocator,
)

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.drawn import drawn
from prune3d_gui.core.errors import Cancelled
from prune3d_gui.core.plan.plans import Plan, Query, resolve
from prune3d_gui.core.scene.scenes import Grid
from prune3d_gui.core.score.scores import scale_shown
from prune3d_gui.plugins.inr_amr import surface
from prune3d_gui.plugins.inr_amr.mesh.specs import RuleSpec
from prune3d_gui.plugins.inr_amr.network.domain import Domain, Slice, in_parts
from prune3d_gui.plugins.inr_amr.opening import open_field
from prune3d_gui.plugins.inr_amr.shipped import installed
from prune3d_gui.plugins.inr_amr.surface import dense_surface, network_surface

TURN = math.radians(30)
BOX = Domain(
    (-1.0,) * 3, (1.0,) * 3, 3, (10.0, 20.0, 30.0), (8.0, 4.0, 2.0), "mm", -1.0, 1.0,
    box_to_world=(
        math.cos(TURN), -math.sin(TURN), 0, 5, math.sin(TURN), math.cos(TURN), 0, -3,
        0, 0, 1, 7, 0, 0, 0, 1,
    ),
)  # fmt: skip


def bumpy(unit):
    """Two balls, one small, in values that bend."""
    unit = np.asarray(unit, float)
    big = 0.3 - np.linalg.norm(unit - 0.45, axis=1)
    small = 0.03 - np.linalg.norm(unit - (0.9, 0.88, 0.9), axis=1)
    return (np.maximum(big, small) + 0.01 * np.sin(40 * unit[:, 0])).astype(np.float32)


class Counted:
    def __init__(self, evaluate):
        self.evaluate, self.points = evaluate, 0

    def __call__(self, unit):
        self.points += len(unit)
        return self.evaluate(unit)


def areas(mesh):
    a, b, c = (mesh.points[mesh.faces[:, k]].astype(float) for k in range(3))
    return np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2


def somewhere(mesh, count=3_000, seed=0):
    """Points of a surface, by area."""
    random, area = np.random.default_rng(seed), areas(mesh)
    face = random.choice(len(area), count, p=area / area.sum())
    share = random.random((count, 2))
    share = np.where(share.sum(axis=1, keepdims=True) > 1, 1 - share, share)
    a, b, c = (mesh.points[mesh.faces[face, k]].astype(float) for k in range(3))
    return a + share[:, :1] * (b - a) + share[:, 1:] * (c - a)


def distances(points, mesh):
    """From points to the nearest place of a surface's triangles."""
    data, places, cells = vtkPolyData(), vtkPoints(), vtkCellArray()
    places.SetData(numpy_to_vtk(mesh.points.astype(float), deep=True))
    cells.SetData(3, numpy_to_vtkIdTypeArray(mesh.faces.astype(np.int64).ravel(), deep=True))
    data.SetPoints(places)
    data.SetPolys(cells)
    locator = vtkStaticCellLocator()
    locator.SetDataSet(data)
    locator.BuildLocator()
    at, cell, number, part, squared = [0.0] * 3, vtkGenericCell(), *(reference(0) for _ in range(3))
    found = np.empty(len(points))
    for row, point in enumerate(points):
        squared = reference(0.0)
        locator.FindClosestPoint(point, at, cell, number, part, squared)
        found[row] = math.sqrt(float(squared))
    return found


def test_the_band_gives_the_surface_of_the_whole_grid_for_a_share_of_its_points():
    counted = Counted(bumpy)
    found = network_surface(counted, BOX, 0.0)
    plain = dense_surface(bumpy, BOX, 0.0, 2 * surface.COARSE)
    assert np.array_equal(found.faces, plain.faces)
    np.testing.assert_allclose(found.points, plain.points, atol=1e-5)
    assert counted.points < 0.2 * (2 * surface.COARSE + 1) ** 3
    unit = BOX.to_unit(found.points)
    assert (np.linalg.norm(unit - (0.9, 0.88, 0.9), axis=1) < 0.06).any(), "the small ball is there"


def test_the_band_is_halved_until_half_of_the_surface_is_near_enough(monkeypatch):
    rough = lambda unit: np.sin(60 * np.asarray(unit, float)).sum(axis=1).astype(np.float32)  # noqa: E731
    unit_box = Domain((0.0,) * 3, (1.0,) * 3, 3, (0.0,) * 3, (1.0,) * 3)
    monkeypatch.setattr(surface, "COARSE", 16)
    monkeypatch.setattr(surface, "HALVINGS", 4)
    found = network_surface(rough, unit_box, 0.5)
    truth = dense_surface(rough, unit_box, 0.5, 256)
    away = np.median(distances(somewhere(found), truth))
    assert away <= surface.NEAR_ENOUGH
    assert len(found.faces) < 0.6 * len(truth.faces), "and not further"


def test_no_surface_is_an_empty_one_and_holes_are_left_open():
    assert not len(network_surface(bumpy, BOX, 9.0).faces)

    def holed(unit):
        values = bumpy(unit)
        values[np.asarray(unit)[:, 2] > 0.5] = np.nan
        return values

    found = network_surface(holed, BOX, 0.0)
    assert len(found.faces)
    assert np.isfinite(found.points).all()
    assert BOX.to_unit(found.points)[:, 2].max() <= 0.5 + 1e-5


def test_a_stop_is_obeyed_within_the_band(make_model):
    model, cancel = make_model(), CancelToken()
    field = Slice(model.network, model.domain)
    seen = []

    def evaluate(unit):
        seen.append(len(unit))
        if len(seen) == 2:  # the whole grid came first
            cancel.cancel()
        return in_parts(field.values, unit, cancel)

    with pytest.raises(Cancelled):
        network_surface(evaluate, model.domain, 0.0)
    assert len(seen) == 2


def shown(model, plan=None, **looks):
    pruning, query = resolve(model.knobs, looks)
    applied = model.apply(plan or pruning)
    stages = list(model.reconstruct(applied, model.own, query, "full", CancelToken()))
    return applied, query, stages


def test_full_quality_is_the_networks_surface_and_the_meshs_is_a_choice(make_model):
    model = make_model()
    field = Slice(model.network, model.domain)
    off = {}
    for source in ("network", "mesh"):
        applied, query, stages = shown(model, source=source, threshold=0.2, depth=4)
        points = stages[-1].scene.layer("surface").data.points
        off[source] = np.abs(field.values(model.domain.to_unit(points))).mean()
        assert stages[-1].scene.first(Grid) is not None, "numbers and files have their mesh"
        scores = model.score(applied, model.own, query, stages[-1], None)
        assert scores.values["cells"] == len(stages[-1].scene.first(Grid).cells)
    assert off["network"] < 0.05 * off["mesh"]


def test_the_surface_comes_before_the_mesh_and_stays(make_model):
    _, _, stages = shown(make_model())
    assert [(s.quality, s.name) for s in stages] == [
        ("preview", ""),
        ("preview", "network"),
        ("full", ""),
    ]
    early, last = (stage.scene.layer("surface").data for stage in stages[1:])
    assert early is last


def test_errors_are_told_in_two_parts_and_each_can_colour(make_model):
    model = make_model()
    applied, query, stages = shown(model, tolerance=0.1, depth=4)
    scores = model.score(applied, model.own, query, stages[-1], None)
    mesh = stages[-1].scene.layer("surface").data
    unit = np.clip(model.domain.to_unit(mesh.points), 0, 1)
    own = model.slice(applied, query).values(unit)
    full = Slice(model.network, model.domain).values(unit)
    found = scores.arrays["surface"]
    np.testing.assert_allclose(found["pruning_error"], np.abs(full - own), atol=1e-6)
    grid = model._meshes.mesh_of(stages[-1].scene.first(Grid))
    np.testing.assert_allclose(
        found["meshing_error"], np.abs(grid.interpolate(unit) - own), atol=1e-6
    )
    assert scores.values["pruning_rmse"] > 0
    scene = stages[-1].scene.with_arrays(scores.arrays)
    for array in ("error", "pruning_error", "meshing_error"):
        _, coloured = resolve(model.knobs, {"surface_by": array})
        looked = drawn(scene, coloured, model.knobs)
        assert looked.layer("surface").colour == array
        assert scale_shown(model.colours, looked).array == array


def test_nothing_pruned_has_no_pruning_error_and_no_mesh_no_meshing_error(make_model):
    model = make_model()
    applied, query, stages = shown(model)
    for stage in stages:
        scores = model.score(applied, model.own, query, stage, None)
        found = scores.arrays["surface"]
        assert not found["pruning_error"].any()
        assert np.isnan(found["meshing_error"]).all() == (stage.quality == "preview")
        assert scores.values["pruning_rmse"] == 0


def test_studies_give_the_numbers_of_the_window_and_draw_nothing(make_model, monkeypatch):
    model = make_model()
    applied, query, stages = shown(model, tolerance=0.05)
    known = model.score(applied, model.own, query, stages[-1], None)
    monkeypatch.setattr("prune3d_gui.plugins.inr_amr.showing.network_surface", None)
    for again in (model, make_model()):
        applied = again.apply(resolve(model.knobs, {"tolerance": 0.05})[0])
        (scores,) = again.evaluate(applied, (again.own,), Query(), {})
        assert dict(scores.values) == dict(known.values)
        assert scores.against == known.against


def test_the_rule_surface_spends_its_cells_at_the_surface(make_model):
    model = make_model()
    field = Slice(model.network, model.domain)
    off = {}
    for rule in ("interpolation", "surface"):
        spec = model._meshes.spec(
            resolve(model.knobs, {"rule": rule, "target": 0.1, "threshold": 0.002})[1],
            {knob.id: knob for knob in model.knobs},
        )
        assert spec.rule == RuleSpec(rule, 0.002, 0.0, spec.rule.tolerance, 256, 32, 0, 0.1)
        spec = type(spec)(spec.rule, depth=7, cells=1_500, bulk=0.3, ignore_threshold=True)
        *_, mesh = model._meshes.mesher(field, spec).rounds(CancelToken())
        unit = np.random.default_rng(0).random((20_000, 3))
        values = field.values(unit)
        near = np.abs(values - 0.1) < 0.03
        off[rule] = np.sqrt(np.mean((mesh.interpolate(unit[near]) - values[near]) ** 2))
    assert off["surface"] < 0.9 * off["interpolation"]


@pytest.mark.skipif(len(installed()) < 2, reason="the bundled fields are not installed")
@pytest.mark.parametrize("name", ["chest", "chest_relu"])
def test_the_shipped_chests_are_within_a_quarter_of_a_voxel(name):
    """In a corner of the box, so that the contour of the 384 grid is not evaluated as a whole."""
    model = open_field(name, "", "cpu")
    try:
        whole = model.domain
        evaluate = partial(in_parts, Slice(model.network, whole).values, cancel=CancelToken())
        found = network_surface(evaluate, whole, model.iso)
        low, part = np.array((0.25, 0.125, 0.5)), 0.25
        corner = Domain(
            whole.lower, whole.upper, 3,
            tuple(np.add(whole.origin, low * whole.size)), tuple(part * np.array(whole.size)),
        )  # fmt: skip
        truth = dense_surface(lambda u: evaluate(low + part * u), corner, model.iso, 96)
        assert len(truth.faces) > 5_000
        away = distances(somewhere(truth), found)
        assert np.median(away) <= min(whole.size) / 256 / 4
        quick = dense_surface(evaluate, whole, model.iso, 39)
        assert np.median(away) < 0.25 * np.median(distances(somewhere(truth), quick))
    finally:
        model.close()


def test_an_unpruned_plan_and_a_pruned_one_do_not_share_a_surface(make_model):
    model = make_model()
    _, _, plain = shown(model)
    _, _, cut = shown(model, tolerance=0.2)
    assert plain[-1].scene.layer("surface").data is not cut[-1].scene.layer("surface").data
    _, _, again = shown(model, plan=Plan())
    assert again[-1].scene.layer("surface").data is plain[-1].scene.layer("surface").data
