"""Scenes to draw, and a plotter that is closed after the test."""

import numpy as np
import pytest

from prune3d_gui.core.scene.scenes import Layer, Mesh, Points, Scene


def sphere(rings=12, around=16, radius=0.5):
    """A sphere of quads cut in two, with a value per vertex that rises with its height."""
    up = np.linspace(0, np.pi, rings)[:, None]
    turn = np.linspace(0, 2 * np.pi, around, endpoint=False)[None]
    parts = np.sin(up) * np.sin(turn), np.cos(up) + 0 * turn, np.sin(up) * np.cos(turn)
    points = radius * np.stack(parts, axis=-1).reshape(-1, 3).astype(np.float32)
    i, j = np.divmod(np.arange((rings - 1) * around), around)
    a, b = i * around + j, i * around + (j + 1) % around
    faces = np.concatenate(
        [np.stack([a, a + around, b], 1), np.stack([b, a + around, b + around], 1)]
    )
    values = ((points[:, 1] / radius + 1) / 2).astype(np.float32)
    return Mesh(points, faces.astype(np.int32), {"height": values})


@pytest.fixture
def mesh():
    return sphere()


@pytest.fixture
def scene(mesh):
    return Scene((Layer("surface", mesh),))


@pytest.fixture
def cloud(mesh):
    return Scene((Layer("points", Points(mesh.points)),))


@pytest.fixture
def plotter():
    import pyvista

    made = pyvista.Plotter(off_screen=True, lighting="none", window_size=(200, 160))
    made.camera_set = True
    yield made
    made.close()
