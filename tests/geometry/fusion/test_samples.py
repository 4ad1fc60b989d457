"""Points on surfaces, and which of them are seen."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from prune3d_gui.core.scene.scenes import Mesh
from prune3d_gui.geometry.fusion.depths import depth_map
from prune3d_gui.geometry.fusion.samples import sampled, spread, thinned
from prune3d_gui.geometry.fusion.visible import mark_seen

from .test_depths import camera
from .test_tsdf import looking

NOTHING = Mesh(np.empty((0, 3), np.float32), np.empty((0, 3), np.int32))


def soup(seed, scale=1.0):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(60, 3)).astype(np.float32) * scale
    return Mesh(points, np.arange(60, dtype=np.int32).reshape(-1, 3))


def on_a_face(mesh, points):
    """Distance of points from the planes of the nearest faces, and whether they are inside."""
    from trimesh.triangles import closest_point

    best = np.full(len(points), np.inf)
    for face in mesh.points[mesh.faces].astype(float):
        near = closest_point(np.repeat(face[None], len(points), 0), points)
        best = np.minimum(best, np.linalg.norm(near - points, axis=1))
    return best


def test_drawn_points_lie_on_faces_as_often_as_these_are_large():
    mesh = Mesh(
        np.float32([(0, 0, 0), (3, 0, 0), (0, 2, 0), (5, 0, 1), (6, 0, 1), (5, 2, 1)]),
        np.int32([(0, 1, 2), (3, 4, 5)]),
    )
    points = sampled(mesh, 40_000, seed=1)
    assert on_a_face(mesh, points[:500]).max() < 1e-9
    assert (points[:, 2] == 0).mean() == pytest.approx(0.75, abs=0.01)
    first = points[points[:, 2] == 0]
    np.testing.assert_allclose(first.mean(0), (1, 2 / 3, 0), atol=0.02)
    np.testing.assert_array_equal(points, sampled(mesh, 40_000, seed=1))
    assert sampled(NOTHING, 9).shape == (0, 3)


@pytest.mark.parametrize("seed", range(3))
def test_spread_points_leave_no_gap(seed):
    mesh, spacing = soup(seed), 0.11
    points = spread(mesh, spacing)
    assert on_a_face(mesh, points[:: max(1, len(points) // 400)]).max() < 1e-6
    away, _ = cKDTree(points).query(sampled(mesh, 5000))
    assert away.max() < spacing * np.sqrt(1.25)  # beside a slanted edge, of the next row
    corners, _ = cKDTree(points).query(mesh.points)
    assert corners.max() < 1e-6
    assert spread(NOTHING, 0.1).shape == (0, 3)


def test_thinned_points_are_means_of_their_cubes():
    rng = np.random.default_rng(0)
    points = rng.random((3000, 3))
    found = thinned(points, 0.3)
    cells = np.floor((points - points.min(0) + 0.15) / 0.3).astype(int)
    wanted = [points[(cells == one).all(1)].mean(0) for one in np.unique(cells, axis=0)]
    np.testing.assert_allclose(found, wanted)
    assert thinned(np.empty((0, 3)), 0.1).shape == (0, 3)


def test_what_is_behind_a_wall_is_not_seen():
    wall = Mesh(
        np.float32([(1, -1, 0), (1, 1, 0), (1, 1, 3), (1, -1, 3)]), np.int32([(0, 1, 2), (0, 2, 3)])
    )
    one = camera(looking(0.0, 0.0, (0, 0, 1.4)))
    points = np.array([(0.5, 0, 1.4), (1.0, 0.2, 1.3), (1.02, 0, 1.4), (1.5, 0, 1.4), (-1, 0, 1.4)])
    seen = np.zeros(5, bool)
    mark_seen(points, one, depth_map(wall, one), 0.03, seen)
    assert seen.tolist() == [True, True, True, False, False]
    seen[:] = (False, False, False, True, False)
    mark_seen(points, one, depth_map(wall, one), 0.03, seen)
    assert seen.tolist() == [True, True, True, True, False]
