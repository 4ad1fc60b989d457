"""Quadtrees and cuts of octrees are covered exactly once, with the right values."""

from dataclasses import replace

import numpy as np
import pytest

from prune3d_gui.geometry.faces import cell_faces, first_face
from prune3d_gui.geometry.triangles import raised, slice_grid, triangulate_grid

from .test_contours import on_box, open_edges, turned_alike
from .trees import ragged, tree


def areas(mesh):
    a, b, c = (mesh.points[mesh.faces[:, k]].astype(float) for k in range(3))
    return np.cross(b - a, c - a) / 2


@pytest.mark.parametrize("seed", range(5))
def test_a_quadtree_is_covered_once_without_hanging_nodes(seed):
    grid = ragged(2, 7, seed, share=0.5)
    grid = replace(grid, arrays={"value": grid.points @ np.float32((3, -1, 0))})
    mesh = triangulate_grid(grid)
    across = areas(mesh)
    assert (across[:, 2] > 0).all()
    assert across[:, 2].sum() == pytest.approx(1)
    assert on_box(mesh.points[:, :2], open_edges(mesh)).all()
    assert turned_alike(mesh)
    np.testing.assert_allclose(mesh.arrays["value"], mesh.points @ (3, -1, 0), atol=1e-6)


def test_height_follows_the_value_within_its_span():
    grid = ragged(2, 4, 0)
    grid = replace(grid, arrays={"value": 10 * grid.points[:, 0]})
    assert triangulate_grid(grid).points[:, 2].tolist() == [0] * (
        len(grid.points) + len(grid.cells)
    )
    tall = raised(triangulate_grid(grid), 2.0, (0, 10))
    np.testing.assert_allclose(tall.points[:, 2], 2 * tall.points[:, 0], atol=1e-6)
    half = raised(triangulate_grid(grid), 2.0, (0, 20))
    np.testing.assert_allclose(half.points[:, 2], half.points[:, 0], atol=1e-6)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 1.0, 7.0])
def test_a_cut_is_covered_once_with_the_values_of_the_field(axis, share):
    rng = np.random.default_rng(4)
    grid = tree(
        3,
        4,
        lambda c, side: (rng.random(len(c)) < 0.4) | (side > 0.5),
        origin=(5, -1, 2),
        size=(2, 4, 8),
    )
    way = np.float32((1, -2, 0.5))
    grid = replace(grid, arrays={"value": grid.points @ way}, cell_arrays={"level": grid.levels})
    place = grid.origin[axis] + share * grid.size[axis]
    mesh = slice_grid(grid, axis, place, ["level"])
    inside = grid.origin[axis] + min(share, 1) * grid.size[axis]
    np.testing.assert_allclose(mesh.points[:, axis], inside, rtol=1e-6)
    assert (areas(mesh)[:, axis] > 0).all()
    assert areas(mesh)[:, axis].sum() == pytest.approx(64 / grid.size[axis])
    np.testing.assert_allclose(mesh.arrays["value"], mesh.points @ way, atol=1e-5)
    of_face = mesh.arrays["level"][mesh.faces]
    assert (of_face == of_face[:, :1]).all()
    leaf = areas(mesh)[:, axis] * 4 * 4.0 ** of_face[:, 0]  # a quarter of a leaf's section
    np.testing.assert_allclose(leaf, 64 / grid.size[axis], rtol=1e-4)


def test_the_outside_of_an_octree_is_covered_once():
    grid = ragged(3, 4, 1)
    faces = cell_faces(grid)
    sides = faces.points[:, 2] - faces.points[:, 0]
    area = np.prod(np.where(np.eye(3, dtype=bool)[faces.axes], 1, sides), axis=1)
    assert area.sum() == pytest.approx(6)


@pytest.mark.parametrize("seed", range(3))
def test_a_line_meets_the_leaf_it_passes_first(seed):
    rng = np.random.default_rng(seed)
    grid = ragged(3, 4, seed)
    low = grid.anchors / 16
    high = low + 0.5 ** grid.levels[:, None]
    faces = cell_faces(grid)
    for _ in range(50):
        inside, away = rng.random(3), rng.normal(size=3)
        start = inside + 4 * away / np.linalg.norm(away)
        steps = np.linspace(start, inside, 4000)
        first = steps[((steps > 0) & (steps < 1)).all(axis=1)][0]
        found = faces.cells[first_face(faces, start, inside)[0]]
        gap = np.maximum(low[found] - first, first - high[found]).max()
        assert gap < 4e-3
    assert first_face(faces, np.array((-1, 2, 2)), np.array((3, 2, 2))) is None


def test_a_line_along_a_cut_meets_nothing():
    faces = cell_faces(replace(ragged(3, 3, 0), cut=(2, 0.4)))
    assert first_face(faces, np.array((-1, 0.5, 0.4)), np.array((2, 0.5, 0.4))) is None
    assert first_face(faces, np.array((0.2, 0.5, 2)), np.array((0.2, 0.5, -1))) is not None
