"""Both protocols agree with what they are defined as, worked out once more by brute force."""

import numpy as np
import pytest
import trimesh
from scipy.spatial import KDTree

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.core.scene.scenes import Mesh
from prune3d_gui.geometry.fusion import plain
from prune3d_gui.geometry.fusion.depths import depth_map
from prune3d_gui.geometry.fusion.samples import sampled, thinned
from prune3d_gui.metrics.surfaces import (
    ATLAS,
    METRICS,
    TRANSFORMERFUSION,
    SurfaceReference,
)

NOTHING = Mesh(np.empty((0, 3), np.float32), np.empty((0, 3), np.int32))


def fine(shape, side=0.05):
    """A mesh of trimesh's, cut fine as a scan is."""
    points, faces = trimesh.remesh.subdivide_to_size(shape.vertices, shape.faces, side)
    shape = trimesh.Trimesh(points, faces)
    shape.merge_vertices()
    return Mesh(shape.vertices.astype(np.float32), shape.faces.astype(np.int32))


def box(side=1.0, at=(0, 0, 0), scanned=True):
    shape = trimesh.creation.box((side,) * 3)
    shape.apply_translation(at)
    if scanned:
        return fine(shape)
    return Mesh(shape.vertices.astype(np.float32), shape.faces.astype(np.int32))


def around(count=8, away=1.8, height=0.9):
    """Cameras on a circle that look at the origin, z up."""
    made = []
    for turn in np.arange(count) * 2 * np.pi / count:
        place = np.array((away * np.cos(turn), away * np.sin(turn), height))
        front = -place / np.linalg.norm(place)
        right = np.cross(front, (0, 0, 1.0))
        right /= np.linalg.norm(right)
        pose = np.eye(4)
        pose[:3, :3] = np.column_stack([right, np.cross(front, right), front])
        pose[:3, 3] = place
        made.append(Camera(96, 72, 80, 80, 48, 36, np.linalg.inv(pose)))
    return made


def nearest(a, b):
    """Distances of a to b in float64, by definition."""
    a, b = a.astype(float), b.astype(float)
    return np.concatenate(
        [np.sqrt(((part[:, None] - b[None]) ** 2).sum(2).min(1)) for part in np.array_split(a, 64)]
    )


@pytest.fixture(scope="module")
def reference():
    return SurfaceReference(box(), around())


def of(scores, name):
    return next(part.values for part in scores.parts if part.name == name)


def test_the_atlas_protocol_is_what_it_says(reference):
    result = box(0.94, (0.01, 0, 0.02))
    scores = reference.score(result)
    depths, poses, matrices = [], [], []
    for one in around():
        depth = depth_map(result, one)
        depths.append(np.where(depth_map(reference.mesh, one) > 0, depth, 0))
        poses.append(np.linalg.inv(one.world_to_camera))
        matrices.append(((one.fx, 0, one.cx), (0, one.fy, one.cy), (0, 0, 1)))
    ends = np.concatenate([result.points, reference.mesh.points])
    first = np.floor((ends.min(0) - 0.16) / 0.04)
    dims = tuple(int(n) for n in np.ceil((ends.max(0) + 0.16) / 0.04) - first + 1)
    wall = plain.fuse(depths, np.array(matrices), np.stack(poses), first * 0.04, dims, 0.04, cut=99)
    a, b = thinned(wall.surface().points, 0.02), thinned(reference.mesh.points, 0.02)
    there, back = nearest(a, b), nearest(b, a)
    found = of(scores, ATLAS)
    assert 0.2 < found["prec"] < 0.999
    assert 0.1 < found["rec"] < 0.9  # no camera sees the lower side
    assert found["acc"] == pytest.approx(there.mean(), abs=2e-4)
    assert found["comp"] == pytest.approx(back.mean(), abs=2e-4)
    assert found["prec"] == pytest.approx((there < 0.05).mean(), abs=5e-3)
    assert found["rec"] == pytest.approx((back < 0.05).mean(), abs=5e-3)
    p, r = found["prec"], found["rec"]
    assert found["fscore"] == pytest.approx(2 * p * r / (p + r))
    assert scores.values == found
    assert set(found) == {metric.id for metric in METRICS}


def test_the_transformerfusion_protocol_is_what_it_says(reference):
    result = box(0.94, (0.01, 0, 0.02))
    found = of(reference.score(result), TRANSFORMERFUSION)
    points = sampled(result, 200_000)
    some = np.random.default_rng(0).permutation(len(points))[:3000]
    low, high = (
        reference._observed.origin,
        reference._observed.origin + 0.04 * (np.array(reference._observed.counts.shape) - 1),
    )
    cells = np.clip(((points[some] - low) // 0.04).astype(int), 0, None)
    seen = [
        bool((reference._observed.counts[x : x + 2, y : y + 2, z : z + 2] > 0).all())
        for x, y, z in cells
    ]
    assert ((points[some] > low) & (points[some] < high)).all()
    there = nearest(points[some][seen], reference.mesh.points)
    assert 0.2 < np.mean(seen) < 0.95  # nothing is known of the inside and the lower side
    assert found["acc"] == pytest.approx(there.mean(), abs=1e-3)
    assert found["prec"] == pytest.approx((there < 0.05).mean(), abs=0.02)
    back = KDTree(points).query(reference.mesh.points[::2])[0]
    assert found["comp"] == pytest.approx(back.mean(), abs=1e-3)
    assert found["rec"] == pytest.approx((back < 0.05).mean(), abs=0.02)


def test_distances_of_vertices_colour_both(reference):
    result = box(0.9)
    scores = reference.score(result)
    some = slice(None, None, 9)
    np.testing.assert_allclose(
        scores.distance[some], nearest(result.points[some], reference.mesh.points), atol=1e-6
    )
    assert scores.reference_distance.shape == (len(reference.mesh.points),)
    top = reference.mesh.points[:, 2] > 0.49
    inner = np.abs(reference.mesh.points[:, :2]).max(1) < 0.4
    np.testing.assert_allclose(scores.reference_distance[top & inner], 0.05, atol=0.004)


def test_the_protocols_differ_where_a_wall_is_double(reference):
    """A second wall behind the first is trimmed by one protocol, and not seen by the other."""
    both = trimesh.util.concatenate(
        [trimesh.creation.box((1, 1, 1)), trimesh.creation.box((0.7, 0.7, 0.7))]
    )
    one, two = reference.score(box()), reference.score(fine(both))
    assert of(two, ATLAS)["prec"] == pytest.approx(of(one, ATLAS)["prec"], abs=0.01)
    assert of(two, TRANSFORMERFUSION)["prec"] == pytest.approx(1, abs=0.01)
    outer = reference.score(box(1.3))
    assert of(outer, ATLAS)["prec"] < 0.1


def test_a_surface_that_is_its_reference_is_nearly_perfect():
    top = around(10) + around(6, 1.5, -1.2)
    scores = SurfaceReference(box(), top).score(box())
    assert of(scores, ATLAS)["fscore"] > 0.97
    assert of(scores, TRANSFORMERFUSION)["fscore"] == 1
    assert scores.distance.max() < 1e-6
    assert scores.notices == ()


def test_a_designed_mesh_counts_where_cameras_see_it():
    scores = SurfaceReference(box(scanned=False), around(), scanned=False).score(box())
    assert of(scores, ATLAS)["rec"] > 0.97  # the lower side is nobody's fault
    assert of(scores, ATLAS)["prec"] > 0.97
    said = scores.notices[0]
    assert "designed mesh" in said
    seen, every = (int(n.replace(",", "")) for n in (said.split()[6], said.split()[8]))
    assert seen / every == pytest.approx(5 / 6, abs=0.02)


def test_what_is_not_there_is_said_and_never_nan(reference):
    scores = reference.score(NOTHING)
    assert of(scores, ATLAS) == {"fscore": 0, "rec": 0}
    assert of(scores, TRANSFORMERFUSION) == {"fscore": 0, "rec": 0, "comp": 1}
    assert len(scores.notices) == 2
    assert all("no surface" in said for said in scores.notices)
    assert np.isinf(scores.reference_distance).all()
    far = reference.score(box(0.5, (40, 0, 0)))
    assert of(far, ATLAS) == {"fscore": 0, "rec": 0}
    assert "no frame sees any of it" in far.notices[0]
    assert of(far, TRANSFORMERFUSION)["acc"] == 1
    assert "all of it counts" in far.notices[1]


def test_what_cannot_be_a_reference_is_said():
    with pytest.raises(BadInput, match="no faces"):
        SurfaceReference(NOTHING, around())
    with pytest.raises(BadInput, match="no cameras"):
        SurfaceReference(box(), [])
    with pytest.raises(BadInput, match="None of the 8 cameras sees"):
        SurfaceReference(box(at=(0, 0, 50)), around())
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        SurfaceReference(box(), around(), cancel=token)
