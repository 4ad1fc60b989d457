"""Adaptive meshes reopen in VTK with the same leaves, places and values."""

import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
import pyvista as pv
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkUnstructuredGrid
from vtkmodules.vtkFiltersHyperTree import vtkHyperTreeGridToUnstructuredGrid
from vtkmodules.vtkIOXML import vtkXMLHyperTreeGridReader

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.scenes import Grid
from prune3d_gui.files.grids import GRID_SUFFIXES, describe, write_grid

FACTS = {"rule": "hybrid <P & T>", "tolerance": "1e-3"}
ORIGIN, SIZE = (1.0, -2.0, 3.0), (2.0, 4.0, 8.0)


def grid_of(anchors, levels, depth, **more):
    """Corners, values and a kept share for the leaves of a tree."""
    dimension = anchors.shape[1]
    flat = np.arange(3) < dimension
    origin, size = np.array(ORIGIN), np.where(flat, SIZE, 0.0)
    bits = np.arange(2**dimension)[:, None] >> np.arange(dimension) & 1
    steps = anchors[:, None] + bits * (1 << depth - levels.astype(int))[:, None, None]
    corners, cells = np.unique(steps.reshape(-1, dimension), axis=0, return_inverse=True)
    points = np.zeros((len(corners), 3))
    points[:, :dimension] = corners / 2**depth
    points = (origin + points * size).astype(np.float32)
    value = (points @ [1, 10, 100]).astype(np.float32)
    return Grid(
        points,
        cells.reshape(-1, 2**dimension).astype(np.int32),
        anchors.astype(np.int32),
        levels.astype(np.uint8),
        depth,
        ORIGIN,
        tuple(size),
        "mm",
        arrays={"value": value, "normal": np.stack([value] * 3, 1)},
        cell_arrays={
            "kept": np.linspace(0, 1, len(levels), dtype=np.float32),
            "split": np.arange(len(levels), dtype=np.int32),
            "odd": np.arange(len(levels)) % 2 == 1,
        },
    )


def refined(dimension, depth, seed=0, share=0.4):
    """An unbalanced tree whose leaves stand in random order."""
    rng = np.random.default_rng(seed)
    bits = np.arange(2**dimension)[:, None] >> np.arange(dimension) & 1
    nodes, anchors, levels = np.zeros((1, dimension), int), [], []
    for level in range(depth + 1):
        split = rng.random(len(nodes)) < (share if level else 1) * (level < depth)
        anchors.append(nodes[~split])
        levels.append(np.full((~split).sum(), level))
        children = nodes[split][:, None] + (bits << max(depth - level - 1, 0))
        nodes = children.reshape(-1, dimension)
    order = rng.permutation(sum(map(len, levels)))
    return grid_of(np.concatenate(anchors)[order], np.concatenate(levels)[order], depth)


def reopen_tree(path):
    reader = vtkXMLHyperTreeGridReader()
    reader.SetFileName(str(path))
    reader.Update()
    return reader.GetOutputDataObject(0)


def reopen(path):
    """Return what is in the file as cells, and its field data."""
    if path.suffix != ".htg":
        cells = pv.read(path)
        return cells, {name: str(cells.field_data[name][0]) for name in cells.field_data}
    tree = reopen_tree(path)
    convert = vtkHyperTreeGridToUnstructuredGrid()
    convert.SetInputData(tree)
    convert.Update()
    facts = tree.GetFieldData()
    every = [facts.GetAbstractArray(i) for i in range(facts.GetNumberOfArrays())]
    return pv.wrap(convert.GetOutput()), {a.GetName(): a.GetValue(0) for a in every}


def by_place(bounds, values):
    """Map the box of each cell to its value."""
    return dict(zip(map(tuple, np.round(bounds, 5).tolist()), values, strict=True))


def boxes(grid):
    corners = grid.points[grid.cells].astype(float)
    return np.stack([corners.min(1), corners.max(1)], -1).reshape(len(grid.cells), 6)


def file_boxes(cells):
    return np.array([cells.GetCell(i).GetBounds() for i in range(cells.n_cells)])


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("suffix", GRID_SUFFIXES)
def test_every_leaf_comes_back_in_its_place(tmp_path, suffix, dimension):
    grid = refined(dimension, 5)
    path = tmp_path / f"mesh{suffix}"
    write_grid(path, grid, FACTS)
    cells, facts = reopen(path)
    assert isinstance(cells, vtkUnstructuredGrid)
    assert len(set(grid.levels.tolist())) > 2
    assert cells.n_cells == len(grid.cells)
    found, expected = file_boxes(cells), boxes(grid)
    for name in ("kept", "split", "odd"):
        assert by_place(found, cells.cell_data[name]) == by_place(expected, grid.cell_arrays[name])
    assert by_place(found, cells.cell_data["depth"]) == by_place(expected, grid.levels)
    assert {**facts} == {"unit": "mm", **FACTS}


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("suffix", [".vtu", ".vtkhdf"])
def test_corners_are_shared_and_keep_their_values(tmp_path, suffix, dimension):
    grid = refined(dimension, 4)
    write_grid(tmp_path / f"mesh{suffix}", grid, {})
    cells = pv.read(tmp_path / f"mesh{suffix}")
    np.testing.assert_array_equal(cells.points, grid.points)
    np.testing.assert_array_equal(cells.point_data["value"], grid.arrays["value"])
    np.testing.assert_array_equal(cells.point_data["normal"], grid.arrays["normal"])
    kind = pv.CellType.QUAD if dimension == 2 else pv.CellType.HEXAHEDRON
    assert set(cells.celltypes) == {kind}
    extents = np.prod(np.array(SIZE[:dimension]))
    measured = cells.compute_cell_sizes()["Area" if dimension == 2 else "Volume"]
    assert (measured > 0).all()
    np.testing.assert_allclose(measured.sum(), extents, rtol=1e-5)
    assert cells.active_scalars_name == "value"


@pytest.mark.parametrize("dimension", [2, 3])
def test_a_tree_holds_the_mean_of_the_corners(tmp_path, dimension):
    grid = refined(dimension, 5)
    write_grid(tmp_path / "mesh.htg", grid, {})
    cells, _ = reopen(tmp_path / "mesh.htg")
    assert cells.n_cells == len(grid.cells)
    middles = file_boxes(cells).reshape(-1, 3, 2).mean(-1)
    np.testing.assert_allclose(cells.cell_data["value"], middles @ [1, 10, 100], rtol=1e-4)
    assert cells.cell_data["normal"].shape == (cells.n_cells, 3)


def test_inner_nodes_hold_the_mean_of_their_children(tmp_path):
    grid = refined(2, 3, share=1.0)  # uniform: the root is the mean of all leaves
    write_grid(tmp_path / "mesh.htg", grid, {})
    tree = reopen_tree(tmp_path / "mesh.htg")
    root = vtk_to_numpy(tree.GetCellData().GetArray("value"))[0]
    assert root == pytest.approx(grid.arrays["value"][grid.cells].mean(), rel=1e-5)
    assert tree.GetNumberOfLevels() == 4


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("suffix", GRID_SUFFIXES)
def test_one_cell_is_a_mesh(tmp_path, suffix, dimension):
    grid = grid_of(np.zeros((1, dimension), int), np.zeros(1, int), 3)
    write_grid(tmp_path / f"mesh{suffix}", grid, FACTS)
    cells, _ = reopen(tmp_path / f"mesh{suffix}")
    assert cells.n_cells == 1
    np.testing.assert_allclose(cells.bounds, boxes(grid)[0])


def test_a_cut_shows_but_does_not_drop_cells(tmp_path):
    grid = refined(3, 4)
    object.__setattr__(grid, "cut", (2, 7.0))
    write_grid(tmp_path / "mesh.vtu", grid, {})
    assert pv.read(tmp_path / "mesh.vtu").n_cells == len(grid.cells)


def test_the_tree_is_the_smallest_file_and_quickly_built(tmp_path):
    grid = refined(3, 8, seed=3, share=0.55)
    assert len(grid.cells) > 50_000
    start = time.process_time()
    write_grid(tmp_path / "mesh.htg", grid, {})
    assert time.process_time() - start < 5
    write_grid(tmp_path / "mesh.vtu", grid, {})
    assert (tmp_path / "mesh.htg").stat().st_size * 2 < (tmp_path / "mesh.vtu").stat().st_size
    assert reopen_tree(tmp_path / "mesh.htg").GetNumberOfLeaves() == len(grid.cells)


@pytest.mark.parametrize("broken", ["missing", "twice", "overlapping"])
def test_leaves_that_do_not_tile_the_box_are_no_tree(tmp_path, broken):
    whole = refined(2, 4)
    rows = np.arange(len(whole.cells))
    levels = whole.levels.copy()
    if broken == "missing":
        rows = rows[1:]
    elif broken == "twice":
        rows[1] = rows[0]
    else:
        levels[levels == levels.max()] -= 1
    grid = grid_of(whole.anchors[rows], levels[rows], 4)
    with pytest.raises(BadInput, match=r"mesh\.htg.*do not tile its box.*\.vtu"):
        write_grid(tmp_path / "mesh.htg", grid, {})
    write_grid(tmp_path / "mesh.vtu", grid, {})
    assert [path.name for path in tmp_path.iterdir()] == ["mesh.vtu"]


def test_what_cannot_be_written_is_answered(tmp_path):
    grid = refined(2, 2)
    with pytest.raises(BadInput, match=r"mesh\.obj.*\.vtu, \.vtkhdf or \.htg"):
        write_grid(tmp_path / "mesh.obj", grid, {})
    with pytest.raises(BadInput, match="folder does not exist"):
        write_grid(tmp_path / "none" / "mesh.vtu", grid, {})
    grid.points[3] = np.nan
    with pytest.raises(BadInput, match=r"1 of .* points have no position"):
        write_grid(tmp_path / "mesh.vtu", grid, {})
    empty = grid_of(np.zeros((0, 2), int), np.zeros(0, int), 2)
    with pytest.raises(BadInput, match="no cells"):
        write_grid(tmp_path / "mesh.htg", empty, {})
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
@pytest.mark.parametrize("suffix", [".vtu", ".htg"])
def test_a_write_that_fails_leaves_the_old_file(tmp_path, suffix):
    import resource

    path = tmp_path / f"mesh{suffix}"
    path.write_bytes(b"old")
    grid = refined(3, 7, seed=3, share=0.6)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(BadInput, match=f"mesh{suffix}"):
            write_grid(path, grid, {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("suffix", GRID_SUFFIXES)
def test_a_full_disk_is_known_beforehand(tmp_path, monkeypatch, suffix):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(BadInput, match="no space is left"):
        write_grid(tmp_path / f"mesh{suffix}", refined(2, 4), {})
    assert not list(tmp_path.iterdir())


def test_each_format_says_when_to_take_it():
    for suffix in GRID_SUFFIXES:
        sentence = describe(suffix)
        assert sentence.startswith(f"Take {suffix} ")
        assert sentence.count(". ") == 0
        assert "ParaView" in sentence
