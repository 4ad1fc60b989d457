"""What is picked under the mouse is what is seen there."""

from dataclasses import replace

import numpy as np
import pytest

from prune3d_gui.core.scene.scenes import Image, Layer, Pick, Points, Scene
from prune3d_gui.drawing.cameras import extent
from prune3d_gui.drawing.framing import framing
from prune3d_gui.geometry.scenes import pick
from prune3d_gui.geometry.sight import Sight

from ..geometry.trees import ragged
from .test_cameras import matrix

SIZE = (300.0, 200.0)


@pytest.fixture
def seen(scene):
    """Matrix of the default view, and where each vertex is in it."""
    around = extent([scene])
    to_cube = matrix(framing([scene]), around, 1.5)
    places = (
        np.column_stack([scene.layers[0].data.points, np.ones(len(scene.layers[0].data.points))])
        @ to_cube.T
    )
    cube = places[:, :3] / places[:, 3:]
    pixels = np.column_stack([(cube[:, 0] + 1) / 2 * SIZE[0], (1 - cube[:, 1]) / 2 * SIZE[1]])
    return to_cube, pixels, cube[:, 2]


@pytest.mark.parametrize("style", ["points", "mesh"])
def test_front_vertices_are_picked_where_they_are_drawn(scene, seen, style):
    to_cube, pixels, depth = seen
    front = np.flatnonzero(depth < np.quantile(depth, 0.25))
    for vertex in front:
        found = pick(scene, Sight(to_cube, SIZE, tuple(pixels[vertex]), style == "mesh"))
        assert found.of == "vertex"
        gap = np.linalg.norm(
            scene.layers[0].data.points[found.index] - scene.layers[0].data.points[vertex]
        )
        assert gap < 1e-5


def test_the_back_of_a_surface_is_never_picked(scene, seen):
    to_cube, pixels, depth = seen
    for vertex in np.flatnonzero(depth > np.quantile(depth, 0.8)):
        found = pick(scene, Sight(to_cube, SIZE, tuple(pixels[vertex])))
        assert found is None or depth[found.index] < depth[vertex]


def test_of_a_surface_with_a_side_the_turned_away_is_not_picked(scene, seen):
    to_cube, pixels, depth = seen
    mesh = scene.layers[0].data
    inside = replace(mesh, faces=mesh.faces[:, ::-1].copy())
    behind = Scene((Layer("surface", inside, one_sided=True),))
    front = int(np.argmin(depth))
    sight = Sight(to_cube, SIZE, tuple(pixels[front] + 0.1))
    assert depth[pick(behind, sight).index] > depth[pick(scene, sight).index]


@pytest.mark.parametrize("style", ["points", "mesh"])
def test_beside_the_scene_is_nothing(scene, seen, style):
    assert pick(scene, Sight(seen[0], SIZE, (2.0, 2.0), style == "mesh")) is None


def test_layers_without_vertices_have_nothing_to_pick(seen):
    photo = Scene((Layer("photo", Image(np.zeros((4, 4, 3), np.uint8))),))
    nothing = Scene((Layer("p", Points(np.empty((0, 3), np.float32))),))
    assert pick(photo, Sight(seen[0], SIZE, (150.0, 100.0), False)) is None
    assert pick(nothing, Sight(seen[0], SIZE, (150.0, 100.0), False)) is None


def on_screen(points, to_cube):
    places = np.column_stack([points, np.ones(len(points))]) @ to_cube.T
    cube = places[:, :3] / places[:, 3:]
    return np.column_stack([(cube[:, 0] + 1) / 2 * SIZE[0], (1 - cube[:, 1]) / 2 * SIZE[1]])


@pytest.mark.parametrize("parallel", [False, True])
def test_every_flat_cell_is_picked_in_its_middle(parallel):
    grid = ragged(2, 5, 0)
    scene = Scene((Layer("cells", grid),))
    around = extent([scene])
    to_cube = matrix(framing([scene], parallel=parallel), around, 1.5)
    for cell, at in enumerate(on_screen(grid.points[grid.cells].mean(axis=1), to_cube)):
        assert pick(scene, Sight(to_cube, SIZE, tuple(at))) == Pick("cells", cell, "cell")
    assert pick(scene, Sight(to_cube, SIZE, (2.0, 2.0))) is None


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_cells_are_picked_where_they_are_cut(axis):
    grid = replace(ragged(3, 4, 1), cut=(axis, 0.43))
    scene = Scene((Layer("cells", grid),))
    around = extent([scene])
    to_cube = matrix(framing([scene]), around, 1.5)
    low, high = grid.anchors / 16, grid.anchors / 16 + 0.5 ** grid.levels[:, None].astype(float)
    crossed = np.flatnonzero((low[:, axis] <= 0.43) & (high[:, axis] > 0.43))
    middles = (low + high)[crossed] / 2
    middles[:, axis] = 0.43
    for cell, at in zip(crossed, on_screen(middles, to_cube), strict=True):
        assert pick(scene, Sight(to_cube, SIZE, tuple(at))) == Pick("cells", cell, "cell")


def test_without_a_cut_the_front_of_the_box_is_picked():
    grid = ragged(3, 3, 2)
    scene = Scene((Layer("cells", grid),))
    around = extent([scene])
    to_cube = matrix(framing([scene]), around, 1.5)
    top = grid.anchors[:, 2] + (8 >> grid.levels.astype(int)) == 8
    for cell in np.flatnonzero(top):
        at = on_screen(grid.points[grid.cells[cell, 4:]].mean(axis=0)[None], to_cube)[0]
        assert pick(scene, Sight(to_cube, SIZE, tuple(at))) == Pick("cells", cell, "cell")
