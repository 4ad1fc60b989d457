from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest

from prune3d_gui.plugins.inr_amr.mesh.cells import sample_points
from prune3d_gui.plugins.inr_amr.mesh.interpolant import AdaptiveMesh, Nodes
from prune3d_gui.plugins.inr_amr.mesh.tree import Tree
from prune3d_gui.plugins.inr_amr.network.domain import Domain
from tests.inr_amr.mesh.test_tree import random_tree

BOTH = pytest.mark.parametrize("dimension", [2, 3])
SPEC = SimpleNamespace(rule=SimpleNamespace(rule="uniform"))


def facts(tree):
    unknown = np.full(len(tree), np.nan, np.float32)
    return dict.fromkeys(("kept", "interpolation_error", "pruned_error"), unknown)


def mesh_of(tree, values):
    nodes = Nodes.of(tree)
    raw = values(nodes.points()).astype(np.float32)
    return AdaptiveMesh(tree, nodes.vertices, nodes.cells, raw, facts(tree), SPEC)


def noise(points):
    return np.random.default_rng(5).random(len(points))


@BOTH
def test_cells_name_their_corners_x_fastest(dimension):
    tree = random_tree(dimension)
    nodes = Nodes.of(tree)
    assert len(np.unique(nodes.vertices, axis=0)) == len(nodes.vertices)
    for number, corner in enumerate(product((0, 1), repeat=dimension)):
        wanted = tree.anchors + tree.steps[:, None] * np.array(corner[::-1])
        assert (nodes.vertices[nodes.cells[:, number]] == wanted).all()


@BOTH
def test_growing_gives_the_nodes_of_the_finer_tree(dimension):
    tree = random_tree(dimension, rounds=3)
    mask = np.random.default_rng(0).random(len(tree)) < 0.4
    finer, parent = tree.split(mask)
    before, plain = Nodes.of(tree), Nodes.of(finer)
    nodes = before.grown(finer, parent, mask[parent])
    assert (nodes.vertices[: len(before.vertices)] == before.vertices).all()
    assert (nodes.vertices[nodes.cells] == plain.vertices[plain.cells]).all()
    assert (nodes.keys == plain.keys).all()
    assert (nodes.vertices[nodes.order] == plain.vertices[plain.order]).all()
    assert (nodes.vertices[nodes.find(plain)] == plain.vertices).all()


@BOTH
def test_hanging_vertices_touch_a_leaf_that_has_them_not_as_a_corner(dimension):
    tree = random_tree(dimension, depth=5, rounds=4, share=0.25)
    mesh = mesh_of(tree, noise)
    upper = tree.anchors + tree.steps[:, None]
    for vertex, hangs in zip(mesh.vertices, mesh.hanging, strict=True):
        touching = ((tree.anchors <= vertex) & (vertex <= upper)).all(1)
        corner = ((vertex == tree.anchors) | (vertex == upper)).all(1)
        assert hangs == (touching & ~corner).any()
    assert mesh.hanging.any()
    assert mesh.dofs == (~mesh.hanging).sum()
    assert mesh.points == len(mesh.vertices)


@BOTH
@pytest.mark.parametrize("seed", range(4))
def test_no_jump_across_the_sides_of_leaves(dimension, seed):
    tree = random_tree(dimension, depth=7, rounds=6, share=0.2, seed=seed)
    assert tree.to_balance().any()
    mesh = mesh_of(tree, noise)
    random = np.random.default_rng(seed)
    leaf = random.integers(0, len(tree), 6000)
    places = random.random((6000, dimension))
    axis = random.integers(0, dimension, 6000)
    places[np.arange(6000), axis] = 1.0
    points = tree.lower[leaf] + places * tree.size[leaf, None]
    inner = points[np.arange(6000), axis] < 1
    points, axis = points[inner], axis[inner]
    below, above = points.copy(), points.copy()
    below[np.arange(len(points)), axis] -= 1e-12
    above[np.arange(len(points)), axis] += 1e-12
    assert np.abs(mesh.interpolate(below) - mesh.interpolate(above)).max() < 1e-6
    assert np.abs(mesh.values - mesh.raw)[mesh.hanging].max() > 0.1


@BOTH
def test_a_linear_function_is_reproduced(dimension):
    slope = np.array([1.5, -2.25, 0.75])[:dimension]
    mesh = mesh_of(random_tree(dimension), lambda points: 0.5 + points @ slope)
    points = sample_points(dimension, 5000, 1)
    assert np.abs(mesh.interpolate(points) - (0.5 + points @ slope)).max() < 1e-6
    assert (mesh.values == mesh.raw).all()


@BOTH
def test_values_at_the_corners_are_the_field(dimension):
    mesh = mesh_of(random_tree(dimension), noise)
    assert (mesh.values == mesh.raw)[~mesh.hanging].all()
    at = mesh.interpolate(mesh.vertices / 2**mesh.tree.depth)
    assert np.allclose(at, mesh.values, atol=1e-6)


def test_a_chain_of_hanging_vertices_follows_the_coarsest_side():
    tree = Tree.uniform(2, 1, 5)
    for level in range(1, 5):
        # The leaf right of the middle, at half its coarse neighbour's height.
        tree, _ = tree.split(np.arange(len(tree)) == tree.locate(np.array([[0.5, 0.24]]))[0])
        assert tree.levels.max() == level + 1
    mesh = mesh_of(tree, lambda points: points[:, 1] ** 2)
    side = (mesh.vertices[:, 0] == 16) & (mesh.vertices[:, 1] < 16)
    assert mesh.hanging[side].sum() == 4
    assert np.allclose(mesh.values[side], 0.5 * mesh.vertices[side, 1] / 32)


def test_nan_stays_in_the_cells_that_have_it_as_a_corner():
    tree = random_tree(2, rounds=3)
    mesh = mesh_of(tree, lambda p: np.where((p == 0.0).all(1), np.nan, 1.0))
    points = sample_points(2, 4000, 0)
    assert (np.isnan(mesh.interpolate(points)) == (tree.locate(points) == 0)).all()
    constant = SimpleNamespace(values=lambda points: np.full(len(points), 3.0))
    assert mesh.rmse(constant) == pytest.approx(2.0)
    nothing = mesh_of(tree, lambda points: np.full(len(points), np.nan))
    assert np.isnan(nothing.rmse(constant))


def test_rmse_is_that_of_the_formula():
    mesh = mesh_of(Tree.uniform(2, 3, 3), lambda points: points[:, 0] ** 2)
    field = SimpleNamespace(values=lambda points: points[:, 0] ** 2)
    # Linear interpolation of x^2 on steps of h is wrong by x (h - x): RMS h^2 / sqrt(30).
    assert mesh.rmse(field) == pytest.approx((1 / 8) ** 2 / np.sqrt(30), rel=0.01)
    wanted = field.values(sample_points(2, 100, 3))
    assert mesh.rmse(field, 100, 3) == mesh.rmse(None, 100, 3, wanted)


@BOTH
def test_the_grid_lies_in_the_world(dimension):
    size = (20.0, 30.0, 40.0)[:dimension]
    domain = Domain((-1.0,) * dimension, (1.0,) * dimension, dimension, (5.0,) * dimension, size)
    mesh = mesh_of(random_tree(dimension), noise)
    grid = mesh.grid(domain, (0, 7.0) if dimension == 3 else None)
    assert grid.points.dtype == np.float32
    assert grid.points[:, :dimension].min(0).tolist() == [5.0] * dimension
    assert grid.points[:, :dimension].max(0).tolist() == [25.0, 35.0, 45.0][:dimension]
    assert grid.points.shape[1] == len(grid.origin) == len(grid.size) == 3
    assert grid.size[dimension:] == (0.0,) * (3 - dimension)
    assert (grid.arrays["value"] == mesh.values).all()
    assert (grid.cell_arrays["depth"] == mesh.tree.levels).all()
    assert set(grid.cell_arrays) == {"depth", "kept", "cell_error", "pruned_error"}
    assert all(array.dtype == np.float32 for array in grid.cell_arrays.values())
