"""Signed distances: in mm, of part of the lattice as of all of it, kept for a reference."""

import numpy as np
import pytest

from prune3d_gui.core.scene.affines import along_axes
from prune3d_gui.core.scene.scenes import Layer, Mesh, Scene
from prune3d_gui.plugins.psp_seg.classes import CLASSES
from prune3d_gui.plugins.psp_seg.volumes.distances import (
    Distances,
    distances_at,
    sampled,
    signed_distance,
)

AFFINE = along_axes((2.0, 2.0, 2.0), (10.0, -20.0, 5.0))
TURNED = np.array([[0, 0, -2.0, 40], [3.0, 0, 0, -20], [0, -1.0, 0, 5], [0, 0, 0, 1.0]])


def ball(side=40, radius=24.0):
    axes = np.meshgrid(*[np.arange(side)] * 3, indexing="ij")
    return 2 * np.sqrt(sum((axis - (side - 1) / 2) ** 2 for axis in axes)) < radius


def test_distance_is_signed_and_in_mm():
    field = signed_distance(ball(), AFFINE)
    directions = np.random.default_rng(0).normal(size=(200, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    middle = AFFINE[:3, 3] + 2 * 19.5
    for radius in (10.0, 18.0, 24.0, 30.0):
        distances = sampled(field, AFFINE, (middle + radius * directions).astype(np.float32))
        assert distances.dtype == np.float32
        assert distances == pytest.approx(np.full(200, radius - 24), abs=1.5)
        assert distances.mean() == pytest.approx(radius - 24, abs=1.0)  # half a voxel


def test_where_there_is_no_body_everything_is_far():
    nothing, places = np.zeros((4, 4, 4), bool), np.zeros((3, 3), np.float32)
    assert np.isinf(sampled(signed_distance(nothing, AFFINE), AFFINE, places)).all()
    assert np.isinf(distances_at(nothing, AFFINE, places)).all()


def test_a_body_ends_where_the_lattice_does():
    field = signed_distance(np.ones((4, 4, 4), bool), AFFINE)
    assert field[0, 1, 2] == pytest.approx(-1.0)  # half a voxel
    assert field[1, 1, 1] == pytest.approx(-3.0)


@pytest.mark.parametrize("affine", [AFFINE, TURNED])
@pytest.mark.parametrize("reach", [4.0, 30.0])
def test_part_of_the_lattice_gives_what_all_of_it_does(affine, reach):
    rng, body = np.random.default_rng(1), np.zeros((18, 25, 21), bool)
    body[6:11, 9:14, 0:5] = rng.random((5, 5, 5)) < 0.6
    places = (affine[:3, :3] @ rng.normal((8, 11, 3), reach / 3, (300, 3)).T).T + affine[:3, 3]
    inside = np.linalg.inv(affine)
    voxels = places @ inside[:3, :3].T + inside[:3, 3]
    places = places[((voxels >= 0) & (voxels <= np.array(body.shape) - 1)).all(axis=1)]
    assert len(places) > 50
    wanted = sampled(signed_distance(body, affine), affine, places)
    np.testing.assert_allclose(distances_at(body, affine, places), wanted, atol=1e-4)


def test_distances_around_a_reference_are_kept_and_a_liver_holds_its_tumours():
    labels = np.zeros((20, 20, 20), np.uint8)
    labels[4:16, 4:16, 4:16] = 1
    labels[8:11, 8:11, 8:11] = 2
    points = np.array([(10 + 2 * 9, -20 + 2 * 9, 5 + 2 * 9)], np.float32)
    surface = Layer("liver", Mesh(points, np.zeros((0, 3), np.int32)))
    distances, scene = Distances(CLASSES), Scene((surface,))
    found = distances.of_result(scene, "a", labels, AFFINE)
    assert found["liver"]["signed"] == pytest.approx([-11.0])  # to the border of the liver
    kept = distances._field("a", 1, labels, AFFINE, points)
    assert distances._field("a", 1, labels, AFFINE, points) is kept
    assert distances._field("a", 1, labels.copy(), AFFINE, points) is not kept
    back = distances.of_reference(scene, labels, AFFINE)
    assert back["liver"]["signed"] == pytest.approx([-11.0])
