"""Distances of surfaces to the reference: once for a reference, and round what is asked."""

import numpy as np
import pytest

from prune3d_gui.core.scene.scenes import Layer, Mesh, Scene
from prune3d_gui.plugins.psp_seg.classes import CLASSES
from prune3d_gui.plugins.psp_seg.volumes import blocks, distances
from prune3d_gui.plugins.psp_seg.volumes.distances import Distances

SHAPE = (40, 24, 20)
AFFINE = np.array([[0, -2.0, 0, 5], [3, 0, 0, 6], [0, 0, 4, 7], [0, 0, 0, 1]])
NO_FACES = np.empty((0, 3), np.int32)


def reference(at=18):
    made = np.zeros(SHAPE, np.uint8)
    made[at : at + 8, 8:16, 6:14] = 1
    made[at + 2 : at + 4, 10:12, 8:10] = 2
    return made


def scene(*voxels):
    places = np.array(voxels, float) @ AFFINE[:3, :3].T + AFFINE[:3, 3]
    return Scene((Layer("liver", Mesh(places.astype(np.float32), NO_FACES)),))


def signed(kept, wanted, *voxels):
    found = kept.of_result(scene(*voxels), "one", wanted, AFFINE)
    return found["liver"]["signed"]


@pytest.fixture
def worked_out(monkeypatch):
    """How often a field of distances was worked out, by its shape."""
    shapes, made = [], distances.signed_distance

    def counted(body, affine):
        shapes.append(body.shape)
        return made(body, affine)

    monkeypatch.setattr(distances, "signed_distance", counted)
    return shapes


def test_they_are_worked_out_once_for_a_reference(worked_out):
    kept, wanted = Distances(CLASSES), reference()
    near = signed(kept, wanted, (19, 11, 9), (2, 2, 2))
    assert near[0] < 0 < near[1]  # a liver holds its tumours
    assert np.array_equal(signed(kept, wanted, (19, 11, 9), (2, 2, 2)), near)
    assert worked_out == [SHAPE]
    moved = signed(kept, reference(6), (19, 11, 9), (2, 2, 2))
    assert moved[0] > 0
    assert len(worked_out) == 2


@pytest.mark.parametrize("number", ["all", "none"])
def test_of_a_long_volume_only_a_part_is_worked_out_which_gives_the_same(
    worked_out, monkeypatch, number
):
    wanted = reference() if number == "all" else np.zeros(SHAPE, np.uint8)
    asked = (17.6, 11.2, 9.4), (26.3, 17.0, 9.0), (20, 11, 9)
    whole = signed(Distances(CLASSES), wanted, *asked)
    monkeypatch.setattr(blocks, "BLOCK", 32)
    kept = Distances(CLASSES)
    assert np.array_equal(signed(kept, wanted, *asked), whole)
    assert np.prod(worked_out[1]) < np.prod(SHAPE) / 4
    signed(kept, wanted, *asked[1:])
    assert len(worked_out) == 2
    far = signed(kept, wanted, (1, 1, 1), (38.5, 22, 18))  # beyond what was kept
    assert np.array_equal(far, signed(Distances(CLASSES), wanted, (1, 1, 1), (38.5, 22, 18)))
    monkeypatch.undo()
    assert np.array_equal(far, signed(Distances(CLASSES), wanted, (1, 1, 1), (38.5, 22, 18)))


def test_of_a_part_that_is_too_large_distances_are_those_of_some_voxels(worked_out, monkeypatch):
    wanted, asked = reference(), ((17.6, 11.2, 9.4), (30, 20, 15), (21, 11, 9))
    whole = signed(Distances(CLASSES), wanted, *asked)
    monkeypatch.setattr(distances, "MOST", wanted.size // 8)
    coarse = signed(Distances(CLASSES), wanted, *asked)
    assert worked_out == [SHAPE, tuple(side // 2 for side in SHAPE)]
    assert np.abs(coarse - whole).max() < 8  # two voxels of up to 4 mm
    assert np.array_equal(np.sign(coarse[1:]), np.sign(whole[1:]))
