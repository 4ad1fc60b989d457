"""Surfaces are closed, oriented, and exact for linear fields."""

from dataclasses import replace

import numpy as np
import pytest

from prune3d_gui.core.scene.affines import IDENTITY, along_axes
from prune3d_gui.geometry.contours import contour_grid, contour_volume

from .trees import ragged, tree


def open_edges(mesh):
    """Edges that are not shared by an even number of faces."""
    edges = np.sort(mesh.faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    unique, counts = np.unique(edges, axis=0, return_counts=True)
    return unique[counts % 2 == 1]


def on_box(points, edges):
    """Whether both ends of each edge are on one side of the unit box."""
    ends = points[edges]
    return ((ends == 0).all(axis=1) | (ends == 1).all(axis=1)).any(axis=1)


def turned_alike(mesh):
    """Whether no two faces run along an edge in the same direction."""
    ways = mesh.faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
    return len(np.unique(ways, axis=0)) == len(ways)


def volume_inside(mesh):
    a, b, c = (mesh.points[mesh.faces[:, k]].astype(float) for k in range(3))
    return (a * np.cross(b, c)).sum() / 6


def waves(points, seed):
    rng = np.random.default_rng(seed)
    way = rng.normal(size=(3, 4)) * 5
    return np.sin(points @ way + rng.uniform(0, 6, 4)).sum(axis=1)


def with_values(grid, values):
    return replace(grid, arrays={"value": np.asarray(values, np.float32)})


@pytest.mark.parametrize("seed", range(12))
def test_an_unbalanced_octree_has_no_cracks(seed):
    grid = ragged(3, 5, seed)
    mesh = contour_grid(with_values(grid, waves(grid.points, seed)), 0.2)
    assert len(mesh.faces) > 50
    assert on_box(mesh.points, open_edges(mesh)).all()
    assert turned_alike(mesh)
    assert len(np.unique(mesh.points, axis=0)) == len(mesh.points)


def test_the_largest_jump_of_levels_leaves_no_crack():
    grid = tree(3, 7, lambda c, side: (side > 0.5) | (np.abs(c - 0.45).max(axis=1) < side / 2))
    level_of = {tuple(a): int(v) for a, v in zip(grid.anchors, grid.levels, strict=True)}
    assert max(level_of.values()) - min(level_of.values()) >= 5
    value = np.linalg.norm(grid.points - (0.47, 0.46, 0.45), axis=1)
    mesh = contour_grid(with_values(grid, value), 0.3)
    assert len(mesh.faces) > 20
    assert not len(open_edges(mesh))


def test_values_that_are_met_exactly_at_corners_leave_no_crack():
    grid = ragged(3, 4, 3)
    rng = np.random.default_rng(3)
    mesh = contour_grid(with_values(grid, rng.integers(-1, 2, len(grid.points))), 0.0)
    assert on_box(mesh.points, open_edges(mesh)).all()
    assert len(np.unique(mesh.points, axis=0)) == len(mesh.points)


@pytest.mark.parametrize("iso", [0.31, 0.5])
def test_a_plane_is_reproduced(iso):
    way = np.array((1.0, 2.0, -1.5))
    grid = ragged(3, 5, 1)
    mesh = contour_grid(with_values(grid, grid.points @ way), iso)
    np.testing.assert_allclose(mesh.points @ way, iso, atol=2e-6)
    a, b, c = (mesh.points[mesh.faces[:, k]].astype(float) for k in range(3))
    across = np.cross(b - a, c - a)
    assert (across @ way <= 1e-9).all()  # towards smaller values
    flat = np.linalg.norm(across @ np.column_stack([np.cross(way, e) for e in np.eye(3)]), axis=1)
    assert flat.max() < 1e-7


def test_both_ways_of_contouring_agree_on_a_ball():
    grid = tree(3, 6, lambda c, side: np.abs(np.linalg.norm(c - 0.5, axis=1) - 0.35) < 0.9 * side)
    away = np.linalg.norm(grid.points - 0.5, axis=1)
    adaptive = contour_grid(with_values(grid, -away), -0.35)
    line = np.linspace(0, 1, 65)
    field = np.linalg.norm(
        np.stack(np.meshgrid(line, line, line, indexing="ij"), -1) - 0.5, axis=-1
    )
    regular = contour_volume(-field, along_axes((1 / 64,) * 3), -0.35)
    for mesh in (adaptive, regular):
        assert not len(open_edges(mesh))
        assert turned_alike(mesh)
        assert volume_inside(mesh) == pytest.approx(4 / 3 * np.pi * 0.35**3, rel=2e-3)
    low = contour_volume(field, along_axes((1 / 64,) * 3), 0.35)
    assert volume_inside(low) == pytest.approx(-volume_inside(regular), rel=1e-5)


def test_a_grid_carries_its_arrays_and_leaves_out_what_is_not_a_number():
    grid = ragged(3, 4, 2)
    x, y, _ = grid.points.T
    grid = replace(grid, arrays={"value": x, "y": y}, cell_arrays={"depth": grid.levels})
    mesh = contour_grid(grid, 0.4)
    np.testing.assert_allclose(mesh.arrays["y"], mesh.points[:, 1], atol=1e-6)
    assert set(np.unique(mesh.arrays["depth"])) <= set(np.unique(grid.levels))
    area = {}
    for name, spoilt in (("whole", x), ("spoilt", np.where(y > 0.8, np.nan, x))):
        part = contour_grid(replace(grid, arrays={"value": spoilt}), 0.4)
        assert np.isfinite(part.points).all()
        a, b, c = (part.points[part.faces[:, k]] for k in range(3))
        area[name] = np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2
    assert area["whole"] == pytest.approx(1, abs=1e-5)
    assert 0.2 < area["spoilt"] < 0.8


def test_a_volume_keeps_its_axes_and_carries_its_arrays():
    values = np.zeros((6, 8, 10), np.float32)
    values[4:] = 1
    height = np.broadcast_to(np.arange(8.0)[None, :, None], values.shape)
    affine = along_axes((2, 1, 1), (10, 0, 0))
    mesh = contour_volume(values, affine, 0.5, {"y": height.ravel(), "odd": np.zeros(3)})
    np.testing.assert_allclose(mesh.points[:, 0], 10 + 2 * 3.5)
    assert np.ptp(mesh.points, axis=0).tolist() == [0, 7, 9]
    np.testing.assert_allclose(mesh.arrays["y"], mesh.points[:, 1], atol=1e-5)
    assert set(mesh.arrays) == {"y"}


def test_where_a_volume_is_not_a_number_there_is_no_face():
    values = np.tile(np.arange(6.0)[:, None, None], (1, 6, 6))
    values[:, :2] = np.nan
    mesh = contour_volume(values, IDENTITY, 2.5)
    assert np.isfinite(mesh.points).all()
    assert mesh.points[:, 1].min() == 2


def test_nothing_at_the_value_is_an_empty_mesh():
    grid = ragged(3, 3, 0)
    values = np.zeros((4, 4, 4))
    meshes = (
        contour_grid(with_values(grid, np.zeros(len(grid.points))), 1.0),
        contour_volume(values, IDENTITY, 1.0),
        contour_volume(values[:1], IDENTITY, 0.0),
    )
    for mesh in meshes:
        assert mesh.points.shape == mesh.faces.shape == (0, 3)
