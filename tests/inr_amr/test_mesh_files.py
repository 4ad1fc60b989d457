"""Meshes made without a window: by number of cells or error, in files that reopen."""

import copy
import json
import math
from pathlib import Path

import numpy as np
import pytest
import pyvista as pv
import torch
from vtkmodules.vtkFiltersHyperTree import vtkHyperTreeGridToUnstructuredGrid
from vtkmodules.vtkIOXML import vtkXMLHyperTreeGridReader

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.core.jobs import Progress, Said
from prune3d_gui.files.grids import GRID_SUFFIXES
from prune3d_gui.files.meshes import SUFFIXES
from prune3d_gui.files.moments import read_moment
from prune3d_gui.plugins.inr_amr.jobs import MESHING, mesh_field
from prune3d_gui.plugins.inr_amr.mesh.specs import RULES
from prune3d_gui.plugins.inr_amr.stored.checkpoint import load_field, save_field

COLUMNS = {"rule", "cells", "points", "dofs", "rmse", "rmse_error", "rel_l2", "seconds"}
COLUMNS |= {"params", "bytes", "definitions"}


@pytest.fixture
def weights(fits, tmp_path):
    def weights(dimension=3, timed=False):
        network, domain, _ = fits[dimension, timed]
        path = tmp_path / f"field{dimension}{timed}.safetensors"
        save_field(path, network, domain, {"iso": "0"})
        return str(path)

    return weights


def run(cancel=None, report=lambda progress: None, **options):
    values = {option.name: option.default for option in MESHING} | {"device": "cpu"} | options
    return mesh_field(values, report, cancel or CancelToken())


def reopened(path):
    if path.suffix != ".htg":
        return pv.read(path)
    reader, convert = vtkXMLHyperTreeGridReader(), vtkHyperTreeGridToUnstructuredGrid()
    reader.SetFileName(str(path))
    convert.SetInputConnection(reader.GetOutputPort())
    convert.Update()
    return pv.wrap(convert.GetOutput())


def test_what_was_assumed_is_said_and_progress_is_of_all_rules(fits, tmp_path):
    network, _, _ = fits[2, False]
    torch.save({f"net.{k}": v for k, v in network.state_dict().items()}, tmp_path / "f.pt")
    (tmp_path / "f.pt.json").write_text('{"activation": "sine"}')
    assumed = load_field(tmp_path / "f.pt")[1].notices
    assert assumed, "the box is not in the file"
    told = []
    run(weights=str(tmp_path / "f.pt"), rule="interpolation,gradient", cells=40, report=told.append)
    assert tuple(one.message for one in told if isinstance(one, Said)) == assumed
    moves = [one for one in told if isinstance(one, Progress)]
    assert [one.done for one in moves] == sorted(one.done for one in moves)
    assert {one.total for one in moves} == {2}
    assert 1 < moves[-1].done < 2


@pytest.mark.parametrize("dimension", [2, 3])
def test_every_rule_keeps_to_the_cells(weights, dimension):
    rows = run(weights=weights(dimension), rule=", ".join(RULES), cells=600)
    assert [row["rule"] for row in rows] == list(RULES)
    for row in rows:
        assert row.keys() >= COLUMNS
        assert 200 < row["cells"] <= 600
        assert row["dofs"] <= row["points"]
        assert 0 < row["rmse"] < 0.1
        assert 0 < row["rmse_error"] < 0.1 * row["rmse"]
        assert f"{row['rmse_error']:.2g}" == f"{row['rmse_error']:g}"
        assert 0 < row["rel_l2"] < 1
        assert row["bad"] == 0
    assert rows[-1]["cells"] == (256 if dimension == 2 else 512)
    json.dumps(rows, allow_nan=False)


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("suffix", GRID_SUFFIXES)
def test_a_mesh_reopens_with_its_cells(weights, tmp_path, dimension, suffix):
    out = tmp_path / f"mesh{suffix}"
    (row,) = run(weights=weights(dimension), cells=500, out=str(out))
    cells = reopened(out)
    assert cells.n_cells == row["cells"]
    assert row["file_bytes"] == out.stat().st_size
    assert len(np.unique(cells.cell_data["depth"])) > 1
    if suffix != ".htg":
        assert cells.n_points == row["points"]
        assert str(cells.field_data["rule"][0]) == "hybrid"


@pytest.mark.parametrize("level", [0, 2, 4])
def test_refinement_starts_at_the_level_asked_for(weights, tmp_path, level):
    given = {"weights": weights(2), "rule": "interpolation", "start_level": level}
    (row,) = run(threshold=10.0, **given)
    assert (row["cells"], row["points"], row["dofs"]) == (4**level, *((2**level + 1) ** 2,) * 2)
    out = tmp_path / "mesh.vtu"
    run(threshold=0.002, out=str(out), **given)
    depth = np.asarray(pv.read(out).cell_data["depth"])
    assert level <= depth.min() < depth.max()


def test_points_are_all_corners_and_dofs_those_that_do_not_hang(weights, tmp_path):
    out = tmp_path / "mesh.vtu"
    (row,) = run(weights=weights(2), rule="interpolation", threshold=0.005, start_level=4,
                 out=str(out))  # fmt: skip
    cells = pv.read(out)
    corners = np.asarray(cells.points)[:, :2]
    bounds = np.array([cells.GetCell(i).GetBounds()[:4] for i in range(cells.n_cells)])
    low, high = bounds[:, ::2], bounds[:, 1::2]
    at = corners[:, None]
    touches = ((low <= at) & (at <= high)).all(axis=2)
    is_corner = ((at == low) | (at == high)).all(axis=2)
    hangs = (touches & ~is_corner).any(axis=1)
    assert hangs.sum() > 0
    assert (row["points"], row["dofs"]) == (len(corners), int((~hangs).sum()))
    assert "hang" in row["definitions"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_surface_reopens_where_the_field_has_the_iso_value(weights, tmp_path, suffix):
    out = tmp_path / f"surface{suffix}"
    run(weights=weights(), rule="interpolation", cells=3000, iso=0.05, out=str(out))
    surface = pv.read(out)
    surface = surface.combine().extract_surface(algorithm=None) if suffix == ".glb" else surface
    assert surface.n_cells > 100
    radius = np.linalg.norm(np.asarray(surface.points) - 5, axis=1)
    assert np.abs(np.median(radius) - 2.5) < 0.15  # ball's radius 0.3 - 0.05 of a box of 10 mm


@pytest.mark.parametrize("rule", ["interpolation", "uniform", "hybrid"])
def test_an_error_is_met(weights, rule):
    (row,) = run(weights=weights(2), rule=rule, error=0.01)
    assert row["rmse"] <= 0.01
    assert row["stopped"] == "error reached"
    (coarser,) = run(weights=weights(2), rule=rule, error=0.03)
    assert coarser["cells"] < row["cells"]


def test_without_cells_or_error_the_threshold_decides(weights):
    coarse, fine = (
        run(weights=weights(2), rule="interpolation", threshold=limit)[0] for limit in (0.1, 0.01)
    )
    assert coarse["cells"] < fine["cells"]
    assert fine["stopped"] == "nothing left to split"


def test_tolerance_prunes_the_network_first(weights):
    whole, pruned = (run(weights=weights(), cells=500, tolerance=t)[0] for t in (None, 0.1))
    assert pruned["params"] < whole["params"]
    assert pruned["rel_l2"] != whole["rel_l2"]


def test_time_moves_the_surface(weights, tmp_path):
    sizes = []
    for time in (0.25, 0.75):
        out = tmp_path / "moment.ply"
        run(weights=weights(timed=True), rule="interpolation", cells=2000, time=time, iso=0.0,
            out=str(out))  # fmt: skip
        sizes.append(np.ptp(np.asarray(pv.read(out).points), axis=0).mean())
    assert sizes[0] > 1.2 * sizes[1]  # radii 0.38 and 0.22


def test_balance_bounds_the_levels_of_neighbours(weights, tmp_path):
    steps = {}
    for balance in (False, True):
        out = tmp_path / "mesh.vtu"
        run(weights=weights(2), rule="interpolation", threshold=0.002, balance=balance,
            out=str(out))  # fmt: skip
        cells = pv.read(out)
        level = np.asarray(cells.cell_data["depth"])
        boxes = np.array([cells.GetCell(i).GetBounds()[:4] for i in range(cells.n_cells)])
        low, high = boxes[:, ::2], boxes[:, 1::2]
        touching = np.all((low[:, None] <= high) & (low <= high[:, None]), axis=2)
        steps[balance] = np.abs(level[:, None].astype(int) - level)[touching].max()
    assert steps[True] == 1 < steps[False]


def test_a_field_that_is_not_a_number_somewhere_is_meshed_elsewhere(fits, tmp_path):
    network, domain, _ = fits[2, False]
    broken = copy.deepcopy(network)
    broken.layers[0].weight.data[0, 0] = 1e38  # sine(6 x 1e38 x) is no number from x = 0.57 on
    path, out = tmp_path / "broken.safetensors", tmp_path / "mesh.vtu"
    save_field(path, broken, domain, {})
    (row,) = run(weights=str(path), rule="interpolation", cells=300, out=str(out))
    assert row["bad"] > 0
    assert pv.read(out).n_cells == row["cells"]
    assert math.isfinite(row["rmse"])
    assert math.isfinite(row["rel_l2"])


def test_stopping_writes_nothing(weights, tmp_path):
    cancel, out = CancelToken(), tmp_path / "mesh.vtu"
    with pytest.raises(Cancelled):
        run(cancel, lambda progress: cancel.cancel(), weights=weights(), cells=3000, out=str(out))
    assert not out.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"cells": 15}, "--cells 15 cannot be met: a mesh begins with 16 cells"),
        ({"error": 0.0}, "--error 0 cannot be met"),
        ({"error": 1e-9, "depth": 4}, "--error 1e-09 cannot be met: rule 'hybrid' ends at"),
        ({"error": 1e-9, "cells": 100}, "cannot be met"),
        ({"rule": "magic"}, "'magic' is unknown"),
        ({"rule": "uniform"}, "give --cells, --error or --depth"),
        ({"rule": "id,hybrid", "out": "mesh.vtu"}, "takes one mesh"),
        ({"out": "mesh.xyz"}, "'mesh.xyz' has no ending that is known"),
        ({"out": "nowhere/mesh.vtu"}, "folder does not exist"),
        ({"out": "mesh.ply"}, "a field in 2D goes into"),
        ({"time": 1.5}, "time 1.5 is out of range"),
        ({"time": 0.5}, "this field has no time"),
        ({"tolerance": 0.0}, "tolerance 0.0 is out of range"),
        ({"tolerance": 1.5}, "tolerance 1.5 is out of range"),
        ({"cell_tolerance": 0.0}, "cell_tolerance 0.0 is out of range"),
        ({"threshold": 0.0}, "threshold of 0"),
        ({"proportion": 1.5}, "proportion 1.5 is out of range"),
        ({"depth": 99}, "depth 99 is out of range"),
        ({"start_level": -1}, "--start-level -1 is out of range; take 0 to 12"),
        ({"start_level": 13}, "--start-level 13 is out of range; take 0 to 12"),
        ({"start_level": 5, "depth": 4}, "--start-level 5 is out of range; take 0 to 4"),
        ({"start_level": 11}, "--start-level 11 begins with 4,194,304 cells"),
        ({"start_level": 4, "cells": 255}, "a mesh begins with 256 cells at level 4"),
        ({"weights": "nowhere.pth"}, "nowhere.pth"),
        ({"weights": "", "sample": "nobody"}, "'nobody' is not installed"),
    ],
)
def test_bad_input_is_one_sentence(weights, tmp_path, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput) as caught:
        run(**{"weights": weights(2)} | options)
    text = str(caught.value)
    assert said in text
    assert text.endswith(".")
    assert "\n" not in text
    assert [path.suffix for path in Path().iterdir()] == [".safetensors"]


def test_an_iso_value_that_meets_nothing(weights, tmp_path):
    with pytest.raises(BadInput, match=r"--iso 9 meets the field nowhere; give a value from"):
        run(weights=weights(), cells=100, iso=9.0, out=str(tmp_path / "a.stl"))


@pytest.mark.parametrize("suffix", [".vtu", ".vtkhdf", ".htg", ".ply", ".glb", ".stl"])
def test_a_mesh_says_what_it_was_made_from_and_no_path(weights, tmp_path, suffix):
    path, out = weights(3), tmp_path / f"mesh{suffix}"
    run(weights=path, out=str(out), rule="interpolation", cells=200)
    moment = read_moment(out)
    assert (moment.system, moment.weights) == ("inr_amr", Path(path).name)
    assert moment.command.startswith("prune3d mesh inr_amr --weights ")
    assert "--rule interpolation --cells 200" in moment.command
    assert str(tmp_path) not in moment.as_text()
