"""The vertex under the mouse is the one that is seen there."""

import numpy as np
import pytest

from prune3d_gui.core.scenes import Image, Points, Scene
from prune3d_gui.drawing.cameras import extent, framing
from prune3d_gui.drawing.picking import pick

from .test_cameras import matrix

SIZE = (300.0, 200.0)


@pytest.fixture
def seen(scene):
    """Matrix of the default view, and where each vertex is in it."""
    around = extent([scene])
    to_cube = matrix(framing(around, 1.5), around, 1.5)
    places = np.column_stack([scene.main.points, np.ones(len(scene.main.points))]) @ to_cube.T
    cube = places[:, :3] / places[:, 3:]
    pixels = np.column_stack([(cube[:, 0] + 1) / 2 * SIZE[0], (1 - cube[:, 1]) / 2 * SIZE[1]])
    return to_cube, pixels, cube[:, 2]


@pytest.mark.parametrize("style", ["points", "mesh"])
def test_front_vertices_are_picked_where_they_are_drawn(scene, seen, style):
    to_cube, pixels, depth = seen
    front = np.flatnonzero(depth < np.quantile(depth, 0.25))
    for vertex in front:
        found = pick(scene, style, to_cube, SIZE, tuple(pixels[vertex]))
        gap = np.linalg.norm(scene.main.points[found] - scene.main.points[vertex])
        assert gap < 1e-5


def test_the_back_of_a_surface_is_never_picked(scene, seen):
    to_cube, pixels, depth = seen
    for vertex in np.flatnonzero(depth > np.quantile(depth, 0.8)):
        found = pick(scene, "mesh", to_cube, SIZE, tuple(pixels[vertex]))
        assert found is None or depth[found] < depth[vertex]


@pytest.mark.parametrize("style", ["points", "mesh"])
def test_beside_the_scene_is_nothing(scene, seen, style):
    assert pick(scene, style, seen[0], SIZE, (2.0, 2.0)) is None


def test_layers_without_vertices_have_nothing_to_pick(seen):
    photo = Scene((("photo", Image(np.zeros((4, 4, 3), np.uint8))),))
    nothing = Scene((("p", Points(np.empty((0, 3), np.float32))),))
    assert pick(photo, "points", seen[0], SIZE, (150.0, 100.0)) is None
    assert pick(nothing, "points", seen[0], SIZE, (150.0, 100.0)) is None
