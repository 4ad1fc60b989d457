"""Views update in place, own their buffers, and draw every type of layer."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from prune3d_gui.core.errors import Prune3DError
from prune3d_gui.core.scene.affines import along_axes
from prune3d_gui.core.scene.scenes import Box, Grid, Image, Layer, Mesh, Pick, Points, Scene, Volume
from prune3d_gui.core.score.scores import ColourScale
from prune3d_gui.drawing.cameras import CameraState, extent, nearer, place
from prune3d_gui.drawing.drawers.vertices import vertex_normals
from prune3d_gui.drawing.framing import framing
from prune3d_gui.drawing.looks import Look, point_size
from prune3d_gui.drawing.palette import DARK, LIGHT, RAMP
from prune3d_gui.drawing.views import DRAWERS, SceneView, drawer_of
from prune3d_gui.geometry.scenes import GEOMETRY

from .conftest import sphere

HEIGHT = ColourScale("height", "Height", 0.0, 1.0)


def shot(plotter, scene):
    around = extent([scene])
    place(plotter.camera, framing([scene]), around, 1.25)
    plotter.render()
    return plotter.screenshot(None, return_img=True).astype(int)


def painted(image):
    """Share of pixels that are not background."""
    return (np.abs(image - LIGHT.background).max(axis=-1) > 12).mean()


def near(image, colour, within=40):
    return int((np.abs(image - np.array(colour)).max(axis=-1) < within).sum())


def moved(scene, by):
    layer = scene.layers[0].data
    return Scene((Layer("surface", replace(layer, points=layer.points + np.float32(by))),))


def buffers(plotter):
    """Every numpy view of what the actors of a plotter draw."""
    found = []
    for actor in plotter.actors.values():
        data = actor.mapper.dataset
        found += [np.asarray(data.points), *(np.asarray(a) for a in data.point_data.values())]
    return found


@pytest.mark.parametrize("style", ["points", "mesh"])
def test_updates_keep_the_actor_and_its_buffers(plotter, scene, style):
    view = SceneView(plotter)
    view.show(scene, Look(style))
    actors, data = dict(plotter.actors), [a.mapper.dataset for a in plotter.actors.values()]
    for step in range(50):
        view.show(moved(scene, step / 100), Look(style, (HEIGHT,) if step % 2 else ()))
    assert plotter.actors == actors
    assert [a.mapper.dataset for a in plotter.actors.values()] == data
    np.testing.assert_allclose(data[0].points, scene.layers[0].data.points + 0.49, atol=1e-6)


def test_coarse_and_fine_take_turns_in_one_actor(plotter, scene):
    view = SceneView(plotter)
    coarse = Scene((Layer("surface", sphere(6, 8)),))
    for _ in range(5):
        view.show(coarse, Look("mesh", (HEIGHT,)))
        view.show(scene, Look("mesh", (HEIGHT,)))
        view.show(scene, Look("points"))
    assert len(plotter.actors) == 1
    assert plotter.actors["surface"].mapper.dataset.n_points == len(scene.layers[0].data.points)


@pytest.mark.parametrize("style", ["points", "mesh"])
def test_layers_are_never_aliased_or_written(plotter, mesh, style):
    arrays = [mesh.points, mesh.faces, mesh.arrays["height"]]
    before = [array.copy() for array in arrays]
    for array in arrays:
        array.setflags(write=False)
    scene = Scene((Layer("surface", mesh),))
    view = SceneView(plotter)
    view.show(scene, Look(style, (HEIGHT,)))
    for own in buffers(plotter):
        assert not any(np.shares_memory(own, array) for array in arrays)
    view.show(moved(scene, 1.0), Look(style, (HEIGHT,)))
    shot(plotter, scene)
    for array, old in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, old)


def test_a_surface_covers_more_than_its_points(plotter, scene):
    view = SceneView(plotter)
    view.show(scene, Look("points", pixels=160))
    few = painted(shot(plotter, scene))
    view.show(scene, Look("mesh"))
    assert 0.02 < few < painted(shot(plotter, scene))


def test_points_stay_points_in_either_style(plotter, cloud):
    view = SceneView(plotter)
    view.show(cloud, Look("points", pixels=160))
    before = shot(plotter, cloud)
    view.show(cloud, Look("mesh", pixels=160))
    np.testing.assert_array_equal(before, shot(plotter, cloud))


def test_both_sides_of_a_surface_are_lit_alike(plotter, mesh):
    view = SceneView(plotter)
    view.show(Scene((Layer("surface", mesh),)), Look("mesh"))
    front = shot(plotter, Scene((Layer("surface", mesh),)))
    turned = Scene((Layer("surface", replace(mesh, faces=mesh.faces[:, ::-1].copy())),))
    view.show(turned, Look("mesh"))
    assert np.abs(front - shot(plotter, turned)).max() <= 2


def test_one_sided_surfaces_are_seen_from_their_front_alone_and_from_high_above(plotter, mesh):
    view = SceneView(plotter)
    front = Scene((Layer("surface", mesh, one_sided=True),))
    inside = replace(mesh, faces=mesh.faces[:, ::-1].copy())  # as walls are, seen from outside
    low, high = (framing([scene]).position[1] for scene in (Scene((Layer("s", mesh),)), front))
    assert high > low
    view.show(front, Look("mesh"))
    assert near(shot(plotter, front), LIGHT.neutral, 60) > 0
    view.show(Scene((Layer("surface", inside, one_sided=True),)), Look("mesh"))
    far = shot(plotter, front)
    view.show(Scene((Layer("surface", inside),)), Look("mesh"))
    assert np.abs(far - shot(plotter, front)).max() > 12, "it is the farther side that was seen"


def test_the_scale_colours_low_and_high_and_neutral_is_calm(plotter, scene):
    view = SceneView(plotter)
    view.show(scene, Look("mesh", (HEIGHT,)))
    coloured = shot(plotter, scene)
    assert near(coloured, RAMP[225], 60) > 20
    assert near(coloured, RAMP[80], 60) > 20
    view.show(scene, Look("mesh", (replace(HEIGHT, array="missing"),)))
    neutral = shot(plotter, scene)
    spread = neutral.max(axis=-1) - neutral.min(axis=-1)
    assert spread.max() < 60
    assert painted(neutral) == pytest.approx(painted(coloured), abs=0.01)


def test_vertices_without_position_or_value_do_not_spoil_the_rest(plotter, mesh):
    points, values = mesh.points.copy(), mesh.arrays["height"].copy()
    points[3], values[5] = np.nan, np.nan
    scene = Scene((Layer("surface", Mesh(points, mesh.faces, {"height": values})),))
    SceneView(plotter).show(scene, Look("points", (HEIGHT,), pixels=160))
    assert painted(shot(plotter, scene)) > 0.02


def test_an_empty_layer_hides_and_comes_back(plotter, scene):
    view = SceneView(plotter)
    empty = Scene((Layer("surface", Points(np.empty((0, 3), np.float32))),))
    view.show(empty, Look())
    assert painted(shot(plotter, scene)) == 0
    view.show(scene, Look("mesh"))
    assert painted(shot(plotter, scene)) > 0.1
    view.show(empty, Look())
    assert painted(shot(plotter, scene)) == 0


def ball_field(iso=0.0, size=24, flat=False):
    axis = np.linspace(-1, 1, size, dtype=np.float32)
    x, y, z = np.meshgrid(axis, axis, axis, indexing="ij")
    step = 2 / (size - 1)
    field = np.sqrt(x**2 + y**2 + z**2) - 0.6
    height = (y + 1) / 2
    arrays = {"height": height.ravel() if flat else height}
    return Volume(field, iso, along_axes((step,) * 3, (-1.0,) * 3), arrays=arrays)


@pytest.mark.parametrize("flat", [False, True])
def test_a_volume_is_drawn_as_its_surface_in_an_outline(plotter, flat):
    scene = Scene((Layer("field", ball_field(flat=flat)),))
    view = SceneView(plotter)
    view.show(scene, Look("points", (HEIGHT,)))
    surface = plotter.actors["field"].mapper.dataset
    np.testing.assert_allclose(np.linalg.norm(surface.points, axis=1), 0.6, atol=0.01)
    assert near(shot(plotter, scene), RAMP[180], 60) > 20
    view.show(Scene((Layer("field", ball_field(iso=9.0)),)), Look())
    assert not plotter.actors["field"].GetVisibility()
    view.show(None, Look())
    assert not plotter.actors


def test_a_picture_keeps_its_colours_and_its_way_up(plotter):
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:20], pixels[20:] = (200, 30, 30), (30, 30, 200)
    view = SceneView(plotter)
    for upright in (pixels, pixels[::-1].copy()):
        scene = Scene((Layer("photo", Image(upright)),))
        view.show(scene, Look())
        image = shot(plotter, scene)
        rows = [
            np.argwhere(np.abs(image - c).max(axis=-1) < 6)[:, 0].mean()
            for c in (upright[0, 0], upright[-1, 0])
        ]
        assert rows[0] < rows[1]
    assert len(plotter.actors) == 1


def test_layers_come_and_go_by_name_and_type(plotter, mesh):
    view = SceneView(plotter)
    view.show(Scene((Layer("a", mesh), Layer("b", Points(mesh.points)))), Look())
    assert set(plotter.actors) == {"a", "b"}
    view.show(Scene((Layer("b", ball_field()),)), Look())
    assert set(plotter.actors) == {"b", "b/outline"}


def test_a_box_is_framed_and_drawn_beside_what_is_in_it(plotter, mesh):
    scene = Scene((Layer("a", mesh), Layer("box", Box((-2, -2, -2), (4, 4, 4)))))
    view = SceneView(plotter)
    view.show(scene, Look())
    assert plotter.actors["box"].bounds == (-2, 2, -2, 2, -2, 2)
    assert extent([scene]).radius == pytest.approx(12**0.5)
    view.show(Scene((Layer("a", mesh),)), Look())
    assert set(plotter.actors) == {"a"}


def test_every_layer_type_has_a_drawer_and_a_stranger_gets_a_sentence():
    assert {Points, Mesh, Volume, Image, Grid, Box} < set(DRAWERS) == set(GEOMETRY)

    @dataclass
    class Splats:
        points: np.ndarray

    with pytest.raises(
        Prune3DError,
        match=r"'Splats' cannot be drawn; give one of Box, Cameras, Grid, Image, KeptG",
    ):
        drawer_of(Layer("s", Splats(np.zeros((1, 3)))))


def test_normals_of_a_sphere_point_outwards():
    mesh = sphere(40, 60)
    normals = vertex_normals(mesh.points, mesh.faces)
    along = np.abs((normals * mesh.points / 0.5).sum(axis=1))
    assert along[60:-60].min() > 0.99
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-5)


def test_points_grow_with_the_view_and_shrink_with_their_number():
    assert point_size(2562, 600) > point_size(2562, 300)
    assert point_size(642, 300) > point_size(2562, 300)
    assert point_size(1_000_000, 300) >= 1


def test_the_picked_vertex_is_marked_until_it_is_not(plotter, scene):
    view = SceneView(plotter)
    view.show(scene, Look("mesh"))
    assert near(shot(plotter, scene), LIGHT.accent) == 0
    front = int(np.argmax(scene.layers[0].data.points @ (0.62, 0.42, 1.0)))  # nearest to the eye
    view.show(scene, Look("mesh", picked=Pick("surface", front)))
    marked = shot(plotter, scene)
    assert 40 < near(marked, LIGHT.accent) < 400
    for other in (
        None,
        Pick("surface", front, "cell"),
        Pick("surface", 10**6),
        Pick("more", front),
    ):
        view.show(scene, Look("mesh", picked=other))
        assert near(shot(plotter, scene), LIGHT.accent) == 0
    both = Scene((scene.layers[0], Layer("more", scene.layers[0].data)))
    view.show(both, Look(picked=Pick("surface", front)))
    assert set(plotter.actors) == {"surface", "surface/picked", "more"}
    view.show(None, Look())
    assert not plotter.actors


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("style", ["points", "mesh"])
def test_the_mark_of_a_vertex_stands_out_of_any_colour_at_any_size(plotter, scene, theme, style):
    """Six blue pixels on blue: here it lies on its own colour, and is seen from near and far."""
    mesh = scene.layers[0].data
    front = int(np.argmax(mesh.points @ (0.62, 0.42, 1.0)))
    at, around = mesh.points[front].astype(float), extent([scene])
    state = CameraState(tuple(2 * at / np.linalg.norm(at)), tuple(at))
    view = SceneView(plotter)
    for ground in (theme.accent, (255, 255, 255), theme.edge, *RAMP[::85]):
        calm = replace(theme, neutral=tuple(int(part) for part in ground))
        sizes = []
        for zoomed in (1.0, 6.0):
            pictures = []
            for picked in (None, Pick("surface", front)):
                view.show(scene, Look(style, theme=calm, picked=picked))
                place(plotter.camera, nearer(state, zoomed), around, 1.25)
                plotter.render()
                pictures.append(plotter.screenshot(None, return_img=True).astype(int))
            changed = np.abs(pictures[1] - pictures[0]).max(axis=-1) > 60
            sizes.append(int(changed.sum()))
            assert sizes[-1] > 40, "pixels that are plainly another colour"
        assert max(sizes) < 250, "of the same size however near"
    view.show(None, Look())
    assert not plotter.actors


def test_slices_show_their_values_as_the_bar_does(plotter):
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32) - 0.5
    faces = np.array([(0, 1, 2), (0, 2, 3)], np.int32)
    planes = [np.insert(corners, axis, 0.0, axis=1) for axis in range(3)]
    layers = [Mesh(p, faces, {"height": np.full(4, k / 2)}) for k, p in enumerate(planes)]
    scene = Scene(tuple(Layer(str(k), layer) for k, layer in enumerate(layers)))
    SceneView(plotter).show(scene, Look("mesh", (HEIGHT,)))
    image = shot(plotter, scene)
    for index in (0, 128, 255):
        assert near(image, RAMP[index], 3) > 50
