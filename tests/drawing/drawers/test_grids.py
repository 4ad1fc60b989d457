"""Adaptive grids: cells, cuts, edges and marks, drawn from buffers of their own."""

from dataclasses import replace

import numpy as np
import pytest

from prune3d_gui.core.scene.scenes import Layer, Pick, Scene
from prune3d_gui.core.score.scores import ColourScale
from prune3d_gui.drawing.looks import Look
from prune3d_gui.drawing.palette import LIGHT, RAMP, colours_of
from prune3d_gui.drawing.views import SceneView

from ...geometry.trees import ragged, tree
from ..test_views import buffers, near, painted, shot

LEVEL = ColourScale("level", "Level", 0, 4)
GREY = ColourScale("value", "Value", 0, 1, "grey")


def grid(dimension, seed=0, cut=None):
    made = ragged(dimension, 4, seed)
    arrays = {"value": made.points[:, 0].copy()}
    return replace(made, cut=cut, arrays=arrays, cell_arrays={"level": made.levels})


def scene_of(layer):
    return Scene((Layer("cells", layer),))


KINDS = pytest.mark.parametrize(
    ("dimension", "cut"), [(2, None), (3, None), (3, (0, 0.4)), (3, (1, 0.5)), (3, (2, 0.6))]
)


@KINDS
def test_the_layer_is_never_aliased_or_written(plotter, dimension, cut):
    layer = grid(dimension, cut=cut)
    arrays = [layer.points, layer.cells, layer.arrays["value"], layer.levels]
    before = [array.copy() for array in arrays]
    for array in arrays:
        array.setflags(write=False)
    view = SceneView(plotter)
    view.show(scene_of(layer), Look(scales=(LEVEL,), picked=Pick("cells", 1, "cell")))
    for own in buffers(plotter):
        assert not any(np.shares_memory(own, array) for array in arrays)
    view.show(scene_of(replace(layer, points=layer.points + np.float32(1))), Look())
    shot(plotter, scene_of(layer))
    for array, old in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, old)


def test_moving_a_cut_and_other_meshes_keep_the_actors(plotter):
    view = SceneView(plotter)
    uniform = tree(3, 3, lambda c, side: True)
    view.show(scene_of(replace(uniform, cut=(0, 0.1))), Look())
    actors = dict(plotter.actors)
    data = plotter.actors["cells"].mapper.dataset
    for place in np.linspace(0, 1, 9):
        view.show(scene_of(replace(uniform, cut=(0, place))), Look())
        assert plotter.actors["cells"].mapper.dataset is data
        np.testing.assert_allclose(data.points[:, 0], place, atol=1e-6)
    view.show(scene_of(grid(3)), Look())
    assert dict(plotter.actors) == actors
    assert set(actors) == {"cells", "cells/edges", "cells/outline"}
    view.show(None, Look())
    assert not plotter.actors


def test_cells_have_the_colour_of_their_array_and_corners_blend(plotter):
    layer = grid(2)
    view = SceneView(plotter)
    view.show(scene_of(layer), Look(scales=(LEVEL,), pixels=160))
    image = shot(plotter, scene_of(layer))
    for level in np.unique(layer.levels):
        assert near(image, RAMP[round(level / 4 * 255)], 2) > 30
    view.show(scene_of(layer), Look(scales=(GREY,), pixels=160))
    image = shot(plotter, scene_of(layer))
    table = colours_of(GREY, LIGHT)
    middle = image[60:100].mean(axis=(0, 2))
    assert (np.diff(middle[30:170:10]) > 0).all()
    assert near(image, table[128], 4) > 20
    view.show(scene_of(layer), Look(pixels=160))
    assert near(shot(plotter, scene_of(layer)), LIGHT.neutral, 4) > 500


def test_a_cell_with_a_value_that_is_not_a_number_is_marked_whole(plotter):
    layer = tree(2, 1, lambda c, side: True)
    values = np.where(layer.points[:, :2].sum(axis=1) == 0, np.nan, 0.5)
    scene = scene_of(replace(layer, arrays={"value": values}))
    SceneView(plotter).show(scene, Look(scales=(GREY,), pixels=160))
    image = shot(plotter, scene)
    quarter = (image.max(axis=-1) < 240).sum() / 4
    assert near(image, LIGHT.missing, 6) == pytest.approx(quarter, rel=0.1)


@KINDS
def test_every_edge_is_seen_and_tiny_cells_have_fainter_ones(plotter, dimension, cut):
    coarse = tree(dimension, 1, lambda c, side: True)
    view = SceneView(plotter)
    edges = {}
    for name, layer in (("coarse", coarse), ("fine", tree(dimension, 5, lambda c, s: True))):
        view.show(scene_of(replace(layer, cut=cut)), Look(pixels=160))
        edges[name] = plotter.actors["cells/edges"].mapper.dataset.cell_data["rgba"][:, 3]
    assert edges["coarse"].min() > 2 * edges["fine"].max() > 0
    view.show(scene_of(replace(coarse, cut=cut)), Look(pixels=160))
    image = shot(plotter, scene_of(coarse))
    plotter.actors["cells/edges"].SetVisibility(False)
    without = shot(plotter, scene_of(coarse))
    darker = (without - image).max(axis=-1) > 12
    assert darker.sum() > 60


@KINDS
def test_the_picked_cell_is_outlined_and_no_other_scene_is(plotter, dimension, cut):
    layer = grid(dimension, cut=cut)
    view = SceneView(plotter)
    where = np.linalg.norm(layer.points[layer.cells].mean(axis=1) - 0.5, axis=1)
    where = np.where(layer.anchors[:, -1] + (16 >> layer.levels.astype(int)) == 16, where, 9)
    cell = int(np.argmin(where)) if cut is None else int(np.argmax(layer.levels == 1))
    view.show(scene_of(layer), Look(picked=Pick("cells", cell, "cell")))
    assert near(shot(plotter, scene_of(layer)), LIGHT.accent) > 15
    mark = plotter.actors["cells/picked"].mapper.dataset
    box = layer.points[layer.cells[cell]]
    np.testing.assert_allclose(mark.bounds[::2], box.min(axis=0), atol=1e-6)
    np.testing.assert_allclose(mark.bounds[1::2], box.max(axis=0), atol=1e-6)
    for picked in (None, Pick("cells", cell), Pick("cells", 10**6, "cell")):
        view.show(scene_of(layer), Look(picked=picked))
        assert near(shot(plotter, scene_of(layer)), LIGHT.accent) == 0


def test_a_cut_is_inside_an_outline_and_an_empty_grid_is_nothing(plotter):
    layer = grid(3, cut=(2, 0.25))
    view = SceneView(plotter)
    view.show(scene_of(layer), Look())
    box = plotter.actors["cells/outline"].mapper.dataset
    assert box.n_lines == 12
    assert box.bounds[:6] == (0, 1, 0, 1, 0, 1)
    assert painted(shot(plotter, scene_of(layer))) > 0.1
    none = replace(layer, cells=layer.cells[:0], anchors=layer.anchors[:0], levels=layer.levels[:0])
    view.show(scene_of(none), Look())
    assert painted(shot(plotter, scene_of(layer))) == 0
