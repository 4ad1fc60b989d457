"""Splats in a plotter: a picture made for its camera, in its place among other things."""

from dataclasses import replace

import numpy as np
import pytest

from prune3d_gui.core.scene.gaussians import KeptGaussians, Splatted
from prune3d_gui.core.scene.scenes import Layer, Mesh, Scene
from prune3d_gui.core.score.scores import ColourScale
from prune3d_gui.drawing.cameras import CameraState, Extent, place, projected
from prune3d_gui.drawing.looks import Look
from prune3d_gui.drawing.palette import LIGHT, RAMP
from prune3d_gui.drawing.pictures import compose
from prune3d_gui.drawing.pinholes import pinhole
from prune3d_gui.drawing.views import SceneView

from ..core.scene.test_scenes import splats
from .conftest import sphere

SIZE = 200, 160
AROUND = Extent((0.0, 0.0, 0.0), 1.2, 1.2, 1.2)
EYE = CameraState((0.3, 0.2, 5.0), (0.0, 0.0, 0.0))
SHARE = ColourScale("share", "Share", 0.0, 1.0)
STRETCHED = replace(EYE, principal=(0.2, -0.3), stretch=1.2)


class Painter:
    """Paints a disc, half of it seen through, that faces the camera at the origin's depth."""

    def __init__(self, colour=(0.8, 0.2, 0.1), opacity=1.0, nearer=0.0):
        self.colour, self.opacity, self.nearer = np.array(colour, np.float32), opacity, nearer
        self.cameras, self.colours = [], []

    def __call__(self, shown, camera, colours=None, cancel=None):
        self.cameras.append(camera)
        self.colours.append(colours)
        y, x = np.indices((camera.height, camera.width)) + 0.5
        middle = camera.world_to_camera[:3, 3]
        depth = middle[2] - self.nearer
        u = camera.fx * middle[0] / middle[2] + camera.cx
        v = camera.fy * middle[1] / middle[2] + camera.cy
        inside = np.hypot(x - u, y - v) < 0.5 * camera.fy / middle[2]
        there = np.where(inside, self.opacity, 0).astype(np.float32)
        rgb = self.colour if colours is None else colours[0]
        depths = np.where(inside, depth, np.inf).astype(np.float32)
        return Splatted(there[..., None] * rgb, 1 - there, depths)


def scene(painter, *others, count=4, **arrays):
    gaussians = KeptGaussians(splats(count), np.ones(count, bool), arrays, painter)
    return Scene((Layer("splats", gaussians), *others))


def shoot(plotter, state=EYE):
    place(plotter.camera, state, AROUND, SIZE[0] / SIZE[1])
    plotter.render()
    return plotter.screenshot(None, return_img=True).astype(int)


def near(image, colour, within=6):
    return np.abs(image - np.array(colour)).max(axis=-1) <= within


def disc(image):
    """Which pixels of a shot from `EYE` the painter's disc covers."""
    return near(image, (204, 51, 26))


@pytest.mark.parametrize("state", [EYE, STRETCHED, projected(EYE, True)])
def test_a_pinhole_sees_each_point_where_vtk_does_and_as_far_away(plotter, state):
    place(plotter.camera, state, AROUND, SIZE[0] / SIZE[1])
    eye = pinhole(plotter.camera, *SIZE)
    points = np.random.default_rng(0).uniform(-0.7, 0.7, (50, 3))
    matrix = plotter.camera.GetCompositeProjectionTransformMatrix(SIZE[0] / SIZE[1], -1, 1)
    matrix = np.array([[matrix.GetElement(i, j) for j in range(4)] for i in range(4)])
    cube = np.column_stack([points, np.ones(50)]) @ matrix.T
    cube = cube[:, :3] / cube[:, 3:]
    wanted = (cube[:, 0] + 1) / 2 * SIZE[0], (1 - cube[:, 1]) / 2 * SIZE[1]
    camera = eye.camera
    x, y, z = (np.column_stack([points, np.ones(50)]) @ camera.world_to_camera.T)[:, :3].T
    found = camera.fx * x / z + camera.cx, camera.fy * y / z + camera.cy
    np.testing.assert_allclose(found, wanted, atol=0.05)
    np.testing.assert_allclose(eye.buffered(z[None])[0], (cube[:, 2] + 1) / 2, atol=2e-5)
    assert eye.buffered(np.array([[np.inf]])) == 1


def test_the_picture_is_that_of_the_camera_and_blends_with_the_ground(plotter):
    painter = Painter(opacity=0.5)
    SceneView(plotter).show(scene(painter), Look())
    image = shoot(plotter)
    half = (np.array((204, 51, 26)) + LIGHT.background) / 2
    assert near(image, half, 2).sum() > 1000
    assert near(image, LIGHT.background, 1).sum() > 10_000
    assert near(image, half, 2).sum() + near(image, LIGHT.background, 1).sum() == image[..., 0].size
    camera = painter.cameras[-1]
    assert (camera.width, camera.height) == SIZE
    np.testing.assert_allclose(camera.place, EYE.position, atol=1e-9)
    shoot(plotter)
    assert len(painter.cameras) == 1, "nothing changed"
    shoot(plotter, replace(EYE, position=(0.0, 0.0, 6.0)))
    assert len(painter.cameras) == 2


@pytest.mark.parametrize("state", [EYE, projected(EYE, True)])
def test_what_is_nearer_is_before_the_splats_and_what_is_further_behind_them(plotter, state):
    ball = sphere(radius=0.15)
    places = np.array([(-0.2, 0, -1), (0.2, 0, 1)], np.float32)
    far, close = (Mesh(ball.points + at, ball.faces) for at in places)
    others = (
        Layer("far", far, tint=(20, 160, 30), view="space"),
        Layer("close", close, tint=(30, 60, 230), view="space"),
    )
    view = SceneView(plotter)
    view.show(scene(Painter((1, 0, 0)), *others), Look("mesh"))
    image = shoot(plotter, state)
    assert (image[..., 2] > image[..., 0] + 60).sum() > 100, "blue is before the disc"
    assert not (image[..., 1] > image[..., 2] + 20).any(), "green is behind it"
    view.show(scene(Painter((1, 0, 0), opacity=0.5), *others), Look("mesh"))
    image = shoot(plotter, state)
    assert (image[..., 1] > image[..., 2] + 20).sum() > 100, "it is seen through the disc"


def test_colours_by_a_value_are_handed_to_whoever_draws(plotter):
    painter, values = Painter(), np.ones(4, np.float32)
    shown = scene(painter, share=values)
    view = SceneView(plotter)
    view.show(shown, Look(scales=(SHARE,)))
    image = shoot(plotter)
    np.testing.assert_allclose(painter.colours[-1][0], RAMP[-1] / 255, atol=1e-6)
    assert near(image, RAMP[-1], 2).sum() > 1000
    view.show(shown, Look())
    assert disc(shoot(plotter)).sum() > 1000
    assert painter.colours[-1] is None


def test_while_a_camera_moves_points_stand_in_and_a_late_picture_is_left(plotter):
    asked = []

    def later(name, make, done, moving):
        asked.append((make, done, moving))

    def arrive(number):
        make, done, _ = asked[number]
        done(make(None))

    painter, view = Painter(), SceneView(plotter, later)
    first = scene(painter)
    view.show(first, Look())

    def standing_in():
        points, screen = plotter.actors["splats"], plotter.actors["splats/splats"]
        assert points.GetVisibility() != screen.GetVisibility()
        return bool(points.GetVisibility())

    shoot(plotter)
    assert standing_in()
    assert [moving for _, _, moving in asked] == [False]
    arrive(0)
    assert disc(shoot(plotter)).sum() > 1000
    assert not standing_in()
    view.show(scene(Painter((0, 0, 1))), Look())
    assert disc(shoot(plotter)).sum() > 1000, "the last picture stays until the next is there"
    assert not standing_in()
    arrive(1)
    assert near(shoot(plotter), (0, 0, 255)).sum() > 1000
    away, further = (replace(EYE, position=(0.0, 0.0, z)) for z in (6.0, 7.0))
    shoot(plotter, away)
    assert standing_in()
    shoot(plotter, further)
    assert [moving for _, _, moving in asked] == [False, False, True, True]
    arrive(2)
    shoot(plotter, further)
    assert standing_in(), "that picture was made for where the camera is no more"
    arrive(3)
    shoot(plotter, further)
    assert not standing_in()
    view.show(None, Look())
    assert not {"splats", "splats/splats"} & set(plotter.actors)
    shoot(plotter, EYE)
    assert len(asked) == 4


def test_pictures_without_a_window_have_splats_and_a_clear_ground_stays_clear():
    options = {"size": (260, 240), "px": 1.0, "cameras": [EYE], "planes": []}
    found = compose([("", scene(Painter()))], transparent=True, look=Look(), **options)
    image = np.asarray(found).astype(int)
    assert disc(image[..., :3]).sum() > 1000
    assert (image[..., 3][disc(image[..., :3])] == 255).all()
    assert (image[..., 3] == 0).sum() > 20_000
