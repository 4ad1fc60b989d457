"""What rooms are scored against is all of their surface, not where its vertices happen to be."""

import numpy as np
import pytest
import trimesh

from prune3d_gui.core.scene.scenes import Mesh
from prune3d_gui.metrics.surfaces import ATLAS, TRANSFORMERFUSION
from prune3d_gui.plugins.vortx import shipped
from prune3d_gui.plugins.vortx.judging.whole import Judge
from prune3d_gui.plugins.vortx.rooms import Reference


def both(judge, mesh):
    return {part.name: part.values for part in judge.score(mesh)}


def mesh_of(found):
    return Mesh(np.asarray(found.vertices, np.float32), np.asarray(found.faces, np.int32))


@pytest.fixture(scope="module", params=shipped.rooms(), ids=lambda folder: folder.name)
def judge(request):
    return Judge(request.param)


def test_a_room_is_as_good_as_itself(judge):
    found = both(judge, judge.reference)
    assert found[TRANSFORMERFUSION]["fscore"] > 0.99
    # Rendered and fused again at 4 cm, thin parts and edges are lost.
    assert found[ATLAS]["fscore"] > 0.9


def test_what_is_right_of_a_room_is_precise_and_the_rest_is_missing(judge):
    """Its floor and its walls from 1 m up, by the area that trimesh says they have."""
    mesh = judge.reference
    middles = mesh.points[mesh.faces].mean(axis=1)[:, 2]
    kept = (middles < mesh.points[:, 2].min() + 0.05) | (middles > 1.0)
    part = Mesh(mesh.points, mesh.faces[kept])
    found = both(judge, part)
    whole, own = (
        trimesh.Trimesh(one.points, one.faces, process=False).area for one in (mesh, part)
    )
    for scores in found.values():
        assert scores["prec"] > 0.95
        assert scores["rec"] == pytest.approx(own / whole, abs=0.15)
        assert scores["rec"] < 0.9


def test_vertices_of_scans_stand_for_them_and_those_of_designed_rooms_do_not(judge):
    assert not Reference(judge.reference, (), "").scanned
    scan = trimesh.Trimesh(judge.reference.points, judge.reference.faces, process=False)
    dense = mesh_of(scan.subdivide_to_size(0.08))
    assert Reference(dense, (), "").scanned
    # Many small faces somewhere do not make up for large ones elsewhere.
    ball = trimesh.creation.icosphere(5, 0.3)
    wall = trimesh.creation.box((4, 0.1, 3))
    mixed = mesh_of(trimesh.util.concatenate([ball, wall]))
    assert np.median(trimesh.Trimesh(mixed.points, mixed.faces).edges_unique_length) < 0.04
    assert not Reference(mixed, (), "").scanned
    assert Reference(mesh_of(ball), (), "").scanned
