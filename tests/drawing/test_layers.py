"""Labels, cameras, Gaussians and types of one's own, as actors and as pixels."""

from dataclasses import dataclass, replace

import numpy as np
import pyvista

from prune3d_gui.core.scene.gaussians import KeptGaussians
from prune3d_gui.core.scene.scenes import Box, Layer, Pick, Points, Scene
from prune3d_gui.core.score.scores import ColourScale
from prune3d_gui.drawing import views
from prune3d_gui.drawing.cameras import extent, place
from prune3d_gui.drawing.framing import framing
from prune3d_gui.drawing.looks import Look
from prune3d_gui.drawing.palette import LIGHT, RAMP
from prune3d_gui.drawing.views import SceneView
from prune3d_gui.geometry import scenes
from prune3d_gui.geometry.scenes import with_surfaces
from prune3d_gui.geometry.volumes import voxel_place

from ..core.scene.test_scenes import ORGANS, splats
from ..geometry.test_scenes import looking_down, organs, tilted
from .conftest import sphere

SHARE = ColourScale("share", "Share", 0.0, 1.0)


def shot(plotter, scene, look=None):
    """Pixels of a scene, seen whole."""
    SceneView(plotter).show(scene, look or Look())
    around = extent([scene])
    place(plotter.camera, framing([scene]), around, 1.25)
    plotter.render()
    return plotter.screenshot(None, return_img=True).astype(int)


def near(image, colour, within=40):
    """How many pixels have about a colour."""
    return int((np.abs(image[..., :3] - np.array(colour)).max(axis=-1) <= within).sum())


def test_classes_are_drawn_in_the_colours_of_their_table(plotter):
    image = shot(plotter, Scene((Layer("organs", organs(tilted())),)))
    rgb = plotter.actors["organs"].mapper.dataset.point_data["rgb"]
    wanted = {label.colour for label in ORGANS.values()}
    assert {tuple(map(int, colour)) for colour in np.unique(rgb, axis=0)} == wanted
    assert near(image, LIGHT.background, 3) > 1000
    reddish = (image[..., 0] > image[..., 1] + 30).sum()
    greenish = (image[..., 1] > image[..., 0] + 30).sum()
    assert min(reddish, greenish) > 300


def test_the_surface_that_a_layer_carries_is_the_one_drawn(plotter):
    made = with_surfaces(Scene((Layer("organs", organs()),)))
    mesh = made.layer("organs").surface
    few = replace(mesh, faces=mesh.faces[:10])
    SceneView(plotter).show(Scene((replace(made.layers[0], surface=few),)), Look())
    assert plotter.actors["organs"].mapper.dataset.n_cells == 10


def test_the_picked_voxel_is_marked_in_its_place(plotter):
    labels = organs(tilted())
    index = int(np.ravel_multi_index((12, 9, 10), labels.values.shape))
    scene = Scene((Layer("organs", labels),))
    view = SceneView(plotter)
    view.show(scene, Look(picked=Pick("organs", index, "voxel")))
    mark = plotter.actors["organs/picked"].GetPositionCoordinate().GetValue()
    expected = voxel_place(index, labels.values.shape, labels.affine)
    np.testing.assert_allclose(mark, expected, rtol=1e-6)
    view.show(scene, Look())
    assert not plotter.actors["organs/picked"].GetVisibility()


def test_cameras_are_pyramids_of_lines_and_the_picked_one_is_bold(plotter):
    scene = Scene((Layer("cameras", looking_down()),))
    image = shot(plotter, scene, Look(picked=Pick("cameras", 1, "camera")))
    assert plotter.actors["cameras"].mapper.dataset.n_lines == 3 * 8
    bounds = plotter.actors["cameras/picked"].mapper.dataset.bounds
    assert bounds[0] < 2 < bounds[1]
    assert bounds[1] < 3
    assert near(image, LIGHT.accent) > 5


def test_gaussians_are_points_in_their_own_colour_or_by_a_value(plotter):
    base = splats(400)
    red = np.zeros((400, 1, 3), np.float32)
    red[:, 0] = (1.5, -1.5, -1.5)
    kept = np.arange(400) % 2 == 0
    shown = KeptGaussians(replace(base, harmonics=red), kept, {"share": np.linspace(0, 1, 400)})
    image = shot(plotter, Scene((Layer("splats", shown),)))
    data = plotter.actors["splats"].mapper.dataset
    assert data.n_points == 200
    assert np.unique(data.point_data["rgb"], axis=0).tolist() == [[235, 20, 20]]
    assert (image[..., 0] > image[..., 1] + 60).sum() > 200
    plotter.clear_actors()
    SceneView(plotter).show(Scene((Layer("splats", shown),)), Look(scales=(SHARE,)))
    rgb = plotter.actors["splats"].mapper.dataset.point_data["rgb"]
    assert rgb[0].tolist() == RAMP[0].tolist()
    assert np.abs(rgb[-1].astype(int) - RAMP[-1]).max() < 8


def test_layers_are_coloured_each_by_what_it_names(plotter):
    other = ColourScale("height", "Height", 0.0, 1.0, "grey")
    low, high = (Points(np.eye(3, dtype=np.float32) * k, {"share": np.ones(3)}) for k in (1, 2))
    high = replace(high, arrays={"height": np.ones(3)})
    scene = Scene((Layer("low", low), Layer("high", high, "height"), Layer("odd", low, "none")))
    SceneView(plotter).show(scene, Look(scales=(SHARE, other)))
    first = [
        plotter.actors[n].mapper.dataset.point_data["rgb"][0].tolist() for n in scene_names(scene)
    ]
    assert first == [RAMP[-1].tolist(), [226, 226, 226], list(LIGHT.neutral)]


def scene_names(scene):
    return [layer.name for layer in scene.layers]


def test_opacity_lets_what_is_behind_show(plotter):
    solid = Layer("ball", sphere())
    whole = shot(plotter, Scene((solid,)), Look("mesh"))
    plotter.clear_actors()
    faint = shot(plotter, Scene((replace(solid, opacity=0.25),)), Look("mesh"))
    middle = tuple(n // 2 for n in whole.shape[:2])
    ground = np.array(LIGHT.background)
    there, left = (np.abs(image[middle][:3] - ground).max() for image in (whole, faint))
    assert 3 < left < 0.6 * there


def test_a_tilted_box_has_its_edges_where_its_affine_puts_them(plotter):
    box = Box((1, 2, 3), (4, 5, 6), tilted())
    SceneView(plotter).show(Scene((Layer("box", box),)), Look())
    drawn = plotter.actors["box"].mapper.dataset
    corners = [np.array((1, 2, 3)) + np.array(c) * (4, 5, 6) for c in np.ndindex(2, 2, 2)]
    expected = sorted(tuple((tilted() @ [*c, 1])[:3].round(4)) for c in corners)
    assert sorted(tuple(p.astype(float).round(4)) for p in drawn.points) == expected
    assert drawn.n_lines == 12


@dataclass(frozen=True, eq=False)
class Disc:
    """A round plate, a type that the program has never heard of."""

    radius: float


class DiscDrawer:
    def __init__(self, plotter, name):
        self.plotter, self.actor = plotter, pyvista.Actor(mapper=pyvista.DataSetMapper())
        plotter.add_actor(self.actor, name=name, reset_camera=False, render=False)

    def update(self, layer, look):
        self.actor.mapper.SetInputData(pyvista.Disc(inner=0, outer=layer.data.radius))
        self.actor.prop.color = look.theme.accent
        self.actor.prop.lighting = False

    def remove(self):
        self.plotter.remove_actor(self.actor, reset_camera=False, render=False)


def test_a_new_type_is_drawn_framed_and_taken_away_by_its_two_parts(plotter, monkeypatch):
    geometry = scenes.Geometry(lambda disc: disc.radius * np.array(((-1, -1, 0), (1, 1, 0)), float))
    monkeypatch.setitem(scenes.GEOMETRY, Disc, geometry)
    monkeypatch.setitem(views.DRAWERS, Disc, DiscDrawer)
    view = SceneView(plotter)
    scene = Scene((Layer("plate", Disc(3.0)),))
    assert extent([scene]).radius > 3
    view.show(scene, Look())
    around = extent([scene])
    place(plotter.camera, framing([scene]), around, 1.25)
    plotter.render()
    image = plotter.screenshot(None, return_img=True).astype(int)
    assert near(image, LIGHT.accent, 8) > 2000
    view.show(None, Look())
    assert not plotter.actors
