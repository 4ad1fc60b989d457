"""Normals of meshes: the fast way gives what the plain one gives, and is not taken twice."""

import numpy as np
import pytest
import pyvista

from prune3d_gui.core.scene.scenes import Layer, Mesh
from prune3d_gui.drawing.drawers import vertices
from prune3d_gui.drawing.drawers.vertices import VertexDrawer, fast_normals, vertex_normals
from prune3d_gui.drawing.looks import Look
from prune3d_gui.drawing.palette import DARK, LIGHT


def rough(seed=0):
    """A bumpy ball, stretched; some faces have no area and one vertex has no face."""
    ball = pyvista.Sphere(theta_resolution=30, phi_resolution=20)
    points = np.array(ball.points, np.float32) * np.float32((1, 2, 0.7))
    points += np.random.default_rng(seed).normal(0, 0.01, points.shape).astype(np.float32)
    faces = ball.regular_faces.astype(np.int32)
    faces = np.vstack([faces, [[3, 3, 7], [5, 9, 5]]]).astype(np.int32)
    return np.vstack([points, [[4, 4, 4]]]).astype(np.float32), faces


def test_the_fast_way_gives_what_the_plain_one_gives():
    points, faces = rough()
    data = pyvista.PolyData.from_regular_faces(points, faces.astype(np.int64))
    got, wanted = fast_normals(data), vertex_normals(points, faces)
    np.testing.assert_allclose(got, wanted, atol=2e-5)
    assert tuple(got[-1]) == (0, 0, 1), "no face is around it"


@pytest.fixture
def counted(monkeypatch):
    calls = []

    def count(data):
        calls.append(1)
        return fast_normals(data)

    monkeypatch.setattr(vertices, "fast_normals", count)
    return calls


def test_normals_are_made_once_for_a_mesh(plotter, counted):
    points, faces = rough()
    drawer = VertexDrawer(plotter, "ball")
    ball = Layer("ball", Mesh(points, faces))
    drawer.update(ball, Look("mesh", theme=LIGHT))
    drawer.update(ball, Look("mesh", theme=DARK))
    assert len(counted) == 1
    moved = Layer("ball", Mesh(points * np.float32((2, 1, 1)), faces))
    drawer.update(moved, Look("mesh", theme=DARK))
    assert len(counted) == 2
    drawer.update(ball, Look("points", theme=DARK))
    drawer.update(ball, Look("mesh", theme=DARK))
    assert len(counted) == 3, "points were shown in between"
    np.testing.assert_allclose(
        drawer._data.point_data["normals"], vertex_normals(points, faces), atol=2e-5
    )
