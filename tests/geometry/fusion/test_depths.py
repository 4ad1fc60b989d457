"""Depth maps agree with rays that are cast at every face, and with what is known by formula."""

import numpy as np
import pytest

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import Cancelled
from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.core.scene.scenes import Mesh
from prune3d_gui.geometry.fusion.depths import depth_map, depth_maps
from prune3d_gui.geometry.fusion.tsdf import fuse

from .test_tsdf import HEIGHT, WIDTH, K, looking, sphere_depth


def camera(pose=None, width=WIDTH, height=HEIGHT):
    view = np.linalg.inv(np.eye(4) if pose is None else pose)
    return Camera(width, height, K[0, 0], K[1, 1], K[0, 2], K[1, 2], view)


def cast(mesh, one):
    """Nearest depth by Möller & Trumbore's test of every ray with every face, as trimesh has it."""
    from trimesh.triangles import points_to_barycentric

    v, u = np.mgrid[: one.height, : one.width] + 0.5
    rays = np.stack([(u - one.cx) / one.fx, (v - one.cy) / one.fy, np.ones_like(u)], -1)
    turn = one.world_to_camera
    corners = (mesh.points.astype(float) @ turn[:3, :3].T + turn[:3, 3])[mesh.faces]
    found = np.full(rays.shape[:2], np.inf)
    for triangle in corners:
        normal = np.cross(triangle[1] - triangle[0], triangle[2] - triangle[0])
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (normal @ triangle[0]) / (rays @ normal)
        hit = np.flatnonzero(np.isfinite(z.ravel()) & (z.ravel() > 1e-3))
        places = (rays * z[..., None]).reshape(-1, 3)[hit]
        if not len(places):
            continue
        inside = points_to_barycentric(np.repeat(triangle[None], len(places), 0), places)
        hit = hit[(inside >= -1e-9).all(1)]
        flat = found.reshape(-1)
        flat[hit] = np.minimum(flat[hit], z.ravel()[hit])
    return np.where(np.isinf(found), 0, found)


@pytest.mark.parametrize("seed", range(4))
def test_faces_all_around_are_seen_as_rays_meet_them(seed):
    rng = np.random.default_rng(seed)
    middles = rng.normal(size=(40, 1, 3)) * 1.5
    points = (middles + rng.normal(size=(40, 3, 3)) * 0.8).reshape(-1, 3).astype(np.float32)
    mesh = Mesh(points, np.arange(120, dtype=np.int32).reshape(-1, 3))
    one = camera(looking(seed, 0.3, rng.normal(size=3) * 0.3))
    found, wanted = depth_map(mesh, one), cast(mesh, one)
    assert (wanted > 0).mean() > 0.2
    both = (found > 0) & (wanted > 0)
    assert ((found > 0) != (wanted > 0)).sum() <= 2  # a middle on an edge
    close = np.abs(found - wanted)[both] < 1e-4 * wanted[both]
    assert (~close).sum() <= 2


def test_a_room_around_the_camera_is_seen_without_gaps():
    """Walls of two faces each, which reach behind the camera on all sides."""
    import trimesh

    box = trimesh.creation.box((6, 5, 3))
    mesh = Mesh(box.vertices.astype(np.float32), box.faces.astype(np.int32))
    for yaw in np.arange(0, 6, 0.7):
        pose = looking(yaw, -0.2, (0.5, -0.4, 0.2))
        found = depth_map(mesh, camera(pose))
        v, u = np.mgrid[:HEIGHT, :WIDTH] + 0.5
        rays = np.stack([(u - K[0, 2]) / K[0, 0], (v - K[1, 2]) / K[1, 1], np.ones_like(u)], -1)
        rays = rays @ pose[:3, :3].T
        ends = (np.sign(rays) * (3, 2.5, 1.5) - pose[:3, 3]) / rays
        np.testing.assert_allclose(found, ends.min(-1), rtol=1e-5)


def test_a_fine_sphere_has_the_depth_of_its_formula():
    import trimesh

    ball = trimesh.creation.icosphere(5, 0.5)
    mesh = Mesh(
        (ball.vertices + np.array((2, 0, 1))).astype(np.float32), ball.faces.astype(np.int32)
    )
    pose = looking(0.0, -0.2)
    found, wanted = depth_map(mesh, camera(pose)), sphere_depth(pose, (2, 0, 1), 0.5)
    assert (found > 0).sum() == pytest.approx((wanted > 0).sum(), rel=0.02)
    both = (found > 0) & (wanted > 0)
    np.testing.assert_allclose(found[both], wanted[both], atol=0.02)
    assert np.abs(found - wanted)[both].mean() < 5e-4


def test_rendered_and_fused_again_it_is_the_same_surface():
    points = np.float32([(1.5, -1, 0), (1.5, 1, 0), (1.5, 1, 2), (1.5, -1, 2)])
    mesh = Mesh(points, np.int32([(0, 1, 2), (0, 2, 3)]))
    poses = np.stack([looking(a, -0.1, (0, y, 1.1)) for a, y in ((0.0, 0.0), (0.2, -0.3))])
    depths = depth_maps(mesh, [camera(pose) for pose in poses])
    surface = fuse(depths, K, poses, (1, -1, 0), (25, 50, 50)).surface()
    assert len(surface.points) > 200
    np.testing.assert_allclose(surface.points[:, 0], 1.5, atol=0.02)


def test_nothing_and_what_is_no_number_leave_zeros():
    nothing = Mesh(np.empty((0, 3), np.float32), np.empty((0, 3), np.int32))
    assert not depth_map(nothing, camera()).any()
    broken = Mesh(np.full((3, 3), np.nan, np.float32), np.int32([(0, 1, 2)]))
    assert not depth_map(broken, camera()).any()
    behind = Mesh(np.float32([(0, 0, -1), (1, 0, -1), (0, 1, -1)]), np.int32([(0, 1, 2)]))
    assert not depth_map(behind, camera()).any()


def test_each_camera_has_its_own_size_and_work_stops_on_request():
    mesh = Mesh(np.float32([(-9, -9, 2), (9, -9, 2), (0, 9, 2)]), np.int32([(0, 1, 2)]))
    sizes = [(20, 30), (31, 17), (64, 48), (5, 5), (8, 9)]
    maps = list(depth_maps(mesh, [camera(None, *size) for size in sizes]))
    assert [found.shape[::-1] for found in maps] == sizes
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        next(depth_maps(mesh, [camera()], token))
